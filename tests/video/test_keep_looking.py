"""Workers that go on looking, with real sockets and a real database: who waits, who shares, who comes back."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from data import db, health
from data.types import Limits
from video.pace import Pace
from video.probe import Timeouts
from video.rounds import keep_looking

HASTE = Pace(limits=Limits(confirm_offline_looks=2, confirm_offline_s=1.0), every_s=10.0)


def add_cameras(urls: Sequence[str]) -> list[int]:
    """Store one camera per address, each due for a look."""
    with db.transaction() as session:
        made = [
            session.execute(
                text("INSERT INTO cameras (code, name, rtsp_url) VALUES (:code, :code, :url) RETURNING id"),
                {"code": f"C{n}", "url": url},
            ).scalar_one()
            for n, url in enumerate(urls)
        ]
    make_due()
    return made


def make_due() -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE look_turns SET next_check_at = '2000-01-01'"))


class Door:
    """A port that counts who comes; a silent one never answers, another hangs up at once."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._leave = asyncio.Event()
        self.came: list[float] = []
        self.inside = self.most_inside = 0

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        return f"rtsp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/live"

    async def close(self) -> None:
        self._leave.set()
        self._server.close()
        await self._server.wait_closed()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.append(time.monotonic())
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        await reader.read(1)
        if self._silent:
            await self._leave.wait()
        self.inside -= 1
        writer.close()


def utc() -> datetime:
    return datetime.now(UTC)


async def watched(pace: Pace, *, workers: int, until: Callable[[Counter[int]], bool]) -> Counter[int]:
    """Run workers until the looks they have written are enough; return how many there were of each camera."""
    written: Counter[int] = Counter()
    leave, enough = asyncio.Event(), asyncio.Event()

    def wrote(outcomes: Sequence[health.Outcome], _: object) -> None:
        written.update(outcome.due.camera_id for outcome in outcomes)
        if until(written):
            enough.set()

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(keep_looking(pace, clock=utc, decoders=None, leave=leave, wrote=wrote))
        try:
            await asyncio.wait_for(enough.wait(), timeout=30)
        finally:
            leave.set()
    return written


def test_a_slow_camera_delays_nobody_and_is_written_when_it_is_done(committed: Path) -> None:
    async def story() -> tuple[Counter[int], list[int]]:
        slow, quick = Door(silent=True), Door()
        silent, url = await slow.open(), await quick.open()
        cameras = await asyncio.to_thread(add_cameras, [silent, *[f"{url}{n}" for n in range(6)]])
        pace = replace(HASTE, at_once=1, timeouts=Timeouts(reply_s=4.0))
        written = await watched(pace, workers=1, until=lambda written: all(written[one] for one in cameras[1:]))
        await slow.close()
        await quick.close()
        return written, cameras

    written, cameras = asyncio.run(story())
    # Told to leave, the worker waited for the look under way.
    assert set(written) == set(cameras)
    with db.transaction() as session:
        slow_one = session.execute(
            text("SELECT facts ->> 'fault' FROM camera_state WHERE camera_id = :id"), {"id": cameras[0]}
        ).scalar_one()
    assert slow_one == "timeout"


def test_two_workers_share_the_cameras_and_never_look_at_one_twice(committed: Path) -> None:
    async def story() -> tuple[Counter[int], list[Door], int]:
        doors = [Door() for _ in range(30)]
        await asyncio.to_thread(add_cameras, [await door.open() for door in doors])
        pace = replace(HASTE, every_s=60.0, limits=Limits(confirm_offline_s=3_600))
        written = await watched(pace, workers=2, until=lambda written: len(written) == len(doors))
        for door in doors:
            await door.close()
        return written, doors, max(len(door.came) for door in doors)

    written, doors, most = asyncio.run(story())
    assert len(written) == len(doors)
    assert set(written.values()) == {1}
    assert most == 1


def test_two_workers_never_look_at_two_channels_of_a_recorder_at_once(committed: Path) -> None:
    async def story() -> Door:
        recorder = Door()
        url = await recorder.open()
        cameras = await asyncio.to_thread(add_cameras, [f"{url}/{n}" for n in range(8)])
        with db.transaction() as session:
            session.execute(text("UPDATE cameras SET recorder = 'nvr'"))
        make_due()
        await watched(replace(HASTE, at_most=3), workers=2, until=lambda written: all(written[one] for one in cameras))
        await recorder.close()
        return recorder

    recorder = asyncio.run(story())
    assert len(recorder.came) >= 8
    assert recorder.most_inside == 1
    with db.transaction() as session:
        assert session.execute(text("SELECT busy_until = '-infinity' FROM recorder_turns")).scalar_one()


def test_a_worker_that_is_killed_leaves_its_looks_to_the_next_turn(committed: Path) -> None:
    async def killed() -> None:
        silent = Door(silent=True)
        await asyncio.to_thread(add_cameras, [await silent.open()])
        worker = asyncio.create_task(
            keep_looking(replace(HASTE, every_s=1.0), clock=utc, decoders=None, leave=asyncio.Event())
        )
        while not silent.came:
            await asyncio.wait([worker], timeout=0.01)
        worker.cancel()
        await asyncio.wait([worker])
        await silent.close()

    asyncio.run(asyncio.wait_for(killed(), timeout=30))
    with db.transaction() as session:
        assert session.execute(text("SELECT checked_at FROM camera_state")).scalar_one() is None

    async def another() -> Counter[int]:
        return await watched(replace(HASTE, every_s=1.0), workers=1, until=lambda written: bool(written))

    assert asyncio.run(another())
