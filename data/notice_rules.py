"""The rules by which people are told, as rows; what they mean stands in desk/notices.py."""

from dataclasses import asdict, dataclass, replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal

# Monitor classes a rule may name; a camera without one is told by rules that name none.
CLASSES = (1, 2, 3, 9)
KINDS = ("outage", "offline", "degraded", "unknown")
LEAST_REMINDER_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule:
    """Which matters are told to which channels, and when. Times in seconds; no classes means all of them."""

    id: int = 0
    area_id: int | None = None
    area: str = ""
    area_code: str = ""
    path: str = ""
    name: str
    active: bool = True
    classes: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ("outage", "offline")
    channels: tuple[int, ...] = ()
    delay_s: int = 300
    group_s: int = 60
    remind_s: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    timezone: str


_NAMES = (
    "area_id", "name", "active", "classes", "kinds", "channels", "delay_s", "group_s", "remind_s", "quiet_from",
    "quiet_until", "timezone",
)  # fmt: skip
_READ = (
    "SELECT r.id, coalesce(v.name, '') AS area, coalesce(a.code, '') AS area_code, r.path::text AS path,"  # noqa: S608
    f" {', '.join('r.' + name for name in _NAMES)}"
    " FROM notice_rules r LEFT JOIN areas a ON a.id = r.area_id"
    " LEFT JOIN area_versions v ON v.area_id = r.area_id AND upper_inf(v.during)"
    " ORDER BY r.path, r.name, r.id"
)
_PATH = "coalesce((SELECT path FROM areas WHERE id = :area_id), '')"
_ADD = (
    f"INSERT INTO notice_rules ({', '.join(_NAMES)}, path) VALUES ({', '.join(':' + name for name in _NAMES)}, {_PATH})"  # noqa: S608
    " RETURNING id"
)
_CHANGE = (
    f"UPDATE notice_rules SET {', '.join(f'{name} = :{name}' for name in _NAMES)}, path = {_PATH}"  # noqa: S608
    " WHERE id = :id RETURNING id"
)


def rules(session: Session) -> list[NoticeRule]:
    """Return every rule inside the scope, from the widest area down."""
    return [_rule(dict(row)) for row in session.execute(text(_READ)).mappings()]


def one(session: Session, rule_id: int) -> NoticeRule:
    """Return a rule. Raises Missing, also for one outside the scope."""
    found = [rule for rule in rules(session) if rule.id == rule_id]
    if not found:
        raise Missing("There is no such rule, or it lies outside the areas granted to you.")
    return found[0]


def keep(session: Session, kept: NoticeRule) -> int:
    """Write a rule, a new one when its id is 0, and return its id. Raises Refusal for one that cannot be used.

    Only channels inside the scope can be chosen; those outside it that a rule has already stay.
    """
    check(kept)
    seen = set(session.execute(text("SELECT id FROM notice_channels")).scalars())
    if set(kept.channels) - seen:
        raise Missing("There is no such channel, or it lies outside the areas granted to you.")
    before = one(session, kept.id).channels if kept.id else ()
    channels = sorted({*kept.channels, *(set(before) - seen)})
    values = asdict(replace(kept, channels=tuple(channels)))
    lists = {name: list(values[name]) for name in ("classes", "kinds", "channels")}
    found = session.execute(text(_CHANGE if kept.id else _ADD), values | lists).scalar_one_or_none()
    if found is None:
        raise Missing("There is no such rule, or it lies outside the areas granted to you.")
    return int(found)


def path_of(session: Session, area_id: int) -> str:
    """Return where a rule for an area lies."""
    return str(session.execute(text("SELECT path::text FROM areas WHERE id = :id"), {"id": area_id}).scalar_one())


def remove(session: Session, rule_id: int) -> None:
    """Forget a rule."""
    session.execute(text("DELETE FROM notice_rules WHERE id = :id"), {"id": rule_id})


def check(rule: NoticeRule) -> None:
    """Raise Refusal for a rule that cannot be used."""
    if not rule.kinds or set(rule.kinds) - set(KINDS) or set(rule.classes) - set(CLASSES):
        raise Refusal("Choose at least one kind of trouble.", field="kinds")
    if (rule.quiet_from is None) != (rule.quiet_until is None):
        raise Refusal("Write when quiet hours begin and when they end, or neither.", field="quiet_from")
    if 0 < rule.remind_s < LEAST_REMINDER_S:
        raise Refusal("A reminder comes after %(least)s minutes at the soonest.", field="remind", least=10)
    try:
        ZoneInfo(rule.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refusal("There is no time zone %(written)s.", field="timezone", written=rule.timezone) from None


def _rule(row: dict[str, Any]) -> NoticeRule:
    return NoticeRule(**(row | {name: tuple(row[name]) for name in ("classes", "kinds", "channels")}))
