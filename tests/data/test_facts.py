from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from data.facts import known, quantised, same_since, shape_of
from data.looks import Observation, Offer, Picture, StreamShape, Want
from data.types import Fault

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)


def seen(**facts: Any) -> Observation:
    return Observation(at=NOW, valid_until=NOW + timedelta(minutes=3), **facts)


MEASURED = seen(
    codec="h264",
    width=1920,
    height=1080,
    frame_rate=24.9,
    bit_rate_kbps=2_030.0,
    gop_s=2.02,
    picture=Picture(jpeg=b"", thumbnail=b"", width=1920, height=1080, sha256="a"),
    answered=frozenset(Want),
    clock_source="ntp",
    ntp_servers=("10.0.0.1",),
    events=Offer.WORKS,
    booted_at=NOW - timedelta(days=3),
    recording=Offer.WORKS,
    recorded_share=0.987,
)


def test_facts_are_rounded_so_that_the_same_stream_gives_the_same_facts() -> None:
    again = replace(MEASURED, frame_rate=25.2, bit_rate_kbps=1_980.0, gop_s=1.9, recorded_share=0.991)
    assert quantised(again) == quantised(MEASURED)
    assert quantised(MEASURED)["bit_rate_kbps"] == 1995


def test_what_a_look_did_not_ask_is_known_from_before() -> None:
    before = known(MEASURED, {})
    assert known(seen(codec="h264", width=1920, height=1080), before) == before
    failed = known(seen(fault=Fault.TIMEOUT), before)
    assert {name: failed.get(name) for name in before if name != "codec"} == {
        name: value for name, value in before.items() if name != "codec"
    }
    assert shape_of(failed).gop_s == 2.0


def test_what_a_look_asked_and_did_not_learn_is_no_longer_known() -> None:
    before = known(MEASURED, {})
    after = known(seen(codec="h264", answered=frozenset({Want.EVENTS}), events=Offer.NOT_OFFERED), before)
    assert after["events"] == "not_offered"
    assert "booted_at" not in after
    assert after["recorded_share"] == 0.99


def test_another_codec_is_another_stream() -> None:
    after = known(seen(codec="h265"), known(MEASURED, {}))
    assert shape_of(after) == StreamShape(codec="h265")


def test_pictures_that_repeat_are_remembered_with_their_time() -> None:
    facts = known(seen(repeats=2, same_since=NOW, picture=MEASURED.picture), {})
    assert (facts["repeats"], same_since(facts)) == (2, NOW)
    assert same_since(known(seen(picture=MEASURED.picture), facts)) is None
