"""Roads of a made-up county: main roads between towns, roads to villages, tracks to cells, streets in settlements."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree

from gis.county import names
from gis.county.divisions import Divisions
from gis.county.land import Floats, Land, Whole, smooth

MAIN, STREET, VILLAGE, TRACK = "main", "street", "village", "track"
HALF_WIDTH_M = {MAIN: 6.0, STREET: 5.0, VILLAGE: 3.5, TRACK: 2.0}
BRIDGE_COST = 4.0
RIVER_BANK_M = 26.0
SAME_CROSSING_M = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Road lines in metres with their kind and name, and the crossings: places and the bearings of their arms."""

    lines: list[shapely.LineString]
    kinds: list[str]
    names: list[str]
    crossings: Floats
    arms: list[tuple[float, ...]]
    arm_names: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where people live close together: middle, direction of its streets, half axes, spacing of its streets."""

    x: float
    y: float
    turn: float
    half: tuple[float, float]
    spacing: float
    size: int  # 3 county seat, 2 town, 1 village, 0 hamlet


def make_ways(land: Land, tree: Divisions, chance: np.random.Generator) -> tuple[Ways, list[Settlement]]:
    """Return the roads of a county and its settlements."""
    main, village, track = _routes(land, tree)
    lines, kinds, titles = _arcs(land, tree, {MAIN: main, VILLAGE: village, TRACK: track})
    settlements = _settlements(land, tree, lines, kinds, chance)
    water = shapely.buffer(shapely.union_all(list(land.rivers)), RIVER_BANK_M)
    for place in settlements:
        for row, street in enumerate(_streets(place, chance)):
            for part in shapely.get_parts(shapely.difference(street, water)):
                if part.length > 40:
                    lines.append(part)
                    kinds.append(STREET if place.size >= 2 else VILLAGE)
                    titles.append(names.STREETS[row % len(names.STREETS)] if place.size >= 2 else "")
    spots, arms, arm_names = _crossings(lines, titles)
    return Ways(lines=lines, kinds=kinds, names=titles, crossings=spots, arms=arms, arm_names=arm_names), settlements


def _routes(land: Land, tree: Divisions) -> tuple[set[tuple[int, int]], ...]:
    """Return the ways of the net that main roads, village roads and tracks use; no way is used twice."""
    inner = np.asarray(land.inside[land.neighbours].all(axis=1))
    cost = land.lengths() * np.where(land.wet, BRIDGE_COST, 1.0)
    main = _trunk(land, tree, cost, inner)
    village = _branches(land, cost, inner, main, tree.village_seeds) - main
    track = _branches(land, cost, inner, main | village, _outlying(land, tree)) - main - village
    return main, village, track


def _outlying(land: Land, tree: Divisions) -> Whole:
    """Return the cell seeds outside the towns, where streets lead instead of tracks."""
    away, town = cKDTree(land.points[tree.town_seeds]).query(land.points[tree.cell_seeds])
    return np.asarray(tree.cell_seeds[away > np.where(town == 0, 1700.0, 560.0)], dtype=np.intp)


def _trunk(land: Land, tree: Divisions, cost: Floats, inner: np.ndarray) -> set[tuple[int, int]]:
    """Join the towns by the shortest net, add ways out of the county, and short cuts where the detour is long."""
    far = np.argsort(land.points[:, 0] + np.where(land.inside, 0, np.nan))[: land.inside.sum()]
    gates = land.nearest(land.points[far[[0, -1]]])
    ends = np.r_[tree.town_seeds, gates]
    apart, before = dijkstra(land.net(cost, keep=inner), indices=ends, return_predecessors=True)
    between = apart[:, ends]
    joined = minimum_spanning_tree(between).toarray()
    links = [(int(a), int(b)) for a, b in np.argwhere(joined > 0)]
    along = dijkstra(joined, directed=False)
    towns = len(tree.town_seeds)
    links += [
        (a, b) for a in range(towns) for b in range(a) if along[a, b] > 1.9 * between[a, b] and between[a, b] < 11_000
    ]
    return {step for a, b in links for step in _steps(before[a], int(ends[b]))}


def _branches(
    land: Land, cost: Floats, inner: np.ndarray, used: set[tuple[int, int]], ends: Whole
) -> set[tuple[int, int]]:
    """Return the cheapest ways from each end to the roads there are."""
    start = sorted({row for step in used for row in step})
    net = land.net(cost, keep=inner)
    _, before, _ = dijkstra(net, indices=start, min_only=True, return_predecessors=True)
    return {step for end in ends for step in _steps(before, int(end))}


def _steps(before: Any, end: int) -> Iterable[tuple[int, int]]:
    while before[end] >= 0:
        last = int(before[end])
        yield (min(last, end), max(last, end))
        end = last


def _arcs(
    land: Land, tree: Divisions, routes: dict[str, set[tuple[int, int]]]
) -> tuple[list[shapely.LineString], list[str], list[str]]:
    """Return the ways as smooth lines between junctions, with kind and name."""
    meets: defaultdict[int, list[str]] = defaultdict(list)
    for kind, steps in routes.items():
        for one, two in sorted(steps):
            meets[one].append(kind)
            meets[two].append(kind)
    joints = {row for row, kinds in meets.items() if len(kinds) != 2 or kinds[0] != kinds[1]}
    lines, kinds, titles = [], [], []
    for kind, steps in routes.items():
        for path in _paths(steps, joints):
            lines.append(shapely.LineString(smooth(land.points[path])))
            kinds.append(kind)
            titles.append(_title(kind, path, tree))
    return lines, kinds, titles


def _title(kind: str, path: list[int], tree: Divisions) -> str:
    village = int(tree.village_of[tree.cell_at[path[len(path) // 2]]])
    if kind == MAIN:
        return f"{tree.town_names[int(tree.town_of[village])][:-1]}大道"
    return f"{tree.village_names[village]}村道" if kind == VILLAGE else ""


def _paths(steps: set[tuple[int, int]], joints: set[int]) -> list[list[int]]:
    """Walk the steps from joint to joint."""
    beside: defaultdict[int, list[int]] = defaultdict(list)
    for one, two in sorted(steps):
        beside[one].append(two)
        beside[two].append(one)
    left, found = set(steps), []
    for start in sorted(row for row in beside if row in joints):
        for step in beside[start]:
            path = [start, step]
            if (min(path), max(path)) not in left:
                continue
            left.discard((min(path), max(path)))
            while path[-1] not in joints:
                ahead = [row for row in beside[path[-1]] if (min(row, path[-1]), max(row, path[-1])) in left]
                if not ahead:
                    break
                left.discard((min(ahead[0], path[-1]), max(ahead[0], path[-1])))
                path.append(ahead[0])
            found.append(path)
    return found


def _settlements(
    land: Land, tree: Divisions, lines: list[shapely.LineString], kinds: list[str], chance: np.random.Generator
) -> list[Settlement]:
    """Return the county seat, towns, villages and hamlets, none inside a larger one."""
    net = shapely.STRtree(lines)
    found: list[Settlement] = []
    ranks = [
        (3, tree.town_seeds[:1], (1450.0, 1000.0), 165.0),
        (2, tree.town_seeds[1:], (520.0, 350.0), 125.0),
        (1, tree.village_seeds, (290.0, 150.0), 95.0),
        (0, tree.cell_seeds, (130.0, 70.0), 70.0),
    ]
    for size, seeds, half, spacing in ranks:
        for x, y in land.points[seeds]:
            if any(math.hypot(x - other.x, y - other.y) < max(other.half) + half[0] * 0.5 for other in found):
                continue
            grown = float(chance.uniform(0.75, 1.2))
            turn = _direction(lines[int(net.nearest(shapely.Point(x, y)))], x, y)
            axes = (half[0] * grown, half[1] * grown)
            found.append(Settlement(x=float(x), y=float(y), turn=turn, half=axes, spacing=spacing, size=size))
    return found


def _direction(line: shapely.LineString, x: float, y: float) -> float:
    at = line.project(shapely.Point(x, y))
    a, b = line.interpolate(max(0.0, at - 150)), line.interpolate(min(line.length, at + 150))
    return math.atan2(b.y - a.y, b.x - a.x)


def _streets(place: Settlement, chance: np.random.Generator) -> list[shapely.LineString]:
    """Return a slightly bent net of streets inside an ellipse, the two main axes first."""
    streets = []
    if place.size == 0:
        offsets = [(0, 0.0)]
    else:
        offsets = [
            (axis, step * place.spacing) for axis in (0, 1) for step in _middle_out(place.half[1 - axis], place.spacing)
        ]
    bend = chance.uniform(0, 6, 2)
    for axis, offset in offsets:
        if place.size and offset and chance.random() < (0.1 if place.size == 3 else 0.2):
            continue
        offset += float(chance.normal(0, place.spacing * 0.09))
        reach = place.half[axis] * math.sqrt(max(0.04, 1 - (offset / place.half[1 - axis]) ** 2))
        ends = reach * chance.uniform(0.72, 1.05, 2)
        along = np.linspace(-ends[0], ends[1], max(2, round(float(ends.sum()) / 60)) + 1)
        sway = 0.11 * place.spacing * np.sin(along / (place.spacing * 2.6) + bend[axis])
        across = np.full(len(along), offset) + sway
        local = np.stack([along, across] if axis == 0 else [across, along], axis=1)
        streets.append(shapely.LineString(smooth(_placed(place, local), rounds=1)))
    return streets


def _middle_out(half: float, spacing: float) -> list[float]:
    count = int(half * 0.92 // spacing)
    return [0.0, *(sign * float(step) for step in range(1, count + 1) for sign in (1, -1))]


def _placed(place: Settlement, local: Floats) -> Floats:
    cos, sin = math.cos(place.turn), math.sin(place.turn)
    return np.asarray(local @ np.array([[cos, sin], [-sin, cos]]) + np.array([place.x, place.y]))


def _crossings(
    lines: list[shapely.LineString], titles: list[str]
) -> tuple[Floats, list[tuple[float, ...]], list[tuple[str, ...]]]:
    """Return where three or more arms meet, their bearings, and the names of the roads of the arms."""
    parts = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    parts = parts[shapely.length(parts) > 12]
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(parts, row)) for row in (0, -1)])
    ahead = np.concatenate([shapely.get_coordinates(shapely.line_interpolate_point(parts, away)) for away in (12, -12)])
    key, owner, count = np.unique(np.round(ends, 2), axis=0, return_inverse=True, return_counts=True)
    spots = _apart(key, count)
    bearing = np.degrees(np.arctan2(*(ahead - ends).T)) % 360
    title = _titles_at(ahead, lines, titles)
    order = np.argsort(owner.ravel(), kind="stable")
    first = np.searchsorted(owner.ravel()[order], np.arange(len(key) + 1))
    rows = [order[first[spot] : first[spot + 1]] for spot in spots]
    arms = [tuple(float(bearing[row]) for row in some) for some in rows]
    return key[spots], arms, [tuple(title[row] for row in some) for some in rows]


def _apart(key: Floats, count: Whole) -> Whole:
    """Keep crossings of three arms or more, the larger of any two that are close."""
    real = np.flatnonzero(count >= 3)
    order = real[np.argsort(-count[real], kind="stable")]
    near: Any = cKDTree(key[order]).query_ball_point(key[order], SAME_CROSSING_M)
    gone = np.zeros(len(order), dtype=bool)
    for row, others in enumerate(near):
        if not gone[row]:
            gone[[other for other in others if other > row]] = True
    return np.sort(order[~gone])


def _titles_at(places: Floats, lines: list[shapely.LineString], titles: list[str]) -> list[str]:
    return [titles[int(row)] for row in shapely.STRtree(lines).nearest(shapely.points(places))]
