"""Tables handed out as files: CSV and XLSX that a Chinese spreadsheet opens right, and GeoPackage."""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas
import pandas
import shapely.geometry
from flask import Response

from gis import layers, sheets
from web.words import clock

KINDS = {
    "csv": ("text/csv; charset=utf-8", sheets.write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.write_xlsx),
}


def answer(form: str, name: str, headers: Mapping[str, str], rows: Iterable[Mapping[str, object]]) -> Response:
    """Return `rows` as a file to save: the fields of `headers`, under their titles, in that order."""
    kind, write = KINDS[form]
    table = pandas.DataFrame(
        [[_words(row.get(field)) for field in headers] for row in rows], columns=list(headers.values()), dtype=str
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        write(table, file)
        response = Response(file.read_bytes(), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def package(name: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """Return `rows` as a GeoPackage: the columns under their titles, numbers as numbers.

    `shape` of a row is a GeoJSON geometry in lng, lat (EPSG:4326), or None.
    """
    listed = list(rows)
    values = {title: [_plain(row.get(field)) for row in listed] for field, title in columns.items()}
    shapes = [shapely.geometry.shape(row["shape"]) if row["shape"] else None for row in listed]
    frame = geopandas.GeoDataFrame(pandas.DataFrame(values), geometry=shapes, crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.gpkg"
        # Numbers stay numbers here, unlike in a file that is to be imported again.
        layers.write_layer(frame, file)
        response = Response(file.read_bytes(), content_type="application/geopackage+sqlite3")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.gpkg"'
    return response


def _plain(value: object) -> object:
    return clock(value) if isinstance(value, datetime) else value


def _words(value: object) -> str:
    if isinstance(value, datetime):
        return clock(value)
    return "" if value is None else str(value)
