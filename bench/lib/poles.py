"""A made-up city with poles on its streets, and what cameras on them would cover: instances for siting, by seed."""

import math
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy import sparse, spatial

from data.types import Pose
from gis.coverage import view
from gis.obstacles import Obstacles

CRS = "EPSG:4546"  # CGCS2000, 3-degree zone of 111° E
REACH_M = 80.0
HFOV_DEG = 90.0
BLOCK_M, STREET_M = 100.0, 22.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """An instance of siting: candidates by demand points, weights, the pole of each candidate, and the budget."""

    name: str
    covers: sparse.csr_array
    weight: NDArray[np.int64]
    pole: NDArray[np.int64]
    budget: int


def town(*, poles: int, headings: int, points: int, seed: int) -> Town:
    """Return a town whose views are cut by buildings; it is kept in the folder for temporary files once made."""
    kept = Path(tempfile.gettempdir(), f"sharpeyes-town-3-{poles}-{headings}-{points}-{seed}.npz")
    if not kept.is_file():
        covers, weight = _made(poles, headings, points, np.random.default_rng(seed))
        np.savez(kept, indptr=covers.indptr, indices=covers.indices, weight=weight)
    with np.load(kept) as file:
        flags = np.ones(len(file["indices"]), dtype=np.int8)
        shape = (poles * headings, points)
        covers = sparse.csr_array((flags, file["indices"], file["indptr"]), shape=shape)
        weight = file["weight"]
    return Town(
        name=f"{poles:,} poles × {headings}, {points:,} points",
        covers=covers,
        weight=weight,
        pole=np.repeat(np.arange(poles), headings),
        budget=poles // 10,
    )


def _made(
    poles: int, headings: int, points: int, random: np.random.Generator
) -> tuple[sparse.csr_array, NDArray[np.int64]]:
    blocks = max(2, round(math.sqrt(poles / 4)))
    houses = _houses(blocks, random)
    obstacles = Obstacles.of(houses, crs=CRS)
    places, weight = _demand(blocks, points, obstacles, random)
    eyes = _poles(blocks, poles, random)
    tree = spatial.cKDTree(places)
    sees = [_seen(eye, obstacles, places, np.array(tree.query_ball_point(eye, REACH_M), dtype=int)) for eye in eyes]
    turns = random.uniform(0, 2 * math.pi, poles)
    rows, columns = [], []
    for number, (eye, seen) in enumerate(zip(eyes, sees, strict=True)):
        apart = places[seen] - eye
        angle = np.arctan2(apart[:, 1], apart[:, 0]) - turns[number]
        for heading in range(headings):
            off = np.mod(angle - 2 * math.pi * heading / headings + math.pi, 2 * math.pi) - math.pi
            facing = seen[np.abs(off) <= math.radians(HFOV_DEG / 2)]
            rows.append(np.full(len(facing), number * headings + heading))
            columns.append(facing)
    entries = np.concatenate(rows), np.concatenate(columns)
    return sparse.csr_array((np.ones(len(entries[0]), np.int8), entries), shape=(poles * headings, points)), weight


def _houses(blocks: int, random: np.random.Generator) -> list[shapely.Geometry]:
    """Return two to six houses for each block, turned a little, some of them L-shaped."""
    houses = []
    for column, row in np.ndindex(blocks, blocks):
        west, south = column * BLOCK_M + STREET_M / 2, row * BLOCK_M + STREET_M / 2
        inner = BLOCK_M - STREET_M
        for _ in range(random.integers(3, 8)):
            width, depth = random.uniform(12, 38, 2)
            x, y = west + random.uniform(0, inner - width), south + random.uniform(0, inner - depth)
            house = shapely.box(x, y, x + width, y + depth)
            if random.random() < 0.3:
                house = house.difference(shapely.box(x + width / 2, y + depth / 2, x + width, y + depth))
            houses.append(house)
    return [shapely.transform(house, lambda at: at + _origin()) for house in houses]


def _origin() -> NDArray[np.float64]:
    return np.array([500_000.0, 3_380_000.0])


def _poles(blocks: int, poles: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return places at the kerbs of the streets."""
    along = random.uniform(0, blocks * BLOCK_M, poles)
    kerb = random.integers(0, blocks + 1, poles) * BLOCK_M + random.choice((-1, 1), poles) * (STREET_M / 2 - 2)
    swap = random.random(poles) < 0.5
    return np.where(swap[:, None], np.c_[kerb, along], np.c_[along, kerb]) + _origin()


def _demand(
    blocks: int, points: int, obstacles: Obstacles, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return places outside houses, most of them on streets, with weights of 1 to 10, crossings worth most."""
    size = blocks * BLOCK_M
    places = random.uniform(0, size, (3 * points, 2))
    near = np.abs(places - np.rint(places / BLOCK_M) * BLOCK_M) <= STREET_M / 2
    keep = near.any(axis=1) | (random.random(len(places)) < 0.4)
    places, near = places[keep] + _origin(), near[keep]
    inside = obstacles.tree.query(shapely.points(places), predicate="within")[0]
    is_open = np.ones(len(places), dtype=bool)
    is_open[inside] = False
    places, near = places[is_open][:points], near[is_open][:points]
    assert len(places) == points
    return places, np.where(near.all(axis=1), 10, np.where(near.any(axis=1), random.integers(2, 5, points), 1))


def _seen(
    eye: NDArray[np.float64], obstacles: Obstacles, places: NDArray[np.float64], near: NDArray[np.int64]
) -> NDArray[np.int64]:
    lng, lat = _to_lnglat().transform(*eye)
    polygon = view(Pose(lng=lng, lat=lat, bearing_deg=None, reach_m=REACH_M), obstacles).polygon
    shapely.prepare(polygon)
    return near[shapely.contains_xy(polygon, places[near])] if len(near) else near


@lru_cache
def _to_lnglat() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
