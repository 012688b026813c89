"""The facts of looks at the resolution they are stored at, and what is known from earlier looks."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from data.looks import Observation, StreamShape, Want
from data.measures import at_rest

Facts = Mapping[str, Any]

# What a look that did not ask, or that came to nothing, leaves as it was known before.
_OF_A_STREAM = ("width", "height", "frame_rate", "bit_rate_kbps", "gop_s")
_OF_A_PICTURE = ("checks", "measures", "repeats", "same_since")
_OF_A_QUESTION: Mapping[Want, tuple[str, ...]] = {
    Want.SETTINGS: ("clock_source", "ntp_servers"),
    Want.EVENTS: ("events", "booted_at"),
    Want.RECORDING: ("recording", "recorded_share", "recorded_on"),
}


def quantised(seen: Observation) -> dict[str, Any]:
    """Return the facts of a look at the resolution they are stored at.

    Skew to whole seconds, bit rates to a tenth of a decade, frame rates to whole frames: re-judging the past is exact
    to this resolution.
    """
    facts: dict[str, Any] = {
        "fault": seen.fault,
        "layer": seen.layer,
        "detail": seen.detail or None,
        "codec": seen.codec,
        "width": seen.width,
        "height": seen.height,
        "frame_rate": None if seen.frame_rate is None else round(seen.frame_rate),
        "bit_rate_kbps": _tenth_of_a_decade(seen.bit_rate_kbps),
        "gop_s": None if seen.gop_s is None else round(seen.gop_s * 2) / 2,
        "onvif": seen.onvif,
        "onvif_fault": seen.onvif_fault,
        "clock_skew_s": None if seen.clock_skew_s is None else round(seen.clock_skew_s),
        "device": asdict(seen.device) if seen.device else None,
        "repeats": seen.repeats or None,
        "same_since": seen.same_since.isoformat() if seen.same_since and seen.repeats else None,
        **_of_questions(seen),
    }
    if seen.picture:
        facts["checks"] = {str(fault): str(check.state) for fault, check in seen.picture.checks.items()}
    return {name: value for name, value in facts.items() if value is not None}


def _of_questions(seen: Observation) -> dict[str, Any]:
    return {
        "clock_source": seen.clock_source if Want.SETTINGS in seen.answered else None,
        "ntp_servers": list(seen.ntp_servers) or None,
        "events": seen.events,
        # To the hour: a device tells it to the second, and each time a little differently.
        "booted_at": f"{seen.booted_at.astimezone(UTC):%Y-%m-%dT%H:00Z}" if seen.booted_at else None,
        "recording": seen.recording,
        "recorded_share": None if seen.recorded_share is None else round(seen.recorded_share, 2),
        "recorded_on": f"{seen.at.astimezone(UTC):%Y-%m-%d}" if Want.RECORDING in seen.answered else None,
    }


def known(seen: Observation, before: Facts) -> dict[str, Any]:
    """Return the facts of a look with what it did not ask for, as it was known before."""
    facts = quantised(seen)
    if seen.picture and seen.picture.measures:
        facts["measures"] = at_rest(seen.picture.measures, before.get("measures") or ())
    kept = [name for want, names in _OF_A_QUESTION.items() if want not in seen.answered for name in names]
    kept += [] if seen.picture else _OF_A_PICTURE
    # Another codec is another stream, and what was measured of the old one says nothing of it.
    kept += _OF_A_STREAM if facts.get("codec") in (None, before.get("codec")) else ()
    return {name: before[name] for name in kept if name in before} | facts


def shape_of(facts: Facts) -> StreamShape:
    """Return what the facts of a look say of the stream."""
    return StreamShape(codec=facts.get("codec"), **{name: facts.get(name) for name in _OF_A_STREAM})


def same_since(facts: Facts) -> datetime | None:
    """Return since when the pictures are the same, if they are."""
    written = facts.get("same_since")
    return datetime.fromisoformat(written) if written else None


def _tenth_of_a_decade(value: float | None) -> int | None:
    return round(10 ** (round(math.log10(value) * 10) / 10)) if value and value > 0 else None
