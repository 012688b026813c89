"""How much of an area is seen by views that overlap: once, by two at once, at least and at most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.outline import Surface, valid
from gis.seen import Seen, corners_of
from gis.surfaces import array_of


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
    seen, low, high = (_seen(area, some) for some in (views, lowest, highest))
    # What is seen lies between the two, but for the rounding of three arrangements.
    return AreaShare(
        area_m2=area.area,
        seen_m2=seen.m2,
        low_m2=min(low.m2, seen.m2),
        high_m2=max(high.m2, seen.m2),
        seen_by_2_m2=seen.by_2_m2,
    )


def _seen(area: Surface, views: Sequence[Surface]) -> Seen:
    near = [valid(one) for one in views if not one.is_empty and shapely.box(*one.bounds).intersects(area)]
    return Seen.of(area, corners_of(array_of(near)), np.arange(len(near)))
