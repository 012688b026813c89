"""What cameras see of a cell and what they do not: shares, gaps, doubt, what one failure costs, and what is lost now.

Overlapping views are united, never summed up, so ground that three cameras see counts once (gis/seen.py). Whatever is
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
from typing import Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.arrangement import Corners
from gis.coverage import CoverageFlag
from gis.matters import Matter, Matters
from gis.obstacles import Obstacles
from gis.open_ground import Ground as Ground
from gis.outline import Surface, sector, valid
from gis.seen import Seen, corners_of
from gis.surfaces import Rows, Shapes, array_of, surfaces
from gis.sweep import FULL_TURN, Fan, Floats

# Cells measured in one go: enough to keep a thread busy in the geometry library, few enough to keep in memory.
CELLS_AT_ONCE = 100
THREADS = 2
# What rounding leaves of nothing is nothing.
_NOTHING_M2 = 1e-3


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
    corners: Mapping[str, Corners] = field(default_factory=dict, repr=False)

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
        trees = {name: shapely.STRtree(one) for name, one in given.items()}
        corners = {name: corners_of(one) for name, one in given.items()}
        return cls(works_now=working, trees=trees, corners=corners, **given)

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
    cells = array_of([one.cell for one in grounds])
    near = {name: _near(cells, tree) for name, tree in sights.trees.items()}
    return [
        _one(ground, sights, {name: rows[row] for name, rows in near.items()}, min_gap_m2)
        for row, ground in enumerate(grounds)
    ]


def _near(cells: Shapes, tree: shapely.STRtree) -> list[Rows]:
    """Return for each cell the rows of the views whose box meets its box."""
    cell, view = tree.query(cells)
    order = np.lexsort((view, cell))
    return np.split(view[order], np.searchsorted(cell[order], np.arange(1, len(cells))))


def _one(ground: Ground, sights: Sights, near: Mapping[str, Rows], min_gap_m2: float) -> CellCoverage:
    rows = near["seen"]
    planned = Seen.of(ground.open, sights.corners["seen"], rows, works=sights.works_now[rows])
    layers = {"least": planned, "most": planned}
    layers |= {name: Seen.of(ground.open, sights.corners[name], near[name]) for name in layers if name in near}
    sectors = Seen.of(ground.cell, sights.corners["sector"], near["sector"]).m2 if "sector" in near else None
    worst = int(np.argmax(planned.alone_m2)) if np.any(planned.alone_m2 > _NOTHING_M2) else None
    all_work, gaps = bool(sights.works_now[rows].all()), planned.gaps(min_gap_m2)
    kept = _surfaces(ground.matters, planned, layers, all_work=all_work)
    return CellCoverage(
        area_m2=ground.cell.area,
        open_m2=ground.open.area,
        seen_m2=planned.m2,
        share=_share(planned.m2, ground.cell.area),
        share_of_open=_share(planned.m2, ground.open.area),
        seen_now_m2=planned.now_m2,
        seen_by_2_m2=planned.by_2_m2,
        least_m2=layers["least"].m2,
        most_m2=layers["most"].m2,
        sectors_m2=sectors,
        worst=None if worst is None else int(rows[worst]),
        worst_m2=0.0 if worst is None else float(planned.alone_m2[worst]),
        cameras=tuple(rows[planned.own_m2 > _NOTHING_M2].tolist()),
        gaps=gaps,
        gaps_now=gaps if all_work else planned.gaps_now(min_gap_m2),
        tallies={matter: _tally(ground.matters, matter, kept) for matter in Matter},
        places_seen=ground.matters.which(Matter.PLACES, kept["planned"]),
        places_now=ground.matters.which(Matter.PLACES, kept["now"]),
        flags=() if ground.has_buildings else (CoverageFlag.NO_BUILDINGS_KNOWN,),
    )


def _surfaces(matters: Matters, planned: Seen, layers: Mapping[str, Seen], *, all_work: bool) -> Mapping[str, Surface]:
    """Return what is seen as shapes, where anything is there to lie in them."""
    if matters.is_empty:
        return dict.fromkeys(("planned", "now", *layers), Polygon())
    surface = planned.surface()
    others = {name: surface if layer is planned else layer.surface() for name, layer in layers.items()}
    return {"planned": surface, "now": surface if all_work else planned.surface_now(), **others}


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
