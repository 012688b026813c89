"""Cheap looks per second of one core: our handshake beside blackbox_exporter, PyAV, ffprobe and onvif-zeep-async."""

import asyncio
import itertools
import logging
import os
import resource
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import av
from onvif import ONVIFCamera

from bench.lib.village import Village, measure_on_first_core, process_cpu_s, report, table, village
from data.looks import Credential
from video.address import read_address
from video.rtsp import Handshake

CAMERAS = 200
SECONDS = 4.0
AT_ONCE = 64
LOGIN = Credential(user="u", password="p")
FAST = {"rtsp_transport": "tcp", "probesize": "32", "analyzeduration": "0", "fpsprobesize": "0"}


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of looking achieved: looks, and the CPU seconds it and the lab spent on them."""

    name: str
    looks: int
    cpu_s: float
    wall_s: float
    lab_cpu_s: float

    @property
    def per_core_s(self) -> float:
        """Looks per CPU second."""
        return self.looks / self.cpu_s


def scored(name: str, lab: Village, run: Callable[[], int], cpu: Callable[[], float] = time.process_time) -> Score:
    """Run and return the score; `cpu` tells the CPU seconds of whoever does the work."""
    lab_before, cpu_before, began = lab.cpu_s, cpu(), time.perf_counter()
    looks = run()
    return Score(name, looks, cpu() - cpu_before, time.perf_counter() - began, lab.cpu_s - lab_before)


async def crowd(look: Callable[[str], Awaitable[object]], urls: Sequence[str], at_once: int) -> int:
    """Look at the cameras in turn, `at_once` at a time, for SECONDS; return how many looks were made."""
    turn, ends, done = itertools.cycle(urls), time.monotonic() + SECONDS, 0

    async def worker() -> None:
        nonlocal done
        while time.monotonic() < ends:
            await look(next(turn))
            done += 1

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return done


def our_looks(urls: Sequence[str]) -> int:
    async def look(url: str) -> None:
        await Handshake(read_address(url), LOGIN).run(connect_s=5, reply_s=5)

    return asyncio.run(crowd(look, urls, AT_ONCE))


def pyav_looks(urls: Sequence[str], options: dict[str, str]) -> int:
    ends = time.monotonic() + SECONDS
    for done, url in enumerate(itertools.cycle(urls), 1):
        with av.open(url.replace("://", "://u:p@"), options=options, timeout=5):
            pass
        if time.monotonic() >= ends:
            return done
    return 0


def ffprobe_looks(urls: Sequence[str]) -> int:
    ends = time.monotonic() + SECONDS
    for done, url in enumerate(itertools.cycle(urls), 1):
        options = [part for key, value in FAST.items() for part in (f"-{key}", value)]
        command = ["ffprobe", "-v", "error", *options, "-show_streams", url.replace("://", "://u:p@")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if time.monotonic() >= ends:
            return done
    return 0


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def onvif_score(lab: Village, address: str) -> Score:
    """Ask one ready client again and again; reading its WSDL files is not counted."""
    place = urlsplit(address)
    camera = ONVIFCamera(place.hostname, place.port, "u", "p", adjust_time=True)
    await camera.update_xaddrs()
    device = await camera.create_devicemgmt_service()
    await device.GetDeviceInformation()
    lab_before, before, began = lab.cpu_s, time.process_time(), time.perf_counter()

    async def look(_: str) -> Any:
        return await device.GetDeviceInformation()

    done = await crowd(look, [address], 8)
    spent, wall = time.process_time() - before, time.perf_counter() - began
    await camera.close()
    return Score("onvif-zeep-async, GetDeviceInformation on a ready client", done, spent, wall, lab.cpu_s - lab_before)


@contextmanager
def blackbox() -> Iterator[tuple[int, int]]:
    """Run blackbox_exporter on one core with an RTSP module; yield its process and its port.

    It cannot answer a Digest challenge, so it is given the credentials of Basic cameras ready-made: two requests
    on one connection where a Digest look needs three.
    """
    proof = b64encode(b"u:p").decode()
    ask = 'send: "{method} rtsp://lab/live RTSP/1.0\\r\\nCSeq: {number}\\r\\n{more}\\r"'
    steps = [
        ask.format(method="OPTIONS", number=1, more=""),
        'expect: "^RTSP/1.0 200"',
        ask.format(method="DESCRIBE", number=2, more=f"Authorization: Basic {proof}\\r\\n"),
        'expect: "^RTSP/1.0 200"',
        'expect: "^m=video"',
    ]
    lines = "\n".join(f"        - {step}" for step in steps)
    module = f"modules:\n  rtsp:\n    prober: tcp\n    timeout: 5s\n    tcp:\n      query_response:\n{lines}\n"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "blackbox.yml")
        config.write_text(module)
        port = 29_115
        command = ["prometheus-blackbox-exporter", f"--config.file={config}", "--log.level=error"]
        command += [f"--web.listen-address=127.0.0.1:{port}"]
        with subprocess.Popen(command, env={**os.environ, "GOMAXPROCS": "1"}, stderr=subprocess.DEVNULL) as exporter:
            try:
                wait_for(port)
                yield exporter.pid, port
            finally:
                exporter.terminate()
                exporter.wait()


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("blackbox_exporter did not start")


def blackbox_looks(urls: Sequence[str], port: int) -> int:
    async def everything() -> int:
        spare: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

        async def look(url: str) -> None:
            reader, writer = spare.pop() if spare else await asyncio.open_connection("127.0.0.1", port)
            target = quote(urlsplit(url).netloc)
            writer.write(f"GET /probe?module=rtsp&target={target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            body = await http_body(reader)
            assert b"probe_success 1" in body, body[-300:]
            spare.append((reader, writer))

        done = await crowd(look, urls, AT_ONCE)
        for _, writer in spare:
            writer.close()
        return done

    return asyncio.run(everything())


async def http_body(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"content-length:" in head:
        return await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def main() -> None:
    logging.disable(logging.CRITICAL)
    common = {"path": "/live", "user": "u", "password": "p", "fps": 25, "gop": 25, "width": 1280, "height": 720}
    digest = [{"name": f"d{n}", **common, "onvif_port": 0 if n == 0 else None} for n in range(CAMERAS)]
    basic = [{"name": f"b{n}", **common, "auth": "basic"} for n in range(CAMERAS)]
    with village([*digest, *basic]) as lab:
        measure_on_first_core()
        urls = [camera["rtsp_url"] for camera in lab.cameras]
        ours, theirs = urls[:CAMERAS], urls[CAMERAS:]
        with blackbox() as (pid, port):
            scores = [
                scored("this project: OPTIONS + DESCRIBE + Digest", lab, lambda: our_looks(ours)),
                scored("this project: OPTIONS + DESCRIBE + Basic", lab, lambda: our_looks(theirs)),
                scored(
                    "blackbox_exporter (Go): OPTIONS + DESCRIBE + Basic",
                    lab,
                    lambda: blackbox_looks(theirs, port),
                    lambda: process_cpu_s(pid),
                ),
            ]
        scores += [
            scored("PyAV opens the stream, fastest options", lab, lambda: pyav_looks(ours, FAST)),
            scored("PyAV opens the stream, default options", lab, lambda: pyav_looks(ours, {"rtsp_transport": "tcp"})),
            scored("ffprobe processes, fastest options", lab, lambda: ffprobe_looks(ours), children_cpu_s),
            asyncio.run(onvif_score(lab, lab.cameras[0]["onvif_url"])),
        ]
    report("looks", page(scores))


def page(scores: Sequence[Score]) -> str:
    """Return the report; every ratio is to the first line of the same run."""
    first = scores[0]
    lab_ms = 1000 * first.lab_cpu_s / first.looks
    rows = [["what", "looks per second of one core", "ratio", "CPU ms each", "by the clock", "lab, CPU ms each"]]
    for score in scores:
        speed, ratio = score.per_core_s, first.per_core_s / score.per_core_s
        mine, labs = 1000 * score.cpu_s / score.looks, 1000 * score.lab_cpu_s / score.looks
        clock = f"{score.looks / score.wall_s:,.1f}/s"
        rows.append([score.name, f"{speed:,.0f}", f"{ratio:.2f}", f"{mine:.2f}", clock, f"{labs:.2f}"])
    return f"""# Looks

`./run.sh bench looks`: {CAMERAS} cameras of the lab (720p, 25 frames per second) on one core, the client on the other,
{SECONDS:.0f} s each. A look is counted against the CPU time of the process that makes it; the clock stands beside it.
A ratio says how many times as many looks the first line makes per core. Aims: 1 for blackbox_exporter, 20 for PyAV.

{table(rows)}

blackbox_exporter cannot answer a Digest challenge, so it speaks Basic, with one request less. PyAV and ffprobe run one
at a time and wait for frames, which CPU time does not show; our looks run {AT_ONCE} at a time in one process.

The lab spends {lab_ms:.2f} ms on an authenticated look: at 800 per second {0.8 * lab_ms:.2f} of a core, and the
client {800 / first.per_core_s:.2f}.

The machine was shared while these figures were taken; measure again on a quiet one before quoting them."""


if __name__ == "__main__":
    main()
