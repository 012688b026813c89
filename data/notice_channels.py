"""The ways people are told: webhooks and mailboxes of units, with secrets that are written and never shown."""

import re
import ssl
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import persons, secrets
from data.errors import Missing, Refusal

# What secrets of channels are encrypted for; the same words decrypt them.
CHANNEL_SECRET = "notice-channel"  # noqa: S105  a purpose, no secret
WAYS = ("webhook", "mail")
SECURITIES = ("starttls", "tls", "none")
LEAST_SECRET_LENGTH = 16
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.)*[A-Za-z0-9\-]{1,63}")
_HOST = re.compile(r"[A-Za-z0-9._\-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_MOST_RECIPIENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to a unit. `secret` (of a webhook) and `password` (of mail) are only filled for whoever sends."""

    id: int = 0
    area_id: int | None = None
    area: str = ""
    area_code: str = ""
    path: str = ""
    name: str
    way: str
    active: bool = True
    language: str = "zh_CN"
    authority: str = ""
    url: str = ""
    host: str = ""
    port: int = 25
    security: str = "starttls"
    username: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    sent_at: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""
    secret: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


_COLUMNS = (
    "c.id, c.area_id, coalesce(v.name, '') AS area, coalesce(a.code, '') AS area_code, c.path::text AS path,"
    " c.name, c.way, c.active, c.language,"
    " c.authority, c.url, c.host, c.port, c.security, c.username, c.sender, c.recipients, c.sent_at, c.failing_since,"
    " c.reason"
)
_FROM = (
    " FROM notice_channels c LEFT JOIN areas a ON a.id = c.area_id"
    " LEFT JOIN area_versions v ON v.area_id = c.area_id AND upper_inf(v.during)"
)


def channels(session: Session) -> list[Channel]:
    """Return every channel inside the scope, by name."""
    rows = session.execute(text(f"SELECT {_COLUMNS}{_FROM} ORDER BY c.name, c.id"))
    return [_channel(dict(row)) for row in rows.mappings()]


def one(session: Session, channel_id: int) -> Channel:
    """Return a channel. Raises Missing, also for one outside the scope."""
    found = [channel for channel in channels(session) if channel.id == channel_id]
    if not found:
        raise Missing("There is no such channel, or it lies outside the areas granted to you.")
    return found[0]


def for_sending(session: Session, channel_id: int) -> Channel:
    """Return a channel with its secrets; for the owner only. Raises SecretError without the key file."""
    row = session.execute(
        text("SELECT secret_encrypted, password_encrypted FROM notice_channels WHERE id = :id"), {"id": channel_id}
    ).one()
    opened = [secrets.decrypt(bytes(sealed), purpose=CHANNEL_SECRET) if sealed else "" for sealed in row]
    return replace(one(session, channel_id), secret=opened[0], password=opened[1])


def keep(session: Session, kept: Channel) -> int:
    """Write a channel, a new one when its id is 0, and return its id.

    An empty secret or password leaves what is stored. Raises Refusal with a sentence for what cannot be used.
    """
    _check(kept)
    if kept.way == "webhook" and not kept.secret and not kept.id:
        raise Refusal("A webhook needs a secret of at least %(least)s characters.", field="secret", least=16)
    values = asdict(kept) | {
        "recipients": list(kept.recipients),
        "sealed_secret": _sealed(kept.secret),
        "sealed_password": _sealed(kept.password),
    }
    found = session.execute(text(_change(kept) if kept.id else _ADD), values).scalar_one_or_none()
    if found is None:
        raise Missing("There is no such channel, or it lies outside the areas granted to you.")
    # What waits for a channel that was wrong need not wait any longer.
    session.execute(
        text("UPDATE notices SET next_try_at = now() WHERE channel_id = :id AND state = 'waiting'"), {"id": found}
    )
    return int(found)


def remove(session: Session, channel_id: int) -> None:
    """Forget a channel with everything that was told through it; rules no longer name it."""
    session.execute(
        text("UPDATE notice_rules SET channels = array_remove(channels, :id) WHERE :id = ANY (channels)"),
        {"id": channel_id},
    )
    session.execute(text("DELETE FROM notice_channels WHERE id = :id"), {"id": channel_id})


_FIELDS = ("area_id", "name", "way", "active", "language", "authority", "url", "host", "port", "security", "username")
_NAMES = (*_FIELDS, "sender", "recipients")
_PATH = "coalesce((SELECT path FROM areas WHERE id = :area_id), '')"
_ADD = (
    f"INSERT INTO notice_channels ({', '.join(_NAMES)}, path, secret_encrypted, password_encrypted)"  # noqa: S608
    f" VALUES ({', '.join(':' + name for name in _NAMES)}, {_PATH}, :sealed_secret, :sealed_password) RETURNING id"
)


def _change(kept: Channel) -> str:
    """Return the statement that writes a channel anew; a secret that was not given is neither read nor written."""
    changes = [f"{name} = :{name}" for name in _NAMES] + [f"path = {_PATH}"]
    if kept.secret:
        changes.append("secret_encrypted = :sealed_secret")
    if kept.password or not kept.username:
        changes.append("password_encrypted = :sealed_password")
    return f"UPDATE notice_channels SET {', '.join(changes)} WHERE id = :id RETURNING id"  # noqa: S608  constants


def read_recipients(written: str) -> tuple[str, ...]:
    """Return the mailboxes that somebody wrote, one a line or between commas."""
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,;，；、]+", written) if part))


def _channel(row: dict[str, Any]) -> Channel:
    return Channel(**(row | {"recipients": tuple(row["recipients"])}))


def _sealed(secret: str) -> bytes | None:
    return secrets.encrypt(secret, purpose=CHANNEL_SECRET) if secret else None


def _check(kept: Channel) -> None:
    if kept.way == "webhook":
        _check_webhook(kept)
    else:
        _check_mail(kept)
    if kept.authority:
        try:
            ssl.create_default_context(cadata=kept.authority)
        except (ssl.SSLError, ValueError):
            raise Refusal("This is no certificate in PEM form.", field="authority") from None


def _check_webhook(kept: Channel) -> None:
    try:
        address = urlsplit(kept.url)
        is_usable = address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or "@" in address.netloc or not kept.url.isascii() or " " in kept.url:
        raise Refusal("The address begins with http:// or https:// and a host, without a password.", field="url")
    if kept.secret and len(kept.secret) < LEAST_SECRET_LENGTH:
        raise Refusal("A webhook needs a secret of at least %(least)s characters.", field="secret", least=16)


def _check_mail(kept: Channel) -> None:
    if not _HOST.fullmatch(kept.host):
        raise Refusal("Write the name or address of the mail server.", field="host")
    if kept.username and kept.security == "none":
        raise Refusal("A password is sent encrypted only. Choose STARTTLS or TLS.", field="security")
    if not kept.recipients or len(kept.recipients) > _MOST_RECIPIENTS:
        raise Refusal("Write from 1 to %(most)s mailboxes.", field="recipients", most=_MOST_RECIPIENTS)
    for written in (kept.sender, *kept.recipients):
        if not _ADDRESS.fullmatch(written):
            raise Refusal("%(written)s is no mailbox.", field="recipients", written=written)
        # A number as a mailbox is somebody's telephone or identity card.
        if persons.personal_data_in(written.partition("@")[0]):
            raise Refusal(
                "%(written)s is the mailbox of a person. Write the mailbox of a post or a unit.",
                field="recipients",
                written=written,
            )
