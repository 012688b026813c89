"""What rules would have told in the past: the same decisions, led through history from change to change. Pure."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count, groupby

from desk.notices import Due, Line, Matter, Message, Rules, Told, Trouble, after, due_of, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a matter stands from `at` on."""

    at: datetime
    matter: Matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that would have left at `at`."""

    at: datetime
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of health of one camera as the table of intervals has it; `until` None while it lasts."""

    camera_id: int
    since: datetime
    until: datetime | None
    trouble: Trouble | None
    path: str
    monitor_class: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A time in which nothing is told of a camera by itself: a member of an outage, or in maintenance."""

    camera_id: int
    since: datetime
    until: datetime | None


def replay(changes: Iterable[Change], rules: Rules, *, until: datetime) -> list[Sent]:
    """Return what would have been told from the first change to `until`.

    The same as deciding at every moment, at the cost of the changes and the lines only.
    """
    course = _Course(rules=rules)
    for change in sorted(changes, key=lambda change: change.at):
        course.send_before(min(change.at, until))
        if change.at >= until:
            break
        course.take(change.matter, change.at)
    course.send_before(until)
    return course.sent


def changes_of(stretches: Iterable[Stretch], holds: Iterable[Hold]) -> Iterator[Change]:
    """Yield the changes that stretches of health and the times of being held amount to."""
    held = defaultdict(list)
    for hold in holds:
        held[hold.camera_id].append(hold)
    by_camera = sorted(stretches, key=lambda one: (one.camera_id, one.since))
    for camera_id, listed in groupby(by_camera, key=lambda one: one.camera_id):
        for stretch in listed:
            yield from _changes_of_one(stretch, held.get(camera_id, []))


def _changes_of_one(stretch: Stretch, holds: list[Hold]) -> Iterator[Change]:
    matter = Matter(
        key=f"camera:{stretch.camera_id}",
        trouble=stretch.trouble,
        since=stretch.since,
        paths={stretch.path: 1},
        classes=frozenset() if stretch.monitor_class is None else frozenset({stretch.monitor_class}),
    )
    turns = {stretch.since} | {at for hold in holds for at in (hold.since, hold.until) if at and at > stretch.since}
    for at in sorted(turns):
        if stretch.until is None or at < stretch.until:
            is_held = any(hold.since <= at and (hold.until is None or at < hold.until) for hold in holds)
            free = max((hold.until for hold in holds if hold.until and hold.until <= at), default=None)
            yield Change(at=at, matter=replace(matter, held=is_held, counted_from=free))


@dataclass(slots=True, kw_only=True)
class _Course:
    """How matters stand and what was told, while history goes by."""

    rules: Rules
    matters: dict[str, Matter] = field(default_factory=dict)
    told: dict[tuple[str, int], Told] = field(default_factory=dict)
    waiting: dict[int, dict[str, Due]] = field(default_factory=lambda: defaultdict(dict))
    leaving: list[tuple[datetime, int, int, str, Due]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    def take(self, matter: Matter, now: datetime) -> None:
        """Let a matter stand as it does from `now` on."""
        self.matters[matter.key] = matter
        for channel in self.rules.channels:
            self._wait(matter.key, channel, now)

    def send_before(self, until: datetime) -> None:
        """Send what leaves before `until`."""
        while self.leaving and self.leaving[0][0] < until:
            at, _, channel, key, due = heapq.heappop(self.leaving)
            # What changed meanwhile waits anew under its own time.
            if self.waiting[channel].get(key) is due:
                self._send(channel, at)

    def _wait(self, key: str, channel: int, now: datetime) -> None:
        due = due_of(self.matters[key], self.told.get((key, channel)), self.rules, channel)
        self.waiting[channel].pop(key, None)
        if due is not None:
            self.waiting[channel][key] = due
            heapq.heappush(self.leaving, (due.goes_at(now), next(self._turn), channel, key, due))

    def _send(self, channel: int, at: datetime) -> None:
        along = {key: due for key, due in self.waiting[channel].items() if due.may_go_along(at)}
        lines = tuple(self._line(channel, key, due) for key, due in along.items())
        self.sent.append(Sent(at=at, message=Message(channel=channel, lines=lines)))
        for line in lines:
            self._tell(line, at)

    def _line(self, channel: int, key: str, due: Due) -> Line:
        return line_of(channel, self.matters[key], due, self.told.get((key, channel)))

    def _tell(self, line: Line, at: datetime) -> None:
        place = (line.matter, line.channel)
        heard = after(self.told.pop(place, None), line, at=at)
        if heard is not None:
            self.told[place] = heard
        self._wait(line.matter, line.channel, at)
