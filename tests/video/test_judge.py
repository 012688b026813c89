from datetime import UTC, datetime, timedelta

import pytest

from data.looks import CheckState, Observation, Picture, PictureCheck
from data.types import Fault, Health, Layer, Limits
from video.faults import MEANINGS, NOT_TRIED_AGAIN, WEB_SERVER, advice, every_advice
from video.judge import judge

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WELL = Observation(at=NOW, valid_until=NOW + timedelta(seconds=180), codec="h264")


def seen(**facts: object) -> Observation:
    return Observation(at=NOW, valid_until=NOW + timedelta(seconds=180), **facts)  # type: ignore[arg-type]


def picture(*bad: Fault) -> Picture:
    checks = {fault: PictureCheck(state=CheckState.BAD, score=1.0, reason="") for fault in bad}
    checks.setdefault(Fault.BLACK, PictureCheck(state=CheckState.GOOD, score=0.0, reason=""))
    return Picture(jpeg=b"", thumbnail=b"", width=1, height=1, sha256="", checks=checks)


@pytest.mark.parametrize(
    ("observation", "health", "fault", "layer"),
    [
        (WELL, Health.ONLINE, None, None),
        (seen(fault=Fault.REFUSED, layer=Layer.TCP), Health.OFFLINE, Fault.REFUSED, Layer.TCP),
        (seen(fault=Fault.TIMEOUT, layer=Layer.KEY_FRAME), Health.OFFLINE, Fault.TIMEOUT, Layer.KEY_FRAME),
        (seen(fault=Fault.AUTH_REFUSED), Health.DEGRADED, Fault.AUTH_REFUSED, Layer.AUTH),
        (seen(fault=Fault.TOO_MANY_SESSIONS), Health.DEGRADED, Fault.TOO_MANY_SESSIONS, Layer.DESCRIBE),
        (seen(fault=Fault.BAD_ADDRESS), Health.UNKNOWN, Fault.BAD_ADDRESS, Layer.NAME),
        (seen(picture=picture()), Health.ONLINE, None, None),
        (seen(picture=picture(Fault.FROZEN, Fault.BLACK)), Health.DEGRADED, Fault.BLACK, Layer.PICTURE),
        (seen(clock_skew_s=4.9), Health.ONLINE, None, None),
        (seen(clock_skew_s=-5.1), Health.DEGRADED, Fault.CLOCK_WRONG, Layer.CLOCK),
        (seen(onvif_fault=Fault.TIMEOUT), Health.DEGRADED, Fault.TIMEOUT, Layer.ONVIF),
        (seen(fault=Fault.NO_ROUTE, clock_skew_s=99.0), Health.OFFLINE, Fault.NO_ROUTE, Layer.ROUTE),
    ],
)
def test_facts_become_a_verdict(
    observation: Observation, health: Health, fault: Fault | None, layer: Layer | None
) -> None:
    verdict = judge(observation, Limits())
    assert (verdict.health, verdict.fault, verdict.layer) == (health, fault, layer)
    assert (verdict.at, verdict.valid_until) == (observation.at, observation.valid_until)


def test_new_limits_judge_old_facts_again() -> None:
    skewed = seen(clock_skew_s=30.0)
    assert judge(skewed, Limits()).fault is Fault.CLOCK_WRONG
    assert judge(skewed, Limits(clock_skew_warn_s=60)).health is Health.ONLINE


def test_every_fault_has_a_meaning_and_an_advice_in_sentences() -> None:
    assert set(MEANINGS) == set(Fault)
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in every_advice())


def test_advice_is_sharper_where_the_detail_is_known() -> None:
    assert "web server" in advice(Fault.BAD_REPLY, WEB_SERVER)
    assert "not tried again" in advice(Fault.AUTH_REFUSED, NOT_TRIED_AGAIN)
    assert advice(Fault.BAD_REPLY, "something else") == advice(Fault.BAD_REPLY)
