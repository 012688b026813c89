"""Exports: every field but secrets, in a file that can be imported again without changing anything."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import pandas
import shapely
from sqlalchemy.orm import Session

from data import exports
from data.errors import Missing
from data.records import RECORDS, Field, Record, in_words
from data.records.cameras import NO_CLASS
from gis import files

# What people open in a spreadsheet has Chinese headers and words; the rest has the names of fields.
FOR_PEOPLE = frozenset({".csv", ".xlsx"})
_PLACE = frozenset({"lng", "lat"})


class BadExport(Exception):
    """What was asked for cannot be exported; the message says why."""


def export(
    session: Session,
    kind: str,
    path: Path,
    *,
    area: str | None = None,
    timezone: str,
    encoding: str = "utf-8-sig",
) -> int:
    """Write the rows of a kind, of one area or all, and return how many; `encoding` is that of a CSV.

    Raises BadExport and gis.errors.Refused.
    """
    record = RECORDS[kind]
    try:
        within = exports.path_of(session, area) if area else ""
    except Missing as missing:
        raise BadExport(str(missing)) from missing
    rows = list(exports.rows(session, record, within=within))
    frame = frame_of(record, rows, for_people=path.suffix.lower() in FOR_PEOPLE, timezone=timezone)
    files.write(frame, path, encoding=encoding)
    return len(rows)


def frame_of(
    record: Record, rows: Iterable[Mapping[str, Any]], *, for_people: bool, timezone: str
) -> geopandas.GeoDataFrame:
    """Return rows as a frame in EPSG:4326 with one column per exported field."""
    listed = list(rows)
    fields = [field for field in record.fields if field.exported and field.name not in _PLACE]
    columns = {
        _header(field, for_people): [
            _cell(row.get(field.name), field, for_people, ZoneInfo(timezone)) for row in listed
        ]
        for field in fields
    }
    shapes = [shapely.from_wkb(bytes(row["wkb"])) if row.get("wkb") is not None else None for row in listed]
    table = pandas.DataFrame(columns, dtype=object)
    return geopandas.GeoDataFrame(table, geometry=shapes, crs=4326)


def template(record: Record, path: Path) -> None:
    """Write a blank XLSX for a kind: Chinese headers, and a row that says what belongs in each column."""
    files.template(
        path, [field.zh[0] for field in record.fields], {field.zh[0]: note_of(field) for field in record.fields}
    )


def note_of(field: Field) -> str:
    """Return what belongs in a column, in Chinese."""
    parts = ["必填"] if field.required and field.name != "code" else []
    parts += [field.note] if field.note else []
    if field.choices:
        parts.append("可填：" + "、".join(choice.zh for choice in field.choices))
    elif field.usual:
        parts.append("通常填：" + "、".join(field.usual.values()))
    elif field.low is not None:
        top = field.high if field.high is not None else field.below
        parts.append(f"{field.low:g} 至 {top:g}" if top is not None else f"不小于 {field.low:g}")
    classes = sorted(field.wanted_for - NO_CLASS)
    if classes:
        parts.append("、".join(f"{number}类" for number in classes) + "点应填")
    return "；".join(parts)


def _header(field: Field, for_people: bool) -> str:
    return field.zh[0] if for_people else field.name


def _cell(value: Any, field: Field, for_people: bool, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ")
    if isinstance(value, list):
        return "、".join(value)
    if value is None:
        return ""
    return in_words(value, field) if for_people else value
