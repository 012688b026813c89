"""One import from file to tables: read, check, compare, and write all or nothing.

The caller owns the transaction. With an account the work after reading is done with its rights and inside its areas.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy.orm import Session

from data import cameras, db, persons
from data.imports.staging import Comparison
from data.records import RECORDS, Record
from data.types import ImportReport, Problem
from gis import coords, files
from gis.errors import BadCrs, Refused
from web.imports import areas, flat
from web.imports.columns import recognise
from web.imports.order import Order, check
from web.imports.rows import Geometries, Problems, Row, Table

_NOTHING = Comparison(added=0, updated=0, unchanged=0)


def run(session: Session, order: Order, *, now: datetime, account_id: int | None = None) -> ImportReport:
    """Import a file, or with `dry_run` say what would happen; return counts and problems by row.

    Nothing is written when a row is refused, unless the order skips such rows. Raises BadOrder before anything is
    read; everything wrong with the file is in the report.
    """
    check(order)
    problems = Problems()
    table = read_table(order, problems)
    if table is None:
        return _report(order, 0, _NOTHING, problems)
    record = RECORDS[order.kind]
    table, columns = _with_fixed(table, order)
    recognised = recognise(record, table.headers, columns)
    problems.add(recognised.problems)
    problems.name_fields({header: name for name, header in recognised.of_field.items()})
    if problems.refuses_file:
        return _report(order, len(table.columns), _NOTHING, problems)
    return _take(session, record, table, recognised.of_field, order, problems, now=now, account_id=account_id)


def read_table(order: Order, problems: Problems) -> Table | None:
    """Return the file as a table, or None with the problem that keeps it from being read."""
    kind = persons.personal_data_in(order.shown_name)
    if kind:
        problems.error(0, "file", f"The name of the file holds {kind}. Rename it and import again.")
        return None
    try:
        sheet = files.read(order.path, crs=order.crs, need_geometry=False)
        problems.add(_at_fields(sheet))
        table = Table(columns=sheet.frame.drop(columns="geometry"), shapes=np.array(sheet.frame.geometry, dtype=object))
        return _with_chosen_places(table, order)
    except Refused as refused:
        problems.error(0, "file", str(refused))
        return None


def _with_fixed(table: Table, order: Order) -> tuple[Table, Mapping[str, str]]:
    """Return the table with a column for what every row holds, and which column is which field with those."""
    own = {name: f"= {name}" for name in order.fixed}
    wider = table.columns.assign(**{own[name]: value for name, value in order.fixed.items()})
    return Table(columns=wider, shapes=table.shapes), dict(order.columns) | own


def _at_fields(sheet: files.Sheet) -> Iterator[Problem]:
    """Yield the problems of a file, those of its columns of places at the fields these are."""
    fields = dict(zip(sheet.place_columns, ("lng", "lat"), strict=False)) if len(sheet.place_columns) == 2 else {}
    for problem in sheet.problems:
        of_place = fields and problem.field == "geometry"
        yield replace(problem, field="lng" if of_place else fields.get(problem.field, problem.field))


def _with_chosen_places(table: Table, order: Order) -> Table:
    """Return the table with points from the columns somebody chose for longitude and latitude."""
    lng, lat = order.columns.get("lng"), order.columns.get("lat")
    if not lng or not lat or not {lng, lat} <= set(table.headers):
        return table
    if order.crs is None:
        raise BadCrs("The file does not state its coordinate system. Name it with --crs.")
    columns = [np.array([_degrees(cell) for cell in table.columns[name]]) for name in (lng, lat)]
    bad = coords.unusable(*columns, source=order.crs)
    found: Geometries = np.full(len(bad), None, dtype=object)
    x, y = coords.convert(columns[0][~bad], columns[1][~bad], source=order.crs, target=coords.WGS84)
    found[~bad] = shapely.points(x, y)
    return Table(columns=table.columns, shapes=found)


def _degrees(cell: object) -> float:
    try:
        return float(str(cell))
    except ValueError:
        return float("nan")


def _take(
    session: Session,
    record: Record,
    table: Table,
    columns: Mapping[str, str],
    order: Order,
    problems: Problems,
    *,
    now: datetime,
    account_id: int | None,
) -> ImportReport:
    way = areas if record.kind == "areas" else flat
    prepared = way.prepare(record, table, columns, order, problems)
    if "password" in columns:
        flat.hide_known_passwords(prepared.rows, _stored_passwords(session, prepared.rows))
    if account_id is not None:
        db.act_for(session, account_id)
    comparison = way.compare(session, prepared, order, problems, scoped=account_id is not None)
    refused = bool(problems.refused) and not order.skip_errors
    if refused or problems.refuses_file or order.dry_run:
        return _report(order, len(prepared.rows), comparison if order.dry_run else _NOTHING, problems)
    if comparison.added or comparison.updated:
        way.write(session, prepared, order, at=now)
    return _report(order, len(prepared.rows), comparison, problems)


def _stored_passwords(session: Session, rows: list[Row]) -> Mapping[str, bytes]:
    """Return the sealed passwords of the cameras in the file; read as the owner, before an account's rights apply."""
    return cameras.sealed_passwords(session, [str(row["code"]) for row in rows if row.get("code")])


def _report(order: Order, rows: int, comparison: Comparison, problems: Problems) -> ImportReport:
    return ImportReport(
        kind=order.kind,
        dry_run=order.dry_run,
        rows=rows,
        added=comparison.added,
        updated=comparison.updated,
        unchanged=comparison.unchanged,
        refused=len(problems.refused - {0}),
        problems=problems.in_order(),
    )
