"""Whether it is the prober itself that is cut off: then it gives no verdicts. The rule is pure; `answers` asks.

Looks are grouped by parts of the network that have nothing to do with each other. When nearly all groups that were
reached lately fail at the same time, and no reference address answers either, the fault is ours.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from data.looks import Observation
from data.types import Course, Fault, Layer
from video.intervals import forget_doubt

# Failures that never left our side of the network, or may not have.
_NOT_REACHED = frozenset({Layer.NAME, Layer.ROUTE, Layer.TCP})
_REFERENCE_PORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Senses:
    """When the prober holds itself cut off: shares of groups, and seconds.

    With reference addresses that all fail, the lower share is enough; while cut off too.
    """

    share: float = 0.9
    lower_share: float = 0.5
    least_groups: int = 3
    within_s: float = 30.0
    lately_s: float = 600.0


@dataclass(slots=True, kw_only=True)
class Group:
    """What was last heard of one part of the network."""

    looked_at: datetime
    reached_at: datetime | None = None
    failing_since: datetime | None = None


def cut_off_since(
    groups: Collection[Group], *, now: datetime, before: datetime | None, references: bool | None, senses: Senses
) -> datetime | None:
    """Return since when the prober is cut off, None when it is not.

    `before` is what was returned last, `references` whether any reference address answers, None without any.
    """
    if references:
        return None
    known = [group for group in groups if _is_witness(group, now, before, senses)]
    failing = [group.failing_since for group in known if group.failing_since is not None]
    is_likely = before is not None or references is False
    least = 1 if references is False else senses.least_groups
    if len(known) < least or len(failing) < (senses.lower_share if is_likely else senses.share) * len(known):
        return None
    return before or min(failing)


def was_reached(seen: Observation) -> bool:
    """Say whether a look got an answer from beyond our own network; a refusal is one."""
    return seen.fault is Fault.REFUSED or seen.layer not in _NOT_REACHED


def group_of(path: str, url: str | None) -> str:
    """Return the part of the network a camera is in: its town, else the subnet of its address."""
    steps = path.split(".")
    if len(steps) > 1:
        return ".".join(steps[:2])
    host = urlsplit(url or "").hostname or ""
    return host.rpartition(".")[0] or host


@dataclass(slots=True, kw_only=True)
class Uplink:
    """What a worker knows of its own way into the network."""

    senses: Senses = field(default_factory=Senses)
    since: datetime | None = None
    # The last time without sight, widened by what may have been lost before it was noticed.
    blind: tuple[datetime, datetime] | None = None
    _groups: dict[str, Group] = field(default_factory=dict)

    def heard(self, group: str, seen: Observation) -> None:
        """Take note of a look."""
        known = self._groups.setdefault(group, Group(looked_at=seen.at))
        known.looked_at = seen.at
        if was_reached(seen):
            known.reached_at, known.failing_since = seen.at, None
        elif known.failing_since is None:
            known.failing_since = seen.at

    def settle(self, *, now: datetime, references: bool | None) -> bool:
        """Decide anew whether we are cut off, and say whether that changed."""
        before = self.since
        self.since = cut_off_since(
            self._groups.values(), now=now, before=before, references=references, senses=self.senses
        )
        if before is not None or self.since is not None:
            began = (self.since or before or now) - timedelta(seconds=self.senses.within_s)
            self.blind = (began, now)
        return (before is None) != (self.since is None)

    def trusts(self, seen: Observation) -> bool:
        """Say whether a look may be judged: not when it failed while we were cut off."""
        return self.since is None or was_reached(seen)

    def cleared(self, course: Course) -> Course:
        """Return a course without a doubt that arose while we could not see."""
        if self.blind is None or course.waiting is None or course.waiting.at > self.blind[1]:
            return course
        return forget_doubt(course, since=self.blind[0])


async def answers(references: Sequence[str], *, within_s: float = 2.0) -> bool | None:
    """Ask each reference address, as "10.0.0.1" or "gateway:443", for a connection; None when there are none.

    Being refused is an answer too: somebody was there.
    """
    if not references:
        return None
    return any(await asyncio.gather(*(_answers(one, within_s) for one in references)))


async def _answers(reference: str, within_s: float) -> bool:
    parts = urlsplit(f"//{reference}")
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(parts.hostname, parts.port or _REFERENCE_PORT), within_s
        )
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _is_witness(group: Group, now: datetime, before: datetime | None, senses: Senses) -> bool:
    """Say whether a group tells something: looked at just now, and reached not long before it failed."""
    if group.reached_at is None or now - group.looked_at > timedelta(seconds=senses.within_s):
        return False
    if group.failing_since is None or now - group.failing_since <= timedelta(seconds=senses.lately_s):
        return True
    return before is not None and group.failing_since >= before - timedelta(seconds=senses.within_s)
