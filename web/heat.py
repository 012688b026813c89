"""The heat of incidents as map tiles: a surface in metres, sampled into Web Mercator and coloured.

The surface is computed once per scope, kind and period and kept; a tile only samples it. Counts are smoothed by a
Gaussian of `sigma_m`, which the legend says, and nothing is drawn outside the cells that may be told.
"""

import io
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from data import incidents, settings
from data.incidents import Wanted
from gis.coords import county_crs
from gis.density import Extent, heat

Floats = NDArray[np.float64]

SIGMA_M = 200.0
TILE_PX = 256
# A surface is never finer than an eighth of the smoothing and never larger than this many bins a side. Where the
# county is so wide that bins grow beyond a third of the smoothing, the smoothing grows with them.
FINEST_M = SIGMA_M / 8
MOST_BINS = 1_600
# Ten megabytes each at most.
SURFACES_KEPT = 8
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
    """Incidents per square kilometre in square bins of a metric CRS, row 0 in the north.

    `told` are the parts of the ground whose heat may be shown, in Web Mercator; `peak` the largest value in them.
    """

    crs: str
    west: float
    north: float
    bin_m: float
    sigma_m: float
    per_km2: NDArray[np.float32]
    peak: float
    told: shapely.Geometry


class Surfaces:
    """The surfaces of the latest screens: each computed once, however many tiles ask for it at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Future[Surface | None]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Surface | None]) -> Surface | None:
        """Return the surface of `key`, made by the first that asks; what went wrong is not kept."""
        with self._lock:
            there = self._made.get(key)
            if there is None:
                coming = self._made[key] = Future()
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
            else:
                self._made.move_to_end(key)
        if there is not None:
            return there.result()
        try:
            coming.set_result(make())
        except BaseException as error:
            with self._lock:
                self._made.pop(key, None)
            coming.set_exception(error)
            raise
        return coming.result()


def surface(session: Session, wanted: Wanted) -> Surface | None:
    """Return the heat of what may be told inside the scope, or None when nothing may."""
    points = incidents.heat_points(session, wanted)
    cells = incidents.shown_cells(session, wanted)
    if not points.count or not cells:
        return None
    ground = shapely.from_wkb(cells)
    west, south, east, north = shapely.total_bounds(ground)
    crs = settings.get().county_crs or county_crs((west + east) / 2, (south + north) / 2).to_string()
    x, y = _from("EPSG:4326", crs).transform(np.array(points.lng), np.array(points.lat))
    return laid_out(x, y, np.array(points.count), ground, crs=crs)


def laid_out(x: Floats, y: Floats, count: NDArray[np.int64], ground: NDArray[np.object_], *, crs: str) -> Surface:
    """Return the heat of events at x, y in `crs` over the ground (lng-lat polygons) that may be told."""
    extent = shapely.total_bounds(_moved(ground, "EPSG:4326", crs))
    bin_m = max(FINEST_M, (extent[2] - extent[0]) / MOST_BINS, (extent[3] - extent[1]) / MOST_BINS)
    sigma_m = max(SIGMA_M, 3 * bin_m)
    # One bin more on every side, so that whatever is told lies between the middles of bins.
    wide: Extent = (extent[0] - bin_m, extent[1] - bin_m, extent[2] + bin_m, extent[3] + bin_m)
    smooth = heat(np.repeat(x, count), np.repeat(y, count), extent=wide, cell_m=bin_m, sigma_m=sigma_m)
    told = shapely.union_all(shapely.make_valid(_moved(ground, "EPSG:4326", "EPSG:3857")))
    made = Surface(crs=crs, west=wide[0], north=wide[3], bin_m=bin_m, sigma_m=sigma_m,
                   per_km2=smooth.astype(np.float32), peak=0.0, told=told)  # fmt: skip
    return replace(made, peak=_peak(made))


def _peak(shown: Surface) -> float:
    """Return the largest value at the middle of a bin on the ground that may be told."""
    flat = shown.per_km2.ravel()
    shapely.prepare(shown.told)
    # The peak of told events lies on told ground, so the few largest bins nearly always settle it.
    largest = np.argpartition(flat, -min(4_096, len(flat)))[-4_096:]
    for bins in (largest, np.arange(len(flat))):
        inside = _on_told(shown, bins)
        if inside.any():
            return float(flat[bins][inside].max())
    # Told ground thinner than a bin.
    return float(flat.max())


def _on_told(shown: Surface, bins: NDArray[np.intp]) -> NDArray[np.bool_]:
    row, column = np.unravel_index(bins, shown.per_km2.shape)
    x, y = shown.west + (column + 0.5) * shown.bin_m, shown.north - (row + 0.5) * shown.bin_m
    return np.asarray(shapely.contains_xy(shown.told, *_from(shown.crs, "EPSG:3857").transform(x, y)))


def tile(shown: Surface | None, z: int, x: int, y: int) -> bytes:
    """Return the PNG of one tile; wholly transparent where there is nothing to tell."""
    if shown is None or shown.peak <= 0:
        return _nothing()
    size = 2 * _EDGE_M / (1 << z)
    west, north = -_EDGE_M + x * size, _EDGE_M - y * size
    here = shapely.clip_by_rect(shown.told, west, north - size, west + size, north)
    if here.is_empty:
        return _nothing()
    share = np.clip(sampled(shown, z, x, y) / shown.peak, 0, 1)
    colours = np.stack([np.interp(share, RAMP[:, 0], RAMP[:, band]) for band in range(1, 5)], axis=-1)
    colours[~_drawn(here, west, north, size)] = 0
    return _png(colours.astype(np.uint8))


def sampled(shown: Surface, z: int, x: int, y: int) -> Floats:
    """Return events per square kilometre at the middle of every pixel of a tile, told or not."""
    size = 2 * _EDGE_M / (1 << z)
    steps = np.linspace(0, 1, TILE_PX // _EVERY_PX + 1)
    grid = np.meshgrid(-_EDGE_M + (x + steps) * size, _EDGE_M - (y + steps) * size)
    # Projecting every eighth pixel and the places between along straight lines is right to a hundredth of a pixel.
    there_x, there_y = _from("EPSG:3857", shown.crs).transform(*grid)
    column = _finer((there_x - shown.west) / shown.bin_m - 0.5)
    row = _finer((shown.north - there_y) / shown.bin_m - 0.5)
    return _between(shown.per_km2, row, column)


def _between(values: NDArray[np.float32], row: Floats, column: Floats) -> Floats:
    """Return values between the middles of bins, weighted by nearness; 0 off the array."""
    rows, columns = values.shape
    inside = (column >= 0) & (column <= columns - 1) & (row >= 0) & (row <= rows - 1)
    left = np.clip(np.floor(column), 0, columns - 2).astype(np.intp)
    upper = np.clip(np.floor(row), 0, rows - 2).astype(np.intp)
    right, lower = np.clip(column - left, 0, 1), np.clip(row - upper, 0, 1)
    above = values[upper, left] * (1 - right) + values[upper, left + 1] * right
    below = values[upper + 1, left] * (1 - right) + values[upper + 1, left + 1] * right
    return np.asarray(np.where(inside, above * (1 - lower) + below * lower, 0.0))


def _drawn(ground: shapely.Geometry, west: float, north: float, size: float) -> NDArray[np.bool_]:
    """Return which pixels of a tile lie on the ground."""
    scale = TILE_PX / size
    drawn = np.zeros((TILE_PX, TILE_PX), dtype=bool)
    for part in shapely.get_parts(ground):
        if isinstance(part, shapely.Polygon) and not part.is_empty:
            sheet = Image.new("1", (TILE_PX, TILE_PX))
            pen = ImageDraw.Draw(sheet)
            for ring, inside in ((part.exterior, 1), *((hole, 0) for hole in part.interiors)):
                pen.polygon([((px - west) * scale - 0.5, (north - py) * scale - 0.5) for px, py in ring.coords], inside)
            drawn |= np.asarray(sheet)
    return drawn


def _finer(coarse: Floats) -> Floats:
    """Return values at the middle of every pixel from values every few pixels."""
    at = (np.arange(TILE_PX) + 0.5) / _EVERY_PX
    left = np.minimum(at.astype(int), coarse.shape[0] - 2)
    part = at - left
    across = coarse[:, left] * (1 - part) + coarse[:, left + 1] * part
    return np.asarray(across[left] * (1 - part)[:, None] + across[left + 1] * part[:, None])


def _moved(ground: NDArray[np.object_], source: str, target: str) -> NDArray[np.object_]:
    turn = _from(source, target)
    return np.asarray(shapely.transform(ground, lambda x, y: turn.transform(x, y), interleaved=False), dtype=object)


@lru_cache(maxsize=16)
def _from(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=1)
def _nothing() -> bytes:
    return _png(np.zeros((TILE_PX, TILE_PX, 4), dtype=np.uint8))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(out, "PNG", compress_level=3)
    return out.getvalue()
