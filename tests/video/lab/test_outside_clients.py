"""The lab before clients nobody here wrote: ffmpeg, ffprobe, GStreamer and aio-rtsp-toolkit."""

import asyncio
import json
import shutil
import subprocess
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from video.lab.faults import LabFault
from video.lab.spec import Auth, CameraSpec, Codec, Scene, Start

RunLab = Callable[..., Any]
# FFmpeg counts in microseconds. A camera that hangs is given up after this.
GIVEN_UP_AFTER = "700000"
# Believe the description and begin at once, instead of watching the stream for seconds.
FAST = ["-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"]

if shutil.which("ffmpeg") is None:
    pytest.skip("ffmpeg is not installed", allow_module_level=True)


def with_password(url: str, user: str = "u", password: str = "p") -> str:
    return url.replace("://", f"://{user}:{password}@")


def probed(url: str, transport: str = "tcp") -> tuple[dict[str, Any], str]:
    """Return the first stream ffprobe finds, and what it complains of."""
    command = ["ffprobe", "-v", "error", "-rtsp_transport", transport, "-timeout", GIVEN_UP_AFTER, *FAST]
    command += ["-show_streams", "-of", "json", url]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    streams = json.loads(said.stdout or "{}").get("streams") or [{}]
    return streams[0], said.stderr


def played(url: str, *, frames: int, level: str = "error") -> tuple[np.ndarray[Any, Any], str]:
    """Return the frames FFmpeg decodes (count, 360, 640) in grey, and what it complains of."""
    command = ["ffmpeg", "-v", level, "-rtsp_transport", "tcp", "-timeout", GIVEN_UP_AFTER, *FAST, "-i", url]
    command += ["-frames:v", str(frames), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    said = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return np.frombuffer(said.stdout, np.uint8).reshape(-1, 360, 640), said.stderr.decode()


# FFmpeg and GStreamer know no SHA-256 digest; curl tries it on the still picture, in test_onvif.py.
@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("auth", [Auth.NONE, Auth.BASIC, Auth.DIGEST_MD5])
def test_ffprobe_reads_every_codec_through_every_login(run_lab: RunLab, codec: Codec, auth: Auth) -> None:
    lab = run_lab(CameraSpec(name="gate", user="u", password="p", auth=auth, codec=codec))
    stream, complaints = probed(with_password(lab["gate"].rtsp_url))
    assert (stream["codec_name"], stream["width"], stream["height"]) == (
        "hevc" if codec is Codec.H265 else "h264",
        640,
        360,
    )
    assert complaints == ""
    assert lab["gate"].counters.auth_refused == 0


def test_frames_come_stamped_at_the_rate_the_camera_was_given(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fps=25, gop=25))
    command = ["ffprobe", "-v", "quiet", "-rtsp_transport", "tcp", *FAST, "-read_intervals", "%+#6", "-show_packets"]
    said = subprocess.run([*command, "-of", "json", lab["gate"].rtsp_url], capture_output=True, timeout=60, check=True)
    times = [float(packet["pts_time"]) for packet in json.loads(said.stdout)["packets"] if "pts_time" in packet]
    assert len(times) >= 4
    assert np.diff(times) == pytest.approx([0.04] * (len(times) - 1), abs=1e-4)


def test_ffprobe_reads_a_stream_over_udp(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate"))
    stream, _ = probed(lab["gate"].rtsp_url, "udp")
    assert (stream["codec_name"], stream["width"]) == ("h264", 640)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_ffprobe_sees_the_size_a_camera_was_given(run_lab: RunLab, size: tuple[int, int]) -> None:
    lab = run_lab(CameraSpec(name="gate", width=size[0], height=size[1], fps=6, gop=6))
    stream, _ = probed(lab["gate"].rtsp_url)
    assert (stream["width"], stream["height"]) == size


@pytest.mark.parametrize("codec", list(Codec))
def test_ffmpeg_decodes_without_a_complaint_and_the_scene_moves(run_lab: RunLab, codec: Codec) -> None:
    lab = run_lab(CameraSpec(name="gate", codec=codec))
    pictures, complaints = played(lab["gate"].rtsp_url, frames=14)
    assert (len(pictures), complaints) == (14, "")
    assert (pictures[0] != pictures[12]).mean() > 0.4


def test_two_looks_in_a_row_never_begin_with_the_same_frame(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate"))
    one, other = (played(lab["gate"].rtsp_url, frames=1)[0][0] for _ in range(2))
    assert (one != other).mean() > 0.4


def test_a_session_may_begin_in_the_middle_of_a_gop(run_lab: RunLab) -> None:
    whole = CameraSpec(name="whole")
    late = CameraSpec(name="late", start=Start.MID_GOP)
    lab = run_lab(whole, late)

    def first_key(name: str) -> bool:
        command = [
            "ffprobe",
            "-v",
            "quiet",
            "-rtsp_transport",
            "tcp",
            *FAST,
            "-read_intervals",
            "%+#1",
            "-show_packets",
        ]
        said = subprocess.run(
            [*command, "-of", "json", lab[name].rtsp_url], capture_output=True, timeout=60, check=True
        )
        return "K" in json.loads(said.stdout)["packets"][0]["flags"]

    assert (first_key("whole"), first_key("late")) == (True, False)


SEEN_BY_FFMPEG = [
    (LabFault.REFUSE, "Connection refused"),
    (LabFault.HANG_CONNECT, "Connection timed out"),
    (LabFault.HANG_TCP, "Invalid data found"),
    (LabFault.HANG_RTSP, "Invalid data found"),
    (LabFault.HANG_DESCRIBE, "Invalid data found"),
    (LabFault.HANG_SETUP, "Invalid data found"),
    (LabFault.HANG_PLAY, "does not contain any stream"),
    (LabFault.WRONG_PASSWORD, "401 Unauthorized"),
    (LabFault.LOOP_401, "401 Unauthorized"),
    (LabFault.FORBIDDEN, "403 Forbidden"),
    (LabFault.NOT_FOUND, "404 Not Found"),
    (LabFault.NOT_ENOUGH_BANDWIDTH, "453 Not Enough Bandwidth"),
    (LabFault.UNAVAILABLE, "503 Service Unavailable"),
    (LabFault.UDP_ONLY, "461 Unsupported Transport"),
    (LabFault.GARBAGE, "Invalid data found"),
]


@pytest.mark.parametrize(("fault", "complaint"), SEEN_BY_FFMPEG)
def test_ffmpeg_meets_the_fault_and_the_camera_is_well_again_afterwards(
    run_lab: RunLab, fault: LabFault, complaint: str
) -> None:
    lab = run_lab(CameraSpec(name="gate", user="u", password="p"))
    lab.set_fault("gate", fault)
    pictures, complaints = played(with_password(lab["gate"].rtsp_url), frames=1)
    assert len(pictures) == 0
    assert complaint in complaints
    lab.set_fault("gate", LabFault.NONE)
    assert probed(with_password(lab["gate"].rtsp_url))[0]["codec_name"] == "h264"


def test_a_refused_password_is_counted_each_time(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", user="u", password="p"))
    assert "401" in probed(with_password(lab["gate"].rtsp_url, password="x"))[1]
    assert (lab["gate"].counters.auth_refused, lab["gate"].counters.auth_accepted) == (1, 0)
    assert lab["gate"].counters.looks == 0


def test_a_full_camera_takes_no_second_viewer_until_the_first_has_gone(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.SESSION_CAP))
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-rtsp_transport",
        "tcp",
        *FAST,
        "-i",
        lab["gate"].rtsp_url,
        "-f",
        "rawvideo",
        "-",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.read(1)
        assert "503" in played(lab["gate"].rtsp_url, frames=1)[1]
        first.kill()
    assert len(played(lab["gate"].rtsp_url, frames=1)[0]) == 1


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        (LabFault.BLACK, lambda pictures: pictures[0, 60:300].max() < 24),
        (LabFault.FROZEN, lambda pictures: (pictures[0] == pictures[12]).mean() > 0.999),
        (LabFault.COVERED, lambda pictures: pictures[0, 60:300].std() < 12),
        (LabFault.BLURRED, lambda pictures: np.abs(np.diff(pictures[0, 150:300, ::8].astype(int))).mean() < 8),
    ],
)
def test_ffmpeg_sees_what_is_wrong_with_the_picture(
    run_lab: RunLab, fault: LabFault, holds: Callable[[np.ndarray[Any, Any]], bool]
) -> None:
    lab = run_lab(CameraSpec(name="gate", scene=Scene(seed=2)))
    assert not holds(played(lab["gate"].rtsp_url, frames=13)[0])
    lab.set_fault("gate", fault)
    lab.warm()
    pictures, complaints = played(lab["gate"].rtsp_url, frames=13)
    assert (len(pictures), complaints) == (13, "")
    assert holds(pictures)


def test_a_change_of_picture_reaches_a_viewer_who_is_already_there(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate"))
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", *FAST, "-i", lab["gate"].rtsp_url]
    command += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as viewer:
        assert viewer.stdout is not None

        def shows_black() -> bool:
            assert viewer.stdout is not None
            return np.frombuffer(viewer.stdout.read(640 * 360), np.uint8).reshape(360, 640)[60:300].max() < 24

        assert not shows_black()
        lab.set_fault("gate", LabFault.BLACK)
        assert any(shows_black() for _ in range(120))
        viewer.kill()


def test_ffmpeg_finds_the_frames_of_a_lossy_camera_corrupt(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.LOSSY))
    assert "corrupt decoded frame" in played(lab["gate"].rtsp_url, frames=15, level="warning")[1]


def test_a_camera_without_video_offers_sound_alone(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.NO_VIDEO))
    assert probed(lab["gate"].rtsp_url)[0]["codec_type"] == "audio"


def test_no_key_frame_ever_comes_from_a_camera_that_lost_them(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.NO_KEY_FRAME))
    command = ["ffprobe", "-v", "quiet", "-rtsp_transport", "tcp", *FAST, "-read_intervals", "%+#14"]
    said = subprocess.run(
        [*command, "-show_packets", "-of", "json", lab["gate"].rtsp_url], capture_output=True, timeout=60, check=True
    )
    flags = [packet["flags"] for packet in json.loads(said.stdout)["packets"]]
    assert len(flags) == 14
    assert not any("K" in each for each in flags)


@pytest.mark.parametrize(("codec", "protocol"), [(Codec.H264, "tcp"), (Codec.H265, "tcp"), (Codec.H264, "udp")])
def test_gstreamer_plays_through_a_digest(run_lab: RunLab, codec: Codec, protocol: str) -> None:
    if shutil.which("gst-launch-1.0") is None:
        pytest.skip("GStreamer is not installed")
    lab = run_lab(CameraSpec(name="gate", user="u", password="p w", codec=codec))
    source = ["rtspsrc", f"location={lab['gate'].rtsp_url}", "user-id=u", "user-pw=p w", f"protocols={protocol}"]
    decode = ["!", f"rtp{codec}depay", "!", f"{codec}parse", "!", f"avdec_{codec}", "!"]
    command = ["gst-launch-1.0", "-q", *source, *decode, "fakesink", "num-buffers=3"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert lab["gate"].counters.plays == 1


@pytest.mark.parametrize("codec", list(Codec))
def test_aio_rtsp_toolkit_receives_frames_through_a_digest(run_lab: RunLab, codec: Codec) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        toolkit = pytest.importorskip("aio_rtsp_toolkit")
    lab = run_lab(CameraSpec(name="gate", user="u", password="p", codec=codec))

    async def first_key_frame() -> Any:
        async with toolkit.open_session(with_password(lab["gate"].rtsp_url), timeout=10) as session:
            async for event in session.iter_events(asyncio.Event()):
                if isinstance(event, toolkit.VideoFrameEvent):
                    return event

    assert asyncio.run(asyncio.wait_for(first_key_frame(), 20)) is not None
