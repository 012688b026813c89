"""Snapshots per second and core: our preforked decoders beside one ffmpeg process per picture."""

import asyncio
import itertools
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.lib.village import family_cpu_s, measure_on_first_core, report, table, village
from data.looks import Credential
from video.decoders import Decoders

SECONDS = 5.0
LOGIN = Credential(user="u", password="p")
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}


@dataclass(frozen=True, slots=True)
class Score:
    """Pictures per CPU second of every process that takes part, the prober's own included."""

    ours: float
    ffmpeg: float
    ffmpeg_with_thumbnail: float


async def our_speed(urls: Sequence[str]) -> float:
    """Return pictures per second of two decoders on one core: JPEG, thumbnail, measures and checks."""
    turn = itertools.cycle(urls)
    async with Decoders(2) as decoders:
        await asyncio.gather(*(decoders.look(next(turn), LOGIN, within_s=10) for _ in range(4)))
        began, before, done = time.perf_counter(), family_cpu_s(), 0

        async def worker() -> None:
            nonlocal done
            while time.perf_counter() - began < SECONDS:
                await decoders.look(next(turn), LOGIN, within_s=10)
                done += 1

        await asyncio.gather(worker(), worker())
        return done / (family_cpu_s() - before)


def ffmpeg_speed(urls: Sequence[str], folder: Path, *, thumbnail: bool) -> float:
    """Return pictures per second of ffmpeg processes, two at a time on one core, with its fastest options."""
    turn, running = itertools.cycle(urls), list[subprocess.Popen[bytes]]()
    began, before, done = time.perf_counter(), family_cpu_s(), 0
    while time.perf_counter() - began < SECONDS:
        while len(running) < 2:
            running.append(subprocess.Popen(command(next(turn), folder, len(running), thumbnail=thumbnail)))
        assert running.pop(0).wait() == 0
        done += 1
    for process in running:
        process.wait()
    return (done + len(running)) / (family_cpu_s() - before)


def command(url: str, folder: Path, number: int, *, thumbnail: bool) -> list[str]:
    options = ["-v", "error", "-y", "-threads", "1", "-rtsp_transport", "tcp"]
    fast = ["-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"]
    source = [
        "ffmpeg",
        *options,
        *fast,
        "-i",
        url.replace("://", "://u:p@"),
        "-an",
        "-threads",
        "1",
        "-filter_threads",
        "1",
    ]
    # Quality 4 of FFmpeg's scale comes near the JPEG quality 85 of ours in bytes.
    picture = ["-frames:v", "1", "-q:v", "4", str(folder / f"{number}.jpg")]
    small = ["-frames:v", "1", "-vf", "scale=320:-2", "-q:v", "6", str(folder / f"{number}s.jpg")]
    return [*source, *picture, *(small if thumbnail else [])]


def main() -> None:
    common = {"user": "u", "password": "p", "path": "/live", "fps": 12, "gop": 12}
    cameras = [
        {"name": f"{name}-{n}", **common, "width": width, "height": height, "scene": f"day-{n}"}
        for name, (width, height) in SIZES.items()
        for n in (1, 2)
    ]
    scores: dict[str, Score] = {}
    with village(cameras) as lab, tempfile.TemporaryDirectory() as made:
        measure_on_first_core()
        for name in SIZES:
            urls = [camera["rtsp_url"] for camera in lab.cameras if camera["name"].startswith(name)]
            scores[name] = Score(
                asyncio.run(our_speed(urls)),
                ffmpeg_speed(urls, Path(made), thumbnail=False),
                ffmpeg_speed(urls, Path(made), thumbnail=True),
            )
    report("snapshots", page(scores))


def page(scores: dict[str, Score]) -> str:
    """Return the report; every ratio is of one size in one run."""
    rows = [
        ["size", "ours: JPEG, thumbnail and checks", "ffmpeg: JPEG", "ratio", "ffmpeg: JPEG and thumbnail", "ratio"]
    ]
    for name, score in scores.items():
        both = score.ffmpeg_with_thumbnail
        speeds = [f"{score.ours:.1f}/s", f"{score.ffmpeg:.1f}/s", f"{score.ours / score.ffmpeg:.2f}"]
        rows.append([name, *speeds, f"{both:.1f}/s", f"{score.ours / both:.2f}"])
    return f"""# Snapshots

`./run.sh bench snapshots`: from opening a Digest stream of the lab to its first key frame as a JPEG. Pictures per
second of one core: per CPU second of all processes that take part, {SECONDS:.0f} s each; the lab has the other core.
Two looks are under way at a time on both sides. Ours are preforked processes that hold one look each and can be killed;
the peer is `ffmpeg -threads 1` with its fastest options, one process per picture. Aim: 2 at 720p.

{table(rows)}

The machine was shared while these figures were taken; measure again on a quiet one before quoting them."""


if __name__ == "__main__":
    main()
