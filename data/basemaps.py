"""Map services of the intranet that an administrator entered."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A map service: where its tiles are fetched, and the CRS they are drawn in."""

    id: int
    name: str
    url_template: str
    crs: str
    attribution: str
    active: bool


def services(session: Session) -> list[Service]:
    """Return every map service, the active one first."""
    rows = session.execute(
        text("SELECT id, name, url_template, crs, attribution, active FROM base_maps ORDER BY active DESC, name")
    )
    return [Service(**row) for row in rows.mappings()]


def service(session: Session, service_id: int) -> Service | None:
    """Return one map service, or None."""
    return next((one for one in services(session) if one.id == service_id), None)
