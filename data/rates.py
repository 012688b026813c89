"""Rates as remembered: health counted by days and months, sums of groups of cameras, and how the assessment counts.

A month is counted live from the roll-up and the records as they are now, or read from a submitted report; both give
rows of the same shape, so every page, table and paper is made from either.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import completeness
from data.errors import Missing, Refusal
from data.sql import query

Row = Mapping[str, Any]
EVERYTHING = ""
# What cameras may be grouped by: the column of the key, and of what the group is called.
GROUPS: Mapping[str, tuple[str, str]] = {
    "town": ("town_code", "town"),
    "village": ("village_code", "village"),
    "cell": ("cell_code", "cell"),
    "class": ("monitor_class", "monitor_class"),
    "vendor": ("vendor", "vendor"),
    "maintainer": ("maintainer", "maintainer"),
    "link": ("link", "link"),
}
# What the record says of a camera, and what its days come to.
_COUNTS = ("cameras", "in_use", "repair", "dismantled", "planned", "placed", "placed_in_use", "complete",
           "complete_in_use", "labelled", "labelled_in_use")  # fmt: skip
_COUNTED = ("good_s", "bad_s", "blocked_s", "offline_s", "unchecked_s", "maintenance_s", "out_s", "online_days",
            "not_online_days", "unchecked_days", "clock_good_days", "clock_bad_days", "clock_unread_days",
            "recorded_s", "unrecorded_s", "recording_unchecked_s", "failures", "repairs", "repair_s")  # fmt: skip
SUMMED = (*_COUNTS, *_COUNTED)
OF_CAMERA = ("camera_id", "code", "name", "record_state", "town_code", "town", "village_code", "village", "cell_code",
             "cell", "monitor_class", "vendor", "maintainer", "link")  # fmt: skip
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in SUMMED)
_GROUPED = "WITH counted AS ({}) SELECT " + _SUMS + "{} FROM counted GROUP BY GROUPING SETS ({})"  # noqa: S608  our own columns
_LISTED = "WITH counted AS ({}) SELECT * FROM counted {} ORDER BY {} LIMIT :limit OFFSET :offset"
_SHAPE = ", ".join((*OF_CAMERA, *SUMMED, "path"))
_SUBMITTED = f"SELECT {_SHAPE} FROM report_cameras WHERE report_id = :report AND path <@ CAST(:within AS ltree)"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month as counted: live up to now, or as submitted in `report_id`. `path` bounds it, '' is everything."""

    month: date
    until: datetime
    path: str = EVERYTHING
    report_id: int | None = None


def count_day(session: Session, day: date, *, since: datetime, until: datetime, clock_limit_s: float) -> int:
    """Count a day of all cameras, or what of it has passed by `until`, from their intervals; return rows that changed.

    Counting again what has not changed writes nothing.
    """
    given = {"day": day, "since": since, "until": until, "clock_limit_s": clock_limit_s}
    session.execute(text("SET LOCAL jit = off"))
    return session.execute(query("count_day"), given).rowcount  # type: ignore[attr-defined,no-any-return]


def count_month(session: Session, month: date, *, next_month: date, until: datetime) -> None:
    """Add the counted days of a month up; `until` is when the last of them was counted to."""
    session.execute(query("count_month"), {"month": month, "next_month": next_month, "until": until})


def first_stretch(session: Session) -> datetime | None:
    """Return when the first stretch of health began; None before any look."""
    found: datetime | None = session.execute(text("SELECT min(lower(during)) FROM health_intervals")).scalar()
    return found


def last_counted(session: Session) -> date | None:
    """Return the last day that was counted; None when none ever was."""
    found: date | None = session.execute(text("SELECT max(day) FROM health_days")).scalar()
    return found


def counted_until(session: Session, month: date) -> datetime | None:
    """Return up to when a month was counted; None when it was not."""
    statement = text("SELECT health_counted_until(:month)")
    found: datetime | None = session.execute(statement, {"month": month}).scalar()
    return found


def months(session: Session) -> list[date]:
    """Return the months there are, the newest first: counted ones and submitted ones."""
    statement = text("SELECT month FROM health_months_there() UNION SELECT month FROM reports ORDER BY month DESC")
    return list(session.execute(statement).scalars())


def groups(session: Session, of: Month, kinds: Sequence[str]) -> dict[str, list[Row]]:
    """Return the sums of each group by kind, in the order of their names, and under "" the sum over all.

    Each row has `key`, `label` and the columns of SUMMED. A camera without a vendor, say, is in the group of key "".
    """
    source, values = of_cameras(session, of)
    keys = [GROUPS[kind] for kind in kinds]
    sets = ", ".join(["()", *(f"({', '.join(sorted({*pair}))})" for pair in keys)])
    columns = sorted({column for pair in keys for column in pair})
    picked = "".join(f", {column}, grouping({column}) AS no_{column}" for column in columns)
    found: dict[str, list[Row]] = {kind: [] for kind in ("", *kinds)}
    for row in session.execute(text(_GROUPED.format(source, picked, sets)), values).mappings():
        kind = next((kind for kind in kinds if not row[f"no_{GROUPS[kind][0]}"]), "")
        key, label = (row[column] or "" for column in GROUPS[kind]) if kind else ("", "")
        found[kind].append({"key": key, "label": label} | {name: row[name] for name in SUMMED})
    for rows in found.values():
        rows.sort(key=lambda row: (not row["key"], row["label"], row["key"]))
    return found


def cameras(
    session: Session,
    of: Month,
    *,
    by: str = "",
    key: str = "",
    order: Iterable[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[Row]:
    """Return the cameras behind a figure with their own sums; those with most of the sums of `order` first.

    `by` and `key` name one group of `groups`.
    """
    source, values = of_cameras(session, of)
    wanted = [name for name in order if name in SUMMED]
    ordered = f"{' + '.join(wanted)} DESC, code" if wanted else "code"
    where = f"WHERE coalesce({GROUPS[by][0]}, '') = :key" if by else ""
    given = values | {"key": key, "limit": limit, "offset": offset}
    rows = session.execute(text(_LISTED.format(source, where, ordered)), given)
    return [dict(row) for row in rows.mappings()]


def daily(session: Session, of: Month, *, next_month: date) -> list[Row]:
    """Return the seconds of each day of a month inside the scope: good, bad, blocked, offline, unchecked."""
    rows = session.execute(
        text("SELECT * FROM health_daily(:since, :until, CAST(:within AS ltree))"),
        {"since": of.month, "until": next_month, "within": of.path},
    )
    return [dict(row) for row in rows.mappings()]


def outages(session: Session, of: Month, *, since: datetime, until: datetime) -> list[Row]:
    """Return the outages of [since, until) by cause: how many, cameras lost, and seconds lost of all cameras."""
    return [dict(row) for row in session.execute(query("outages_by_cause"), _within(of, since, until)).mappings()]


def worst_links(session: Session, of: Month, *, since: datetime, until: datetime, at_most: int = 10) -> list[Row]:
    """Return what outages of [since, until) were laid to, most seconds lost first."""
    given = _within(of, since, until) | {"at_most": at_most}
    return [dict(row) for row in session.execute(query("worst_links"), given).mappings()]


def place(session: Session, code: str) -> Row:
    """Return id, code, name and path of an area inside the scope; Missing if there is none.

    For '' it is the one area that was granted, or everything there is to see, of path ''.
    """
    known = (
        "SELECT a.id, a.code, v.name, a.path::text AS path FROM areas a"
        " JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during) WHERE a.path <> '' AND "
    )
    which = "a.code = :code" if code else "ARRAY[a.path] = (SELECT scope_paths())"
    row = session.execute(text(known + which), {"code": code}).mappings().one_or_none()
    if row is None and code:
        raise Missing("There is no such area, or it lies outside the areas granted to you.")
    return dict(row) if row else {"id": None, "code": "", "name": "", "path": EVERYTHING}


def changed_basis(session: Session) -> list[Row]:
    """Return measure, weight, denominator and target of the rates an administrator changed."""
    return [
        dict(row) for row in session.execute(text('SELECT measure, weight, "of", target FROM rate_basis')).mappings()
    ]


def change_basis(session: Session, measure: str, *, weight: int, of: str, target: float | None) -> None:
    """Change how a rate counts, for the whole installation. Raises Refusal."""
    if not 0 <= weight <= 100 or (target is not None and not 0 <= target <= 100):
        raise Refusal("Weights and targets lie from 0 to 100.", field="weight")
    session.execute(
        text(
            'INSERT INTO rate_basis (measure, weight, "of", target) VALUES (:measure, :weight, :of, :target)'
            ' ON CONFLICT (measure) DO UPDATE SET weight = excluded.weight, "of" = excluded.of,'
            " target = excluded.target, changed_at = now()"
        ),
        {"measure": measure, "weight": weight, "of": of, "target": target},
    )


def _within(of: Month, since: datetime, until: datetime) -> dict[str, Any]:
    return {"since": since, "until": until, "within": of.path}


def of_cameras(session: Session, of: Month, *, mark: str = "") -> tuple[str, dict[str, Any]]:
    """Return the SQL of one row a camera, and its values; `mark` ends their names where two stand in one statement."""
    if of.report_id is not None:
        statement, values = _SUBMITTED, {"report": of.report_id, "within": of.path}
    else:
        missing = completeness.missing(completeness.rules(session))
        statement = query("month_cameras").text.replace("/*missing*/", missing)
        values = {"month": of.month, "until": of.until, "within": of.path}
    marked = re.sub(rf"(?<!:):({'|'.join(values)})\b", rf":\1{mark}", statement)
    return marked, {f"{name}{mark}": value for name, value in values.items()}


def stretches(session: Session, of: Month, *, since: datetime, until: datetime, at_most: int) -> list[Row]:
    """Return the stretches of health of [since, until) with their seconds in it, by code and time.

    Nothing is left out of them: maintenance and time not in use are taken off when days are counted.
    """
    given = _within(of, since, until) | {"at_most": at_most}
    return [dict(row) for row in session.execute(query("stretches_within"), given).mappings()]
