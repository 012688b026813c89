"""Pictures made worse on purpose, in graded steps: arrays in, arrays out, seeded.

Sizes are in px of a picture 640 px wide and scaled to the picture at hand. The text of a camera's display is drawn
after the picture was spoiled, as a camera does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from data.types import Fault

Frame = Any
Random = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One picture with what is wrong with it (None: nothing), how strongly, and what it is compared with."""

    name: str
    step: str
    fault: Fault | None
    frame: Frame
    reference: Frame | None = None
    later: tuple[Frame, ...] = ()
    previous: Frame | None = field(default=None)


def dimmed(frame: Frame, gain: float, random: Random) -> Frame:
    return _clip(frame * gain + random.normal(0, 1.0, frame.shape))


def brightened(frame: Frame, gain: float, offset: float) -> Frame:
    return _clip(frame.astype(np.float32) * gain + offset)


def softened(frame: Frame, sigma: float) -> Frame:
    return cv2.GaussianBlur(frame, (0, 0), sigma * frame.shape[1] / 640)


def smeared(frame: Frame, length: float, angle: float) -> Frame:
    size = max(3, round(length * frame.shape[1] / 640)) | 1
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2] = 1
    turn = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), angle, 1)
    kernel = cv2.warpAffine(kernel, turn, (size, size))
    return cv2.filter2D(frame, -1, kernel / kernel.sum())


def grained(frame: Frame, sigma: float, random: Random) -> Frame:
    return _clip(frame + random.normal(0, sigma, (*frame.shape[:2], 1)))


def peppered(frame: Frame, share: float, random: Random) -> Frame:
    dice = random.random(frame.shape[:2])
    spoiled = frame.copy()
    spoiled[dice < share / 2], spoiled[dice > 1 - share / 2] = 0, 255
    return spoiled


def tinted(frame: Frame, gains: tuple[float, float, float]) -> Frame:
    return _clip(frame * (np.array(gains) / np.mean(gains)))


def greyed(frame: Frame, gain: float) -> Frame:
    return _clip(frame.mean() + (frame.astype(np.float32) - frame.mean()) * gain)


def hazed(frame: Frame, clear: float) -> Frame:
    """Return the frame behind haze that thickens towards the upper edge; `clear` is what comes through there."""
    rows = np.linspace(clear, min(1.0, clear + 0.45), frame.shape[0])[:, None, None]
    return _clip(frame * rows + 185.0 * (1 - rows))


def striped(frame: Frame, levels: float, period: float, angle: float, *, square: bool) -> Frame:
    high, wide = frame.shape[:2]
    rows, columns = np.mgrid[:high, :wide]
    along = (columns * np.sin(np.radians(angle)) + rows * np.cos(np.radians(angle))) / (period * wide / 640)
    wave = np.sin(2 * np.pi * along)
    return _clip(frame + (levels * (np.sign(wave) if square else wave))[..., None])


def covered(frame: Frame, share: float, random: Random) -> Frame:
    """Return the frame with something before the lens: out of focus, of one colour, a little shaded, with grain."""
    high, wide = frame.shape[:2]
    mask = np.zeros((high, wide), np.float32)
    centre = (int(wide * random.uniform(0.25, 0.75)), int(high * random.uniform(0.3, 0.9)))
    shape, angle = random.integers(3), float(random.uniform(0, 180))
    if share >= 1:
        mask[:] = 1
    elif shape == 0:
        edge = random.integers(3)
        mask[high - int(share * high) :] = edge == 0
        mask[:, : int(share * wide)] += edge == 1
        mask[:, wide - int(share * wide) :] += edge == 2
    else:
        axes = _axes(share * high * wide, random)
        for _ in range(60):
            mask[:] = 0
            if shape == 1:
                cv2.ellipse(mask, centre, axes, angle, 0, 360, 1.0, -1)
            else:
                corners = cv2.boxPoints((centre, (axes[0] * 1.77, axes[1] * 1.77), angle))
                cv2.fillPoly(mask, [corners.astype(np.int32)], 1.0)
            if mask.mean() >= share:
                break
            axes = (int(axes[0] * 1.06) + 1, int(axes[1] * 1.06) + 1)
    soft = cv2.GaussianBlur(np.clip(mask, 0, 1), (0, 0), wide * random.uniform(0.003, 0.015))[..., None]
    colour = random.uniform(35, 200) + random.uniform(-15, 15, 3)
    shade = np.linspace(-1, 1, wide)[None, :, None] * random.uniform(0, 2.5)
    return _clip(
        frame * (1 - soft) + (colour + shade) * soft + random.normal(0, random.uniform(0.3, 3), (high, wide, 1))
    )


def shifted(frame: Frame, right: float, down: float, *, angle: float = 0.0, zoom: float = 1.0) -> Frame:
    """Return the view of a camera turned aside; shifts as shares of the width, what comes in is made up."""
    high, wide = frame.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, zoom)
    turn[:, 2] += (right * wide, down * wide)
    return cv2.warpAffine(frame, turn, (wide, high), borderMode=cv2.BORDER_REFLECT)


def screen(high: int, wide: int, colour: tuple[int, int, int], message: str) -> Frame:
    frame = np.full((high, wide, 3), colour, np.uint8)
    size = wide / 640
    cv2.putText(frame, message, (int(wide * 0.3), high // 2), 0, 1.4 * size, (255, 255, 255), max(1, int(2 * size)))
    return frame


def colour_bars(high: int, wide: int) -> Frame:
    colours = [
        (180, 180, 180),
        (16, 180, 180),
        (180, 180, 16),
        (16, 180, 16),
        (180, 16, 180),
        (16, 16, 180),
        (180, 16, 16),
    ]
    frame = np.zeros((high, wide, 3), np.uint8)
    for number, colour in enumerate(colours):
        frame[:, number * wide // 7 : (number + 1) * wide // 7] = colour
    return frame


def titled(frame: Frame, clock: str) -> Frame:
    """Return the frame with a camera's display drawn over it: time above, name below."""
    marked, size = frame.copy(), frame.shape[1] / 640
    for words, at in ((clock, (0.02, 0.08)), ("VILLAGE ROAD 03", (0.62, 0.95))):
        place = (int(at[0] * frame.shape[1]), int(at[1] * frame.shape[0]))
        cv2.putText(marked, words, place, 0, 0.6 * size, (0, 0, 0), max(2, int(4 * size)))
        cv2.putText(marked, words, place, 0, 0.6 * size, (255, 255, 255), max(1, int(1.3 * size)))
    return marked


def recoded(frame: Frame, quality: int) -> Frame:
    return cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def cases(name: str, frame: Frame, random: Random) -> Iterator[Case]:
    """Yield one picture in every step of every fault one picture alone can show, and as it is when all is well."""
    for number, (fault, step, spoiled) in enumerate(_steps(frame, random)):
        shown = titled(spoiled, "2026-01-27 21:28:51") if number % 2 else spoiled
        # As a camera sends it.
        yield Case(name=name, step=step, fault=fault, frame=recoded(shown, 88))


def _steps(frame: Frame, random: Random) -> Iterator[tuple[Fault | None, str, Frame]]:
    yield from ((None, step, make(frame)) for step, make in well(random).items())
    for kind in (_light, _detail, _colour_and_cover, _stripes, _signal):
        yield from kind(frame, random)


def _light(frame: Frame, random: Random) -> Iterator[tuple[Fault, str, Frame]]:
    for gain in (0.02, 0.05, 0.08):
        yield Fault.BLACK, f"gain {gain}", dimmed(frame, gain, random)
    for gain in (0.15, 0.2, 0.25, 0.3, 0.35):
        yield Fault.TOO_DARK, f"gain {gain}", dimmed(frame, gain, random)
    for gain, offset in ((2.0, 40), (2.5, 30), (3.0, 30), (4.0, 20), (1.0, 110), (1.0, 150)):
        yield Fault.TOO_BRIGHT, f"gain {gain} + {offset}", brightened(frame, gain, offset)
    for gain in (0.05, 0.1, 0.15, 0.18):
        yield Fault.LOW_CONTRAST, f"gain {gain}", greyed(frame, gain)


def _detail(frame: Frame, random: Random) -> Iterator[tuple[Fault, str, Frame]]:
    for sigma in (1.5, 2.0, 3.0, 4.0, 6.0):
        yield Fault.BLURRED, f"sigma {sigma} px", softened(frame, sigma)
    for length in (12, 20, 32):
        yield Fault.BLURRED, f"smear {length} px", smeared(frame, length, float(random.uniform(0, 180)))
    for noise in (6, 8, 10, 15, 25, 40):
        yield Fault.NOISE, f"sigma {noise}", grained(frame, noise, random)
    for share in (0.03, 0.06, 0.12):
        yield Fault.NOISE, f"pepper {share:.0%}", peppered(frame, share, random)


def _colour_and_cover(frame: Frame, random: Random) -> Iterator[tuple[Fault, str, Frame]]:
    for ratio in (1.3, 1.4, 1.6, 2.0):
        channels = [1.0, 1.0, 1.0]
        channels[int(random.integers(3))] = ratio if random.integers(2) else 1 / ratio
        yield Fault.COLOUR_CAST, f"ratio {ratio}", tinted(frame, (channels[0], channels[1], channels[2]))
    for share in (0.2, 0.3, 0.45, 0.6, 0.8, 1.0):
        yield Fault.COVERED, f"share {share:.0%}", covered(frame, share, random)


def _stripes(frame: Frame, random: Random) -> Iterator[tuple[Fault, str, Frame]]:
    for levels in (6, 10, 16, 25):
        period, angle = float(random.uniform(5, 28)), float(random.choice((0, 90, random.uniform(0, 180))))
        striped_ = striped(frame, levels, period, angle, square=bool(random.integers(2)))
        yield Fault.STRIPES, f"{levels} levels", striped_


def _signal(frame: Frame, random: Random) -> Iterator[tuple[Fault, str, Frame]]:
    high, wide = frame.shape[:2]
    yield Fault.SIGNAL_LOST, "blue screen", screen(high, wide, (200, 20, 10), "NO SIGNAL")
    yield Fault.SIGNAL_LOST, "message on black", screen(high, wide, (0, 0, 0), "VIDEO LOSS")
    yield Fault.SIGNAL_LOST, "plain green", screen(high, wide, (20, 200, 20), "")
    yield Fault.SIGNAL_LOST, "colour bars", colour_bars(high, wide)


def well(random: Random) -> dict[str, Callable[[Frame], Frame]]:
    """Return what a good picture may look like: night, haze, dusk and the like are no faults."""
    return {
        "as it is": lambda frame: frame,
        "with its display": lambda frame: frame,
        "grain 2": lambda frame: grained(frame, 2, random),
        "grain of a night": lambda frame: grained(dimmed(frame, 0.6, random), 3, random),
        "haze": lambda frame: hazed(frame, 0.5),
        "thick haze": lambda frame: hazed(frame, 0.35),
        "dusk": lambda frame: dimmed(frame, 0.6, random),
        "bright day": lambda frame: brightened(frame, 1.15, 5),
        "hardly soft": lambda frame: softened(frame, 0.4),
        "warm light": lambda frame: tinted(frame, (0.95, 1.0, 1.05)),
    }


def _axes(area: float, random: Random) -> tuple[int, int]:
    ratio = float(random.uniform(0.5, 1.0))
    return max(2, int(np.sqrt(area / np.pi / ratio))), max(2, int(np.sqrt(area * ratio / np.pi)))


def _clip(frame: Frame) -> Frame:
    return np.clip(frame, 0, 255).astype(np.uint8)
