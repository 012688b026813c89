"""`sharpeyes account …`: accounts of staff, for whoever runs the machine. Passwords never stand on a command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from data import accounts, audit, cluster, db
from data import areas as areas_of
from data.errors import Refusal
from data.types import Role

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
areas = click.option("--area", "codes", multiple=True, help="Code of an area to grant; repeat for more.")
everything = click.option("--everything", is_flag=True, help="Grant everything.")


@click.group("account")
def account() -> None:
    """Make and change accounts of staff."""


@account.command("first")
@as_json
def first(*, as_json: bool) -> None:
    """Make the first administrator and print the one-time password, once."""
    with _database() as session:
        password = accounts.first_administrator(session)
        if password:
            _audit(session, "account.create", "admin")
    _say({"login": "admin" if password else None, "password": password}, as_json=as_json)


@account.command("add")
@click.argument("login")
@click.option("--title", default="", help="The post or desk this account is for.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@areas
@everything
@as_json
def add(
    login: str, title: str, roles: tuple[str, ...], codes: tuple[str, ...], *, everything: bool, as_json: bool
) -> None:
    """Make an account and print its one-time password, once."""
    with _database() as session:
        wanted = _areas(session, codes, everything=everything)
        _, password = accounts.create(session, login, title=title, roles=set(map(Role, roles)), areas=wanted)
        _audit(session, "account.create", login)
    _say({"login": login, "password": password}, as_json=as_json)


@account.command("list")
@as_json
def list_accounts(*, as_json: bool) -> None:
    """List every account with its roles and areas."""
    with _database() as session:
        everyone = [asdict(one) for one in accounts.everyone(session)]
    if as_json:
        click.echo(json.dumps({"accounts": everyone}, ensure_ascii=False, default=str))
        return
    for one in everyone:
        granted = ", ".join(own["name"] or "everything" for own in one["grants"])
        state = " (disabled)" if one["disabled"] else ""
        click.echo(f"{one['login']}{state}\t{','.join(one['roles'])}\t{granted}")


@account.command("reset-password")
@click.argument("login")
@as_json
def reset_password(login: str, *, as_json: bool) -> None:
    """Give an account a new one-time password and print it, once."""
    with _database() as session:
        password = accounts.reset_password(session, accounts.by_login(session, login).id)
        _audit(session, "account.reset_password", login)
    _say({"login": login, "password": password}, as_json=as_json)


@account.command("grant")
@click.argument("login")
@areas
@everything
@as_json
def grant(login: str, codes: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """Let an account see more areas."""
    with _database() as session:
        found = accounts.by_login(session, login)
        for area in _areas(session, codes, everything=everything):
            accounts.grant(session, found.id, area)
        _audit(session, "account.grant", login)
        after = accounts.one(session, found.id)
    _say({"login": login, "areas": [own.name or "everything" for own in after.grants]}, as_json=as_json)


@account.command("disable")
@click.argument("login")
@as_json
def disable(login: str, *, as_json: bool) -> None:
    """Close an account; its sessions end at once and its trail stays."""
    with _database() as session:
        found = accounts.by_login(session, login)
        accounts.change(session, found.id, title=found.title, roles=found.roles, disabled=True)
        _audit(session, "account.disable", login)
    _say({"login": login, "disabled": True}, as_json=as_json)


@account.command("token")
@click.argument("login")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="How long it is good for.")
@as_json
def token(login: str, *, days: int, as_json: bool) -> None:
    """Print a bearer token by which a monitoring system reads /metrics with what an account may see, once."""
    until = datetime.now(UTC) + timedelta(days=days)
    with _database() as session:
        found = accounts.by_login(session, login)
        made = accounts.open_sign_in(session, found.id, until=until, address="token")
        _audit(session, "account.token", login)
    _say({"login": login, "token": made, "until": until.isoformat(timespec="seconds")}, as_json=as_json)


@contextmanager
def _database() -> Iterator[Session]:
    """Give an owner's session; what was asked wrongly ends as a sentence and exit code 1."""
    cluster.ensure_running()
    try:
        with db.transaction() as session:
            yield session
    except Refusal as refused:
        raise click.ClickException(str(refused)) from refused


def _areas(session: Session, codes: tuple[str, ...], *, everything: bool) -> list[int | None]:
    ids: list[int | None] = [None] if everything else []
    for code in codes:
        ids.append(areas_of.id_of(session, code))
    return ids


def _audit(session: Session, action: str, subject: str) -> None:
    audit.write(session, action=action, account_id=None, subject=subject, detail={}, address="command line")


def _say(what: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(what, ensure_ascii=False))
        return
    for name, value in what.items():
        click.echo(f"{name}: {'' if value is None else value}")
