"""The ground of a plan in metres: obstacles, cells and cameras around a place, and what more cameras would change.

No part of the web framework is known here, so that jobs use it too.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from data import forbidden, plan_ground, settings
from data.forbidden import Forbidden
from data.plan_ground import Box, Buildings, CellGround, Standing
from data.types import Pose
from gis.coords import county_crs
from gis.coverage import View, reach_m, views
from gis.heights import heights_of
from gis.obstacles import Obstacles, to_lnglat, to_metres

METRES_A_DEGREE = 111_000.0
# Cameras that stand farther away than this from a cell are not asked whether they see into it.
LONGEST_REACH_M = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What hides and what stands around a box: obstacles in metres, and the cameras in use."""

    crs: str
    box: Box
    obstacles: Obstacles
    standing: Sequence[Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell in metres of the ground's CRS."""

    code: str
    name: str
    shape: shapely.Geometry


def metric_crs(lng: float, lat: float) -> str:
    """Return the projected CRS that this installation counts in at a place."""
    return settings.get().county_crs or county_crs(lng, lat).to_string()


def grown(box: Box, metres: float) -> Box:
    """Return a box with a margin of at least so many metres."""
    high = metres / METRES_A_DEGREE
    # Towards the poles a metre is more degrees of longitude; a twentieth covers the ellipsoid.
    wide = 1.05 * high / max(0.05, math.cos(math.radians(max(abs(box.south), abs(box.north)))))
    return Box(west=box.west - wide, south=box.south - high, east=box.east + wide, north=box.north + high)


def box_of(places: Iterable[tuple[float, float]]) -> Box:
    """Return the box around places in lng, lat."""
    listed = list(places)
    lngs, lats = [lng for lng, _ in listed], [lat for _, lat in listed]
    return Box(west=min(lngs), south=min(lats), east=max(lngs), north=max(lats))


def ground(session: Session, box: Box, *, margin_m: float = LONGEST_REACH_M) -> Ground:
    """Return the ground around a box: cameras within the margin, and what could hide anything from them."""
    wide = grown(box, margin_m)
    crs = metric_crs((box.west + box.east) / 2, (box.south + box.north) / 2)
    built = plan_ground.buildings(session, grown(wide, margin_m))
    return Ground(
        crs=crs,
        box=box,
        obstacles=obstacles_of(built, crs=crs),
        standing=plan_ground.cameras(session, wide),
    )


def obstacles_of(built: Buildings, *, crs: str) -> Obstacles:
    """Return buildings as obstacles in metres, with their heights where known or told by their levels."""
    heights, _ = heights_of(_numbers(built.heights_m), _numbers(built.levels))
    return Obstacles.of_lnglat(shapely.from_wkb(built.wkb), crs=crs, heights_m=heights)


def bounds(wkb: bytes) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a shape in lng-lat WKB."""
    west, south, east, north = shapely.from_wkb(wkb).bounds
    return west, south, east, north


def as_json(body: dict[str, Any]) -> bytes:
    """Return a body as compact JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def nowhere() -> Ground:
    """Return the ground of a plan without cameras and without an area."""
    box = Box(west=0.0, south=0.0, east=0.0, north=0.0)
    crs = metric_crs(0.0, 0.0)
    return Ground(crs=crs, box=box, obstacles=Obstacles.of([], crs=crs), standing=())


def cells(session: Session, on: Ground, box: Box) -> list[Cell]:
    """Return the cells that touch a box, in metres of the ground."""
    found = plan_ground.cells(session, box)
    shapes = to_metres(array_of(shapely.from_wkb(one.wkb) for one in found), crs=on.crs)
    return [_cell(one, shape) for one, shape in zip(found, shapes, strict=True)]


def see(poses: Sequence[Pose], on: Ground, *, px_per_m: float) -> list[View]:
    """Return what each pose sees on the ground."""
    return views(poses, on.obstacles, px_per_m=px_per_m) if poses else []


def reach_of(poses: Sequence[Pose], *, px_per_m: float) -> float:
    """Return how far the farthest of the poses sees, in metres; 0 for none."""
    return max((reach_m(pose, px_per_m=px_per_m) for pose in poses), default=0.0)


def lnglat(shapes: Sequence[shapely.Geometry], *, crs: str) -> list[shapely.Geometry]:
    """Return shapes in metres as lng, lat."""
    return list(to_lnglat(array_of(shapes), crs=crs)) if len(shapes) else []


def _cell(found: CellGround, shape: shapely.Geometry) -> Cell:
    return Cell(code=found.code, name=found.name, shape=shape)


def array_of(geometries: Iterable[shapely.Geometry]) -> NDArray[np.object_]:
    """Return shapes as an array of one dimension, whatever they are."""
    listed = list(geometries)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _numbers(written: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if one is None else one for one in written], dtype=float)


def forbidden_in(session: Session, box: Box) -> list[Forbidden]:
    """Return all forbidden ground that touches a box: drawn, and discs around places of forbidden kinds."""
    drawn = forbidden.inside(session, box)
    kinds = {row["place_kind"]: row for row in forbidden.kinds(session)}
    places = plan_ground.places(session, box, list(kinds))
    if not places:
        return drawn
    crs = metric_crs(places[0]["lng"], places[0]["lat"])
    points = to_metres(array_of(shapely.Point(one["lng"], one["lat"]) for one in places), crs=crs)
    radii = [kinds[one["kind"]]["radius_m"] for one in places]
    discs = to_lnglat(shapely.buffer(points, radii, quad_segs=8), crs=crs)
    return drawn + [
        Forbidden(name=one["name"], reason=kinds[one["kind"]]["reason"], wkb=shapely.to_wkb(disc))
        for one, disc in zip(places, discs, strict=True)
    ]
