"""The land of a made-up county: an outline, rivers, where towns lie, and a net of small tiles to build all else on.

Metres around the middle of the county. The tiles are Voronoi cells of points that lie denser where people live, so
one net gives small cells in town and wide ones in the hills, roads that run through valleys, and borders that any
two neighbours share bit for bit.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import Voronoi, cKDTree

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

CELL_KM2 = 1.6
CELLS_PER_TOWN = 27
TILES_PER_CELL = 36
MOST_TILES = 150_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """Points of the tiles, which of them lie inside, and the net between neighbours.

    `neighbours` (n, 2) are rows of `points`, `sides` (n, 2) the rows of `corners` their common side runs between.
    `wet` says that the way from one neighbour to the other crosses a river.
    """

    radius_m: float
    rivers: tuple[shapely.LineString, ...]
    seats: Floats
    points: Floats
    inside: NDArray[np.bool_]
    neighbours: Whole
    corners: Floats
    sides: Whole
    wet: NDArray[np.bool_]

    def net(self, cost: Floats, *, keep: NDArray[np.bool_] | None = None) -> csr_array:
        """Return the net as a symmetric matrix of costs; only the ways in `keep`."""
        rows = np.flatnonzero(np.ones(len(cost), dtype=bool) if keep is None else keep)
        ends, size = self.neighbours[rows], len(self.points)
        both = np.concatenate([ends, ends[:, ::-1]])
        return csr_array((np.tile(cost[rows], 2), (both[:, 0], both[:, 1])), shape=(size, size))

    def lengths(self) -> Floats:
        """Return the length of each way between neighbours."""
        along = self.points[self.neighbours[:, 0]] - self.points[self.neighbours[:, 1]]
        return np.asarray(np.hypot(*along.T))

    def nearest(self, places: Floats) -> Whole:
        """Return the row of the inner point nearest to each place."""
        rows = np.flatnonzero(self.inside)
        return np.asarray(rows[cKDTree(self.points[rows]).query(places)[1]], dtype=np.intp)


def make_land(cells: int, chance: np.random.Generator) -> Land:
    """Return the land for a county of so many cells."""
    radius_m = math.sqrt(cells * CELL_KM2 * 1e6 / math.pi)
    outline = _outline(radius_m, chance)
    rivers = _rivers(radius_m, chance)
    seats = _seats(max(1, round(cells / CELLS_PER_TOWN)), outline, rivers, chance)
    points = _points(cells, outline, rivers, seats, chance)
    voronoi = Voronoi(points)
    sides, neighbours = np.array(voronoi.ridge_vertices), np.asarray(voronoi.ridge_points, dtype=np.intp)
    finite = (sides >= 0).all(axis=1)
    neighbours, sides = np.asarray(neighbours[finite], dtype=np.intp), sides[finite].astype(np.intp)
    ways, water = shapely.linestrings(points[neighbours]), shapely.union_all(list(rivers))
    shapely.prepare(water)
    return Land(
        radius_m=radius_m,
        rivers=tuple(shapely.intersection(river, outline) for river in rivers),
        seats=seats,
        points=points,
        inside=shapely.contains_xy(outline, points),
        neighbours=neighbours,
        corners=voronoi.vertices,
        sides=sides,
        wet=shapely.intersects(water, ways),
    )


def smooth(line: Floats, *, rounds: int = 2) -> Floats:
    """Return a line with its corners cut (Chaikin), its ends kept."""
    for _ in range(rounds):
        if len(line) < 3:
            return line
        cut = np.stack([line[:-1] * 0.75 + line[1:] * 0.25, line[:-1] * 0.25 + line[1:] * 0.75], axis=1)
        line = np.vstack([line[:1], cut.reshape(-1, 2)[1:-1], line[-1:]])
    return line


def _outline(radius_m: float, chance: np.random.Generator) -> shapely.Polygon:
    angle = np.linspace(0, 2 * math.pi, 360, endpoint=False)
    waves = range(2, 9)
    bulge = sum(chance.normal(0, 0.42 / wave) * np.cos(wave * angle + chance.uniform(0, 6)) for wave in waves)
    away = radius_m * (1 + np.asarray(bulge))
    return shapely.Polygon(np.stack([1.22 * away * np.cos(angle), 0.82 * away * np.sin(angle)], axis=1))


def _rivers(radius_m: float, chance: np.random.Generator) -> tuple[shapely.LineString, ...]:
    """Return the main river from west to east, and three smaller ones that join it."""
    x = np.linspace(-1.8, 1.8, 240)
    shift = chance.uniform(0, 6, 3)
    y = 0.16 * np.sin(1.9 * x + shift[0]) + 0.06 * np.sin(5.3 * x + shift[1]) + 0.03 * np.sin(17 * x + shift[2])
    main = np.stack([x, y - y[120]], axis=1) * radius_m
    rivers = [main]
    for mouth, side, lean in ((105, 1, 0.35), (168, 1, 0.2), (76, -1, -0.3)):
        source = main[mouth] + np.array([lean + chance.normal(0, 0.12), 1.3 * side]) * radius_m
        rivers.append(_winding(source, main[mouth], chance))
    return tuple(shapely.LineString(smooth(river)) for river in rivers)


def _winding(source: Floats, mouth: Floats, chance: np.random.Generator) -> Floats:
    share = np.linspace(0, 1, 90)
    along = mouth - source
    across = np.array([-along[1], along[0]]) * np.sin(math.pi * share)[:, None]
    shift = chance.uniform(0, 6, 2)
    sway = 0.07 * np.sin(7 * share + shift[0]) + 0.03 * np.sin(23 * share + shift[1])
    return np.asarray(source + along * share[:, None] + across * sway[:, None])


def _seats(
    count: int, outline: shapely.Polygon, rivers: tuple[shapely.LineString, ...], chance: np.random.Generator
) -> Floats:
    """Return where towns lie: the county seat where rivers meet, the others spread along the valleys."""
    inner = shapely.buffer(outline, -0.1 * math.sqrt(outline.area / math.pi))
    banks = np.vstack([shapely.get_coordinates(shapely.segmentize(river, 150.0)) for river in rivers])
    banks = banks + chance.normal(0, 1, banks.shape) * 120 + np.array([0.0, 260.0])
    west, south, east, north = outline.bounds
    hills = chance.uniform((west, south), (east, north), (600, 2))
    places = np.vstack([banks, hills])
    worth = np.r_[np.ones(len(banks)), np.full(len(hills), 0.62)]
    fits = shapely.contains_xy(inner, places)
    places, worth = places[fits], worth[fits]
    first = shapely.get_coordinates(rivers[1])[-1] + np.array([350.0, 420.0])
    seats = [first]
    away = np.hypot(*(places - first).T)
    for _ in range(count - 1):
        best = int(np.argmax(np.minimum(away, away.max()) * worth))
        seats.append(places[best])
        away = np.minimum(away, np.hypot(*(places - places[best]).T))
    return np.array(seats)


def _points(
    cells: int,
    outline: shapely.Polygon,
    rivers: tuple[shapely.LineString, ...],
    seats: Floats,
    chance: np.random.Generator,
) -> Floats:
    """Return points of the tiles, denser in towns and valleys, evened out, some of them outside the outline."""
    count = min(MOST_TILES, cells * TILES_PER_CELL)
    west, south, east, north = shapely.buffer(outline, 900.0).bounds
    rain = chance.uniform((west, south), (east, north), (count * 12, 2))
    water = cKDTree(np.vstack([shapely.get_coordinates(shapely.segmentize(river, 100.0)) for river in rivers]))
    rain = rain[chance.random(len(rain)) < _density(rain, water, seats)]
    points = rain[: count * 5 // 4]
    for _ in range(3):
        owner = cKDTree(points).query(rain)[1]
        many = np.bincount(owner, minlength=len(points)).clip(1)[:, None]
        sums = np.stack([np.bincount(owner, rain[:, axis], minlength=len(points)) for axis in (0, 1)], axis=1)
        points = np.where(sums == 0, points, sums / many)
    return np.asarray(points)


def _density(places: Floats, water: cKDTree, seats: Floats) -> Floats:
    """Return how much is going on at each place, up to 1."""
    to_seat, seat = cKDTree(seats).query(places)
    spread = np.where(seat == 0, 1500.0, 750.0)
    valley = np.exp(-((water.query(places)[0] / 900.0) ** 2))
    town = np.where(seat == 0, 1.0, 0.7) * np.exp(-((to_seat / spread) ** 2))
    return np.asarray(np.minimum(1.0, 0.1 + 0.22 * valley + town))
