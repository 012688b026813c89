"""Limits per class of cameras: defaults in code, and what an administrator changed of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal
from data.types import Limits

# Cameras whose record gives no class.
NO_CLASS = 0
# The more a camera matters, the sooner its loss is told, and the sooner a doubtful one is called lost.
DEFAULTS: dict[int, Limits] = {
    NO_CLASS: Limits(),
    1: Limits(confirm_offline_s=30.0, confirm_online_s=20.0),
    2: Limits(confirm_offline_s=45.0, confirm_online_s=30.0),
    3: Limits(confirm_offline_s=60.0, confirm_online_s=30.0),
    9: Limits(confirm_offline_s=60.0, confirm_online_s=30.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Editable:
    """One limit that may be changed, the bounds of its value and what it is for."""

    name: str
    low: float
    high: float
    title: str


# A limit that may be edited is one line here.
EDITABLE = (
    Editable(name="confirm_offline_looks", low=1, high=20, title="Failed looks in a row before a camera is offline"),
    Editable(name="confirm_offline_s", low=0, high=3600, title="Seconds it must fail before it is offline"),
    Editable(name="confirm_degraded_looks", low=1, high=20, title="Faulty looks in a row before a fault is told"),
    Editable(name="confirm_degraded_s", low=0, high=3600, title="Seconds a fault must last before it is told"),
    Editable(name="confirm_online_looks", low=1, high=20, title="Good looks in a row before it is online again"),
    Editable(name="confirm_online_s", low=0, high=3600, title="Seconds it must stay well before it is online again"),
    Editable(name="unstable_turns", low=1, high=50, title="Recent ups and downs from which it is unstable"),
    Editable(name="unstable_offline_s", low=0, high=7200, title="Seconds an unstable camera must fail"),
    Editable(name="unstable_online_s", low=0, high=7200, title="Seconds an unstable camera must stay well"),
    Editable(name="clock_skew_warn_s", low=1, high=86400, title="Seconds its clock may be wrong"),
)
_BY_NAME = {one.name: one for one in EDITABLE}
_WHOLE = {one.name for one in fields(Limits) if one.type in (int, "int")}


def of_class(limits: Mapping[int, Limits], monitor_class: int | None) -> Limits:
    """Return the limits of a class out of what `by_class` gave."""
    return limits.get(monitor_class or NO_CLASS) or limits[NO_CLASS]


def by_class(session: Session, defaults: Mapping[int, Limits] = DEFAULTS) -> dict[int, Limits]:
    """Return the limits of every class as they are now."""
    changed: dict[int, dict[str, Any]] = {}
    for row in session.execute(text("SELECT monitor_class, name, value FROM class_limits")):
        if row.name in _BY_NAME:
            changed.setdefault(row.monitor_class, {})[row.name] = _typed(row.name, row.value)
    return {number: replace(limits, **changed.get(number, {})) for number, limits in defaults.items()}


def change(session: Session, monitor_class: int, name: str, value: float | None) -> None:
    """Set a limit of a class, or put it back to its default with None. Raises Missing or Refusal."""
    if name not in _BY_NAME or monitor_class not in DEFAULTS:
        raise Missing("There is no limit %(name)s for this class.", name=name)
    if value is None:
        session.execute(
            text("DELETE FROM class_limits WHERE monitor_class = :class AND name = :name"),
            {"class": monitor_class, "name": name},
        )
        return
    known = _BY_NAME[name]
    if not known.low <= value <= known.high:
        raise Refusal("The value must lie from %(low)s to %(high)s.", field=name, low=known.low, high=known.high)
    session.execute(
        text(
            "INSERT INTO class_limits (monitor_class, name, value) VALUES (:class, :name, :value)"
            " ON CONFLICT (monitor_class, name) DO UPDATE SET value = excluded.value, changed_at = now()"
        ),
        {"class": monitor_class, "name": name, "value": _typed(name, value)},
    )


def _typed(name: str, value: float) -> float | int:
    return round(value) if name in _WHOLE else value
