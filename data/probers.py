"""How the probers stand: when each was last heard of, and whether it is cut off from its network."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data import events


def hear(session: Session, probe_site: str, *, now: datetime, cut_off_since: datetime | None, reason: str = "") -> None:
    """Write how the prober of a site stands; open pages are told when that changed."""
    before = session.execute(
        text("SELECT cut_off_since FROM probers WHERE probe_site = :site FOR UPDATE"), {"site": probe_site}
    ).scalar_one_or_none()
    session.execute(
        text(
            "INSERT INTO probers (probe_site, heard_at, cut_off_since, reason) VALUES (:site, :now, :since, :reason)"
            " ON CONFLICT (probe_site) DO UPDATE SET heard_at = excluded.heard_at,"
            " cut_off_since = excluded.cut_off_since, reason = excluded.reason"
        ),
        {"site": probe_site, "now": now, "since": cut_off_since, "reason": reason},
    )
    if (before is None) != (cut_off_since is None):
        events.announce(session, "outage", path="", body={"site": probe_site, "open": cut_off_since is not None})


def cut_off(session: Session) -> Sequence[RowMapping]:
    """Return the probers that are cut off from their network, longest first."""
    return (
        session.execute(
            text("SELECT probe_site, cut_off_since, reason FROM probers WHERE cut_off_since IS NOT NULL ORDER BY 2")
        )
        .mappings()
        .all()
    )
