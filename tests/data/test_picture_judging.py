"""Thresholds of one camera and of all, and the scenes cameras should show."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import picture_references, picture_thresholds
from data.errors import Missing, Refusal
from data.thresholds import DEFAULTS, NAMES, Thresholds, sentence, with_changes

AT = datetime(2026, 5, 1, tzinfo=UTC)
SCENE = b"\1" * 4_680


def camera(session: Session, code: str, ptz_type: int | None = None) -> int:
    made = text("INSERT INTO cameras (code, name, ptz_type) VALUES (:code, 'x', :ptz) RETURNING id")
    return int(session.execute(made, {"code": code, "ptz": ptz_type}).scalar_one())


def test_a_camera_is_judged_by_its_own_threshold_then_by_that_of_all_then_by_the_default(session: Session) -> None:
    one, other = camera(session, "a"), camera(session, "b")
    assert picture_thresholds.of_cameras(session, [one, other]) == {}
    picture_thresholds.change(session, one, "noise", 9.0)
    assert picture_thresholds.of_cameras(session, [one, other]) == {one: Thresholds(noise=9.0)}
    picture_thresholds.change(session, None, "noise", 6.0)
    picture_thresholds.change(session, None, "cast", 0.3)
    judged = picture_thresholds.of_cameras(session, [one, other])
    assert judged == {one: Thresholds(noise=9.0, cast=0.3), other: Thresholds(noise=6.0, cast=0.3)}
    picture_thresholds.change(session, one, "noise", None)
    assert picture_thresholds.of_cameras(session, [one])[one].noise == 6.0
    assert picture_thresholds.changes_of(session, one) == {}


@pytest.mark.parametrize(("name", "value", "error"), [("none", 1.0, Missing), ("noise", 0.0, Refusal)])
def test_what_is_no_threshold_is_refused(session: Session, name: str, value: float, error: type[Exception]) -> None:
    with pytest.raises(error):
        picture_thresholds.change(session, None, name, value)


def test_a_name_that_is_not_known_any_more_is_left_out() -> None:
    assert with_changes({"gone": 1.0, "noise": 7}) == Thresholds(noise=7.0)
    assert with_changes({}) == DEFAULTS
    assert all(sentence(name).endswith(".") for name in NAMES)


def test_the_first_scene_of_each_light_is_the_reference_until_it_is_forgotten(session: Session) -> None:
    number = camera(session, "c")
    assert picture_references.adopt(session, number, path="", light="day", scene=SCENE, at=AT)
    assert not picture_references.adopt(session, number, path="", light="day", scene=b"later", at=AT)
    assert picture_references.adopt(session, number, path="", light="night", scene=b"\2", at=AT)
    assert picture_references.of_cameras(session, [number]) == {number: (SCENE, b"\2")}
    assert [one["light"] for one in picture_references.of_camera(session, number)] == ["day", "night"]
    assert picture_references.forget(session, number) == 2
    assert picture_references.of_cameras(session, [number]) == {}


@pytest.mark.parametrize(("ptz_type", "compared"), [(None, True), (3, True), (1, False), (4, False), (5, False)])
def test_a_camera_that_turns_is_compared_with_nothing(session: Session, ptz_type: int | None, compared: bool) -> None:
    number = camera(session, "d", ptz_type)
    picture_references.adopt(session, number, path="", light="day", scene=SCENE, at=AT)
    assert (number in picture_references.of_cameras(session, [number])) is compared
