"""How much of an area is seen by views that overlap: once, by two at once, at least and at most. Exact overlay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.outline import Surface, solid, valid
from gis.overlaps import array_of, overlaps, unions


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaShare:
    """What is seen of an area, in m² of the CRS of its surfaces; overlapping views count once.

    `low_m2` is seen whatever the bearings, `high_m2` for some bearings within their doubt.
    """

    area_m2: float
    seen_m2: float
    low_m2: float
    high_m2: float
    seen_by_2_m2: float

    def share(self, part_m2: float) -> float:
        """Return a part of the area as a share of all of it; 0 of an empty area."""
        return min(1.0, part_m2 / self.area_m2) if self.area_m2 > 0 else 0.0


def area_share(
    area: Surface, views: Sequence[Surface], *, lowest: Sequence[Surface], highest: Sequence[Surface]
) -> AreaShare:
    """Return how much of an area the views see, all in one CRS of metres.

    `lowest` and `highest` hold what each camera sees at least and at most.
    """
    area = valid(area)
    shapely.prepare(area)
    parts = _inside(area, views)
    once, twice = (found[0] for found in overlaps(array_of(parts), np.zeros(len(parts), dtype=np.intp), groups=1))
    low, high = (_united_m2(_inside(area, some)) for some in (lowest, highest))
    # What is seen lies between the two, but for the rounding of three unions.
    return AreaShare(
        area_m2=area.area,
        seen_m2=once.area,
        low_m2=min(low, once.area),
        high_m2=max(high, once.area),
        seen_by_2_m2=twice.area,
    )


def _united_m2(parts: list[Surface]) -> float:
    return float(unions(array_of(parts), np.zeros(len(parts), dtype=np.intp), groups=1)[0].area)


def _inside(area: Surface, surfaces: Sequence[Surface]) -> list[Surface]:
    near = [valid(one) for one in surfaces if not one.is_empty and shapely.intersects(area, one)]
    return [cut for cut in (solid(shapely.intersection(area, one)) for one in near) if not cut.is_empty]
