"""What `sharpeyes cover` reads: the cameras, buildings and areas of files, and what is wrong with which row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

import numpy as np
import shapely

from data.records import AREAS, BUILDINGS, CAMERAS, Record, Shape
from data.types import Pose, Problem
from gis import bearings, files
from gis.coords import BD09, GCJ02, crs_named
from gis.cover import Eye, Ground
from gis.errors import BadFile
from gis.files import Sheet
from gis.heights import heights_of
from gis.outline import Surface, solid
from web.imports.columns import recognise
from web.imports.order import BearingKind
from web.imports.rows import Problems, Row, Table, read_rows

_POSE = ("bearing_deg", "direction_type", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m",
         "reach_m", "width_px", "ptz_type")  # fmt: skip
_PANORAMA = 6
# Nearer to a pole a bearing and a longitude mean nothing.
_HIGHEST_LAT = 89.0


def _record(of: Record, names: Sequence[str]) -> Record:
    """Return a record with only some fields: nothing is stored here, so a code may be anything, or missing.

    A kind of camera nobody knows is no reason to refuse it: what it sees hardly depends on that.
    """
    code = replace(of.by_name["code"], shape=Shape.TEXT, required=False)
    kept = [replace(of.by_name[name], lenient=of.by_name[name].lenient or name == "ptz_type") for name in names]
    return Record(
        kind=of.kind,
        zh=of.zh,
        table=of.table,
        geometry=of.geometry,
        fields=(code, *kept),
    )


RECORDS: Mapping[str, Record] = {
    "cameras": _record(CAMERAS, _POSE),
    "buildings": _record(BUILDINGS, ("height_m", "levels")),
    "areas": _record(AREAS, ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file as asked for: what it holds, its own CRS (or that of files that state none), and its columns."""

    kind: str
    path: Path
    crs: str | None = None
    own_crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    bearing: BearingKind = BearingKind.COMPASS


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area to count in: its code and its surface in lng, lat."""

    code: str
    surface: Surface


def read_eyes(source: Source, problems: Problems) -> list[Eye]:
    """Return the cameras of a file; rows that cannot be used are told and left out. Raises gis.errors.Refused."""
    table, rows, columns = _rows(source, problems)
    words = _cells(table, columns.get("bearing_deg", ""))
    eyes: list[Eye] = []
    for number, (row, shape) in enumerate(zip(rows, table.shapes, strict=True), start=1):
        if _is_place(shape, number, problems) and number not in problems.refused:
            presets = _presets(words[number - 1]) if source.bearing is BearingKind.OSM else ()
            eyes.append(_eye(_code(row, number), row, shape, presets))
    return eyes


def read_ground(source: Source, problems: Problems) -> Ground:
    """Return the buildings of a file with what is known of their heights; what is no surface is told and left out."""
    table, rows, _ = _rows(source, problems)
    here = np.array([_is_surface(shape) for shape in table.shapes], dtype=bool)
    for number in (np.flatnonzero(~here) + 1).tolist():
        problems.warning(number, "geometry", "This row has no surface and hides nothing.")
    broken = int((~shapely.is_valid(table.shapes[here])).sum())
    if broken:
        problems.warning(0, "geometry", f"{broken} of {len(rows)} footprints cross themselves and were repaired.")
    known = [[row.get(name) for row in rows] for name in ("height_m", "levels")]
    heights, guessed = heights_of(*(np.array(some, dtype=np.float64) for some in known))
    return Ground(footprints=table.shapes[here], heights_m=heights[here], guessed=guessed[here])


def read_areas(source: Source, problems: Problems) -> list[Area]:
    """Return the areas of a file; a row without a surface is an error."""
    table, rows, _ = _rows(source, problems)
    areas: list[Area] = []
    for number, (row, shape) in enumerate(zip(rows, table.shapes, strict=True), start=1):
        if not _is_surface(shape):
            problems.error(number, "geometry", "This area has no polygon. Draw one, or leave the row out.")
            continue
        if not shape.is_valid:
            problems.warning(number, "geometry", "The boundary crosses itself and was repaired.")
        areas.append(Area(code=_code(row, number), surface=solid(shapely.make_valid(shape))))
    return areas


def _rows(source: Source, problems: Problems) -> tuple[Table, list[Row], Mapping[str, str]]:
    """Return a file as a table, its rows by field, and the header of every field."""
    sheet = _sheet(source)
    problems.add(sheet.problems)
    table = Table(columns=sheet.frame.drop(columns="geometry"), shapes=np.array(sheet.frame.geometry, dtype=object))
    record = RECORDS[source.kind]
    found = recognise(record, table.headers, source.columns)
    problems.add(found.problems)
    if problems.refuses_file:
        raise BadFile(" ".join(one.reason for one in found.problems))
    headers = dict(found.of_field)
    # A code is only carried through, so it may look like anything.
    readable = {name: header for name, header in headers.items() if name != "code"}
    rows = read_rows(record, table, readable, zone=UTC, bearing=source.bearing, problems=problems)
    for row, code in zip(rows, _cells(table, headers.get("code", "")), strict=True):
        row["code"] = code.strip()
    return table, rows, headers


def _sheet(source: Source) -> Sheet:
    """Read a file in its own CRS, else the one it states, else the one for files that state none.

    No file can state the shifted Chinese systems, so these overrule degrees that are called WGS-84.
    """
    if source.own_crs is not None or source.crs is None:
        return files.read(source.path, crs=source.own_crs)
    try:
        sheet = files.read(source.path)
    except BadFile:
        return files.read(source.path, crs=source.crs)
    shifted = crs_named(source.crs) in (GCJ02, BD09)
    stated_degrees = sheet.crs in ("wgs84", "cgcs2000", "epsg:4326", "epsg:4490")
    return files.read(source.path, crs=source.crs) if shifted and stated_degrees else sheet


def _eye(code: str, row: Row, shape: shapely.Point, presets: tuple[float, ...]) -> Eye:
    known = {name: _number(row.get(name)) for name in _POSE}
    width_px, kind = known.pop("width_px"), known.pop("ptz_type")
    del known["direction_type"]
    doubt = known.pop("bearing_doubt_deg") or 0.0
    if kind == _PANORAMA and known["bearing_deg"] is None and known["hfov_deg"] is None:
        known["hfov_deg"] = 360.0
    pose = Pose(
        lng=shape.x,
        lat=shape.y,
        bearing_doubt_deg=doubt,
        width_px=None if width_px is None else int(width_px),
        **known,
    )
    # A dome or PTZ can see all round, but never at once; of a camera that says nothing else it is taken at its word.
    narrow = pose.hfov_deg is not None and pose.hfov_deg < 360.0
    all_round = pose.bearing_deg is None and not narrow and doubt == 0 and kind in (None, _PANORAMA)
    return Eye(code=code, pose=pose, presets_deg=presets if len(presets) > 1 else (), sees_all_round=all_round)


def _presets(words: str) -> tuple[float, ...]:
    return tuple(one.bearing_deg for one in bearings.read_direction(words).bearings)


def _is_place(shape: shapely.Geometry | None, number: int, problems: Problems) -> bool:
    if shape is None or shape.is_empty:
        if number not in problems.refused:
            problems.error(number, "geometry", "This camera has no place. Give its longitude and latitude.")
    elif shape.geom_type != "Point":
        problems.error(number, "geometry", f"A camera stands at a point, and this is a {shape.geom_type}.")
    elif abs(shape.y) > _HIGHEST_LAT:
        problems.error(number, "geometry", f"Latitude {shape.y:g} is at a pole, where no bearing has a meaning.")
    else:
        return True
    return False


def _is_surface(shape: shapely.Geometry | None) -> bool:
    return shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty


def _cells(table: Table, header: str) -> list[str]:
    return table.columns[header].tolist() if header else [""] * len(table.columns)


def _code(row: Row, number: int) -> str:
    return str(row.get("code") or number)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def sentences(kind: str, path: Path, problems: Sequence[Problem]) -> list[str]:
    """Return every problem of a file as a sentence that names the file, the row and the field."""
    return [f"{kind} {path.name}{f' row {one.row}' if one.row else ''}, {one.field}: {one.reason}" for one in problems]
