"""Reading what a planner's request says: the fields of a scenario's camera, and one JSON object."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from data.scenarios import CAMERA_FIELDS, KINDS, ORIGINS
from web import forms
from web.problems import BadInput
from web.words import mark

# Fields of a camera that are numbers: the least and the greatest value, and whether nothing may stand there.
NUMBERS = {
    "lng": (-180.0, 180.0, False),
    "lat": (-90.0, 90.0, False),
    "bearing_deg": (0.0, math.nextafter(360.0, 0.0), True),
    "bearing_doubt_deg": (0.0, 180.0, False),
    "hfov_deg": (0.1, 360.0, True),
    "vfov_deg": (0.1, 180.0, True),
    "tilt_deg": (-90.0, 90.0, True),
    "height_m": (0.0, 500.0, True),
    "reach_m": (0.1, 10_000.0, True),
    "width_px": (1.0, 100_000.0, True),
    "cost": (0.0, 1e12, False),
}
_CHOICES = {"kind": KINDS, "origin": ORIGINS}


def body() -> dict[str, Any]:
    """Return the JSON object of this request. Raises BadInput."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise BadInput(mark("Send one JSON object."))
    return sent


def version(sent: Mapping[str, Any]) -> int:
    """Return the version that a change was made to."""
    return forms.whole(str(sent.get("version") or ""), field="version", low=1)


def density(written: object, *, default: float = 25.0) -> float:
    """Return a pixel density in pixels per metre."""
    return forms.number(
        str(written) if written is not None else "", field="px_per_m", default=default, low=1, high=2_000
    )


def camera(sent: object, *, whole: bool = True) -> dict[str, Any]:
    """Return the fields of a camera; a `whole` one has a place. Raises BadInput for a field that cannot be used."""
    if not isinstance(sent, dict):
        raise BadInput(mark("Send one JSON object."))
    unknown = sorted(set(sent) - set(CAMERA_FIELDS) - {"id", "version"})
    if unknown:
        raise BadInput(mark("%(name)s is no field that can be changed."), field=unknown[0], name=unknown[0])
    read = {name: _field(name, value) for name, value in sent.items() if name in CAMERA_FIELDS}
    if whole and not {"lng", "lat"} <= set(read):
        raise BadInput(mark("A place needs both longitude and latitude."), field="lng")
    return read


def cameras(sent: object, *, most: int) -> list[dict[str, Any]]:
    """Return the fields of several cameras. Raises BadInput."""
    if not isinstance(sent, list) or not sent:
        raise BadInput(mark("Send the cameras as a list."), field="cameras")
    if len(sent) > most:
        raise BadInput(mark("A scenario holds at most %(most)s cameras."), field="cameras", most=most)
    return [camera(one) for one in sent]


def ids(sent: object, *, field: str) -> list[int]:
    """Return a list of numbers of rows. Raises BadInput."""
    given = sent if isinstance(sent, list) else []
    if not given or not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
        raise BadInput(mark("Say which ones, as a list of numbers."), field=field)
    return given


def lnglat(sent: object, *, field: str) -> tuple[float, float]:
    """Return a place written [lng, lat]. Raises BadInput."""
    if not isinstance(sent, Sequence) or isinstance(sent, str) or len(sent) != 2:
        raise BadInput(mark("A place needs both longitude and latitude."), field=field)
    return float(_number("lng", sent[0]) or 0.0), float(_number("lat", sent[1]) or 0.0)


def _field(name: str, value: object) -> Any:
    if name in NUMBERS:
        return _number(name, value)
    if name in _CHOICES:
        return forms.choice(str(value or ""), _CHOICES[name], field=name)
    return forms.line("" if value is None else str(value), field=name, most=200)


def _number(name: str, value: object) -> float | int | None:
    low, high, may_be_unknown = NUMBERS[name]
    if value is None or value == "":
        if may_be_unknown:
            return None
        raise BadInput(mark("%(field)s is missing."), field=name)
    read = forms.number(str(value), field=name, low=low, high=high)
    return round(read) if name == "width_px" else read
