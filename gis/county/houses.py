"""Buildings of a made-up county: rectangles along its streets, higher towards the middle of a settlement."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gis.county.land import Floats, Land, Whole
from gis.county.ways import HALF_WIDTH_M, TRACK, Settlement, Ways

LEVEL_M = 3.1
# Front, depth and gap in metres, and most levels, by size of the settlement.
FRONT = np.array([[9.0, 13.0], [9.0, 15.0], [13.0, 30.0], [20.0, 52.0]])
DEPTH = np.array([[7.0, 10.0], [8.0, 12.0], [10.0, 14.0], [12.0, 18.0]])
SPACING = (15.0, 17.0, 22.0, 34.0)
MOST_LEVELS = np.array([2, 3, 6, 18])
ROWS = (1, 2, 2, 3)
LONELY = 0.05
VERGE_M = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Houses:
    """Footprints in metres and their levels."""

    footprints: np.ndarray
    levels: Whole


def make_houses(land: Land, ways: Ways, settlements: list[Settlement], chance: np.random.Generator) -> Houses:
    """Return the buildings: rows along the roads, thinned where they would stand on each other, a road or a river."""
    spots, turn, size, closeness = _spots(ways, settlements, chance)
    front, depth = (chance.uniform(*table[size].T) for table in (FRONT, DEPTH))
    shift = np.stack([-np.sin(turn), np.cos(turn)], axis=1)
    side = np.where(chance.random(len(spots)) < 0.5, 1.0, -1.0)
    row = (chance.random(len(spots)) * np.array(ROWS)[size]).astype(np.intp)
    away = 9.0 + depth / 2 + row * (depth + 9.0) + chance.uniform(0, 3, len(spots))
    middles = spots + shift * (side * away)[:, None]
    footprints = _rectangles(middles, turn + chance.normal(0, 0.03, len(spots)), front, depth)
    levels = 1 + np.floor(MOST_LEVELS[size] * closeness * chance.random(len(spots)) ** 1.7).astype(np.intp)
    order = np.argsort(row, kind="stable")
    kept = order[_apart(footprints[order])]
    kept = kept[_dry(footprints[kept], land, ways)]
    kept = np.sort(kept)
    return Houses(footprints=footprints[kept], levels=levels[kept])


def _spots(
    ways: Ways, settlements: list[Settlement], chance: np.random.Generator
) -> tuple[Floats, Floats, Whole, Floats]:
    """Return places along the roads where a house could stand: where, which way the road runs, size, closeness."""
    built = [line for line, kind in zip(ways.lines, ways.kinds, strict=True) if kind != TRACK]
    found = []
    for turn_back in (False, True):
        for line in built:
            away = np.arange(6.0, line.length, 7.0)
            points = shapely.get_coordinates(shapely.line_interpolate_point(line, away))
            ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, away + 1.0))
            turn = np.arctan2(*(ahead - points).T[::-1]) + (np.pi if turn_back else 0.0)
            found.append(np.column_stack([points, turn]))
    rows = np.vstack(found)
    size, closeness = _within(rows[:, :2], settlements)
    near = closeness > 0
    size = np.where(near, size, 0)
    likely = np.where(near, 7.0 * 2.4 / np.array(SPACING)[size], LONELY * 7.0 / 15.0)
    chosen = np.flatnonzero(chance.random(len(rows)) < likely)
    chosen = chance.permutation(chosen)
    return rows[chosen, :2], rows[chosen, 2], size[chosen], np.maximum(closeness[chosen], 0.25)


def _within(points: Floats, settlements: list[Settlement]) -> tuple[Whole, Floats]:
    """Return the size of the settlement each point lies in, and how close to its middle, 0 outside any."""
    size, closeness = np.zeros(len(points), dtype=np.intp), np.zeros(len(points))
    tree = cKDTree(points)
    for place in reversed(settlements):
        rows = np.array(sorted(tree.query_ball_point((place.x, place.y), max(place.half) * 1.15)), dtype=np.intp)
        local = points[rows] - np.array([place.x, place.y])
        cos, sin = np.cos(place.turn), np.sin(place.turn)
        out = np.hypot((local @ [cos, sin]) / place.half[0], (local @ [-sin, cos]) / place.half[1])
        inside = out < 1.12
        size[rows[inside]], closeness[rows[inside]] = place.size, 1.15 - out[inside]
    return size, closeness


def _rectangles(middles: Floats, turn: Floats, front: Floats, depth: Floats) -> np.ndarray:
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (front / 2)[:, None]
    across = np.stack([-np.sin(turn), np.cos(turn)], axis=1) * (depth / 2)[:, None]
    corners = np.stack(
        [middles - along - across, middles + along - across, middles + along + across, middles - along + across]
    )
    return np.asarray(shapely.polygons(corners.transpose(1, 0, 2)))


def _apart(footprints: np.ndarray) -> Whole:
    """Return the rows that stand on no earlier row that stays."""
    later, earlier = shapely.STRtree(footprints).query(footprints, predicate="dwithin", distance=2.0)
    pairs = later > earlier
    later, earlier = later[pairs], earlier[pairs]
    order = np.lexsort((earlier, later))
    gone = np.zeros(len(footprints), dtype=bool)
    for one, two in zip(later[order].tolist(), earlier[order].tolist(), strict=True):
        if not gone[two]:
            gone[one] = True
    return np.flatnonzero(~gone)


def _dry(footprints: np.ndarray, land: Land, ways: Ways) -> Whole:
    """Return the rows that stand on no road and in no river."""
    bad = shapely.STRtree(footprints).query(list(land.rivers), predicate="dwithin", distance=34.0)[1]
    for kind, half in HALF_WIDTH_M.items():
        lines = [line for line, this in zip(ways.lines, ways.kinds, strict=True) if this == kind]
        bad = np.r_[bad, shapely.STRtree(footprints).query(lines, predicate="dwithin", distance=half + VERGE_M)[1]]
    return np.setdiff1d(np.arange(len(footprints)), bad)
