"""Files that carry geometry of their own: GeoJSON, GeoPackage, Shapefile, KML, OSM extracts and (Geo)Parquet."""

import codecs
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS

from gis.archives import Bounds
from gis.errors import BadFile
from gis.texts import Raw, text_frame, unique_headers

_GDAL_ERRORS = (CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, UnicodeError,
                ValueError, RuntimeError)  # fmt: skip
# What the KML driver adds to every table and no one entered.
_KML_OWN = {
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "id",
}
_SHAPE_PARTS = (".shp", ".shx", ".dbf")
_DBF_LETTERS, _DBF_HEADER = 254, 10
_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".kml": "KML", ".shp": "ESRI Shapefile"}


def read_layer(path: Path, *, layer: str | None, bounds: Bounds) -> Raw:
    """Read GeoJSON, GeoPackage, Shapefile, KML or .osm.pbf. Raises BadFile; invalid rings are kept."""
    _refuse_another_format(path)
    encoding, encoding_note = _dbf_encoding(path) if path.suffix.lower() == ".shp" else (None, "")
    options = {"DATE_AS_STRING": "YES"} if path.suffix.lower() in (".geojson", ".json") else {}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            name = _layer_name(path, layer)
            frame = pyogrio.read_dataframe(
                path, layer=name, on_invalid="ignore", encoding=encoding, datetime_as_string=True,
                max_features=bounds.rows + 1, **options,
            )  # fmt: skip
        except _GDAL_ERRORS as error:
            raise BadFile(
                f"{path.name} cannot be read: {error}. Open it in a map program and save it again."
            ) from error
    notes = [encoding_note, *sorted({str(warning.message) for warning in said})]
    frame = _without_kml_fields(frame) if path.suffix.lower() == ".kml" else frame
    return _raw(path, frame, bounds=bounds, encoding=encoding, notes=[note for note in notes if note])


def read_parquet(path: Path, *, bounds: Bounds) -> Raw:
    """Read GeoParquet, or plain Parquet whose place stands in columns."""
    try:
        meta = pyarrow.parquet.read_metadata(path)
        if meta.num_rows > bounds.rows or meta.num_rows * meta.num_columns > bounds.cells:
            raise BadFile(f"{path.name} has {meta.num_rows:,} rows of {meta.num_columns} columns, too many. Split it.")
        is_geo = b"geo" in (meta.metadata or {})
        frame = geopandas.read_parquet(path) if is_geo else pandas.read_parquet(path)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path.name} cannot be read as Parquet ({error}). Write it again.") from error
    return _raw(path, frame, bounds=bounds, encoding=None, notes=[])


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers of a file that hold geometry, or of all when none does."""
    layers = pyogrio.list_layers(path)
    return [str(name) for name, kind in layers if kind is not None] or [str(name) for name, _ in layers]


def write_layer(frame: geopandas.GeoDataFrame, path: Path) -> list[str]:
    """Write GeoJSON, GeoPackage, KML or Shapefile and return a note for each header that had to change."""
    suffix = path.suffix.lower()
    options: dict[str, str] = {}
    notes: list[str] = []
    if suffix in (".geojson", ".json"):
        options = {"COORDINATE_PRECISION": "15"}
    if suffix == ".shp":
        frame, notes = _fit_for_dbf(frame)
        options = {"ENCODING": "UTF-8"}
    with warnings.catch_warnings():
        # Empty and mixed geometry only makes the driver talk.
        warnings.simplefilter("ignore")
        try:
            pyogrio.write_dataframe(frame, path, driver=_DRIVERS[suffix], layer=path.stem, **options)
        except _GDAL_ERRORS as error:
            raise BadFile(f"{path.name} cannot be written: {error}. Choose GeoPackage or GeoJSON.") from error
    return notes


def _raw(path: Path, frame: pandas.DataFrame, *, bounds: Bounds, encoding: str | None, notes: list[str]) -> Raw:
    if len(frame) == 0:
        raise BadFile(f"{path.name} has no rows.")
    if len(frame) > bounds.rows or frame.size > bounds.cells:
        raise BadFile(f"{path.name} has more than {bounds.rows:,} rows or {bounds.cells:,} cells. Split it.")
    geometry, stated = None, None
    if isinstance(frame, geopandas.GeoDataFrame):
        geometry = np.array(frame.geometry.array, dtype=object)
        stated = _crs_name(path, frame.crs)
        frame = pandas.DataFrame(frame.drop(columns=frame.geometry.name))
        missing = int(sum(shape is None for shape in geometry))
        notes = [*notes, f"{missing} rows have no geometry that can be read."] if missing else notes
    headers, renamed = unique_headers(frame.columns)
    columns, problems = text_frame(frame.set_axis(headers, axis=1))
    return Raw(columns=columns, geometry=geometry, stated_crs=stated, encoding=encoding,
               notes=(*notes, *renamed), problems=tuple(problems))  # fmt: skip


def _crs_name(path: Path, crs: CRS | None) -> str | None:
    if crs is None:
        return None
    if crs.to_authority() == ("OGC", "CRS84"):
        return "wgs84"
    number = crs.to_epsg() or crs.to_epsg(min_confidence=25)
    if number is None:
        raise BadFile(f"{path.name} is in {crs.name!r}, which has no EPSG number. Save it in WGS-84 or CGCS2000.")
    return f"epsg:{number}"


def _layer_name(path: Path, layer: str | None) -> str:
    names = layer_names(path)
    if not names:
        raise BadFile(f"{path.name} holds no layer.")
    if layer is not None and layer not in names:
        raise BadFile(f"{path.name} has no layer {layer!r}; it has {', '.join(names)}.")
    if layer is None and len(names) > 1:
        raise BadFile(f"{path.name} holds {len(names)} layers: {', '.join(names)}. Name one.")
    return layer or names[0]


def _refuse_another_format(path: Path) -> None:
    """Refuse content that is not what the name says, so that no driver is chosen by what a stranger wrote."""
    with path.open("rb") as file:
        head = file.read(4096)
    text = head.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    suffix = path.suffix.lower()
    fits = {
        ".gpkg": head.startswith(b"SQLite format 3\0"),
        ".shp": head.startswith(b"\0\0\x27\x0a"),
        ".pbf": b"OSMHeader" in head[:64],
        ".kml": text.startswith(b"<") and b"<kml" in text and b"<OGRVRT" not in text,
    }.get(suffix, text.startswith(b"{"))
    if not head:
        raise BadFile(f"{path.name} is empty.")
    if suffix in (".json", ".geojson") and text.startswith(b"["):
        raise BadFile(f"{path.name} is a list in JSON, not GeoJSON. Wrap it as a FeatureCollection.")
    if not fits:
        raise BadFile(f"{path.name} is not what its name says. Name it after its format, or save it again.")
    if suffix in (".json", ".geojson"):
        _refuse_no_geojson(path)


def _refuse_no_geojson(path: Path) -> None:
    try:
        kind = json.loads(path.read_text("utf-8-sig")).get("type")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name} is not UTF-8, which GeoJSON must be. Save it as UTF-8.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadFile(f"{path.name} is no valid JSON ({error}). Save it again.") from error
    if kind not in ("FeatureCollection", "Feature"):
        raise BadFile(f"{path.name} is JSON, but no FeatureCollection of GeoJSON (its type is {kind!r}).")


def _dbf_encoding(path: Path) -> tuple[str, str]:
    """Return the encoding of a Shapefile's texts: its .cpg, else strict UTF-8, else GB18030, and a note on it."""
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    for suffix in _SHAPE_PARTS:
        if suffix not in parts or parts[suffix].stat().st_size == 0:
            raise BadFile(f"{path.name} comes without its {suffix} part (or it is empty). Send all parts together.")
    stated = parts[".cpg"].read_text("ascii", "replace").strip() if ".cpg" in parts else ""
    try:
        name = codecs.lookup("cp" + stated if stated.isdigit() else stated).name
        return ("gb18030" if name in ("gbk", "gb2312", "cp936") else name), f"The texts are {stated}, as the .cpg says."
    except LookupError:
        content = _dbf_texts(parts[".dbf"])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030", "No usable .cpg; the texts are taken as GB18030."
    return "utf-8", "No usable .cpg; the texts are taken as UTF-8."


def _dbf_texts(path: Path) -> bytes:
    """Return the header names and the records of a DBF, without the binary parts of its header."""
    content = path.read_bytes()
    start = int.from_bytes(content[8:10], "little")
    names = [content[at : at + 11].split(b"\0")[0] for at in range(32, start - 1, 32)]
    return b" ".join([*names, content[start:]])


def _without_kml_fields(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    empty = {"Name", "description", "Description"} & {name for name in frame.columns if frame[name].isna().all()}
    kept = frame.drop(columns=[name for name in frame.columns if name in _KML_OWN | empty])
    return kept.rename(columns={"Name": "name"}) if "name" not in kept.columns else kept


def _fit_for_dbf(frame: geopandas.GeoDataFrame) -> tuple[geopandas.GeoDataFrame, list[str]]:
    names = [name for name in frame.columns if name != frame.geometry.name]
    for name in names:
        if frame[name].map(lambda text: len(text.encode())).max() > _DBF_LETTERS:
            raise BadFile(f"{name} has a text too long for a Shapefile ({_DBF_LETTERS} bytes). Export as GeoPackage.")
    short = dict(zip(names, _short_names(names), strict=True))
    notes = [f"The header {name!r} is {new!r} in the Shapefile." for name, new in short.items() if name != new]
    return frame.rename(columns=short), notes


def _short_names(names: Sequence[str]) -> list[str]:
    """Return headers of at most 10 bytes, cut between letters and told apart by a number."""
    shorts: dict[str, str] = {}
    for name in names:
        turn, short = 1, _cut(name, _DBF_HEADER)
        while short.lower() in shorts:
            turn += 1
            short = f"{_cut(name, _DBF_HEADER - len(str(turn)) - 1)}_{turn}"
        shorts[short.lower()] = short
    return list(shorts.values())


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode("utf-8", "ignore")


def write_package(frames: Mapping[str, geopandas.GeoDataFrame], path: Path) -> None:
    """Write a GeoPackage of several layers by their names; one without rows is there too. Raises BadFile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for name, frame in frames.items():
                kind = {} if len(frame) else {"geometry_type": "Unknown"}
                pyogrio.write_dataframe(frame, path, driver="GPKG", layer=name, **kind)
        except _GDAL_ERRORS as error:
            raise BadFile(f"{path.name} cannot be written: {error}.") from error
