"""Vector tiles: which layers there are, what a tile depends on, and its bytes. Scoped inside the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, LiteralString

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import accounts, db
from data.accounts import SignedIn

# Layer of the address → functions of the database whose tiles it is made of, and the counters it depends on.
# A new layer is a function tile_<name>(z, x, y) and one line here.
LAYERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "base": ("areas", "buildings", "roads", "places"),
        "areas": ("areas",),
        "buildings": ("buildings",),
        "roads": ("roads",),
        "places": ("places",),
        "views": ("views",),
        "gaps": ("gaps",),
        "cameras": ("cameras",),
        "incidents": ("incidents",),
    }
)
# Gaps are drawn inside the outlines of their cells; incidents that are told as a count, at the middle of their cell.
_ALSO_DEPENDS = MappingProxyType({"gaps": ("areas",), "incidents": ("areas",)})
# Points are drawn in groups below this zoom.
SINGLES_FROM = 14
DEEPEST_ZOOM = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A Mapbox vector tile; `truncated` when it held more than is drawn."""

    body: bytes
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, None for nobody, and what the tiles of a layer depend on for them."""

    account: SignedIn | None
    stamp: str


def is_place(z: int, x: int, y: int) -> bool:
    """Say whether there is a tile with this address."""
    return 0 <= z <= DEEPEST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def counts_health(layer: str, z: int) -> bool:
    """Say whether a tile counts health, whose words expire without anybody writing so."""
    return layer == "cameras" and z < SINGLES_FROM


def showing(changed: Iterable[str]) -> set[str]:
    """Return the layers whose tiles depend on any of what `changed`."""
    counters = set(changed)
    return {layer for layer in LAYERS if counters.intersection(_depends(layer, 0))}


def stamp(session: Session, layer: str, *, z: int = DEEPEST_ZOOM) -> str:
    """Return what changes when this session would see other tiles of a layer: its scope or the layer's version."""
    return str(session.execute(text("SELECT tile_stamp(:layers)"), {"layers": _depends(layer, z)}).scalar_one())


def tile(session: Session, layer: str, *, z: int, x: int, y: int) -> Tile:
    """Return the tile of `layer` at z/x/y of the Web Mercator grid, as this session may see it."""
    asked = text("SELECT tile, truncated FROM tile_of(:parts, :z, :x, :y)")
    row = session.execute(asked, {"parts": list(LAYERS[layer]), "z": z, "x": x, "y": y}).mappings().one()
    return _tile(dict(row))


def ask(token: str, layer: str, *, z: int) -> Asked:
    """Return who presents `token`, and the stamp of a layer for them."""
    row = _quickly("SELECT * FROM asks_for_tiles(%s, %s)", token, _depends(layer, z))
    if row is None:
        return Asked(account=None, stamp="")
    stamp = str(row.pop("stamp"))
    return Asked(account=accounts.of_row(dict(row)), stamp=stamp)


def cut(token: str, layer: str, *, z: int, x: int, y: int) -> Tile:
    """Return the same as `tile` for whoever presents `token`; one that takes longer than 5 s is given up."""
    row = _quickly("SELECT * FROM tile_for(%s, %s, %s, %s, %s)", token, list(LAYERS[layer]), z, x, y)
    return _tile(row or {"tile": b"", "truncated": False})


def _depends(layer: str, z: int) -> list[str]:
    return [*LAYERS[layer], *_ALSO_DEPENDS.get(layer, ()), *(("health",) if counts_health(layer, z) else ())]


def _tile(row: Mapping[str, Any]) -> Tile:
    return Tile(body=bytes(row["tile"] or b""), truncated=bool(row["truncated"]))


def _quickly(statement: LiteralString, *given: object) -> dict[str, Any] | None:
    pool = db.quick()
    for again in (True, False):
        with pool.connection() as connection:
            try:
                return connection.execute(statement, given, binary=True).fetchone()
            except psycopg.OperationalError:
                # The database began anew since this connection was last used.
                if not (again and connection.closed):
                    raise
    return None
