"""From the stretches of a sweep to a polygon that can be drawn, stored and united.

An arc becomes a polyline that deviates from it by at most ARC_TOLERANCE_M and encloses exactly the area of the
circular sector (gis/rims.py). So the area of the outline is the area of the sweep, to rounding, and shares computed
with polygons are as exact as the areas themselves. Only where a wall enters the near blind zone may the outline be off
by the tolerance along that wall; the area of the sweep is exact there too.
"""

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.rims import ARC_TOLERANCE_M, Rims, rims_of
from gis.sweep import Fan, Sweep, unhindered

__all__ = ["ARC_TOLERANCE_M", "Surface", "outline", "sector", "shapes", "solid", "valid"]

Surface: TypeAlias = Polygon | MultiPolygon


def outline(seen: Sweep) -> Surface:
    """Return the outline of what is seen, in metres around the eye; empty when nothing is."""
    fan = seen.fan
    rims = rims_of(
        np.ascontiguousarray(seen.rows),
        np.array([0, len(seen.since)]),
        np.array([[0.0, 0.0, fan.start]]),
        np.array([[fan.width, fan.reach, fan.near]]),
    )
    return shapes(rims)[0]


def sector(fan: Fan) -> Surface:
    """Return the outline of the fan on open ground."""
    return outline(unhindered(fan))


def shapes(rims: Rims) -> NDArray[np.object_]:
    """Return one valid surface a view."""
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, rims.points, (rims.ends, rims.rings))
    counts = np.diff(rims.parts)
    views = np.full(len(counts), Polygon(), dtype=object)
    views[counts == 1] = parts[rims.parts[:-1][counts == 1]]
    is_fine = (counts <= 1) & shapely.is_valid(views)
    for view in np.flatnonzero(~is_fine):
        own = parts[rims.parts[view] : rims.parts[view + 1]]
        views[view] = solid(shapely.union_all([valid(part) for part in own]))
    return views


def solid(geometry: shapely.Geometry) -> Surface:
    """Return only the surfaces of a geometry: points and lines that touch it have no area."""
    flat = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    flat = [part for part in flat if part.area > 0]
    return flat[0] if len(flat) == 1 else MultiPolygon(flat)


def valid(shape: Surface) -> Surface:
    """Return the shape itself, or its repaired surface: rounding on the way through lng, lat may fold a thin part."""
    return shape if shape.is_valid else solid(shapely.make_valid(shape))
