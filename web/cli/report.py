"""sharpeyes report: a month as a table, on paper or as JSON."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from data import cluster, db, migrate, rates, settings
from data.errors import Refusal
from web.jobs.rates import count_since
from web.reports import paper, workbook
from web.reports.assessment import assess
from web.reports.document import as_json

WRITERS = {".xlsx": workbook.write, ".pdf": paper.write}


@click.command("report")
@click.argument("month", metavar="MONTH")
@click.option("--area", default="", metavar="CODE", help="Only what lies in this area.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this .xlsx or .pdf file.")
@click.option("--by", type=click.Choice(list(rates.GROUPS)), default="town", show_default=True)
@click.option("--version", type=int, help="A submitted version; 0 counts live. The last submitted one if left out.")
@click.option("--count", is_flag=True, help="Count every day of the month anew from the intervals first.")
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON document.")
def report_command(
    month: str, area: str, out: Path | None, by: str, version: int | None, count: bool, as_json_: bool
) -> None:
    """Report a MONTH, as 2026-06: rates with what they are made of, by group."""
    if out and out.suffix.lower() not in WRITERS:
        raise click.UsageError("--out takes a file whose name ends in .xlsx or .pdf.")
    zone, now = ZoneInfo(settings.get().timezone), datetime.now(UTC)
    try:
        day = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise click.UsageError("MONTH is written 2026-06.") from None
    cluster.ensure_running()
    migrate.upgrade(db.engine())
    if count:
        click.echo("Counting …", err=True)
        following = (day + timedelta(days=31)).replace(day=1)
        count_since(day, min(now, datetime(following.year, following.month, 1, tzinfo=zone)))
    try:
        with db.transaction() as session:
            kinds = tuple(rates.GROUPS)
            found = assess(session, month=day, area_code=area, version=version, now=now, zone=zone, kinds=kinds)
            if out:
                with out.open("wb") as file:
                    WRITERS[out.suffix.lower()](session, found, file)
    except Refusal as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)
    told = as_json(found, by) | {"file": str(out) if out else None}
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json_ else _in_words(told))


def _in_words(told: dict[str, object]) -> str:
    lines = [f"{told['month']}  {told['score']} / {told['reachable']}"]
    rates_of_month = told["rates"]
    if isinstance(rates_of_month, list):
        for one in rates_of_month:
            share = "-" if one["rate"] is None else f"{100 * one['rate']:.2f} %"
            made_of = f"{one['numerator']} / {one['denominator']} {one['unit']}"
            lines.append(f"{one['measure']:<15} {share:>9}  {made_of}  unchecked {one['unchecked']}")
    return "\n".join(lines)
