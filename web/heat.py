"""The heat of incidents as map tiles: a surface in metres, sampled into Web Mercator and coloured.

The surface is computed once per scope, kind and period and kept; a tile only samples it. Counts are smoothed by a
Gaussian of SIGMA_M, which the legend says, and nothing is drawn outside the cells that may be told.
"""

import io
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy.orm import Session

from data import incidents, settings
from data.incidents import Wanted
from gis.coords import county_crs
from gis.density import heat

Floats = NDArray[np.float64]

SIGMA_M = 200.0
TILE_PX = 256
# A surface is never finer than an eighth of the smoothing and never larger than this many cells a side.
FINEST_M = SIGMA_M / 8
MOST_CELLS = 1_600
_EDGE_M = 20037508.342789244
_EVERY_PX = 8
# From nothing over a dull ember to the one warm colour of the wall: (share of the peak, red, green, blue, alpha).
RAMP = np.array(
    [
        (0.00, 86, 46, 38, 0),
        (0.04, 96, 52, 40, 60),
        (0.25, 150, 74, 46, 140),
        (0.60, 214, 128, 58, 190),
        (1.00, 255, 204, 110, 225),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Incidents per square kilometre on a grid in a metric CRS; row 0 is the south, `peak` the largest value."""

    crs: str
    west: float
    south: float
    cell_m: float
    per_km2: Floats
    peak: float


def surface(session: Session, wanted: Wanted) -> Surface | None:
    """Return the heat of what may be told inside the scope, or None when nothing may."""
    points = incidents.heat_points(session, wanted)
    if not points:
        return None
    lng, lat = (np.array([getattr(point, axis) for point in points]) for axis in ("lng", "lat"))
    crs = settings.get().county_crs or county_crs(float(lng.mean()), float(lat.mean())).to_string()
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    cells = [shapely.from_wkb(wkb) for wkb in incidents.shown_cells(session, wanted)]
    ground = shapely.transform(np.array(cells, dtype=object), lambda x, y: to_grid.transform(x, y), interleaved=False)
    x, y = to_grid.transform(lng, lat)
    return _surface(np.asarray(x), np.asarray(y), np.array([one.count for one in points]), ground, crs=crs)


def _surface(x: Floats, y: Floats, count: NDArray[np.int64], ground: NDArray[np.object_], *, crs: str) -> Surface:
    west, south, east, north = shapely.total_bounds(ground)
    cell_m = max(FINEST_M, (east - west) / MOST_CELLS, (north - south) / MOST_CELLS)
    columns, rows = (max(1, math.ceil(length / cell_m)) for length in (east - west, north - south))
    extent = (west, south, west + columns * cell_m, south + rows * cell_m)
    smooth = heat(np.repeat(x, count), np.repeat(y, count), extent=extent, cell_m=cell_m, sigma_m=SIGMA_M)
    per_km2 = np.where(_inside(ground, extent, smooth.shape), smooth, 0.0) * (1e6 / cell_m**2)
    return Surface(crs=crs, west=west, south=south, cell_m=cell_m, per_km2=per_km2, peak=float(per_km2.max()))


def _inside(ground: NDArray[np.object_], extent: tuple[float, float, float, float], shape: tuple[int, ...]) -> Floats:
    """Return which grid cells have their middle inside one of the polygons."""
    west, south, east, _ = extent
    rows, columns = shape
    step = (east - west) / columns
    xs, ys = west + (np.arange(columns) + 0.5) * step, south + (np.arange(rows) + 0.5) * step
    told = np.zeros(shape, dtype=bool)
    shapely.prepare(ground)
    for polygon in ground:
        left, bottom, right, top = polygon.bounds
        across, along = slice(*np.searchsorted(xs, (left, right))), slice(*np.searchsorted(ys, (bottom, top)))
        grid_x, grid_y = np.meshgrid(xs[across], ys[along])
        told[along, across] |= shapely.contains_xy(polygon, grid_x, grid_y)
    return told


def tile(shown: Surface | None, z: int, x: int, y: int) -> bytes:
    """Return the PNG of one tile; wholly transparent where there is nothing to tell."""
    if shown is None or shown.peak <= 0:
        return _nothing()
    share = _sampled(shown, *_tile_metres(z, x, y)) / shown.peak
    colours = np.stack([np.interp(share, RAMP[:, 0], RAMP[:, band]) for band in range(1, 5)], axis=-1)
    colours[share <= 0] = 0
    return _png(colours.astype(np.uint8))


def _tile_metres(z: int, x: int, y: int) -> tuple[Floats, Floats]:
    """Return Web Mercator x and y of every few pixels of a tile, edges included; rows go south."""
    size = 2 * _EDGE_M / (1 << z)
    steps = np.linspace(0, 1, TILE_PX // _EVERY_PX + 1)
    return -_EDGE_M + (x + steps) * size, _EDGE_M - (y + steps) * size


def _sampled(shown: Surface, mercator_x: Floats, mercator_y: Floats) -> Floats:
    """Return the surface at every pixel; places between the projected ones are interpolated, to well below a pixel."""
    grid_x, grid_y = np.meshgrid(mercator_x, mercator_y)
    there = _from_mercator(shown.crs).transform(grid_x, grid_y)
    column, row = (
        _finer((axis - start) / shown.cell_m) for axis, start in zip(there, (shown.west, shown.south), strict=True)
    )
    rows, columns = shown.per_km2.shape
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    found = shown.per_km2[np.clip(row, 0, rows - 1).astype(int), np.clip(column, 0, columns - 1).astype(int)]
    return np.where(inside, found, 0.0)


def _finer(coarse: Floats) -> Floats:
    """Return values at the middle of every pixel from values every few pixels."""
    at = (np.arange(TILE_PX) + 0.5) / _EVERY_PX
    left = np.minimum(at.astype(int), coarse.shape[0] - 2)
    part = at - left
    across = coarse[:, left] * (1 - part) + coarse[:, left + 1] * part
    return np.asarray(across[left] * (1 - part)[:, None] + across[left + 1] * part[:, None])


@lru_cache(maxsize=8)
def _from_mercator(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:3857", crs, always_xy=True)


@lru_cache(maxsize=1)
def _nothing() -> bytes:
    return _png(np.zeros((TILE_PX, TILE_PX, 4), dtype=np.uint8))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(out, "PNG", compress_level=3)
    return out.getvalue()
