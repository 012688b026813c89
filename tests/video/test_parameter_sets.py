from base64 import b64encode
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video.parameter_sets import size_of
from video.reply import read_reply
from video.sdp import video_of

# What the vendors' own players show of the cameras that wrote these descriptions.
SIZES = {
    "anjvision_describe.txt": (1280, 704),
    "dahua_describe_h264_aac_onvif.txt": (704, 480),
    "dahua_describe_h265_pcma.txt": (704, 480),
    "geovision_sdp.txt": (2688, 1520),
    "hikvision_describe.txt": (1920, 1080),
    "reolink_describe.txt": (2560, 1440),
    "tplink_sdp.txt": (2560, 1440),
    "ubiquiti_sdp.txt": (1920, 1080),
}


@pytest.mark.parametrize("name", sorted(SIZES))
def test_the_size_of_a_real_camera_is_read_from_its_description(shared_data: Path, name: str) -> None:
    data = (shared_data / "protocols" / "rtsp_retina" / name).read_bytes()
    found = read_reply(data) if data.startswith(b"RTSP/") else None
    video = video_of(found[0].body if found else data.decode())
    assert video
    assert size_of(video.codec, video.parameters) == SIZES[name]


def written_by(library: str, width: int, height: int, **options: str) -> bytes:
    """Return the first sequence parameter set that an encoder writes, as every NAL unit without its start code."""
    context = cast("av.VideoCodecContext", av.CodecContext.create(library, "w"))
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, 25)
    context.options = options
    context.flags |= av.codec.context.Flags.global_header
    context.open()
    assert context.extradata
    units = [
        unit for unit in context.extradata.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01") if unit
    ]
    is_set = (lambda unit: unit[0] & 0x1F == 7) if library == "libx264" else (lambda unit: unit[0] >> 1 & 0x3F == 33)
    return next(filter(is_set, units))


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(8, 2_000).map(lambda half: half * 2),
    height=st.integers(8, 1_200).map(lambda half: half * 2),
    preset=st.sampled_from(["ultrafast", "medium"]),
    interlaced=st.booleans(),
)
def test_what_an_encoder_of_h264_writes_is_read_back(width: int, height: int, preset: str, interlaced: bool) -> None:
    more = {"x264-params": "interlaced=1"} if interlaced and height % 4 == 0 else {}
    unit = written_by("libx264", width, height, preset=preset, **more)
    assert size_of("h264", f"packetization-mode=1;sprop-parameter-sets={b64encode(unit).decode()},aO48gA==") == (
        width,
        height,
    )


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1920, 1080), (100, 100), (706, 578)])
def test_what_an_encoder_of_h265_writes_is_read_back(width: int, height: int) -> None:
    unit = written_by("libx265", width, height, preset="ultrafast", **{"x265-params": "log-level=none:pools=1"})
    assert size_of("h265", f"sprop-vps=x; sprop-sps={b64encode(unit).decode()}; sprop-pps=y") == (width, height)


@given(codec=st.sampled_from(["h264", "h265", None]), unit=st.binary(max_size=60), cut=st.integers(0, 3))
def test_no_parameters_make_the_reader_crash(codec: str | None, unit: bytes, cut: int) -> None:
    text = b64encode(b"\x67" + unit if codec == "h264" else b"\x42\x01" + unit).decode()
    size = size_of(codec, f"sprop-parameter-sets={text[: len(text) - cut]};sprop-sps={text}")
    assert size is None or min(size) > 0
