"""sharpeyes discover: search networks for devices and compare them with the record."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from data import cluster, db, discovery, found, networks, settings
from data.discovery import Run
from data.errors import Refusal
from web.jobs.discovery import carry_out

TELL_EVERY_S = 2.0
_TOLD = ("ip", "standing", "camera_code", "moved_from", "changes", "mac", "serial", "vendor", "model", "firmware")
_ALSO = ("said_name", "rtsp_port", "onvif_url", "asks_login", "network")


@click.command("discover")
@click.argument("network", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def discover_command(network: str | None, *, as_json: bool) -> None:
    """Search NETWORK (its name or CIDR), or every network that may be searched, and compare with the record.

    No password is sent. What was found stays on the discovery page, where it can be added.
    """
    cluster.ensure_running()
    run_id = _asked(network)
    asyncio.run(_until_over(run_id))
    run = _run(run_id)
    with db.transaction() as session:
        every = found.listed(session, limit=100_000)
    rows = [{name: row[name] for name in (*_TOLD, *_ALSO)} for row in every if row["network_id"] in run.network_ids]
    if as_json:
        sums = {"state": run.state, "addresses": run.done, "found": run.found}
        click.echo(json.dumps(sums | {"devices": rows}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(map(_line, rows)) or "Nothing was found.")
    if run.state != "done":
        raise SystemExit(1)


def _asked(network: str | None) -> int:
    site = settings.get().probe_site
    try:
        with db.transaction() as session:
            every = [networks.named(session, network)] if network else networks.networks(session)
            chosen = [one.id for one in every if one.sweep and one.probe_site in ("", site)]
            if not chosen:
                raise Refusal("No such network may be searched from here: sharpeyes network add CIDR NAME --sweep.")
            return discovery.ask(session, kind="sweep", probe_site=site, network_ids=chosen, account_id=None)
    except Refusal as refused:
        raise click.ClickException(str(refused)) from None


async def _until_over(run_id: int) -> None:
    """Carry orders out until this one is over; a worker that was faster is waited for."""
    telling = asyncio.create_task(_tell(run_id))
    try:
        while _run(run_id).is_open:
            if not await carry_out(settings.get().probe_site, clock=lambda: datetime.now(UTC)):
                await asyncio.sleep(TELL_EVERY_S)
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell(run_id: int) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        run = _run(run_id)
        click.echo(f"{run.done} of {run.total} addresses, {run.found} devices", err=True)


def _run(run_id: int) -> Run:
    with db.transaction() as session:
        return discovery.find(session, run_id)


def _line(row: Mapping[str, Any]) -> str:
    what = " ".join(str(row[name]) for name in ("vendor", "model", "said_name") if row[name])
    camera = f"  camera {row['camera_code']}" if row["camera_code"] else ""
    moved = f"  from {row['moved_from']}" if row["moved_from"] else ""
    return f"{row['ip']}  {row['standing']}{moved}{camera}  {what}".rstrip()
