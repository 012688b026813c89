"""Lists of superiors (通报): what we know of each device at that time, and the lists as they were compared."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing
from data.sql import query

Row = Mapping[str, Any]


def cameras(session: Session, codes: Sequence[str], names: Sequence[str]) -> tuple[dict[str, Row], dict[str, Row]]:
    """Return the cameras of these codes, and of these names where only one bears it, inside the scope."""
    rows = session.execute(
        text(
            "SELECT id, code, name, record_state, path::text AS path, count(*) OVER (PARTITION BY name) AS bearing"
            " FROM cameras WHERE code = ANY (:codes) OR name = ANY (:names)"
        ),
        {"codes": list(codes), "names": list(names)},
    )
    found = [dict(row) for row in rows.mappings()]
    return {row["code"]: row for row in found}, {row["name"]: row for row in found if row["bearing"] == 1}


def evidence(session: Session, asked: Iterable[tuple[int, int, datetime, datetime]]) -> dict[int, Row]:
    """Return by number what is known of a camera within a time; each asked as (number, camera, since, until).

    `stretches` with since, until, health, fault and layer, `valid_until` of its last word, the last `looks` of that
    time with their faults, and the picture nearest to its middle, if one was taken within it.
    """
    wanted = [
        {"number": number, "camera": camera, "since": since.isoformat(), "until": until.isoformat()}
        for number, camera, since, until in asked
    ]
    rows = session.execute(query("claim_evidence"), {"rows": json.dumps(wanted)}).mappings()
    return {row["number"]: dict(row) for row in rows}


def keep(
    session: Session,
    claims: Sequence[Mapping[str, Any]],
    *,
    file_name: str,
    path: str,
    at: datetime,
    account_id: int | None,
) -> int:
    """Keep a list as compared, and return its number; `path` is where rows lie whose camera is not known."""
    number: int = session.execute(
        text(
            "INSERT INTO claim_lists (at, account_id, file_name, path)"
            " VALUES (:at, :account, :name, CAST(:path AS ltree)) RETURNING id"
        ),
        {"at": at, "account": account_id, "name": file_name, "path": path},
    ).scalar_one()
    given = [{**one, "path": one["path"] if one["path"] is not None else path} for one in claims]
    session.execute(query("keep_claims"), {"list": number, "rows": json.dumps(given, default=str)})
    return number


def lists(session: Session, *, at_most: int = 50) -> list[Row]:
    """Return the last lists, the newest first, with how many rows have which finding."""
    rows = session.execute(
        text(
            "SELECT l.id, l.at, l.file_name, count(c.row) AS rows,"
            " count(*) FILTER (WHERE c.finding = 'agrees') AS agrees,"
            " count(*) FILTER (WHERE c.finding = 'disputed') AS disputed,"
            " count(*) FILTER (WHERE c.finding = 'no_evidence') AS no_evidence,"
            " count(*) FILTER (WHERE c.finding = 'unreadable') AS unreadable"
            " FROM claim_lists l LEFT JOIN claims c ON c.list_id = l.id GROUP BY l.id ORDER BY l.id DESC LIMIT :most"
        ),
        {"most": at_most},
    )
    return [dict(row) for row in rows.mappings()]


def find(session: Session, number: int) -> tuple[Row, list[Row]]:
    """Return a list and its rows in the order of the file. Raises Missing."""
    head = (
        session.execute(text("SELECT id, at, file_name FROM claim_lists WHERE id = :id"), {"id": number})
        .mappings()
        .one_or_none()
    )
    if head is None:
        raise Missing("There is no such list, or it lies outside the areas granted to you.")
    rows = session.execute(
        text(
            "SELECT row, code, name, since, until, claimed, camera_id, finding, evidence FROM claims"
            " WHERE list_id = :id ORDER BY row"
        ),
        {"id": number},
    )
    return dict(head), [dict(row) for row in rows.mappings()]
