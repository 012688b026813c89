"""Sums over cameras become rates, rates a score. Pure and exact: whole numbers and fractions.

What was not checked is neither good nor bad: it is in no rate unless a denominator says so, and is shown beside it, as
the time of maintenance and the time a camera was not in use are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self


class Measure(StrEnum):
    """The rates of the monthly assessment."""

    ONLINE = "online"
    ONLINE_CAMERAS = "online_cameras"
    PICTURE = "picture"
    INTACT = "intact"
    POSITION = "position"
    RECORD = "record"
    CLOCK = "clock"
    LABELLING = "labelling"
    RECORDING = "recording"


class Of(StrEnum):
    """What a rate is divided by."""

    CHECKED = "checked"
    DUE = "due"
    IN_LINE = "in_line"
    ALL = "all"
    IN_USE = "in_use"


class Unit(StrEnum):
    """What numerator and denominator count."""

    SECONDS = "seconds"
    CAMERA_DAYS = "camera_days"
    CAMERAS = "cameras"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What many cameras came to; the columns that roll-ups and reports add up.

    `cameras` are those in use and in repair; planned and dismantled ones are shown beside them.
    """

    cameras: int = 0
    in_use: int = 0
    repair: int = 0
    dismantled: int = 0
    planned: int = 0
    placed: int = 0
    placed_in_use: int = 0
    complete: int = 0
    complete_in_use: int = 0
    labelled: int = 0
    labelled_in_use: int = 0
    good_s: int = 0
    bad_s: int = 0
    blocked_s: int = 0
    offline_s: int = 0
    unchecked_s: int = 0
    maintenance_s: int = 0
    out_s: int = 0
    online_days: int = 0
    not_online_days: int = 0
    unchecked_days: int = 0
    clock_good_days: int = 0
    clock_bad_days: int = 0
    clock_unread_days: int = 0
    recorded_s: int = 0
    unrecorded_s: int = 0
    recording_unchecked_s: int = 0
    failures: int = 0
    repairs: int = 0
    repair_s: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the sums in a row of the database; a column that is NULL adds nothing."""
        return cls(**{name: int(row[name] or 0) for name in SUMMED})

    def __add__(self, other: "Sums") -> "Sums":
        """Return what both came to together."""
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in SUMMED})

    @property
    def between_failures_s(self) -> Fraction | None:
        """Mean time between failures: time in line for each failure; None without one."""
        return Fraction(self.good_s + self.bad_s + self.blocked_s, self.failures) if self.failures else None

    @property
    def to_repair_s(self) -> Fraction | None:
        """Mean time from the beginning of a failure until the camera was in line again; None without a repair."""
        return Fraction(self.repair_s, self.repairs) if self.repairs else None


SUMMED = tuple(one.name for one in fields(Sums))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rate is made of, as names of sums to be added: numerator, each denominator, and what was not checked.

    The first denominator holds unless an administrator chose another. A numerator may differ with it.
    """

    unit: Unit
    numerator: tuple[str, ...]
    denominators: Mapping[Of, tuple[str, ...]]
    unchecked: tuple[str, ...] = ()
    numerators: Mapping[Of, tuple[str, ...]] | None = None


_IN_LINE = ("good_s", "bad_s", "blocked_s")
_DUE = (*_IN_LINE, "offline_s", "unchecked_s")


def _recorded(name: str) -> Meaning:
    return Meaning(
        Unit.CAMERAS, (name,), {Of.ALL: ("cameras",), Of.IN_USE: ("in_use",)}, (), {Of.IN_USE: (f"{name}_in_use",)}
    )


MEANINGS: Mapping[Measure, Meaning] = {
    Measure.ONLINE: Meaning(
        Unit.SECONDS, _IN_LINE, {Of.CHECKED: (*_IN_LINE, "offline_s"), Of.DUE: _DUE}, ("unchecked_s",)
    ),
    Measure.ONLINE_CAMERAS: Meaning(
        Unit.CAMERA_DAYS,
        ("online_days",),
        {
            Of.CHECKED: ("online_days", "not_online_days"),
            Of.DUE: ("online_days", "not_online_days", "unchecked_days"),
        },
        ("unchecked_days",),
    ),
    Measure.PICTURE: Meaning(
        Unit.SECONDS, ("good_s",), {Of.CHECKED: ("good_s", "bad_s"), Of.IN_LINE: _IN_LINE}, ("blocked_s",)
    ),
    Measure.INTACT: Meaning(
        Unit.SECONDS,
        ("good_s",),
        {Of.CHECKED: ("good_s", "bad_s", "offline_s"), Of.DUE: _DUE},
        ("blocked_s", "unchecked_s"),
    ),
    Measure.POSITION: _recorded("placed"),
    Measure.RECORD: _recorded("complete"),
    Measure.CLOCK: Meaning(
        Unit.CAMERA_DAYS,
        ("clock_good_days",),
        {
            Of.CHECKED: ("clock_good_days", "clock_bad_days"),
            Of.DUE: ("clock_good_days", "clock_bad_days", "clock_unread_days"),
        },
        ("clock_unread_days",),
    ),
    Measure.LABELLING: _recorded("labelled"),
    Measure.RECORDING: Meaning(
        Unit.SECONDS,
        ("recorded_s",),
        {
            Of.CHECKED: ("recorded_s", "unrecorded_s"),
            Of.DUE: ("recorded_s", "unrecorded_s", "recording_unchecked_s"),
        },
        ("recording_unchecked_s",),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """How a rate counts in the assessment: its weight in hundredths of the score, its denominator, its target in %."""

    weight: int
    of: Of
    target: float | None = None


_WEIGHTS = {
    Measure.ONLINE: (30, 95.0),
    Measure.ONLINE_CAMERAS: (0, None),
    Measure.PICTURE: (20, 95.0),
    Measure.INTACT: (10, 95.0),
    Measure.POSITION: (10, 100.0),
    Measure.RECORD: (10, 100.0),
    Measure.CLOCK: (10, 98.0),
    Measure.LABELLING: (5, 98.0),
    Measure.RECORDING: (5, 98.0),
}
BASIS: Mapping[Measure, Basis] = {
    measure: Basis(weight=weight, of=next(iter(MEANINGS[measure].denominators)), target=target)
    for measure, (weight, target) in _WEIGHTS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One rate with what it is made of and how it counts."""

    measure: Measure
    numerator: int
    denominator: int
    unchecked: int
    unit: Unit
    basis: Basis

    @property
    def share(self) -> Fraction | None:
        """The rate from 0 to 1, exactly; None when nothing was checked."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def points(self) -> Fraction | None:
        """What it brings to the score."""
        return None if self.share is None else self.share * self.basis.weight

    @property
    def misses(self) -> bool:
        """Whether it lies below its target."""
        target = self.basis.target
        return self.share is not None and target is not None and self.share * 100 < Fraction(target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Σ weight × rate × 100, and how much could be reached with what was checked."""

    points: Fraction
    reachable: int


def figures(sums: Sums, basis: Mapping[Measure, Basis]) -> list[Figure]:
    """Return every rate of these sums, in the order of the assessment."""
    return [figure(measure, sums, basis[measure]) for measure in Measure]


def figure(measure: Measure, sums: Sums, basis: Basis) -> Figure:
    """Return one rate of these sums."""
    meaning = MEANINGS[measure]
    numerator = (meaning.numerators or {}).get(basis.of, meaning.numerator)
    return Figure(
        measure=measure,
        numerator=_total(sums, numerator),
        denominator=_total(sums, meaning.denominators[basis.of]),
        unchecked=_total(sums, meaning.unchecked),
        unit=meaning.unit,
        basis=basis,
    )


def score(found: Iterable[Figure]) -> Score:
    """Return the score of an assessment; a rate of which nothing was checked brings and costs nothing."""
    counted = [one for one in found if one.points is not None]
    points = sum((one.points or Fraction() for one in counted), Fraction())
    return Score(points=points, reachable=sum(one.basis.weight for one in counted))


def _total(sums: Sums, names: Iterable[str]) -> int:
    return sum(int(getattr(sums, name)) for name in names)
