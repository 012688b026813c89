"""sharpeyes import and export: files to the database and back."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from data import cluster, db, migrate, settings
from data.records import RECORDS
from data.types import ImportReport, Level
from gis.errors import Refused
from gis.topology import TOLERANCE_M
from web.imports import report as reports
from web.imports.export import BadExport, export
from web.imports.order import BadOrder, BearingKind, CodeFrom, Order, check
from web.imports.run import run

KINDS = click.Choice(list(RECORDS))
_SHOWN = 40
# A byte order mark tells spreadsheets that it is UTF-8.
_ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}


@click.command("import")
@click.argument("kind", type=KINDS)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--crs", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n; overrules what the file says.")
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN", help="Which column a field is in; repeatable.")
@click.option(
    "--set", "fixed", multiple=True, metavar="FIELD=VALUE", help="What a field holds in every row; repeatable."
)
@click.option("--level", type=click.Choice([str(level) for level in Level]), help="Level of the areas in the file.")
@click.option("--parent", metavar="CODE", help="The area all rows hang under.")
@click.option("--parent-by", type=click.Choice(["geometry"]), help="Find the parent of each area by where it lies.")
@click.option("--code-from", type=click.Choice([str(one) for one in CodeFrom]), help="Where codes come from.")
@click.option("--tolerance-m", type=float, default=TOLERANCE_M, show_default=True, help="Metres a child may stand out.")
@click.option("--bearing", type=click.Choice([str(one) for one in BearingKind]), default="compass", show_default=True)
@click.option("--timezone", help="Zone of times that state none; that of the settings if left out.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--skip-errors", is_flag=True, help="Take the good rows of a file that has bad ones.")
@click.option("--problems", type=click.Path(path_type=Path), help="Write the rows with reasons to this CSV or XLSX.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
def import_(kind: str, file: Path, **given: object) -> None:
    """Import a FILE of KIND; nothing is written unless every row is good."""
    problems_file, as_json = given.pop("problems"), bool(given.pop("as_json"))
    order = _order(kind, file, given)
    _make_ready()
    click.echo(f"Reading {file.name} …", err=True)
    with db.transaction() as session:
        done = run(session, order, now=datetime.now(UTC))
    if isinstance(problems_file, Path):
        _write_problems(done, order, problems_file)
    click.echo(json.dumps(reports.as_json(done), ensure_ascii=False) if as_json else _in_words(done))
    sys.exit(1 if any(one.severity == "error" for one in done.problems) else 0)


@click.command("export")
@click.argument("kind", type=KINDS)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--area", metavar="CODE", help="Only what lies in this area.")
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    help="Of a CSV; gb18030 for programs that know GBK alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as one JSON document.")
def export_(kind: str, file: Path, area: str | None, encoding: str, as_json: bool) -> None:
    """Export KIND to FILE, in the format of its name; the file can be imported again."""
    _make_ready()
    try:
        with db.transaction() as session:
            rows = export(
                session, kind, file, area=area, timezone=settings.get().timezone, encoding=_ENCODINGS[encoding]
            )
    except (BadExport, Refused) as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)
    words = {"kind": kind, "file": str(file), "rows": rows}
    click.echo(json.dumps(words, ensure_ascii=False) if as_json else f"{rows} {kind} written to {file}.")


def _order(kind: str, file: Path, given: dict[str, object]) -> Order:
    """Return the order the options make; a contradiction in them is a usage error."""
    mapped, fixed = given.pop("mapped"), given.pop("fixed")
    parent_by = given.pop("parent_by")
    level, code_from = given.pop("level"), given.pop("code_from")
    try:
        order = Order(
            kind=kind,
            path=file,
            columns=_pairs("--map", mapped if isinstance(mapped, tuple) else ()),
            fixed=_pairs("--set", fixed if isinstance(fixed, tuple) else ()),
            level=Level(str(level)) if level else None,
            code_from=CodeFrom(str(code_from)) if code_from else None,
            bearing=BearingKind(str(given.pop("bearing"))),
            parent_by_geometry=parent_by == "geometry",
            timezone=str(given.pop("timezone") or settings.get().timezone),
            **given,  # type: ignore[arg-type]
        )
        check(order)
    except BadOrder as wrong:
        raise click.UsageError(str(wrong)) from wrong
    return order


def _pairs(option: str, mapped: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in mapped]
    for name, equals, _ in pairs:
        if not equals:
            raise click.UsageError(f"{option} {name} names no column or value. Write {option} field=…")
    return {name.strip(): column for name, _, column in pairs}


def _make_ready() -> None:
    """Start the private database if it is not running, and bring it to the version of this code."""
    cluster.ensure_running()
    migrate.upgrade(db.engine())


def _write_problems(done: ImportReport, order: Order, path: Path) -> None:
    try:
        reports.write_problems(done, order.path if order.path.is_file() else None, path, crs=order.crs)
    except Refused as refused:
        raise click.UsageError(str(refused)) from refused
    click.echo(f"{len(done.problems)} problems written to {path}.", err=True)


def _in_words(done: ImportReport) -> str:
    heading = "Dry run, nothing was written." if done.dry_run else ""
    counts = (
        f"{done.kind}: {done.rows} rows, {done.added} added, {done.updated} updated,"
        f" {done.unchanged} unchanged, {done.refused} refused."
    )
    lines = [f"row {one.row} {one.severity} {one.field}: {one.reason}" for one in done.problems[:_SHOWN]]
    more = len(done.problems) - len(lines)
    tail = [f"… and {more} more; --problems FILE writes all of them."] if more > 0 else []
    return "\n".join([line for line in (heading, counts) if line] + lines + tail)
