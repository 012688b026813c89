"""Looks at a time: their turns, their places, the channels of a recorder, and a pause of our own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from data.health import Due
from data.looks import Observation, Target
from data.types import Course, Fault
from video.crew import PULSE_S, STALL_S, Crew, Places

START = datetime(2100, 3, 1, 8, 0, tzinfo=UTC)
Look = Callable[[Due], Awaitable[Observation]]


def due(camera_id: int, *, recorder: str = "", in_s: float | None = None) -> Due:
    at = None if in_s is None else START + timedelta(seconds=in_s)
    target = Target(camera_id=camera_id, turn_key=recorder)
    return Due(camera_id=camera_id, area_id=None, path="", target=target, course=Course(), due_at=at)


def seen(fault: Fault | None = None) -> Observation:
    return Observation(at=START, valid_until=START + timedelta(minutes=3), fault=fault)


async def turns_of_the_loop(count: int) -> None:
    """Let everything else that can run do so."""
    loop = asyncio.get_running_loop()
    for _ in range(count):
        turned = loop.create_future()
        loop.call_soon(turned.set_result, None)
        await turned


def stand_still(seconds: float) -> None:
    """Stop the whole process, as a machine that is suspended does."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        pass


async def looked_at(look: Look, dues: Sequence[Due], *, at_once: int = 64) -> list[tuple[int, Fault | None, bool]]:
    """Return camera, fault and whether more channels follow, in the order they were heard."""
    heard: list[tuple[int, Fault | None, bool]] = []
    places = Places(at_once=at_once, most=100, slow_after_s=0.05)
    began = time.monotonic()

    def clock() -> datetime:
        return START + timedelta(seconds=time.monotonic() - began)

    def hear(one: Due, what: Observation, more: bool) -> None:
        heard.append((one.camera_id, what.fault, more))

    async with Crew(look, hear, places=places, clock=clock) as crew:
        crew.begin(dues)
        assert crew.waiting == len(dues)
    assert crew.waiting == 0
    return heard


def test_a_slow_camera_keeps_nobody_waiting_though_it_has_the_only_place() -> None:
    others_done = asyncio.Event()
    left = set(range(2, 30))

    async def look(one: Due) -> Observation:
        if one.camera_id == 1:
            await asyncio.wait_for(others_done.wait(), timeout=20)
            return seen(Fault.TIMEOUT)
        left.discard(one.camera_id)
        if not left:
            others_done.set()
        return seen()

    heard = asyncio.run(looked_at(look, [due(n) for n in range(1, 30)], at_once=1))
    assert heard[-1] == (1, Fault.TIMEOUT, False)
    assert len(heard) == 29


def test_no_more_are_looked_at_at_a_time_than_there_are_places() -> None:
    now, most = 0, 0

    async def look(one: Due) -> Observation:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await turns_of_the_loop(1)
        now -= 1
        return seen()

    asyncio.run(looked_at(look, [due(n) for n in range(50)], at_once=3))
    assert most == 3


def test_channels_of_a_recorder_are_looked_at_one_by_one_and_the_last_says_so() -> None:
    inside: dict[str, int] = {}

    async def look(one: Due) -> Observation:
        key = one.target.turn_key
        inside[key] = inside.get(key, 0) + 1
        assert inside[key] == 1
        await turns_of_the_loop(1)
        inside[key] -= 1
        return seen()

    channels = [due(n, recorder=f"nvr-{n % 2}") for n in range(8)]
    heard = asyncio.run(looked_at(look, channels))
    assert [camera for camera, _, more in heard if not more] == [6, 7]
    assert inside == {"nvr-0": 0, "nvr-1": 0}


def test_a_look_begins_when_its_turn_comes_and_not_before() -> None:
    order: list[int] = []

    async def look(one: Due) -> Observation:
        order.append(one.camera_id)
        return seen()

    asyncio.run(looked_at(look, [due(1, in_s=0.2), due(2, in_s=0.1), due(3), due(4, in_s=-5)]))
    assert order == [3, 4, 2, 1]


def test_silence_while_this_process_stood_still_is_looked_at_again() -> None:
    looks = 0

    async def look(one: Due) -> Observation:
        nonlocal looks
        looks += 1
        if looks > 1:
            return seen()
        stand_still(PULSE_S + STALL_S + 0.1)
        await turns_of_the_loop(5)
        return seen(Fault.TIMEOUT)

    assert asyncio.run(looked_at(look, [due(1)])) == [(1, None, False)]
    assert looks == 2


def test_silence_while_this_process_ran_is_believed() -> None:
    async def look(one: Due) -> Observation:
        await turns_of_the_loop(1)
        return seen(Fault.TIMEOUT)

    assert asyncio.run(looked_at(look, [due(1)])) == [(1, Fault.TIMEOUT, False)]


def test_a_bug_in_a_look_is_loud() -> None:
    async def look(one: Due) -> Observation:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(looked_at(look, [due(1), due(2)]))
    assert caught.group_contains(ZeroDivisionError)


def test_looks_that_are_dropped_end_and_are_not_heard() -> None:
    async def look(one: Due) -> Observation:
        if one.camera_id == 1:
            await asyncio.Event().wait()
        return seen()

    async def leave() -> tuple[list[int], int]:
        heard: list[int] = []
        places = Places(at_once=4, most=4)
        async with Crew(look, lambda one, what, more: heard.append(one.camera_id), places=places, clock=now) as crew:
            crew.begin([due(1), due(2), due(3, in_s=3600)])
            while not heard:
                await turns_of_the_loop(1)
            crew.drop()
        return heard, crew.waiting

    assert asyncio.run(leave()) == ([2], 0)


def now() -> datetime:
    return START
