"""Fields of records on pages: what they are called, how their values read, and what a form sends for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any

from data.records import CAMERAS, BadValue, Field, Record, Shape, Value, read
from web import words
from web.problems import BadInput
from web.words import _, mark

GROUPS = {
    "identity": mark("Identity"),
    "place": mark("Where it hangs"),
    "pose": mark("Where it looks"),
    "network": mark("How it is reached"),
    "device": mark("What it is"),
    "duty": mark("Who answers for it"),
}
PHOTOS = {"site_photo": mark("Photo of the place"), "signage_photo": mark("Photo of the sign")}
YES, NO = mark("yes"), mark("no")


def title(field: Field) -> str:
    """Return what a field is called in the language of this request; records carry both."""
    return field.zh[0] if words.language() == words.DEFAULT else field.title


def ruled_title(name: str) -> str:
    """Return what a field of the rules of records is called; a place is one thing, and photos are no field."""
    if name in PHOTOS:
        return _(PHOTOS[name])
    return _("Coordinates") if name == "lng" else title(CAMERAS.by_name[name])


def missing_words(names: Sequence[str]) -> str:
    """Return what a record lacks in words, or that it is complete."""
    return _("lacks %(fields)s", fields="、".join(map(ruled_title, names))) if names else _("complete")


def in_words(value: Any, field: Field) -> str:
    """Return a stored value as a page shows it, '' for none."""
    if value is None:
        return ""
    for choice in field.choices:
        if choice.value == value:
            return choice.zh if words.language() == words.DEFAULT else choice.en
    if isinstance(value, bool):
        return _(YES if value else NO)
    if isinstance(value, float):
        return f"{value:g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def as_written(value: Any, field: Field) -> str:
    """Return a stored value as a form holds it."""
    if field.shape is Shape.FLAG:
        return "" if value is None else str(int(bool(value)))
    if isinstance(value, float):
        return repr(value) if value != int(value) else str(int(value))
    return "" if value is None else str(value)


def value_of(written: object, field: Field) -> Value:
    """Return what a form or a program sent for a field. Raises BadInput with the field's sentence."""
    try:
        return read(written, field, zone=UTC)
    except BadValue as refused:
        raise BadInput(str(refused).replace("%", "%%"), field=field.name) from refused


def by_group(record: Record = CAMERAS) -> Mapping[str, list[Field]]:
    """Return the fields a page shows, by group in the order of the record; the place has a map of its own."""
    shown = [field for field in record.fields if field.column]
    return {group: [field for field in shown if field.group == group] for group in GROUPS}
