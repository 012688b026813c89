"""What matters in a cell beside its square metres, and how much of it is seen: roads, crossings, buildings, places.

- Roads: metres inside the cell; where two records run along the same line it counts once.
- Crossings: where at least three ways meet. Lines that cross count as meeting, so a bridge over a road counts too.
- Buildings: those whose middle lies in the cell. One is seen when some stretch of a wall of it is seen, other than its
  very corners: every corner that hides something is touched by the sight that ends there.
- Places and incidents: points in the cell. One that lies in a building is seen with a wall of that building.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.outline import Surface
from gis.stands import WALL_M
from gis.surfaces import Rows, Shapes, array_of

# Ends of ways this close together are one crossing.
_SAME_CROSSING_M = 0.5
# How much of a wall counts as its corner, at either end.
_CORNER_SHARE = 0.05


class Matter(StrEnum):
    """What may be counted of a cell."""

    ROADS = "roads"  # metres
    CROSSINGS = "crossings"
    BUILDINGS = "buildings"
    PLACES = "places"
    INCIDENTS = "incidents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """What matters in one cell, as shapes to be seen: one line for all roads, a point or walls for everything else."""

    roads: shapely.Geometry = field(default_factory=shapely.LineString)
    targets: Mapping[Matter, Shapes] = field(default_factory=dict)

    @classmethod
    def within(
        cls,
        cell: Surface,
        buildings: Shapes,
        *,
        roads: Iterable[shapely.Geometry] = (),
        places: Iterable[shapely.Geometry] = (),
        incidents: Iterable[shapely.Geometry] = (),
    ) -> "Matters":
        """Return what matters in a cell; `places` and `incidents` are points of that cell, and keep their order.

        All in the metric CRS of the cell; `buildings` are those that meet it, `roads` may reach beyond.
        """
        ways = shapely.union_all(array_of(list(roads)))
        walls = _walls(buildings)
        inside = shapely.contains(cell, shapely.point_on_surface(buildings)) if len(buildings) else np.empty(0, bool)
        tree = shapely.STRtree(buildings)
        return cls(
            roads=shapely.intersection(ways, cell),
            targets={
                Matter.CROSSINGS: _crossings(ways, cell),
                Matter.BUILDINGS: walls[inside],
                Matter.PLACES: _targets(array_of(list(places)), tree, walls),
                Matter.INCIDENTS: _targets(array_of(list(incidents)), tree, walls),
            },
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there that could be seen."""
        return self.roads.is_empty and not any(len(one) for one in self.targets.values())

    def total(self, matter: Matter) -> float:
        """Return how many there are, or how many metres of roads."""
        return float(self.roads.length) if matter is Matter.ROADS else float(len(self.targets.get(matter, ())))

    def seen(self, matter: Matter, ground: Surface) -> float:
        """Return how many of them are seen from the cameras that see `ground`, or how many metres of roads."""
        if matter is Matter.ROADS:
            return float(shapely.intersection(self.roads, ground).length) if not self.roads.is_empty else 0.0
        return float(self.which(matter, ground).sum())

    def which(self, matter: Matter, ground: Surface) -> NDArray[np.bool_]:
        """Return which of the targets are seen."""
        return np.asarray(shapely.dwithin(ground, self.targets.get(matter, array_of([])), WALL_M), dtype=bool)


def _crossings(ways: shapely.Geometry, cell: Surface) -> Shapes:
    """Return the points in a cell where at least three stretches of the noded ways end."""
    parts = shapely.get_parts(ways)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    ends = np.r_[shapely.get_point(parts, 0), shapely.get_point(parts, -1)]
    if len(ends) < 3:
        return array_of([])
    at = np.round(shapely.get_coordinates(ends) / _SAME_CROSSING_M) * _SAME_CROSSING_M
    found, degree = np.unique(at, axis=0, return_counts=True)
    points = shapely.points(found[degree >= 3])
    return np.asarray(points[shapely.intersects(cell, points)], dtype=object)


def _walls(buildings: Shapes) -> Shapes:
    """Return the walls of each building without their corners, as one multi-line each."""
    if not len(buildings):
        return array_of([])
    points, ring = shapely.get_coordinates(shapely.get_exterior_ring(buildings), return_index=True)
    begins = np.flatnonzero(ring[1:] == ring[:-1])
    since, until = points[begins], points[begins + 1]
    inset = (until - since) * _CORNER_SHARE
    lines = shapely.linestrings(np.stack([since + inset, until - inset], axis=1))
    return np.asarray(shapely.multilinestrings(lines, indices=ring[begins]), dtype=object)


def _targets(points: Shapes, tree: shapely.STRtree, walls: Shapes) -> Shapes:
    """Return each point, or the walls of the building it lies in."""
    if not len(points) or not len(walls):
        return points
    rows: tuple[Rows, Rows] = tuple(tree.query(points, predicate="within"))
    made = points.copy()
    made[rows[0]] = walls[rows[1]]
    return made
