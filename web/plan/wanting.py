"""Reading what a computation of sites is asked for; everything has a bound, so that it ends in time and memory."""

from collections.abc import Mapping
from typing import Any

from data.errors import Refusal
from data.scenarios import CAMERA_FIELDS
from web import forms
from web.plan import reading
from web.problems import BadInput
from web.words import mark

MOST_COUNT = 1_000
MOST_HEADINGS = 72
MOST_LENSES = 6
MOST_PER_POLE = 4
MOST_DRAWN = 5_000
LONGEST_S = 120.0
WEIGHTS = ("crossings", "roads", "gaps", "places", "incidents", "drawn")
# What a lens of a scenario is when nobody says otherwise: a 4-megapixel bullet on a pole.
USUAL_LENS = {"lens": "4 mm", "kind": "fixed", "hfov_deg": 90.0, "width_px": 2560, "height_m": 5.0, "cost": 0.0}
_LENS_FIELDS = frozenset(
    {"lens", "kind", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px", "cost"}
)


def read(sent: Mapping[str, Any], *, px_per_m: float) -> dict[str, Any]:
    """Return what is wanted with every choice made. Raises BadInput."""
    money = _number(sent, "money", low=0.0, high=1e12)
    wanted: dict[str, Any] = {
        "count": None if money is not None else _whole(sent, "count", 20, low=0, high=MOST_COUNT),
        "money": money,
        "px_per_m": reading.density(sent.get("px_per_m"), default=px_per_m),
        "headings": _whole(sent, "headings", 8, low=1, high=MOST_HEADINGS),
        "per_pole": _whole(sent, "per_pole", 1, low=1, high=MOST_PER_POLE),
        "time_limit_s": _number(sent, "time_limit_s", low=0.5, high=LONGEST_S) or 10.0,
        "backup": sent.get("backup") is True,
        "candidates": _candidates(_object(sent, "candidates")),
        "lenses": _lenses(sent.get("lenses")),
        "demand": _demand(_object(sent, "demand")),
    }
    if money is not None and not any(lens["cost"] for lens in wanted["lenses"]):
        raise BadInput(mark("A budget in money needs lenses with a cost."), field="money")
    return wanted


def kept(result: Mapping[str, Any], sent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of the cameras of a result that are to be kept. Raises BadInput."""
    chosen = result["chosen"]
    if sent.get("alternative") is not None:
        last = len(result["alternatives"])
        place = forms.whole(str(sent["alternative"]), field="alternative", low=1, high=max(1, last))
        if place > last:
            raise BadInput(mark("There is no such alternative."), field="alternative")
        chosen = result["alternatives"][place - 1]["cameras"]
    first = forms.whole(str(sent.get("first") or ""), field="first", default=len(chosen), low=1)
    cameras = [{name: one.get(name) for name in CAMERA_FIELDS} for one in chosen[:first]]
    if not cameras:
        raise Refusal("This computation has no result to keep.")
    return cameras


def _candidates(sent: Mapping[str, Any]) -> dict[str, Any]:
    read = {
        "place_kinds": _words(sent, "place_kinds"),
        "crossings": sent.get("crossings") is True,
        "crossing_kinds": _words(sent, "crossing_kinds"),
        "corners": sent.get("corners") is True,
        "drawn": _points(sent, "drawn"),
    }
    if not any(read.values()):
        raise BadInput(
            mark("Say where cameras could stand: poles, crossings, corners or drawn points."), field="candidates"
        )
    return read


def _demand(sent: Mapping[str, Any]) -> dict[str, Any]:
    weights = {name: _number(sent, name, low=0.0, high=1e6) or 0.0 for name in WEIGHTS}
    if not any(weights.values()):
        raise BadInput(mark("Say what is to be seen, each with a weight above 0."), field="demand")
    return weights | {
        "crossing_kinds": _words(sent, "crossing_kinds"),
        "place_kinds": _words(sent, "place_kinds"),
        "points": _points(sent, "points"),
    }


def _lenses(sent: object) -> list[dict[str, Any]]:
    given = sent if isinstance(sent, list) and sent else [{}]
    if len(given) > MOST_LENSES:
        raise BadInput(mark("Compare at most %(most)s lenses."), field="lenses", most=MOST_LENSES)
    lenses = []
    for one in given:
        read = reading.camera(one, whole=False)
        unknown = sorted(set(read) - _LENS_FIELDS)
        if unknown:
            raise BadInput(mark("%(name)s is no field that can be changed."), field=unknown[0], name=unknown[0])
        lenses.append(USUAL_LENS | read)
    return lenses


def _object(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = sent.get(name)
    if not isinstance(given, dict):
        raise BadInput(mark("%(field)s is missing."), field=name)
    return given


def _words(sent: Mapping[str, Any], name: str) -> list[str]:
    given = sent.get(name) or []
    if not isinstance(given, list):
        raise BadInput(mark("Send %(field)s as a list."), field=name)
    return [forms.line(str(one), field=name, least=1, most=60) for one in given[:100]]


def _points(sent: Mapping[str, Any], name: str) -> list[tuple[float, float]]:
    given = sent.get(name) or []
    if not isinstance(given, list) or len(given) > MOST_DRAWN:
        raise BadInput(mark("Send %(field)s as a list."), field=name)
    return [reading.lnglat(one, field=name) for one in given]


def _whole(sent: Mapping[str, Any], name: str, usual: int, *, low: int, high: int) -> int:
    given = sent.get(name)
    return forms.whole("" if given is None else str(given), field=name, default=usual, low=low, high=high)


def _number(sent: Mapping[str, Any], name: str, *, low: float, high: float) -> float | None:
    given = sent.get(name)
    return None if given is None or given == "" else forms.number(str(given), field=name, low=low, high=high)
