"""What is remembered of looks: the state of each camera, stretches of health, observations and their hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data import coverage, events
from data.facts import known
from data.looks import Observation, Target
from data.sql import as_json, query
from data.thresholds import Thresholds
from data.types import Course, Fault, Health, Interval, Layer, Verdict

# What a password is encrypted for; the same words decrypt it.
CAMERA_PASSWORD = "camera-password"  # noqa: S105  a purpose, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A camera whose look is booked: what to look at, where it stood, and whose area it lies in."""

    camera_id: int
    area_id: int | None
    path: str
    target: Target
    course: Course
    facts: Mapping[str, Any] = field(default_factory=dict)
    pictured_at: datetime | None = None
    checked_at: datetime | None = None
    asked: bool = False
    monitor_class: int | None = None
    # What its picture is judged by, where that is not what everybody's is.
    thresholds: Thresholds | None = None
    # When its turn comes; None: now.
    due_at: datetime | None = None
    # The state as it was read; a look is not remembered once another hand has written there.
    row_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One look brought to its end: what was seen, where the camera stands now, and the stretches that changed.

    A stretch is the same row when its `since` is the same; of two with one `since` the later speaks.
    """

    due: Due
    seen: Observation
    course: Course
    changes: tuple[Interval, ...] = ()
    # A change that waits to be confirmed is looked at again sooner than its turn, a dead device later.
    look_again_at: datetime | None = None
    # What failed while the prober itself was cut off is not judged, and nothing is written of it.
    judged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of health that open pages must hear of."""

    camera_id: int
    path: str
    health: Health
    fault: Fault | None
    layer: Layer | None
    since: datetime


def remember(session: Session, outcomes: Sequence[Outcome]) -> list[Change]:
    """Write a batch of looks and return the changes of health among them.

    Looks whose camera was written by another hand since they were taken are left out: of several at one camera,
    however they came about, the first that is written counts.
    """
    first = {o.due.camera_id: (o, known(o.seen, o.due.facts)) for o in reversed(outcomes)}
    told = list(first.values())
    quiet = {o.due.camera_id: o for o, facts in told if facts == o.due.facts and _is_quiet(o)}
    _remember_quiet(session, list(quiet.values()))
    loud = [(o, facts) for o, facts in told if o.due.camera_id not in quiet]
    states = as_json([_state_row(o, facts) for o, facts in loud])
    written = set(session.execute(query("remember_state"), {"rows": states}).scalars()) if loud else set()
    kept = [(o, facts) for o, facts in loud if o.due.camera_id in written]
    _write_intervals(session, [(o.due, o.changes) for o, _ in kept])
    _run(session, "add_observations", [_observation_row(o, facts) for o, facts in kept if facts != o.due.facts])
    return [_change(o.due, o.course.open) for o, _ in kept if o.course.open and _is_new(o)]


def tell(session: Session, changes: Sequence[Change]) -> None:
    """Tell open pages of changed health, and have the coverage that depends on it computed again."""
    events.announce_all(session, "health", [(change.path, _body(change)) for change in changes])
    coverage.follow_health(session, [change.camera_id for change in changes])


def expire(session: Session, *, now: datetime, at_most: int = 5_000) -> list[Change]:
    """Write silence down: cameras whose last word expired are unknown from that moment on."""
    rows = session.execute(query("take_expired"), {"now": now, "at_most": at_most}).mappings().all()
    silent = [_silence(row) for row in rows]
    _write_intervals(session, silent)
    session.execute(
        text(
            "UPDATE camera_state SET health = 'unknown', fault = NULL, layer = NULL, since = valid_until,"
            " waiting_health = NULL, waiting_looks = 0 WHERE camera_id = ANY (:ids)"
        ),
        {"ids": [due.camera_id for due, _ in silent]},
    )
    return [_change(due, changes[-1]) for due, changes in silent]


def prepare_days(session: Session, *, today: date, keep_days: int) -> int:
    """Make the observation partitions of the coming days, drop those past their time; return how many went."""
    for ahead in range(4):
        session.execute(text("SELECT prepare_observation_day(:day)"), {"day": today + timedelta(days=ahead)})
    before = today - timedelta(days=keep_days)
    return int(session.execute(text("SELECT drop_observation_days(:before)"), {"before": before}).scalar_one())


def course_of(row: RowMapping) -> Course:
    """Return where the camera stood; a camera never looked at has no open stretch yet."""
    if row["valid_until"] is None:
        return Course()
    waiting = None
    if row["waiting_health"]:
        waiting = Verdict(
            at=row["waiting_since"],
            valid_until=row["valid_until"],
            health=Health(row["waiting_health"]),
            fault=_fault(row["waiting_fault"]),
            layer=_layer(row["waiting_layer"]),
        )
    # What was first seen before the stretch began: nothing was ever confirmed, so there is no stretch yet.
    unborn = row["health"] == Health.UNKNOWN and waiting is not None and waiting.at <= row["since"]
    return Course(
        open=None if unborn else _stretch(row),
        valid_until=row["valid_until"],
        waiting=waiting,
        waiting_looks=row["waiting_looks"],
        unstable_since=row["unstable_since"],
        turns=row["turns"],
        turned_at=row["turned_at"],
    )


def _stretch(row: RowMapping) -> Interval:
    return Interval(
        since=row["since"],
        until=None,
        health=Health(row["health"]),
        fault=_fault(row["fault"]),
        layer=_layer(row["layer"]),
    )


def _fault(name: str | None) -> Fault | None:
    return Fault(name) if name else None


def _layer(name: str | None) -> Layer | None:
    return Layer(name) if name else None


def _silence(row: RowMapping) -> tuple[Due, tuple[Interval, ...]]:
    """Return the stretch that ended with the last word's validity, and the silence after it."""
    before = _stretch(row)
    end: datetime = row["valid_until"]
    due = Due(
        camera_id=row["camera_id"],
        area_id=row["area_id"],
        path=row["path"],
        target=Target(camera_id=row["camera_id"]),
        course=Course(open=before),
    )
    return due, (replace(before, until=end), Interval(since=end, until=None, health=Health.UNKNOWN))


def _is_new(outcome: Outcome) -> bool:
    before, after = outcome.due.course.open, outcome.course.open
    return before is None or after is None or before.since != after.since


def _change(due: Due, after: Interval) -> Change:
    return Change(
        camera_id=due.camera_id,
        path=due.path,
        health=after.health,
        fault=after.fault,
        layer=after.layer,
        since=after.since,
    )


# All of a course but the time of its last word.
_STANDING = attrgetter(*(one.name for one in fields(Course) if one.name != "valid_until"))


def _is_quiet(outcome: Outcome) -> bool:
    """Tell whether a look changed nothing of where its camera stands but the time of the last word."""
    before, after, target = outcome.due.course, outcome.course, outcome.due.target
    return (
        before.open is not None
        and not outcome.changes
        and outcome.seen.picture is None
        and _STANDING(before) == _STANDING(after)
        and _refused(outcome) == (target.refused_credential_version, target.onvif_refused_credential_version)
    )


def _remember_quiet(session: Session, outcomes: Sequence[Outcome]) -> None:
    if outcomes:
        session.execute(
            query("remember_quiet"),
            {
                "camera_ids": [o.due.camera_id for o in outcomes],
                "checked": [o.seen.at for o in outcomes],
                "valid": [o.course.valid_until for o in outcomes],
                "versions": [o.due.row_version for o in outcomes],
            },
        )


def _refused(outcome: Outcome) -> tuple[int | None, int | None]:
    """Return the versions of the password that the stream and ONVIF have refused, as they stand after a look."""
    seen, target = outcome.seen, outcome.due.target
    refused, onvif_refused = target.refused_credential_version, target.onvif_refused_credential_version
    if seen.fault in (Fault.AUTH_REFUSED, Fault.AUTH_LOCKED):
        refused = target.credential_version
    if seen.onvif_fault is Fault.ONVIF_AUTH_REFUSED:
        onvif_refused = target.credential_version
    return refused, onvif_refused


def _state_row(outcome: Outcome, facts: Mapping[str, Any]) -> dict[str, Any]:
    course, seen = outcome.course, outcome.seen
    stretch, waiting = course.open, course.waiting
    refused, onvif_refused = _refused(outcome)
    return {
        "camera_id": outcome.due.camera_id,
        "checked_at": seen.at,
        "valid_until": course.valid_until,
        "health": stretch.health if stretch else Health.UNKNOWN,
        "fault": stretch.fault if stretch else None,
        "layer": stretch.layer if stretch else None,
        "since": stretch.since if stretch else seen.at,
        "waiting_health": waiting.health if waiting else None,
        "waiting_fault": waiting.fault if waiting else None,
        "waiting_layer": waiting.layer if waiting else None,
        "waiting_since": waiting.at if waiting else None,
        "waiting_looks": course.waiting_looks,
        "unstable_since": course.unstable_since,
        "turns": course.turns,
        "turned_at": course.turned_at,
        "refused_credential_version": refused,
        "onvif_refused_credential_version": onvif_refused,
        "frame_sha256": seen.picture.sha256 if seen.picture else None,
        "facts": facts,
        "pictured_at": seen.at if seen.picture else None,
        "row_version": outcome.due.row_version,
    }


def _observation_row(outcome: Outcome, facts: Mapping[str, Any]) -> dict[str, Any]:
    due = outcome.due
    return {"camera_id": due.camera_id, "path": due.path, "at": outcome.seen.at, "facts": facts}


def _write_intervals(session: Session, batch: Iterable[tuple[Due, tuple[Interval, ...]]]) -> None:
    """Change the stretch that was open before, and add those that are new."""
    changed: list[dict[str, Any]] = []
    added: list[dict[str, Any]] = []
    for due, changes in batch:
        before = due.course.open
        for stretch in {one.since: one for one in changes}.values():
            is_old = before is not None and stretch.since == before.since
            (changed if is_old else added).append(_interval_row(due, stretch))
    _run(session, "change_intervals", changed)
    _run(session, "add_intervals", added)


def _interval_row(due: Due, stretch: Interval) -> dict[str, Any]:
    return {"camera_id": due.camera_id, "area_id": due.area_id, "path": due.path, **asdict(stretch)}


def _run(session: Session, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(query(name), {"rows": as_json(rows)})


def _body(change: Change) -> dict[str, Any]:
    body = asdict(change)
    del body["path"]
    return {"id": body.pop("camera_id")} | body
