"""Run virtual cameras and buttons from a file: python -m video.lab --cameras FILE.json [--control PORT] [--clips DIR].

Prints one line "ready cameras=N control=URL" when every port is open and every picture encoded; ends on SIGTERM.
"""

import argparse
import asyncio
import logging
import resource
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from video import loop
from video.lab.lab import Lab
from video.lab.spec import BadSpec, Cast, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; 1 when the file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m video.lab", description="Run virtual cameras and buttons.")
    parser.add_argument("--cameras", type=Path, required=True, help="JSON file of cameras and buttons")
    parser.add_argument("--control", type=int, help="loopback port that switches faults; 0 takes a free one")
    parser.add_argument("--clips", type=Path, help="folder where encoded pictures are kept for the next start")
    parser.add_argument("--encode", action="store_true", help="only fill the folder of --clips, then end")
    said = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        _allow_many_sockets()
        cast = read(said.cameras.read_text("utf-8"))
        if said.encode:
            loop.run(Lab(cast.cameras, clock=_clock, folder=said.clips).encode())
        else:
            loop.run(_run(cast, control_port=said.control, folder=said.clips))
    except (BadSpec, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(cast: Cast, *, control_port: int | None, folder: Path | None) -> None:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    lab = Lab(cast.cameras, cast.buttons, clock=_clock, folder=folder, control_port=control_port)
    async with lab:
        await lab.warm()
        print(f"ready cameras={len(lab.cameras)} control={lab.control_url}", flush=True)
        await stopped.wait()


def _clock() -> datetime:
    return datetime.now(UTC)


def _allow_many_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
