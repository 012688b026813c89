"""The past judged again: stored facts under new thresholds, and what that makes of stretches of health. Pure.

No camera is looked at. What is told is exact to the resolution facts are stored at (data/measures.py, data/facts.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from data.looks import CheckState, Observation, Picture, PictureCheck
from data.measures import from_rest
from data.thresholds import Thresholds
from data.types import Fault, Health, Interval, Layer, Limits, Verdict
from video.judge import judge
from video.picture_checks import check

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said from a moment on, and what is said of it now."""

    at: datetime
    was: Verdict
    now: Verdict

    @property
    def differs(self) -> bool:
        """Whether a fault or a health changed."""
        return (self.was.health, self.was.fault) != (self.now.health, self.now.fault)


def again(at: datetime, facts: Facts, *, thresholds: Thresholds, limits: Limits) -> Said | None:
    """Return what the facts of a look meant and what they mean now; None where no measures were kept."""
    if not facts.get("measures") or "checks" not in facts:
        return None
    stored = {Fault(name): _check(CheckState(state)) for name, state in facts["checks"].items() if name in set(Fault)}
    # Whether a picture is frozen was counted from look to look, and is no threshold.
    counted = {Fault.FROZEN: stored[Fault.FROZEN]} if Fault.FROZEN in stored else {}
    fresh = {**check(from_rest(facts["measures"]), thresholds), **counted}
    was, now = (judge(_observation(at, facts, checks), limits) for checks in (stored, fresh))
    return Said(at=at, was=was, now=now)


def retold(stretch: Interval, said: Sequence[Said], *, shortest_s: float) -> tuple[Interval, ...]:
    """Return a closed stretch as it is told now: in pieces where what was said of its pictures changed.

    Only stretches that were online, or degraded by their picture, are told anew. `said` is in order of time and may
    begin before the stretch. A piece shorter than `shortest_s` would not have been confirmed, and joins the one before.
    """
    of_picture = stretch.health is Health.DEGRADED and stretch.layer is Layer.PICTURE
    if stretch.until is None or not (of_picture or stretch.health is Health.ONLINE):
        return (stretch,)
    pieces: list[Interval] = []
    for one, until in _within(said, stretch.since, stretch.until):
        begins = max(one.at, stretch.since) if one else stretch.since
        told = replace(stretch, since=begins, until=until)
        if one and one.differs and (one.was.health, one.was.fault) == (stretch.health, stretch.fault):
            told = replace(told, health=one.now.health, fault=one.now.fault, layer=one.now.layer)
        brief = until - begins < timedelta(seconds=shortest_s)
        if pieces and (brief or _alike(pieces[-1], told)):
            pieces[-1] = replace(pieces[-1], until=until)
        else:
            pieces.append(told)
    return tuple(pieces)


def _within(said: Sequence[Said], since: datetime, until: datetime) -> list[tuple[Said | None, datetime]]:
    """Return what was said during a stretch, each until the next of it; None before the first word."""
    before = [one for one in said if one.at <= since]
    inside = [one for one in said if since < one.at < until]
    first: list[Said | None] = [before[-1] if before else None, *inside]
    return list(zip(first, [*(one.at for one in inside), until], strict=True))


def _alike(one: Interval, other: Interval) -> bool:
    return (one.health, one.fault, one.layer) == (other.health, other.fault, other.layer)


def _observation(at: datetime, facts: Facts, checks: Mapping[Fault, PictureCheck]) -> Observation:
    return Observation(
        at=at,
        valid_until=at,
        fault=Fault(facts["fault"]) if facts.get("fault") else None,
        layer=Layer(facts["layer"]) if facts.get("layer") else None,
        onvif_fault=Fault(facts["onvif_fault"]) if facts.get("onvif_fault") else None,
        clock_skew_s=facts.get("clock_skew_s"),
        picture=Picture(jpeg=b"", thumbnail=b"", width=0, height=0, sha256="", checks=checks),
    )


def _check(state: CheckState) -> PictureCheck:
    return PictureCheck(state=state, score=None, reason="")
