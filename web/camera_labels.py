"""Sheets of labels with QR codes for cameras, as PDF on A4: to be printed, cut and stuck to the pole."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import segno
from flask import Blueprint, Response, request
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from data import cameras
from data.types import Role
from web import forms, permission
from web.cameras import wanted_by
from web.context import get_session
from web.fonts import CHINESE, register
from web.permission import allowed
from web.problems import BadInput
from web.words import mark

bp = Blueprint("camera_labels", __name__)

MOST_LABELS = 2000
# One mask for all: choosing the best of eight takes ten times as long, and any of them can be read.
_MASK = 3
_QUIET = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """How labels lie on a sheet of A4: rows and columns, margins and gaps in millimetres."""

    columns: int
    rows: int
    margin_x: float
    margin_y: float
    gap: float = 0.0

    @property
    def width(self) -> float:
        """Return the width of a label, in points."""
        return float(A4[0] - 2 * self.margin_x * mm - (self.columns - 1) * self.gap * mm) / self.columns

    @property
    def height(self) -> float:
        """Return the height of a label, in points."""
        return float(A4[1] - 2 * self.margin_y * mm - (self.rows - 1) * self.gap * mm) / self.rows

    def places(self) -> Iterator[tuple[float, float]]:
        """Yield the lower left corner of every label, row by row from the top, in points."""
        for row in range(self.rows):
            for column in range(self.columns):
                x = self.margin_x * mm + column * (self.width + self.gap * mm)
                yield x, A4[1] - self.margin_y * mm - row * (self.height + self.gap * mm) - self.height


# By the sheets that are sold: 24 of 70 × 36 mm, 14 of 99 × 38 mm, and 8 of 99 × 68 mm.
SHEETS: Mapping[str, Sheet] = {
    "24": Sheet(columns=3, rows=8, margin_x=0, margin_y=4.5),
    "14": Sheet(columns=2, rows=7, margin_x=4.6, margin_y=15.1, gap=2),
    "8": Sheet(columns=2, rows=4, margin_x=4.6, margin_y=12.7, gap=2),
}


@bp.get("/camera-labels.pdf")
@allowed(Role.VIEWER, act="camera.labels")
def on_labels() -> Response:
    """Return the labels of the cameras chosen by ?code=…, or of a filter, as PDF; ?sheet=24, 14 or 8 on a page."""
    sheet = forms.choice(request.args.get("sheet"), SHEETS, field="sheet", default="24")
    found = cameras.for_labels(
        get_session(), wanted_by(request.args), request.args.getlist("code"), limit=MOST_LABELS + 1
    )
    if not found:
        raise BadInput(mark("No camera is chosen, so there is no label to print."), field="code")
    if len(found) > MOST_LABELS:
        raise BadInput(
            mark("These are more than %(most)s labels. Print them town by town."), field="code", most=MOST_LABELS
        )
    permission.note("cameras", labels=len(found), sheet=sheet)
    response = Response(pdf(found, SHEETS[sheet], site=request.host_url), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="camera-labels.pdf"'
    return response


def pdf(found: Sequence[Mapping[str, Any]], sheet: Sheet, *, site: str) -> bytes:
    """Return the labels of cameras (code, name, area) as PDF; the QR code holds the page of the camera at `site`."""
    register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    places = list(sheet.places())
    for number, camera in enumerate(found):
        if number and number % len(places) == 0:
            canvas.showPage()
        _label(canvas, camera, sheet, places[number % len(places)], site)
    canvas.save()
    return out.getvalue()


def address_of(code: str, site: str) -> str:
    """Return what the QR code of a camera holds: the address of its page, which ends in its code."""
    return f"{site.rstrip('/')}/cameras/{quote(code, safe='')}"


def _label(canvas: Canvas, camera: Mapping[str, Any], sheet: Sheet, corner: tuple[float, float], site: str) -> None:
    x, y = corner
    inset = 3 * mm
    side = min(sheet.height - 2 * inset, sheet.width * 0.45)
    _qr(canvas, address_of(camera["code"], site), x + inset, y + (sheet.height - side) / 2, side)
    left = x + inset + side + 2 * mm
    width = x + sheet.width - inset - left
    lines = [*_wrapped(camera["name"], 9, width)[:3], camera["area"] or ""]
    top = y + sheet.height - inset - 9
    for place, line in enumerate(lines):
        canvas.setFont(CHINESE, 9 if place < len(lines) - 1 else 7)
        canvas.drawString(left, top - place * 11, line)
    size = min(8.0, 8.0 * width / max(1.0, pdfmetrics.stringWidth(camera["code"], CHINESE, 8)))
    canvas.setFont(CHINESE, size)
    canvas.drawString(left, y + inset, camera["code"])


def _qr(canvas: Canvas, words: str, x: float, y: float, side: float) -> None:
    """Draw a QR code with its quiet zone, dark runs of a row as one bar each."""
    matrix = segno.make(words, error="m", micro=False, boost_error=False, mask=_MASK).matrix
    cell = side / (len(matrix) + 2 * _QUIET)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        low = y + side - (row + 1 + _QUIET) * cell
        for start, end in _runs(modules):
            # A hair higher than the row, or printers leave white between rows.
            path.rect(x + (start + _QUIET) * cell, low, (end - start) * cell, cell * 1.02)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(modules: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place, dark in enumerate([*modules, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place
            start = None


def _wrapped(words: str, size: float, width: float) -> list[str]:
    """Return words in lines no wider than `width` points; Chinese breaks anywhere."""
    lines = [""]
    for letter in words:
        if lines[-1] and pdfmetrics.stringWidth(lines[-1] + letter, CHINESE, size) > width:
            lines.append("")
        lines[-1] += letter
    return lines
