"""Channels of one recorder agree with each other and spare it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from data.looks import Credential, Observation, Target
from data.types import Fault, Health, Layer, Limits
from video.decoders import Decoders
from video.judge import judge
from video.lab.faults import LabFault
from video.lab.spec import CameraSpec
from video.probe import Timeouts, looks

RunLab = Callable[..., Any]
RIGHT = Credential(user="admin", password="right")
WRONG = Credential(user="admin", password="wrong")
QUICK = Timeouts(connect_s=1, reply_s=1, key_frame_s=5, onvif_s=3, total_s=8)


def look_at(targets: Sequence[Target], *, pictures: bool = False) -> list[Observation]:
    """Look at channels of one recorder and return what was seen of each, in their order."""

    async def run() -> dict[str, Observation]:
        async with Decoders(1) as decoders:
            found = looks(
                targets, clock=lambda: datetime.now(UTC), decoders=decoders if pictures else None, timeouts=QUICK
            )
            return {target.code: seen async for target, seen in found}

    seen = asyncio.run(run())
    return [seen[target.code] for target in targets]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def recorder(run_lab: RunLab) -> tuple[Any, list[Target]]:
    """Return a lab with a recorder of eight channels, and what a look needs for each."""
    port = free_port()
    specs = [CameraSpec(name=f"c{n}", port=port, path=f"/ch{n}", user="admin", password="right") for n in range(8)]
    lab = run_lab(*specs)
    return lab, [
        Target(code=spec.name, rtsp_url=lab[spec.name].rtsp_url, credential=RIGHT, turn_key="recorder", channel=n + 1)
        for n, spec in enumerate(specs)
    ]


def set_all(lab: Any, fault: LabFault) -> None:
    for number in range(8):
        lab.set_fault(f"c{number}", fault)


def test_a_recorder_that_is_down_makes_its_channels_down_for_the_same_cause(
    recorder: tuple[Any, list[Target]],
) -> None:
    lab, targets = recorder
    set_all(lab, LabFault.REFUSE)
    assert {(seen.fault, seen.layer) for seen in look_at(targets)} == {(Fault.REFUSED, Layer.TCP)}
    set_all(lab, LabFault.NONE)
    assert {seen.fault for seen in look_at(targets)} == {None}


def test_a_recorder_that_says_nothing_is_asked_twice_and_not_for_every_channel() -> None:
    knocks, gone = [0], threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.1)

        def count() -> None:
            while not gone.is_set():
                try:
                    kept.append(silent.accept()[0])
                    knocks[0] += 1
                except TimeoutError:
                    continue

        kept: list[socket.socket] = []
        thread = threading.Thread(target=count)
        thread.start()
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}"
        seen = look_at([Target(code=str(n), rtsp_url=f"{url}/{n}", turn_key="recorder") for n in range(64)])
        gone.set()
        thread.join()
        for each in kept:
            each.close()
    assert knocks == [2]
    assert {(each.fault, each.layer) for each in seen} == {(Fault.TIMEOUT, Layer.RTSP)}


def test_a_channel_that_is_not_there_is_its_own_fault(recorder: tuple[Any, list[Target]]) -> None:
    lab, targets = recorder
    lab.set_fault("c2", LabFault.NOT_FOUND)
    lab.set_fault("c5", LabFault.NO_VIDEO)
    found = [seen.fault for seen in look_at(targets)]
    assert found == [None, None, Fault.NOT_FOUND, None, None, Fault.NO_VIDEO, None, None]


def test_a_wrong_password_of_a_recorder_is_tried_for_one_channel_only(recorder: tuple[Any, list[Target]]) -> None:
    lab, targets = recorder
    wrong = [replace(target, credential=WRONG) for target in targets]
    assert {seen.fault for seen in look_at(wrong)} == {Fault.AUTH_REFUSED}
    assert sum(lab[f"c{n}"].counters.auth_refused for n in range(8)) == 1


def test_channels_with_logins_of_their_own_are_tried_each(recorder: tuple[Any, list[Target]]) -> None:
    _, targets = recorder
    mixed = [replace(target, credential=WRONG if target.channel == 1 else RIGHT) for target in targets]
    assert [seen.fault for seen in look_at(mixed)] == [Fault.AUTH_REFUSED] + [None] * 7


@pytest.mark.parametrize("fault", [LabFault.FORBIDDEN, LabFault.NOT_ENOUGH_BANDWIDTH, LabFault.UNAVAILABLE])
def test_a_recorder_without_a_session_left_is_not_offline(recorder: tuple[Any, list[Target]], fault: LabFault) -> None:
    lab, targets = recorder
    lab.set_fault("c0", fault)
    [seen] = look_at(targets[:1], pictures=True)
    assert seen.fault is Fault.TOO_MANY_SESSIONS
    assert judge(seen, Limits()).health is Health.DEGRADED


def test_a_full_recorder_is_asked_for_no_more_pictures_in_this_row(recorder: tuple[Any, list[Target]]) -> None:
    lab, targets = recorder
    set_all(lab, LabFault.NOT_ENOUGH_BANDWIDTH)
    faults = [seen.fault for seen in look_at(targets, pictures=True)]
    assert faults == [Fault.TOO_MANY_SESSIONS] + [None] * 7
    assert lab["c0"].open_sessions == 0
