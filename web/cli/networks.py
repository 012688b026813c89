"""sharpeyes network …: which networks may be contacted, searched, and with which login."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from data import audit, cluster, db, networks
from data.errors import Refusal
from data.networks import Network

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group("network")
def network_group() -> None:
    """The networks whose devices may be contacted; nothing outside them is."""


@network_group.command("list")
@AS_JSON
def list_networks(*, as_json: bool) -> None:
    """List them."""
    with _database() as session:
        every = networks.networks(session)
    if as_json:
        click.echo(json.dumps({"networks": [asdict(one) for one in every]}, ensure_ascii=False))
        return
    for one in every:
        searched = f"searched at {one.rate_per_s}/s" if one.sweep else "not searched"
        login = f"login {one.username}" if one.username else "no login"
        click.echo(f"{one.cidr}\t{one.name}\tfrom {one.probe_site or 'every site'}\t{searched}\t{login}")


@network_group.command("add")
@click.argument("cidr")
@click.argument("name")
@click.option("--site", default="", help="The probe site it is looked at from; every site if left out.")
@click.option("--sweep", is_flag=True, help="It may be searched for devices.")
@click.option("--rate", default=20, show_default=True, help="Connections a second of a search.")
@click.option("--user", help="The user of its devices. Needs --password-file.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its first line.")
@AS_JSON
def add_network(
    cidr: str,
    name: str,
    *,
    site: str,
    sweep: bool,
    rate: int,
    user: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Allow the network CIDR, as 10.20.30.0/24, under a NAME."""
    if (user is None) != (password_file is None):
        raise click.UsageError("--user and --password-file belong together.")
    lines = password_file.read_text(encoding="utf-8").splitlines() if password_file else []
    wanted = Network(cidr=cidr, name=name, probe_site=site, sweep=sweep, rate_per_s=rate, username=user)
    with _database() as session:
        kept = networks.keep(session, wanted, password=lines[0] if lines else "")
        _audit(session, kept.cidr, name=kept.name, sweep=kept.sweep, user=kept.username)
    click.echo(json.dumps(asdict(kept), ensure_ascii=False) if as_json else f"{kept.cidr} is allowed.")


@network_group.command("remove")
@click.argument("network")
@AS_JSON
def remove_network(network: str, *, as_json: bool) -> None:
    """Forget NETWORK (its name or CIDR); its devices are contacted no more."""
    with _database() as session:
        gone = networks.named(session, network)
        networks.remove(session, gone.id)
        _audit(session, gone.cidr, removed=True)
    click.echo(json.dumps({"removed": gone.cidr}) if as_json else f"{gone.cidr} is not allowed any more.")


@contextmanager
def _database() -> Iterator[Session]:
    """Give a session of the owner; what is refused ends the command with its sentence."""
    cluster.ensure_running()
    try:
        with db.transaction() as session:
            yield session
    except Refusal as refused:
        raise click.ClickException(str(refused)) from None


def _audit(session: Session, subject: str, **detail: Any) -> None:
    audit.write(
        session, action="network.change", account_id=None, subject=subject, detail=detail, address="command line"
    )
