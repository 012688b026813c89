"""Measures of light and colour, and of pictures that no sensor saw. Pure; small frames in BGR, 640 px wide."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from video.picture_frames import Frame, Luma

# A pixel further than this from the plain colour was drawn over it.
_NEAR = 8
_DRAWN = 60
_NEUTRAL = 0.12
_BURNT = 250


def light(luma: Luma) -> dict[str, float]:
    """Return levels of luma: mean, and what shares of the pixels stay below."""
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel()
    shares = np.cumsum(counts) / max(1, luma.size)
    levels = {f"luma_p{share:02d}": float(np.searchsorted(shares, share / 100)) for share in (2, 5, 50, 95, 98)}
    mean = float(counts @ np.arange(256)) / max(1, luma.size)
    return {"luma_mean": mean, "burnt_share": float(1.0 - shares[_BURNT - 1]), **levels}


def plainness(small: Frame) -> dict[str, float]:
    """Return how much of a frame is one colour, which, and how it is broken: a blue screen, a message on black."""
    few = np.ascontiguousarray(small[::4, ::4])
    nibbles = (few >> 4).astype(np.uint16)
    codes = (nibbles[..., 0] << 8) | (nibbles[..., 1] << 4) | nibbles[..., 2]
    most = np.bincount(codes.ravel(), minlength=1).argmax()
    colour = few[codes == most].mean(axis=0)
    blue, green, red = cv2.split(cv2.absdiff(few, np.broadcast_to(colour.round().astype(np.uint8), few.shape)))
    away = cv2.max(cv2.max(blue, green), red)
    plain = away <= _NEAR
    high, wide = away.shape
    middle = away[high // 4 : high - high // 4, wide // 5 : wide - wide // 5]
    return {
        "plain_share": float(plain.mean()),
        "plain_saturation": float(colour.max() - colour.min()),
        "plain_luma": float(colour.mean()),
        "plain_grain": float(few[plain].std(axis=0).mean()) if plain.any() else 0.0,
        "message_share": float((middle > _DRAWN).mean()) if middle.size else 0.0,
    }


def bars(small: Frame) -> float:
    """Return how many upright bars of even, saturated colour stand side by side in the upper half."""
    # Below the line where the time is drawn.
    upper = small[small.shape[0] // 5 : max(small.shape[0] // 5 + 1, small.shape[0] // 2)].astype(np.float32)
    even = upper.std(axis=0).max(axis=1) < 6.0
    if even.mean() < 0.85:
        return 0.0
    columns = upper.mean(axis=0)
    steps = np.abs(np.diff(columns, axis=0)).max(axis=1) > 24.0
    edges = np.flatnonzero(steps & ~np.roll(steps, 1))
    pieces = [piece for piece in np.split(columns, edges + 1) if len(piece) > small.shape[1] // 40]
    coloured = sum(float(np.ptp(np.median(piece, axis=0))) > 60.0 for piece in pieces)
    return float(len(pieces)) if coloured >= 3 else 0.0


def colours(small: Frame) -> dict[str, float]:
    """Return how far the colours lie from grey together, how far apart, and how many are grey.

    In logarithms of the ratio of channels, so that what lies in shadow weighs like what is lit. A picture without
    enough lit pixels, or one without colour, has none of them.
    """
    few: NDArray[Any] = cv2.resize(small, (64, 36), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    lit = few[(few.max(axis=1) < 245) & (few.mean(axis=1) > 20)]
    if len(lit) < 80 or float(np.ptp(lit, axis=1).max()) < 4:
        return {}
    logs = np.log(lit + 4.0)
    ratios = logs[:, (2, 0)] - logs[:, (1,)]
    middle = np.median(ratios, axis=0)
    return {
        "cast": float(np.hypot(*middle)),
        "colour_spread": float(np.hypot(*np.median(np.abs(ratios - middle), axis=0))),
        "neutral_share": float((np.hypot(ratios[:, 0], ratios[:, 1]) < _NEUTRAL).mean()),
        "cast_red": float(middle[0]),
        "cast_blue": float(middle[1]),
    }
