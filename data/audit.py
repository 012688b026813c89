"""The audit trail: rows are written, read and filtered, never changed."""

from typing import Any

from sqlalchemy import insert
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
