from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from data.looks import Want
from video.questions import PERIODS_S, questions

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@settings(max_examples=20)
@given(camera_id=st.integers(1, 10**9), every_s=st.floats(60, 300))
def test_every_question_is_asked_once_in_its_period(camera_id: int, every_s: float) -> None:
    asked: Counter[Want] = Counter()
    steps = int(24 * 3_600 / every_s)
    for step in range(steps):
        before = NOW + timedelta(seconds=step * every_s)
        asked.update(questions(camera_id, last=before, now=before + timedelta(seconds=every_s)))
    for want, period_s in PERIODS_S.items():
        assert abs(asked[want] - steps * every_s / period_s) <= 1, want


def test_a_camera_is_asked_nothing_at_its_first_look_and_at_most_once_after_a_silence() -> None:
    assert questions(7, last=None, now=NOW) == frozenset()
    assert questions(7, last=NOW - timedelta(days=9), now=NOW) == frozenset(Want)


def test_the_questions_of_many_cameras_are_spread_over_their_period() -> None:
    minutes = Counter(
        minute
        for camera_id in range(1, 1_001)
        for minute in range(60)
        if Want.STREAM
        in questions(camera_id, last=NOW + timedelta(minutes=minute), now=NOW + timedelta(minutes=minute + 1))
    )
    assert sum(minutes.values()) == 1_000
    assert max(minutes.values()) < 30
