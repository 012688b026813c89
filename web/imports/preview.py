"""The first rows of an uploaded file and what its columns are taken for, read once and kept beside the file."""

import json
from pathlib import Path
from typing import Any

from data.records import RECORDS
from gis import files
from gis.errors import BadFile, Refused
from web.imports.columns import recognise

ROWS = 6
_CELL = 80


def of_file(path: Path, kind: str) -> dict[str, Any]:
    """Return headers, first rows, count, whether a CRS must be named, and the recognised columns of a file.

    `error` holds the sentence of a file that cannot be read at all; then there is nothing else.
    """
    kept = path.with_name(f"{path.name}.{kind}.preview")
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text())
        return found
    found = _read(path, kind)
    kept.write_text(json.dumps(found, ensure_ascii=False))
    return found


def _read(path: Path, kind: str) -> dict[str, Any]:
    try:
        sheet, needs_crs = _sheet(path)
    except Refused as refused:
        return {"error": str(refused)}
    columns = sheet.frame.drop(columns="geometry")
    recognised = recognise(RECORDS[kind], [str(name) for name in columns.columns], {})
    return {
        "headers": [str(name) for name in columns.columns],
        "rows": [[str(cell)[:_CELL] for cell in row] for row in columns.head(ROWS).itertuples(index=False, name=None)],
        "count": len(columns),
        "needs_crs": needs_crs,
        "crs": sheet.crs,
        "places": int(sheet.frame.geometry.notna().sum()),
        "place_columns": list(sheet.place_columns),
        "notes": list(sheet.notes),
        "columns": dict(recognised.of_field),
        "problems": [problem.reason for problem in recognised.problems],
    }


def _sheet(path: Path) -> tuple[files.Sheet, bool]:
    """Return the file, and whether it leaves its CRS to be named; the preview then takes any."""
    try:
        return files.read(path, need_geometry=False), False
    except BadFile:
        return files.read(path, crs="wgs84", need_geometry=False), True
