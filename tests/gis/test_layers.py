import pytest
import shapely

from gis.errors import BadFile
from gis.files import read, write
from tests.frames import SQUARE, frame, texts


def test_a_geopackage_with_two_layers_asks_for_one(tmp_path):
    made = frame([SQUARE], name=["a"])
    made.to_file(tmp_path / "a.gpkg", layer="cells")
    made.to_file(tmp_path / "a.gpkg", layer="towns")
    with pytest.raises(BadFile, match="cells, towns"):
        read(tmp_path / "a.gpkg")
    assert len(read(tmp_path / "a.gpkg", layer="towns").frame) == 1
    with pytest.raises(BadFile, match="no layer 'roads'"):
        read(tmp_path / "a.gpkg", layer="roads")


@pytest.mark.parametrize("cpg", ["GBK", "936", "GB18030", None])
def test_a_shapefile_in_gbk_is_read_with_and_without_its_cpg(tmp_path, cpg):
    made = frame([shapely.Point(104, 29)], 名称=["东门摄像机"])
    made.to_file(tmp_path / "a.shp", encoding="GB18030")
    (tmp_path / "a.cpg").unlink()
    if cpg is not None:
        (tmp_path / "a.cpg").write_text(cpg)
    assert texts(read(tmp_path / "a.shp")) == {"名称": ["东门摄像机"]}


def test_a_utf8_shapefile_without_its_cpg_is_not_taken_for_gbk(tmp_path):
    write(frame([shapely.Point(104, 29)], 名称=["东门摄像机" * 14]), tmp_path / "a[1].shp")
    (tmp_path / "a[1].cpg").unlink()
    sheet = read(tmp_path / "a[1].shp")
    assert (sheet.encoding, texts(sheet)) == ("utf-8", {"名称": ["东门摄像机" * 14]})


def test_a_shapefile_without_prj_needs_a_crs(tmp_path):
    write(frame([shapely.Point(104, 29)], name=["a"]), tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(BadFile, match="--crs"):
        read(tmp_path / "a.shp")
    assert read(tmp_path / "a.shp", crs="cgcs2000").crs == "cgcs2000"


def test_long_chinese_headers_are_cut_for_a_shapefile_and_said_so(tmp_path):
    made = frame([SQUARE], 摄像机名称=["a"], 摄像机编码=["b"])
    notes = write(made, tmp_path / "a.shp")
    assert len(notes) == 2
    assert texts(read(tmp_path / "a.shp")) == {"摄像机": ["a"], "摄像_2": ["b"]}
