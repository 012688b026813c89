"""The audit trail: rows are written, read and filtered, never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, text
from sqlalchemy.orm import Session

from data.tables import Audit


def write(
    session: Session, *, action: str, account_id: int | None, subject: str, detail: dict[str, Any], address: str
) -> None:
    """Add a row; the kind is the part of the action before the dot."""
    # Inline: whoever may add a row need not be allowed to read it back, not even its number.
    session.execute(
        insert(Audit)
        .inline()
        .values(
            action=action,
            kind=action.partition(".")[0],
            account_id=account_id,
            subject=subject,
            detail=detail,
            address=address,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of the trail are asked for; None does not narrow. `since` inclusive, `until` exclusive."""

    login: str | None = None
    kind: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_MATCHING = """
FROM audit t LEFT JOIN accounts a ON a.id = t.account_id
WHERE (CAST(:login AS text) IS NULL OR a.login = :login) AND (CAST(:kind AS text) IS NULL OR t.kind = :kind)
  AND (CAST(:subject AS text) IS NULL OR t.subject = :subject)
  AND (CAST(:since AS timestamptz) IS NULL OR t.at >= :since)
  AND (CAST(:until AS timestamptz) IS NULL OR t.at < :until)
"""


def rows(session: Session, wanted: Wanted, *, limit: int, offset: int = 0) -> Sequence[RowMapping]:
    """Return rows that match, newest first: id, at, login, title, action, kind, subject, detail, address."""
    statement = (
        "SELECT t.id, t.at, a.login, a.title, t.action, t.kind, t.subject, t.detail, t.address"
        f" {_MATCHING} ORDER BY t.at DESC, t.id DESC LIMIT :limit OFFSET :offset"
    )
    values = asdict(wanted) | {"limit": limit, "offset": offset}
    return session.execute(text(statement), values).mappings().all()


def count(session: Session, wanted: Wanted) -> int:
    """Return how many rows match."""
    return int(session.execute(text(f"SELECT count(*) {_MATCHING}"), asdict(wanted)).scalar_one())


def kinds(session: Session) -> list[str]:
    """Return the kinds of things acted on so far."""
    return list(session.execute(text("SELECT DISTINCT kind FROM audit ORDER BY kind")).scalars())
