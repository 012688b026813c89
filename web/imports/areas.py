"""Areas of a file: levels, parents by code or by geometry, checks of the grid, and their place in the tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from data import events
from data.imports import areas as stored
from data.imports import staging
from data.imports.areas import Known
from data.imports.staging import Comparison
from data.records import Record
from data.types import Level
from web.imports import grid, naming, shapes
from web.imports.order import Order, zone_of
from web.imports.rows import Geometries, Problems, Row, Table, read_rows

LEVELS = tuple(Level)
_OUTSIDE = "It lies outside the areas granted to you. Leave it out, or ask an administrator for the area."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The areas of a file, refused ones included, so that numbers stay those of the file."""

    rows: Sequence[Row]
    shapes: Geometries
    columns: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Tree:
    """The stored areas and the rows of the file by code, for finding parents and paths."""

    known: Mapping[str, Known]
    numbers: Mapping[str, int]
    parents: dict[str, str | None] = field(default_factory=dict)

    def id_of(self, code: str | None) -> int | None:
        """Return the number of an area of the file or the database."""
        if code is None:
            return None
        return self.numbers[code] if code in self.numbers else self.known[code].id


def prepare(record: Record, table: Table, columns: Mapping[str, str], order: Order, problems: Problems) -> Prepared:
    """Return the rows of a file with codes, names and levels, everything said that needs no database."""
    rows = read_rows(record, table, columns, zone=zone_of(order), bearing=order.bearing, problems=problems)
    found = shapes.clean(record, table.shapes, rows, problems)
    naming.give_codes(record, rows, found, columns=columns, code_from=order.code_from, problems=problems)
    naming.warn_of_nameless(record, rows, problems)
    naming.refuse_twins(rows, problems)
    _give_levels(rows, order, problems)
    return Prepared(rows=rows, shapes=found, columns=columns)


def compare(session: Session, prepared: Prepared, order: Order, problems: Problems, *, scoped: bool) -> Comparison:
    """Hang the rows that are not refused into the tree, stage them, and return what writing them would change."""
    known = stored.known(session)
    if scoped:
        _refuse_elsewhere(session, prepared, problems)
    given = _name_parents(session, prepared, known, order, problems)
    _check_grid(session, prepared, order, problems)
    _refuse_levels(prepared, known, problems)
    while _refuse_orphans(prepared, known, problems):
        pass
    tree = _numbered(session, prepared, known, problems)
    comparison = stored.settle(session, _lines(prepared, tree, problems.refused, given=given))
    if scoped:
        comparison = _without_outside(session, comparison, problems)
    return comparison


def write(session: Session, prepared: Prepared, order: Order, *, at: datetime) -> None:
    """Write what `compare` staged, and tell open pages."""
    stored.write(session, at=at)
    for path in stored.touched(session):
        events.announce(session, "areas", path=path, body={})


def _give_levels(rows: Sequence[Row], order: Order, problems: Problems) -> None:
    for row in rows:
        row["level"] = row.get("level") or order.level
    missing = [number for number, row in enumerate(rows, start=1) if not row["level"]]
    if len(missing) == len(rows):
        problems.error(0, "level", f"The file does not say which level its areas are. Name it: {', '.join(LEVELS)}.")
        return
    for number in missing:
        problems.error(number, "level", f"The row has no level. Write one of {', '.join(LEVELS)}.")


def _name_parents(
    session: Session, prepared: Prepared, known: Mapping[str, Known], order: Order, problems: Problems
) -> bool:
    """Write the code of its parent into every row; return whether the file or the order says anything of parents."""
    if order.parent_by_geometry:
        grid.assign_parents(session, prepared.rows, prepared.shapes, tolerance_m=order.tolerance_m, problems=problems)
    elif order.parent:
        if order.parent not in known:
            problems.error(0, "parent", f"There is no area with the code {order.parent}. Import it first.")
        for row in prepared.rows:
            row["parent"] = row.get("parent") or order.parent
    return order.parent_by_geometry or order.parent is not None or "parent" in prepared.columns


def _check_grid(session: Session, prepared: Prepared, order: Order, problems: Problems) -> None:
    rows, found = prepared.rows, prepared.shapes
    grid.check_neighbours(session, rows, found, tolerance_m=order.tolerance_m, problems=problems)
    if not order.parent_by_geometry:
        grid.check_parents(session, rows, found, tolerance_m=order.tolerance_m, problems=problems)


def _refuse_orphans(prepared: Prepared, known: Mapping[str, Known], problems: Problems) -> bool:
    """Refuse rows whose parent is neither stored nor a good row of the file; return whether there were any."""
    good = {str(row["code"]) for at, row in enumerate(prepared.rows, start=1) if at not in problems.refused}
    found = False
    for number, row in enumerate(prepared.rows, start=1):
        parent = row.get("parent")
        if parent and number not in problems.refused and parent not in known and parent not in good:
            problems.error(number, "parent", f"There is no area with the code {parent}. Import the parents first.")
            found = True
    return found


def _refuse_levels(prepared: Prepared, known: Mapping[str, Known], problems: Problems) -> None:
    """Refuse rows whose parent is not of a higher level; a loop always has such a row."""
    level_of = {code: area.level for code, area in known.items()}
    level_of |= {str(row["code"]): str(row["level"]) for row in prepared.rows if row["level"]}
    for number, row in enumerate(prepared.rows, start=1):
        parent = row.get("parent")
        if not parent or not row["level"] or parent not in level_of:
            continue
        if LEVELS.index(Level(level_of[str(parent)])) >= LEVELS.index(Level(str(row["level"]))):
            problems.error(
                number, "parent", f"A {row['level']} cannot hang under {parent}, which is a {level_of[str(parent)]}."
            )


def _numbered(session: Session, prepared: Prepared, known: Mapping[str, Known], problems: Problems) -> Tree:
    good = [row for number, row in enumerate(prepared.rows, start=1) if number not in problems.refused]
    new = [str(row["code"]) for row in good if row["code"] not in known]
    numbers = dict(zip(new, stored.new_numbers(session, len(new)), strict=True)) if new else {}
    numbers |= {str(row["code"]): known[str(row["code"])].id for row in good if row["code"] in known}
    parents = {str(row["code"]): str(row["parent"]) if row.get("parent") else None for row in good}
    return Tree(known=known, numbers=numbers, parents=parents)


def _path(code: str, tree: Tree, *, given: bool) -> str:
    """Return the path a row gets: its stored one where nothing is said of parents, else that of its parents."""
    known = tree.known.get(code)
    if known and not (given and code in tree.parents):
        return known.path
    number = str(tree.id_of(code))
    parent = tree.parents.get(code)
    return number if parent is None else f"{_path(parent, tree, given=given)}.{number}"


def _lines(prepared: Prepared, tree: Tree, refused: set[int], *, given: bool) -> list[stored.Row]:
    boundaries = shapes.as_hex(shapes.as_multi(prepared.shapes))
    return [
        _line(number, row, boundary, tree, given=given)
        for number, (row, boundary) in enumerate(zip(prepared.rows, boundaries, strict=True), start=1)
        if number not in refused
    ]


def _line(number: int, row: Row, boundary: str | None, tree: Tree, *, given: bool) -> stored.Row:
    code = str(row["code"])
    duties = row.get("duties")
    return stored.Row(
        row=number,
        id=tree.numbers[code],
        code=code,
        code_generated=bool(row["code_generated"]),
        level=str(row["level"]),
        name=str(row["name"]) if row.get("name") else None,
        parent_id=tree.id_of(tree.parents[code]),
        parent_given=given,
        path=_path(code, tree, given=given),
        boundary=boundary,
        post_name=_text(row, "post_name"),
        unit=_text(row, "unit"),
        duties=tuple(duties) if isinstance(duties, list) else None,
        staffed=bool(row["staffed"]) if row.get("staffed") is not None else None,
        duty_line=_text(row, "duty_line"),
    )


def _text(row: Row, name: str) -> str | None:
    return str(row[name]) if row.get(name) else None


def _refuse_elsewhere(session: Session, prepared: Prepared, problems: Problems) -> None:
    elsewhere = staging.codes_elsewhere(session, "areas", [str(row["code"]) for row in prepared.rows if row["code"]])
    for number, row in enumerate(prepared.rows, start=1):
        if row["code"] in elsewhere:
            problems.error(number, "code", f"The code {row['code']} is in use outside the areas granted to you.")


def _without_outside(session: Session, comparison: Comparison, problems: Problems) -> Comparison:
    rows = stored.outside(session)
    for number in rows:
        problems.error(number, "parent", _OUTSIDE)
    if rows:
        stored.leave_out(session, rows)
        return stored.count(session)
    return comparison
