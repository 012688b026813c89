"""Every file format ↔ a frame with a CRS: one door in (`read`), one door out (`write`).

    .geojson .json .gpkg .shp .zip (a Shapefile or one other file) .kml .parquet .csv .tsv .txt .xlsx .osm.pbf

What comes in is text in source order with headers as they are; mapping headers to fields is the importer's work.
"""

import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas

from data.types import Problem
from gis import layers, sheets
from gis.archives import Bounds, unpack
from gis.errors import BadFile
from gis.placing import in_wgs84, place_columns, with_geometry
from gis.sheets import template
from gis.texts import Raw, text_frame

__all__ = ["Bounds", "Sheet", "read", "template", "write"]

_LAYERS = (".geojson", ".json", ".gpkg", ".shp", ".kml", ".pbf")
_PARQUET = (".parquet", ".geoparquet")
_CSV = (".csv", ".tsv", ".txt")
_READABLE = (*_LAYERS, *_PARQUET, *_CSV, ".xlsx", ".zip")
_WRITABLE = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".parquet", ".csv", ".xlsx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file as read: rows in source order, every attribute as text ("" where nothing stood), geometry in EPSG:4326.

    `crs` is what the coordinates came in ("" where there were none), `place_columns` the columns the geometry was
    made from, `problems` rows that cannot be used as they are (their geometry is None). Notes are for the user.
    """

    frame: geopandas.GeoDataFrame
    crs: str
    encoding: str | None
    place_columns: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def read(
    path: Path,
    *,
    crs: str | None = None,
    layer: str | None = None,
    need_geometry: bool = True,
    bounds: Bounds | None = None,
) -> Sheet:
    """Read a file of places or areas.

    `crs` (wgs84, cgcs2000, gcj02, bd09, EPSG:n) is needed where the file states none, plain GeoJSON apart, and
    overrules what it states. `layer` names a layer or worksheet. With `need_geometry=False` a table without places is
    read too. Raises gis.errors.Refused with a sentence; nothing is read in part.
    """
    raw, place_names = with_geometry(_read_raw(path, layer, bounds or Bounds()))
    if raw.geometry is None and need_geometry:
        raise BadFile(
            f"{path.name} has no places: no geometry, no longitude and latitude (经度, 纬度, lng, lat, x, y), no WKT."
        )
    frame, source, problems, notes = in_wgs84(raw, crs=crs, name=path.name)
    return Sheet(
        frame=frame,
        crs=source,
        encoding=raw.encoding,
        place_columns=place_names,
        notes=(*raw.notes, *notes),
        problems=(*raw.problems, *problems),
    )


def write(frame: geopandas.GeoDataFrame, path: Path, *, encoding: str = "utf-8-sig") -> tuple[str, ...]:
    """Write a frame in EPSG:4326 in the format of the file name, and return notes on what had to change.

    A .zip holds a Shapefile. CSV and XLSX carry points as lng_wgs84 and lat_wgs84, other shapes as wkt_wgs84, and no
    cell that a spreadsheet would run; `read` undoes that. `encoding` is that of a CSV. The file appears whole or not
    at all. Raises BadFile.
    """
    suffix = path.suffix.lower()
    if suffix not in _WRITABLE:
        raise BadFile(f"{path.name} names no format to write. Use one of {', '.join(_WRITABLE)}.")
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        raise BadFile(f"Only places in EPSG:4326 are written, not in {frame.crs}. Convert them first.")
    texts, _ = text_frame(frame.drop(columns=frame.geometry.name))
    plain = geopandas.GeoDataFrame(texts, geometry=frame.geometry.to_numpy(), crs=4326)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        notes = _write_csv(plain, made, encoding) if suffix == ".csv" else _write_other(plain, made)
        for part in Path(folder).iterdir():
            os.replace(part, path.parent / part.name)
    return tuple(notes)


def _read_raw(path: Path, layer: str | None, bounds: Bounds) -> Raw:
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    size = path.stat().st_size
    if size == 0 or size > bounds.bytes:
        raise BadFile(f"{path.name} is empty." if size == 0 else f"{path.name} has {size:,} bytes, too many. Split it.")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _read_zip(path, layer, bounds)
    if suffix == ".xlsx":
        return sheets.read_xlsx(path, layer=layer, bounds=bounds)
    if suffix in _CSV:
        return sheets.read_csv(path, bounds=bounds)
    if suffix in _PARQUET:
        return layers.read_parquet(path, bounds=bounds)
    if suffix in _LAYERS:
        return layers.read_layer(path, layer=layer, bounds=bounds)
    hint = " Save it as .xlsx." if suffix == ".xls" else ""
    raise BadFile(f"{path.name} is in no format that can be read ({', '.join(_READABLE)}).{hint}")


def _read_zip(path: Path, layer: str | None, bounds: Bounds) -> Raw:
    with tempfile.TemporaryDirectory() as folder:
        files = [file for file in unpack(path, Path(folder), bounds) if file.suffix.lower() in _READABLE]
        if any(file.suffix.lower() == ".zip" for file in files):
            raise BadFile(f"{path.name} holds another ZIP. Unpack it first.")
        chosen = [file for file in files if layer is None or file.stem == layer] if len(files) > 1 else files
        if not chosen:
            names = ", ".join(file.stem for file in files) or "nothing that can be read"
            raise BadFile(
                f"{path.name} holds {names}; name a layer that is there." if files else f"{path.name} holds {names}."
            )
        if len(chosen) > 1:
            raise BadFile(f"{path.name} holds several layers: {', '.join(file.stem for file in chosen)}. Name one.")
        return _read_raw(chosen[0], layer if len(files) == 1 and layer != chosen[0].stem else None, bounds)


def _write_zip(frame: geopandas.GeoDataFrame, path: Path) -> list[str]:
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as folder:
        notes = layers.write_layer(frame, Path(folder) / f"{path.stem}.shp")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
    return notes


def _write_parquet(frame: geopandas.GeoDataFrame, path: Path) -> list[str]:
    frame.to_parquet(path, index=False)
    return []


def _write_csv(frame: geopandas.GeoDataFrame, path: Path, encoding: str) -> list[str]:
    sheets.write_csv(place_columns(frame), path, encoding)
    return []


def _write_other(frame: geopandas.GeoDataFrame, path: Path) -> list[str]:
    return _WRITERS.get(path.suffix.lower(), layers.write_layer)(frame, path)


def _write_xlsx(frame: geopandas.GeoDataFrame, path: Path) -> list[str]:
    sheets.write_xlsx(place_columns(frame), path)
    return []


_WRITERS: dict[str, Callable[[geopandas.GeoDataFrame, Path], list[str]]] = {
    ".zip": _write_zip,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
