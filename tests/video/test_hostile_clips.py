"""A clip that aborts OpenCV elsewhere, and decoders that die in every way: each costs at most its own look."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from data.looks import Observation
from data.types import Fault
from video.decoders import Decoders
from video.errors import CameraError
from video.picture import BadPicture, read_image

Look = Callable[..., Observation]
Serve = Callable[[Callable[[socket.socket], None]], int]
SERVERS = Path(__file__).parent / "servers"


@pytest.fixture
def hostile(shared_data: Path) -> Path:
    return shared_data / "images" / "clips" / "bgslib_demo_48x48_crashes_opencv.avi"


def test_a_clip_that_aborts_opencv_is_looked_at_like_any_other(
    hostile: Path, tmp_path: Path, look_at: Look, serving: Callable[..., Any]
) -> None:
    pytest.importorskip("aio_rtsp_toolkit", reason="aio-rtsp-toolkit is not installed")
    with av.open(str(hostile)) as clip, av.open(str(tmp_path / "clip.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"g": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 48, 48, "yuv420p"
        for number, frame in enumerate(clip.decode(video=0)):
            # An array has no times of the old file in it.
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame.to_ndarray(format="bgr24"), format="bgr24")))
            if number == 100:
                break
        out.mux(stream.encode(None))
    with serving([sys.executable, str(SERVERS / "aiortsp_camera.py"), str(tmp_path)]) as port:
        seen = look_at(f"rtsp://127.0.0.1:{port}/clip.mp4")
    assert (seen.fault, seen.width, seen.height) == (None, 48, 48)
    assert seen.picture


def test_a_clip_is_no_picture_to_be_judged(hostile: Path) -> None:
    with pytest.raises(BadPicture, match="not a JPEG"):
        read_image(hostile.read_bytes())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGALRM])
def test_a_decoder_that_dies_of_anything_is_replaced(answering: Serve, closed_port: int, how: signal.Signals) -> None:
    reached, release = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        reached.set()
        release.wait(10)

    port = answering(hold)

    async def fault_of(decoders: Decoders, url: str) -> Fault | None:
        try:
            await decoders.look(url, None, within_s=8)
        except CameraError as error:
            return error.fault
        return None

    async def run() -> tuple[Fault | None, Fault | None]:
        async with Decoders(1) as decoders:
            looking = asyncio.create_task(fault_of(decoders, f"rtsp://127.0.0.1:{port}/x"))
            await asyncio.to_thread(reached.wait, 10)
            nursery = decoders._nursery._process
            assert nursery
            [decoder] = [
                int(pid) for pid in Path(f"/proc/{nursery.pid}/task/{nursery.pid}/children").read_text().split()
            ]
            os.kill(decoder, how)
            died = await looking
            release.set()
            return died, await fault_of(decoders, f"rtsp://127.0.0.1:{closed_port}/x")

    assert asyncio.run(run()) == (Fault.DECODER_DIED, Fault.REFUSED)
