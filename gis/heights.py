"""Sight over roofs: what a building lower than the camera hides of flat ground, exactly.

A roof at height hb stops the line from an eye at height hc to every ground point up to hc / (hc − hb) times as far
away. So a building hides its own footprint and a shadow behind it: all that its footprint sweeps over while it grows
about the eye by that factor. Its far edge is the outline of the footprint grown so.

Taken as given: the ground is flat, roofs are flat, and heights count from that ground. A building as high as the
camera or higher hides completely, and so does one whose height is unknown. The roofs themselves are not ground.
"""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.obstacles import Obstacles
from gis.outline import Surface, solid, valid
from gis.sweep import Floats

STOREY_M = 3.0
_TOUCH_M = 0.01


def heights_of(height_m: ArrayLike, levels: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Return heights in metres, storeys × 3 m where only those are known, and which ones are guessed so.

    NaN is unknown, and so is what is not above 0: registers write 0 for what was never measured.
    """
    measured, storeys = _positive(height_m), _positive(levels)
    guessed = np.isnan(measured) & ~np.isnan(storeys)
    return np.where(guessed, storeys * STOREY_M, measured), guessed


def shadows(footprints: NDArray[np.object_], heights_m: Floats, *, eye: Floats, eye_height_m: float) -> Surface:
    """Return what lower buildings hide together, their footprints included; all in one CRS of metres.

    `footprints` are polygons with the solid on the left of every ring, as those of Obstacles are.
    """
    return _placed(_union(_swept(footprints, heights_m, eye=eye, eye_height_m=eye_height_m)), eye)


def over_roofs(seen: Surface, obstacles: Obstacles, *, eye: Floats, eye_height_m: float) -> Surface:
    """Return what of `seen` is left behind the lower buildings around an eye; `seen` itself when that is all of it.

    `seen` is what the higher ones and those of unknown height leave, in the CRS of the obstacles.
    """
    if seen.is_empty:
        return seen
    # A building in the near blind zone is not in what is seen, and hides beyond it all the same.
    rows = obstacles.around(shapely.union(shapely.Point(eye), shapely.box(*seen.bounds)))
    rows = rows[obstacles.is_lower(rows, eye_height_m)]
    if not len(rows):
        return seen
    near = shapely.transform(seen, lambda points: points - eye)
    hidden = _swept(obstacles.footprints[rows], obstacles.heights_m[rows], eye=eye, eye_height_m=eye_height_m)
    hidden = hidden[shapely.intersects(hidden, near)]
    if not len(hidden):
        return seen
    # Rounding on the way back to large coordinates may fold a hair between two shadows.
    return valid(_placed(solid(shapely.difference(valid(near), _union(hidden))), eye))


def ignores_heights(seen: Surface, obstacles: Obstacles, *, eye_height_m: float | None) -> bool:
    """Say whether a view that buildings cut would be larger if more were known: of the eye, or of what bounds it."""
    if eye_height_m is None or seen.is_empty:
        return True
    bounding = obstacles.tree.query(seen, predicate="dwithin", distance=_TOUCH_M)
    return bool(np.isnan(obstacles.heights_m[bounding]).any())


def _swept(
    footprints: NDArray[np.object_], heights_m: Floats, *, eye: Floats, eye_height_m: float
) -> NDArray[np.object_]:
    """Return polygons around the eye that together cover all that is hidden: see the head of the file.

    What neither the footprint nor the grown one covers lies behind an edge that faces the eye, in the stripe it
    sweeps over; a stripe shares its corners with both to the last bit.
    """
    near = shapely.transform(footprints, lambda points: points - eye)
    points, ring, owner = _rings(near)
    growth = (eye_height_m / (eye_height_m - heights_m))[owner, None]
    grown = shapely.set_coordinates(near.copy(), points * growth)
    same = ring[1:] == ring[:-1]
    here, there = points[:-1][same], points[1:][same]
    faces = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0] < 0
    here, there, factor = here[faces], there[faces], growth[:-1][same][faces]
    stripes = shapely.polygons(np.stack([here, there, there * factor, here * factor], axis=1))
    return np.concatenate([near, grown, stripes])


def _rings(polygons: NDArray[np.object_]) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Return the coordinates of polygons in order, and the ring and the polygon that each belongs to."""
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return points, ring, of_polygon[ring]


def _union(parts: NDArray[np.object_]) -> Surface:
    return solid(shapely.union_all(parts))


def _placed(surface: Surface, eye: Floats) -> Surface:
    placed: Surface = shapely.transform(surface, lambda points: points + eye)
    return placed


def _positive(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)
