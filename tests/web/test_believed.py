"""Answers that are believed for a moment: never past it, never past a change, never where changes are not heard."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

import pytest

from web.believed import Believed


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Oracle:
    """Counts how often it was asked, and answers with that."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.asked = 0
        self._meanwhile = meanwhile

    def __call__(self) -> int:
        self.asked += 1
        self._meanwhile()
        return self.asked


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def believed(clock: Clock) -> Believed[int]:
    made: Believed[int] = Believed(for_s=0.25, most=2, clock=clock)
    made.hear(changes=True)
    return made


def test_an_answer_is_believed_until_its_moment_is_over(believed: Believed[int], clock: Clock) -> None:
    oracle = Oracle()
    assert [believed.get("a", oracle) for _ in range(3)] == [1, 1, 1]
    clock.now += 0.25
    assert believed.get("a", oracle) == 2


def test_the_moment_begins_with_the_question_and_not_with_a_slow_answer(believed: Believed[int], clock: Clock) -> None:
    def pass_time() -> None:
        clock.now += 0.3

    oracle = Oracle(pass_time)
    assert [believed.get("a", oracle) for _ in range(2)] == [1, 2]


def test_each_question_has_its_own_answer(believed: Believed[int]) -> None:
    oracle = Oracle()
    assert [believed.get(question, oracle) for question in ("a", "b", "a", "b")] == [1, 2, 1, 2]


def test_a_change_ends_all_belief(believed: Believed[int]) -> None:
    oracle = Oracle()
    believed.get("a", oracle)
    believed.forget()
    assert believed.get("a", oracle) == 2


def test_an_answer_during_which_a_change_was_heard_is_given_but_not_believed(believed: Believed[int]) -> None:
    oracle = Oracle(believed.forget)
    assert [believed.get("a", oracle) for _ in range(2)] == [1, 2]


def test_nothing_is_believed_where_no_change_is_heard(believed: Believed[int]) -> None:
    oracle = Oracle()
    believed.get("a", oracle)
    believed.hear(changes=False)
    assert [believed.get("a", oracle) for _ in range(2)] == [2, 3]


def test_no_more_is_held_than_there_is_room_for(believed: Believed[int]) -> None:
    oracle = Oracle()
    for question in ("a", "b", "c"):
        believed.get(question, oracle)
    assert (believed.get("c", oracle), believed.get("a", oracle)) == (3, 4)


def both_ask(believed: Believed[int], oracle: Oracle, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Return what the second is answered, who asks while the first is being answered."""
    found: list[int] = []
    second_asks = Event()

    def ask_second() -> int:
        second_asks.set()
        return oracle()

    second = Thread(target=lambda: found.append(believed.get("a", ask_second)))

    def ask_first() -> int:
        second.start()
        # Should the second not wait for the first, it asks at once.
        second_asks.wait(0.3)
        meanwhile()
        return oracle()

    with suppress(ConnectionError):
        believed.get("a", ask_first)
    second.join(timeout=10)
    return found[0]


def test_of_two_who_ask_at_once_one_asks_for_both(believed: Believed[int]) -> None:
    oracle = Oracle()
    assert (both_ask(believed, oracle), oracle.asked) == (1, 1)


def test_after_a_change_the_other_asks_for_itself(believed: Believed[int]) -> None:
    oracle = Oracle()
    assert (both_ask(believed, oracle, believed.forget), oracle.asked) == (2, 2)


def test_who_waited_for_one_that_failed_asks_for_itself(believed: Believed[int]) -> None:
    def fail() -> None:
        raise ConnectionError

    oracle = Oracle()
    assert (both_ask(believed, oracle, fail), oracle.asked) == (1, 1)
