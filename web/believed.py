"""Answers of the database that are believed for a moment, so that the twenty tiles of one map ask once.

Only while this process hears of every change: whatever it hears ends all belief at once, before anybody is told of it.
A right that is withdrawn ends with the moment, at the latest.
"""

import time
from collections.abc import Callable, Hashable
from threading import Event, Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Believed(Generic[Answer]):
    """Answers by question, each believed for `for_s` from the time it was asked; at most `most` of them.

    `for_s` may be set anew; what is believed already stays so for as long as it was to be.
    """

    def __init__(self, *, for_s: float, most: int = 1_000, clock: Callable[[], float] = time.monotonic) -> None:
        self.for_s, self._most, self._clock = for_s, most, clock
        self._held: dict[Hashable, tuple[Answer, float]] = {}
        self._asking: dict[Hashable, Event] = {}
        self._lock = Lock()
        self._is_hearing = False
        self._changes = 0

    def peek(self, question: Hashable) -> Answer | None:
        """Return what is believed, or None."""
        with self._lock:
            return self._believed(question)

    def get(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return what is believed, or what `ask` returns now; of many who ask at once, one does so for all."""
        own = Event()
        with self._lock:
            known, other = self._believed(question), self._asking.get(question)
            if known is None and other is None and self._is_hearing:
                self._asking[question] = own
        if known is None and other is not None:
            other.wait()
            known = self.peek(question)
        # What another was answered is not believed when a change came meanwhile.
        return self._ask(question, ask, own) if known is None else known

    def forget(self) -> None:
        """Believe nothing that was asked until now."""
        with self._lock:
            self._changes += 1
            self._held.clear()

    def hear(self, *, changes: bool) -> None:
        """Begin or cease to believe: whether every change is heard from now on."""
        with self._lock:
            self._is_hearing = changes
            self._changes += 1
            self._held.clear()

    def _believed(self, question: Hashable) -> Answer | None:
        answer, until = self._held.get(question, (None, 0.0))
        return answer if answer is not None and self._clock() < until else None

    def _ask(self, question: Hashable, ask: Callable[[], Answer], own: Event) -> Answer:
        with self._lock:
            now, changes = self._clock(), self._changes
        try:
            fresh = ask()
            with self._lock:
                # A change that was heard meanwhile may have come after the answer.
                if self._is_hearing and changes == self._changes:
                    if len(self._held) >= self._most:
                        self._held.clear()
                    self._held[question] = fresh, now + self.for_s
            return fresh
        finally:
            with self._lock:
                if self._asking.get(question) is own:
                    del self._asking[question]
            own.set()
