import io
import zipfile

import pytest

from gis.errors import BadFile
from gis.files import read
from tests.frames import texts, zip_of


def test_a_zip_with_several_layers_asks_for_one(tmp_path):
    table = b"name,lng_wgs84,lat_wgs84\na,104,29\n"
    path = zip_of(tmp_path / "a.zip", {"one.csv": table, "two.csv": table.replace(b"a,", b"b,"), "read.me": b"x"})
    with pytest.raises(BadFile, match="one, two"):
        read(path)
    assert texts(read(path, layer="two")) == {"name": ["b"]}
    with pytest.raises(BadFile, match="name a layer"):
        read(path, layer="three")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.csv": b"\0" * 20_000_000})
    with pytest.raises(BadFile, match="bomb"):
        read(path)
    book = zip_of(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": b" " * 20_000_000})
    with pytest.raises(BadFile, match="bomb"):
        read(book)


def test_a_zip_cannot_write_outside_its_folder(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = zip_of(inner / "a.zip", {"../../evil.csv": b"name,lng_wgs84,lat_wgs84\na,104,29\n"})
    assert len(read(path).frame) == 1
    assert not (tmp_path / "evil.csv").exists()


def test_a_zip_in_a_zip_is_refused(tmp_path):
    inside = io.BytesIO()
    zipfile.ZipFile(inside, "w").close()
    with pytest.raises(BadFile, match="another ZIP"):
        read(zip_of(tmp_path / "a.zip", {"b.zip": inside.getvalue()}))
