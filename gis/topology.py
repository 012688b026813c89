"""Defects of a grid: broken rings, overlaps, gaps, slivers, cells outside their parent or across two. Pure.

Frames are in EPSG:4326 with one area per row and, if there is one, a column `code`. Overlays are made in longitude and
latitude, where a straight border stays straight whoever adds a vertex to it; what comes out is measured in metres in
the projected CRS of the county. A piece counts when a disc as wide as the tolerance fits into it somewhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coords import county_crs
from gis.pieces import Places, Shapes, areas_m2, holes, in_metres, polygons, size, spot, wider

TOLERANCE_M = 0.1
SLIVER_M = 1.0
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


class DefectKind(StrEnum):
    """What can be wrong with the areas of a grid."""

    EMPTY = "empty"
    INVALID_RING = "invalid_ring"
    DUPLICATE_CODE = "duplicate_code"
    OVERLAP = "overlap"
    GAP = "gap"
    SLIVER = "sliver"
    OUTSIDE_PARENT = "outside_parent"
    STRADDLES = "straddles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One defect: the rows concerned (from 1) with their codes, its size in metres, a place to look at, a sentence.

    `width_m` is the mean width, twice the area over the outline. `place` is lng, lat, None where there is no shape.
    """

    kind: DefectKind
    rows: tuple[int, ...]
    codes: tuple[str, ...]
    area_m2: float = 0.0
    width_m: float = 0.0
    place: tuple[float, float] | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """Which parent each child falls under, as a position in the parents' frame; None where a defect says why.

    `shares` is the part of each child inside its best parent, `protruding_m2` what lies outside that one.
    """

    parents: tuple[int | None, ...]
    shares: tuple[float, ...]
    protruding_m2: tuple[float, ...]
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    shapes: Shapes
    codes: tuple[str, ...]
    crs: str

    def named(self, places: Iterable[int]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        found = tuple(places)
        return tuple(place + 1 for place in found), tuple(self.codes[place] for place in found)


def defects(
    areas: geopandas.GeoDataFrame, *, tolerance_m: float = TOLERANCE_M, sliver_m: float = SLIVER_M
) -> list[Defect]:
    """Return what is wrong with areas of one level among themselves.

    Overlaps and gaps nowhere wider than `tolerance_m` pass, those nowhere wider than `sliver_m` are slivers. A gap is
    a hole in the union of all areas; what is missing along the edge shows against the parents (`uncovered`).
    """
    raw = np.array(areas.geometry.array, dtype=object)
    grid = _grid(areas)
    found = [*_broken(raw, grid), *_duplicates(grid)]
    found += _overlaps(grid, tolerance_m=tolerance_m, sliver_m=sliver_m)
    inside = holes(shapely.union_all(grid.shapes))
    return found + _gaps(grid, inside, tolerance_m=tolerance_m, sliver_m=sliver_m)


def uncovered(
    areas: geopandas.GeoDataFrame,
    parents: geopandas.GeoDataFrame,
    *,
    tolerance_m: float = TOLERANCE_M,
    sliver_m: float = SLIVER_M,
) -> list[Defect]:
    """Return the gaps that areas leave in their parents, at the edge as well as inside."""
    grid = _grid(areas)
    left = shapely.difference(shapely.union_all(_grid(parents).shapes), shapely.union_all(grid.shapes))
    return _gaps(grid, polygons(np.array([left]))[0], tolerance_m=tolerance_m, sliver_m=sliver_m)


def assign_parents(
    children: geopandas.GeoDataFrame, parents: geopandas.GeoDataFrame, *, tolerance_m: float = TOLERANCE_M
) -> Nesting:
    """Return the parent of each child by geometry: the one it shares most with, if nothing wide enough sticks out.

    A child straddles when a part wider than `tolerance_m` lies in another parent, and is outside when it lies in none.
    """
    grid, above = _grid(children), _grid(parents)
    child, parent = shapely.STRtree(above.shapes).query(grid.shapes, predicate="intersects")
    common = areas_m2(shapely.intersection(grid.shapes[child], above.shapes[parent]), grid.crs)
    best, best_m2 = _best(len(grid.shapes), child, parent, common)
    outside = _outside(grid, above, best)
    wide = _rows_wider(outside, tolerance_m, grid.crs)
    whole_m2 = areas_m2(grid.shapes, grid.crs)
    others = _other_parents(child, parent, common, best, wide)
    found = [
        _nesting_defect(grid, above, row, others.get(row, []), outside[row], best_m2[row] / max(whole_m2[row], 1e-12))
        for row in np.flatnonzero(wide & (whole_m2 > 0)).tolist()
    ]
    clear = [None if wide[row] or best[row] < 0 else int(best[row]) for row in range(len(best))]
    shares = (best_m2 / np.where(whole_m2 > 0, whole_m2, 1.0)).tolist()
    protruding = areas_m2(outside, grid.crs).tolist()
    return Nesting(parents=tuple(clear), shares=tuple(shares), protruding_m2=tuple(protruding), defects=tuple(found))


def outside_parents(
    children: geopandas.GeoDataFrame,
    parents: geopandas.GeoDataFrame,
    parent_of: Sequence[int],
    *,
    tolerance_m: float = TOLERANCE_M,
) -> list[Defect]:
    """Return the children that stick out of the parent they name; `parent_of` holds positions in `parents`."""
    grid, above = _grid(children), _grid(parents)
    stated = np.asarray(parent_of, dtype=np.intp)
    outside = _outside(grid, above, stated)
    wide = _rows_wider(outside, tolerance_m, grid.crs)
    whole, beyond = areas_m2(grid.shapes, grid.crs), areas_m2(outside, grid.crs)
    return [
        _nesting_defect(grid, above, row, [int(stated[row])], outside[row], 1.0 - beyond[row] / max(whole[row], 1e-12))
        for row in np.flatnonzero(wide).tolist()
    ]


def _grid(frame: geopandas.GeoDataFrame) -> _Grid:
    """Return the areas mended for overlay; a broken ring is reported once and must not stop the rest."""
    raw = np.array(frame.geometry.array, dtype=object)
    shapes = np.where(shapely.is_missing(raw), shapely.Polygon(), raw)
    is_broken = ~shapely.is_valid(shapes)
    shapes[is_broken] = shapely.make_valid(shapes[is_broken], method="structure", keep_collapsed=False)
    shapes[~np.isin(shapely.get_type_id(shapes), _POLYGONS)] = shapely.Polygon()
    codes = frame["code"].astype(str) if "code" in frame.columns else [f"row {row + 1}" for row in range(len(frame))]
    return _Grid(shapes=shapes, codes=tuple(codes), crs=_metres_of(shapes))


def _metres_of(shapes: Shapes) -> str:
    west, south, east, north = shapely.total_bounds(shapes)
    if not np.isfinite(west):
        return "epsg:3857"  # Nothing to measure.
    return f"epsg:{county_crs((west + east) / 2, (south + north) / 2).to_epsg()}"


def _broken(raw: Shapes, grid: _Grid) -> list[Defect]:
    found: list[Defect] = []
    for place in np.flatnonzero(shapely.is_missing(raw) | shapely.is_empty(raw)).tolist():
        rows, codes = grid.named([place])
        found.append(Defect(kind=DefectKind.EMPTY, rows=rows, codes=codes, reason=f"{codes[0]} has no boundary."))
    no_area = ~np.isin(shapely.get_type_id(raw), (-1, *_POLYGONS))
    for place in np.flatnonzero(no_area | ~(shapely.is_valid(raw) | shapely.is_missing(raw))).tolist():
        rows, codes = grid.named([place])
        why = "it is no polygon" if no_area[place] else shapely.is_valid_reason(raw[place])
        reason = f"The boundary of {codes[0]} is broken: {why}. Redraw it there."
        found.append(
            Defect(kind=DefectKind.INVALID_RING, rows=rows, codes=codes, place=spot(raw[place]), reason=reason)
        )
    return found


def _duplicates(grid: _Grid) -> list[Defect]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, code in enumerate(grid.codes):
        groups[code].append(place)
    found: list[Defect] = []
    for code, places in groups.items():
        if code and len(places) > 1:
            rows, codes = grid.named(places)
            reason = f"Code {code} stands in rows {', '.join(map(str, rows))}. A code belongs to one area."
            found.append(Defect(kind=DefectKind.DUPLICATE_CODE, rows=rows, codes=codes, reason=reason))
    return found


def _overlaps(grid: _Grid, *, tolerance_m: float, sliver_m: float) -> list[Defect]:
    one, other = shapely.STRtree(grid.shapes).query(grid.shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    pieces, pair = polygons(shapely.intersection(grid.shapes[one], grid.shapes[other]))
    found: list[Defect] = []
    for kind, place in _counted(pieces, DefectKind.OVERLAP, grid.crs, tolerance_m, sliver_m):
        rows, codes = grid.named([int(one[pair[place]]), int(other[pair[place]])])
        found.append(_piece(kind, pieces[place], rows, codes, grid.crs, f"{codes[0]} and {codes[1]} overlap"))
    return found


def _gaps(grid: _Grid, gaps: Shapes, *, tolerance_m: float, sliver_m: float) -> list[Defect]:
    tree = shapely.STRtree(grid.shapes)
    found: list[Defect] = []
    for kind, place in _counted(gaps, DefectKind.GAP, grid.crs, tolerance_m, sliver_m):
        rows, codes = grid.named(sorted(tree.query(gaps[place], predicate="intersects").tolist()))
        found.append(
            _piece(kind, gaps[place], rows, codes, grid.crs, f"No area covers a gap beside {', '.join(codes[:4])}")
        )
    return found


def _counted(
    pieces: Shapes, kind: DefectKind, crs: str, tolerance_m: float, sliver_m: float
) -> list[tuple[DefectKind, int]]:
    """Return the pieces wider than the tolerance, each as `kind` or as a sliver."""
    flat = in_metres(pieces, crs)
    counts, is_wide = wider(flat, tolerance_m), wider(flat, sliver_m)
    return [(kind if is_wide[place] else DefectKind.SLIVER, place) for place in np.flatnonzero(counts).tolist()]


def _piece(
    kind: DefectKind, piece: shapely.Geometry, rows: tuple[int, ...], codes: tuple[str, ...], crs: str, what: str
) -> Defect:
    area, width = size(piece, crs)
    reason = f"{what}: {area:,.2f} m², about {width:,.2f} m wide."
    return Defect(kind=kind, rows=rows, codes=codes, area_m2=area, width_m=width, place=spot(piece), reason=reason)


def _nesting_defect(
    grid: _Grid, above: _Grid, row: int, across: Sequence[int], outside: shapely.Geometry, share: float
) -> Defect:
    rows, codes = grid.named([row])
    names = tuple(above.codes[place] for place in across)
    area, width = size(outside, grid.crs)
    beyond = f"{area:,.2f} m², about {width:,.2f} m wide"
    if len(names) > 1:
        kind = DefectKind.STRADDLES
        reason = f"{codes[0]} lies across {', '.join(names)}: {share:.2f} of it in the first, beyond it {beyond}."
    else:
        kind = DefectKind.OUTSIDE_PARENT
        reason = f"{codes[0]} sticks out of {names[0]} by {beyond}." if names else f"{codes[0]} lies in no parent."
    return Defect(
        kind=kind, rows=rows, codes=codes + names, area_m2=area, width_m=width, place=spot(outside), reason=reason
    )


def _best(
    count: int, child: Places, parent: Places, common_m2: NDArray[np.float64]
) -> tuple[Places, NDArray[np.float64]]:
    """Return for each child the parent it shares most with (-1: none) and how much."""
    best, best_m2 = np.full(count, -1, dtype=np.intp), np.zeros(count)
    # Sorted so, the last write of a child is its largest share, and of equal ones the first parent.
    order = np.lexsort((-parent, common_m2))
    order = order[common_m2[order] > 0]
    best[child[order]], best_m2[child[order]] = parent[order], common_m2[order]
    return best, best_m2


def _other_parents(
    child: Places, parent: Places, common_m2: NDArray[np.float64], best: Places, wide: NDArray[np.bool_]
) -> dict[int, list[int]]:
    """Return the parents each straddling child has a part in, the best first; under a square centimetre is none."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    for at in np.argsort(-common_m2, kind="stable").tolist():
        if wide[child[at]] and (common_m2[at] > 1e-4 or parent[at] == best[child[at]]):
            held[int(child[at])].append(int(parent[at]))
    return held


def _outside(grid: _Grid, above: _Grid, parent_of: Places) -> Shapes:
    """Return what of each child lies outside its parent; all of it where it has none."""
    outside = grid.shapes.copy()
    rows = np.flatnonzero(parent_of >= 0)
    held = above.shapes[parent_of[rows]]
    shapely.prepare(held)
    inside = shapely.covers(held, grid.shapes[rows])
    outside[rows[inside]] = shapely.Polygon()
    outside[rows[~inside]] = shapely.difference(grid.shapes[rows[~inside]], held[~inside])
    return outside


def _rows_wider(shapes: Shapes, limit_m: float, crs: str) -> NDArray[np.bool_]:
    pieces, row = polygons(shapes)
    wide = np.zeros(len(shapes), dtype=np.bool_)
    wide[row[wider(in_metres(pieces, crs), limit_m)]] = True
    return wide
