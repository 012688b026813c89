"""The event loop that looks at cameras, and the lab that answers: uvloop, which halves the CPU of a cheap look."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end, as asyncio.run does."""
    return uvloop.run(work)
