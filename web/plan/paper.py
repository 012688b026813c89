"""A scenario on paper: the map as vectors, key figures with their doubt, what was proved, and every camera."""

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from web.fonts import CHINESE, register
from web.plan import telling
from web.plan.drawing import drawn
from web.plan.sheet import Sheet
from web.words import _

LINE, MUTED, HEAD = (colors.HexColor(one) for one in ("#d5dde4", "#52606d", "#f7f9fa"))
WIDTH, HEIGHT = landscape(A4)
MARGIN = 14 * mm
# Columns of a camera that fit on paper; the workbook has all.
ON_PAPER = (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 13, 14, 15)
MOST_CELLS = 60


def write(of: Sheet, file: BinaryIO, *, made_up: bool) -> None:
    """Write a scenario as PDF with the Chinese font in it. Raises Refusal when the font is missing."""
    register()
    document = SimpleDocTemplate(
        file, pagesize=(WIDTH, HEIGHT), leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=16 * mm,
        title=telling.title(of), author=str(of.scenario["author"] or ""),
    )  # fmt: skip
    story: list[Flowable] = [
        _line(telling.title(of), size=16),
        *(_line(sentence, muted=True) for sentence in telling.about(of)),
        Spacer(0, 3 * mm),
        _table(["", _("Before"), _("After"), _("Difference")], telling.key_figures(of), widths=(70, 55, 55, 30)),
        Spacer(0, 2 * mm),
        *(_line(sentence) for sentence in telling.proof(of)),
        PageBreak(),
        drawn(of, width=WIDTH - 2 * MARGIN - 12, height=HEIGHT - MARGIN - 16 * mm - 14),
        PageBreak(),
        _line(_("Cameras"), size=12),
        _cameras(of),
        Spacer(0, 4 * mm),
        _line(_("Cells"), size=12),
        _cells(of),
    ]
    footer = _footer(telling.title(of), made_up=made_up)
    document.build(story, onFirstPage=footer, onLaterPages=footer)


def _cameras(of: Sheet) -> Flowable:
    heads = [_(telling.CAMERA_HEADS[place]) for place in ON_PAPER]
    rows = [
        [_plain(row[place], digits=6 if place in (3, 4) else 1) for place in ON_PAPER] for row in telling.cameras(of)
    ]
    widths = (8, 40, 34, 23, 22, 15, 17, 14, 17, 20, 20, 22, 17)
    return _table(heads, rows, widths=widths, words=(1, 2, 9)) if rows else _line(_("No cameras yet."))


def _cells(of: Sheet) -> Flowable:
    heads = [_(head) for head in telling.CELL_HEADS]
    rows = [
        [*row[:2], *(f"{one:,.0f}" for one in row[2:6]), *(telling.percent(one) for one in row[6:])]
        for row in telling.cells(of)[:MOST_CELLS]
    ]
    left_out = len(of.cells) - len(rows)
    if left_out > 0:
        rows.append([_("%(n)s more cells are in the workbook.", n=left_out), *[""] * (len(heads) - 1)])
    return _table(heads, rows, widths=(32, 30, 22, 22, 22, 22, 17, 17, 17, 17, 17, 17, 17), words=(0, 1))


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[Any]], *, widths: Sequence[float], words: Sequence[int] = (0,)
) -> Table:
    small = _style(8)
    body = [
        [Paragraph(escape(str(cell)), small) if place in words else str(cell) for place, cell in enumerate(row)]
        for row in rows
    ]
    made = Table(
        [[Paragraph(escape(head), _style(8, muted=True)) for head in heads], *body],
        colWidths=[width * mm for width in widths],
        repeatRows=1,
    )
    style = [
        ("FONT", (0, 0), (-1, -1), CHINESE, 8),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), HEAD),
    ]
    made.setStyle(TableStyle(style))
    return made


def _plain(value: Any, *, digits: int) -> str:
    if value is None:
        return "—"
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _line(words: str, *, size: int = 9, muted: bool = False) -> Paragraph:
    return Paragraph(escape(words), _style(size, muted=muted))


def _style(size: int, *, muted: bool = False) -> ParagraphStyle:
    colour = MUTED if muted else colors.black
    return ParagraphStyle(
        "plain", fontName=CHINESE, fontSize=size, leading=size * 1.4, textColor=colour, wordWrap="CJK"
    )


def _footer(title: str, *, made_up: bool) -> Callable[[Any, Any], None]:
    words = f"{_('Demonstration data, all made up')}　{title}" if made_up else title

    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(CHINESE, 8)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, 8 * mm, words)
        canvas.drawRightString(WIDTH - MARGIN, 8 * mm, str(document.page))

    return draw
