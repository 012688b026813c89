"""How complete camera records are: what each monitor class must have, what a record lacks, the record rate (建档率).

The standard says it in the table of fields (`wanted_for`); an administrator may decide otherwise per class. Complete
or not is computed when asked, so that a new rule holds for every record at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Refusal
from data.records import CAMERAS
from data.records.cameras import CLASSES

# Field → the monitor classes that must have it; 0 is a camera whose class is not written.
Rules = Mapping[str, frozenset[int]]
# What a record may have to hold beside its fields: a photo of that kind.
PHOTOS = {"site_photo": "site", "signage_photo": "signage"}
# A place has two numbers and one rule; what every camera has or what has a default needs none.
_NEEDS_NO_RULE = frozenset({"code", "name", "lat", "password", "record_state", "bearing_doubt_deg", "probe_site"})
RULED = (*(field.name for field in CAMERAS.fields if field.name not in _NEEDS_NO_RULE), *PHOTOS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRate:
    """How many records of a class are complete, of how many; what each lacking field is missing from."""

    monitor_class: int
    complete: int
    cameras: int
    lacking: Mapping[str, int]


def rules(session: Session) -> Rules:
    """Return which classes need which field, as the standard says or an administrator decided."""
    found = {name: set(CAMERAS.by_name[name].wanted_for) if name in CAMERAS.by_name else set() for name in RULED}
    for row in session.execute(text("SELECT field, monitor_class, required FROM record_rules")):
        if row.field in found:
            (found[row.field].add if row.required else found[row.field].discard)(row.monitor_class)
    return {name: frozenset(classes) for name, classes in found.items()}


def decide(session: Session, field: str, classes: Iterable[int]) -> None:
    """Decide which classes need a field, for the whole installation. Raises Refusal."""
    wanted = frozenset(classes)
    if field not in RULED or not wanted <= set(CLASSES):
        raise Refusal("There is no such field or class.", field="field")
    standard = CAMERAS.by_name[field].wanted_for if field in CAMERAS.by_name else frozenset()
    session.execute(text("DELETE FROM record_rules WHERE field = :field"), {"field": field})
    for number in sorted(wanted ^ standard):
        session.execute(
            text("INSERT INTO record_rules (field, monitor_class, required) VALUES (:field, :class, :required)"),
            {"field": field, "class": number, "required": number in wanted},
        )


def missing(of: Rules) -> str:
    """Return the SQL of the names of the fields that a record `c` of the cameras lacks, as text[]."""
    lacks = [
        f"CASE WHEN coalesce(c.monitor_class, 0) IN ({', '.join(map(str, sorted(classes)))})"
        f" AND {_is_empty(name)} THEN '{name}' END"
        for name, classes in of.items()
        if classes
    ]
    return f"array_remove(ARRAY[{', '.join(['NULL', *lacks])}]::text[], NULL)"


def lacking(of: Rules, record: Mapping[str, object]) -> list[str]:
    """Return the names of the fields that a record lacks; photos are not asked for."""
    number = record.get("monitor_class") or 0
    return [
        name
        for name, classes in of.items()
        if number in classes and name not in PHOTOS and record.get(name) in (None, "")
    ]


def rate(monitor_class: int, lacking_counts: Iterable[tuple[Sequence[str], int]]) -> RecordRate:
    """Return the record rate of a class from how many cameras lack which fields together. Pure."""
    told = list(lacking_counts)
    single: Counter[str] = Counter()
    for names, cameras in told:
        single.update(dict.fromkeys(names, cameras))
    return RecordRate(
        monitor_class=monitor_class,
        complete=sum(cameras for names, cameras in told if not names),
        cameras=sum(cameras for _, cameras in told),
        lacking=dict(single.most_common()),
    )


def _is_empty(name: str) -> str:
    if name == "lng":
        return "c.geom IS NULL"
    if name in PHOTOS:
        return f"NOT EXISTS (SELECT FROM camera_files f WHERE f.camera_id = c.id AND f.kind = '{PHOTOS[name]}')"
    return f"c.{name} IS NULL"
