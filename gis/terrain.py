"""Sight against the ground itself, where a model of its heights is given; an approximation at the model's resolution.

The ground between the points of the model is taken as bilinear. Around an eye it is cut into square cells, as large
as the model's own or larger where a view would need too many. A cell is hidden when the line from the eye to the
ground in its middle runs below the ground somewhere on its way, looked at in steps of half a cell. Hidden cells are
taken off the view as squares, so the edge of what is hidden is known to about one cell.

Left out: the curve of the Earth (2 m at 5 km), and heights of buildings above sloping ground.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from gis.errors import BadFile
from gis.outline import Surface, solid, valid
from gis.sweep import Floats

# More cells than this on a side make a view slow and no truer than the heights of most models are.
MOST_CELLS = 128
MOST_POINTS = 50_000_000
_CLEARANCE_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Ground heights in metres at the centres of the cells of a raster; NaN where the model knows nothing.

    `at` turns x, y of `crs` into column and row of the raster: column = at[0]·x + at[1]·y + at[2], row likewise.
    """

    crs: str
    heights_m: Floats
    at: tuple[float, float, float, float, float, float]
    cell_m: float

    @classmethod
    def read(cls, path: Path, *, crs: str | None = None) -> Self:
        """Read the first band of a GeoTIFF, an ESRI ASCII grid or what else rasterio reads.

        `crs` is needed where the file states none, and overrules what it states. Raises BadFile.
        """
        try:
            with rasterio.open(path) as raster:
                if raster.width * raster.height > MOST_POINTS:
                    raise BadFile(f"{path.name} has {raster.width} × {raster.height} heights, too many. Cut it.")
                named = crs or (raster.crs.to_string() if raster.crs else None)
                heights = raster.read(1, masked=True).astype(np.float64).filled(np.nan)
                way = ~raster.transform
        except (RasterioError, OSError) as error:
            raise BadFile(f"{path.name} cannot be read as a model of heights: {error}.") from error
        if named is None:
            raise BadFile(f"{path.name} does not say its coordinate system. Give one: --crs dem=EPSG:n.")
        return cls.of(heights, crs=named, at=(way.a, way.b, way.c - 0.5, way.d, way.e, way.f - 0.5))

    @classmethod
    def of(cls, heights_m: Floats, *, crs: str, at: tuple[float, float, float, float, float, float]) -> Self:
        """Return a raster of heights as terrain; the size of its cells is told from the middle of it."""
        rows, columns = heights_m.shape
        middle = _back(at, columns / 2.0, rows / 2.0), _back(at, columns / 2.0 + 1.0, rows / 2.0 + 1.0)
        return cls(crs=crs, heights_m=heights_m, at=at, cell_m=_cell_m(crs, *middle))

    def around(self, bounds: tuple[float, float, float, float], *, cell_m: float, crs: str) -> Self:
        """Return the terrain within bounds in `crs` as a raster of square cells of it."""
        west, south, east, north = bounds
        x, y = (
            np.arange(west - cell_m, east + 2 * cell_m, cell_m),
            np.arange(north + cell_m, south - 2 * cell_m, -cell_m),
        )
        places = (axis.ravel() for axis in np.meshgrid(x, y))
        heights = self.height_m(*places, crs=crs).reshape(len(y), len(x))
        at = (1 / cell_m, 0.0, -x[0] / cell_m, 0.0, -1 / cell_m, y[0] / cell_m)
        return type(self)(crs=crs, heights_m=heights, at=at, cell_m=cell_m)

    def height_m(self, x: Floats, y: Floats, *, crs: str) -> Floats:
        """Return the ground heights at places in `crs`; NaN outside the model or where it has a hole."""
        if crs != self.crs:
            x, y = _turn(crs, self.crs).transform(x, y)
        a, b, c, d, e, f = self.at
        column, row = np.asarray(a * x + b * y + c), np.asarray(d * x + e * y + f)
        return _bilinear(self.heights_m, column, row)


def over_ground(seen: Surface, terrain: Terrain, *, eye: Floats, eye_height_m: float, crs: str) -> tuple[Surface, bool]:
    """Return what of `seen` the ground leaves to an eye, and whether the model covers all of it.

    `eye_height_m` counts from the ground below. What the model knows nothing of hides nothing.
    """
    if seen.is_empty:
        return seen, True
    west, south, east, north = bounds = shapely.union(seen, shapely.Point(eye)).bounds
    cell = max(terrain.cell_m, (east - west) / MOST_CELLS, (north - south) / MOST_CELLS)
    if crs != terrain.crs:
        # To turn every step of every line between two systems would take most of the time.
        terrain = terrain.around(bounds, cell_m=cell, crs=crs)
    x, y = _middles(seen, bounds, cell)
    ground = float(terrain.height_m(eye[:1], eye[1:], crs=crs)[0])
    heights = terrain.height_m(x, y, crs=crs)
    if not math.isfinite(ground):
        return seen, False
    blocked = is_hidden(x, y, heights, terrain, eye=eye, eye_m=ground + eye_height_m, crs=crs, step_m=cell / 2)
    is_known = bool(np.isfinite(heights).all())
    if not blocked.any():
        return seen, is_known
    cells = _squares(x[blocked], y[blocked], cell)
    return solid(shapely.difference(valid(seen), shapely.union_all(cells))), is_known


def _middles(seen: Surface, bounds: tuple[float, float, float, float], cell_m: float) -> tuple[Floats, Floats]:
    """Return the middles of the cells that a view touches; cells begin at whole multiples of their side."""
    west, south, east, north = bounds
    columns = np.arange(np.floor(west / cell_m), np.ceil(east / cell_m)) * cell_m + cell_m / 2
    rows = np.arange(np.floor(south / cell_m), np.ceil(north / cell_m)) * cell_m + cell_m / 2
    x, y = (axis.ravel() for axis in np.meshgrid(columns, rows))
    shapely.prepare(seen)
    touched = shapely.intersects(seen, _squares(x, y, cell_m))
    return x[touched], y[touched]


def _squares(x: Floats, y: Floats, cell_m: float) -> NDArray[np.object_]:
    half = cell_m / 2
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half), dtype=object)


def is_hidden(
    x: Floats, y: Floats, heights_m: Floats, terrain: Terrain, *, eye: Floats, eye_m: float, crs: str, step_m: float
) -> NDArray[np.bool_]:
    """Return which ground points, at x, y and `heights_m`, the ground on the way hides from an eye at `eye_m`.

    Heights above the same zero as the model's.
    """
    away = np.hypot(x - eye[0], y - eye[1])
    hidden = np.zeros(len(x), dtype=bool)
    steps = int(np.ceil(away.max() / step_m)) if len(x) else 0
    for step in range(1, steps):
        open_yet = np.flatnonzero(~hidden & (away > step * step_m))
        share = step * step_m / away[open_yet]
        there = terrain.height_m(
            eye[0] + share * (x[open_yet] - eye[0]), eye[1] + share * (y[open_yet] - eye[1]), crs=crs
        )
        line = eye_m + share * (heights_m[open_yet] - eye_m)
        hidden[open_yet[there > line + _CLEARANCE_M]] = True
    return hidden


def _bilinear(heights: Floats, column: Floats, row: Floats) -> Floats:
    rows, columns = heights.shape
    # Up to half a cell beyond the outer centres the model still holds.
    inside = (column >= -0.5) & (column <= columns - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
    column, row = np.clip(column, 0, columns - 1), np.clip(row, 0, rows - 1)
    left = np.clip(np.nan_to_num(np.floor(column)).astype(np.intp), 0, max(0, columns - 2))
    top = np.clip(np.nan_to_num(np.floor(row)).astype(np.intp), 0, max(0, rows - 2))
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    across, down = column - left, row - top
    upper = heights[top, left] * (1 - across) + heights[top, right] * across
    lower = heights[bottom, left] * (1 - across) + heights[bottom, right] * across
    return np.where(inside, upper * (1 - down) + lower * down, np.nan)


def _back(at: tuple[float, float, float, float, float, float], column: float, row: float) -> tuple[float, float]:
    a, b, c, d, e, f = at
    turn = a * e - b * d
    return (e * (column - c) - b * (row - f)) / turn, (a * (row - f) - d * (column - c)) / turn


def _cell_m(crs: str, here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the side of a cell in metres, of the diagonal between two opposite corners."""
    lng, lat = _turn(crs, "EPSG:4326").transform([here[0], there[0]], [here[1], there[1]])
    _, _, away = pyproj.Geod(ellps="WGS84").inv(lng[0], lat[0], lng[1], lat[1])
    return float(away / np.sqrt(2.0))


@lru_cache(maxsize=32)
def _turn(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
