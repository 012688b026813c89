"""sharpeyes demo: fill an empty installation with a made-up county."""

import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from data import cluster, db, migrate, settings
from data.demonstration import is_empty
from web import demonstration
from web.demonstration import Size


@click.command()
@click.option("--cells", default=243, show_default=True)
@click.option("--cameras", default=1_300, show_default=True)
@click.option("--lab", default=1_300, show_default=True, help="Cameras that live on this machine.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def demo(cells: int, cameras: int, lab: int, seed: int, as_json: bool) -> None:
    """Put the demonstration county into an empty installation; does nothing where it is already."""
    cluster.ensure_running()
    migrate.upgrade(db.engine())
    size = Size(cells=cells, cameras=cameras, lab=lab, seed=seed)
    with db.transaction() as session:
        if demonstration.is_there(session):
            said: dict[str, object] = {"made": False}
        elif not is_empty(session):
            click.echo("This installation is in use; the demonstration county goes into an empty one.", err=True)
            sys.exit(1)
        else:
            click.echo("Making the demonstration county …", err=True)
            county = demonstration.fill(session, size, now=datetime.now(ZoneInfo(settings.get().timezone)))
            said = {"made": True, "cells": cells, "cameras": len(county.cameras), "living": min(lab, cameras)}
    click.echo(json.dumps(said) if as_json else _in_words(said))


def _in_words(said: dict[str, object]) -> str:
    if not said["made"]:
        return "The demonstration county is there already."
    return f"The demonstration county is made: {said['cells']} cells, {said['cameras']} cameras, {said['living']} live."
