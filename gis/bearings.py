"""Bearings from the ways the field writes them: compass, from east, DirectionType 1 to 8, OSM direction strings.

A bearing is where a camera looks to, degrees clockwise from true north in [0, 360), with the doubt its source leaves.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from gis.errors import Refused

# GB/T 28181 DirectionType: only eight values, so each is known to half of 45 degrees.
_DIRECTION_TYPES = {1: 90.0, 2: 270.0, 3: 180.0, 4: 0.0, 5: 135.0, 6: 45.0, 7: 225.0, 8: 315.0}
_EIGHTH_DOUBT, _SIXTEENTH_DOUBT = 22.5, 11.25

_POINTS = "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW".split()  # noqa: SIM905  reads as a compass rose
_WORDS = {"north": "n", "south": "s", "east": "e", "west": "w", "北": "n", "南": "s", "东": "e", "西": "w"}
_CHINESE_ORDER = {"en": "ne", "wn": "nw", "es": "se", "ws": "sw"}

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_UNIT = r"\s*(?:°|º|度|deg|degrees?)?"
_ONE = re.compile(rf"({_NUMBER}){_UNIT}")
_RANGE = re.compile(rf"(\d+(?:\.\d+)?){_UNIT}\s*(?:-|–|—|~|to|至|到)\s*(\d+(?:\.\d+)?){_UNIT}")
_PARTS = re.compile(r"[;,/|、，；]")
_ALL_ROUND = {"all", "all round", "omnidirectional", "全向", "全景", "环视"}


class Convention(StrEnum):
    """How a source writes its bearings; an import must say which."""

    COMPASS = "compass"
    EAST = "east"
    DIRECTION_TYPE = "direction_type"
    OSM = "osm"


class BadBearing(Refused):
    """A bearing cannot be read under the convention named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """A direction in degrees clockwise from true north, and by how much it may be off to either side."""

    bearing_deg: float
    doubt_deg: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What a direction string says: its bearings in order, whether it means all round, and what cannot be read."""

    bearings: tuple[Bearing, ...] = ()
    all_round: bool = False
    unread: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        """Something was understood."""
        return self.all_round or bool(self.bearings)


def from_compass(degrees: float) -> Bearing:
    """Return a compass bearing; any finite angle is turned into [0, 360)."""
    if not math.isfinite(degrees):
        raise BadBearing(f"A bearing of {degrees} is no number. Write degrees clockwise from north.")
    # A tiny negative angle rounds up to 360 itself.
    return Bearing(bearing_deg=degrees % 360.0 % 360.0)


def from_east(degrees: float) -> Bearing:
    """Return the bearing of an angle measured clockwise from east, as some vendor records have it."""
    return from_compass(degrees + 90.0)


def from_direction_type(value: int) -> Bearing:
    """Return the bearing of a GB/T 28181 DirectionType, known to ±22.5 degrees only."""
    if value not in _DIRECTION_TYPES:
        raise BadBearing(f"DirectionType {value} is not in use; it runs from 1 (east) to 8 (north-west).")
    return Bearing(bearing_deg=_DIRECTION_TYPES[value], doubt_deg=_EIGHTH_DOUBT)


def read_bearing(text: str, *, convention: Convention) -> Direction:
    """Return what a cell of a table says under its convention; what cannot be read is in `unread`, nothing raised."""
    plain = unicodedata.normalize("NFKC", text.replace("º", "°")).strip()
    if convention is Convention.OSM or not plain:
        return read_direction(plain)
    number = _ONE.fullmatch(plain.lower())
    if number is None or abs(float(number[1])) > 360.0:
        return Direction(unread=(plain,))
    degrees = float(number[1])
    if convention is not Convention.DIRECTION_TYPE:
        return Direction(bearings=((from_compass if convention is Convention.COMPASS else from_east)(degrees),))
    if degrees not in _DIRECTION_TYPES:
        return Direction(unread=(plain,))
    return Direction(bearings=(from_direction_type(int(degrees)),))


def read_direction(text: str) -> Direction:
    """Return what a free direction string says, as OSM and hand-kept tables have it; never raises.

    "90;270" gives two bearings, "45-135" the middle of the range with half its width as doubt, "NNW" and 东北 a
    point of the compass with half its step, "0-360" all round. "both", "forward" and "?" cannot be read without
    more than the string.
    """
    plain = unicodedata.normalize("NFKC", text.replace("º", "°")).strip().lower()
    if plain in _ALL_ROUND:
        return Direction(all_round=True)
    bearings: list[Bearing] = []
    unread: list[str] = []
    all_round = False
    for part in filter(None, (part.strip() for part in _PARTS.split(plain))):
        found = _bearing(part)
        if found is None:
            unread.append(part)
        elif found.doubt_deg >= 179.0:
            all_round = True
        elif found not in bearings:
            bearings.append(found)
    return Direction(bearings=tuple(bearings), all_round=all_round, unread=tuple(unread))


def _bearing(part: str) -> Bearing | None:
    number = _ONE.fullmatch(part)
    if number is not None:
        degrees = float(number[1])
        return from_compass(degrees) if abs(degrees) <= 360.0 else None
    sweep = _RANGE.fullmatch(part)
    if sweep is not None:
        return _middle(float(sweep[1]), float(sweep[2]))
    return _point(part)


def _middle(start: float, end: float) -> Bearing | None:
    """Return the middle of a range read clockwise from its start."""
    if start > 360.0 or end > 360.0:
        return None
    width = end - start if end >= start else end - start + 360.0
    return Bearing(bearing_deg=(start + width / 2.0) % 360.0, doubt_deg=width / 2.0)


def _point(part: str) -> Bearing | None:
    letters = re.sub(r"[\s\-_正偏朝向方]|bound|ward", "", part)
    for word, letter in _WORDS.items():
        letters = letters.replace(word, letter)
    letters = _CHINESE_ORDER.get(letters, letters).upper()
    if letters not in _POINTS:
        return None
    doubt = _SIXTEENTH_DOUBT if len(letters) == 3 else _EIGHTH_DOUBT
    return Bearing(bearing_deg=_POINTS.index(letters) * 22.5, doubt_deg=doubt)
