"""A bucket of places: so many a second and no more, however many ask."""

import asyncio
from time import monotonic


class Bucket:
    """Lets `rate_per_s` pass each second, and a few at once after a pause. Times are seconds of any one clock."""

    def __init__(self, rate_per_s: float, *, at_once: int = 5) -> None:
        self._every_s = 1 / rate_per_s
        self._slack_s = (at_once - 1) / rate_per_s
        self._next: float | None = None

    def wait_s(self, now: float) -> float:
        """Book the next place and return how long to wait for it."""
        self._next = max(now - self._slack_s, now if self._next is None else self._next)
        wait = max(0.0, self._next - now)
        self._next += self._every_s
        return wait

    async def take(self) -> None:
        """Wait for a place."""
        await asyncio.sleep(self.wait_s(monotonic()))
