"""What cameras see, asked for on the command line: files in, one document out, and sentences for what is wrong."""

import json
import math
from pathlib import Path

import geopandas
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from click.testing import CliRunner, Result
from shapely.geometry import Point, box, mapping

from web.cli.cover import cover_command

LNG, LAT = 120.6, 31.3
CRS = "EPSG:4549"
TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
X, Y = TO_METRES.transform(LNG, LAT)
ONE = {"code": "a", "bearing_deg": 0, "hfov_deg": 90, "reach_m": 80}


def lnglat(shape: shapely.Geometry) -> shapely.Geometry:
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    return shapely.transform(shape, lambda x, y: back.transform(x + X, y + Y), interleaved=False)


def written(path: Path, *rows: tuple[dict[str, object], shapely.Geometry]) -> str:
    """Write features in metres around the place as GeoJSON, every value as it is given."""
    features = [
        {"type": "Feature", "properties": values, "geometry": mapping(lnglat(shape)) if shape else None}
        for values, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def cover(*words: object) -> Result:
    return CliRunner().invoke(cover_command, [*map(str, words), "--json"])


def told(*words: object) -> dict[str, list[dict[str, object]]]:
    result = cover(*words)
    assert result.exit_code == 0, result.stderr
    answer: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    return answer


@pytest.fixture
def cameras(tmp_path: Path) -> str:
    return written(tmp_path / "cameras.geojson", (ONE, Point(0, 0)))


def test_a_wall_hides_what_lies_behind_it(tmp_path: Path, cameras: str) -> None:
    wall = written(tmp_path / "buildings.geojson", ({}, box(-100, 40, 100, 41)))
    area = written(tmp_path / "areas.geojson", ({"code": "x"}, box(-100, 0, 100, 80)))

    found = told("--cameras", cameras, "--buildings", wall, "--areas", area)

    (camera,), (share,) = found["cameras"], found["areas"]
    assert camera["code"] == "a"
    assert camera["sector_m2"] == pytest.approx(math.pi * 80**2 / 4)
    # Up to the wall a triangle; grid north is nearly true north here.
    assert camera["area_m2"] == pytest.approx(40**2, rel=1e-4)
    assert camera["share"] == pytest.approx(camera["area_m2"] / camera["sector_m2"])
    assert camera["flags"] == ["near_zone_ignored", "heights_ignored"]
    assert share["area_m2"] == pytest.approx(200 * 80)
    assert share["seen_m2"] == pytest.approx(camera["area_m2"], rel=1e-6)
    assert share["share"] == share["share_low"] == share["share_high"] == pytest.approx(0.1, rel=1e-4)
    assert share["seen_by_2_m2"] == 0


def test_overlaps_count_once_and_doubt_spreads_the_shares(tmp_path: Path) -> None:
    doubtful = ONE | {"code": "b", "bearing_doubt_deg": 22.5}
    cameras = written(tmp_path / "cameras.geojson", (ONE, Point(0, 0)), (doubtful, Point(0, 0)))
    area = written(tmp_path / "areas.geojson", ({"code": "x"}, box(-100, -100, 100, 100)))

    (share,) = told("--cameras", cameras, "--areas", area)["areas"]

    sector = math.pi * 80**2 / 360
    assert share["seen_m2"] == pytest.approx(90 * sector, rel=1e-6)
    assert share["seen_by_2_m2"] == pytest.approx(90 * sector, rel=1e-6)
    assert share["share_low"] == pytest.approx(90 * sector / 40_000, rel=1e-6)
    assert share["share_high"] == pytest.approx(135 * sector / 40_000, rel=1e-5)


def test_no_bearing_is_all_round_and_with_an_angle_nothing_of_it_is_sure(tmp_path: Path) -> None:
    cameras = written(
        tmp_path / "cameras.geojson",
        ({"code": "dome", "bearing_deg": None, "reach_m": 30}, Point(0, 0)),
        ({"code": "somewhere", "bearing_deg": None, "hfov_deg": 90, "reach_m": 30}, Point(0, 0)),
    )

    dome, somewhere = told("--cameras", cameras)["cameras"]

    disc = math.pi * 900
    assert [dome[name] for name in ("area_m2", "low_m2", "high_m2")] == pytest.approx([disc] * 3)
    assert [somewhere[name] for name in ("area_m2", "low_m2", "expected_m2", "high_m2")] == pytest.approx(
        [disc, 0, disc / 4, disc]
    )
    assert dome["flags"][:1] == ["all_round"]


def test_several_directions_are_presets(tmp_path: Path) -> None:
    cameras = written(tmp_path / "c.geojson", (ONE | {"bearing_deg": "90;270"}, Point(0, 0)))

    (camera,) = told("--cameras", cameras, "--bearing", "osm")["cameras"]

    assert camera["area_m2"] == pytest.approx(math.pi * 80**2 / 2, rel=1e-6)
    assert camera["expected_m2"] == pytest.approx(math.pi * 80**2 / 4, rel=1e-6)
    assert "presets" in camera["flags"]


def test_heights_let_a_camera_see_over_roofs_and_storeys_are_guesses(tmp_path: Path) -> None:
    cameras = written(tmp_path / "c.geojson", (ONE | {"height_m": 6}, Point(0, 0)))
    house = box(-5, 10, 5, 12)
    lost = []
    for values in ({"height_m": 3}, {"levels": 1}, {"height_m": 20}, {}):
        buildings = written(tmp_path / "b.geojson", (values, house))
        (camera,) = told("--cameras", cameras, "--buildings", buildings)["cameras"]
        lost.append((camera["sector_m2"] - camera["area_m2"], camera["flags"]))

    (low, known), (storey, guessed), (high, _), (unknown, ignored) = lost
    assert low == storey == pytest.approx(230, rel=1e-4)
    assert high == unknown > 5 * low
    assert [("heights_guessed" in flags, "heights_ignored" in flags) for flags in (known, guessed, ignored)] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["views.geojson", "views.gpkg"])
def test_views_are_written_as_they_were_told(tmp_path: Path, cameras: str, name: str) -> None:
    wall = written(tmp_path / "b.geojson", ({}, box(-10, 40, 10, 41)))

    (camera,) = told("--cameras", cameras, "--buildings", wall, "--out", tmp_path / name)["cameras"]

    views = geopandas.read_file(tmp_path / name)
    assert views.crs.to_epsg() == 4326
    assert views["code"].tolist() == ["a"]
    assert views.to_crs(CRS).area.tolist() == pytest.approx([camera["area_m2"]], rel=1e-6)
    assert views["share"].tolist() == pytest.approx([camera["share"]])
    assert not list(tmp_path.glob("tmp*"))


def test_reach_and_density_hold_for_every_camera(tmp_path: Path) -> None:
    cameras = written(
        tmp_path / "c.geojson", ({"code": "a", "bearing_deg": 0, "hfov_deg": 90, "width_px": 1920}, Point(0, 0))
    )
    sectors = [
        told("--cameras", cameras, *words)["cameras"][0]["sector_m2"]
        for words in ([], ["--px-per-m", 250], ["--reach", 100])
    ]

    assert sectors == pytest.approx([math.pi * reach**2 / 4 for reach in (38.4, 3.84, 100)])


def test_tables_need_a_system_and_columns_may_be_named(tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text(f"id,lng,lat,richtung,hfov_deg,reach_m\n7,{LNG},{LAT},90,90,80\n")
    words = ["--cameras", table, "--map", "code=id", "--map", "bearing_deg=richtung"]

    refused = cover(*words)
    assert refused.exit_code == 1
    assert "does not say its coordinate system" in refused.stderr
    assert json.loads(refused.stdout)["cameras"] == []
    assert told(*words, "--crs", "wgs84")["cameras"][0]["code"] == "7"


def test_a_camera_in_a_shifted_system_stands_among_buildings_in_a_true_one(tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text(f"code,lng,lat,bearing_deg,hfov_deg,reach_m\na,{LNG + 0.0045},{LAT - 0.002},0,90,500\n")
    house = written(tmp_path / "b.geojson", ({}, box(-20, 100, 20, 120)))

    shifted, plain = (
        told("--cameras", table, "--buildings", house, "--crs", f"cameras={crs}")["cameras"][0]
        for crs in ("gcj02", "wgs84")
    )

    assert shifted["area_m2"] != plain["area_m2"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"hfov_deg": 0}, "hfov_deg: 0 is out of range. Write a number from 0.1 to 360."),
        ({"height_m": -3}, "height_m: -3 is out of range"),
        ({"bearing_deg": "north-ish"}, "bearing_deg: The bearing 'north-ish' is not a number"),
        ({"bearing_deg": 720}, "is more than a full turn"),
        ({"reach_m": "far"}, "reach_m: far is not a number"),
    ],
)
def test_a_bad_row_is_a_sentence_and_exit_1(tmp_path: Path, values: dict[str, object], sentence: str) -> None:
    cameras = written(tmp_path / "c.geojson", (ONE, Point(0, 0)), (ONE | {"code": "b"} | values, Point(1, 1)))

    result = cover("--cameras", cameras)

    assert result.exit_code == 1
    assert "cameras c.geojson row 2" in result.stderr
    assert sentence in result.stderr
    assert json.loads(result.stdout)["cameras"] == []
    kept = cover("--cameras", cameras, "--skip-errors")
    assert kept.exit_code == 1
    assert [one["code"] for one in json.loads(kept.stdout)["cameras"]] == ["a"]


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [(None, "has no place"), (box(0, 0, 1, 1), "stands at a point, and this is a Polygon")],
)
def test_a_camera_that_stands_nowhere_is_refused(tmp_path: Path, shape: shapely.Geometry, sentence: str) -> None:
    result = cover("--cameras", written(tmp_path / "c.geojson", (ONE, Point(0, 0)), (ONE, shape)))

    assert result.exit_code == 1
    assert sentence in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--px-per-m", "25", "--reach", "80"],
        ["--px-per-m", "0"],
        ["--reach", "-5"],
        ["--reach", "nan"],
        ["--out", "views.shp"],
        ["--crs", "mars"],
        ["--crs", "streets=wgs84"],
        ["--map", "colour=red"],
        ["--map", "code"],
    ],
)
def test_contradictions_are_usage_errors(tmp_path: Path, cameras: str, words: list[str]) -> None:
    result = cover("--cameras", cameras, *words)

    assert result.exit_code == 2
    assert result.stdout == ""


def test_files_that_are_not_there_or_not_what_they_say_are_sentences(tmp_path: Path, cameras: str) -> None:
    (tmp_path / "list.json").write_text('[{"height": 3}]')
    for words in (["--buildings", tmp_path / "no.gpkg"], ["--buildings", tmp_path / "list.json"], ["--dem", "no.tif"]):
        result = cover("--cameras", cameras, *words)

        assert result.exit_code == 1
        assert ("There is no file" in result.stderr) or ("Wrap it as a FeatureCollection" in result.stderr)


def test_odd_footprints_are_repaired_or_left_out_and_told(tmp_path: Path, cameras: str) -> None:
    crossed = shapely.Polygon([(-20, 30), (20, 50), (20, 30), (-20, 50)])
    buildings = written(
        tmp_path / "b.geojson", ({}, crossed), ({"height_m": "tall"}, box(0, 60, 5, 65)), ({}, Point(3, 3))
    )

    found = told("--cameras", cameras, "--buildings", buildings)

    assert 0 < found["cameras"][0]["share"] < 1
    assert any("1 of 3 footprints cross themselves" in str(one) for one in found["problems"])
    assert any("row 3" in str(one) and "hides nothing" in str(one) for one in found["problems"])
    assert any("tall is not a number" in str(one) for one in found["problems"])


def test_buildings_on_the_other_side_of_the_earth_are_told_of(tmp_path: Path, cameras: str) -> None:
    far = tmp_path / "b.geojson"
    far.write_text(json.dumps(mapping_of(box(10, 10, 10.001, 10.001))))

    found = told("--cameras", cameras, "--buildings", far)

    assert "None of the 1 buildings lies within reach" in str(found["problems"])
    assert "no_buildings_known" in found["cameras"][0]["flags"]


def mapping_of(shape: shapely.Geometry) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": mapping(shape)}],
    }


def test_at_the_antimeridian_a_view_is_cut_in_two(tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text("code,lng,lat,bearing_deg,hfov_deg,reach_m\na,179.9999,60,90,90,80\nb,-179.9999,60,,,80\n")

    found = told("--cameras", table, "--crs", "wgs84", "--out", tmp_path / "v.geojson")

    views = geopandas.read_file(tmp_path / "v.geojson")
    assert [one["share"] for one in found["cameras"]] == [1.0, 1.0]
    assert all(part.bounds[2] - part.bounds[0] < 0.01 for shape in views.geometry for part in shapely.get_parts(shape))
    assert views.geometry.is_valid.all()


def test_at_a_pole_there_is_no_bearing(tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text("code,lng,lat,bearing_deg,hfov_deg,reach_m\na,10,90,90,90,80\n")

    result = cover("--cameras", table, "--crs", "wgs84")

    assert result.exit_code == 1
    assert "no bearing has a meaning" in result.stderr


def test_a_reach_beyond_any_camera_is_a_sentence(cameras: str) -> None:
    result = cover("--cameras", cameras, "--reach", "1e12")

    assert result.exit_code == 1
    assert "reach_m" in result.stderr
    assert json.loads(result.stdout)["cameras"] == []


def test_ground_hides_behind_ridges(tmp_path: Path) -> None:
    cameras = written(tmp_path / "c.geojson", (ONE | {"height_m": 4}, Point(0, 0)), (ONE, Point(0, 0)))
    heights = np.zeros((80, 80))
    heights[20, :] = 15.0  # a ridge about 42 m north
    kind = {"driver": "GTiff", "height": 80, "width": 80, "count": 1, "dtype": "float64", "crs": CRS}
    with rasterio.open(
        tmp_path / "dem.tif", "w", **kind, transform=rasterio.Affine(2, 0, X - 80, 0, -2, Y + 82)
    ) as raster:
        raster.write(heights, 1)

    known, unknown = told("--cameras", cameras, "--dem", tmp_path / "dem.tif")["cameras"]

    assert known["area_m2"] == pytest.approx(41**2, rel=0.15)
    assert "terrain" in known["flags"]
    assert unknown["share"] == 1.0
    assert "terrain_unknown" in unknown["flags"]


def test_without_json_it_reads_as_sentences(cameras: str) -> None:
    result = CliRunner().invoke(cover_command, ["--cameras", cameras])

    assert result.exit_code == 0
    assert result.stdout == "a: 5027 m² of a sector of 5027 m² (100.0%); near_zone_ignored, no_buildings_known\n"
