"""What was last said of a camera's picture, check by check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The last picture of a camera with its checks, {fault: {state, score, reason}}, and its measures."""

    picture_id: int
    at: datetime
    checks: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, float]


def last(session: Session, camera_id: int) -> Diagnosis | None:
    """Return what was said of the last picture of a camera inside the scope; None when there is no picture."""
    row = session.execute(
        text("SELECT id, at, checks, measures FROM snapshots WHERE camera_id = :id ORDER BY at DESC LIMIT 1"),
        {"id": camera_id},
    ).one_or_none()
    if row is None:
        return None
    return Diagnosis(picture_id=row.id, at=row.at, checks=row.checks, measures=row.measures)
