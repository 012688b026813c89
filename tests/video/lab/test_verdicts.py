"""The lab and the prober's own eye agree on what a picture shows."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from data.looks import CheckState, Picture
from data.types import Fault
from video.decoders import Decoders
from video.lab.faults import LabFault
from video.lab.spec import CameraSpec, Light, Scene

RunLab = Callable[..., Any]


def seen(uri: str, *, times: int = 1) -> list[Picture]:
    """Return the pictures of looks in a row, each of which knows the one before."""

    async def look() -> list[Picture]:
        pictures: list[Picture] = []
        async with Decoders(1) as decoders:
            for _ in range(times):
                before = pictures[-1].sha256 if pictures else None
                pictures.append((await decoders.look(uri, None, within_s=10, previous_sha256=before)).picture)
        return pictures

    return asyncio.run(look())


def faults(picture: Picture) -> set[Fault]:
    return {fault for fault, check in picture.checks.items() if check.state is CheckState.BAD}


@pytest.mark.parametrize("light", list(Light))
@pytest.mark.parametrize("seed", [1, 2, 7])
def test_a_healthy_camera_shows_no_fault_look_after_look(run_lab: RunLab, light: Light, seed: int) -> None:
    lab = run_lab(CameraSpec(name="gate", scene=Scene(light, seed)))
    assert [faults(picture) for picture in seen(lab["gate"].rtsp_url, times=3)] == [set(), set(), set()]


@pytest.mark.parametrize("light", list(Light))
@pytest.mark.parametrize(
    ("fault", "shown"),
    [(LabFault.BLACK, Fault.BLACK), (LabFault.BLURRED, Fault.BLURRED), (LabFault.COVERED, Fault.COVERED)],
)
def test_a_faulty_picture_shows_its_fault(run_lab: RunLab, light: Light, fault: LabFault, shown: Fault) -> None:
    lab = run_lab(CameraSpec(name="gate", scene=Scene(light, 2), fault=fault))
    [picture] = seen(lab["gate"].rtsp_url)
    assert shown in faults(picture)


def test_a_frozen_camera_is_found_at_the_second_look(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.FROZEN))
    first, second = seen(lab["gate"].rtsp_url, times=2)
    assert (Fault.FROZEN in faults(first), Fault.FROZEN in faults(second)) == (False, True)
