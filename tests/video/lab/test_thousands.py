import resource
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from video.lab.faults import LabFault
from video.lab.spec import BadSpec, CameraSpec

RunLab = Callable[..., Any]
FAST = ["-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"]


def ask(camera: Any, password: str) -> str:
    """Return what ffprobe says of a camera: its codec, or the refusal."""
    url = camera.rtsp_url.replace("://", f"://u:{password}@")
    command = [
        "ffprobe",
        "-v",
        "error",
        "-rtsp_transport",
        "tcp",
        "-analyzeduration",
        "0",
        *FAST,
        "-show_entries",
        "stream=codec_name",
        url,
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return said.stdout + said.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_two_thousand_cameras_answer_from_one_process_each_to_its_own_password(run_lab: RunLab) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 4_096:
        pytest.skip("this shell allows too few open files")
    port = free_port()
    lab = run_lab(
        *(
            CameraSpec(name=f"c{n}", address=f"127.1.{n // 250}.{n % 250 + 1}", port=port, user="u", password=f"p{n}")
            for n in range(2_000)
        )
    )
    for number in range(0, 2_000, 197):
        assert "codec_name=h264" in ask(lab[f"c{number}"], f"p{number}")
        assert lab[f"c{number}"].counters.looks == 1
    assert "401" in ask(lab["c7"], "p8")


def test_cameras_that_share_a_port_are_told_apart_by_their_path(run_lab: RunLab) -> None:
    port = free_port()
    lab = run_lab(*(CameraSpec(name=f"c{n}", port=port, path=f"/ch{n}", user="u", password=f"p{n}") for n in range(50)))
    assert "codec_name=h264" in ask(lab["c31"], "p31")
    assert "401" in ask(lab["c31"], "p30")
    lab.set_fault("c31", LabFault.NOT_FOUND)
    assert "404" in ask(lab["c31"], "p31")
    assert "codec_name=h264" in ask(lab["c32"], "p32")


def test_two_cameras_at_one_place_are_refused(run_lab: RunLab) -> None:
    port = free_port()
    with pytest.raises(BadSpec, match="address, port and path"):
        run_lab(CameraSpec(name="a", port=port), CameraSpec(name="b", port=port))
