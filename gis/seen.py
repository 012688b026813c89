"""What a set of views sees of one ground, and what it does not: areas first, shapes where somebody asks for them.

Ground that many views share counts once. What lies closer together than a millionth of a metre, on ground of 500 m, may
be taken as touching, and as much more as ground is wider (gis/arrangement.py); nothing else is approximate.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon

from gis.arrangement import MOST_BITS, Corners, Floats, Rows
from gis.depths import NOW, NOW_M2, SEEN, SEEN_M2, TWICE_M2, UNSEEN, UNSEEN_NOW, Pieces, depths
from gis.faces import faces
from gis.outline import Surface, solid
from gis.surfaces import Shapes, array_of

Flags = NDArray[np.bool_]

# Where rounding leaves an outline open, coarser rounding joins what lies close together.
COARSER_BITS = (26, 23, 20)


def corners_of(shapes: Shapes) -> Corners:
    """Return the rings of valid surfaces with the inside on their left."""
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    parts, shape_of = parts[~shapely.is_empty(parts)], shape_of[~shapely.is_empty(parts)]
    rings, part_of = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    return Corners(
        points,
        np.searchsorted(ring_of, np.arange(len(rings) + 1)),
        np.searchsorted(shape_of[part_of], np.arange(len(shapes) + 1)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What views see of a ground: at all, now, by two at least; of each view what it sees of it, and sees alone."""

    m2: float
    now_m2: float
    by_2_m2: float
    own_m2: Floats
    alone_m2: Floats
    _given: tuple[Corners, Corners, Rows, Flags] | None
    _pieces: Pieces | None

    @classmethod
    def of(cls, ground: Surface, views: Corners, rows: Rows, *, works: Flags | None = None) -> Self:
        """Return what the views in these rows see of a ground; all work unless told otherwise."""
        if ground.is_empty:
            none = np.zeros(len(rows))
            return cls(m2=0.0, now_m2=0.0, by_2_m2=0.0, own_m2=none, alone_m2=none, _given=None, _pieces=None)
        given = corners_of(array_of([ground])), views, rows, np.ones(len(rows), dtype=bool) if works is None else works
        found = depths(*given, MOST_BITS)
        # What rounding adds is taken off, so that a part is never more than its whole.
        m2 = _within(found.areas[SEEN_M2], ground.area)
        return cls(
            m2=m2,
            now_m2=_within(found.areas[NOW_M2], m2),
            by_2_m2=_within(found.areas[TWICE_M2], m2),
            own_m2=found.own,
            alone_m2=found.alone,
            _given=given,
            _pieces=found.pieces,
        )

    def surface(self) -> MultiPolygon:
        """Return the ground that is seen."""
        return self._faces(SEEN, 0.0)

    def surface_now(self) -> MultiPolygon:
        """Return the ground that is seen by views that work."""
        return self._faces(NOW, 0.0)

    def gaps(self, least_m2: float) -> MultiPolygon:
        """Return the parts of the ground that are not seen and have at least this area."""
        return self._faces(UNSEEN, least_m2)

    def gaps_now(self, least_m2: float) -> MultiPolygon:
        """Return the parts of the ground that no view which works sees and that have at least this area."""
        return self._faces(UNSEEN_NOW, least_m2)

    def _faces(self, kind: int, least_m2: float) -> MultiPolygon:
        if self._given is None or self._pieces is None:
            return MultiPolygon()
        found = outlined(self._pieces, kind, least_m2)
        for bits in COARSER_BITS:
            if found is None:
                found = outlined(depths(*self._given, bits).pieces, kind, least_m2)
        if found is None:
            raise ArithmeticError("An outline does not close.")
        return found


def outlined(pieces: Pieces, kind: int, least_m2: float) -> MultiPolygon | None:
    """Return the polygons that pieces bound; None where rounding left an outline open, or tangled beyond mending."""
    points, rings, polygons, total = faces(pieces, kind, least_m2)
    if math.isnan(total):
        return None
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (rings, polygons))
    found = MultiPolygon(list(parts))
    if found.is_valid:
        return found
    mended = _mended(found)
    return None if mended is None else MultiPolygon([part for part in mended.geoms if part.area >= least_m2])


def _mended(shape: MultiPolygon) -> MultiPolygon | None:
    """Return a shape whose parts touch, and so may overlap by the last bit of a corner, as one that is valid.

    One way of the library gives up now and then, and the other loses holes that touch their shell; the area tells.
    """
    best, area_m2 = None, shape.area
    for method in ("structure", "linework"):
        with suppress(GEOSException):
            found = MultiPolygon(list(shapely.get_parts(solid(shapely.make_valid(shape, method=method)))))
            if best is None or abs(found.area - area_m2) < abs(best.area - area_m2):
                best = found
    return best


def _within(area_m2: float, most_m2: float) -> float:
    return min(max(0.0, float(area_m2)), most_m2)
