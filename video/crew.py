"""Many looks at a time: each begins when its turn comes, and a slow one keeps nobody waiting.

Places limit what is done at once, because too much at once makes every answer seem late. A look that takes long only
waits, so after a second it gives its place to the next one; how many may wait at all is limited by open sockets.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic

from data.health import Due
from data.looks import Observation
from data.types import Fault

log = logging.getLogger(__name__)

SLOW_AFTER_S = 1.0
PULSE_S = 0.2
# A pause of our own process that may have made a device seem silent.
STALL_S = 1.0

Look = Callable[[Due], Awaitable[Observation]]
# What a look saw, and whether more channels of the same recorder follow at once.
Heard = Callable[[Due, Observation, bool], None]


class Places:
    """`at_once` places for looks under way; one that takes long gives its place back. `most` may be open at all."""

    def __init__(self, *, at_once: int, most: int, slow_after_s: float = SLOW_AFTER_S) -> None:
        self._free, self._open = asyncio.Semaphore(at_once), asyncio.Semaphore(max(most, at_once))
        self._slow_after_s = slow_after_s

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a place and hold it, or give it back before the end when that takes long."""
        async with self._open:
            await self._free.acquire()
            given_back = False

            def give_back() -> None:
                nonlocal given_back
                given_back = True
                self._free.release()

            slow = asyncio.get_running_loop().call_later(self._slow_after_s, give_back)
            try:
                yield
            finally:
                slow.cancel()
                if not given_back:
                    give_back()


class Crew:
    """Looks under way. What is seen is handed to `heard` as it comes; a bug in a look ends the crew, loudly."""

    def __init__(self, look: Look, heard: Heard, *, places: Places, clock: Callable[[], datetime]) -> None:
        self._look, self._heard, self._places, self._clock = look, heard, places, clock
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stalled_at = -1.0
        self.waiting = 0

    async def __aenter__(self) -> "Crew":
        """Begin to take looks."""
        await self._group.__aenter__()
        self._pulse = asyncio.create_task(self._feel_pulse())
        return self

    async def __aexit__(self, *error: object) -> None:
        """Wait for the looks under way."""
        try:
            await self._group.__aexit__(*error)  # type: ignore[arg-type]
        finally:
            self._pulse.cancel()

    def begin(self, dues: Iterable[Due]) -> None:
        """Look at these when their turn comes; channels of one recorder one after the other."""
        for row in _rows(dues):
            self.waiting += len(row)
            task = self._group.create_task(self._walk(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def drop(self) -> None:
        """Give up the looks under way; their cameras come back with their next turn."""
        for task in self._tasks:
            task.cancel()

    async def _walk(self, row: Sequence[Due]) -> None:
        left = len(row)
        try:
            for due in row:
                await self._turn_of(due)
                async with self._places.take():
                    left -= 1
                    self.waiting -= 1
                    seen = await self._see(due)
                self._heard(due, seen, left > 0)
        finally:
            self.waiting -= left

    async def _turn_of(self, due: Due) -> None:
        if due.due_at is not None and (early_s := (due.due_at - self._clock()).total_seconds()) > 0:
            await asyncio.sleep(early_s)

    async def _see(self, due: Due) -> Observation:
        began = monotonic()
        seen = await self._look(due)
        if seen.fault is Fault.TIMEOUT and self._stalled_at > began:
            # It may have answered while nobody listened: our own pause is no fault of the device.
            return await self._look(due)
        return seen

    async def _feel_pulse(self) -> None:
        while True:
            before = monotonic()
            await asyncio.sleep(PULSE_S)
            late_s = monotonic() - before - PULSE_S
            if late_s > STALL_S:
                self._stalled_at = monotonic()
                log.warning("this process stood still seconds=%.1f; silence meanwhile is looked at again", late_s)


def _rows(dues: Iterable[Due]) -> Iterable[list[Due]]:
    shared: dict[object, list[Due]] = {}
    for due in dues:
        shared.setdefault(due.target.turn_key or due.camera_id, []).append(due)
    return shared.values()
