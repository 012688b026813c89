"""Tables handed out as files: CSV and XLSX that a Chinese spreadsheet opens right."""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import pandas
from flask import Response

from gis import sheets
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


def _words(value: object) -> str:
    if isinstance(value, datetime):
        return clock(value)
    return "" if value is None else str(value)
