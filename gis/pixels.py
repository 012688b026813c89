"""What a picture is good for at a distance: pixel-density classes, as a table that a caller may exchange.

The densities are those of IEC 62676-4:2015, pixels to a metre across the direction of sight. A denser class is a
shorter reach of the same sweep, so what is seen in a denser class is seen in every coarser one too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from data.types import Pose
from gis.coverage import View, reach_m, view
from gis.obstacles import Obstacles


class DensityClass(StrEnum):
    """What can be told from a picture, the least first."""

    DETECT = "detect"  # that somebody or something is there
    OBSERVE = "observe"  # what is going on
    RECOGNISE = "recognise"  # whether it is one already known
    IDENTIFY = "identify"  # which one it is, beyond reasonable doubt


PX_PER_M: Mapping[DensityClass, float] = MappingProxyType(
    {
        DensityClass.DETECT: 25.0,
        DensityClass.OBSERVE: 62.5,
        DensityClass.RECOGNISE: 125.0,
        DensityClass.IDENTIFY: 250.0,
    }
)


def reaches_m(pose: Pose, *, table: Mapping[DensityClass, float] = PX_PER_M) -> dict[DensityClass, float]:
    """Return how far a camera sees in every class, in metres; its stated reach holds where that is smaller."""
    return {name: reach_m(pose, px_per_m=density) for name, density in table.items()}


def px_per_m_at(pose: Pose, distance_m: float) -> float | None:
    """Return the pixel density at a distance above 0, or None when the camera's resolution is unknown."""
    if pose.width_px is None:
        return None
    return reach_m(replace(pose, reach_m=None), px_per_m=1.0) / distance_m


def class_of(px_per_m: float, *, table: Mapping[DensityClass, float] = PX_PER_M) -> DensityClass | None:
    """Return the densest class that a density reaches, or None when it is too low for any."""
    reached = [name for name, density in table.items() if px_per_m >= density]
    return max(reached, key=lambda name: table[name], default=None)


def views_by_class(
    pose: Pose, obstacles: Obstacles, *, table: Mapping[DensityClass, float] = PX_PER_M
) -> dict[DensityClass, View]:
    """Return what a camera sees in every class, in the CRS of the obstacles; each lies within the coarser ones."""
    return {name: view(pose, obstacles, px_per_m=density) for name, density in table.items()}


def densest_first(table: Mapping[DensityClass, float] = PX_PER_M) -> Sequence[DensityClass]:
    """Return the classes of a table from the densest to the coarsest."""
    return sorted(table, key=lambda name: -table[name])
