"""The ground of a cell that is not built on, with what matters there; found once for all sets of views."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from gis.matters import Matters
from gis.obstacles import Obstacles
from gis.outline import Surface, solid, valid
from gis.surfaces import Shapes

THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A cell, its open ground and what matters in it; made once, measured under as many sets of views as needed."""

    cell: Surface
    open: Surface
    has_buildings: bool
    matters: Matters

    @classmethod
    def of(
        cls,
        cell: Surface,
        obstacles: Obstacles,
        *,
        roads: Iterable[shapely.Geometry] = (),
        places: Iterable[shapely.Geometry] = (),
        incidents: Iterable[shapely.Geometry] = (),
    ) -> Self:
        """Return the ground of a cell among obstacles, all in their CRS; points are those of this cell."""
        bare, buildings = cls._bare(cell, obstacles)
        matters = Matters.within(bare.cell, buildings, roads=roads, places=places, incidents=incidents)
        return cls(cell=bare.cell, open=bare.open, has_buildings=bare.has_buildings, matters=matters)

    @classmethod
    def bare(cls, cell: Surface, obstacles: Obstacles) -> Self:
        """Return the ground of a cell among obstacles without what matters: for square metres alone."""
        return cls._bare(cell, obstacles)[0]

    @classmethod
    def _bare(cls, cell: Surface, obstacles: Obstacles) -> tuple[Self, Shapes]:
        cell = valid(cell)
        buildings = obstacles.footprints[np.sort(obstacles.tree.query(cell, predicate="intersects"))]
        ground = cls(cell=cell, open=_open(cell, buildings), has_buildings=len(buildings) > 0, matters=Matters())
        return ground, buildings


def bare_grounds(cells: Sequence[Surface], obstacles: Obstacles, *, threads: int = THREADS) -> list[Ground]:
    """Return the ground of many cells among obstacles, without what matters in them."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda cell: Ground.bare(cell, obstacles), cells))


def _open(cell: Surface, buildings: Shapes) -> Surface:
    # Most buildings stand apart, so joining those that touch is seven times as fast as joining all.
    return solid(shapely.difference(cell, shapely.disjoint_subset_union_all(buildings))) if len(buildings) else cell
