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
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.coverage import CoverageFlag
from gis.matters import Matter, Matters
from gis.obstacles import Obstacles
from gis.open_ground import Ground as Ground
from gis.outline import Surface, sector, solid, valid
from gis.overlaps import Rows, Shapes, array_of, overlaps, surfaces, unions
from gis.sweep import FULL_TURN, Fan, Floats

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

    def narrowed(self, eyes: Floats, reach_m: Floats) -> Self:
        """Return what lies within `reach_m` of each eye: views of a denser class, for buildings hide the same in it."""
        discs = array_of([_disc(eye, reach) for eye, reach in zip(eyes, reach_m, strict=True)])
        kept = {name: getattr(self, name) for name in self.trees}
        cut = {name: surfaces(shapely.intersection(shapes, discs)) for name, shapes in kept.items()}
        return self.of(works_now=self.works_now, **cut)


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
    parts, planned, twice, unseen = _covered(cells, opened, sights)
    seen = {
        "planned": planned,
        "now": _now(parts, sights, planned),
        "least": _layer("least", sights, cells, opened, planned),
        "most": _layer("most", sights, cells, opened, planned),
    }
    worst, worst_m2 = _worst(parts, twice)
    sectors = None if sights.sector is None else shapely.area(_layer("sector", sights, cells, cells, planned))
    first = np.searchsorted(parts.cell, np.arange(len(cells) + 1))
    return [
        _one(
            ground,
            {name: shapes[row] for name, shapes in seen.items()},
            unseen[row],
            min_gap_m2=min_gap_m2,
            seen_by_2_m2=float(twice[row].area),
            worst=int(worst[row]) if worst_m2[row] > 0 else None,
            worst_m2=float(worst_m2[row]),
            sectors_m2=None if sectors is None else float(sectors[row]),
            cameras=tuple(parts.view[first[row] : first[row + 1]].tolist()),
        )
        for row, ground in enumerate(grounds)
    ]


def _covered(cells: Shapes, opened: Shapes, sights: Sights) -> tuple[_Parts, Shapes, Shapes, Shapes]:
    """Return the parts of the views in each cell, what they see at all and by two, and the open ground they do not."""
    parts = _parts(cells, sights, "seen")
    planned, twice = overlaps(parts.shape, parts.cell, groups=len(cells))
    unseen = surfaces(shapely.difference(opened, planned))
    # Rare: a camera inside a building, or views that were made among other buildings, see what is no open ground.
    inside = shapely.area(planned) + shapely.area(unseen) - shapely.area(opened) > _INSIDE_M2
    rows = np.flatnonzero(inside[parts.cell])
    if len(rows):
        parts.shape[rows] = surfaces(shapely.intersection(parts.shape[rows], opened[parts.cell[rows]]))
        planned, twice = overlaps(parts.shape, parts.cell, groups=len(cells))
    return parts, planned, twice, unseen


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


def _now(parts: _Parts, sights: Sights, planned: Shapes) -> Shapes:
    """Return what working cameras see; where all work it is what is planned."""
    works = sights.works_now[parts.view]
    changed = np.unique(parts.cell[~works])
    left = works & np.isin(parts.cell, changed)
    now = planned.copy()
    now[changed] = unions(parts.shape[left], parts.cell[left], groups=len(planned))[changed]
    return now


def _layer(name: str, sights: Sights, cells: Shapes, opened: Shapes, planned: Shapes) -> Shapes:
    """Return what other shapes of the same views cover of the open ground, or what is planned where there are none."""
    if getattr(sights, name) is None:
        return planned
    parts = _parts(cells, sights, name)
    united = unions(parts.shape, parts.cell, groups=len(cells))
    return united if opened is cells else surfaces(shapely.intersection(united, opened))


def _worst(parts: _Parts, twice: Shapes) -> tuple[Rows, Floats]:
    """Return for each cell the view that alone sees most of it, and how much that is.

    The largest views are asked first, until no other can be worse even if it shared nothing.
    """
    area, cells = shapely.area(parts.shape), np.arange(len(twice) + 1)
    order = np.lexsort((parts.view, -area, parts.cell))
    first = np.searchsorted(parts.cell[order], cells)
    # What rounding leaves of nothing is nothing.
    worst, most = np.full(len(twice), -1, dtype=np.intp), np.full(len(twice), _INSIDE_M2)
    for rank in range(int(np.diff(first).max(initial=0))):
        rows = order[first[:-1][first[:-1] + rank < first[1:]] + rank]
        rows = rows[area[rows] > most[parts.cell[rows]]]
        alone = area[rows] - shapely.area(shapely.intersection(parts.shape[rows], twice[parts.cell[rows]]))
        rows, alone = rows[alone > most[parts.cell[rows]]], alone[alone > most[parts.cell[rows]]]
        worst[parts.cell[rows]], most[parts.cell[rows]] = parts.view[rows], alone
    return worst, np.where(worst >= 0, most, 0.0)


def _one(
    ground: Ground, seen: Mapping[str, Surface], unseen: Surface, *, min_gap_m2: float, **measured: Any
) -> CellCoverage:
    planned, now = seen["planned"], seen["now"]
    unseen_now = unseen if now is planned else solid(shapely.difference(ground.open, now))
    seen_m2 = _seen_m2(ground, planned, unseen)
    return CellCoverage(
        area_m2=ground.cell.area,
        open_m2=ground.open.area,
        seen_m2=seen_m2,
        share=_share(seen_m2, ground.cell.area),
        share_of_open=_share(seen_m2, ground.open.area),
        seen_now_m2=min(seen_m2, _seen_m2(ground, now, unseen_now)),
        least_m2=seen["least"].area,
        most_m2=seen["most"].area,
        gaps=_gaps(unseen, min_gap_m2),
        gaps_now=_gaps(unseen_now, min_gap_m2),
        tallies={matter: _tally(ground.matters, matter, seen) for matter in Matter},
        places_seen=ground.matters.which(Matter.PLACES, planned),
        places_now=ground.matters.which(Matter.PLACES, now),
        flags=() if ground.has_buildings else (CoverageFlag.NO_BUILDINGS_KNOWN,),
        **measured,
    )


def _seen_m2(ground: Ground, seen: Surface, unseen: Surface) -> float:
    return 0.0 if seen.is_empty else max(0.0, ground.open.area - unseen.area)


def _gaps(unseen: Surface, min_gap_m2: float) -> MultiPolygon:
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


def _disc(eye: Floats, reach_m: float) -> Surface:
    if reach_m <= 0:
        return Polygon()
    whole = sector(Fan(start=0.0, width=FULL_TURN, reach=reach_m, near=0.0))
    moved: Surface = shapely.transform(whole, lambda points: points + eye)
    return moved


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _repaired(shapes: Shapes) -> Shapes:
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad):
        shapes[bad] = array_of([valid(one) for one in shapes[bad]])
    return shapes
