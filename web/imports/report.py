"""The report of an import as JSON and as a file of rows with reasons."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas
import pandas

from data.types import ImportReport
from gis import files
from gis.errors import Refused

# Row, field, weight, reason.
_HEADERS = ("行号", "字段", "级别", "原因")
_WEIGHTS = {"error": "错误", "warning": "警告"}


def as_json(report: ImportReport) -> dict[str, Any]:
    """Return the report as one JSON document."""
    return asdict(report)


def write_problems(report: ImportReport, source: Path | None, path: Path, *, crs: str | None = None) -> None:
    """Write the rows that have problems with their reasons in front, in the format of the file name (CSV, XLSX, …).

    Problems of the file as a whole come first, as rows of their own. Raises gis.errors.Refused.
    """
    rows = _rows_of(source, crs) if source else None
    table = pandas.DataFrame(
        [(str(one.row), one.field, _WEIGHTS[one.severity], one.reason) for one in report.problems],
        columns=list(_HEADERS),
        dtype=object,
    )
    shapes = [None] * len(table)
    if rows is not None:
        at = [one.row - 1 if one.row else None for one in report.problems]
        for name in rows.columns.drop("geometry"):
            table[str(name)] = ["" if place is None else rows[name].iloc[place] for place in at]
        shapes = [None if place is None else rows.geometry.iloc[place] for place in at]
    files.write(geopandas.GeoDataFrame(table, geometry=shapes, crs=4326), path)


def _rows_of(source: Path, crs: str | None) -> geopandas.GeoDataFrame | None:
    try:
        return files.read(source, crs=crs, need_geometry=False).frame
    except Refused:
        # A file that cannot be read has no rows to hand back.
        return None
