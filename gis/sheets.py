"""CSV and XLSX: read as text, written so that no spreadsheet runs a cell, and blank templates with a row of notes."""

import codecs
import csv
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from gis import xlsx
from gis.archives import Bounds, check_zip
from gis.errors import BadFile
from gis.texts import NOTE_MARK, Raw, as_text, escaped, lost_digits, unescaped, unique_headers

_OLE = b"\xd0\xcf\x11\xe0"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"
_XLSX_CELL = 32_767
_XLSX_ROWS = 1_048_575
# XML 1.0 cannot hold these at all.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def read_csv(path: Path, *, bounds: Bounds) -> Raw:
    """Read a CSV: encoding by byte order mark, strict UTF-8, then GB18030; comma, semicolon or tab."""
    text, encoding = decoded(path)
    first = _first_line(text)
    delimiter = max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    try:
        frame = pandas.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False, na_filter=False
        )
    except pandas.errors.EmptyDataError as error:
        raise BadFile(f"{path.name} is empty.") from error
    except (pandas.errors.ParserError, ValueError, csv.Error) as error:
        raise BadFile(
            f"{path.name} cannot be read as a table: {str(error).strip()}. Check quotes and columns."
        ) from error
    # By columns, since strings of a frame come one by one at ten times the price.
    columns = [[unescaped(cell) if isinstance(cell, str) else "" for cell in frame[name].tolist()] for name in frame]
    rows = list(zip(*columns, strict=True))
    notes = (f"The text is {encoding}, its columns are separated by {_SPOKEN[delimiter]}.",)
    return _table(path, rows, notes=notes, encoding=encoding, bounds=bounds)


def read_xlsx(path: Path, *, layer: str | None, bounds: Bounds) -> Raw:
    """Read one worksheet of an XLSX: `layer` or the first that is not empty. Formulas count by their last result."""
    _refuse_no_xlsx(path, bounds)
    try:
        rows, name, others = _worksheet(path, layer, bounds)
    except (xlsx.BadBook, zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise BadFile(f"{path.name} cannot be read as XLSX ({error}). Save it again from the spreadsheet.") from error
    notes = (f"Worksheet {name!r} was read; not {', '.join(map(repr, others))}.",) if others else ()
    return _table(path, rows, notes=notes, encoding=None, bounds=bounds)


def decoded(path: Path) -> tuple[str, str]:
    """Return the text of a file and the encoding it was found to have."""
    content = path.read_bytes()
    tries = [name for mark, name in _BOMS if content.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in tries:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise BadFile(f"{path.name} holds NUL bytes, so it is no text file. Save it as CSV again.")
        return text.removeprefix("\ufeff"), encoding
    raise BadFile(f"{path.name} is neither UTF-8 nor GB18030. Save it as CSV UTF-8.")


def write_csv(table: pandas.DataFrame, path: Path, encoding: str = "utf-8-sig") -> None:
    """Write text columns as CSV, by itself in UTF-8 with a byte order mark, so that a Chinese spreadsheet opens it.

    Programs that know GBK alone are given gb18030, which is GBK and has a place for every other letter too.
    """
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file)
        out.writerow([escaped(str(name)) for name in table.columns])
        out.writerows([escaped(cell) for cell in row] for row in table.itertuples(index=False, name=None))


def write_xlsx(table: pandas.DataFrame, path: Path) -> None:
    """Write text columns as XLSX; every cell is text, so that long codes keep their digits."""
    _refuse_too_large_for_xlsx(table)
    every = itertools.chain([[str(name) for name in table.columns]], table.itertuples(index=False, name=None))
    xlsx.write(([escaped(cell) for cell in row] for row in every), path)


def template(path: Path, columns: Sequence[str], notes: Mapping[str, str]) -> None:
    """Write a blank XLSX to fill in: a row of headers, then a row that says what belongs in each column.

    The row of notes begins with a mark by which readers skip it.
    """
    book = openpyxl.Workbook()
    page = book.active
    if page is None:
        raise BadFile("A new workbook has no worksheet.")
    for place, name in enumerate(columns, start=1):
        head = page.cell(row=1, column=place, value=name)
        head.font = Font(bold=True)
        mark = NOTE_MARK if place == 1 else ""
        note = page.cell(row=2, column=place, value=escaped(f"{mark}{notes.get(name, '')}"))
        note.alignment, note.fill = Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor="FFF2CC")
        letter = get_column_letter(place)
        page.column_dimensions[letter].width = 20
        page.column_dimensions[letter].number_format = "@"
    page.freeze_panes = "A3"
    book.save(path)


_SPOKEN = {",": "commas", ";": "semicolons", "\t": "tabs"}


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _table(
    path: Path, rows: Sequence[Sequence[object]], *, notes: tuple[str, ...], encoding: str | None, bounds: Bounds
) -> Raw:
    filled = [row for row in rows if any(cell not in ("", None) for cell in row)]
    if not filled:
        raise BadFile(f"{path.name} is empty.")
    headers, renamed = unique_headers(filled[0])
    width = len(headers)
    body = [[*row[:width], *[""] * (width - len(row))] for row in filled[1:] if not _is_note(row)]
    if not body:
        raise BadFile(f"{path.name} has headers but no rows.")
    if len(body) > bounds.rows or len(body) * width > bounds.cells:
        raise BadFile(
            f"{path.name} has {len(body):,} rows of {width} columns, more than can be imported at once. Split it."
        )
    columns = {name: [row[place] for row in body] for place, name in enumerate(headers)}
    problems = [problem for name, values in columns.items() for problem in lost_digits(values, name)]
    frame = pandas.DataFrame(
        {name: [as_text(cell) for cell in values] for name, values in columns.items()}, dtype=object
    )
    return Raw(columns=frame, encoding=encoding, notes=(*notes, *renamed), problems=tuple(problems))


def _is_note(row: Sequence[object]) -> bool:
    first = next((cell for cell in row if cell not in ("", None)), "")
    return isinstance(first, str) and first.startswith(NOTE_MARK)


def _refuse_no_xlsx(path: Path, bounds: Bounds) -> None:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == _OLE:
        raise BadFile(f"{path.name} is protected by a password or an old .xls. Save it as .xlsx without a password.")
    check_zip(path, bounds)


def _worksheet(path: Path, layer: str | None, bounds: Bounds) -> tuple[list[list[object]], str, list[str]]:
    book = xlsx.open_book(path)
    try:
        names = list(book.sheets)
        if layer is not None and layer not in names:
            raise BadFile(f"{path.name} has no worksheet {layer!r}; it has {', '.join(map(repr, names))}.")
        for name in [layer] if layer is not None else names:
            rows = list(_rows(path, xlsx.rows(book, name), bounds))
            if rows:
                return rows, name, [other for other in names if other != name]
        raise BadFile(f"{path.name} is empty.")
    finally:
        book.archive.close()


def _rows(path: Path, found: Iterable[list[xlsx.Cell]], bounds: Bounds) -> Iterator[list[object]]:
    cells = 0
    for number, row in enumerate(found, start=1):
        cells += len(row)
        if number > bounds.rows or cells > bounds.cells:
            raise BadFile(f"{path.name} has more than {bounds.rows:,} rows or {bounds.cells:,} cells. Split it.")
        values = _trimmed(row)
        if values:
            yield values


def _trimmed(row: Sequence[object]) -> list[object]:
    values = [unescaped(cell) if isinstance(cell, str) else cell for cell in row]
    while values and values[-1] in ("", None):
        values.pop()
    return values


def _refuse_too_large_for_xlsx(table: pandas.DataFrame) -> None:
    if len(table) > _XLSX_ROWS:
        raise BadFile(f"XLSX holds {_XLSX_ROWS:,} rows, not {len(table):,}. Export as CSV or GeoPackage.")
    for name in table.columns:
        for cell in table[name]:
            if len(cell) >= _XLSX_CELL:
                raise BadFile(
                    f"{name} has a text of {len(cell):,} letters; XLSX holds {_XLSX_CELL:,}. Export as GeoPackage."
                )
            if _NOT_IN_XML.search(cell):
                raise BadFile(f"{name} holds a control character that XLSX cannot keep. Export as CSV or GeoPackage.")
