"""What rates, denominators and groups are called, and how figures are written."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

from video.rates import Figure, Measure, Of, Unit
from web.reports.assessment import Assessment
from web.words import _, mark

MEASURES: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.ONLINE: mark("Online rate (by time)"),
        Measure.ONLINE_CAMERAS: mark("Online rate (by cameras)"),
        Measure.PICTURE: mark("Picture rate"),
        Measure.INTACT: mark("Intact rate"),
        Measure.POSITION: mark("Position rate"),
        Measure.RECORD: mark("Record rate"),
        Measure.CLOCK: mark("Clock rate"),
        Measure.LABELLING: mark("Labelling rate"),
        Measure.RECORDING: mark("Recording rate"),
    }
)
# Numerator and denominator in words, printed beside every figure.
NUMERATORS: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.ONLINE: mark("time in line"),
        Measure.ONLINE_CAMERAS: mark("days on which a camera was in line for at least half of the time known"),
        Measure.PICTURE: mark("time with a good picture"),
        Measure.INTACT: mark("time with a good picture"),
        Measure.POSITION: mark("cameras with coordinates"),
        Measure.RECORD: mark("cameras whose required fields are complete"),
        Measure.CLOCK: mark("days on which every reading of the clock was right"),
        Measure.LABELLING: mark("cameras with a name on the picture in the record"),
        Measure.RECORDING: mark("time of which there are recordings"),
    }
)
DENOMINATORS: Mapping[tuple[Measure, Of], str] = MappingProxyType(
    {
        (Measure.ONLINE, Of.CHECKED): mark("time known"),
        (Measure.ONLINE, Of.DUE): mark("time due, unchecked included"),
        (Measure.ONLINE_CAMERAS, Of.CHECKED): mark("camera-days looked at"),
        (Measure.ONLINE_CAMERAS, Of.DUE): mark("camera-days due, unchecked included"),
        (Measure.PICTURE, Of.CHECKED): mark("time in line with the picture checked"),
        (Measure.PICTURE, Of.IN_LINE): mark("time in line, unchecked pictures included"),
        (Measure.INTACT, Of.CHECKED): mark("time due and checked"),
        (Measure.INTACT, Of.DUE): mark("time due, unchecked included"),
        (Measure.POSITION, Of.ALL): mark("all cameras in use and in repair"),
        (Measure.POSITION, Of.IN_USE): mark("cameras in use"),
        (Measure.RECORD, Of.ALL): mark("all cameras in use and in repair"),
        (Measure.RECORD, Of.IN_USE): mark("cameras in use"),
        (Measure.CLOCK, Of.CHECKED): mark("camera-days on which the clock was read"),
        (Measure.CLOCK, Of.DUE): mark("camera-days due, unchecked included"),
        (Measure.LABELLING, Of.ALL): mark("all cameras in use and in repair"),
        (Measure.LABELLING, Of.IN_USE): mark("cameras in use"),
        (Measure.RECORDING, Of.CHECKED): mark("time due of devices that were asked"),
        (Measure.RECORDING, Of.DUE): mark("time due, unchecked included"),
    }
)
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "town": mark("Town"),
        "village": mark("Village"),
        "cell": mark("Cell"),
        "class": mark("Class"),
        "vendor": mark("Vendor"),
        "maintainer": mark("Maintaining unit"),
        "link": mark("Link or recorder"),
    }
)
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "power": mark("Power"),
        "link": mark("Network link"),
        "device": mark("Device"),
        "platform": mark("Platform"),
        "unknown": mark("Cause not known"),
    }
)
UNITS: Mapping[Unit, str] = MappingProxyType(
    {Unit.SECONDS: mark("h"), Unit.CAMERA_DAYS: mark("camera-days"), Unit.CAMERAS: mark("cameras")}
)
DEFINITIONS = (
    mark("Time is counted in whole seconds of every camera; hours here are rounded, the table has the seconds."),
    mark("In line means that the device answers, whether or not its picture could be looked at."),
    mark("What was not checked is in no rate unless the denominator says so; it is shown beside it."),
    mark("Maintenance and time not in use are left out of every rate and shown."),
    mark("A failure begins when a camera goes offline and ends when it is in line again; silence is neither."),
    mark("The time between failures is the time in line for each failure; the time to repair is that of each repair."),
    mark("The score is the sum of weight × rate × 100; a rate of which nothing was checked brings and costs nothing."),
    mark("Cameras count where they stand and by the record they have when the month is counted."),
)
MADE_UP = mark("Demonstration data, all made up")


def percent(share: Fraction | None, *, digits: int = 2) -> str:
    """Return a share in percent; a dash when nothing was checked."""
    return "—" if share is None else f"{rounded(share * 100, digits)} %"


def rounded(value: Fraction, digits: int = 2) -> str:
    """Return a fraction rounded half up, exactly."""
    scaled = (value * 10**digits + Fraction(1, 2)) // 1
    return f"{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}" if digits else str(scaled)


def amount(count: int, unit: Unit) -> str:
    """Return a numerator or denominator; seconds as hours."""
    if unit is Unit.SECONDS:
        whole, tenths = divmod((count + 180) // 360, 10)
        return f"{whole:,}.{tenths}"
    return f"{count:,}"


def hours(seconds: Fraction | int | None) -> str:
    """Return a mean time in hours; a dash for none."""
    return "—" if seconds is None else rounded(Fraction(seconds) / 3600, 1)


def denominator(figure: Figure) -> str:
    """Return what a figure is divided by, in words."""
    return _(DENOMINATORS[figure.measure, figure.basis.of])


def group_label(kind: str, key: str, words: str) -> str:
    """Return what a group is called; those that name no such thing are said to."""
    if not key:
        return _("not in the record")
    return _class(key) if kind == "class" else words


def title(found: Assessment) -> str:
    """Return the title of a month, as 示范县 2026-06 视频监控考核月报."""
    place = found.report.area_name if found.report else found.area["name"]
    return _(
        "%(place)s %(month)s monthly assessment of cameras", place=place or found.site_name, month=month(found.turn.day)
    ).strip()


def month(day: date) -> str:
    """Return a month as 2026-06."""
    return day.strftime("%Y-%m")


def notes(found: Assessment) -> Iterator[str]:
    """Yield what a reader must know of a month: that it is made up, is not over, or is a version of which."""
    if found.made_up:
        yield _(MADE_UP)
    if found.report:
        yield _(
            "Version %(version)s, submitted %(day)s; frozen.",
            version=found.report.version,
            day=found.report.submitted_at.astimezone(found.turn.since.tzinfo).strftime("%Y-%m-%d %H:%M"),
        )
    elif found.counted_until is None:
        yield _("Nothing was counted in this month yet.")
    else:
        until = found.counted_until.astimezone(found.turn.since.tzinfo).strftime("%Y-%m-%d %H:%M")
        yield _("Not submitted; counted until %(until)s.", until=until)


def _class(key: str) -> str:
    return {"1": _("Class 1"), "2": _("Class 2"), "3": _("Class 3"), "9": _("Other")}.get(key, key)


def month_before(day: date) -> date:
    """Return the first day of the month before the one a day lies in."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def percent_of(numerator: int, whole: int) -> str:
    """Return a rate in percent from what it is made of."""
    return percent(Fraction(numerator, whole) if whole else None)
