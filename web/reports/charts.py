"""Charts as plain shapes, drawn as SVG on the page and as vectors on paper. Pure geometry, y downwards.

`kind` of a shape is its class on the page and its colour on paper; numbers stand beside every mark, so that colour
is never the only sign.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from data.rates import Row
from video.rates import Measure
from web.reports.assessment import Assessment, Group
from web.reports.wording import CAUSES, group_label, hours, percent
from web.words import _

WIDTH, LEFT, RIGHT = 640.0, 130.0, 90.0
ROW, BAR = 22.0, 10.0
# Two bars of a group, each with its number beside it.
PAIR = 34.0
MOST_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    kind: str

    @property
    def as_svg(self) -> str:
        """Return the points as an SVG polyline has them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text whose baseline is at y; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = "label"


Shape = Bar | Line | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its title and what its kinds mean."""

    title: str
    height: float
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    words: tuple[Words, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    width: float = WIDTH


def charts_of(found: Assessment, kind: str = "town") -> list[Chart]:
    """Return the charts of a month: its days, its groups of a kind, its outages."""
    drawn = [by_day(found.days), by_group(found.groups.get(kind, ()), kind), by_cause(found.outages)]
    return [one for one in drawn if one is not None]


def by_day(days: Sequence[Row]) -> Chart | None:
    """Return online and intact rate over the days; the axis begins at the whole tenth below the lowest."""
    online = [(number, share) for number, row in enumerate(days) if (share := _online(row)) is not None]
    intact = [(number, share) for number, row in enumerate(days) if (share := _intact(row)) is not None]
    if not online:
        return None
    low = min(float(share) for _, share in (*online, *intact)) // 0.1 * 0.1
    height, top, bottom, left = 210.0, 14.0, 180.0, 48.0
    step = (WIDTH - left - 20) / max(1, len(days) - 1)

    def at(number: int, share: float) -> tuple[float, float]:
        return round(left + number * step, 1), round(bottom - (share - low) / (1 - low) * (bottom - top), 1)

    marks = [low + (1 - low) * part / 4 for part in range(5)]
    return Chart(
        title=_("Online and intact by day"),
        height=height,
        lines=(
            *(Line(points=(at(0, mark), (WIDTH - 20, at(0, mark)[1])), kind="grid") for mark in marks),
            Line(points=tuple(at(number, float(share)) for number, share in online), kind="online"),
            Line(points=tuple(at(number, float(share)) for number, share in intact), kind="intact"),
        ),
        words=(
            *(Words(x=left - 6, y=at(0, mark)[1] + 4, text=f"{mark * 100:.1f}%", anchor="end") for mark in marks),
            *(
                Words(x=at(number, 1)[0], y=bottom + 18, text=str(row["day"].day), anchor="middle")
                for number, row in enumerate(days)
                if number % 3 == 0
            ),
        ),
        legend=(("online", _("Online rate (by time)")), ("intact", _("Intact rate"))),
    )


def by_group(groups: Sequence[Group], kind: str) -> Chart | None:
    """Return online and intact rate of each group as bars from 0 to 100 %."""
    shown = [one for one in groups if one.of(Measure.ONLINE).share is not None][:MOST_ROWS]
    if not shown:
        return None
    bars, words = [], []
    for number, one in enumerate(shown):
        y = 6 + number * PAIR
        words.append(Words(x=LEFT - 8, y=y + 15, text=_short(group_label(kind, one.key, one.label)), anchor="end"))
        for place, measure in enumerate((Measure.ONLINE, Measure.INTACT)):
            share = one.of(measure).share or Fraction()
            width, top = float(share) * (WIDTH - LEFT - RIGHT), y + place * (BAR + 3)
            bars.append(Bar(x=LEFT, y=top, width=round(width, 1), height=BAR, kind=str(measure)))
            words.append(Words(x=round(LEFT + width + 6, 1), y=top + BAR - 1, text=percent(share), kind="value"))
    return Chart(
        title=_("Online and intact by group"),
        height=12 + len(shown) * PAIR,
        bars=tuple(bars),
        words=tuple(words),
        legend=(("online", _("Online rate (by time)")), ("intact", _("Intact rate"))),
    )


def by_cause(outages: Sequence[Row]) -> Chart | None:
    """Return the camera-hours that outages cost, by cause."""
    if not outages:
        return None
    most = max(row["lost_s"] for row in outages) or 1
    rows = list(enumerate(outages))
    return Chart(
        title=_("Camera-hours lost in outages, by cause"),
        height=12 + len(rows) * ROW,
        bars=tuple(
            Bar(
                x=LEFT,
                y=8 + n * ROW,
                width=round(row["lost_s"] / most * (WIDTH - LEFT - 150), 1),
                height=12,
                kind="lost",
            )
            for n, row in rows
        ),
        words=tuple(_of_causes(rows, most)),
    )


def _of_causes(rows: Sequence[tuple[int, Row]], most: int) -> Iterator[Words]:
    for number, row in rows:
        y, width, cause = 18 + number * ROW, row["lost_s"] / most * (WIDTH - LEFT - 150), CAUSES[row["cause"]]
        yield Words(x=LEFT - 8, y=y, text=_(cause), anchor="end")
        yield Words(
            x=round(LEFT + width + 6, 1), y=y, text=f"{hours(row['lost_s'])} h · {row['outages']}", kind="value"
        )


def _online(row: Row) -> Fraction | None:
    in_line = int(row["good_s"]) + int(row["bad_s"]) + int(row["blocked_s"])
    known = in_line + int(row["offline_s"])
    return Fraction(in_line, known) if known else None


def _intact(row: Row) -> Fraction | None:
    checked = int(row["good_s"]) + int(row["bad_s"]) + int(row["offline_s"])
    return Fraction(int(row["good_s"]), checked) if checked else None


def _short(words: str, most: int = 9) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
