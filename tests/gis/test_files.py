import geopandas
import numpy as np
import openpyxl
import pandas
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.types import Severity
from gis.coords import convert
from gis.errors import BadCrs, BadFile
from gis.files import Bounds, read, write
from tests.frames import SQUARE, csv_file, frame, texts

FORMATS = ["a.geojson", "a.gpkg", "a.shp", "a.zip", "a.kml", "a.parquet", "a.csv", "a.xlsx"]
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")


@pytest.mark.parametrize("name", FORMATS)
def test_points_come_back_from_every_format_as_they_went(tmp_path, name):
    made = frame(
        [shapely.Point(104.123456789012, 29.35), None, shapely.Point(-71.1, 42.3)],
        名称=["东门", "=1+1", "-5"],
        编码=["34020000001320000001", "'=x", "007"],
        note=["", "2024/05/01", "1.50"],
    )
    assert write(made, tmp_path / name) == ()
    back = read(tmp_path / name)
    assert texts(back) == texts_of(made)
    assert back.frame.geometry.iloc[1] is None
    assert shapely.equals_exact(back.frame.geometry.iloc[[0, 2]], made.geometry.iloc[[0, 2]], tolerance=1e-12).all()
    assert back.frame.crs.to_epsg() == 4326
    assert not back.problems


def texts_of(made: geopandas.GeoDataFrame) -> dict[str, list[str]]:
    return pandas.DataFrame(made.drop(columns="geometry")).to_dict("list")


@pytest.mark.parametrize("name", FORMATS)
def test_areas_come_back_from_every_format_as_they_went(tmp_path, name):
    holed = shapely.Polygon(SQUARE.exterior.coords, [[(104.14, 29.14), (104.16, 29.14), (104.16, 29.16)]])
    made = frame([SQUARE, shapely.MultiPolygon([holed])], name=["a", "b"])
    write(made, tmp_path / name)
    back = read(tmp_path / name)
    assert texts(back) == {"name": ["a", "b"]}
    for shape, origin in zip(back.frame.geometry, made.geometry, strict=True):
        assert shapely.symmetric_difference(shape, origin).area < 1e-12


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.geojson", "a.parquet"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.text(LETTERS, max_size=12),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_any_text_survives_a_round_trip(tmp_path, name, cells):
    made = frame([shapely.Point(104, 29)] * len(cells), text=cells, more=[cell * 2 for cell in cells])
    write(made, tmp_path / name)
    assert texts(read(tmp_path / name)) == texts_of(made)


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "＝1", "'=x"])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_no_written_cell_can_run_as_a_formula(tmp_path, name, formula):
    write(frame([shapely.Point(104, 29)], text=[formula], number=["-12.5"]), tmp_path / name)
    if name == "a.csv":
        cells = pandas.read_csv(tmp_path / name, dtype=str).iloc[0].tolist()
    else:
        page = openpyxl.load_workbook(tmp_path / name)["data"]
        assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
        cells = [cell.value for cell in page[2]]
    assert cells[0].startswith("'")
    assert cells[1] == "-12.5"
    assert texts(read(tmp_path / name))["text"] == [formula]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_its_encoding_and_with_its_delimiter(tmp_path, encoding, found, delimiter):
    text = '名称,经度,纬度,备注\n东门,104.5,29.5,"a\nb"\n西门,104.6,29.6,\n'.replace(",", delimiter)
    sheet = read(csv_file(tmp_path, text, encoding), crs="wgs84")
    assert sheet.encoding == found
    assert texts(sheet) == {"名称": ["东门", "西门"], "备注": ["a\nb", ""]}
    assert [point.coords[0] for point in sheet.frame.geometry] == [(104.5, 29.5), (104.6, 29.6)]
    assert sheet.place_columns == ("经度", "纬度")


@pytest.mark.parametrize(
    "headers",
    [
        "经度,纬度",
        "lng,lat",
        "lon,lat",
        "Longitude,Latitude",
        "X,Y",
        "经度(°),纬度(°)",
        "经度（度）,纬度（度）",
        "GPS经度,GPS纬度",
    ],
)
def test_place_columns_are_known_by_their_usual_names(tmp_path, headers):
    sheet = read(csv_file(tmp_path, f"id,{headers}\n1,104.5,29.5\n"), crs="wgs84")
    assert sheet.frame.geometry.iloc[0].coords[0] == (104.5, 29.5)


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4544", "cgcs2000"])
def test_a_csv_in_another_system_lands_in_wgs84(tmp_path, crs):
    x, y = convert(104.77, 29.35, source="wgs84", target=crs)
    sheet = read(csv_file(tmp_path, f"name,x,y\na,{x!r},{y!r}\n"), crs=crs)
    assert sheet.frame.geometry.iloc[0].coords[0] == pytest.approx((104.77, 29.35), abs=1e-10)
    assert crs.lower() in " ".join(sheet.notes)


def test_a_header_may_state_the_system(tmp_path):
    x, y = convert(104.77, 29.35, source="wgs84", target="gcj02")
    sheet = read(csv_file(tmp_path, f"name,经度(GCJ-02),纬度(GCJ-02)\na,{x!r},{y!r}\n"))
    assert sheet.crs == "gcj02"
    assert sheet.frame.geometry.iloc[0].coords[0] == pytest.approx((104.77, 29.35), abs=1e-10)


def test_what_the_user_says_overrules_what_the_file_says(tmp_path):
    x, y = convert(104.77, 29.35, source="wgs84", target="gcj02")
    write(frame([shapely.Point(x, y)], name=["a"]), tmp_path / "a.gpkg")
    sheet = read(tmp_path / "a.gpkg", crs="gcj02")
    assert sheet.frame.geometry.iloc[0].coords[0] == pytest.approx((104.77, 29.35), abs=1e-10)
    assert "The file says epsg:4326" in " ".join(sheet.notes)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc,29.5", "no longitude and latitude"),
        ("104.5,", "no longitude and latitude"),
        ("29.5,104.5", "lies nowhere on Earth"),
        ("nan,29.5", "no longitude"),
    ],
)
def test_a_row_that_lies_nowhere_is_a_problem_and_keeps_its_place_in_the_file(tmp_path, text, reason):
    sheet = read(csv_file(tmp_path, f"name,lng,lat\na,104.5,29.5\nb,{text}\nc,104.7,29.7\n"), crs="wgs84")
    (problem,) = sheet.problems
    assert (problem.row, problem.severity) == (2, Severity.ERROR)
    assert reason in problem.reason
    assert sheet.frame.geometry.isna().tolist() == [False, True, False]


def test_a_camera_without_coordinates_is_kept_and_zero_zero_is_warned_of(tmp_path):
    sheet = read(csv_file(tmp_path, "name,lng,lat\na,,\nb,0,0\nc,104,29\n"), crs="wgs84")
    assert sheet.frame.geometry.isna().tolist() == [True, True, False]
    assert [(problem.row, problem.severity) for problem in sheet.problems] == [(2, Severity.WARNING)]


@pytest.mark.parametrize("text", ["104°46'12\"", "104度46分12秒", "东经104°46′12″", "104.77°"])
def test_degrees_minutes_and_seconds_are_read(tmp_path, text):
    quoted = text.replace('"', '""')
    sheet = read(csv_file(tmp_path, f'name,lng,lat\na,"{quoted}",29.35\n'), crs="wgs84")
    assert sheet.frame.geometry.iloc[0].x == pytest.approx(104.77)


def test_a_wkt_column_gives_shapes_and_a_bad_one_is_a_problem(tmp_path):
    path = csv_file(tmp_path, f'name,WKT\na,"{SQUARE.wkt}"\nb,POLYGON oops\nc,\n')
    sheet = read(path, crs="wgs84")
    assert sheet.frame.geometry.iloc[0].equals(SQUARE)
    assert [problem.row for problem in sheet.problems] == [2]


def test_a_table_without_places_is_read_when_none_are_needed(tmp_path):
    path = csv_file(tmp_path, "code,name\n510311001001,东风村\n")
    assert texts(read(path, need_geometry=False)) == {"code": ["510311001001"], "name": ["东风村"]}
    with pytest.raises(BadFile, match="no places"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n", "empty"),
        ("a.csv", b"name,lng,lat\n", "no rows"),
        ("a.csv", b"name,lng,lat\na,1,2\n", "--crs"),
        ("a.csv", b"a,b\n1,2,3,4\n", "cannot be read as a table"),
        ("a.csv", b"\xff\xfe\xfd\x80\x81", "neither|cannot|NUL"),
        ("a.csv", b"a,b\n\x00,1\n", "NUL"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password"),
        ("a.xlsx", b"PK\x03\x04 nonsense", "damaged"),
        ("a.zip", b"PK nonsense", "damaged"),
        ("a.geojson", b"[1, 2]", "not GeoJSON"),
        ("a.geojson", b'{"type": "Topology"}', "Topology"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "no valid JSON"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no rows"),
        ("a.geojson", '{"type": "东"}'.encode("gb18030"), "not UTF-8"),
        ("a.json", b"<OGRVRTDataSource/>", "not what its name says"),
        ("a.kml", b"<OGRVRTDataSource><!-- <kml --></OGRVRTDataSource>", "not what its name says"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, "cannot be read"),
        ("a.shp", b"\0\0\x27\x0a" + b"\0" * 200, "shx"),
        ("a.parquet", b"PAR1", "Parquet"),
        ("a.pbf", b"hello", "not what its name says"),
        ("a.xls", b"x", "Save it as .xlsx"),
        ("a.exe", b"x", "no format"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=words) as refusal:
        read(tmp_path / name)
    assert str(refusal.value).endswith(".") or words == "--crs"


def test_a_missing_file_and_an_unknown_crs_are_refused(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(BadCrs, match="beijing54"):
        read(csv_file(tmp_path, "lng,lat\n1,2\n"), crs="beijing54")


@pytest.mark.parametrize("bounds", [Bounds(rows=1), Bounds(cells=3), Bounds(bytes=10)])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.parquet"])
def test_more_rows_or_cells_than_allowed_are_refused(tmp_path, name, bounds):
    write(frame([SQUARE.centroid] * 3, a=["1", "2", "3"], b=["", "", "x"]), tmp_path / name)
    with pytest.raises(BadFile, match="Split it"):
        read(tmp_path / name, bounds=bounds)


def test_a_text_too_long_for_its_format_is_refused_and_nothing_is_left_behind(tmp_path):
    with pytest.raises(BadFile, match="too long for a Shapefile"):
        write(frame([SQUARE], name=["东" * 100]), tmp_path / "a.shp")
    with pytest.raises(BadFile, match="XLSX holds"):
        write(frame([SQUARE], name=["x" * 40_000]), tmp_path / "a.xlsx")
    with pytest.raises(BadFile, match="control character"):
        write(frame([SQUARE], name=["\x07"]), tmp_path / "a.xlsx")
    with pytest.raises(BadFile, match="names no format"):
        write(frame([SQUARE], name=["x"]), tmp_path / "a.doc")
    with pytest.raises(BadFile, match="EPSG:4326"):
        write(frame([SQUARE], name=["x"]).to_crs(3857), tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_code_kept_as_a_number_is_a_problem_and_not_a_wrong_code(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["编码", "lng", "lat", "整数"])
    book.active.append([3.4020000001320000001e19, 104.5, 29.5, 3.0])
    book.save(tmp_path / "a.xlsx")
    sheet = read(tmp_path / "a.xlsx", crs="wgs84")
    assert [(problem.row, problem.field, problem.severity) for problem in sheet.problems] == [
        (1, "编码", Severity.ERROR)
    ]
    assert texts(sheet)["整数"] == ["3"]
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"c":34020000001320000001}}]}'
    )
    assert [problem.field for problem in read(tmp_path / "a.geojson").problems] == ["c"]


def test_repeated_and_blank_headers_are_told_apart(tmp_path):
    sheet = read(csv_file(tmp_path, "name,name,,lng,lat\na,b,c,104,29\n"), crs="wgs84")
    assert texts(sheet) == {"name": ["a"], "name (2)": ["b"], "column 3": ["c"]}


def test_geojson_states_wgs84_and_its_nested_values_become_text(tmp_path):
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[104,29]},'
        '"properties":{"n":1,"f":1.5,"t":true,"o":{"a":[1,2]},"x":null,"d":"2024-05-01"}}]}'
    )
    sheet = read(tmp_path / "a.geojson")
    assert sheet.crs == "epsg:4326"
    assert {name: values[0] for name, values in texts(sheet).items()} == {
        "n": "1", "f": "1.5", "t": "true", "o": '{"a": [1, 2]}', "x": "", "d": "2024-05-01",
    }  # fmt: skip


def test_a_height_in_the_geometry_is_left_out(tmp_path):
    frame([shapely.Point(104, 29, 300)], name=["a"]).to_file(tmp_path / "a.gpkg")
    assert not read(tmp_path / "a.gpkg").frame.geometry.iloc[0].has_z


@pytest.mark.parametrize(
    ("name", "layer", "rows", "crs"),
    [
        ("boundaries/cambridge_ma/police_response_districts.geojson", None, 117, "epsg:4326"),
        ("boundaries/zigong_shaoxing_counties_tianditu_cgcs2000.geojson", None, 12, "epsg:4490"),
        ("cameras/osm_cameras_cambridge_boston_ma.parquet", None, 3_112, "epsg:4326"),
        ("buildings_roads/finland_small_town_pyrosm_test.osm.pbf", "multipolygons", 2_302, "epsg:4326"),
        ("incidents/memphis_robberies_2019.geojson", None, 2_245, "epsg:4326"),
        ("buildings_roads/wuhan_streets_simplified.parquet", None, 16_408, "epsg:32650"),
    ],
)
def test_real_files_are_read_whole(shared_data, name, layer, rows, crs):
    sheet = read(shared_data / name, layer=layer)
    assert (len(sheet.frame), sheet.crs) == (rows, crs)
    bounds = sheet.frame.total_bounds
    assert np.all(np.abs(bounds) <= 180)
    assert all(type(value) is str for value in sheet.frame.drop(columns="geometry").iloc[0])


def test_real_files_that_cannot_be_used_say_why(shared_data):
    with pytest.raises(BadFile, match="list in JSON"):
        read(shared_data / "buildings_roads" / "manhattan_buildings_height_deckgl.json")
    with pytest.raises(BadFile, match="dbf"):
        read(shared_data / "optimisation" / "spopt_sf" / "ServiceAreas_4.shp")
    with pytest.raises(BadFile, match="multipolygons"):
        read(shared_data / "buildings_roads" / "finland_small_town_pyrosm_test.osm.pbf")
    with pytest.raises(BadFile, match="--crs"):
        read(shared_data / "cameras" / "osm_surveillance_world_2025-11.parquet", bounds=Bounds(rows=300_000))
