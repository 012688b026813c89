"""Servers for the prober to look at: cameras nobody here wrote, and ports that misbehave."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from data.looks import Credential, Observation, Target
from video.decoders import Decoders
from video.probe import Timeouts, look

SERVERS = Path(__file__).parent / "servers"
RIGHT = Credential(user="viewer", password="right")
WRONG = Credential(user="viewer", password="wrong")
QUICK = Timeouts(connect_s=2, reply_s=2, key_frame_s=6, onvif_s=4, total_s=10)


@pytest.fixture
def right() -> Credential:
    return RIGHT


@pytest.fixture
def wrong() -> Credential:
    return WRONG


@pytest.fixture
def look_at() -> Callable[..., Observation]:
    """Return a function that looks once at a URL, with real decoders."""

    def once(url: str | None, credential: Credential | None = None, **more: object) -> Observation:
        timeouts = more.pop("timeouts", QUICK)
        target = Target(rtsp_url=url, credential=credential, **more)  # type: ignore[arg-type]

        async def run() -> Observation:
            async with Decoders(1) as decoders:
                return await look(target, now=datetime.now(UTC), decoders=decoders, timeouts=timeouts)  # type: ignore[arg-type]

        return asyncio.run(run())

    return once


@pytest.fixture
def serving() -> Callable[..., contextlib.AbstractContextManager[str]]:
    """Return the context manager that runs a server while it lasts."""
    return running


@contextlib.contextmanager
def running(command: list[str], **environment: str) -> Iterator[str]:
    """Run a server that prints one line when it is ready, and yield that line; closing its stdin ends it."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdin
    assert process.stdout
    try:
        line = process.stdout.readline().strip()
        if not line:
            pytest.skip(f"{command[1]} does not start here")
        yield line
    finally:
        process.stdin.close()
        if "-m" in command:
            # A program of ours ends on a signal, as a supervisor sends it.
            process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def gst_camera() -> Iterator[Callable[..., str]]:
    """Return a function that starts a GStreamer camera and returns its URL: login none, basic or digest."""
    try:
        imported = subprocess.run(
            ["/usr/bin/python3", "-c", "import gi; gi.require_version('GstRtspServer', '1.0')"], capture_output=True
        )
    except OSError:
        pytest.skip("the system has no /usr/bin/python3")
    if imported.returncode:
        pytest.skip("gst-rtsp-server is not installed (gir1.2-gst-rtsp-server-1.0 python3-gi)")
    with contextlib.ExitStack() as stack:
        urls: dict[tuple[str, ...], str] = {}

        def start(*arguments: str) -> str:
            if arguments not in urls:
                command = ["/usr/bin/python3", str(SERVERS / "gst_camera.py"), *arguments]
                urls[arguments] = f"rtsp://127.0.0.1:{stack.enter_context(running(command))}/live"
            return urls[arguments]

        yield start


@pytest.fixture(scope="session")
def aiortsp_camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a file served by aio-rtsp-toolkit."""
    pytest.importorskip("aio_rtsp_toolkit", reason="aio-rtsp-toolkit is not installed")
    folder = tmp_path_factory.mktemp("aiortsp")
    write_clip(folder / "clip.mp4")
    with running([sys.executable, str(SERVERS / "aiortsp_camera.py"), str(folder)]) as port:
        yield f"rtsp://127.0.0.1:{port}/clip.mp4"


def write_clip(file: Path, *, width: int = 640, height: int = 360) -> None:
    """Write ten seconds of a moving ramp as H.264."""
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        ramp = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
        for count in range(100):
            picture = np.ascontiguousarray(np.dstack([np.roll(ramp, 7 * count, axis=1)] * 3))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))


@pytest.fixture(scope="session")
def ipycam_device() -> Iterator[str]:
    """Return the ONVIF address of an ipycam, installed into a virtual environment of its own."""
    python = _python_with("ipycam", "--no-deps")
    http, rtsp = free_port(), free_port()
    command = [str(python), str(SERVERS / "ipycam_device.py"), str(http), str(rtsp)]
    with running(command, PYTHONPATH=sysconfig.get_path("purelib")):
        yield f"http://127.0.0.1:{http}/onvif/device_service"


@pytest.fixture
def discovering_ipycam() -> Iterator[str]:
    """Return the ONVIF address of an ipycam that answers WS-Discovery at 127.0.0.1, for one test only."""
    python = _python_with("ipycam", "--no-deps")
    http, rtsp = free_port(), free_port()
    command = [str(python), str(SERVERS / "ipycam_device.py"), str(http), str(rtsp), "discovery"]
    with running(command, PYTHONPATH=sysconfig.get_path("purelib")):
        yield f"http://127.0.0.1:{http}/onvif/device_service"


@pytest.fixture(scope="session")
def wsdiscovery_peer() -> list[str]:
    """Return the command of the WSDiscovery package, installed into a virtual environment of its own."""
    return [str(_python_with("WSDiscovery")), str(SERVERS / "wsdiscovery_peer.py")]


def _python_with(package: str, *options: str) -> Path:
    home = Path(sys.prefix) / package.lower()
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        venv.create(home, with_pip=True, clear=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *options, package], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"{package} cannot be installed here: " + done.stderr.strip().splitlines()[-1])
        (home / "installed").touch()
    return python


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def closed_port() -> int:
    return free_port()


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Return a function that serves each connection with another function, and returns the port."""
    stopped = threading.Event()
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(serve: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(0.1)
        servers.append(server)

        def one(connection: socket.socket) -> None:
            connection.settimeout(10)
            with connection, contextlib.suppress(OSError):
                serve(connection)

        def accept() -> None:
            while not stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = server.accept()
                    threads.append(threading.Thread(target=one, args=(connection,)))
                    threads[-1].start()

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return int(server.getsockname()[1])

    yield start
    stopped.set()
    for thread in threads:
        thread.join(10)
    for server in servers:
        server.close()
