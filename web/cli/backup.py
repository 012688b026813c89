"""Keep everything in one file, and put it back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from data import backup, settings


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def backup_command(file: Path, *, as_json: bool) -> None:
    """Write database, pictures and keys into FILE; the system may run meanwhile.

    FILE opens every camera password: keep it where only administrators may read it.
    """
    made = backup.backup(settings.get(), file.absolute(), at=datetime.now(UTC))
    _report(file, made, as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Lose what is here already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def restore_command(file: Path, *, replace: bool, as_json: bool) -> None:
    """Put back everything that FILE holds; the system must be stopped."""
    restored = backup.restore(settings.get(), file.absolute(), replace=replace)
    _report(file, restored, as_json=as_json)


def _report(file: Path, held: backup.Manifest, *, as_json: bool) -> None:
    counts = {"made_at": held.made_at, "tables": len(held.tables), "rows": held.rows, "pictures": held.pictures}
    if as_json:
        click.echo(json.dumps({"file": str(file), **counts}))
    else:
        click.echo(f"{file}: {held.rows} rows of {len(held.tables)} tables, {held.pictures} picture files.")
