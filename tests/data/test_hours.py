"""Sums of an hour of looks: nothing is lost or counted twice on the way from looks to rows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import hours
from data.hours import LONGEST, MOST_LOOKS, Hours, Sum
from data.looks import Observation
from data.types import Fault

HOUR = datetime(2100, 3, 1, 8, 0, tzinfo=UTC)


def seen(at: datetime, ms: float | None = 40.0, *, fault: Fault | None = None) -> Observation:
    return Observation(at=at, valid_until=at + timedelta(minutes=3), describe_ms=ms, fault=fault)


def test_a_sum_is_due_when_it_holds_enough_looks() -> None:
    sums = Hours()
    due = [sums.add(1, "1", seen(HOUR + timedelta(seconds=n))) for n in range(MOST_LOOKS)]
    assert [len(one) for one in due] == [0] * (MOST_LOOKS - 1) + [1]
    assert due[-1][0].looks == MOST_LOOKS
    assert sums.take_all() == []


def test_a_camera_looked_at_seldom_waits_no_longer_than_a_quarter_of_an_hour() -> None:
    sums = Hours()
    assert sums.add(1, "1", seen(HOUR)) == []
    (due,) = sums.add(1, "1", seen(HOUR + LONGEST))
    assert due.looks == 2


def test_a_new_hour_or_a_new_place_begins_a_new_sum() -> None:
    sums = Hours()
    sums.add(1, "1", seen(HOUR))
    (moved,) = sums.add(1, "2", seen(HOUR + timedelta(minutes=1)))
    (over,) = sums.add(1, "2", seen(HOUR + timedelta(hours=1)))
    assert (moved.path, moved.hour, over.path, over.hour) == ("1", HOUR, "2", HOUR)
    (left,) = sums.take_all()
    assert left.hour == HOUR + timedelta(hours=1)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(0, 9_000),
            st.one_of(st.none(), st.floats(0, 1e4)),
            st.sampled_from([None, Fault.TIMEOUT]),
        ),
        max_size=80,
    )
)
def test_every_look_is_in_exactly_one_sum(looks: list[tuple[int, int, float | None, Fault | None]]) -> None:
    sums, written = Hours(), list[Sum]()
    for camera, second, ms, fault in looks:
        written += sums.add(camera, "1", seen(HOUR + timedelta(seconds=second), ms, fault=fault))
    written += sums.take_all()
    assert sum(one.looks for one in written) == len(looks)
    assert sum(one.faults for one in written) == sum(fault is not None for *_, fault in looks)
    for camera in {camera for camera, *_ in looks}:
        told = [ms for one, _, ms, _ in looks if one == camera and ms is not None]
        least = [one.describe_ms_min for one in written if one.camera_id == camera and one.describe_ms_min is not None]
        most = [one.describe_ms_max for one in written if one.camera_id == camera and one.describe_ms_max is not None]
        assert (min(told, default=None), max(told, default=None)) == (min(least, default=None), max(most, default=None))


def test_sums_of_two_workers_add_up_and_those_of_a_removed_camera_are_left_out(session: Session) -> None:
    camera = session.execute(text("INSERT INTO cameras (code, name) VALUES ('H1', 'H1') RETURNING id")).scalar_one()
    for ms in (40.0, 20.0):
        one, other = Sum(camera_id=camera, path="", hour=HOUR, began=HOUR), Hours()
        one.add(seen(HOUR, ms, fault=Fault.TIMEOUT))
        other.add(camera + 1, "", seen(HOUR))
        hours.write(session, [one, *other.take_all()])
    rows = session.execute(
        text("SELECT camera_id, looks, faults, describe_ms_min, describe_ms_max FROM observation_hours")
    )
    assert [tuple(row) for row in rows] == [(camera, 2, 2, 20.0, 40.0)]


def test_sums_are_written_camera_by_camera_so_that_two_workers_never_wait_for_each_other(session: Session) -> None:
    asked = text("INSERT INTO cameras (code, name) SELECT 'H' || n, 'H' FROM generate_series(1, 3) n RETURNING id")
    cameras = sorted(session.execute(asked).scalars())
    counted = Hours()
    for camera in reversed(cameras):
        counted.add(camera, "", seen(HOUR))
    hours.write(session, counted.take_all())
    written = session.execute(text("SELECT camera_id FROM observation_hours ORDER BY ctid")).scalars()
    assert list(written) == cameras


def test_a_camera_that_was_moved_within_the_hour_has_two_sums_in_one_row(session: Session) -> None:
    camera = session.execute(text("INSERT INTO cameras (code, name) VALUES ('H1', 'H1') RETURNING id")).scalar_one()
    counted = Hours()
    counted.add(camera, "1", seen(HOUR, 40.0))
    before = counted.add(camera, "2", seen(HOUR + timedelta(minutes=1), 20.0))
    hours.write(session, [*before, *counted.take_all()])
    rows = session.execute(text("SELECT looks, describe_ms_min, describe_ms_max FROM observation_hours"))
    assert [tuple(row) for row in rows] == [(2, 20.0, 40.0)]
