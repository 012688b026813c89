"""From what a file says of places to geometry in WGS-84: place columns, coordinate systems, rows that lie nowhere."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import geopandas
import numpy as np
import pandas
import shapely

from data.types import Problem, Severity
from gis.coords import WGS84, Floats, convert, crs_named, unusable
from gis.errors import BadFile
from gis.texts import Raw

_LNG = {"lng", "lon", "long", "longitude", "x", "经度", "东经", "x坐标", "坐标x", "gps经度"}
_LAT = {"lat", "latitude", "y", "纬度", "北纬", "y坐标", "坐标y", "gps纬度"}
_WKT = {"wkt", "geometry", "geom", "thegeom", "shape", "几何", "空间几何"}
_CRS_IN_HEADER = re.compile(r"(wgs84|cgcs2000|gcj02|bd09)$")
_DMS = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*[°度]\s*(?:(\d+(?:\.\d+)?)\s*['′分]\s*)?(?:(\d+(?:\.\d+)?)\s*(?:\"|''|′′|秒)\s*)?"
)

# The header under which tables written here carry their geometry.
LNG_HEADER, LAT_HEADER, WKT_HEADER = "lng_wgs84", "lat_wgs84", "wkt_wgs84"


def with_geometry(raw: Raw) -> tuple[Raw, tuple[str, ...]]:
    """Return `raw` with geometry made from its longitude and latitude or WKT columns, and the names of those.

    The columns used are taken out: the geometry is the place. A header that ends in the name of a CRS states it
    (lng_gcj02, 经度(BD09)). A row without a readable place keeps no geometry; a half or unreadable one is a problem.
    """
    if raw.geometry is not None:
        return raw, ()
    plain = {_plain(name): name for name in reversed(raw.columns.columns.tolist())}
    lng, lat, wkt = (next((plain[name] for name in plain if name in known), None) for known in (_LNG, _LAT, _WKT))
    if lng is not None and lat is not None:
        return _taken(raw, (lng, lat), *_points(raw.columns, lng, lat))
    if wkt is not None and _is_wkt(raw.columns[wkt]):
        return _taken(raw, (wkt,), *_shapes(raw.columns, wkt))
    return raw, ()


def in_wgs84(raw: Raw, *, crs: str | None, name: str) -> tuple[geopandas.GeoDataFrame, str, list[Problem], list[str]]:
    """Return a frame in EPSG:4326, the CRS it came in, and a problem for each row that lies nowhere on Earth.

    `crs` overrules what the file states. Raises BadFile when neither says anything.
    """
    if raw.geometry is None:
        return geopandas.GeoDataFrame(raw.columns, geometry=[None] * len(raw.columns), crs=4326), "", [], []
    told = crs_named(crs) if crs is not None else None
    source = told or raw.stated_crs
    if source is None:
        raise BadFile(
            f"{name} does not say its coordinate system. Give one: --crs wgs84, cgcs2000, gcj02, bd09 or EPSG:n."
        )
    notes = [_note(source, told=told, stated=raw.stated_crs)]
    geometry = shapely.force_2d(raw.geometry)
    points, rows = shapely.get_coordinates(geometry, return_index=True)
    nowhere = np.unique(rows[unusable(points[:, 0], points[:, 1], source=source)])
    geometry[nowhere] = None
    problems = [_nowhere(row, raw.geometry[row], source) for row in nowhere.tolist()]
    moved = shapely.transform(geometry, lambda x, y: convert(x, y, source=source, target=WGS84), interleaved=False)
    frame = geopandas.GeoDataFrame(raw.columns, geometry=moved, crs=4326)
    return frame, source, problems, notes


def place_columns(frame: geopandas.GeoDataFrame) -> pandas.DataFrame:
    """Return a frame as a table of text, its geometry as longitude and latitude (points only) or WKT, in WGS-84."""
    geometry = np.asarray(frame.geometry.array, dtype=object)
    table = pandas.DataFrame(frame.drop(columns=frame.geometry.name), dtype=object)
    here = ~shapely.is_missing(geometry)
    if (shapely.get_type_id(geometry[here]) == shapely.GeometryType.POINT).all():
        x, y = shapely.get_x(geometry), shapely.get_y(geometry)
        table[LNG_HEADER], table[LAT_HEADER] = _spelled(x), _spelled(y)
        return table
    table[WKT_HEADER] = ["" if shape is None else shapely.to_wkt(shape, rounding_precision=-1) for shape in geometry]
    return table


def _plain(name: str) -> str:
    """Return a header without case, spaces, units and the name of a CRS."""
    signless = re.sub(r"[\s_\-()\[\]°度.]", "", unicodedata.normalize("NFKC", name).lower())
    text = _CRS_IN_HEADER.sub("", signless)
    # "经度" and "纬度" end in the letter that also is the unit.
    return {"经": "经度", "纬": "纬度", "gps经": "gps经度", "gps纬": "gps纬度"}.get(text, text)


def _crs_of_header(name: str) -> str | None:
    found = _CRS_IN_HEADER.search(re.sub(r"[\s_\-()]", "", unicodedata.normalize("NFKC", name).lower()))
    return found[1] if found else None


def _taken(raw: Raw, used: tuple[str, ...], geometry: "np.ndarray[tuple[int], np.dtype[np.object_]]",
           problems: list[Problem]) -> tuple[Raw, tuple[str, ...]]:  # fmt: skip
    stated = _crs_of_header(used[0]) or raw.stated_crs
    columns = raw.columns.drop(columns=list(used))
    placed = replace(raw, columns=columns, geometry=geometry, stated_crs=stated, problems=(*raw.problems, *problems))
    return placed, used


def _points(
    table: pandas.DataFrame, lng: str, lat: str
) -> tuple["np.ndarray[tuple[int], np.dtype[np.object_]]", list[Problem]]:
    x, y = _degrees(table[lng]), _degrees(table[lat])
    blank = (table[lng].str.strip() == "").to_numpy() & (table[lat].str.strip() == "").to_numpy()
    unread = (np.isnan(x) | np.isnan(y)) & ~blank
    zero = (x == 0) & (y == 0)
    geometry = np.full(len(table), None, dtype=object)
    good = ~(blank | unread | zero)
    geometry[good] = shapely.points(x[good], y[good])
    problems = [
        Problem(row=row + 1, field=lng, severity=Severity.ERROR,
                reason=f"{table[lng].iloc[row]!r}, {table[lat].iloc[row]!r} is no longitude and latitude.")
        for row in np.flatnonzero(unread).tolist()
    ]  # fmt: skip
    problems += [
        Problem(row=row + 1, field=lng, severity=Severity.WARNING, reason="0, 0 is taken as no place at all.")
        for row in np.flatnonzero(zero).tolist()
    ]
    return geometry, problems


def _degrees(column: "pandas.Series[str]") -> Floats:
    numbers = pandas.to_numeric(column.str.strip(), errors="coerce").to_numpy(np.float64, copy=True)
    for row in np.flatnonzero(np.isnan(numbers)).tolist():
        numbers[row] = _sexagesimal(column.iloc[row])
    return numbers


def _sexagesimal(text: str) -> float:
    """Return degrees of 104°46'12.5"E and its Chinese spelling, or NaN."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    sign = -1.0 if re.search(r"[WS西南]", plain) else 1.0
    found = _DMS.fullmatch(re.sub(r"[NESW东南西北经纬]", "", plain).strip())
    if found is None:
        return float("nan")
    degrees, minutes, seconds = (float(part or 0) for part in found.groups())
    return sign * (degrees + minutes / 60.0 + seconds / 3600.0)


def _is_wkt(column: "pandas.Series[str]") -> bool:
    first = next((text for text in column if text.strip()), "")
    return re.match(r"\s*(POINT|LINESTRING|POLYGON|MULTI|GEOMETRYCOLLECTION)", first, re.IGNORECASE) is not None


def _shapes(table: pandas.DataFrame, wkt: str) -> tuple["np.ndarray[tuple[int], np.dtype[np.object_]]", list[Problem]]:
    texts = table[wkt].tolist()
    geometry = shapely.from_wkt([text or None for text in texts], on_invalid="ignore")
    problems = [
        Problem(row=row, field=wkt, severity=Severity.ERROR, reason=f"{text[:40]!r} is no geometry in WKT.")
        for row, (text, shape) in enumerate(zip(texts, geometry, strict=True), start=1)
        if text.strip() and shape is None
    ]
    return geometry, problems


def _note(source: str, *, told: str | None, stated: str | None) -> str:
    if told is None:
        return f"The coordinates are in {source}, as the file says."
    if stated is None or stated == told:
        return f"The coordinates are in {source}, as told."
    return f"The file says {stated}; its coordinates are taken as {source}, as told."


def _nowhere(row: int, shape: object, source: str) -> Problem:
    x, y = shapely.get_coordinates(shape)[0]
    reason = f"{x:.10g}, {y:.10g} lies nowhere on Earth in {source}. Longitude comes first; is the system right?"
    return Problem(row=row + 1, field="geometry", severity=Severity.ERROR, reason=reason)


def _spelled(values: Sequence[float] | Floats) -> list[str]:
    return ["" if value != value else repr(float(value)) for value in values]
