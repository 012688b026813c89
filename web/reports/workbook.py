"""A month as a workbook: every figure with what it is made of, every camera and every stretch it was counted from."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from sqlalchemy.orm import Session

from data import rates
from gis.texts import escaped
from video.rates import Figure, Measure, Sums, figures
from web.reports import wording
from web.reports.assessment import Assessment, Group
from web.words import _, label, mark

# Beyond so many rows the stretches are left out; the days and the cameras still add up.
MOST_STRETCHES = 200_000
_SUMS = {
    "good_s": mark("Good picture s"),
    "bad_s": mark("Bad picture s"),
    "blocked_s": mark("In line, picture not checked s"),
    "offline_s": mark("Offline s"),
    "unchecked_s": mark("Unchecked s"),
    "maintenance_s": mark("Maintenance s"),
    "out_s": mark("Not in use s"),
    "online_days": mark("Days online"),
    "not_online_days": mark("Days not online"),
    "unchecked_days": mark("Days unchecked"),
    "clock_good_days": mark("Days clock right"),
    "clock_bad_days": mark("Days clock wrong"),
    "clock_unread_days": mark("Days clock not read"),
    "recorded_s": mark("Recorded s"),
    "unrecorded_s": mark("Not recorded s"),
    "recording_unchecked_s": mark("Recording not checked s"),
    "failures": mark("Failures"),
    "repairs": mark("Repairs"),
    "repair_s": mark("Until repair s"),
}
_STANDING = {
    "code": mark("Code"),
    "name": mark("Name"),
    "town": mark("Town"),
    "village": mark("Village"),
    "cell": mark("Cell"),
    "monitor_class": mark("Class"),
    "vendor": mark("Vendor"),
    "maintainer": mark("Maintaining unit"),
    "link": mark("Link or recorder"),
    "record_state": mark("State in use"),
    "placed": mark("With coordinates"),
    "complete": mark("Record complete"),
    "labelled": mark("Named on the picture"),
}
_HEAD = PatternFill("solid", fgColor="E3EEFA")
_PERCENT = "0.00%"


def write(session: Session, found: Assessment, file: BinaryIO) -> None:
    """Write the month as XLSX. Times are whole seconds, so that every cell can be added up."""
    # Row by row: a county of 50,000 cameras is a million cells.
    book = Workbook(write_only=True)
    _summary(book.create_sheet(_("Assessment")), found)
    for kind, words in wording.GROUPS.items():
        _groups(book.create_sheet(_(words)), found, kind)
    _days(book.create_sheet(_("By day")), found)
    _outages(book.create_sheet(_("Outages")), found)
    _cameras(book.create_sheet(_("Cameras")), session, found)
    if found.report is None:
        _stretches(book.create_sheet(_("Stretches")), session, found)
    book.save(file)


def _summary(page: Sheet, found: Assessment) -> None:
    _widths(page, (24, 10, 16, 16, 16, 12, 40, 34, 10, 8, 10))
    page.append([_cell(page, wording.title(found), font=Font(bold=True, size=16))])
    page.append(["；".join(wording.notes(found))])
    _table(
        page,
        ("Rate", "%", "Numerator", "Denominator", "Not checked", "Unit", "Numerator is", "Denominator is", "Target %",
         "Weight in the score", "Points"),
        ([_(wording.MEASURES[one.measure]), _share(one), one.numerator, one.denominator, one.unchecked, _unit(one),
          _(wording.NUMERATORS[one.measure]), wording.denominator(one), one.basis.target, one.basis.weight,
          None if one.points is None else float(one.points)] for one in found.whole.figures),
        percent=(2,),
    )  # fmt: skip
    page.append([_("Score"), None, None, None, None, None, None, None, None, found.whole.score.reachable,
                 float(found.whole.score.points)])  # fmt: skip
    sums = found.whole.sums
    page.append([])
    for words, value in (
        ("In use", sums.in_use), ("In repair", sums.repair), ("Dismantled", sums.dismantled), ("Planned", sums.planned),
        ("Maintenance s", sums.maintenance_s), ("Not in use s", sums.out_s), ("Failures", sums.failures),
        ("Repairs", sums.repairs), ("Until repair s", sums.repair_s),
        ("Mean time between failures h", _hours(sums.between_failures_s)),
        ("Mean time to repair h", _hours(sums.to_repair_s)),
    ):  # fmt: skip
        page.append([_(words), value])
    page.append([])
    for words in wording.DEFINITIONS:
        page.append([_(words)])


def _groups(page: Sheet, found: Assessment, kind: str) -> None:
    _widths(page, (24, 20, *[12] * (4 * len(Measure) + 4)))
    heads = [
        h for one in Measure for h in (_(wording.MEASURES[one]), _("Numerator"), _("Denominator"), _("Not checked"))
    ]
    rows = [_group_row(one, wording.group_label(kind, one.key, one.label)) for one in found.groups[kind]]
    rows.append(_group_row(found.whole, _("Together")))
    shares = tuple(range(4, 4 + 4 * len(Measure), 4))
    _table(page, (wording.GROUPS[kind], "Code", "Cameras", *heads, "Failures", "Mean time to repair h", "Score"), rows,
           percent=shares)  # fmt: skip
    if kind == "town":
        chart = BarChart()
        chart.type, chart.title, chart.y_axis.number_format = "bar", _("Online and intact by group"), "0%"
        for measure in (Measure.ONLINE, Measure.INTACT):
            column = 4 + 4 * list(Measure).index(measure)
            chart.add_data(Reference(page, min_col=column, min_row=1, max_row=len(rows)), titles_from_data=True)
        chart.set_categories(Reference(page, min_col=1, min_row=2, max_row=len(rows)))
        page.add_chart(chart, f"B{len(rows) + 4}")


def _group_row(one: Group, words: str) -> list[Any]:
    counted = [
        value for rate in one.figures for value in (_share(rate), rate.numerator, rate.denominator, rate.unchecked)
    ]
    return [words, one.key, one.sums.cameras, *counted, one.sums.failures, _hours(one.sums.to_repair_s),
            float(one.score.points)]  # fmt: skip


def _days(page: Sheet, found: Assessment) -> None:
    _widths(page, (14, *[16] * 7))
    names = ("good_s", "bad_s", "blocked_s", "offline_s", "unchecked_s")
    rows = []
    for row in found.days:
        counted = Sums(**{name: int(row[name]) for name in names})
        online, intact = (next(f for f in figures(counted, found.basis) if f.measure is m)
                          for m in (Measure.ONLINE, Measure.INTACT))  # fmt: skip
        rows.append([row["day"].isoformat(), *(row[name] for name in names), _share(online), _share(intact)])
    _table(
        page, ("Day", *(_SUMS[name] for name in names), "Online rate (by time)", "Intact rate"), rows, percent=(7, 8)
    )
    if rows:
        chart = LineChart()
        chart.title, chart.y_axis.number_format = _("Online and intact by day"), "0%"
        chart.add_data(Reference(page, min_col=7, max_col=8, min_row=1, max_row=len(rows) + 1), titles_from_data=True)
        chart.set_categories(Reference(page, min_col=1, min_row=2, max_row=len(rows) + 1))
        page.add_chart(chart, f"J{2}")


def _outages(page: Sheet, found: Assessment) -> None:
    _widths(page, (30, 12, 12, 20))
    named = ((wording.CAUSES[row["cause"]], row) for row in found.outages)
    rows = ([_(cause), row["outages"], row["cameras"], row["lost_s"]] for cause, row in named)
    _table(page, ("Cause", "Outages", "Cameras", "Camera-seconds lost"), rows)
    page.append([])
    for row in found.links:
        page.append([escaped(row["name"] or row["cause_key"]), row["outages"], row["cameras"], row["lost_s"]])


def _cameras(page: Sheet, session: Session, found: Assessment) -> None:
    _widths(page, (24, 30, *[14] * (len(_STANDING) + len(_SUMS) - 2)))
    rows = (
        [*(_standing(row, name) for name in _STANDING), *(row[name] for name in _SUMS)]
        for row in rates.cameras(session, found.of)
    )
    _table(page, (*_STANDING.values(), *_SUMS.values()), rows)


def _standing(row: rates.Row, name: str) -> Any:
    if name == "record_state":
        return label("RecordState", row[name])
    return wording.group_label("class", row[name] or "", "") if name == "monitor_class" else row[name]


def _stretches(page: Sheet, session: Session, found: Assessment) -> None:
    """Write the rows the month was counted from, so that anybody can add them up."""
    _widths(page, (24, 10, 24, 20, 20, 18))
    until = min(found.counted_until or found.turn.until, found.turn.until)
    rows = rates.stretches(session, found.of, since=found.turn.since, until=until, at_most=MOST_STRETCHES)
    zone = found.turn.since.tzinfo
    _table(page, ("Code", "Health", "Fault", "Begins", "Ends", "Seconds in the month"),
           ([row["code"], label("Health", row["health"]), label("Fault", row["fault"]), _clock(row["began"], zone),
             _clock(row["ended"], zone), row["seconds"]] for row in rows))  # fmt: skip


def _table(page: Sheet, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, percent: Sequence[int] = ()) -> None:
    head = {"font": Font(bold=True), "fill": _HEAD, "alignment": Alignment(wrap_text=True, vertical="top")}
    page.append([_cell(page, _(one), **head) for one in heads])
    for row in rows:
        cells = [escaped(value) if isinstance(value, str) else value for value in row]
        for place in percent:
            cells[place - 1] = _cell(page, cells[place - 1], number_format=_PERCENT)
        page.append(cells)


def _cell(page: Sheet, value: Any, **looks: Any) -> Any:
    cell = WriteOnlyCell(page, value=value)
    for name, look in looks.items():
        setattr(cell, name, look)
    return cell


def _share(one: Figure) -> float | None:
    return None if one.share is None else float(one.share)


def _unit(one: Figure) -> str:
    return _("s") if one.unit == "seconds" else _(wording.UNITS[one.unit])


def _hours(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / 3600, 2)


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _widths(page: Sheet, widths: Sequence[int]) -> None:
    page.freeze_panes = "B2"
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
