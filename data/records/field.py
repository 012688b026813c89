"""One field of a record: its headers in files, what it may hold, and how a cell becomes a value. Pure."""

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from urllib.parse import urlsplit

from data import persons

Value = str | float | int | bool | date | datetime | list[str] | None


class BadValue(Exception):
    """A cell cannot be used; the message is a sentence that says what to write instead."""


class Shape(StrEnum):
    """What a field holds."""

    CODE = "code"
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    LIST = "list"
    URL = "url"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    MAC = "mac"
    DUTY_LINE = "duty_line"
    SECRET = "secret"  # noqa: S105  the name of a shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One allowed value, its Chinese and English words, and what else files write for it."""

    value: str | int
    zh: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `zh` and `en` are headers it is known by, the shown one first; its own name is always known.

    `column` False marks what a file brings but no column keeps as it is: coordinates, parents, passwords.
    A required field refuses its row when empty; `wanted_for` names the monitor classes (0 for cameras without one)
    whose record is incomplete without it, until an administrator decides otherwise. What a lenient field cannot read
    is left empty with a warning. `pattern` is a regular expression for text, `example` what to write instead. `usual`
    are the words most files use, by the number a standard has for each; other words are taken as they are.
    """

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...] = ()
    shape: Shape = Shape.TEXT
    group: str = "record"
    low: float | None = None
    high: float | None = None
    below: float | None = None
    choices: tuple[Choice, ...] = ()
    schemes: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    usual: Mapping[str, str] = field(default_factory=dict)
    default: Value = None
    required: bool = False
    wanted_for: frozenset[int] = frozenset()
    column: bool = True
    exported: bool = True
    lenient: bool = False
    note: str = ""

    @property
    def title(self) -> str:
        """The English words for the field, source of its translation on pages."""
        return self.en[0] if self.en else self.name.replace("_", " ").capitalize()

    @property
    def is_editable(self) -> bool:
        """Whether a person may change it on a page: what a column keeps and no code depends on."""
        return self.column and self.shape is not Shape.CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The fields of one kind, and the geometry its rows have: point, line, polygon or any."""

    kind: str
    zh: str
    table: str
    geometry: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the fields by name."""
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    def columns(self) -> tuple[str, ...]:
        """Return the names of the fields that columns keep as they are."""
        return tuple(one.name for one in self.fields if one.column)


def read(cell: object, of: Field, *, zone: tzinfo = UTC) -> Value:
    """Return the value in a cell of a file or a form; an empty cell gives the field's default.

    `zone` is the zone of times that state none. Raises BadValue with a sentence.
    """
    if is_empty(cell):
        return of.default
    return _READERS[of.shape](cell, of, zone)


def is_empty(cell: object) -> bool:
    """Say whether a cell holds nothing: None, NaN, NaT or blanks."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    return bool(cell != cell)


def in_words(value: Value, of: Field) -> object:
    """Return a stored value as Chinese files write it: words for choices, 是 and 否, 、 between list entries."""
    if of.shape is Shape.FLAG and value is not None and not of.choices:
        return "是" if value else "否"
    if of.shape is Shape.LIST and isinstance(value, list):
        return "、".join(value)
    words = {choice.value: choice.zh for choice in of.choices}
    return words.get(value, value) if isinstance(value, str | int) else value


def normal(header: str) -> str:
    """Return a header without what varies between files: case, blanks, underscores, and units in brackets."""
    return re.sub(r"[\s_\-/*:：]|[(（\[【].*?[)）\]】]", "", header).casefold()


def _text(cell: object, of: Field, _zone: tzinfo) -> str:
    # Spreadsheets hand over whole numbers as floats: channel 3 arrives as 3.0.
    whole = isinstance(cell, float) and cell.is_integer()
    words = (str(int(cell)) if whole else str(cell)).strip()  # type: ignore[call-overload]
    if "\x00" in words:
        raise BadValue(f"{of.zh[0]} holds a character that cannot be stored. Type it anew.")
    _refuse_persons(words)
    if of.pattern and not re.fullmatch(of.pattern, words):
        raise BadValue(f"{words:.40} cannot be used here. Write it as {of.example}.")
    return of.usual.get(words, words)


def _code(cell: object, of: Field, zone: tzinfo) -> str:
    words = _text(cell, of, zone)
    if len(words) > 64 or re.search(r"[\s/\\?#%<>\"']", words):
        raise BadValue(
            f"The code {words[:70]!r} cannot be used. Write at most 64 characters without blanks or / ? # %."
        )
    return words


def _number(cell: object, of: Field, _zone: tzinfo) -> float:
    try:
        value = float(re.sub(r"\s*(m|米|°|度|deg)\.?$", "", str(cell).strip()))
    except ValueError:
        raise BadValue(f"{cell!s:.40} is not a number.{_range(of)}") from None
    outside = (of.low is not None and value < of.low) or (of.high is not None and value > of.high)
    if not math.isfinite(value) or outside or (of.below is not None and value >= of.below):
        raise BadValue(f"{cell!s:.40} is out of range.{_range(of)}")
    return value


def _whole(cell: object, of: Field, zone: tzinfo) -> int:
    value = _number(cell, of, zone)
    if value != int(value):
        raise BadValue(f"{cell!s:.40} is not a whole number.{_range(of)}")
    return int(value)


def _choice(cell: object, of: Field, zone: tzinfo) -> str | int:
    wanted = _text(cell, of, zone).casefold()
    for choice in of.choices:
        if wanted in {word.casefold() for word in (str(choice.value), choice.zh, choice.en, *choice.also)}:
            return choice.value
    allowed = ", ".join(f"{choice.zh} ({choice.value})" for choice in of.choices)
    raise BadValue(f"{cell!s:.40} is none of the allowed values: {allowed}.")


def _date(cell: object, of: Field, zone: tzinfo) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    # 2024-05-01, 2024/5/1, 2024.5.1, 20240501 and 2024年5月1日, with or without a time behind.
    found = re.match(r"^\s*(\d{4})\D?(\d{1,2})\D?(\d{1,2})日?(?:[T ].*)?$", _text(cell, of, zone))
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else date.fromisoformat("")
    except ValueError:
        raise BadValue(f"{cell!s:.40} is not a date. Write it as 2025-04-01.") from None


def _moment(cell: object, of: Field, zone: tzinfo) -> datetime:
    try:
        at = cell if isinstance(cell, datetime) else _time_of(str(cell))
    except ValueError:
        raise BadValue(f"{cell!s:.40} is not a time. Write it as 2025-04-01 08:30:00.") from None
    # Parquet and spreadsheets hand over subclasses that databases do not know.
    plain = datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, at.tzinfo or zone)
    return plain.astimezone(UTC)


def _time_of(words: str) -> datetime:
    try:
        return datetime.fromisoformat(words.strip())
    except ValueError:
        return datetime.fromisoformat(_iso(words))


def _iso(words: str) -> str:
    found = re.match(r"^\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*(.*?)\s*$", words)
    if not found:
        return words.strip()
    clock = re.sub(r"^(\d):", r"0\1:", found[4]) or "00:00"
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}T{clock}"


_YES = frozenset({"1", "1.0", "true", "yes", "y", "t", "是", "有", "对", "√"})
_NO = frozenset({"0", "0.0", "false", "no", "n", "f", "否", "无", "没有", "×"})


def _flag(cell: object, of: Field, _zone: tzinfo) -> bool:
    words = str(cell).strip().casefold()
    for choice in of.choices:
        if words in (choice.zh, choice.en.casefold(), *choice.also):
            return bool(choice.value)
    if words not in _YES | _NO:
        raise BadValue(f"{cell!s:.40} is neither yes nor no. Write 是 or 否.")
    return words in _YES


def _list(cell: object, of: Field, zone: tzinfo) -> list[str]:
    if isinstance(cell, list | tuple):
        return [_text(part, of, zone) for part in cell]
    _refuse_persons(str(cell))
    return [part.strip() for part in re.split(r"[、，,;；|\n]", str(cell)) if part.strip()]


def _url(cell: object, of: Field, zone: tzinfo) -> str:
    address = _text(cell, of, zone)
    allowed = " or ".join(f"{scheme}://" for scheme in of.schemes)
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in of.schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good or re.search(r"[\s\x00-\x1f]", address):
        raise BadValue(f"The address is not usable. Write one that begins with {allowed} and names a host.")
    if "@" in parts.netloc:
        raise BadValue("The address holds a login. Put user name and password into their own columns.")
    return address


def _ipv4(cell: object, of: Field, zone: tzinfo) -> str:
    return _ip(_text(cell, of, zone), ipaddress.IPv4Address, "10.1.2.3")


def _ipv6(cell: object, of: Field, zone: tzinfo) -> str:
    return _ip(_text(cell, of, zone), ipaddress.IPv6Address, "fd00::12")


def _ip(words: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], example: str) -> str:
    try:
        return str(kind(words))
    except ValueError:
        raise BadValue(f"{words:.60} is no IP address of this kind. Write it as {example}.") from None


def _mac(cell: object, of: Field, zone: tzinfo) -> str:
    words = _text(cell, of, zone)
    digits = re.sub(r"[:.\-\s]", "", words).upper()
    if not re.fullmatch(r"[0-9A-F]{12}", digits) or digits in ("0" * 12, "F" * 12):
        raise BadValue(f"{words:.40} is no MAC address. Write it as 3C:EF:8C:01:02:03.")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _duty_line(cell: object, of: Field, zone: tzinfo) -> str:
    words = str(cell).strip()
    if persons.personal_data_in(words):
        raise BadValue(
            "A duty line is a unit's landline or short number, not a personal mobile. Write the unit's line."
        )
    if not re.fullmatch(r"\+?[0-9][0-9 ()（）\-转#,、/]{1,38}[0-9)）]?", words):
        raise BadValue(f"{words:.40} is not a duty line. Write digits and dashes, as in 0813-3901110.")
    return words


def _refuse_persons(words: str) -> None:
    # Cell codes have 15 digits, as ID cards once had, and towns of 401 to 412 would pass for dates.
    found = None if len(words) == 15 and words.isdigit() else persons.personal_data_in(words)
    if found:
        raise BadValue(f"The text holds {found}. This system keeps no data of persons: remove it.")


def _secret(cell: object, _of: Field, _zone: tzinfo) -> str:
    return str(cell)


def _range(of: Field) -> str:
    top = of.high if of.high is not None else of.below
    if of.low is None or top is None:
        return ""
    return f" Write a number from {of.low:g} to {'just under ' if of.below is not None else ''}{top:g}."


_READERS: Mapping[Shape, Callable[[object, Field, tzinfo], Value]] = {
    Shape.CODE: _code,
    Shape.TEXT: _text,
    Shape.NUMBER: _number,
    Shape.WHOLE: _whole,
    Shape.CHOICE: _choice,
    Shape.DATE: _date,
    Shape.MOMENT: _moment,
    Shape.FLAG: _flag,
    Shape.LIST: _list,
    Shape.URL: _url,
    Shape.IPV4: _ipv4,
    Shape.IPV6: _ipv6,
    Shape.MAC: _mac,
    Shape.DUTY_LINE: _duty_line,
    Shape.SECRET: _secret,
}
