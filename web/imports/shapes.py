"""Geometry of a file's rows: two dimensions, the right kind, whole rings, one rounding. Pure."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from data.records import Record
from web.imports.rows import Geometries, Problems, Row

# A hundredth of a micrometre, so that areas stay exact to 1e-9; formats differ in the digits they keep, and a second
# import must find nothing changed.
DEGREE_DIGITS = 13
_POINTS = (shapely.GeometryType.POINT,)
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_FITTING = {"point": _POINTS, "line": _LINES, "polygon": _POLYGONS}
_WITHOUT_PLACE = {
    "cameras": "The camera has no coordinates, so no map shows it.",
    "buttons": "The button has no coordinates, so an alarm from it has no place.",
    "incidents": "The incident has no coordinates, so it counts in no cell.",
    "areas": "The area has no boundary, so nothing can lie in it.",
}


def clean(record: Record, shapes: Geometries, rows: Sequence[Row], problems: Problems) -> Geometries:
    """Return the shapes as they are stored, None where a row has none or an unusable one."""
    found = shapely.force_2d(_unwrapped(record, shapes))
    found[shapely.is_empty(found)] = None
    fits = np.isin(shapely.get_type_id(found), _FITTING[record.geometry])
    for at in np.flatnonzero(~fits & ~shapely.is_missing(found)):
        kind = shapely.get_type_id(found[at])
        problems.error(
            int(at) + 1,
            "geometry",
            f"The row is a {shapely.GeometryType(kind).name.lower()}; {record.kind} are {record.geometry}s.",
        )
    found[~fits] = None
    found = _whole(found, problems)
    found = np.asarray(shapely.transform(found, lambda places: np.round(places, DEGREE_DIGITS)), dtype=object)
    _name_missing(record, found, rows, problems)
    return found


def spots(shapes: Geometries) -> NDArray[np.float64]:
    """Return a point inside every shape as lng, lat; zeros for none."""
    places = shapely.point_on_surface(shapes)
    both = np.column_stack([shapely.get_x(places), shapely.get_y(places)])
    return np.asarray(np.nan_to_num(both), dtype=np.float64)


def as_hex(shapes: Geometries) -> list[str | None]:
    """Return shapes as hex EWKB with SRID 4326, None for none."""
    with_srid = shapely.set_srid(shapes, 4326)
    return [None if one is None else str(one) for one in shapely.to_wkb(with_srid, hex=True, include_srid=True)]


def as_multi(shapes: Geometries) -> Geometries:
    """Return polygons as multi-polygons, as boundaries are stored."""
    return np.array(
        [shapely.MultiPolygon([one]) if isinstance(one, shapely.Polygon) else one for one in shapes], dtype=object
    )


def _unwrapped(record: Record, shapes: Geometries) -> Geometries:
    """Return multi-points of one point as that point; some formats know no other kind."""
    found = np.array(shapes, dtype=object)
    if record.geometry == "point":
        wrapped = (shapely.get_type_id(found) == shapely.GeometryType.MULTIPOINT) & (
            shapely.get_num_geometries(found) == 1
        )
        found[wrapped] = shapely.get_geometry(found[wrapped], 0)
    return found


def _whole(shapes: Geometries, problems: Problems) -> Geometries:
    """Return polygons with crossing rings made valid, each with a warning."""
    crossing = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    for at in crossing:
        reason = shapely.is_valid_reason(shapes[at])
        mended = _polygons_of(shapely.make_valid(shapes[at]))
        if mended is None:
            problems.error(int(at) + 1, "geometry", f"The ring cannot be mended ({reason}). Draw it again.")
        else:
            problems.warning(int(at) + 1, "geometry", f"The ring crosses itself ({reason}); it was mended.")
        shapes[at] = mended
    return shapes


def _polygons_of(mended: shapely.Geometry) -> shapely.Geometry | None:
    parts = [part for part in shapely.get_parts(mended) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(parts) if parts else None


def _name_missing(record: Record, shapes: Geometries, rows: Sequence[Row], problems: Problems) -> None:
    missing = np.flatnonzero(shapely.is_missing(shapes))
    for at in missing.tolist():
        number = at + 1
        if number in problems.refused:
            continue
        if record.kind not in _WITHOUT_PLACE:
            problems.error(number, "geometry", f"The row has no place on the map; {record.kind} need one.")
        elif record.kind != "areas":
            needed = " Classes 1 and 2 require them." if rows[at].get("monitor_class") in (1, 2) else ""
            problems.warning(number, "lng", f"{_WITHOUT_PLACE[record.kind]}{needed}")
    if record.kind == "areas" and len(missing):
        problems.warning(
            0, "geometry", f"{len(missing)} of {len(shapes)} areas have no boundary; nothing can lie in them."
        )
