import asyncio
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from data.looks import Observation
from data.types import Course, Fault, Health, Layer, Verdict
from video.uplink import Senses, Uplink, answers, group_of, was_reached

START = datetime(2026, 1, 1, tzinfo=UTC)
TOWNS = [f"1.{n}" for n in range(10)]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seen(seconds: float, fault: Fault | None = None, layer: Layer | None = None) -> Observation:
    return Observation(at=at(seconds), valid_until=at(seconds + 180), fault=fault, layer=layer)


def lost(seconds: float) -> Observation:
    return seen(seconds, Fault.TIMEOUT, Layer.TCP)


def uplink(*, failing: Iterable[str], seconds: float = 60, references: bool | None = None) -> Uplink:
    """Return an uplink that had reached all towns at 0, when some fail at `seconds`."""
    made, gone = Uplink(senses=Senses()), set(failing)
    for town in TOWNS:
        made.heard(town, seen(0))
        made.heard(town, lost(seconds) if town in gone else seen(seconds))
    made.settle(now=at(seconds + 1), references=references)
    return made


def test_all_towns_at_once_are_us_and_one_link_is_not() -> None:
    assert uplink(failing=TOWNS).since == at(60)
    assert uplink(failing=TOWNS[:8]).since is None


def test_a_reference_that_answers_says_that_it_is_not_us() -> None:
    assert uplink(failing=TOWNS, references=True).since is None
    assert uplink(failing=TOWNS[:6], references=False).since == at(60)
    assert uplink(failing=TOWNS[:4], references=False).since is None


def test_too_few_parts_of_the_network_tell_nothing_without_a_reference() -> None:
    made = Uplink()
    for town in TOWNS[:2]:
        made.heard(town, seen(0))
        made.heard(town, lost(10))
    made.settle(now=at(11), references=None)
    assert made.since is None
    made.settle(now=at(11), references=False)
    assert made.since == at(10)


def test_what_has_long_been_dead_or_was_never_reached_is_no_witness() -> None:
    made = Uplink()
    for town in TOWNS:
        made.heard(town, seen(0))
        made.heard(town, lost(10))
        made.heard(town, lost(5000))
        made.heard(f"never {town}", lost(5000))
    made.settle(now=at(5001), references=None)
    assert made.since is None


def test_being_cut_off_lasts_until_half_of_the_network_is_back() -> None:
    made = uplink(failing=TOWNS)
    for seconds in (1000, 2000):
        for town in TOWNS:
            made.heard(town, lost(seconds))
        assert not made.settle(now=at(seconds + 1), references=None)
    assert made.since == at(60)
    for town in TOWNS[:6]:
        made.heard(town, seen(2005))
    assert made.settle(now=at(2006), references=None)
    assert made.since is None


def test_no_failure_is_judged_while_cut_off_but_an_answer_is() -> None:
    blind, well = uplink(failing=TOWNS), uplink(failing=[])
    assert (blind.trusts(lost(70)), blind.trusts(seen(70))) == (False, True)
    assert well.trusts(lost(70))


def test_a_doubt_that_arose_while_blind_or_just_before_it_was_noticed_is_forgotten() -> None:
    blind = uplink(failing=TOWNS)
    for moment, kept in ((20, True), (45, False), (61, False), (65, True)):
        word = Verdict(at=at(moment), valid_until=at(999), health=Health.OFFLINE)
        assert (blind.cleared(Course(waiting=word, waiting_looks=1)).waiting is not None) is kept


@pytest.mark.parametrize(
    ("look", "reached"),
    [
        (seen(0), True),
        (seen(0, Fault.NO_NAME, Layer.NAME), False),
        (seen(0, Fault.NO_ROUTE, Layer.ROUTE), False),
        (lost(0), False),
        (seen(0, Fault.REFUSED, Layer.TCP), True),
        (seen(0, Fault.TIMEOUT, Layer.RTSP), True),
    ],
)
def test_who_refuses_was_reached(look: Observation, reached: bool) -> None:
    assert was_reached(look) is reached


@pytest.mark.parametrize(
    ("path", "url", "group"),
    [
        ("1.2.3.4", None, "1.2"),
        ("", "rtsp://10.1.2.3:554/x", "10.1.2"),
        ("7", "rtsp://cam.lan/x", "cam"),
        ("", None, ""),
    ],
)
def test_a_camera_is_in_the_group_of_its_town_or_subnet(path: str, url: str | None, group: str) -> None:
    assert group_of(path, url) == group


def test_a_reference_answers_by_connecting_or_refusing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert asyncio.run(answers([f"127.0.0.1:{port}"])) is True
    assert asyncio.run(answers([f"127.0.0.1:{port}"])) is True
    assert asyncio.run(answers(["no.such.name.invalid"])) is False
    assert asyncio.run(answers([])) is None
