"""A month put together: rates of the whole and of its groups, days, outages, and how it all counts.

The page, the table and the paper are made from one Assessment, so they cannot differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from data import options, rates, reports
from data.errors import Refusal
from data.rates import Month, Row
from data.reports import Report
from video.days import Turn, month_turn
from video.rates import BASIS, MEANINGS, Basis, Figure, Measure, Of, Score, Sums, figures, score

LIVE = 0
WORST = 5
# A group of very few cameras is not called worst for one that failed.
LEAST_CAMERAS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rates of some cameras; `key` and `label` are empty for those that name no such thing, and for the whole."""

    key: str = ""
    label: str = ""
    sums: Sums
    figures: tuple[Figure, ...]
    score: Score

    def of(self, measure: Measure) -> Figure:
        """Return one rate of it."""
        return next(one for one in self.figures if one.measure == measure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A month of an area: live, or as submitted in `report`."""

    turn: Turn
    area: Row
    of: Month
    report: Report | None
    counted_until: datetime | None
    basis: Mapping[Measure, Basis]
    whole: Group
    groups: Mapping[str, Sequence[Group]]
    days: Sequence[Row]
    outages: Sequence[Row]
    links: Sequence[Row]
    made_up: bool
    site_name: str

    @property
    def is_over(self) -> bool:
        """Whether the whole month was counted."""
        return self.counted_until is not None and self.counted_until >= self.turn.until

    def worst(self, kind: str) -> list[Group]:
        """Return the groups with the fewest intact cameras, those first that miss most."""
        judged = [
            one
            for one in self.groups[kind]
            if one.key and one.sums.cameras >= LEAST_CAMERAS and one.of(Measure.INTACT).share is not None
        ]
        return sorted(judged, key=lambda one: one.of(Measure.INTACT).share or Fraction())[:WORST]


def assess(
    session: Session,
    *,
    month: date,
    area_code: str,
    version: int | None,
    now: datetime,
    zone: tzinfo,
    kinds: Sequence[str],
) -> Assessment:
    """Return a month of an area: of the version asked for, else the last submitted one, else live (version LIVE).

    Raises Missing for an area or version there is not.
    """
    area, turn = rates.place(session, area_code), month_turn(month, zone)
    report = _report(session, turn, area, version)
    of = _month(session, turn, area, report, now)
    basis = read_basis(report.basis) if report else basis_now(session)
    found = rates.groups(session, of, kinds)
    counted = report.counted_until if report else rates.counted_until(session, turn.day)
    days, outages, links = _body(report) if report else happened(session, of, turn, counted=counted)
    shown = options.shown_to_all(session)
    return Assessment(
        turn=turn,
        area=area,
        of=of,
        report=report,
        counted_until=counted,
        basis=basis,
        whole=_group(found[""][0] if found[""] else {}, basis),
        groups={kind: [_group(row, basis) for row in found[kind]] for kind in kinds},
        days=days,
        outages=outages,
        links=links,
        made_up=shown.demonstration,
        site_name=shown.site_name,
    )


def submit(session: Session, found: Assessment, *, at: datetime, account_id: int | None, reason: str) -> int:
    """Freeze a live month and return its version. Raises Refusal while the month is not over.

    A further version keeps what it changes: the rates of the former one beside its own, and how many cameras differ.
    """
    if not found.is_over:
        raise Refusal("The month is not over or not counted to its end yet. Submit it afterwards.")
    former = next(iter(reports.versions(session, found.turn.day, found.area["code"])), None)
    if former and not reason:
        raise Refusal("Say why the submitted month is counted anew.", field="reason")
    body: dict[str, Any] = {
        "days": [dict(row) | {"day": row["day"].isoformat()} for row in found.days],
        "outages": list(found.outages),
        "links": list(found.links),
    }
    if former:
        body["former"] = _changes(session, former, found)
    reports.submit(
        session,
        found.of,
        area=found.area,
        at=at,
        account_id=account_id,
        reason=reason,
        basis=_written(found.basis),
        body=body,
    )
    return former.version + 1 if former else 1


def basis_now(session: Session) -> Mapping[Measure, Basis]:
    """Return how rates count now: what an administrator changed, else the defaults."""
    return read_basis({row["measure"]: row for row in rates.changed_basis(session)})


def read_basis(written: Mapping[str, Mapping[str, Any]]) -> Mapping[Measure, Basis]:
    """Return the basis that is written by measure; what is not written, or makes no sense, is the default."""
    read = dict(BASIS)
    for measure in Measure:
        one = written.get(measure)
        if one and one["of"] in set(MEANINGS[measure].denominators):
            read[measure] = Basis(weight=one["weight"], of=Of(one["of"]), target=one["target"])
    return read


def frozen(report: Report) -> Month:
    """Return a submitted month as the source of its figures."""
    return Month(month=report.month, until=report.counted_until, path=report.path, report_id=report.id)


def happened(
    session: Session, of: Month, turn: Turn, *, counted: datetime | None
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return days, outages by cause and what they were laid to, as they are known now up to when days were counted."""
    until = min(counted or turn.until, turn.until)
    next_month = (turn.day + timedelta(days=31)).replace(day=1)
    return (
        rates.daily(session, of, next_month=next_month),
        rates.outages(session, of, since=turn.since, until=until),
        rates.worst_links(session, of, since=turn.since, until=until),
    )


def _report(session: Session, turn: Turn, area: Row, version: int | None) -> Report | None:
    if version == LIVE:
        return None
    if version is not None:
        return reports.find(session, turn.day, area["code"], version)
    return next(iter(reports.versions(session, turn.day, area["code"])), None)


def _month(session: Session, turn: Turn, area: Row, report: Report | None, now: datetime) -> Month:
    if report:
        return frozen(report)
    return Month(month=turn.day, until=min(turn.until, now), path=area["path"])


def _group(row: Mapping[str, Any], basis: Mapping[Measure, Basis]) -> Group:
    sums = Sums.of(row) if row else Sums()
    found = tuple(figures(sums, basis))
    return Group(key=row.get("key", ""), label=row.get("label", ""), sums=sums, figures=found, score=score(found))


def _body(report: Report) -> tuple[list[Row], list[Row], list[Row]]:
    days: list[Row] = [dict(row) | {"day": date.fromisoformat(row["day"])} for row in report.body["days"]]
    return days, report.body["outages"], report.body["links"]


def _written(basis: Mapping[Measure, Basis]) -> dict[str, Any]:
    return {
        str(measure): {"weight": one.weight, "of": str(one.of), "target": one.target} for measure, one in basis.items()
    }


def _changes(session: Session, former: Report, later: Assessment) -> dict[str, Any]:
    """Return what a version changes: rates before and after as numerator and denominator, and the cameras."""
    before = _group(rates.groups(session, frozen(former), [])[""][0], read_basis(former.basis))
    count, cameras = reports.differences(session, frozen(former), later.of)
    return {
        "version": former.version,
        "cameras": count,
        "first": [{"code": row["code"], "name": row["name"], "changed": row["changed"]} for row in cameras],
        "figures": {
            str(one.measure): [[was.numerator, was.denominator], [one.numerator, one.denominator]]
            for was, one in zip(before.figures, later.whole.figures, strict=True)
        },
        "points": [str(before.score.points), str(later.whole.score.points)],
    }
