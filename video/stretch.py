"""What a short stretch of a stream tells of it: frames and kilobits per second, seconds between key frames. Pure.

A stretch begins with a key frame. Whole groups of pictures are counted where it holds one, because a key frame weighs
as much as many others; a stretch that ends before the second key frame is counted without its first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Shorter than this, one frame more or less would decide.
_SHORTEST_S = 0.4
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Arrival:
    """One picture of a stream: its own time if it has one and when it came, in seconds, its bytes, and its kind."""

    stamp_s: float | None
    came_s: float
    size: int
    is_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates of a stretch; None where it was too short to say."""

    frame_rate: float | None = None
    bit_rate_kbps: float | None = None
    gop_s: float | None = None


NO_RATES = Rates()


def rates_of(stretch: Sequence[Arrival]) -> Rates:
    """Return the rates of pictures in the order they came, the first of them a key frame."""
    times = _times(stretch)
    keys = [at for at, picture in enumerate(stretch) if picture.is_key]
    if len(keys) > 1 and times[keys[-1]] - times[0] >= _SHORTEST_S:
        last, long_s = keys[-1], times[keys[-1]] - times[0]
        size = sum(picture.size for picture in stretch[:last])
        return _rates(last, size, long_s, gop_s=long_s / (len(keys) - 1))
    if len(stretch) > _FEWEST and times[-1] - times[0] >= _SHORTEST_S:
        return _rates(len(stretch) - 1, sum(picture.size for picture in stretch[1:]), times[-1] - times[0])
    return NO_RATES


def _rates(frames: int, size: int, long_s: float, *, gop_s: float | None = None) -> Rates:
    return Rates(
        frame_rate=round(frames / long_s, 2),
        bit_rate_kbps=round(size * 8 / 1000 / long_s, 1),
        gop_s=None if gop_s is None else round(gop_s, 2),
    )


def _times(stretch: Sequence[Arrival]) -> list[float]:
    """Return the stamps of the device where they run on, otherwise when the pictures came."""
    stamps = [picture.stamp_s for picture in stretch if picture.stamp_s is not None]
    if len(stamps) == len(stretch) - 1 and len(stamps) > 1 and stretch[0].stamp_s is None:
        # FFmpeg knows the time of the first picture only once the second one has come.
        stamps = [2 * stamps[0] - stamps[1], *stamps]
    runs_on = all(before < after for before, after in pairwise(stamps))
    if len(stamps) == len(stretch) and runs_on:
        return stamps
    return [picture.came_s for picture in stretch]
