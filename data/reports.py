"""Months as submitted: each version is written once and never changed, with every camera it was made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data import rates
from data.errors import Missing
from data.rates import OF_CAMERA, SUMMED, Month, Row

_FOUND = (
    "SELECT r.id, r.month, r.area_code, r.area_name, r.version, r.submitted_at, r.reason, r.counted_until, r.basis,"
    " r.body, r.path::text AS path, (SELECT coalesce(nullif(a.title, ''), a.login)"
    " FROM accounts a WHERE a.id = r.account_id) AS by FROM reports r"
    " WHERE month = :month AND area_code = :area ORDER BY version DESC"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A submitted month. `basis` says how its rates count, `body` keeps its days and outages, `by` which account."""

    id: int
    month: date
    area_code: str
    area_name: str
    version: int
    submitted_at: datetime
    reason: str
    counted_until: datetime
    basis: Mapping[str, Any]
    body: Mapping[str, Any]
    path: str
    by: str | None


def submit(
    session: Session,
    of: Month,
    *,
    area: Row,
    at: datetime,
    account_id: int | None,
    reason: str,
    basis: Mapping[str, Any],
    body: Mapping[str, Any],
) -> int:
    """Freeze a month as it is counted now and return the number of the report; a further one is the next version."""
    given = {
        "month": of.month, "area": area["code"], "name": area["name"], "at": at, "account": account_id,
        "reason": reason, "until": of.until, "basis": json.dumps(basis), "body": json.dumps(body), "path": of.path,
    }  # fmt: skip
    report: int = session.execute(
        text(
            "INSERT INTO reports (month, area_code, area_name, version, submitted_at, account_id, reason,"
            " counted_until, basis, body, path) SELECT :month, :area, :name, coalesce(max(version), 0) + 1, :at,"
            " :account, :reason, :until, CAST(:basis AS jsonb), CAST(:body AS jsonb), CAST(:path AS ltree)"
            " FROM reports WHERE month = :month AND area_code = :area RETURNING id"
        ),
        given,
    ).scalar_one()
    source, values = rates.of_cameras(session, of)
    columns = ", ".join((*OF_CAMERA, *SUMMED, "path"))
    keep = f"INSERT INTO report_cameras (report_id, {columns}) SELECT :report, {columns} FROM ({source}) counted"  # noqa: S608
    session.execute(text(keep), values | {"report": report})
    return report


def versions(session: Session, month: date, area_code: str) -> list[Report]:
    """Return the submitted versions of a month, the newest first."""
    rows = session.execute(
        text(_FOUND),
        {"month": month, "area": area_code},
    )
    return [_report(row) for row in rows.mappings()]


def find(session: Session, month: date, area_code: str, version: int) -> Report:
    """Return one version. Raises Missing."""
    found = [one for one in versions(session, month, area_code) if one.version == version]
    if not found:
        raise Missing("There is no such version of this month, or it lies outside the areas granted to you.")
    return found[0]


def differences(session: Session, former: Month, later: Month, *, at_most: int = 200) -> tuple[int, list[Row]]:
    """Return how many cameras differ between two countings of a month, and the first of them by code.

    Each has code and name, and `changed`: column → [before, after]; a camera that is in one only has None there.
    """
    one, values = rates.of_cameras(session, former)
    other, others = rates.of_cameras(session, later, mark="_later")
    given = values | others | {"most": at_most, "columns": [*_STANDING, *SUMMED]}
    found = [dict(row) for row in session.execute(text(_DIFFERENCES.format(one, other)), given).mappings()]
    return (int(found[0]["in_all"]) if found else 0), list(found)


_STANDING = ("record_state", "town", "village", "cell", "monitor_class", "vendor", "maintainer", "link")
_DIFFERENCES = """
    WITH former AS ({}), later AS ({}), differing AS (
        SELECT coalesce(f.code, l.code) AS code, coalesce(l.name, f.name) AS name, c.changed
        FROM former f FULL JOIN later l ON l.camera_id = f.camera_id
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(k, jsonb_build_array(to_jsonb(f) -> k, to_jsonb(l) -> k)) AS changed
            FROM unnest(CAST(:columns AS text[])) k
            WHERE to_jsonb(f) -> k IS DISTINCT FROM to_jsonb(l) -> k) c
        WHERE ROW(f.*)::text IS DISTINCT FROM ROW(l.*)::text AND c.changed IS NOT NULL)
    SELECT code, name, changed, count(*) OVER () AS in_all FROM differing ORDER BY code LIMIT :most
"""


def _report(row: RowMapping) -> Report:
    return Report(**row)
