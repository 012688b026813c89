"""Health counted by days: every hour what has passed of today, and again what may have changed of the days before."""

import logging
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from data import db, rates, settings
from data.queue import app
from data.types import Limits
from video.days import Turn, day_turns, month_turn

log = logging.getLogger(__name__)

# A stretch begins where it was first seen, so yesterday may still change after midnight.
AGAIN = timedelta(days=1)


@app.periodic(cron="7 * * * *")
@app.task(name="count_health", queue="compute", queueing_lock="count_health", lock="count_health")
def count_health(timestamp: int = 0) -> None:
    """Count today and yesterday, and every day before that nobody counted yet."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        last, first = rates.last_counted(session), rates.first_stretch(session)
    if first is not None:
        count_since((last - AGAIN) if last else local_day(first), now)


@app.task(name="count_health_again", queue="compute", lock="count_health")
def count_health_again(since: str) -> None:
    """Count every day from `since` (2026-01-31) anew, as re-judging the past asks for."""
    count_since(date.fromisoformat(since), datetime.now(UTC))


def count_since(first: date, now: datetime) -> None:
    """Count the days from `first` until `now`, a transaction each, and the months they lie in."""
    zone = ZoneInfo(settings.get().timezone)
    turns = list(day_turns(first, now, zone))
    for turn in turns:
        with db.transaction() as session:
            changed = rates.count_day(
                session, turn.day, since=turn.since, until=turn.until, clock_limit_s=Limits().clock_skew_warn_s
            )
        if changed:
            log.info("health counted day=%s cameras=%d", turn.day, changed)
    for month in sorted({turn.day.replace(day=1) for turn in turns}):
        _add_up(month_turn(month, zone), turns[-1].until, zone)


def local_day(at: datetime) -> date:
    """Return the day a moment lies in, in the time zone of the installation."""
    return at.astimezone(ZoneInfo(settings.get().timezone)).date()


def _add_up(month: Turn, until: datetime, zone: ZoneInfo) -> None:
    with db.transaction() as session:
        rates.count_month(
            session, month.day, next_month=month.until.astimezone(zone).date(), until=min(until, month.until)
        )
