"""Map services of the intranet that an administrator entered."""

import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Refusal, Taken

# Where the tiles of a service may lie.
CRS = ("wgs84", "cgcs2000", "gcj02", "bd09")


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


def keep(session: Session, kept: Service) -> None:
    """Write a map service, a new one when its id is 0; the one that is active makes the others inactive.

    Raises Refusal for an address without {z}, {x}, {y}, Taken for a name in use.
    """
    _check(kept)
    values = asdict(kept)
    if session.execute(text("SELECT 1 FROM base_maps WHERE name = :name AND id <> :id"), values).one_or_none():
        raise Taken("A map of this name is there already.", field="name")
    if kept.active:
        session.execute(text("UPDATE base_maps SET active = false WHERE id <> :id"), values)
    session.execute(text(_ADD if kept.id == 0 else _CHANGE), values)


def remove(session: Session, service_id: int) -> None:
    """Forget a map service."""
    session.execute(text("DELETE FROM base_maps WHERE id = :id"), {"id": service_id})


_ADD = (
    "INSERT INTO base_maps (name, url_template, crs, attribution, active)"
    " VALUES (:name, :url_template, :crs, :attribution, :active)"
)
_CHANGE = (
    "UPDATE base_maps SET name = :name, url_template = :url_template, crs = :crs, attribution = :attribution,"
    " active = :active WHERE id = :id"
)


def _check(kept: Service) -> None:
    address = urlsplit(kept.url_template)
    if address.scheme not in {"http", "https"} or not address.hostname or address.username:
        raise Refusal("The address begins with http:// or https:// and a host, without a password.", field="url")
    if not all(place in kept.url_template for place in ("{z}", "{x}")) or not re.search(r"\{-?y\}", kept.url_template):
        raise Refusal("The address must hold {z}, {x} and {y} where tile numbers go.", field="url")
    if kept.crs not in CRS:
        raise Refusal("Choose the coordinate system the map is drawn in.", field="crs")
