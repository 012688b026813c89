"""Village roads drawn from a seed: sky, hills, houses, poles, a passing van, sensor noise, a title and a clock.

Everything is made up. Pictures are arrays (height, width, 3) of uint8, red first.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from video.lab.faults import Treatment
from video.lab.spec import Light, Scene

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

# Raised when pictures change, so that pictures cached by an older version are not served.
VERSION = 6

_FONTS = ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
_NOISE = {Treatment.BLACK: 0.6, Treatment.COVERED: 1.0}
_HORIZON = 0.42
_VANISH = (0.54, 0.44)


@dataclass(frozen=True, slots=True)
class _Mood:
    """How a time of day looks: colours of sky and light, noise in grey levels, the hour on the clock."""

    sky: tuple[Colour, Colour]
    light: tuple[float, float, float]
    noise: float
    hour: int
    lamps: bool


_MOODS = {
    Light.DAY: _Mood(((96, 124, 150), (176, 188, 190)), (0.82, 0.83, 0.82), 2.6, 10, lamps=False),
    Light.DUSK: _Mood(((58, 62, 92), (190, 128, 92)), (0.60, 0.545, 0.53), 3.4, 18, lamps=True),
    Light.NIGHT: _Mood(((12, 16, 28), (30, 36, 52)), (0.24, 0.27, 0.36), 5.0, 22, lamps=True),
}


def frames(
    scene: Scene, treatment: Treatment, *, width: int, height: int, count: int, fps: int, title: str = ""
) -> Iterator[Pixels]:
    """Yield `count` pictures that loop without a jump; a FROZEN scene yields the same one every time."""
    base = _treated(_backdrop(scene, width, height), treatment)
    sees = treatment not in (Treatment.BLACK, Treatment.COVERED)
    mood = _MOODS[scene.light]
    dice = np.random.default_rng(scene.seed)
    noise = _NOISE.get(treatment, mood.noise)
    grain = dice.normal(0.0, noise, (height + 64, width + 64, 1)).astype(np.float32)
    for number in range(count):
        moment = 0 if treatment is Treatment.FROZEN else number
        picture = base.copy()
        if sees:
            _draw_van(picture, (moment / count + scene.seed * 0.37) % 1.0, scene)
            picture = ImageOps.mirror(picture) if scene.seed % 2 else picture
        shift = (0, 0) if treatment is Treatment.FROZEN else tuple(dice.integers(0, 64, 2))
        picture = _grainy(picture, grain[shift[0] : shift[0] + height, shift[1] : shift[1] + width])
        _draw_text(picture, title or f"Village road {scene.seed:02d}", _clock(mood, scene.seed, moment // fps))
        if treatment is Treatment.BLURRED:
            # Last of all, noise and text included: a soft stream, as from a dew-covered lens behind a poor scaler.
            picture = picture.filter(ImageFilter.GaussianBlur(width / 100))
        yield np.asarray(picture)


@lru_cache(32)
def _backdrop(scene: Scene, width: int, height: int) -> Image.Image:
    """Return everything that stands still, drawn at twice the size for smooth edges."""
    size = (width * 2, height * 2)
    mood = _MOODS[scene.light]
    dice = np.random.default_rng(scene.seed)
    picture = _sky(size, mood)
    pen = ImageDraw.Draw(picture)
    _hills(pen, size, dice)
    _ground(picture, size, dice)
    pen = ImageDraw.Draw(picture)
    _road(pen, size)
    houses = _houses(pen, size, dice)
    lamps = _poles(pen, size)
    picture = _lit(picture, mood)
    if mood.lamps:
        picture = _with_lamps(picture, lamps, houses, size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _sky(size: tuple[int, int], mood: _Mood) -> Image.Image:
    top, low = (np.array(colour, np.float32) for colour in mood.sky)
    share = np.clip(np.linspace(0, 1 / _HORIZON, size[1]), 0, 1)[:, None, None]
    column = top * (1 - share) + low * share
    # The light of the hour is laid over everything later; the sky already has it.
    column = column / np.array(mood.light, np.float32)
    return Image.fromarray(np.broadcast_to(column, (size[1], size[0], 3)).clip(0, 255).astype(np.uint8))


def _hills(pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: np.random.Generator) -> None:
    width, height = size
    for layer, colour in enumerate(((112, 128, 132), (84, 104, 92), (58, 78, 56))):
        across = np.linspace(0, 1, 90)
        waves = np.array((1.3, 2.9, 6.1, 13.0 + layer))[:, None]
        rise = (np.sin(across * math.tau * waves + dice.uniform(0, math.tau, waves.shape)) / waves).sum(axis=0)
        ridge = (_HORIZON - 0.10 + 0.035 * layer + 0.03 * rise) * height
        line = [(float(x * width), float(y)) for x, y in zip(across, ridge, strict=True)]
        pen.polygon([*line, (width, height), (0, height)], fill=colour)


def _ground(picture: Image.Image, size: tuple[int, int], dice: np.random.Generator) -> None:
    width, height = size
    top = int((_HORIZON + 0.015) * height)
    rows = np.linspace(0, 1, height - top)[:, None, None]
    colour = np.array((86, 98, 62), np.float32) * (1 - rows) + np.array((104, 96, 70), np.float32) * rows
    small = dice.normal(0, 1, ((height - top) // 8 + 1, width // 16 + 1)).astype(np.float32)
    patches = np.asarray(Image.fromarray(small).resize((width, height - top), Image.Resampling.BICUBIC))
    field = colour + patches[..., None] * 7 * (0.4 + rows)
    picture.paste(Image.fromarray(field.clip(0, 255).astype(np.uint8)), (0, top))


def _road(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    width, height = size

    def strip(left: float, right: float, colour: Colour, near: float = 1.0, far: float = 0.0) -> None:
        corners = [_on_road(left, far), _on_road(right, far), _on_road(right, near), _on_road(left, near)]
        pen.polygon([(x * width, y * height) for x, y in corners], fill=colour)

    strip(-0.62, 0.62, (112, 106, 92))
    strip(-0.5, 0.5, (92, 93, 94))
    strip(-0.475, -0.455, (172, 170, 160))
    strip(0.455, 0.475, (172, 170, 160))
    for dash in range(14):
        near = 0.92 ** (dash * 2.2)
        strip(-0.012, 0.012, (190, 178, 120), near, near * 0.9)


def _on_road(side: float, near: float) -> tuple[float, float]:
    """Return where a point lies in the picture: `side` of the middle (-0.5 to 0.5 is paved), `near` 1 at the lens."""
    x = _VANISH[0] + (0.46 - _VANISH[0]) * near + side * 1.05 * near
    return x, _VANISH[1] + (1.06 - _VANISH[1]) * near


def _houses(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: np.random.Generator
) -> list[tuple[float, float, float, float]]:
    """Draw two rows of houses from far to near; return the boxes of windows that are lit in the dark."""
    lit: list[tuple[float, float, float, float]] = []
    for near in (0.09, 0.14, 0.21, 0.31, 0.44):
        for side in (-1, 1):
            if dice.random() < 0.82:
                lit += _house(pen, size, dice, side=side, near=near)
    return lit


def _house(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], dice: np.random.Generator, *, side: int, near: float
) -> list[tuple[float, float, float, float]]:
    x, y = _on_road(side * dice.uniform(0.95, 1.25), near)
    wide, high = near * dice.uniform(0.42, 0.6), near * dice.uniform(0.5, 0.8)
    left = (x if side > 0 else x - wide) * size[0]
    right, floor, eaves = left + wide * size[0], y * size[1], (y - high) * size[1]
    wall = [(176, 168, 152), (150, 128, 110), (188, 184, 176), (132, 110, 96)][int(dice.integers(4))]
    roof = [(92, 58, 48), (70, 74, 80), (110, 66, 50)][int(dice.integers(3))]
    over, peak = (right - left) * 0.07, (eaves - floor) * dice.uniform(0.32, 0.5)
    pen.rectangle((left, eaves, right, floor), fill=wall)
    pen.rectangle((left, floor + (eaves - floor) * 0.12, right, floor), fill=_darker(wall, 0.7))
    middle = (left + right) / 2
    pen.polygon([(left - over, eaves), (middle, eaves + peak), (right + over, eaves)], fill=roof)
    pen.line([(left - over, eaves), (right + over, eaves)], fill=_darker(roof, 0.6), width=max(2, int(near * 14)))
    return _openings(pen, dice, (left, eaves, right, floor), wall)


def _openings(
    pen: ImageDraw.ImageDraw, dice: np.random.Generator, box: tuple[float, float, float, float], wall: Colour
) -> list[tuple[float, float, float, float]]:
    left, top, right, floor = box
    wide, high = right - left, floor - top
    lit = []
    for column in range(3):
        for row in range(2):
            x, y = left + wide * (0.12 + 0.29 * column), top + high * (0.14 + 0.44 * row)
            window = (x, y, x + wide * 0.18, y + high * 0.24)
            if (column, row) == (1, 1):
                pen.rectangle((x, y, x + wide * 0.2, floor), fill=(74, 48, 38))
                continue
            pen.rectangle(window, fill=(54, 66, 78), outline=_darker(wall, 0.75), width=2)
            if dice.random() < 0.45:
                lit.append(window)
    return lit


def _poles(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> list[tuple[float, float, float]]:
    """Draw the poles and wires beside the road; return each lamp as x, y and size in pixels."""
    width, height = size
    lamps = []
    for near in (0.07, 0.11, 0.18, 0.3, 0.52):
        x, y = _on_road(0.72, near)
        tall, thick = near * 0.95, max(2, int(near * 22))
        foot, top = (x * width, y * height), (x * width, (y - tall) * height)
        pen.line([foot, top], fill=(74, 70, 66), width=thick)
        arm = (top[0] - near * 0.16 * width, top[1] + thick)
        pen.line([(top[0], top[1] + thick), arm], fill=(82, 80, 78), width=max(2, thick // 2))
        lamps.append((arm[0], arm[1], near * width))
    for drop in (0, 8):
        line = [(x + size * 0.16, y + drop * size / width) for x, y, size in lamps]
        pen.line(line, fill=(52, 52, 54), width=max(1, width // 900))
    return lamps


def _lit(picture: Image.Image, mood: _Mood) -> Image.Image:
    """Return the picture in the light of the hour, a little darker towards its corners."""
    pixels = np.asarray(picture, np.float32) * np.array(mood.light, np.float32)
    height, width = pixels.shape[:2]
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    pixels *= (1 - 0.22 * (down**2 + across**2) / 2)[..., None].astype(np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _with_lamps(
    picture: Image.Image,
    lamps: list[tuple[float, float, float]],
    windows: list[tuple[float, float, float, float]],
    size: tuple[int, int],
) -> Image.Image:
    """Return the picture with light in windows and under the lamps."""
    # Glow is soft, so it is drawn small and enlarged.
    small = (size[0] // 8, size[1] // 8)
    glow = Image.new("RGB", small)
    pen = ImageDraw.Draw(glow)
    for x, y, reach in lamps:
        x, y, reach = x / 8, y / 8, reach / 8
        pen.polygon([(x, y), (x - reach * 0.3, y + reach * 0.5), (x + reach * 0.16, y + reach * 0.5)], (34, 28, 16))
        pen.ellipse((x - reach * 0.42, y + reach * 0.43, x + reach * 0.22, y + reach * 0.57), (84, 70, 42))
        pen.ellipse((x - reach * 0.05, y - reach * 0.04, x + reach * 0.05, y + reach * 0.04), (255, 226, 160))
    for left, top, right, low in windows:
        pen.rectangle((left / 8, top / 8, right / 8, low / 8), (130, 92, 40))
    soft = glow.filter(ImageFilter.GaussianBlur(small[0] / 60)).resize(size, Image.Resampling.BICUBIC)
    sharp = ImageDraw.Draw(picture)
    for window in windows:
        sharp.rectangle(window, fill=(214, 164, 88))
    for x, y, reach in lamps:
        dot = max(3.0, reach * 0.012)
        sharp.ellipse((x - dot * 2, y - dot, x + dot * 2, y + dot), fill=(255, 240, 205))
    return Image.fromarray((np.asarray(picture, np.uint16) + np.asarray(soft, np.uint16)).clip(0, 255).astype(np.uint8))


def _treated(picture: Image.Image, treatment: Treatment) -> Image.Image:
    width, height = picture.size
    if treatment is Treatment.BLACK:
        return Image.new("RGB", picture.size, (3, 3, 3))
    if treatment is Treatment.COVERED:
        cloth = np.linspace(42, 50, width)[None, :, None] * np.array((1.0, 0.92, 0.84))
        return Image.fromarray(np.broadcast_to(cloth, (height, width, 3)).astype(np.uint8))
    return picture


def _draw_van(picture: Image.Image, progress: float, scene: Scene) -> None:
    """Draw a van that drives towards the lens and out of the picture while `progress` goes from 0 to 1."""
    near = 0.05 * (22 ** min(progress * 1.25, 1.15))
    if near > 1.6:
        return
    x, y = _on_road(-0.25, near)
    width, height = picture.size
    wide, high = near * 0.25 * width, near * 0.24 * width
    left, floor = x * width - wide / 2, y * height
    mood = _MOODS[scene.light]
    paint = [(196, 198, 200), (70, 92, 140), (150, 54, 46), (96, 116, 84)][scene.seed % 4]
    body, glass, dark = (_shaded(colour, mood) for colour in (paint, (70, 84, 94), (26, 26, 28)))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((left - wide * 0.06, floor - high * 0.1, left + wide * 1.06, floor + high * 0.08), fill=dark)
    pen.rectangle((left, floor - high * 0.62, left + wide, floor - high * 0.06), fill=body)
    pen.polygon(_box(left, floor, wide, high, (0.06, 1.0, 0.94, 0.6)), fill=body)
    pen.polygon(_box(left, floor, wide, high, (0.13, 0.94, 0.87, 0.62)), fill=glass)
    pen.rectangle((left + wide * 0.3, floor - high * 0.4, left + wide * 0.7, floor - high * 0.26), fill=dark)
    beam = (255, 246, 214) if mood.lamps else (226, 226, 214)
    for side in (0.05, 0.77):
        lamp = (left + wide * side, floor - high * 0.44, left + wide * (side + 0.18), floor - high * 0.28)
        pen.ellipse(lamp, fill=beam)


def _box(
    left: float, floor: float, wide: float, high: float, trapeze: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Return a trapeze that widens downwards, from shares (left, top, right, bottom) of the van."""
    west, top, east, low = trapeze
    return [
        (left + wide * (west + 0.05), floor - high * top),
        (left + wide * (east - 0.05), floor - high * top),
        (left + wide * east, floor - high * low),
        (left + wide * west, floor - high * low),
    ]


def _grainy(picture: Image.Image, grain: NDArray[np.float32]) -> Image.Image:
    noisy = np.asarray(picture, np.float32) + grain
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _draw_text(picture: Image.Image, title: str, clock: str) -> None:
    width, height = picture.size
    font = _font(max(10, height // 22))
    pen = ImageDraw.Draw(picture)
    edge = max(1, height // 360)
    margin = height / 36
    pen.text((margin, margin), clock, (235, 238, 235), font, stroke_width=edge, stroke_fill=(12, 12, 12))
    pen.text(
        (width - margin, height - margin),
        title,
        (235, 238, 235),
        font,
        anchor="rs",
        stroke_width=edge,
        stroke_fill=(12, 12, 12),
    )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in _FONTS:
        try:
            return ImageFont.truetype(path, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _clock(mood: _Mood, seed: int, second: int) -> str:
    minute = (seed * 7) % 60
    return f"{mood.hour:02d}:{minute:02d}:{second % 60:02d}"


def _darker(colour: Colour, share: float) -> Colour:
    red, green, blue = colour
    return int(red * share), int(green * share), int(blue * share)


def _shaded(colour: Colour, mood: _Mood) -> Colour:
    red, green, blue = (int(part * light) for part, light in zip(colour, mood.light, strict=True))
    return red, green, blue
