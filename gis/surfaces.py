"""Arrays of shapes."""

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.outline import solid

Shapes: TypeAlias = NDArray[np.object_]
Rows: TypeAlias = NDArray[np.intp]

_SURFACES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def array_of(shapes: list[shapely.Geometry]) -> Shapes:
    """Return shapes as an array, also where there are none."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def surfaces(shapes: Shapes) -> Shapes:
    """Return only the surfaces of shapes: points and lines where they merely touch have no area."""
    odd = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _SURFACES))
    if len(odd):
        shapes[odd] = array_of([solid(one) for one in shapes[odd]])
    return shapes
