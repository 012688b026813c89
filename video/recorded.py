"""What a stream is against what the record says of it. Pure.

A record describes the main stream, while looks prefer the sub stream. So only a stream whose address does not say that
it is a sub stream is compared, and what either side does not know is no difference.
"""

import re
from functools import lru_cache

from data.looks import Observation, StreamShape
from data.types import Limits
from video.parameter_sets import size_of
from video.sdp import Media

# Names of sub streams: Hikvision /Streaming/Channels/102 and /sub/, Dahua subtype=1, Uniview /s1/, and plain words.
_SUB_STREAM = re.compile(
    r"/channels/\d+0[2-9]\b|subtype=[1-9]|/c\d+/s[1-9]\b|\b(?:sub|sub_?stream|stream2|minor)\b", re.I
)
# One codec, several names: of SDP and FFmpeg, of Chinese record sheets, of the ISO.
_CODECS = {
    "h264": ("h264", "avc", "mpeg4avc", "mpeg4part10"),
    "h265": ("h265", "hevc", "smart265"),
    "mjpeg": ("mjpeg", "jpeg", "motionjpeg"),
    "mpeg4": ("mpeg4", "mp4vesmpeg4part2"),
    "svac": ("svac", "svac2"),
}
_NAMES = {name: codec for codec, names in _CODECS.items() for name in names}
# So much more than recorded is another setting; what a scene does to a stream is less.
_MUCH_MORE = 2.0
# Encoders round sizes up to whole blocks of 16, and some tell of the rounded ones.
_BLOCK = 16


def is_sub_stream(url: str) -> bool:
    """Return whether an address says of itself that it is not the main stream."""
    return _SUB_STREAM.search(url) is not None


@lru_cache(maxsize=1024)
def codec_of(name: str | None) -> str | None:
    """Return our word for a codec, however it is written ("H.264", "HEVC"); None for what no one can compare."""
    return _NAMES.get(re.sub(r"[^a-z0-9]", "", name.lower())) if name else None


def shape_now(video: Media, before: StreamShape | None) -> StreamShape:
    """Return what is known of a stream by its description, and by what was measured while it was the same."""
    width, height = size_of(video.codec, video.parameters) or (None, None)
    if before is None or before.codec != video.codec or (width and (width, height) != (before.width, before.height)):
        return StreamShape(codec=video.codec, width=width, height=height)
    return before


def differences(seen: Observation, limits: Limits) -> tuple[str, ...]:
    """Return in words where the stream is not as recorded; empty when it is, or when nothing can be compared."""
    record = seen.recorded
    if record is None:
        return ()
    found = (
        _codec(seen, record),
        _size(seen, record),
        _frame_rate(seen, record, limits),
        _bit_rate(seen, record),
        _gop(seen, record),
    )
    return tuple(words for words in found if words)


def _codec(seen: Observation, record: StreamShape) -> str | None:
    wanted, is_now = codec_of(record.codec), codec_of(seen.codec)
    if wanted is None or is_now is None or wanted == is_now:
        return None
    return f"the record says {wanted}, the stream is {is_now}"


def _size(seen: Observation, record: StreamShape) -> str | None:
    wanted, is_now = (record.width, record.height), (seen.width, seen.height)
    pairs = [(asked, has) for asked, has in zip(wanted, is_now, strict=True) if asked and has]
    if all(abs(asked - has) < _BLOCK for asked, has in pairs):
        return None
    return f"the record says {_pixels(wanted)}, the stream has {_pixels(is_now)}"


def _pixels(size: tuple[int | None, int | None]) -> str:
    width, height = size
    return " × ".join(str(side) for side in (width, height) if side) + ("" if height else " wide")


def _frame_rate(seen: Observation, record: StreamShape, limits: Limits) -> str | None:
    if not record.frame_rate or seen.frame_rate is None:
        return None
    # More frames than recorded harm nobody.
    if seen.frame_rate >= limits.frame_rate_share * record.frame_rate:
        return None
    return f"the record says {record.frame_rate:g} frames per second, the stream has {seen.frame_rate:g}"


def _bit_rate(seen: Observation, record: StreamShape) -> str | None:
    # A quiet scene needs less than the recorded limit; more than it fills the link.
    if not record.bit_rate_kbps or seen.bit_rate_kbps is None:
        return None
    if seen.bit_rate_kbps <= _MUCH_MORE * record.bit_rate_kbps:
        return None
    return f"the record says {record.bit_rate_kbps:.0f} kbit/s, the stream has {seen.bit_rate_kbps:.0f}"


def _gop(seen: Observation, record: StreamShape) -> str | None:
    if not record.gop_s or seen.gop_s is None or seen.gop_s <= _MUCH_MORE * record.gop_s:
        return None
    return f"the record says a key frame every {record.gop_s:.3g} s, the stream has one every {seen.gop_s:.3g} s"
