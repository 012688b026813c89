"""Coordinate systems: WGS-84, CGCS2000, GCJ-02, BD-09 and EPSG; the only place that knows the offset.

No formula of GCJ-02 is official; this is the one in general use. CGCS2000 is taken as equal to WGS-84: they differ by
decimetres, less than a map shows. Degrees everywhere, longitude first; metres only in projected EPSG systems.
"""

import math
import re
from collections.abc import Callable
from functools import cache
from typing import TypeAlias, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.errors import BadCoordinate, BadCrs

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Floats, Floats]
# Tells for arrays of lng, lat in WGS-84 whether each lies where GCJ-02 is in force.
Border: TypeAlias = Callable[[Floats, Floats], NDArray[np.bool_]]

WGS84, CGCS2000, GCJ02, BD09 = "wgs84", "cgcs2000", "gcj02", "bd09"
_SAME_AS_WGS84 = {WGS84, CGCS2000, "epsg:4326", "epsg:4490"}
_OTHER_NAMES = {
    "wgs1984": WGS84, "crs84": WGS84, "ogccrs84": WGS84, "gcs2000": CGCS2000, "china2000": CGCS2000, "gcj": GCJ02,
    "火星坐标": GCJ02, "国家2000": CGCS2000, "bd": BD09, "bd09ll": BD09, "百度": BD09, "百度坐标": BD09,
}  # fmt: skip

# The rectangle every peer uses for "inside China", wrong near the borders: west, south, east, north.
CHINA_RECTANGLE = (72.004, 0.8293, 137.8347, 55.8271)
_GCJ_A = 6378245.0
_GCJ_EE = 0.00669342162296594323
_BD_K = math.pi * 3000.0 / 180.0
# Each round shrinks the error about 150-fold (GCJ-02) or 50-fold (BD-09); these end at a few nanometres,
# and at 0.3 µm within millimetres of 105° E, where the formula has a kink.
_GCJ_ROUNDS = 6
_BD_ROUNDS = 7
# Small enough that all working arrays of one block stay in the processor's cache.
_BLOCK = 8192


def crs_named(name: str) -> str:
    """Return the one spelling of a CRS name: wgs84, cgcs2000, gcj02, bd09 or epsg:n.

    Accepts the spellings met in files and on command lines (GCJ-02, EPSG::4490, 火星坐标). Raises BadCrs.
    """
    text = name.strip().lower()
    plain = re.sub(r"[\s_.\-]", "", text).removeprefix("urn:ogc:def:crs:")
    plain = plain.replace("ogc:13:", "").replace(":", "")
    if plain in (WGS84, CGCS2000, GCJ02, BD09):
        return plain
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain]
    number = re.fullmatch(r"(?:urn:ogc:def:crs:)?epsg:(?:[\d.]*:)?(\d{4,6})", text)
    if number is None:
        raise BadCrs(f"{name!r} is no known coordinate system. Write wgs84, cgcs2000, gcj02, bd09 or EPSG:n.")
    _pyproj_crs(int(number[1]))
    return f"epsg:{number[1]}"


def polygon_border(polygon: shapely.Geometry) -> Border:
    """Return a border for `convert` from a polygon in WGS-84, more exact near the edge than the rectangle."""
    shapely.prepare(polygon)
    return lambda lng, lat: shapely.contains_xy(polygon, lng, lat)


def in_rectangle(lng: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Return where GCJ-02 is in force by the classic rectangle."""
    west, south, east, north = CHINA_RECTANGLE
    return (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)


@overload
def convert(
    lng: float, lat: float, *, source: str, target: str, border: Border = in_rectangle
) -> tuple[float, float]: ...
@overload
def convert(lng: ArrayLike, lat: ArrayLike, *, source: str, target: str, border: Border = in_rectangle) -> Pair: ...
def convert(
    lng: ArrayLike, lat: ArrayLike, *, source: str, target: str, border: Border = in_rectangle
) -> tuple[float, float] | Pair:
    """Convert places between coordinate systems; floats give floats, arrays give arrays of the same shape.

    `border` says where GCJ-02 is in force (in WGS-84). Round trips through GCJ-02 and BD-09 return within 1 µm, but for
    a strip of at most 1 km outside the border: a shifted and an unshifted place share a coordinate there, and the
    shifted one is taken. Raises BadCrs for a name, BadCoordinate for what is not finite or lies off the Earth.
    """
    source, target = crs_named(source), crs_named(target)
    xs, ys = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    _refuse_unusable(xs, ys, source)
    if source == target or {source, target} <= _SAME_AS_WGS84:
        x, y = xs.copy(), ys.copy()
    else:
        x, y = _by_way_of_wgs84(xs.ravel(), ys.ravel(), source, target, border)
        _refuse_result(xs, ys, x, y, source, target)
    if xs.ndim == 0:
        return float(x.item()), float(y.item())
    return x.reshape(xs.shape), y.reshape(ys.shape)


def unusable(lng: ArrayLike, lat: ArrayLike, *, source: str) -> NDArray[np.bool_]:
    """Return which places `convert` to WGS-84 would refuse: not finite, or nowhere on Earth in `source`."""
    source = crs_named(source)
    x, y = np.asarray(lng, np.float64), np.asarray(lat, np.float64)
    if not _is_projected(source):
        return _off_earth(x, y, source)
    west_x, south_y = _epsg_to_wgs84(x, y, source)
    return _off_earth(x, y, source) | _off_earth(west_x, south_y, WGS84)


def county_crs(lng: float, lat: float) -> CRS:
    """Return the projected CRS for metres around a place (WGS-84, or any other to within a zone's width).

    Inside the rectangle of China the CGCS2000 3-degree Gauss-Krüger zone (EPSG:4534 to 4554), elsewhere the UTM zone.
    Distances are true to 0.02 % in the first, 0.04 % (more at a zone's edge) in the second.
    """
    _refuse_unusable(np.asarray(lng, np.float64), np.asarray(lat, np.float64), WGS84)
    inside = bool(in_rectangle(np.asarray(lng, np.float64), np.asarray(lat, np.float64)))
    if inside and 73.5 <= lng < 136.5:
        return _pyproj_crs(4534 + round((math.floor((lng + 1.5) / 3) * 3 - 75) / 3))
    zone = int((lng + 180) // 6) % 60 + 1
    return _pyproj_crs((32600 if lat >= 0 else 32700) + zone)


def _by_way_of_wgs84(x: Floats, y: Floats, source: str, target: str, border: Border) -> Pair:
    # The two offsets nest (BD-09 sits on GCJ-02), so that pair needs no trip to WGS-84.
    if (source, target) == (BD09, GCJ02):
        return _in_blocks(_gcj02_of_bd09, x, y)
    if (source, target) == (GCJ02, BD09):
        return _in_blocks(_bd09_of_gcj02, x, y)
    return _from_wgs84(*_to_wgs84(x, y, source, border), target, border)


def _to_wgs84(x: Floats, y: Floats, source: str, border: Border) -> Pair:
    if source == GCJ02:
        return _in_blocks(lambda a, b: _wgs84_of_gcj02(a, b, border), x, y)
    if source == BD09:
        return _in_blocks(lambda a, b: _wgs84_of_gcj02(*_gcj02_of_bd09(a, b), border), x, y)
    return (x, y) if source in _SAME_AS_WGS84 else _epsg_to_wgs84(x, y, source)


def _from_wgs84(x: Floats, y: Floats, target: str, border: Border) -> Pair:
    if target == GCJ02:
        return _in_blocks(lambda a, b: _gcj02_of_wgs84(a, b, border), x, y)
    if target == BD09:
        return _in_blocks(lambda a, b: _bd09_of_gcj02(*_gcj02_of_wgs84(a, b, border)), x, y)
    if target in _SAME_AS_WGS84:
        return x, y
    east, north = _transformer("epsg:4326", target).transform(x, y)
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def _in_blocks(step: Callable[[Floats, Floats], Pair], x: Floats, y: Floats) -> Pair:
    out_x, out_y = np.empty_like(x), np.empty_like(y)
    for start in range(0, x.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        out_x[block], out_y[block] = step(x[block], y[block])
    return out_x, out_y


def _gcj_offset(lng: Floats, lat: Floats) -> Pair:
    """Return the offset of GCJ-02 from WGS-84 in degrees at places in WGS-84."""
    x, y = lng - 105.0, lat - 35.0
    x30, x12, x3, x1, cos_x = _waves(x)
    y30, y12, y3, y1, _ = _waves(y)
    x2 = 2.0 * x1 * cos_x
    x6 = x2 * (3.0 - 4.0 * x2 * x2)
    root, xy, shared = np.sqrt(np.abs(x)), 0.1 * x * y, 20.0 * (x6 + x2)
    north = shared + 20.0 * y1 + 40.0 * y3 + 160.0 * y12 + 320.0 * y30
    east = shared + 20.0 * x1 + 40.0 * x3 + 150.0 * x12 + 300.0 * x30
    north_m = north * (2.0 / 3.0) - 100.0 + 2.0 * x + (3.0 + 0.2 * y) * y + xy + 0.2 * root
    east_m = east * (2.0 / 3.0) + 300.0 + (1.0 + 0.1 * x) * x + 2.0 * y + xy + 0.1 * root
    sine = np.sin(lat * (np.pi / 180.0))
    square = sine * sine
    magic = 1.0 - _GCJ_EE * square
    degree = 180.0 / (np.pi * _GCJ_A) * np.sqrt(magic)
    return east_m * degree / np.sqrt(1.0 - square), north_m * degree * magic / (1.0 - _GCJ_EE)


def _waves(t: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return sin of pi·t/30, pi·t/12, pi·t/3 and pi·t, and cos of pi·t.

    All from one sine and one cosine of pi·t/60 by the addition theorems: four times faster, same to 1e-9 m.
    """
    s, c = np.sin(t * (np.pi / 60.0)), np.cos(t * (np.pi / 60.0))
    s2, c2 = 2.0 * s * c, 1.0 - 2.0 * s * s
    s4, c4 = 2.0 * s2 * c2, 1.0 - 2.0 * s2 * s2
    s5, c5 = s4 * c + c4 * s, c4 * c - s4 * s
    s10, c10 = 2.0 * s5 * c5, 1.0 - 2.0 * s5 * s5
    s20, c20 = 2.0 * s10 * c10, 1.0 - 2.0 * s10 * s10
    return s2, s5, s20, s20 * (3.0 - 4.0 * s20 * s20), c20 * (4.0 * c20 * c20 - 3.0)


def _gcj02_of_wgs84(lng: Floats, lat: Floats, border: Border) -> Pair:
    east, north = _gcj_offset(lng, lat)
    inside = border(lng, lat)
    return np.where(inside, lng + east, lng), np.where(inside, lat + north, lat)


def _wgs84_of_gcj02(lng: Floats, lat: Floats, border: Border) -> Pair:
    x, y = lng, lat
    for _ in range(_GCJ_ROUNDS):
        east, north = _gcj_offset(x, y)
        # Far outside the border the iteration means nothing; the clip only keeps it finite there.
        x, y = lng - east, np.clip(lat - north, -89.0, 89.0)
    inside = border(x, y)
    return np.where(inside, x, lng), np.where(inside, y, lat)


def _bd_offset(x: Floats, y: Floats) -> Pair:
    """Return the offset of BD-09 from GCJ-02 in degrees at places in GCJ-02.

    The published form goes through polar angles; turning by an angle under 3e-6 is the same to 1e-17 and cheaper.
    """
    grow = 1.0 + 2e-5 * np.sin(y * _BD_K) / np.maximum(np.sqrt(x * x + y * y), 1e-12)
    turn = 3e-6 * np.cos(x * _BD_K)
    along, across = grow * (1.0 - 0.5 * turn * turn) - 1.0, grow * turn
    return x * along - y * across + 0.0065, y * along + x * across + 0.006


def _bd09_of_gcj02(x: Floats, y: Floats) -> Pair:
    east, north = _bd_offset(x, y)
    return x + east, y + north


def _gcj02_of_bd09(lng: Floats, lat: Floats) -> Pair:
    x, y = lng, lat
    for _ in range(_BD_ROUNDS):
        east, north = _bd_offset(x, y)
        x, y = lng - east, lat - north
    return x, y


@cache
def _pyproj_crs(number: int) -> CRS:
    try:
        crs = CRS.from_epsg(number)
    except CRSError:
        raise BadCrs(f"EPSG:{number} is not in the EPSG register. Look the number up, or write wgs84.") from None
    if not (crs.is_geographic or crs.is_projected):
        raise BadCrs(f"EPSG:{number} ({crs.name}) has no place on a map. Name a geographic or projected system.")
    return crs


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _epsg_to_wgs84(x: Floats, y: Floats, source: str) -> Pair:
    lng, lat = _transformer(source, "epsg:4326").transform(x, y)
    return np.asarray(lng, np.float64), np.asarray(lat, np.float64)


def _is_projected(crs: str) -> bool:
    return crs.startswith("epsg:") and bool(_pyproj_crs(int(crs[5:])).is_projected)


def _off_earth(x: Floats, y: Floats, crs: str) -> NDArray[np.bool_]:
    if _is_projected(crs):
        return ~(np.isfinite(x) & np.isfinite(y))
    # BD-09 adds up to 0.0075 degrees everywhere, also at the edge of the world.
    edge = 0.01 if crs == BD09 else 0.0
    return ~((np.abs(x) <= 180.0 + edge) & (np.abs(y) <= 90.0 + edge))


def _refuse_unusable(x: Floats, y: Floats, crs: str) -> None:
    bad = _off_earth(x, y, crs)
    if not bad.any():
        return
    at = int(np.argmax(bad))
    lng, lat = float(x.flat[at]), float(y.flat[at])
    which = "The place" if x.ndim == 0 else f"Place {at + 1} of {x.size}"
    if not (math.isfinite(lng) and math.isfinite(lat)):
        raise BadCoordinate(f"{which} is {lng:g}, {lat:g}: both must be finite numbers.")
    swapped = " Longitude comes first; these look swapped." if abs(lat) <= 180 and abs(lng) <= 90 else ""
    metres = " These look like metres: name their EPSG system." if abs(lng) > 1000 or abs(lat) > 1000 else ""
    raise BadCoordinate(f"{which} is {lng:.10g}, {lat:.10g}, outside longitude ±180 and latitude ±90.{swapped}{metres}")


def _refuse_result(xs: Floats, ys: Floats, x: Floats, y: Floats, source: str, target: str) -> None:
    bad = _off_earth(x, y, target)
    if bad.any():
        at = int(np.argmax(bad))
        lng, lat = float(xs.flat[at]), float(ys.flat[at])
        raise BadCoordinate(
            f"{lng:.10g}, {lat:.10g} in {source} has no counterpart in {target}. Check the system named."
        )
