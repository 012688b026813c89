"""What cameras see of a cell and what they do not: shares, gaps, doubt, what one failure costs, and what is lost now.

Everything is exact on the view polygons: unions, never sums, so ground that three cameras see counts once. Whatever is
"by two" lies in at least two views. All shapes are in one projected CRS of metres; areas are m² of that CRS.

- Open ground is the cell without its buildings; shares of a cell are of the whole cell, as everybody counts, and of
  the open ground beside it.
- Planned: all cameras in use, as if each worked. Now: those that show a good picture; unknown counts as not seen.
- Least and most: seen whatever the bearings are within their doubt, and seen for some of them (gis/doubt.py).
- Sectors: what plain sectors without any building would have said.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.coverage import CoverageFlag
from gis.matters import Matter, Matters
from gis.obstacles import Obstacles
from gis.outline import Surface, solid, valid
from gis.overlaps import Rows, Shapes, array_of, overlaps, surfaces, unions
from gis.sweep import Floats

# Cells measured in one go: enough to keep a thread busy in the geometry library, few enough to keep in memory.
CELLS_AT_ONCE = 100
THREADS = 2
# A view may see this much of the inside of buildings by rounding; more than that is cut off.
_INSIDE_M2 = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """Views of cameras as columns of one length: as recorded, at least, at most, on open ground, and who works now.

    `least` and `most` are None where no bearing is in doubt, `sector` where nobody asks what plain sectors say.
    """

    seen: Shapes
    works_now: NDArray[np.bool_]
    least: Shapes | None = None
    most: Shapes | None = None
    sector: Shapes | None = None
    trees: Mapping[str, shapely.STRtree] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        seen: Iterable[Surface],
        *,
        works_now: ArrayLike | None = None,
        least: Iterable[Surface] | None = None,
        most: Iterable[Surface] | None = None,
        sector: Iterable[Surface] | None = None,
    ) -> Self:
        """Return sights of these views, repaired where rounding folded a thin part; all work unless told otherwise."""
        columns = {"seen": seen, "least": least, "most": most, "sector": sector}
        given = {name: _repaired(array_of(list(one))) for name, one in columns.items() if one is not None}
        working = np.ones(len(given["seen"]), dtype=bool) if works_now is None else np.asarray(works_now, dtype=bool)
        return cls(works_now=working, trees={name: shapely.STRtree(one) for name, one in given.items()}, **given)


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
        cell = valid(cell)
        buildings = obstacles.footprints[np.sort(obstacles.tree.query(cell, predicate="intersects"))]
        built = shapely.union_all(buildings)
        matters = Matters.within(cell, buildings, roads=roads, places=places, incidents=incidents)
        return cls(
            cell=cell,
            open=solid(shapely.difference(cell, built)) if len(buildings) else cell,
            has_buildings=len(buildings) > 0,
            matters=matters,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much there is of something that matters, and how much of it is seen: counts, or metres of roads."""

    of: float
    seen: float
    now: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCoverage:
    """How much of a cell cameras see; overlapping views count once. Areas in m².

    What is seen lies outside buildings. `share` divides it by the whole cell (`area_m2`), `share_of_open` by the ground
    outside buildings (`open_m2`). `gaps` are the parts of the open ground seen by none that are large enough,
    `gaps_now` those that no working camera sees. `worst` is the row of the view whose loss alone takes most away
    (`worst_m2`), None when no single loss takes anything. `cameras` are the rows of the views that reach in.
    """

    area_m2: float
    open_m2: float
    seen_m2: float
    share: float
    share_of_open: float
    seen_now_m2: float
    seen_by_2_m2: float
    least_m2: float
    most_m2: float
    sectors_m2: float | None
    worst: int | None
    worst_m2: float
    cameras: tuple[int, ...]
    gaps: MultiPolygon
    gaps_now: MultiPolygon
    tallies: Mapping[Matter, Tally]
    # Which of the places of this cell are seen, in their order: by all in use, and now.
    places_seen: NDArray[np.bool_]
    places_now: NDArray[np.bool_]
    flags: tuple[CoverageFlag, ...]

    @property
    def lost_now_m2(self) -> float:
        """Return how much less is seen now than with all cameras in use."""
        return self.seen_m2 - self.seen_now_m2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The part of each view within each cell it reaches into, as columns: row of the cell, row of the view, shape."""

    cell: Rows
    view: Rows
    shape: Shapes


# What is seen of each of some cells, by name: planned, now, least, most.
_Seen: TypeAlias = Mapping[str, Shapes]


def cell_coverage(
    cell: Polygon | MultiPolygon, views: Iterable[Surface], *, obstacles: Obstacles, min_gap_m2: float
) -> CellCoverage:
    """Return how much of a cell the view polygons see, and the gaps of at least `min_gap_m2`.

    All in the same metric CRS. The flags are those of the cell; those of the views are the caller's to carry on.
    """
    return cells_coverage([Ground.of(cell, obstacles)], Sights.of(views), min_gap_m2=min_gap_m2)[0]


def cells_coverage(
    grounds: Sequence[Ground], sights: Sights, *, min_gap_m2: float, threads: int = THREADS
) -> list[CellCoverage]:
    """Return the coverage of many cells by the same views, in their order; each cell finds the views that reach it."""
    if len(grounds) <= CELLS_AT_ONCE:
        return _measured(grounds, sights, min_gap_m2)
    chunks = [grounds[since : since + CELLS_AT_ONCE] for since in range(0, len(grounds), CELLS_AT_ONCE)]
    with ThreadPoolExecutor(threads) as pool:
        measured = pool.map(lambda chunk: _measured(chunk, sights, min_gap_m2), chunks)
        return [one for chunk in measured for one in chunk]


def _measured(grounds: Sequence[Ground], sights: Sights, min_gap_m2: float) -> list[CellCoverage]:
    cells, opened = (array_of([getattr(one, name) for one in grounds]) for name in ("cell", "open"))
    shapely.prepare(cells)
    parts, planned, twice = _covered(cells, opened, sights)
    seen = {
        "planned": planned,
        "now": _now(parts, sights, planned, opened),
        "least": _layer("least", sights, cells, opened, planned),
        "most": _layer("most", sights, cells, opened, planned),
    }
    worst, worst_m2 = _worst(parts, twice)
    twice_m2 = shapely.area(_cut(twice, opened, cells))
    sectors = None if sights.sector is None else shapely.area(_layer("sector", sights, cells, cells, planned))
    first = np.searchsorted(parts.cell, np.arange(len(cells) + 1))
    return [
        _one(
            ground,
            {name: shapes[row] for name, shapes in seen.items()},
            min_gap_m2=min_gap_m2,
            seen_by_2_m2=float(twice_m2[row]),
            worst=int(worst[row]) if worst_m2[row] > 0 else None,
            worst_m2=float(worst_m2[row]),
            sectors_m2=None if sectors is None else float(sectors[row]),
            cameras=tuple(parts.view[first[row] : first[row + 1]].tolist()),
        )
        for row, ground in enumerate(grounds)
    ]


def _covered(cells: Shapes, opened: Shapes, sights: Sights) -> tuple[_Parts, Shapes, Shapes]:
    """Return the parts of the views in each cell, and the open ground they see at all and by at least two."""
    parts = _parts(cells, sights, "seen")
    planned, twice = overlaps(parts.shape, parts.cell, groups=len(cells))
    inside = shapely.area(planned) - shapely.area(_cut(planned, opened, cells)) > _INSIDE_M2
    rows = np.flatnonzero(inside[parts.cell])
    if len(rows):
        # Rare: a camera inside a building, or views that were made among other buildings.
        parts.shape[rows] = surfaces(shapely.intersection(parts.shape[rows], opened[parts.cell[rows]]))
        planned, twice = overlaps(parts.shape, parts.cell, groups=len(cells))
    return parts, _cut(planned, opened, cells), twice


def _parts(cells: Shapes, sights: Sights, name: str) -> _Parts:
    """Return what each view sees within each cell it reaches, cell by cell; `cells` are prepared."""
    shapes, tree = getattr(sights, name), sights.trees[name]
    cell, view = tree.query(cells, predicate="intersects")
    order = np.lexsort((view, cell))
    cell, view = cell[order], view[order]
    whole = tree.query(cells, predicate="covers")
    crossing = np.isin(cell * len(shapes) + view, whole[0] * len(shapes) + whole[1], invert=True)
    found = shapes[view]
    found[crossing] = surfaces(shapely.intersection(found[crossing], cells[cell[crossing]]))
    kept = ~shapely.is_empty(found)
    return _Parts(cell=cell[kept], view=view[kept], shape=found[kept])


def _cut(shapes: Shapes, opened: Shapes, cells: Shapes) -> Shapes:
    """Return the part of each shape on the open ground of its cell; a cell without buildings is all open."""
    made = shapes.copy()
    built = np.flatnonzero(np.array([one is not other for one, other in zip(opened, cells, strict=True)], dtype=bool))
    made[built] = surfaces(shapely.intersection(shapes[built], opened[built]))
    return made


def _now(parts: _Parts, sights: Sights, planned: Shapes, opened: Shapes) -> Shapes:
    """Return what working cameras see; where all work it is what is planned."""
    works = sights.works_now[parts.view]
    changed = np.unique(parts.cell[~works])
    left = works & np.isin(parts.cell, changed)
    united = unions(parts.shape[left], parts.cell[left], groups=len(planned))
    now = planned.copy()
    now[changed] = surfaces(shapely.intersection(united[changed], opened[changed]))
    return now


def _layer(name: str, sights: Sights, cells: Shapes, opened: Shapes, planned: Shapes) -> Shapes:
    """Return what other shapes of the same views cover, or what is planned where there are none."""
    if getattr(sights, name) is None:
        return planned
    parts = _parts(cells, sights, name)
    return _cut(unions(parts.shape, parts.cell, groups=len(cells)), opened, cells)


def _worst(parts: _Parts, twice: Shapes) -> tuple[Rows, Floats]:
    """Return for each cell the view that alone sees most of it, and how much that is."""
    alone = shapely.area(parts.shape) - shapely.area(shapely.intersection(parts.shape, twice[parts.cell]))
    order = np.lexsort((-parts.view, alone, parts.cell))
    last = np.flatnonzero(np.r_[parts.cell[order][1:] != parts.cell[order][:-1], True][: len(order)])
    worst, most = np.zeros(len(twice), dtype=np.intp), np.zeros(len(twice))
    worst[parts.cell[order[last]]] = parts.view[order[last]]
    most[parts.cell[order[last]]] = np.maximum(alone[order[last]], 0.0)
    # What rounding leaves of nothing is nothing.
    return worst, np.where(most > _INSIDE_M2, most, 0.0)


def _one(ground: Ground, seen: Mapping[str, Surface], *, min_gap_m2: float, **measured: Any) -> CellCoverage:
    planned, now = seen["planned"], seen["now"]
    gaps = _gaps(ground, planned, min_gap_m2)
    return CellCoverage(
        area_m2=ground.cell.area,
        open_m2=ground.open.area,
        seen_m2=planned.area,
        share=_share(planned.area, ground.cell.area),
        share_of_open=_share(planned.area, ground.open.area),
        seen_now_m2=now.area,
        least_m2=seen["least"].area,
        most_m2=seen["most"].area,
        gaps=gaps,
        gaps_now=gaps if now is planned else _gaps(ground, now, min_gap_m2),
        tallies={matter: _tally(ground.matters, matter, seen) for matter in Matter},
        places_seen=ground.matters.which(Matter.PLACES, planned),
        places_now=ground.matters.which(Matter.PLACES, now),
        flags=() if ground.has_buildings else (CoverageFlag.NO_BUILDINGS_KNOWN,),
        **measured,
    )


def _gaps(ground: Ground, seen: Surface, min_gap_m2: float) -> MultiPolygon:
    unseen = solid(shapely.difference(ground.open, seen))
    return MultiPolygon([part for part in shapely.get_parts(unseen) if part.area >= min_gap_m2])


def _tally(matters: Matters, matter: Matter, seen: Mapping[str, Surface]) -> Tally:
    total = matters.total(matter)
    if not total:
        return Tally(of=0.0, seen=0.0, now=0.0, least=0.0, most=0.0)
    planned = matters.seen(matter, seen["planned"])
    others = {
        name: planned if seen[name] is seen["planned"] else matters.seen(matter, seen[name])
        for name in ("now", "least", "most")
    }
    return Tally(of=total, seen=planned, **others)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _repaired(shapes: Shapes) -> Shapes:
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad):
        shapes[bad] = array_of([valid(one) for one in shapes[bad]])
    return shapes
