import pytest
from sqlalchemy.orm import Session

from data import limits
from data.errors import Missing, Refusal


def test_a_class_that_matters_more_is_told_sooner() -> None:
    seconds = [limits.DEFAULTS[number].confirm_offline_s for number in (1, 2, 3)]
    assert seconds == sorted(seconds)
    assert limits.of_class(limits.DEFAULTS, None) == limits.DEFAULTS[limits.NO_CLASS]
    assert limits.of_class(limits.DEFAULTS, 1) == limits.DEFAULTS[1]


def test_a_changed_limit_holds_for_its_class_only_and_can_be_put_back(session: Session) -> None:
    limits.change(session, 1, "confirm_offline_looks", 7.4)
    changed = limits.by_class(session)
    assert changed[1].confirm_offline_looks == 7
    assert changed[2] == limits.DEFAULTS[2]
    limits.change(session, 1, "confirm_offline_looks", None)
    assert limits.by_class(session) == dict(limits.DEFAULTS)


@pytest.mark.parametrize(
    ("number", "name", "value", "error"),
    [(1, "nonsense", 1.0, Missing), (4, "confirm_offline_s", 1.0, Missing), (1, "confirm_offline_s", -1.0, Refusal)],
)
def test_a_limit_that_makes_no_sense_is_refused(
    session: Session, number: int, name: str, value: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        limits.change(session, number, name, value)


def test_every_limit_that_may_be_edited_is_one(session: Session) -> None:
    for known in limits.EDITABLE:
        limits.change(session, 9, known.name, known.high)
        assert getattr(limits.by_class(session)[9], known.name) == known.high
