import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from gis import xlsx
from gis.errors import BadFile
from gis.files import read, template, write
from tests.frames import SQUARE, frame, texts, zip_of


def test_a_template_shows_its_notes_and_reading_skips_them(tmp_path):
    path = tmp_path / "模板.xlsx"
    template(path, ["编码", "名称", "经度", "纬度"], {"编码": "20 位国标编码", "经度": "十进制度"})
    book = openpyxl.load_workbook(path)
    page = book.active
    assert [cell.value for cell in page[1]] == ["编码", "名称", "经度", "纬度"]
    assert page["A2"].value == "※20 位国标编码"
    with pytest.raises(BadFile, match="no rows"):
        read(path, crs="wgs84")
    for place, value in enumerate(["34020000001320000001", "东门", "104.5", "29.5"], start=1):
        page.cell(row=3, column=place, value=value)
    book.save(path)
    assert texts(read(path, crs="wgs84")) == {"编码": ["34020000001320000001"], "名称": ["东门"]}


def test_a_worksheet_is_chosen_by_name_and_others_are_mentioned(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "空"
    for name, lng in (("一", 104), ("二", 105)):
        page = book.create_sheet(name)
        page.append(["name", "lng", "lat"])
        page.append([name, lng, 29])
    book.save(tmp_path / "a.xlsx")
    first = read(tmp_path / "a.xlsx", crs="wgs84")
    assert texts(first) == {"name": ["一"]}
    assert any("二" in note for note in first.notes)
    assert texts(read(tmp_path / "a.xlsx", crs="wgs84", layer="二")) == {"name": ["二"]}
    with pytest.raises(BadFile, match="no worksheet"):
        read(tmp_path / "a.xlsx", crs="wgs84", layer="三")


@pytest.mark.parametrize("lie", ["A1:A1", "A1:XFD1048576"])
def test_a_worksheet_that_lies_about_its_size_is_read_by_what_is_there(tmp_path, lie):
    write(frame([SQUARE.centroid] * 3, a=["1", "2", "3"], b=["x", "", "y"]), tmp_path / "true.xlsx")
    with zipfile.ZipFile(tmp_path / "true.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    page = "xl/worksheets/sheet1.xml"
    parts[page] = parts[page].replace(b"<sheetData>", f'<dimension ref="{lie}"/><sheetData>'.encode())
    back = read(zip_of(tmp_path / "lie.xlsx", parts))
    assert texts(back) == {"a": ["1", "2", "3"], "b": ["x", "", "y"]}


def test_a_worksheet_is_read_as_the_library_that_models_every_cell_reads_it(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    moment = datetime(2024, 5, 1, 8, 30)  # noqa: DTZ001  spreadsheets know no zones
    page.append(["文字", 1, 2.5, True, date(2024, 5, 1), moment, time(8, 30), None, "尾"])
    page.append([None, None, "a & <b>\n二行", -3, 1e20, "=1+1", "#N/A"])
    page["AB5"] = "far"
    page["A6"] = "x"
    page["A6"].number_format = "yyyy-mm-dd"
    book.create_sheet("第二页").append(["另"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    ours = xlsx.open_book(path)
    theirs = openpyxl.load_workbook(path, read_only=True, data_only=True)
    assert list(ours.sheets) == theirs.sheetnames
    for name in ours.sheets:
        told = [trimmed(list(row)) for row in theirs[name].iter_rows(values_only=True)]
        assert [trimmed(row) for row in xlsx.rows(ours, name)] == [row for row in told if row]
    ours.archive.close()


def trimmed(row):
    while row and row[-1] is None:
        row.pop()
    return row


ROW = "<worksheet><sheetData><row>{}</row></sheetData></worksheet>"


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>',
        ROW.format('<c r="ZZZZ1"><v>1</v></c>'),
        ROW.format('<c t="s"><v>7</v></c>'),
        ROW.format("<c><v>1</v></c><c><v>x</v></c>"),
        "<worksheet><sheetData><row><c><v>1</v>",
    ],
)
def test_a_workbook_that_is_broken_or_meant_to_harm_is_refused(tmp_path, content):
    path = tmp_path / "a.xlsx"
    xlsx.write([["a"]], path)
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w") as changed:
        for name, kept in (parts | {"xl/worksheets/sheet1.xml": content.encode()}).items():
            changed.writestr(name, kept)
    with pytest.raises(BadFile, match="cannot be read as XLSX"):
        read(path, crs="wgs84", need_geometry=False)
