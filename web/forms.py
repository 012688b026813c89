"""Reading what a request says: each function takes the written text and returns a value or raises BadInput."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from flask import current_app

from web.problems import BadInput
from web.words import mark

S = TypeVar("S", bound=StrEnum)


class Box(NamedTuple):
    """A rectangle in degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page of a list, counted from 1, and how many rows a page has."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Return how many rows lie before this page."""
        return (self.number - 1) * self.size


def bbox(written: str) -> Box:
    """Return the box of "west,south,east,north" in degrees."""
    try:
        box = Box(*(float(part) for part in written.split(",")))
    except (TypeError, ValueError):
        raise BadInput(mark("bbox must be written west,south,east,north in degrees."), field="bbox") from None
    inside = -180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90
    if not inside:
        raise BadInput(mark("bbox must have west below east, south below north, and lie on the earth."), field="bbox")
    return box


def whole(written: str | None, *, field: str, default: int | None = None, low: int = 0, high: int = 2**53) -> int:
    """Return a whole number from `low` to `high`; `default` for nothing written."""
    return int(_number(written, int, field=field, default=default, low=low, high=high))


def number(
    written: str | None, *, field: str, default: float | None = None, low: float = -1e15, high: float = 1e15
) -> float:
    """Return a number from `low` to `high`; `default` for nothing written."""
    return _number(written, float, field=field, default=default, low=low, high=high)


def _number(
    written: str | None, kind: type[int] | type[float], *, field: str, default: float | None, low: float, high: float
) -> float:
    text = (written or "").strip()
    if not text and default is not None:
        return default
    try:
        value = kind(text)
    except ValueError:
        raise BadInput(mark("%(field)s must be a number."), field=field) from None
    # Written so that not-a-number is refused too.
    if not low <= value <= high:
        raise BadInput(mark("%(field)s must lie from %(low)s to %(high)s."), field=field, low=low, high=high)
    return value


def day(written: str | None, *, field: str, default: date | None = None) -> date:
    """Return a day written 2026-01-31."""
    text = (written or "").strip()
    if not text and default is not None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(mark("%(field)s must be a day written 2026-01-31."), field=field) from None


def moment(written: str | None, *, field: str) -> datetime:
    """Return a time written 2026-01-31T08:00, in the time zone of the pages."""
    try:
        read = datetime.fromisoformat((written or "").strip())
    except ValueError:
        raise BadInput(mark("%(field)s must be a time written 2026-01-31T08:00."), field=field) from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(current_app.config["TIMEZONE"]))


def start_of(of: date) -> datetime:
    """Return the beginning of a day in the time zone of the pages."""
    return datetime.combine(of, time.min, tzinfo=ZoneInfo(current_app.config["TIMEZONE"]))


def choice(written: str | None, among: Iterable[str], *, field: str, default: str | None = None) -> str:
    """Return one of `among`."""
    text = (written or "").strip()
    if not text and default is not None:
        return default
    offered = list(among)
    if text not in offered:
        raise BadInput(mark("%(field)s must be one of %(among)s."), field=field, among=", ".join(offered))
    return text


def word(written: str | None, kind: type[S], *, field: str) -> S | None:
    """Return a word of a closed set, or None for nothing written."""
    text = (written or "").strip()
    return kind(choice(text, [str(one) for one in kind], field=field)) if text else None


def line(written: str | None, *, field: str, least: int = 0, most: int = 200) -> str:
    """Return one line of text without surrounding blanks and control characters."""
    text = "".join(sign for sign in (written or "") if sign.isprintable()).strip()
    if len(text) < least:
        raise BadInput(mark("%(field)s is missing."), field=field)
    if len(text) > most:
        raise BadInput(mark("%(field)s is longer than %(most)s characters."), field=field, most=most)
    return text


def page(arguments: Mapping[str, str], *, size: int = 50, most: int = 500) -> Page:
    """Return the page that ?page=&size= ask for."""
    return Page(
        number=whole(arguments.get("page"), field="page", default=1, low=1, high=1_000_000),
        size=whole(arguments.get("size"), field="size", default=size, low=1, high=most),
    )
