"""Which ground surfaces cover, and which at least two of them cover: exact unions by group, never a sum of overlaps.

What is covered twice is the union of what pairs share. Where many share the same ground there are too many pairs;
there neighbours are joined two by two, level by level: what A and B cover once is A ∪ B, and twice what either covers
twice and what both share. All groups go in one call of the geometry library, which lets other threads run meanwhile.
"""

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from gis.outline import solid

Shapes: TypeAlias = NDArray[np.object_]
Rows: TypeAlias = NDArray[np.intp]

NOTHING = Polygon()
# Pairs for each shape from which on joining level by level is faster.
CROWDED = 6
_SURFACES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def overlaps(shapes: Shapes, group: Rows, *, groups: int) -> tuple[Shapes, Shapes]:
    """Return what the shapes of each group cover, and what at least two of them cover; `group` from 0 to groups - 1.

    Shapes are valid polygons or multipolygons of one plane. Each group of the answer is a polygon or a multipolygon.
    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects") if len(shapes) else (group, group)
    pairs = (one < other) & (group[one] == group[other])
    one, other = one[pairs], other[pairs]
    crowded = np.bincount(group[one], minlength=groups) > CROWDED * np.bincount(group, minlength=groups)
    dense = crowded[group]
    once = unions(shapes[~dense], group[~dense], groups=groups)
    one, other = one[~dense[one]], other[~dense[one]]
    shared = surfaces(shapely.intersection(shapes[one], shapes[other]))
    some = ~shapely.is_empty(shared)
    twice = unions(shared[some], group[one][some], groups=groups)
    if dense.any():
        piled = _piled(shapes[dense], group[dense], groups=groups)
        once[crowded], twice[crowded] = piled[0][crowded], piled[1][crowded]
    return once, twice


def _piled(shapes: Shapes, group: Rows, *, groups: int) -> tuple[Shapes, Shapes]:
    """Return the same, level by level."""
    order = np.lexsort((_along_curve(shapes), group))
    once, key = shapes[order], group[order]
    twice = _nothing(len(once))
    while len(left := _pairs(key)):
        right = left + 1
        both = surfaces(shapely.intersection(once[left], once[right]))
        twice[left] = _joined(_joined(twice[left], twice[right]), both)
        once[left] = _joined(once[left], once[right])
        kept = np.ones(len(key), dtype=bool)
        kept[right] = False
        once, twice, key = once[kept], twice[kept], key[kept]
    return _spread(once, key, groups), _spread(twice, key, groups)


def unions(shapes: Shapes, group: Rows, *, groups: int) -> Shapes:
    """Return what the shapes of each group cover; as `overlaps`, without what two of them cover."""
    order = np.argsort(group, kind="stable")
    key, first = np.unique(group[order], return_index=True)
    parts = np.split(shapes[order], first[1:]) if len(key) else []
    united = array_of([part[0] if len(part) == 1 else shapely.disjoint_subset_union_all(part) for part in parts])
    return _spread(surfaces(united), key, groups)


def surfaces(shapes: Shapes) -> Shapes:
    """Return only the surfaces of shapes: points and lines where they merely touch have no area."""
    odd = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _SURFACES))
    if len(odd):
        shapes[odd] = array_of([solid(one) for one in shapes[odd]])
    return shapes


def array_of(shapes: list[shapely.Geometry]) -> Shapes:
    """Return shapes as an array, also where there are none."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def _joined(one: Shapes, other: Shapes) -> Shapes:
    """Return unions; most of what is covered twice is nothing and costs nothing."""
    made = np.where(shapely.is_empty(one), other, one)
    real = np.flatnonzero(~(shapely.is_empty(one) | shapely.is_empty(other)))
    made[real] = surfaces(shapely.union(one[real], other[real]))
    return np.asarray(made, dtype=object)


def _pairs(key: Rows) -> Rows:
    """Return the rows that are joined with the row after them: the first, third, … of each group."""
    if not len(key):
        return np.empty(0, dtype=np.intp)
    rows = np.arange(len(key))
    begins = np.r_[True, key[1:] != key[:-1]]
    rank = rows - np.maximum.accumulate(np.where(begins, rows, 0))
    return np.flatnonzero((rank % 2 == 0) & np.r_[~begins[1:], False])


def _along_curve(shapes: Shapes) -> NDArray[np.int64]:
    """Return the places of shapes along a curve that fills the plane, so that neighbours are joined first."""
    if not len(shapes):
        return np.empty(0, dtype=np.int64)
    box = np.nan_to_num(shapely.bounds(shapes))
    centre = box[:, :2] + box[:, 2:]
    span = max(float(np.ptp(centre, axis=0).max()), 1e-9)
    across, up = ((centre - centre.min(axis=0)) / span * 1023).astype(np.int64).T
    return np.asarray(_apart(across) | _apart(up) << 1, dtype=np.int64)


def _apart(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ten bits with a zero before each."""
    bits = (bits | bits << 8) & 0x00FF00FF
    bits = (bits | bits << 4) & 0x0F0F0F0F
    bits = (bits | bits << 2) & 0x33333333
    return np.asarray((bits | bits << 1) & 0x55555555, dtype=np.int64)


def _spread(shapes: Shapes, key: Rows, groups: int) -> Shapes:
    whole = _nothing(groups)
    whole[key] = shapes
    return whole


def _nothing(count: int) -> Shapes:
    return array_of([NOTHING] * count)
