"""Turns to be looked at: never two workers at once, never skipped, and back again when a worker or a database died."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import turns
from data.health import Due

NOW = datetime(2100, 3, 1, 8, 0, tzinfo=UTC)
EVERY_S = 60.0
HELD_S = 54.0


def add(session: Session, code: str, *, recorder: str | None = None, **fields: str) -> int:
    """Enter a camera whose turn has come."""
    values = {"code": code, "name": code, "rtsp_url": f"rtsp://127.0.0.1:9/{code}", "recorder": recorder} | fields
    words = ", ".join(values), ", ".join(f":{name}" for name in values)
    made = session.execute(text(f"INSERT INTO cameras ({words[0]}) VALUES ({words[1]}) RETURNING id"), values)
    return int(made.scalar_one())


def take(
    session: Session, *, at: datetime = NOW, at_most: int = 100, site: str = "main", ahead_s: float = 0
) -> list[Due]:
    return turns.take_due(
        session, now=at, at_most=at_most, every_s=EVERY_S, probe_site=site, ahead_s=ahead_s, held_s=HELD_S
    )


def ids(dues: list[Due]) -> list[int]:
    return [due.camera_id for due in dues]


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_look_that_is_due_is_never_skipped(session: Session) -> None:
    cameras = {add(session, f"T{n}") for n in range(40)}
    last: dict[int, datetime] = dict.fromkeys(cameras, NOW)
    longest = 0.0
    for second in range(1, 400):
        # Ten are never due in one second, so whoever is late was skipped.
        for due in take(session, at=after(second), at_most=10):
            longest = max(longest, (after(second) - last[due.camera_id]).total_seconds())
            last[due.camera_id] = after(second)
    assert longest <= EVERY_S + 1
    assert min(last.values()) >= after(399 - EVERY_S - 1)


def test_who_waits_longest_is_first_and_who_was_asked_for_before_them(session: Session) -> None:
    cameras = [add(session, f"T{n}") for n in range(4)]
    turns.book(session, {camera: after(-n) for n, camera in enumerate(cameras)})
    turns.ask_for_look(session, [cameras[1]])
    taken = take(session)
    assert ids(taken)[0] == cameras[1]
    assert [due.asked for due in taken] == [True, False, False, False]
    assert {due.due_at for due in taken} == {NOW}


def test_a_look_taken_ahead_of_its_turn_knows_when_it_comes_and_keeps_its_beat(session: Session) -> None:
    camera = add(session, "T1")
    turns.book(session, {camera: after(0.4)})
    assert take(session) == []
    (due,) = take(session, ahead_s=0.5)
    assert due.due_at == after(0.4)
    booked = session.execute(text("SELECT next_check_at FROM look_turns")).scalar_one()
    assert after(0.4 + 0.95 * EVERY_S) <= booked <= after(0.4 + EVERY_S)


def test_looks_a_worker_took_and_never_made_come_back_with_their_next_turn(session: Session) -> None:
    cameras = [add(session, f"T{n}") for n in range(5)]
    assert len(take(session)) == 5
    assert take(session, at=after(0.9 * EVERY_S)) == []
    assert sorted(ids(take(session, at=after(EVERY_S)))) == cameras


@pytest.mark.parametrize("sooner", [True, False])
def test_another_time_is_booked_but_what_somebody_asked_for_stays_first(session: Session, sooner: bool) -> None:
    plain, asked = add(session, "T1"), add(session, "T2")
    take(session)
    turns.ask_for_look(session, [asked])
    again = after(15 if sooner else 600)
    turns.book(session, {plain: again, asked: again})
    assert ids(take(session, at=after(1))) == [asked]
    assert plain in ids(take(session, at=again))


def test_a_recorder_is_held_by_one_worker_until_it_is_released(session: Session) -> None:
    first = add(session, "R1", recorder="nvr")
    alone = add(session, "T1")
    assert sorted(ids(take(session))) == [first, alone]
    second = add(session, "R2", recorder="nvr")
    turns.book(session, {second: NOW})
    assert take(session, at=after(5)) == []
    turns.hold(session, ["nvr"], until=after(70))
    assert ids(take(session, at=after(69))) == [alone]
    turns.release(session, ["nvr"])
    assert sorted(ids(take(session, at=after(69)))) == [first, second]


def test_a_recorder_whose_worker_died_comes_back(session: Session) -> None:
    cameras = [add(session, f"R{n}", recorder="nvr") for n in range(3)]
    assert ids(take(session, at_most=1)) != []
    assert take(session, at=after(HELD_S - 1)) == []
    assert set(ids(take(session, at=after(HELD_S + EVERY_S)))) == set(cameras)


def test_channels_of_held_recorders_do_not_stand_in_the_way_of_others(session: Session) -> None:
    for n in range(20):
        add(session, f"R{n}", recorder="nvr")
    assert len(take(session, at_most=1)) == 1
    alone = add(session, "T1")
    turns.book(session, {alone: NOW})
    assert ids(take(session, at=after(1), at_most=2)) == [alone]


def test_a_camera_has_a_turn_as_long_as_it_is_looked_at(session: Session) -> None:
    camera = add(session, "T1")
    for change, has in [
        ("record_state = 'repair'", False),
        ("record_state = 'in_use'", True),
        ("rtsp_url = NULL", False),
        ("onvif_url = 'http://127.0.0.1:9/'", True),
    ]:
        session.execute(text(f"UPDATE cameras SET {change} WHERE id = :id"), {"id": camera})
        assert (ids(take(session, at=after(EVERY_S * 9))) == [camera]) is has
        session.execute(text("UPDATE look_turns SET next_check_at = '2000-01-01'"))


def test_cameras_of_another_site_keep_their_turn(session: Session) -> None:
    valley = add(session, "V1", probe_site="valley")
    assert take(session) == []
    assert ids(take(session, site="valley")) == [valley]


def test_turns_that_a_crash_took_along_are_given_again_within_a_period(session: Session) -> None:
    cameras = [add(session, "T1"), add(session, "R1", recorder="nvr")]
    add(session, "T2", record_state="dismantled")
    session.execute(text("TRUNCATE look_turns, recorder_turns"))
    assert turns.restore(session, every_s=EVERY_S) == 2
    assert turns.restore(session, every_s=EVERY_S) == 0
    times = session.execute(text("SELECT max(next_check_at) <= now() + interval '60 s' FROM look_turns")).scalar_one()
    assert times
    assert sorted(ids(take(session))) == cameras


def test_a_renamed_recorder_can_be_held_too(session: Session) -> None:
    camera = add(session, "R1", recorder="nvr")
    session.execute(text("UPDATE cameras SET recorder = 'nvr-2' WHERE id = :id"), {"id": camera})
    assert ids(take(session)) == [camera]
    held = session.execute(text("SELECT recorder FROM recorder_turns WHERE busy_until > :now"), {"now": NOW})
    assert held.scalars().all() == ["nvr-2"]
