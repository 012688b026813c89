"""Vector tiles: which layers there are, what a tile depends on, and its bytes. Scoped inside the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import text
from sqlalchemy.orm import Session

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
_PATIENCE_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A Mapbox vector tile; `truncated` when it held more than is drawn."""

    body: bytes
    truncated: bool


def is_place(z: int, x: int, y: int) -> bool:
    """Say whether there is a tile with this address."""
    return 0 <= z <= DEEPEST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def counts_health(layer: str, z: int) -> bool:
    """Say whether a tile counts health, whose words expire without anybody writing so."""
    return layer == "cameras" and z < SINGLES_FROM


def stamp(session: Session, layer: str, *, z: int = DEEPEST_ZOOM) -> str:
    """Return what changes when this session would see other tiles of a layer: its scope or the layer's version."""
    depends = [*LAYERS[layer], *_ALSO_DEPENDS.get(layer, ()), *(("health",) if counts_health(layer, z) else ())]
    return str(session.execute(text("SELECT tile_stamp(:layers)"), {"layers": depends}).scalar_one())


def tile(session: Session, layer: str, *, z: int, x: int, y: int) -> Tile:
    """Return the tile of `layer` at z/x/y of the Web Mercator grid. One that takes longer than 5 s is given up."""
    session.execute(text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": str(_PATIENCE_MS)})
    parts = [_part(session, name, z=z, x=x, y=y) for name in LAYERS[layer]]
    return Tile(body=b"".join(part.body for part in parts), truncated=any(part.truncated for part in parts))


def _part(session: Session, name: str, *, z: int, x: int, y: int) -> Tile:
    row = session.execute(
        text(f"SELECT tile, truncated FROM tile_{name}(:z, :x, :y)"),  # noqa: S608  names come from LAYERS
        {"z": z, "x": x, "y": y},
    ).one()
    return Tile(body=bytes(row.tile or b""), truncated=bool(row.truncated))
