"""Cells of tables as text: values of every format to one plain spelling, and the escape against formula injection."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

import numpy as np
import pandas

from data.types import Problem, Severity

# The first cell of a row of notes begins so; such a row is for people and is not data.
NOTE_MARK = "※"
# Doubles and spreadsheets keep 15 digits, so a longer whole number has lost its last ones.
_MOST_DIGITS = 10**15

# What spreadsheets run as a formula, in ASCII and full width; a plain number with its sign is none.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# One look at the first letter spares most cells the search.
_STARTS = frozenset("'=+-@\t\r\n＝＋－＠")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_SIGNED_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A file as read: text columns, geometry (shapely objects or None) as the file has it, and what it says of itself.

    `stated_crs` is a name for gis.coords, None where the file says nothing.
    """

    columns: pandas.DataFrame
    geometry: "np.ndarray[tuple[int], np.dtype[np.object_]] | None" = None
    stated_crs: str | None = None
    encoding: str | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def escaped(text: str) -> str:
    """Return text that no spreadsheet runs as a formula; `unescaped` gives it back unchanged."""
    return f"'{text}" if text[:1] in _STARTS and _FORMULA.match(text) and not _SIGNED_NUMBER.fullmatch(text) else text


def unescaped(text: str) -> str:
    """Return what `escaped` was given."""
    return text[1:] if text[:1] == "'" and _QUOTED_FORMULA.match(text) else text


def as_text(value: object) -> str:
    """Return one cell as text: nothing as "", 3.0 as "3", times in ISO form, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict, tuple, np.ndarray)):
        plain = value.tolist() if isinstance(value, np.ndarray) else value
        return json.dumps(plain, ensure_ascii=False, default=str)
    if value is None or value is pandas.NA or value is pandas.NaT or value != value:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if math.isfinite(number) and number == int(number) else repr(number)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() and value.tzinfo is None else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def text_frame(frame: pandas.DataFrame) -> tuple[pandas.DataFrame, list[Problem]]:
    """Return every column as text, and a problem for each number too long to have survived as one."""
    problems: list[Problem] = []
    columns: dict[str, list[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pandas.StringDtype):
            columns[str(name)] = column.fillna("").tolist()
            continue
        values = column.tolist()
        columns[str(name)] = [as_text(value) for value in values]
        problems += lost_digits(values, str(name))
    return pandas.DataFrame(columns, index=range(len(frame)), dtype=object), problems


def lost_digits(values: Iterable[object], column: str) -> list[Problem]:
    """Return a problem for every number of more than 15 digits: its last digits are gone."""
    return [
        Problem(row=row, field=column, severity=Severity.ERROR, reason=_LOST.format(column=column, value=value))
        for row, value in enumerate(values, start=1)
        if isinstance(value, float) and math.isfinite(value) and abs(value) >= _MOST_DIGITS
    ]


_LOST = (
    "{column} holds {value:.0f} as a number; beyond 15 digits the last ones are lost. "
    "Format the column as text and enter the code again."
)


def unique_headers(headers: Iterable[object]) -> tuple[list[str], list[str]]:
    """Return headers with blanks named and repeats numbered, and a note for each change."""
    seen: dict[str, int] = {}
    names: list[str] = []
    notes: list[str] = []
    for place, header in enumerate(headers, start=1):
        name = as_text(header).strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            notes.append(
                f"The header {name!r} stands {seen[name]} times; column {place} is called {name} ({seen[name]})."
            )
            name = f"{name} ({seen[name]})"
        names.append(name)
    return names, notes
