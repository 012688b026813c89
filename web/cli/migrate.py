"""`sharpeyes migrate`: bring the database to the version this code expects."""

import json

import click

from data import cluster, db, migrate


@click.command("migrate")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def migrate_command(*, as_json: bool) -> None:
    """Bring the database to the version this program expects; nothing happens when it is there."""
    cluster.ensure_running()
    migrate.upgrade(db.engine())
    version = migrate.newest()
    click.echo(json.dumps({"version": version}) if as_json else f"The database has version {version}.")
