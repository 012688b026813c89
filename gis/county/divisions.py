"""Towns, villages and cells of a made-up county: grown over the net of the land, so they tile it without a gap."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from gis.codes import cell_code
from gis.county import names
from gis.county.land import Floats, Land, Whole, smooth

CELLS_PER_VILLAGE = 4.5
OUTSIDE = -1
WET_COST = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Divisions:
    """The division tree: names, codes, parents and seeds of each level, and the shapes of the cells.

    `*_seeds` are rows of the points of the land, `town_of` and `village_of` rows of the level above. Cells are
    polygons in metres. `cell_at` gives for every point of the land its cell, or OUTSIDE.
    """

    county_code: str
    town_names: list[str]
    town_codes: list[str]
    town_seeds: Whole
    village_names: list[str]
    village_codes: list[str]
    village_seeds: Whole
    town_of: Whole
    cell_names: list[str]
    cell_codes: list[str]
    cell_seeds: Whole
    village_of: Whole
    cells: list[shapely.Polygon]
    cell_at: Whole


def make_divisions(land: Land, cells: int, *, county_code: str, chance: np.random.Generator) -> Divisions:
    """Return the division tree of a land with exactly `cells` cells."""
    cost = land.lengths() * np.where(land.wet, WET_COST, 1.0) * chance.uniform(0.8, 1.25, len(land.neighbours))
    town_seeds = land.nearest(land.seats)
    town_at = _grow(land, cost, np.where(land.inside, 0, OUTSIDE), town_seeds)
    weight = np.bincount(town_at[land.inside], minlength=len(town_seeds)).astype(float)
    weight[0] *= 1.25
    many = _shares(max(len(town_seeds), round(cells / CELLS_PER_VILLAGE)), weight)
    village_seeds, town_of = _seeds(land, town_at, many, town_seeds)
    village_at = _grow(land, cost, town_at, village_seeds)
    cells_in = _shares(cells, np.bincount(village_at[land.inside], minlength=len(village_seeds)).astype(float))
    cell_seeds, village_of = _seeds(land, village_at, cells_in, village_seeds)
    cell_at = _grow(land, cost, village_at, cell_seeds)
    town_names = [names.town(row) for row in range(len(town_seeds))]
    town_codes = [f"{county_code}{100 + row}" for row in range(len(town_seeds))]
    village_names, village_codes = _villages(town_of, town_names, town_codes, chance)
    numbers = _numbers(land.points[cell_seeds], village_of)
    return Divisions(
        county_code=county_code,
        town_names=town_names,
        town_codes=[f"{code}000" for code in town_codes],
        town_seeds=town_seeds,
        village_names=village_names,
        village_codes=village_codes,
        village_seeds=village_seeds,
        town_of=town_of,
        cell_names=[
            f"{village_names[village]}第{names.number(number)}网格"
            for village, number in zip(village_of, numbers, strict=True)
        ],
        cell_codes=[
            cell_code(village_codes[village], number) for village, number in zip(village_of, numbers, strict=True)
        ],
        cell_seeds=cell_seeds,
        village_of=village_of,
        cells=_shapes(land, cell_at, len(cell_seeds)),
        cell_at=cell_at,
    )


def _grow(land: Land, cost: Floats, within: Whole, seeds: Whole) -> Whole:
    """Return for every point the seed with the cheapest way to it inside its parent, so every part is in one piece."""
    one, two = within[land.neighbours].T
    net = land.net(cost, keep=(one == two) & (one != OUTSIDE))
    _, _, source = dijkstra(net, indices=seeds, min_only=True, return_predecessors=True)
    row = np.full(len(land.points) + 1, OUTSIDE)
    row[seeds] = np.arange(len(seeds))
    return np.where(source >= 0, row[np.maximum(source, 0)], OUTSIDE)


def _shares(total: int, weight: Floats) -> Whole:
    """Share out `total`, at least one each, by largest remainder."""
    spare = total - len(weight)
    exact = spare * weight / weight.sum()
    whole = np.floor(exact).astype(np.intp)
    late = np.argsort(whole - exact, kind="stable")[: spare - whole.sum()]
    whole[late] += 1
    return np.asarray(whole + 1, dtype=np.intp)


def _seeds(land: Land, parent_at: Whole, many: Whole, first: Whole) -> tuple[Whole, Whole]:
    """Return seeds spread over each parent, its own seed first, and the parent of each."""
    seeds: list[int] = []
    for parent, count in enumerate(many):
        rows = np.flatnonzero(parent_at == parent)
        if len(rows) < count:
            raise ValueError(f"The net is too coarse for {count} parts in one division; ask for fewer cells.")
        chosen = [int(first[parent])]
        away = _ranks(land.points[rows], land.points[chosen[0]])
        for _ in range(count - 1):
            best = int(rows[np.argmax(away)])
            chosen.append(best)
            away = np.minimum(away, _ranks(land.points[rows], land.points[best]))
        seeds += _centred(land.points, rows, np.array(chosen))
    return np.array(seeds), np.repeat(np.arange(len(many)), many)


def _ranks(points: Floats, seed: Floats) -> Floats:
    """Return how far points are, counted in points nearer to it, so that crowded ground gets more seeds."""
    distance = np.hypot(*(points - seed).T)
    rank = np.argsort(np.argsort(distance, kind="stable"), kind="stable")
    return np.asarray(rank + distance / (distance.max() + 1))


def _centred(points: Floats, rows: Whole, chosen: Whole) -> list[int]:
    """Move every seed but the first to the middle of the points nearest to it, if no two meet there."""
    for _ in range(4):
        away = np.hypot(*(points[rows][:, None] - points[chosen][None]).transpose(2, 0, 1))
        owner = np.argmin(away, axis=1)
        middles = np.array([points[rows][owner == seed].mean(axis=0) for seed in range(len(chosen))])
        moved = rows[np.argmin(np.hypot(*(points[rows][:, None] - middles[None]).transpose(2, 0, 1)), axis=0)]
        moved[0] = chosen[0]
        if len(np.unique(moved)) < len(moved):
            break
        chosen = moved
    return [int(row) for row in chosen]


def _villages(
    town_of: Whole, town_names: list[str], town_codes: list[str], chance: np.random.Generator
) -> tuple[list[str], list[str]]:
    fresh = iter(names.villages(len(town_of), chance))
    community = iter(names.COMMUNITIES)
    found, codes = [], []
    for row, town in enumerate(town_of):
        place = row - int(np.searchsorted(town_of, town))
        urban = place == 0 or (town == 0 and place < 9)
        seat = f"{next(community)}社区" if town == 0 else f"{town_names[town][:-1]}社区"
        found.append(seat if urban else next(fresh))
        codes.append(f"{town_codes[town]}{place + 1 if urban else place + 200:03d}")
    return found, codes


def _numbers(seeds: Floats, village_of: Whole) -> list[int]:
    """Number the cells of each village from west to east, then from north to south."""
    order = np.lexsort((-seeds[:, 1], seeds[:, 0], village_of))
    numbers = np.empty(len(order), dtype=np.intp)
    starts = np.searchsorted(village_of[order], village_of[order])
    numbers[order] = np.arange(len(order)) - starts + 1
    return [int(number) for number in numbers]


def _shapes(land: Land, cell_at: Whole, count: int) -> list[shapely.Polygon]:
    """Return the cells as polygons that share every border bit for bit, with borders smoothed where none cross."""
    between = cell_at[land.neighbours[:, 0]] != cell_at[land.neighbours[:, 1]]
    sides = shapely.multilinestrings(shapely.linestrings(land.corners[land.sides[between]]))
    raw = shapely.get_parts(shapely.line_merge(sides))
    arcs = _smoothed(raw)
    faces = shapely.get_parts(shapely.polygonize(arcs))
    owner = cell_at[land.nearest(shapely.get_coordinates(shapely.point_on_surface(faces)))]
    if len(faces) != count or len(np.unique(owner)) != count:
        faces = shapely.get_parts(shapely.polygonize(raw))
        owner = cell_at[land.nearest(shapely.get_coordinates(shapely.point_on_surface(faces)))]
    return [faces[row] for row in np.argsort(owner, kind="stable")]


def _smoothed(raw: np.ndarray) -> np.ndarray:
    arcs = np.array([shapely.LineString(smooth(_eased(shapely.get_coordinates(arc)))) for arc in raw], dtype=object)
    for _ in range(6):
        one, two = shapely.STRtree(arcs).query(arcs, predicate="crosses")
        bad = np.unique(np.r_[one, two, np.flatnonzero(~shapely.is_simple(arcs))])
        if not len(bad):
            return arcs
        arcs[bad] = raw[bad]
    return raw


def _eased(line: Floats) -> Floats:
    """Even out the zigzag of the tiles, the ends kept."""
    if len(line) > 2:
        line = np.vstack([line[:1], line[:-2] / 4 + line[1:-1] / 2 + line[2:] / 4, line[-1:]])
    return line
