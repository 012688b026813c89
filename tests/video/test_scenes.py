"""Pictures are judged by the thresholds of their camera, and the first good one says what it should show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import picture_references, picture_thresholds
from data.health import Due, Outcome
from data.looks import CheckState, Observation, Picture, PictureCheck, Target
from data.thresholds import Thresholds
from data.types import Course, Fault
from video.picture_checks import check
from video.scenes import equipped, judged_by, keep, light_of

AT = datetime(2026, 5, 1, tzinfo=UTC)
DIM = {"luma_mean": 36.0, "luma_p05": 8.0, "luma_p50": 32.0, "luma_p95": 72.0, "luma_p98": 80.0, "burnt_share": 0.0}
COUNTED = PictureCheck(state=CheckState.NOT_CHECKABLE, score=None, reason="the next one decides")


def seen(measures: dict[str, float], scene: bytes = b"") -> Observation:
    checks = {**check(measures), Fault.FROZEN: COUNTED}
    shown = Picture(
        jpeg=b"x", thumbnail=b"y", width=1, height=1, sha256="a", scene=scene, measures=measures, checks=checks
    )
    return Observation(at=AT, valid_until=AT, picture=shown)


def due(camera_id: int) -> Due:
    return Due(camera_id=camera_id, area_id=None, path="", target=Target(camera_id=camera_id), course=Course())


@pytest.fixture
def number(session: Session) -> int:
    return int(session.execute(text("INSERT INTO cameras (code, name) VALUES ('s', 'x') RETURNING id")).scalar_one())


def test_a_look_is_judged_by_the_thresholds_of_its_camera_and_frozen_as_it_was_counted() -> None:
    usual, milder = seen(DIM).picture, judged_by(Thresholds(dark_mean=20.0), seen(DIM)).picture
    assert usual is not None
    assert milder is not None
    assert usual.checks[Fault.TOO_DARK].state is CheckState.BAD
    assert milder.checks[Fault.TOO_DARK].state is CheckState.GOOD
    assert milder.checks[Fault.FROZEN] == COUNTED
    assert judged_by(None, seen(DIM)) == seen(DIM)


def test_only_looks_with_a_picture_bring_references_and_thresholds(session: Session, number: int) -> None:
    picture_references.adopt(session, number, path="", light="day", scene=b"scene", at=AT)
    picture_thresholds.change(session, number, "noise", 9.0)
    for want in (True, False):
        found = equipped(session, [due(number)], lambda _, want=want: want)
        assert found[0].target.references == ((b"scene",) if want else ())
        assert found[0].thresholds == (Thresholds(noise=9.0) if want else None)


@pytest.mark.parametrize(("measures", "kept"), [({}, True), (DIM, False)])
def test_the_first_good_picture_is_the_reference_and_a_bad_one_is_not(
    session: Session, number: int, home: Path, measures: dict[str, float], kept: bool
) -> None:
    keep(session, [Outcome(due=due(number), seen=seen(measures, b"scene"), course=Course())])
    assert (number in picture_references.of_cameras(session, [number])) is kept
    assert session.execute(text("SELECT count(*) FROM snapshots")).scalar_one() == 1


@pytest.mark.parametrize(
    ("measures", "light"),
    [
        ({"luma_p50": 40.0, "cast": 0.1}, "night"),
        ({"luma_p50": 120.0}, "night"),
        ({"luma_p50": 120.0, "cast": 0.1}, "day"),
    ],
)
def test_the_light_is_told_by_luma_and_colours(measures: dict[str, float], light: str) -> None:
    assert light_of(measures) == light
