"""A month on paper: PDF with its rates, charts and groups, the Chinese font embedded."""

from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, PolyLine, Rect, String
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from sqlalchemy.orm import Session

from data.errors import Refusal
from video.rates import Measure
from web.reports import wording
from web.reports.assessment import Assessment, Group
from web.reports.charts import Chart, charts_of
from web.words import _

# Debian's fonts-wqy-microhei; the first face is the proportional one.
FONT, FILE = "WenQuanYi", Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
ACCENT, SEEN, LINE, MUTED, BAD = (colors.HexColor(c) for c in ("#0b5cad", "#4d8fae", "#d5dde4", "#52606d", "#b3261e"))
COLOURS = {"online": ACCENT, "intact": SEEN, "lost": ACCENT, "grid": LINE}
ON_PAPER = (Measure.ONLINE, Measure.ONLINE_CAMERAS, Measure.PICTURE, Measure.INTACT, Measure.POSITION, Measure.RECORD,
            Measure.CLOCK, Measure.LABELLING, Measure.RECORDING)  # fmt: skip
KINDS = ("town", "village", "class", "vendor", "maintainer")
MOST_ROWS = 60


class NoFont(Refusal):
    """The Chinese font is not installed, so there can be no paper."""


def write(_session: Session, found: Assessment, file: BinaryIO) -> None:
    """Write the month as PDF. Raises NoFont."""
    _embed()
    document = SimpleDocTemplate(
        file, pagesize=landscape(A4), leftMargin=14 * mm, rightMargin=14 * mm, topMargin=14 * mm, bottomMargin=16 * mm,
        title=wording.title(found), author=found.site_name,
    )  # fmt: skip
    story: list[Flowable] = [
        Paragraph(escape(wording.title(found)), _style(16, leading=22)),
        Paragraph(escape("；".join(wording.notes(found))), _style(9, colour=MUTED)),
        Spacer(0, 3 * mm),
        _rates(found),
        Spacer(0, 2 * mm),
        Paragraph(escape(_beside(found)), _style(9)),
        *(Paragraph(escape(_(words)), _style(8, colour=MUTED)) for words in wording.DEFINITIONS),
        PageBreak(),
        *(_drawn(chart) for chart in charts_of(found)),
    ]
    for kind in KINDS:
        story += [PageBreak(), Paragraph(escape(_(wording.GROUPS[kind])), _style(12, leading=18)), _groups(found, kind)]
    story += _differences(found)
    footer = _footer(found)
    document.build(story, onFirstPage=footer, onLaterPages=footer)


def _rates(found: Assessment) -> Table:
    heads = (
        "Rate",
        "%",
        "Numerator",
        "Denominator",
        "Not checked",
        "Numerator / denominator",
        "Target",
        "Weight in the score",
        "Points",
    )
    rows = [
        [
            _(wording.MEASURES[one.measure]),
            wording.percent(one.share),
            wording.amount(one.numerator, one.unit),
            wording.amount(one.denominator, one.unit),
            wording.amount(one.unchecked, one.unit) + f" {_(wording.UNITS[one.unit])}",
            f"{_(wording.NUMERATORS[one.measure])} / {wording.denominator(one)}",
            "—" if one.basis.target is None else f"{one.basis.target:g} %",
            str(one.basis.weight),
            "—" if one.points is None else wording.rounded(one.points),
        ]
        for one in found.whole.figures
    ]
    score = found.whole.score
    rows.append([_("Score"), "", "", "", "", "", "", str(score.reachable), wording.rounded(score.points)])
    missed = [number for number, one in enumerate(found.whole.figures, start=1) if one.misses]
    return _table(
        heads, rows, widths=(34, 19, 27, 27, 33, 78, 16, 14, 18), words=(0, 5), bad=[(1, row) for row in missed]
    )


def _groups(found: Assessment, kind: str) -> Table:
    heads = (wording.GROUPS[kind], "Cameras", *(wording.MEASURES[one] for one in ON_PAPER), "Failures", "Score")
    shown = list(found.groups[kind])[:MOST_ROWS]
    rows = [_group_row(one, wording.group_label(kind, one.key, one.label)) for one in shown]
    rows.append(_group_row(found.whole, _("Together")))
    return _table(heads, rows, widths=(38, 16, *[21] * len(ON_PAPER), 16, 16), words=(0,))


def _group_row(one: Group, words: str) -> list[str]:
    rates = (wording.percent(one.of(measure).share) for measure in ON_PAPER)
    return [words, f"{one.sums.cameras:,}", *rates, f"{one.sums.failures:,}", wording.rounded(one.score.points)]


def _beside(found: Assessment) -> str:
    sums = found.whole.sums
    told = (
        ("In use", f"{sums.in_use:,}"), ("In repair", f"{sums.repair:,}"), ("Dismantled", f"{sums.dismantled:,}"),
        ("Left out for maintenance", f"{wording.hours(sums.maintenance_s)} h"),
        ("Left out, not in use", f"{wording.hours(sums.out_s)} h"),
        ("Mean time between failures", f"{wording.hours(sums.between_failures_s)} h"),
        ("Mean time to repair", f"{wording.hours(sums.to_repair_s)} h"),
    )  # fmt: skip
    return "　".join(f"{_(words)} {value}" for words, value in told)


def _differences(found: Assessment) -> list[Flowable]:
    former = found.report.body.get("former") if found.report else None
    if not former or found.report is None:
        return []
    rows = [
        [
            _(wording.MEASURES[Measure(measure)]),
            *(f"{wording.percent_of(*side)}  {side[0]:,} / {side[1]:,}" for side in pair),
        ]
        for measure, pair in former["figures"].items()
        if pair[0] != pair[1]
    ]
    return [
        PageBreak(),
        Paragraph(
            escape(_("What differs from version %(version)s", version=former["version"])), _style(12, leading=18)
        ),
        Paragraph(escape(_("Reason: %(reason)s", reason=found.report.reason)), _style(9)),
        Paragraph(escape(_("%(n)s cameras differ.", n=former["cameras"])), _style(9)),
        _table(("Rate", "before", "now"), rows, widths=(50, 90, 90), words=(0,)),
    ]


def _table(heads: Any, rows: list[list[str]], *, widths: Any, words: Any, bad: Any = ()) -> Table:
    small = _style(8)
    body = [
        [Paragraph(escape(cell), small) if place in words else cell for place, cell in enumerate(row)] for row in rows
    ]
    made = Table(
        [[Paragraph(escape(_(one)), _head(place in words)) for place, one in enumerate(heads)], *body],
        colWidths=[width * mm for width in widths],
        repeatRows=1,
    )
    made.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), FONT, 8),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#f7f9fa")),
                *(("TEXTCOLOR", cell, cell, BAD) for cell in bad),
            ]
        )
    )
    return made


def _drawn(chart: Chart) -> Drawing:
    """Return a chart as vectors; on paper y goes upwards."""
    top = chart.height + 26
    drawing = Drawing(chart.width, top)
    drawing.add(String(0, top - 12, chart.title, fontName=FONT, fontSize=10))
    for place, (kind, words) in enumerate(chart.legend):
        drawing.add(Rect(240 + place * 130, top - 11, 14, 4, fillColor=COLOURS[kind], strokeColor=None))
        drawing.add(String(258 + place * 130, top - 12, words, fontName=FONT, fontSize=8, fillColor=MUTED))
    for bar in chart.bars:
        y = chart.height - bar.y - bar.height
        drawing.add(Rect(bar.x, y, bar.width, bar.height, fillColor=COLOURS[bar.kind], strokeColor=None))
    for line in chart.lines:
        flat = [part for x, y in line.points for part in (x, chart.height - y)]
        dashes = [6, 3] if line.kind == "intact" else None
        drawing.add(PolyLine(flat, strokeColor=COLOURS[line.kind], strokeWidth=1.2, strokeDashArray=dashes))
    for one in chart.words:
        drawing.add(
            String(one.x, chart.height - one.y, one.text, fontName=FONT, fontSize=9, textAnchor=one.anchor,
                   fillColor=MUTED if one.kind == "label" else colors.black)
        )  # fmt: skip
    return drawing


def _footer(found: Assessment) -> Any:
    words = f"{_(wording.MADE_UP)}　{wording.title(found)}" if found.made_up else wording.title(found)

    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.setFillColor(MUTED)
        canvas.drawString(14 * mm, 8 * mm, words)
        canvas.drawRightString(landscape(A4)[0] - 14 * mm, 8 * mm, str(document.page))

    return draw


def _style(size: int, *, leading: int | None = None, colour: Any = colors.black) -> ParagraphStyle:
    return ParagraphStyle(
        "plain", fontName=FONT, fontSize=size, leading=leading or size * 1.35, textColor=colour, wordWrap="CJK"
    )


def _head(is_left: bool) -> ParagraphStyle:
    style = _style(8, colour=MUTED)
    style.alignment = TA_LEFT if is_left else TA_RIGHT
    return style


@cache
def _embed() -> None:
    try:
        pdfmetrics.registerFont(TTFont(FONT, str(FILE), subfontIndex=0))
    except (TTFError, OSError) as error:
        raise NoFont(
            "The Chinese font is missing, so no PDF can be made. Install the package fonts-wqy-microhei."
        ) from error
