"""Measures of detail: sharpness, noise, patches without any, stripes. Pure; luma is 640 px wide if not said."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from video.picture_frames import Luma

Numbers = NDArray[np.float32]

_ROWS, _COLUMNS = 18, 32
_TILE_PX = 128
_PATCH_PX = 48
_STRIPS = 8
# Immerkaer (1996): what this mask answers to white noise of one level, on average.
_IMMERKAER_MEAN = 6.0 * float(np.sqrt(2.0 / np.pi))
# The least edge, in sixteenths of a level over two pixels.
_EDGE = 80.0
_FLAT = 4.0
_FAINT = 0.7
# The deviation of a block that what covers a lens stays below, and sea, sky and road seldom do.
_EVEN = 0.7
_TEXTURED, _BARE = 3.0, 0.9


def sharpness(luma: Luma) -> dict[str, float]:
    """Return how steep edges are, how many there are, and how those of the two directions balance.

    Steepness is that of the steepest quarter of edges, beside the same edge blurred by a Gaussian of 1.5 px: 2.2 for a
    step, 1.0 for an edge so soft that no blur changes it (the re-blur of Zhuo and Sim, 2011). An edge is the
    strongest of its block, so that text drawn over a blurred picture is outvoted; the softer direction counts.
    """
    high, wide = (luma.shape[0] - 2) // _ROWS, (luma.shape[1] - 2) // _COLUMNS
    if high < 4 or wide < 4:
        return {}
    # Sixteenths of a level in 16 bits: as exact as needed, and half the memory of floats.
    exact = luma.astype(np.int16) * 16
    fine, coarse = cv2.GaussianBlur(exact, (5, 5), 0.7), cv2.GaussianBlur(exact, (9, 9), 1.5)
    steep, edges, energy = [], [], []
    for turn in (0, 1):
        sharp, soft = (_strongest(_steps(image, turn), high, wide) for image in (fine, coarse))
        strong = soft > max(_EDGE, 0.25 * float(np.percentile(soft, 90)))
        edges.append(float(strong.sum()))
        energy.append(float((soft * soft).sum()))
        steep.append(float(np.percentile(sharp[strong] / soft[strong], 75)) if strong.any() else 0.0)
    most = max(energy)
    counted = [one for one, count in zip(steep, edges, strict=True) if count >= 12]
    return {
        "sharpness": min(counted) if counted else 0.0,
        "edges": sum(edges),
        "edge_balance": min(energy) / most if most else 1.0,
    }


def noise(luma: Luma) -> float:
    """Return the noise of a frame in its own size, in levels: that of the calmest tenth of patches.

    Averaging on the way to 640 px would hide it. Patches that are black or burnt out show none and are left out.
    """
    high, wide = luma.shape
    if high < _PATCH_PX or wide < _PATCH_PX:
        return 0.0
    tops = np.linspace(0, high - _PATCH_PX, 7).astype(int)
    lefts = np.linspace(0, wide - _PATCH_PX, 9).astype(int)
    patches = np.stack([luma[y : y + _PATCH_PX, x : x + _PATCH_PX] for y in tops for x in lefts]).astype(np.int16)
    seconds = patches[:, :, :-2] - 2 * patches[:, :, 1:-1] + patches[:, :, 2:]
    answers = seconds[:, :-2] - 2 * seconds[:, 1:-1] + seconds[:, 2:]
    grain = np.abs(answers).mean(axis=(1, 2)) / _IMMERKAER_MEAN
    means = patches.mean(axis=(1, 2))
    lit = grain[(means > 12) & (means < 243)]
    return float(np.percentile(lit if len(lit) > 6 else grain, 10))


def flatness(luma: Luma, *, grain: float = 0.0) -> dict[str, float]:
    """Return the share without detail, the share with at least faint detail, and the largest even patch.

    `grain` is the noise that is left at a width of 160 px, and is no detail. Of the patch: its share, how uneven it is
    (in levels), its luma, and whether it hangs from the upper edge as a sky does.
    """
    exact: Any = cv2.resize(luma.astype(np.float32), (_COLUMNS * 5, _ROWS * 5), interpolation=cv2.INTER_AREA)
    wide = exact.reshape(_ROWS // 2, 10, _COLUMNS // 2, 10).std(axis=(1, 3))
    return {
        "flat_share": float((wide < _FLAT).mean()),
        "faint_share": float((wide > _FAINT + 1.5 * grain).mean()),
        **_patch(exact, grain),
    }


def textures(luma: Luma) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of 18 by 32 blocks hold detail, and which hold none at all; what lies between is neither."""
    exact: Any = cv2.resize(luma.astype(np.float32), (_COLUMNS * 5, _ROWS * 5), interpolation=cv2.INTER_AREA)
    spread = exact.reshape(_ROWS, 5, _COLUMNS, 5).std(axis=(1, 3))
    return spread > _TEXTURED, spread < _BARE


def stripes(luma: Luma) -> dict[str, float]:
    """Return what runs through the whole picture: bands across or down it, and patterns in any direction."""
    across, down = _bands(luma), _bands(np.ascontiguousarray(luma.T))
    bands, levels = max(across, down)
    return {"bands": float(bands), "band_levels": levels, **_weave(luma)}


def _steps(image: Any, axis: int) -> Any:
    """Return how far each pixel is from the one after the next, down or across."""
    return cv2.absdiff(image[2:], image[:-2]) if axis == 0 else cv2.absdiff(image[:, 2:], image[:, :-2])


def _strongest(gradient: Any, high: int, wide: int) -> Numbers:
    used = gradient[: high * _ROWS, : wide * _COLUMNS]
    # Rows first: that way whole lines are compared at once, in a fifth of the time.
    lines = used.reshape(_ROWS, high, _COLUMNS * wide).max(axis=1)
    return np.asarray(lines.reshape(_ROWS, _COLUMNS, wide).max(axis=2), np.float32)


def _patch(exact: Numbers, grain: float) -> dict[str, float]:
    # Windows reach beyond their blocks, so that two even things side by side are not one.
    # What a dim or grey picture shows of the sea is evener than the sea.
    strength = min(1.0, max(0.55, float(exact.std()) / 36.0))
    means, squares = cv2.blur(exact, (7, 7))[2::5, 2::5], cv2.blur(exact * exact, (7, 7))[2::5, 2::5]
    even = np.sqrt(np.maximum(squares - means * means, 0.0)) < np.hypot(_EVEN * strength, 1.15 * grain)
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(even.astype(np.uint8), connectivity=4)
    if count < 2:
        return {"patch_share": 0.0, "patch_unevenness": 0.0, "patch_luma": 0.0, "patch_hangs": 0.0}
    inside = labels == 1 + int(sizes[1:, cv2.CC_STAT_AREA].argmax())
    return {
        "patch_share": float(inside.mean()),
        "patch_unevenness": float(means[inside].std()),
        "patch_luma": float(means[inside].mean()),
        "patch_hangs": float(inside[0].mean() >= 0.4 and inside[-1].mean() < 0.05),
    }


def _bands(luma: Luma) -> tuple[int, float]:
    """Return how often luma turns on the way down, in all strips at once, and by how many levels."""
    wide = luma.shape[1] // _STRIPS
    if not wide or luma.shape[0] < 8:
        return 0, 0.0
    used = luma[:, : wide * _STRIPS].astype(np.int16)
    steps = np.clip(used[1:] - used[:-1], -12, 12).reshape(len(used) - 1, _STRIPS, wide).mean(axis=2)
    ranked = np.sort(steps, axis=1)
    # What seven of eight strips agree on; a thing that stands in some of them only is no stripe.
    common = np.where(ranked[:, 1] > 0, ranked[:, 1], np.where(ranked[:, -2] < 0, ranked[:, -2], 0.0))
    swings = _swings(np.cumsum(common).tolist())
    return len(swings), sum(swings) / len(swings) if swings else 0.0


def _swings(profile: list[float], least: float = 3.0) -> list[float]:
    """Return how far a profile swings from turn to turn, leaving out what is smaller than `least`."""
    swings: list[float] = []
    start = top = bottom = profile[0]
    way = 0
    for value in profile:
        top, bottom = max(top, value), min(bottom, value)
        if way >= 0 and top - value > least:
            swings += [top - start] if way else []
            start, bottom, way = top, value, -1
        elif way <= 0 and value - bottom > least:
            swings += [start - bottom] if way else []
            start, top, way = bottom, value, 1
    return swings


_WINDOW = np.outer(np.hanning(_TILE_PX), np.hanning(_TILE_PX)).astype(np.float32)
_FREQUENCY = np.hypot(
    np.minimum(np.arange(_TILE_PX), _TILE_PX - np.arange(_TILE_PX))[:, None], np.arange(_TILE_PX // 2 + 1)[None]
)
_SEARCHED = (_FREQUENCY >= 5) & (_FREQUENCY <= 60)
# What a wave of one level comes to under the window.
_WAVE = float(_WINDOW.sum()) / 2


def _weave(luma: Luma) -> dict[str, float]:
    """Return the wave that stands out most in nearly all of eight tiles, and its levels."""
    high, wide = luma.shape
    if high < _TILE_PX or wide < _TILE_PX:
        return {"weave": 0.0, "weave_levels": 0.0}
    tops = (0, high - _TILE_PX)
    lefts = np.linspace(0, wide - _TILE_PX, 4).astype(int)
    tiles = np.stack([luma[y : y + _TILE_PX, x : x + _TILE_PX] for y in tops for x in lefts]).astype(np.float32)
    tiles = (tiles - tiles.mean(axis=(1, 2), keepdims=True)) * _WINDOW
    powers = np.abs(fft.rfft2(tiles)).astype(np.float32)
    # The weakest of two by two tiles, twice: a wave that is in one house only is lost, one all over is not.
    pairs = np.minimum(powers[:4], powers[4:])
    common = np.log(np.minimum(pairs[:2], pairs[2:]).mean(axis=0) + 8.0)
    rise = np.where(_SEARCHED, common - cv2.blur(common, (9, 9), borderType=cv2.BORDER_REFLECT), 0.0)
    at = np.unravel_index(int(rise.argmax()), rise.shape)
    return {"weave": float(rise[at]), "weave_levels": float(np.exp(common[at])) / _WAVE}
