import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data.types import Fault, Layer
from video.decoders import Decoders
from video.errors import CameraError

Serve = Callable[[Callable[[socket.socket], None]], int]


def processes_of(parent: int) -> list[int]:
    """Return the processes whose parent is `parent`."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name_end = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name_end[1]) == parent:
            found.append(int(status.parent.name))
    return found


def nursery_of(decoders: Decoders) -> int:
    process = decoders._nursery._process
    assert process
    return process.pid


async def fault_of(decoders: Decoders, url: str, within_s: float = 5) -> CameraError | None:
    try:
        await decoders.look(url, None, within_s=within_s)
    except CameraError as error:
        return error
    return None


def test_a_decoder_has_no_rights_and_no_secrets(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@db/x")

    async def run() -> tuple[str, str, bytes]:
        async with Decoders(1) as decoders:
            await fault_of(decoders, f"rtsp://127.0.0.1:{closed_port}/x")
            [decoder] = processes_of(nursery_of(decoders))
            folder = Path(f"/proc/{decoder}")
            nursery = Path(f"/proc/{nursery_of(decoders)}/environ").read_bytes()
            return (folder / "status").read_text(), (folder / "limits").read_text(), nursery

    status, limits, environment = asyncio.run(run())
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert set(uids) == ({"65534"} if os.geteuid() == 0 else {str(os.geteuid())})
    rows = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()[1:]}
    assert rows["Max file size"] == "0"
    assert 0 < int(rows["Max address space"]) < 8 << 30
    assert b"secret" not in environment


def test_a_decoder_that_dies_costs_only_its_own_look(gst_camera: Callable[..., str], answering: Serve) -> None:
    reached, release = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        connection.recv(4096)
        reached.set()
        release.wait(10)

    port = answering(hold)

    async def run() -> tuple[CameraError | None, CameraError | None]:
        async with Decoders(1) as decoders:
            looking = asyncio.create_task(fault_of(decoders, f"rtsp://127.0.0.1:{port}/x", 8))
            await asyncio.to_thread(reached.wait, 10)
            [decoder] = processes_of(nursery_of(decoders))
            os.kill(decoder, 9)
            died = await looking
            release.set()
            return died, await fault_of(decoders, gst_camera("none"))

    died, after = asyncio.run(run())
    assert died
    assert (died.fault, died.layer) == (Fault.DECODER_DIED, Layer.KEY_FRAME)
    assert after is None


def test_a_decoder_that_hangs_is_killed_and_replaced(answering: Serve, closed_port: int) -> None:
    reached, release = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        reached.set()
        release.wait(10)

    port = answering(hold)

    async def run() -> list[CameraError | None]:
        async with Decoders(1) as decoders:
            looking = asyncio.create_task(fault_of(decoders, f"rtsp://127.0.0.1:{port}/x", 1))
            await asyncio.to_thread(reached.wait, 10)
            [decoder] = processes_of(nursery_of(decoders))
            os.kill(decoder, signal.SIGSTOP)
            hung = await looking
            release.set()
            return [hung, await fault_of(decoders, f"rtsp://127.0.0.1:{closed_port}/x")]

    hung, after = asyncio.run(run())
    assert hung
    assert after
    assert (hung.fault, hung.detail) == (Fault.DECODER_DIED, "it hung and was killed")
    assert after.fault is Fault.REFUSED


def test_a_cancelled_look_leaves_no_decoder_that_answers_the_next_one(answering: Serve, closed_port: int) -> None:
    reached, release = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        reached.set()
        release.wait(10)

    port = answering(hold)

    async def run() -> CameraError | None:
        async with Decoders(1) as decoders:
            looking = asyncio.create_task(fault_of(decoders, f"rtsp://127.0.0.1:{port}/x", 8))
            await asyncio.to_thread(reached.wait, 10)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            release.set()
            return await fault_of(decoders, f"rtsp://127.0.0.1:{closed_port}/x")

    refused = asyncio.run(run())
    assert refused
    assert refused.fault is Fault.REFUSED


def test_a_nursery_that_dies_is_started_again(closed_port: int) -> None:
    url = f"rtsp://127.0.0.1:{closed_port}/x"

    async def run() -> list[CameraError | None]:
        async with Decoders(1) as decoders:
            first = await fault_of(decoders, url)
            for child in processes_of(nursery_of(decoders)):
                os.kill(child, 9)
            process = decoders._nursery._process
            assert process
            process.kill()
            await asyncio.to_thread(process.wait)
            return [first, await fault_of(decoders, url), await fault_of(decoders, url)]

    first, died, again = asyncio.run(run())
    assert first
    assert died
    assert again
    assert (first.fault, died.fault, again.fault) == (Fault.REFUSED, Fault.DECODER_DIED, Fault.REFUSED)


def test_a_silent_stream_is_a_timeout_of_the_key_frame(answering: Serve) -> None:
    release = threading.Event()

    def hold(connection: socket.socket) -> None:
        release.wait(10)

    port = answering(hold)

    async def run() -> CameraError | None:
        async with Decoders(1) as decoders:
            try:
                return await fault_of(decoders, f"rtsp://127.0.0.1:{port}/x", 0.5)
            finally:
                release.set()

    silent = asyncio.run(run())
    assert silent
    assert (silent.fault, silent.layer) == (Fault.TIMEOUT, Layer.KEY_FRAME)


def test_nothing_is_left_running(closed_port: int) -> None:
    async def run() -> int:
        async with Decoders(2) as decoders:
            url = f"rtsp://127.0.0.1:{closed_port}/x"
            await asyncio.gather(fault_of(decoders, url), fault_of(decoders, url))
            return nursery_of(decoders)

    nursery = asyncio.run(run())
    assert not Path(f"/proc/{nursery}").exists()
    assert processes_of(nursery) == []
