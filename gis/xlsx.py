"""XLSX as the streams of XML that it is: rows of a worksheet, read in one pass, and a table of text written in one.

A library that models every cell takes ten times as long, which is a minute on the sheet of a county. Formulas count by
their last result; dates by the format of their cell; formats, comments and drawings are passed over.
"""

import posixpath
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import escape

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

Cell = str | int | float | bool | datetime | date | time | timedelta | None
_CHUNK = 1 << 16
_MOST_COLUMNS = 16_384


class BadBook(Exception):
    """The workbook cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An open workbook: the part of each worksheet by name in their order, and what cells refer to.

    `dates` are the numbers of the cell formats that show dates or times, `spans` those that show lengths of time.
    """

    archive: zipfile.ZipFile
    sheets: dict[str, str]
    texts: Sequence[str]
    dates: frozenset[str]
    spans: frozenset[str]
    epoch: datetime


def open_book(path: Path) -> Book:
    """Open a workbook for reading; the caller closes its archive. Raises BadBook."""
    archive = zipfile.ZipFile(path)
    try:
        workbook = next(iter(_parts(archive, "", "officeDocument").values()), "xl/workbook.xml")
        sheets, is_1904 = _sheets(archive, workbook)
        texts = _texts(archive, next(iter(_parts(archive, workbook, "sharedStrings").values()), ""))
        dates, spans = _formats(archive, next(iter(_parts(archive, workbook, "styles").values()), ""))
    except (KeyError, expat.ExpatError, BadBook) as error:
        archive.close()
        raise BadBook(str(error)) from error
    epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    return Book(archive=archive, sheets=sheets, texts=texts, dates=dates, spans=spans, epoch=epoch)


def rows(book: Book, name: str) -> Iterator[list[Cell]]:
    """Yield the rows of a worksheet that have cells, each as long as its last cell is far. Raises BadBook."""
    done: list[list[Cell]] = []
    reading = _Rows(book, done.append)
    parser = _parser(reading.start, reading.end, reading.hear)
    try:
        with book.archive.open(book.sheets[name]) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
                yield from done
                done.clear()
            parser.Parse(b"", True)
    except (KeyError, IndexError, ValueError, OverflowError, expat.ExpatError) as error:
        raise BadBook(str(error)) from error
    yield from done


def write(table: Iterable[Sequence[str]], path: Path, *, title: str = "data") -> None:
    """Write rows of text as the only worksheet of a workbook; every cell is text, so that codes keep their digits."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, content in _PACKAGE.items():
            archive.writestr(name, content.replace("{title}", escape(title)))
        with archive.open("xl/worksheets/sheet1.xml", "w") as out:
            out.write(_SHEET_BEGINS)
            for number, row in enumerate(table, start=1):
                out.write(_row(number, row).encode())
            out.write(b"</sheetData></worksheet>")


_LETTERS = [get_column_letter(place) for place in range(1, 703)]


def _row(number: int, row: Sequence[str]) -> str:
    cells = "".join(
        f'<c r="{_LETTERS[place] if place < 702 else get_column_letter(place + 1)}{number}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(cell, _KEPT)}</t></is></c>'
        for place, cell in enumerate(row)
        if cell
    )
    return f'<row r="{number}">{cells}</row>'


# A parser of XML would take these for a line break.
_KEPT = {"\r": "&#13;"}


class _Rows:
    """What a parser has read of the present row; every finished row is handed over."""

    __slots__ = ("_book", "_done", "_is_aside", "_kind", "_listens", "_place", "_row", "_style", "_words")

    def __init__(self, book: Book, done: Callable[[list[Cell]], None]) -> None:
        self._book, self._done = book, done
        self._row: list[Cell] = []
        self._words: list[str] = []
        self._kind = self._style = ""
        self._place = 0
        self._listens = self._is_aside = False

    def start(self, tag: str, said: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._words.clear()
            self._kind, self._style = said.get("t", ""), said.get("s", "")
            reference = said.get("r")
            self._place = _column(reference) if reference else len(self._row)
        elif tag in ("v", "t"):
            self._listens = not self._is_aside
        elif tag == "rPh":
            self._is_aside = True

    def end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in ("v", "t"):
            self._listens = False
        elif tag == "c" and self._words:
            if self._place > len(self._row):
                self._row += [None] * (self._place - len(self._row))
            self._row.append(_value(self._book, self._kind, self._style, "".join(self._words)))
        elif tag == "rPh":
            self._is_aside = False
        elif tag == "row" and self._row:
            self._done(self._row)
            self._row = []

    def hear(self, text: str) -> None:
        if self._listens:
            self._words.append(text)


def _value(book: Book, kind: str, style: str, words: str) -> Cell:
    if kind == "s":
        return book.texts[int(words)]
    if kind in ("inlineStr", "str", "e"):
        return words
    if kind == "b":
        return words.strip() == "1"
    if kind == "d":
        return datetime.fromisoformat(words)
    plain = words.strip()
    number = int(plain) if plain.lstrip("-").isdigit() else float(plain)
    if style in book.dates:
        try:
            found: Cell = from_excel(number, book.epoch, timedelta=style in book.spans)
        except (ValueError, OverflowError):
            # No day has this number; what stands there is said to be no date further on.
            return words
        return found
    return number


_COLUMNS: dict[str, int] = {}


def _column(reference: str) -> int:
    """Return the place of a cell in its row, counted from 0: 27 for AB12."""
    letters = reference.rstrip("0123456789")
    place = _COLUMNS.get(letters)
    if place is None:
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        if not (letters.isascii() and letters.isalpha() and letters.isupper() and 0 < place <= _MOST_COLUMNS):
            raise BadBook(f"a cell is said to stand at {reference[:20]!r}")
        _COLUMNS[letters] = place
    return place - 1


def _parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], hear: Callable[[str], None]
) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, hear
    # No workbook has a document type; one that comes brings entities that grow without end.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise BadBook("it declares a document type, which no workbook does")


def _parsed(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _tag: None,
    hear: Callable[[str], None] = lambda _text: None,
) -> None:
    parser = _parser(lambda tag, said: start(tag.rpartition(":")[2], said),
                     lambda tag: end(tag.rpartition(":")[2]), hear)  # fmt: skip
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _parts(archive: zipfile.ZipFile, of: str, kind: str) -> dict[str, str]:
    """Return the parts that one part refers to as `kind`, by the id of the relation."""
    folder, name = posixpath.split(of)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, str] = {}

    def start(tag: str, said: dict[str, str]) -> None:
        if tag == "Relationship" and said.get("Type", "").endswith(f"/{kind}") and said.get("TargetMode") != "External":
            target = said["Target"]
            place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[said.get("Id", "")] = place

    if relations in archive.namelist():
        with archive.open(relations) as stream:
            _parsed(stream, start)
    return found


def _sheets(archive: zipfile.ZipFile, workbook: str) -> tuple[dict[str, str], bool]:
    """Return the part of every worksheet by name, and whether days are counted from 1904."""
    parts = _parts(archive, workbook, "worksheet")
    sheets: dict[str, str] = {}
    is_1904 = False

    def start(tag: str, said: dict[str, str]) -> None:
        nonlocal is_1904
        if tag == "workbookPr":
            is_1904 = said.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            relation = next((value for name, value in said.items() if name.rpartition(":")[2] == "id"), "")
            if relation in parts:
                sheets[said.get("name", relation)] = parts[relation]

    with archive.open(workbook) as stream:
        _parsed(stream, start)
    return sheets, is_1904


def _texts(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Return the texts that cells share, without the readings written above them."""
    texts: list[str] = []
    words: list[str] = []
    listens = is_aside = False

    def start(tag: str, _said: dict[str, str]) -> None:
        nonlocal listens, is_aside
        is_aside = is_aside or tag == "rPh"
        listens = tag == "t" and not is_aside

    def end(tag: str) -> None:
        nonlocal listens, is_aside
        listens = False
        is_aside = is_aside and tag != "rPh"
        if tag == "si":
            texts.append("".join(words))
            words.clear()

    def hear(text: str) -> None:
        if listens:
            words.append(text)

    if part:
        with archive.open(part) as stream:
            _parsed(stream, start, end, hear)
    return texts


def _formats(archive: zipfile.ZipFile, part: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the numbers of the cell formats that show dates, and of those that show lengths of time."""
    codes = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    shown: list[str] = []
    is_cell = False

    def start(tag: str, said: dict[str, str]) -> None:
        nonlocal is_cell
        if tag == "numFmt":
            codes[said.get("numFmtId", "")] = said.get("formatCode", "")
        elif tag == "cellXfs":
            is_cell = True
        elif tag == "xf" and is_cell:
            shown.append(said.get("numFmtId", "0"))

    def end(tag: str) -> None:
        nonlocal is_cell
        is_cell = is_cell and tag != "cellXfs"

    if part:
        with archive.open(part) as stream:
            _parsed(stream, start, end)
    known = [(str(place), codes.get(number, "")) for place, number in enumerate(shown)]
    dates = frozenset(place for place, code in known if is_date_format(code))
    return dates, frozenset(place for place, code in known if is_timedelta_format(code))


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_MAIN = f"{_OPEN}/spreadsheetml/2006/main"
_OFFICE = f"{_OPEN}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_BEGINS = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_PACKAGE = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
