"""What rules would have told in the last days, computed from what happened then."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from data import notice_history
from data.notice_history import Past
from desk.notices import Rules, Step, Trouble
from desk.preview import Change, Hold, Stretch, changes_of, replay
from web.jobs.notices import matter_of_outage

DAYS = 30
# Beyond this a page would wait too long; the preview then says that there is more.
MOST_STRETCHES = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How much would have been told. `singly` is what it would be with a message for every change of a camera."""

    days: int
    messages: int
    channels: dict[int, int]
    lines: int
    busiest_day: str | None
    busiest: int
    outages: int
    reminders: int
    singly: int
    is_whole: bool


def preview(session: Session, rules: Rules, *, now: datetime, timezone: str, days: int = DAYS) -> Preview:
    """Return what `rules` would have told in the `days` before `now`, inside the scope of the session."""
    since = now - timedelta(days=days)
    found = notice_history.past(
        session, since=since, until=now, healths=_healths(rules), least=_least(rules), most=MOST_STRETCHES
    )
    sent = [one for one in replay(_changes(found), rules, until=now) if one.at >= since]
    daily = Counter(one.at.astimezone(ZoneInfo(timezone)).date().isoformat() for one in sent)
    lines = [line for one in sent for line in one.message.lines]
    busiest = max(daily, key=lambda day: (daily[day], day), default=None)
    return Preview(
        days=days,
        messages=len(sent),
        channels=dict(Counter(one.message.channel for one in sent)),
        lines=len(lines),
        busiest_day=busiest,
        busiest=daily[busiest] if busiest else 0,
        outages=sum(line.trouble is Trouble.OUTAGE and line.step is Step.OPENED for line in lines),
        reminders=sum(line.step is Step.REMINDED for line in lines),
        singly=sum(one.health in _healths(rules) and one.since >= since for one in found.stretches),
        is_whole=found.is_whole,
    )


def _changes(past: Past) -> Iterator[Change]:
    yield from changes_of(
        (
            Stretch(
                camera_id=one.camera_id,
                since=one.since,
                until=one.until,
                trouble=None if one.health == "online" else Trouble(one.health),
                path=one.path,
                monitor_class=one.monitor_class,
            )
            for one in past.stretches
        ),
        (Hold(camera_id=camera_id, since=since, until=until) for camera_id, since, until in past.holds),
    )
    for outage in past.outages:
        yield Change(at=outage.opened_at, matter=matter_of_outage(replace(outage, closed_at=None)))
        if outage.closed_at:
            yield Change(at=outage.closed_at, matter=matter_of_outage(outage))


def _healths(rules: Rules) -> list[str]:
    return sorted({str(kind) for rule in rules.every for kind in rule.kinds} - {str(Trouble.OUTAGE)})


def _least(rules: Rules) -> timedelta:
    return timedelta(seconds=min((rule.delay_s for rule in rules.every), default=0))
