"""Pieces of areas measured in metres: what is left of an overlay, how wide, how large, where to look. Pure.

Shapes are arrays of shapely objects in EPSG:4326; `crs` names the projected CRS of the county.
"""

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coords import WGS84, convert

Shapes: TypeAlias = NDArray[np.object_]
Places: TypeAlias = NDArray[np.intp]


def polygons(shapes: Shapes) -> tuple[Shapes, Places]:
    """Return the single polygons in shapes, dropping lines and points, and which shape each comes from."""
    parts, origin = shapely.get_parts(shapes, return_index=True)
    # A collection may hold a multipolygon again.
    parts, inner = shapely.get_parts(parts, return_index=True)
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return parts[is_area], origin[inner][is_area]


def holes(union: shapely.Geometry) -> Shapes:
    """Return the holes of a shape as polygons."""
    rings = [ring for part in shapely.get_parts(union) for ring in getattr(part, "interiors", [])]
    found: Shapes = shapely.polygons(np.array(rings, dtype=object))
    return found


def wider(flat: Shapes, limit_m: float) -> NDArray[np.bool_]:
    """Return which shapes (in metres) have room for a disc of diameter `limit_m`: something is left when eroded."""
    left = shapely.buffer(flat, -limit_m / 2.0, quad_segs=2)
    return np.asarray(~shapely.is_empty(left) & (shapely.area(flat) > 0), dtype=np.bool_)


def in_metres(shapes: Shapes, crs: str) -> Shapes:
    """Return shapes in EPSG:4326 in the projected CRS."""
    moved: Shapes = shapely.transform(shapes, lambda x, y: convert(x, y, source=WGS84, target=crs), interleaved=False)
    return moved


def areas_m2(shapes: Shapes, crs: str) -> NDArray[np.float64]:
    """Return the area of each shape in square metres."""
    area: NDArray[np.float64] = shapely.area(in_metres(shapes, crs))
    return area


def size(shape: shapely.Geometry, crs: str) -> tuple[float, float]:
    """Return the area of a shape in m² and its mean width in m, twice the area over the outline."""
    flat = in_metres(np.array([shape]), crs)[0]
    return float(flat.area), float(2.0 * flat.area / flat.length) if flat.length else 0.0


def spot(shape: shapely.Geometry) -> tuple[float, float]:
    """Return a place inside a shape, lng and lat."""
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)
