"""Values an administrator may change, each with its kind, its default and what it is for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value that may be changed. Numbers lie within `low` and `high`."""

    name: str
    default: bool | int | float | str
    title: str
    low: float | None = None
    high: float | None = None


# A new option is one line here; pages and jobs read it with `value`.
KNOWN = (
    Option(name="site_name", default="", title="Name of this place, shown at the top of every page"),
    Option(
        name="duplicates_within_m",
        default=1.0,
        title="Cameras this close, in metres, that look the same way are listed as possible duplicates",
        low=0.0,
        high=100.0,
    ),
    Option(name="demonstration", default=False, title="Demonstration: label every page as made up"),
)
_BY_NAME = {option.name: option for option in KNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What every page shows, also before anybody has signed in."""

    demonstration: bool = False
    site_name: str = ""


def shown_to_all(session: Session) -> Shown:
    """Return what every page shows."""
    return Shown(**session.execute(text("SELECT shown_to_all()")).scalar_one())


def value(session: Session, name: str) -> Any:
    """Return the value of an option, or its default when nobody changed it."""
    found = session.execute(text("SELECT value FROM options WHERE name = :name"), {"name": name}).one_or_none()
    return _BY_NAME[name].default if found is None else found.value


def values(session: Session) -> Mapping[str, Any]:
    """Return every known option with its value."""
    changed = {row.name: row.value for row in session.execute(text("SELECT name, value FROM options"))}
    return {option.name: changed.get(option.name, option.default) for option in KNOWN}


def change(session: Session, name: str, written: str) -> Any:
    """Set an option from what somebody wrote and return its value. Raises Missing or Refusal."""
    if name not in _BY_NAME:
        raise Missing("There is no option %(name)s.", name=name)
    wanted = read(_BY_NAME[name], written)
    session.execute(
        text(
            "INSERT INTO options (name, value) VALUES (:name, CAST(:value AS jsonb)) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value, changed_at = now()"
        ),
        {"name": name, "value": json.dumps(wanted)},
    )
    return wanted


def read(option: Option, written: str) -> bool | int | float | str:
    """Return the value that `written` means for an option. Raises Refusal with a sentence."""
    if isinstance(option.default, bool):
        return written.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(option.default, str):
        return written.strip()[:200]
    try:
        number = type(option.default)(written)
    except ValueError:
        raise Refusal("%(written)s is not a number.", field=option.name, written=written) from None
    if not (option.low or 0) <= number <= (option.high or number):
        raise Refusal(
            "The value must lie from %(low)s to %(high)s.", field=option.name, low=option.low, high=option.high
        )
    return number
