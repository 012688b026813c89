"""A scenario as a workbook: key figures, cameras, cells, and what each further camera adds."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet as Page

from gis.texts import escaped
from web.plan import telling
from web.plan.sheet import Sheet
from web.words import _

_HEAD = PatternFill("solid", fgColor="E3EEFA")
_PERCENT = "0.0%"


def write(of: Sheet, file: BinaryIO) -> None:
    """Write a scenario as XLSX; numbers are numbers, so that they can be added up."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("Scenario"))
    _widths(page, (34, 24, 24, 14))
    page.append([_cell(page, telling.title(of), font=Font(bold=True, size=16))])
    for sentence in (*telling.about(of), *telling.proof(of)):
        page.append([_cell(page, sentence)])
    page.append([])
    _table(page, (_("Figure"), _("Before"), _("After"), _("Difference")), telling.key_figures(of))
    cameras = book.create_sheet(_("Cameras"))
    _widths(cameras, (6, 24, 18, 14, 14, *[12] * 11))
    _table(cameras, [_(head) for head in telling.CAMERA_HEADS], telling.cameras(of))
    cells = book.create_sheet(_("Cells"))
    _widths(cells, (20, 18, *[16] * 11))
    _table(cells, [_(head) for head in telling.CELL_HEADS], telling.cells(of), percent=range(6, 13))
    _marginal(book.create_sheet(_("Each further camera")), of)
    book.save(file)


def _marginal(page: Page, of: Sheet) -> None:
    _widths(page, (12, 16, 12, 14))
    found = of.result or {"marginal": []}
    rows = [[one["cameras"], one["covered"], one["share"], one["cost"]] for one in found["marginal"]]
    _table(page, (_("Cameras"), _("Weighted demand covered"), _("Share"), _("Cost")), rows, percent=(2,))


def _table(page: Page, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, percent: Iterable[int] = ()) -> None:
    shares = set(percent)
    page.append([_cell(page, head, font=Font(bold=True), fill=_HEAD) for head in heads])
    for row in rows:
        page.append([_cell(page, value, form=_PERCENT if place in shares else None) for place, value in enumerate(row)])


def _cell(
    page: Page, value: Any, *, font: Font | None = None, fill: PatternFill | None = None, form: Any = None
) -> Any:
    made = WriteOnlyCell(page, value=escaped(value) if isinstance(value, str) else value)
    if font:
        made.font = font
    if fill:
        made.fill = fill
    if form:
        made.number_format = form
    return made


def _widths(page: Page, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
