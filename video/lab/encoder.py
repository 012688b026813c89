"""Pictures in, H.264 or H.265 out: the only module of the lab that imports PyAV."""

from collections.abc import Iterable
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from video.lab.spec import Codec

# A constant quantiser: equal pictures become equal key frames, which a frozen camera needs.
# Slices can be decoded alone, so those of one key frame may take the place of those of another.
SLICES = 4
_COMMON = f"qp=26:keyint={{gop}}:min-keyint={{gop}}:scenecut=0:bframes=0:repeat-headers=1:aud=1:slices={SLICES}"
_ENCODERS = {
    Codec.H264: ("libx264", "x264-params", _COMMON),
    Codec.H265: ("libx265", "x265-params", _COMMON + ":open-gop=0:log-level=none:pools=1:frame-threads=1"),
}


def encode(
    frames: Iterable[NDArray[np.uint8]],
    codec: Codec,
    *,
    width: int,
    height: int,
    fps: int,
    gop: int,
    only_keys: bool = False,
) -> bytes:
    """Return the frames as one Annex B stream: a key frame every `gop`, parameter sets before each, no B-frames.

    With `only_keys` every frame is a key frame, encoded as if it stood in a stream of that `gop`.
    """
    library, option, parameters = _ENCODERS[codec]
    context = cast("av.VideoCodecContext", av.CodecContext.create(library, "w"))
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, fps), Fraction(fps)
    context.thread_count = 1
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "forced-idr": "1",
        option: parameters.format(gop=gop),
    }
    out = bytearray()
    for number, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts = number
        if only_keys:
            frame.pict_type = PictureType.I
        for packet in context.encode(frame):
            out += bytes(packet)
    for packet in context.encode(None):
        out += bytes(packet)
    return bytes(out)
