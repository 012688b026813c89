"""`sharpeyes rejudge`: judge stored facts by the thresholds of now, compare, and tell the past anew. No new looks."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from data import audit, cluster, db, limits, migrate, picture_thresholds, rejudging, settings
from data.measures import STEPS
from data.rejudging import Past
from data.types import Interval, Limits
from video.rejudging import Said, again, retold
from web.jobs.rates import count_since

_FIRST = 50


@dataclass(slots=True)
class Difference:
    """What judging a period again came to."""

    cameras: int = 0
    judged: int = 0
    without_measures: int = 0
    was: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    changed: list[dict[str, Any]] = field(default_factory=list)


@click.command("rejudge")
@click.option("--since", required=True, metavar="TIME", help="As 2026-06-01 or 2026-06-01T08:00.")
@click.option("--until", metavar="TIME", help="Up to this time; now if left out.")
@click.option("--dry-run", is_flag=True, help="Compare and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def rejudge_command(since: str, until: str | None, dry_run: bool, as_json: bool) -> None:
    """Judge what is stored of a period by the thresholds of now, without a new look.

    Closed stretches of health that lie in the period are told anew; the open one is judged by the next look.
    """
    zone, now = ZoneInfo(settings.get().timezone), datetime.now(UTC)
    begins, ends = _time(since, zone), _time(until, zone) if until else now
    if begins >= ends:
        raise click.UsageError("--since must lie before --until.")
    cluster.ensure_running()
    migrate.upgrade(db.engine())
    with db.transaction() as session:
        found = _rejudged(session, since=begins, until=ends, dry_run=dry_run)
    if found.changed and not dry_run:
        click.echo("Counting the days anew …", err=True)
        count_since(_day(begins, zone), min(now, ends + timedelta(days=1)))
    told = _document(found, since=begins, until=ends, dry_run=dry_run)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else _in_words(told))


def _rejudged(session: Session, *, since: datetime, until: datetime, dry_run: bool) -> Difference:
    found = Difference()
    of_classes = limits.by_class(session)
    pasts = list(rejudging.pasts(session, since=since, until=until))
    base = picture_thresholds.of_all(session)
    own = picture_thresholds.of_cameras(session, [past.camera_id for past in pasts])
    for past in pasts:
        mine = limits.of_class(of_classes, past.monitor_class)
        told = [again(at, facts, thresholds=own.get(past.camera_id, base), limits=mine) for at, facts in past.facts]
        said = [one for one in told if one]
        found.cameras += 1
        found.without_measures += len(told) - len(said)
        _count(found, said)
        if any(one.differs for one in said):
            _tell_anew(session, past, said, mine, since=since, until=until, found=found, dry_run=dry_run)
    if found.changed and not dry_run:
        detail = {"since": since.isoformat(), "until": until.isoformat(), "stretches": len(found.changed)}
        audit.write(session, action="health.rejudge", account_id=None, subject="", detail=detail, address="")
    return found


def _count(found: Difference, said: list[Said]) -> None:
    for one in said:
        found.judged += 1
        found.was.update([one.was.fault or "none"])
        found.now.update([one.now.fault or "none"])


def _tell_anew(
    session: Session,
    past: Past,
    said: list[Said],
    mine: Limits,
    *,
    since: datetime,
    until: datetime,
    found: Difference,
    dry_run: bool,
) -> None:
    for old in rejudging.stretches(session, past.camera_id, since=since, until=until):
        new = retold(old, said, shortest_s=mine.confirm_offline_s)
        if new != (old,):
            found.changed.append({"code": past.code, "was": _shown(old), "now": [_shown(piece) for piece in new]})
            if not dry_run:
                rejudging.tell_anew(session, past.camera_id, old, new)


def _shown(one: Interval) -> dict[str, Any]:
    until = one.until.isoformat() if one.until else None
    return {"since": one.since.isoformat(), "until": until, "health": one.health, "fault": one.fault}


def _document(found: Difference, *, since: datetime, until: datetime, dry_run: bool) -> dict[str, Any]:
    faults = sorted({*found.was, *found.now})
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "dry_run": dry_run,
        "resolution": dict(STEPS),
        "cameras": found.cameras,
        "facts": found.judged,
        "facts_without_measures": found.without_measures,
        "faults": {fault: {"was": found.was[fault], "now": found.now[fault]} for fault in faults},
        "stretches_changed": len(found.changed),
        "changed": found.changed,
    }


def _in_words(told: dict[str, Any]) -> str:
    lines = [
        f"{told['facts']} stored facts of {told['cameras']} cameras judged again, exact to the steps they are kept in;"
        f" {told['facts_without_measures']} without measures left as they are."
    ]
    lines += [f"  {fault}: {counts['was']} → {counts['now']}" for fault, counts in told["faults"].items()]
    verb = "would be told anew" if told["dry_run"] else "told anew"
    lines.append(f"{told['stretches_changed']} stretches of health {verb}.")
    for one in told["changed"][:_FIRST]:
        was, now = one["was"], ", ".join(piece["fault"] or piece["health"] for piece in one["now"])
        lines.append(f"  {one['code']} {was['since']} – {was['until']}: {was['fault'] or was['health']} → {now}")
    return "\n".join(lines)


def _time(written: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError(f"{written} is no time. Write it as 2026-06-01 or 2026-06-01T08:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
