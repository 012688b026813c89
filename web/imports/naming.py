"""Codes and names of rows: from the row, or where a source has none, from place and name. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from data.records import Record
from gis.codes import Nameless, generated_codes, is_generated
from web.imports.order import CodeFrom
from web.imports.rows import Geometries, Problems, Row
from web.imports.shapes import spots

# Beyond so many nameless rows the file is told once.
MOST_NAMELESS = 500


def give_codes(
    record: Record,
    rows: Sequence[Row],
    shapes: Geometries,
    *,
    columns: Mapping[str, str],
    code_from: CodeFrom | None,
    problems: Problems,
) -> None:
    """Give every row a code and say in `code_generated` whether it was made here.

    Without a choice codes come from the row where the file has a column for them, and are made for its blanks.
    """
    if code_from is CodeFrom.ROW and "code" not in columns:
        problems.error(0, "code", "No column is recognised as the code. Name it with --map code=COLUMN.")
        return
    makes_all = code_from is CodeFrom.GEOMETRY or "code" not in columns
    # A code that was refused is not one that is missing.
    blank = [at for at, row in enumerate(rows) if makes_all or not (row.get("code") or at + 1 in problems.refused)]
    if code_from is CodeFrom.ROW:
        for at in blank:
            _refuse_blank(problems, at + 1)
        blank = []
    places = spots(shapes)
    made = generated_codes([_nameless(record, rows[at], places[at]) for at in blank])
    for at, code in zip(blank, made, strict=True):
        rows[at]["code"] = code
    for row in rows:
        row["code_generated"] = is_generated(str(row.get("code") or ""))
    _warn_of_made(len(blank), len(rows), makes_all, problems)


def refuse_twins(rows: Sequence[Row], problems: Problems) -> None:
    """Refuse every row whose code another row of the file has too."""
    seen: defaultdict[object, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        if row.get("code"):
            seen[row["code"]].append(number)
    for code, numbers in seen.items():
        for number in numbers[1:]:
            problems.error(number, "code", f"The code {code} stands in row {numbers[0]} already. Codes are given once.")


def warn_of_nameless(record: Record, rows: Sequence[Row], problems: Problems) -> None:
    """Say which rows that need a name have none; a new one is called by its code, a stored one keeps its name."""
    if "name" not in record.by_name or not record.by_name["name"].required:
        return
    nameless = [number for number, row in enumerate(rows, start=1) if not row.get("name")]
    if len(nameless) > MOST_NAMELESS or len(nameless) == len(rows):
        problems.warning(0, "name", f"{len(nameless)} of {len(rows)} rows have no name; their code stands in.")
        return
    for number in nameless:
        problems.warning(number, "name", "The row has no name; its code stands in.")


def require(record: Record, rows: Sequence[Row], problems: Problems) -> None:
    """Refuse rows without what their record requires."""
    needed = [field.name for field in record.fields if field.required and field.name not in ("code", "name")]
    for number, row in enumerate(rows, start=1):
        for name in needed:
            if row.get(name) is None and number not in problems.refused:
                problems.error(number, name, f"{record.by_name[name].zh[0]} ({name}) is empty; every row needs it.")


def _nameless(record: Record, row: Row, place: Sequence[float]) -> Nameless:
    # An incident has no name: what and when tell it from the next one.
    name = f"{row.get('kind')} {row.get('at')}" if record.kind == "incidents" else str(row.get("name") or "")
    rest = "\n".join(f"{key}={row[key]}" for key in sorted(row) if key not in ("code", "code_generated", "name"))
    return Nameless(name=name, lng=float(place[0]), lat=float(place[1]), rest=rest)


def _refuse_blank(problems: Problems, number: int) -> None:
    problems.error(number, "code", "The row has no code. Give it one, or let codes be made with --code-from geometry.")


def _warn_of_made(made: int, of: int, makes_all: bool, problems: Problems) -> None:
    if made and makes_all:
        problems.warning(0, "code", "The file has no codes; they are made from place and name and stay the same.")
    elif made:
        problems.warning(0, "code", f"{made} of {of} rows have no code; it is made from place and name.")
