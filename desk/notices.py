"""What must be told now, and to whom: pure rules, no clock and no database.

A matter is something wrong that somebody may have to be told of: a camera in trouble, or an outage. For every channel
the nearest rule decides: the one of the deepest area, of equals the one that names classes. What a rule lets through is
gathered and told as one message a channel. A matter is told once, again when it became worse, again at every reminder,
and once more when it is well; nothing is told of a matter that nobody had heard of.

Devices of an open outage, and those in maintenance, are held: nothing is said of them one by one.

`decide` only says what must happen. Whoever acts on it writes down what was told (web/jobs/notices.py). A repair order
may be made of the same lines: one that OPENED asks for an order, one that RECOVERED says that its cause is gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Trouble(StrEnum):
    """What is wrong with a matter, from the mildest to the gravest.

    UNSTABLE is a device that comes and goes: one long trouble, not many short ones.
    """

    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    UNSTABLE = "unstable"
    OFFLINE = "offline"
    OUTAGE = "outage"


class Step(StrEnum):
    """Why a matter is told: for the first time, graver than told, still open, or well again."""

    OPENED = "opened"
    WORSE = "worse"
    REMINDED = "reminded"
    RECOVERED = "recovered"


# To come and go weighs as much as to be gone: between the two nothing new is told.
GRAVITY: Mapping[Trouble, int] = {
    Trouble.UNKNOWN: 0,
    Trouble.DEGRADED: 1,
    Trouble.UNSTABLE: 2,
    Trouble.OFFLINE: 2,
    Trouble.OUTAGE: 3,
}
# What a rule may name; one that hears of cameras offline hears of those that come and go.
HEARD = (Trouble.OUTAGE, Trouble.OFFLINE, Trouble.DEGRADED, Trouble.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the day in which nothing is told, by the clocks of `zone`; they may run over midnight."""

    start: time
    end: time
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        """Say whether nothing may be told at `at`."""
        clock = at.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over(self, at: datetime) -> datetime:
        """Return the first moment from `at` on when something may be told, in UTC."""
        if not self.holds(at):
            return at
        local = at.astimezone(self.zone)
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=self.end.second, microsecond=0)
        return (end if end > local else end + timedelta(days=1)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which matters are told to which channels, and when. Times in seconds.

    `path` is the area it holds for, '' for everything; `classes` are monitor classes, none for all of them.
    `delay_s` must pass before anybody is told, `group_s` more gathers what belongs in one message; 0 for
    `remind_s` reminds nobody.
    """

    id: int
    path: str = ""
    classes: frozenset[int] = frozenset()
    kinds: frozenset[Trouble] = frozenset({Trouble.OUTAGE, Trouble.OFFLINE})
    channels: frozenset[int] = frozenset()
    delay_s: int = 300
    group_s: int = 60
    remind_s: int = 0
    quiet: Quiet | None = None

    @property
    def depth(self) -> int:
        """Return how many areas deep the rule lies."""
        return len(self.path.split(".")) if self.path else 0

    def hears(self, trouble: Trouble) -> bool:
        """Say whether the rule is about such trouble."""
        return (Trouble.OFFLINE if trouble is Trouble.UNSTABLE else trouble) in self.kinds

    def covers(self, path: str) -> bool:
        """Say whether a path lies in the area of the rule."""
        return not self.path or path == self.path or path.startswith(self.path + ".")

    def is_quiet(self, at: datetime) -> bool:
        """Say whether nothing may be told at `at`."""
        return self.quiet is not None and self.quiet.holds(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """How a matter stands. `trouble` None means that it is well, `since` when it came to stand so.

    `paths` says where it is: how many devices by area path. A `held` matter is not told for now. `counted_from` is when
    the delay begins, if that is not `since`: for a device that an outage left behind, the end of the outage.
    """

    key: str
    trouble: Trouble | None
    since: datetime
    paths: Mapping[str, int]
    classes: frozenset[int] = frozenset()
    held: bool = False
    counted_from: datetime | None = None

    @property
    def begins(self) -> datetime:
        """Return when its delay begins."""
        return max(self.since, self.counted_from or self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a channel last heard of a matter that is not over: the gravest trouble, since when, and how often."""

    matter: str
    channel: int
    rule: int
    trouble: Trouble
    since: datetime
    at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One matter in a message. `since` names the whole trouble, `times` counts what was told of it, this included.

    (channel, matter, since, times) is told once, whoever tells it.
    """

    channel: int
    rule: int
    matter: str
    step: Step
    trouble: Trouble
    since: datetime
    times: int
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one channel is told at once."""

    channel: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What must be told now, and what was told of matters that are gone without having become well."""

    messages: tuple[Message, ...] = ()
    forgotten: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be said of a matter: the step, the rule that lets it, and from when on."""

    step: Step
    rule: Rule
    at: datetime

    def goes_at(self, now: datetime) -> datetime:
        """Return when from `now` on a message leaves on its account: gathered, and outside quiet hours."""
        gathered = max(self.at + timedelta(seconds=self.rule.group_s), now)
        return self.rule.quiet.over(gathered) if self.rule.quiet else gathered

    def may_go_along(self, now: datetime) -> bool:
        """Say whether it belongs in a message that leaves now."""
        return self.at <= now and not self.rule.is_quiet(now)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of an installation, with what was found out about them."""

    every: tuple[Rule, ...]
    _found: dict[tuple[object, ...], Rule | None] = field(default_factory=dict)

    @property
    def channels(self) -> frozenset[int]:
        """Return every channel that a rule names."""
        return frozenset(channel for rule in self.every for channel in rule.channels)

    def by_id(self, rule_id: int) -> Rule | None:
        """Return a rule, or None when it is no more."""
        return next((rule for rule in self.every if rule.id == rule_id), None)

    def nearest(self, matter: Matter, trouble: Trouble, channel: int) -> Rule | None:
        """Return the rule that decides about a matter for a channel, or None."""
        # Matters are many, the places and classes they lie in are few.
        asked = (frozenset(matter.paths), matter.classes, trouble, channel)
        if asked not in self._found:
            self._found[asked] = max(self._fitting(matter, trouble, channel), key=_nearness, default=None)
        return self._found[asked]

    def _fitting(self, matter: Matter, trouble: Trouble, channel: int) -> Iterator[Rule]:
        for rule in self.every:
            its_class = not rule.classes or bool(rule.classes & matter.classes)
            if channel in rule.channels and rule.hears(trouble) and its_class and any(map(rule.covers, matter.paths)):
                yield rule


def decide(matters: Iterable[Matter], told: Iterable[Told], rules: Rules, *, now: datetime) -> Decision:
    """Return what must be told now.

    `matters` holds everything in trouble, and everything of which something was told and that is still there.
    """
    known = {matter.key: matter for matter in matters}
    heard = {(one.matter, one.channel): one for one in told}
    ready: dict[int, list[tuple[Matter, Due]]] = defaultdict(list)
    leaving: set[int] = set()
    for key, channel in _asked(known, heard, rules):
        due = due_of(known[key], heard.get((key, channel)), rules, channel)
        if due is not None and due.may_go_along(now):
            ready[channel].append((known[key], due))
            leaving |= {channel} if due.goes_at(now) <= now else set()
    messages = [
        Message(
            channel=channel, lines=tuple(line_of(channel, *one, heard.get((one[0].key, channel))) for one in listed)
        )
        for channel, listed in sorted(ready.items())
        if channel in leaving
    ]
    gone = [one for one in heard.values() if _is_gone(known.get(one.matter), one, rules)]
    return Decision(messages=tuple(messages), forgotten=tuple(gone))


def due_of(matter: Matter, told: Told | None, rules: Rules, channel: int) -> Due | None:
    """Return what is to be said next of a matter to a channel if it stays as it is, or None."""
    if matter.held:
        return None
    if matter.trouble is None:
        closing = _closing(matter, told, rules)
        return Due(step=Step.RECOVERED, rule=closing, at=matter.since) if closing else None
    rule = rules.nearest(matter, matter.trouble, channel)
    if rule is None:
        return None
    delayed = matter.begins + timedelta(seconds=rule.delay_s)
    if told is None:
        return Due(step=Step.OPENED, rule=rule, at=delayed)
    if GRAVITY[matter.trouble] > GRAVITY[told.trouble]:
        return Due(step=Step.WORSE, rule=rule, at=delayed)
    if rule.remind_s:
        return Due(step=Step.REMINDED, rule=rule, at=told.at + timedelta(seconds=rule.remind_s))
    return None


def after(told: Told | None, line: Line, *, at: datetime) -> Told | None:
    """Return what a channel has heard once a line was told at `at`; None when the matter is over."""
    if line.step is Step.RECOVERED:
        return None
    if told is not None:
        return replace(told, rule=line.rule, trouble=line.trouble, at=at, times=line.times)
    return Told(matter=line.matter, channel=line.channel, rule=line.rule, trouble=line.trouble, since=line.since, at=at)


def _closing(matter: Matter, told: Told | None, rules: Rules) -> Rule | None:
    """Return the rule under which a channel hears that a matter is well: the one under which it heard of it."""
    if told is None:
        return None
    return rules.by_id(told.rule) or rules.nearest(matter, told.trouble, told.channel)


def _is_gone(matter: Matter | None, told: Told, rules: Rules) -> bool:
    """Say whether nothing more will ever be told: the device is no more, or it is well and its rule is no more."""
    if matter is None:
        return True
    return matter.trouble is None and _closing(matter, told, rules) is None


def _asked(
    known: Mapping[str, Matter], heard: Mapping[tuple[str, int], Told], rules: Rules
) -> Iterator[tuple[str, int]]:
    for key, matter in known.items():
        for channel in sorted(rules.channels):
            if matter.trouble is not None or (key, channel) in heard:
                yield key, channel


def line_of(channel: int, matter: Matter, due: Due, told: Told | None) -> Line:
    """Return what a message says of a matter."""
    return Line(
        channel=channel,
        rule=due.rule.id,
        matter=matter.key,
        step=due.step,
        trouble=_said(matter, due, told),
        since=told.since if told else matter.since,
        times=told.times + 1 if told else 1,
        # A town is told of its own devices, also where the outage is larger.
        devices=sum(count for path, count in matter.paths.items() if due.rule.covers(path)),
    )


def _said(matter: Matter, due: Due, told: Told | None) -> Trouble:
    """Return the trouble a line speaks of: what it is now, never milder than what was told."""
    if told is not None and (matter.trouble is None or GRAVITY[matter.trouble] <= GRAVITY[told.trouble]):
        return told.trouble
    return matter.trouble or Trouble.UNKNOWN


def _nearness(rule: Rule) -> tuple[int, bool, int]:
    return rule.depth, bool(rule.classes), rule.id
