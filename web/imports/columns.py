"""Which column of a file is which field, recognised by Chinese and English headers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data import persons
from data.records import Field, Record, normal
from data.types import Problem, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The header of each recognised field, the headers nobody uses, and what is wrong with the headers."""

    of_field: Mapping[str, str]
    unused: tuple[str, ...]
    problems: tuple[Problem, ...]


def recognise(record: Record, headers: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Return which header stands for which field: what was chosen first, then what is known by name.

    A column that tells of persons refuses the file, whether a field wants it or not.
    """
    problems = [_person_problem(header, kind) for header, kind in _forbidden(headers)]
    problems += [
        _problem(name, f"The file has no column {header!r}. Its columns: {_listed(headers)}.")
        for name, header in chosen.items()
        if header and header not in headers
    ]
    found = {name: header for name, header in chosen.items() if header in headers}
    for field in record.fields:
        header = None if field.name in chosen else _header_of(field, headers, taken=set(found.values()))
        if header is not None:
            found[field.name] = header
    unused = tuple(header for header in headers if header not in found.values())
    return Columns(of_field=found, unused=unused, problems=tuple(problems))


def _header_of(field: Field, headers: Sequence[str], *, taken: set[str]) -> str | None:
    """Return the header for a field; of several the one that comes first in the field's own list."""
    free = {normal(header): header for header in reversed(headers) if header not in taken}
    for name in (field.name, *field.zh, *field.en):
        if normal(name) in free:
            return free[normal(name)]
    return None


def _forbidden(headers: Sequence[str]) -> list[tuple[str, str]]:
    found = [(header, persons.forbidden_column(header)) for header in headers]
    return [(header, kind) for header, kind in found if kind]


def _person_problem(header: str, kind: str) -> Problem:
    return _problem(
        header,
        f"The column {header!r} would hold {kind}. This system manages places, equipment and events, never people: "
        "remove the column and import again.",
    )


def _problem(field: str, reason: str) -> Problem:
    return Problem(row=0, field=field, severity=Severity.ERROR, reason=reason)


def _listed(headers: Sequence[str]) -> str:
    shown = ", ".join(headers[:30])
    return f"{shown} and {len(headers) - 30} more" if len(headers) > 30 else shown or "none"
