from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.looks import Observation, StreamShape
from data.types import Fault, Health, Layer, Limits
from video.judge import judge
from video.recorded import codec_of, differences, is_sub_stream

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(recorded: StreamShape | None, **facts: Any) -> Observation:
    return Observation(at=NOW, valid_until=NOW + timedelta(minutes=3), recorded=recorded, **facts)


@pytest.mark.parametrize(
    ("recorded", "facts", "words"),
    [
        (None, {"codec": "h264"}, ()),
        (StreamShape(), {"codec": "h264", "width": 640, "height": 360}, ()),
        (StreamShape(codec="H.265"), {"codec": "hevc"}, ()),
        (StreamShape(codec="H.265"), {"codec": "h264"}, ("the record says h265, the stream is h264",)),
        (StreamShape(codec="whatever"), {"codec": "h264"}, ()),
        (StreamShape(width=1920, height=1080), {"width": 1920, "height": 1088}, ()),
        (StreamShape(width=1920, height=1080), {"codec": "h264"}, ()),
        (
            StreamShape(width=1920, height=1080),
            {"width": 1280, "height": 720},
            ("the record says 1920 × 1080, the stream has 1280 × 720",),
        ),
        (
            StreamShape(width=1920),
            {"width": 1280, "height": 720},
            ("the record says 1920 wide, the stream has 1280 × 720",),
        ),
        (StreamShape(frame_rate=25), {"frame_rate": 18.0}, ()),
        (StreamShape(frame_rate=25), {"frame_rate": 50.0}, ()),
        (
            StreamShape(frame_rate=25),
            {"frame_rate": 12.5},
            ("the record says 25 frames per second, the stream has 12.5",),
        ),
        (StreamShape(bit_rate_kbps=2048), {"bit_rate_kbps": 4096.0}, ()),
        (StreamShape(bit_rate_kbps=2048), {"bit_rate_kbps": 100.0}, ()),
        (StreamShape(bit_rate_kbps=2048), {}, ()),
        (
            StreamShape(bit_rate_kbps=2048),
            {"bit_rate_kbps": 8191.6},
            ("the record says 2048 kbit/s, the stream has 8192",),
        ),
        (StreamShape(gop_s=2.0), {"gop_s": 4.0}, ()),
        (StreamShape(), {"gop_s": 12.0}, ()),
        (
            StreamShape(gop_s=2.0),
            {"gop_s": 12.04},
            ("the record says a key frame every 2 s, the stream has one every 12 s",),
        ),
    ],
)
def test_a_stream_is_compared_with_what_the_record_says_and_no_more(
    recorded: StreamShape | None, facts: dict[str, Any], words: tuple[str, ...]
) -> None:
    assert differences(seen(recorded, **facts), Limits()) == words


def test_a_stream_that_is_not_as_recorded_is_degraded_and_everything_else_comes_first() -> None:
    record = StreamShape(codec="h265")
    verdict = judge(seen(record, codec="h264"), Limits())
    assert (verdict.health, verdict.fault, verdict.layer) == (Health.DEGRADED, Fault.NOT_AS_RECORDED, Layer.DESCRIBE)
    assert judge(seen(record, codec="h264", clock_skew_s=60.0), Limits()).fault is Fault.CLOCK_WRONG


@pytest.mark.parametrize(
    ("url", "is_sub"),
    [
        ("rtsp://10.0.0.1/Streaming/Channels/101", False),
        ("rtsp://10.0.0.1/Streaming/Channels/1602", True),
        ("rtsp://10.0.0.1/cam/realmonitor?channel=1&subtype=0", False),
        ("rtsp://10.0.0.1/cam/realmonitor?channel=1&subtype=1", True),
        ("rtsp://10.0.0.1/unicast/c1/s0/live", False),
        ("rtsp://10.0.0.1/unicast/c1/s1/live", True),
        ("rtsp://10.0.0.1/h264/ch1/main/av_stream", False),
        ("rtsp://10.0.0.1/h264/ch1/sub/av_stream", True),
        ("rtsp://subway.example/live", False),
        ("rtsp://10.0.0.1/stream2", True),
    ],
)
def test_an_address_says_whether_it_is_a_sub_stream(url: str, is_sub: bool) -> None:
    assert is_sub_stream(url) is is_sub


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("H.264", "h264"),
        ("HEVC", "h265"),
        ("Smart265", "h265"),
        ("JPEG", "mjpeg"),
        ("", None),
        (None, None),
        ("x", None),
    ],
)
def test_a_codec_has_many_names(name: str | None, codec: str | None) -> None:
    assert codec_of(name) == codec
