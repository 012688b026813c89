"""The records of the product: one table of fields per kind, from which files, templates, tables and forms come."""

from data.records.cameras import CAMERAS
from data.records.field import BadValue, Choice, Field, Record, Shape, Value, in_words, is_empty, normal, read
from data.records.others import AREAS, BUILDINGS, BUTTONS, INCIDENTS, PLACES, ROADS

RECORDS = {one.kind: one for one in (AREAS, CAMERAS, BUTTONS, BUILDINGS, ROADS, PLACES, INCIDENTS)}

__all__ = [
    "AREAS",
    "BUILDINGS",
    "BUTTONS",
    "CAMERAS",
    "INCIDENTS",
    "PLACES",
    "RECORDS",
    "ROADS",
    "BadValue",
    "Choice",
    "Field",
    "Record",
    "Shape",
    "Value",
    "in_words",
    "is_empty",
    "normal",
    "read",
]
