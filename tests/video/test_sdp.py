from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.reply import read_reply
from video.sdp import media_of, video_of

# What a person reads in the files of real cameras; the rest of them is H.264 or H.265 as their rtpmap lines say.
CODECS = {
    "dahua_describe_h265_pcma.txt": "h265",
    "dahua_describe_h264_aac_onvif.txt": "h264",
    "hikvision_describe.txt": "h264",
    "tplink_sdp.txt": "h265",
    "vstarcam_describe.txt": "h264",
    "missing_content_type_describe.txt": "h264",
}


def description(file: Path) -> str:
    data = file.read_bytes()
    found = read_reply(data) if data.startswith(b"RTSP/") else None
    return found[0].body if found else data.decode("utf-8", "replace")


def test_every_camera_that_describes_itself_has_a_video_with_a_codec(shared_data: Path) -> None:
    folder = shared_data / "protocols" / "rtsp_retina"
    described = sorted({*folder.glob("*describe*.txt"), *folder.glob("*_sdp.txt")})
    assert len(described) >= 19
    for file in described:
        video = video_of(description(file))
        assert video, file.name
        assert video.codec == CODECS.get(file.name, video.codec), file.name
        assert video.codec in {"h264", "h265"}, file.name
        assert video.control, file.name


@pytest.mark.parametrize("folder", ["sdp_gortsplib", "go2rtc/sdp"])
def test_the_descriptions_of_bug_reports_are_read(shared_data: Path, folder: str) -> None:
    files = sorted((shared_data / "protocols" / folder).glob("*.sdp"))
    assert len(files) >= 8
    for file in files:
        text = file.read_text("utf-8", "replace")
        assert (video_of(text) is not None) == ("m=video" in text), file.name
        assert len(media_of(text)) == sum(line.strip().startswith("m=") for line in text.splitlines()), file.name


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", "h264"),
        ("v=0\nm=audio 0 RTP/AVP 0\nm=video 0 RTP/AVP 26\n", "mjpeg"),
        ("m=video 0 RTP/AVP 96\na=rtpmap:97 H265/90000 \n", "h265"),
        ("m=video 0 RTP/AVP 96\n", None),
    ],
)
def test_a_codec_is_named_by_number_or_by_map(text: str, codec: str | None) -> None:
    video = video_of(text)
    assert video
    assert video.codec == codec


@given(st.text())
def test_no_text_makes_the_reader_crash(text: str) -> None:
    assert len(media_of(text)) <= 64
    assert media_of("m=" + text) or "\n" not in text
