"""What the facts of one look mean under given limits. Pure; new limits can judge old facts again."""

from data.looks import CheckState, Observation, Picture
from data.types import Fault, Health, Layer, Limits, Verdict
from video.faults import MEANINGS
from video.recorded import differences


def judge(seen: Observation, limits: Limits) -> Verdict:
    """Return the verdict on one observation.

    The stream speaks first, then the picture, then ONVIF and the clock, last of all the record: the first fault on
    that way names the verdict.
    """
    if seen.fault is not None:
        return _verdict(seen, MEANINGS[seen.fault].health, seen.fault, seen.layer or MEANINGS[seen.fault].layer)
    pictured = bad_faults(seen.picture) if seen.picture else ()
    if pictured:
        return _verdict(seen, MEANINGS[pictured[0]].health, pictured[0], Layer.PICTURE)
    if seen.onvif_fault is not None:
        # The stream is well, so whatever fails on the ONVIF side can only degrade.
        return _verdict(seen, Health.DEGRADED, seen.onvif_fault, Layer.ONVIF)
    if seen.clock_skew_s is not None and abs(seen.clock_skew_s) > limits.clock_skew_warn_s:
        return _verdict(seen, MEANINGS[Fault.CLOCK_WRONG].health, Fault.CLOCK_WRONG, Layer.CLOCK)
    if differences(seen, limits):
        return _verdict(seen, MEANINGS[Fault.NOT_AS_RECORDED].health, Fault.NOT_AS_RECORDED, Layer.DESCRIBE)
    return _verdict(seen, Health.ONLINE, None, None)


def bad_faults(picture: Picture) -> tuple[Fault, ...]:
    """Return the faults a picture shows, in the order of the list of faults."""
    return tuple(fault for fault in Fault if fault in picture.checks and picture.checks[fault].state is CheckState.BAD)


def _verdict(seen: Observation, health: Health, fault: Fault | None, layer: Layer | None) -> Verdict:
    return Verdict(at=seen.at, valid_until=seen.valid_until, health=health, fault=fault, layer=layer)
