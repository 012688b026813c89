"""Rows of a file as values: every cell read by its field's rule, every refusal a problem with its row. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

import numpy as np
import pandas
from numpy.typing import NDArray

from data.records import BadValue, Field, Record, Value, is_empty, read
from data.types import Problem, Severity
from gis import bearings
from gis.errors import Refused
from web.imports.order import BearingKind

Geometries = NDArray[np.object_]
# Read with rules of their own below.
_BY_OWN_RULE = frozenset({"bearing_deg", "direction_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as it was read: text columns and one shape or None per row, in WGS-84."""

    columns: pandas.DataFrame
    shapes: Geometries

    @property
    def headers(self) -> list[str]:
        """The headers of the file."""
        return [str(name) for name in self.columns.columns]


@dataclass(slots=True)
class Problems:
    """What was found wrong so far, and which rows it refuses."""

    found: list[Problem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def error(self, row: int, name: str, reason: str) -> None:
        """Refuse a row, or with row 0 the whole file."""
        self.found.append(Problem(row=row, field=name, severity=Severity.ERROR, reason=reason))
        self.refused.add(row)

    def warning(self, row: int, name: str, reason: str) -> None:
        """Note what a person should look at; the row is taken all the same."""
        self.found.append(Problem(row=row, field=name, severity=Severity.WARNING, reason=reason))

    def add(self, problems: Iterable[Problem]) -> None:
        """Take problems that were found elsewhere."""
        for problem in problems:
            self.found.append(problem)
            if problem.severity is Severity.ERROR:
                self.refused.add(problem.row)

    def name_fields(self, field_of: Mapping[str, str]) -> None:
        """Name the field instead of the header in what was found before fields were recognised."""
        self.found = [replace(one, field=field_of.get(one.field, one.field)) for one in self.found]

    @property
    def refuses_file(self) -> bool:
        """Whether the file as a whole cannot be used."""
        return 0 in self.refused

    def in_order(self) -> tuple[Problem, ...]:
        """Return the problems by row; those of the file as a whole come first."""
        return tuple(sorted(self.found, key=lambda one: (one.row, one.field, one.reason)))


Row = dict[str, Value]


def read_rows(
    record: Record, table: Table, columns: Mapping[str, str], *, zone: tzinfo, bearing: BearingKind, problems: Problems
) -> list[Row]:
    """Return the values of every row by field, refused rows included so that numbers stay those of the file."""
    rows: list[Row] = [{} for _ in range(len(table.columns))]
    for name, header in columns.items():
        if name not in _BY_OWN_RULE:
            _read_column(rows, record.by_name[name], table.columns[header].tolist(), zone, problems)
    if "bearing_deg" in columns:
        _read_bearings(rows, table.columns[columns["bearing_deg"]].tolist(), bearing, problems)
    if "direction_type" in columns:
        _read_direction_types(rows, record, table.columns[columns["direction_type"]].tolist(), problems)
    return rows


def _read_column(rows: Sequence[Row], of: Field, cells: Sequence[object], zone: tzinfo, problems: Problems) -> None:
    known: dict[object, Value] = {}
    for number, (row, cell) in enumerate(zip(rows, cells, strict=True), start=1):
        # Most columns repeat few values, and a repeated one was read already.
        if cell in known:
            row[of.name] = known[cell]
            continue
        try:
            row[of.name] = known[cell] = read(cell, of, zone=zone)
        except BadValue as refused:
            tell = problems.warning if of.lenient else problems.error
            tell(number, of.name, f"{refused} It is left empty." if of.lenient else str(refused))
            row[of.name] = None


def _read_bearings(rows: Sequence[Row], cells: Sequence[object], kind: BearingKind, problems: Problems) -> None:
    for number, (row, cell) in enumerate(zip(rows, cells, strict=True), start=1):
        row["bearing_deg"] = None
        row.setdefault("bearing_doubt_deg", 0.0)
        if is_empty(cell):
            continue
        if kind is BearingKind.OSM:
            _read_osm(row, number, str(cell), problems)
            continue
        try:
            _take(row, _convention(str(cell), kind))
        except (Refused, ValueError) as refused:
            problems.error(number, "bearing_deg", _bearing_reason(str(cell), refused))


def _bearing_reason(cell: str, refused: Exception) -> str:
    if isinstance(refused, Refused):
        return str(refused)
    return f"The bearing {cell[:40]!r} is not a number. Name the convention with --bearing, or osm for free text."


def _convention(cell: str, kind: BearingKind) -> bearings.Bearing:
    degrees = float(cell.strip().rstrip("°度"))
    if kind is BearingKind.DIRECTION_TYPE:
        return bearings.from_direction_type(int(degrees) if degrees.is_integer() else 0)
    if abs(degrees) > 360.0:
        raise bearings.BadBearing(f"A bearing of {degrees:g} is more than a full turn. Write degrees from 0 to 360.")
    return bearings.from_east(degrees) if kind is BearingKind.FROM_EAST else bearings.from_compass(degrees)


def _take(row: Row, found: bearings.Bearing) -> None:
    row["bearing_deg"] = found.bearing_deg
    if found.doubt_deg:
        row["bearing_doubt_deg"] = found.doubt_deg


def _read_osm(row: Row, number: int, cell: str, problems: Problems) -> None:
    said = bearings.read_direction(cell)
    if said.bearings:
        _take(row, said.bearings[0])
    if len(said.bearings) > 1:
        problems.warning(number, "bearing_deg", f"{cell[:40]!r} names several directions; the first is taken.")
    elif not said.is_read:
        problems.warning(number, "bearing_deg", f"The direction {cell[:40]!r} cannot be read; it is left open.")
    if said.all_round and not row.get("hfov_deg"):
        row["hfov_deg"] = 360.0


def _read_direction_types(rows: Sequence[Row], record: Record, cells: Sequence[object], problems: Problems) -> None:
    """Keep DirectionType as it is given, and take it for the bearing where a row has none of its own."""
    field = record.by_name["direction_type"]
    for number, (row, cell) in enumerate(zip(rows, cells, strict=True), start=1):
        row.setdefault("bearing_deg", None)
        row.setdefault("bearing_doubt_deg", 0.0)
        row["direction_type"] = None
        if is_empty(cell):
            continue
        try:
            row["direction_type"] = given = read(_plain_number(cell), field)
        except BadValue:
            problems.error(number, "direction_type", f"DirectionType {cell!s:.20} is not in use. Write 1 to 8.")
            continue
        if row["bearing_deg"] is None and isinstance(given, int):
            _take(row, bearings.from_direction_type(given))


def _plain_number(cell: object) -> object:
    """Return 1 for the "1.0" that a table of numbers writes for it."""
    return cell[:-2] if isinstance(cell, str) and cell.endswith(".0") else cell
