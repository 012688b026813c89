"""Where the next cameras go, asked for on the command line: files in, one document out, sentences for what is wrong."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pyproj
import pytest
import shapely
from click.testing import CliRunner, Result
from shapely.geometry import LineString, Point, box, mapping

from web.cli import main

LNG, LAT = 120.6, 31.3
CRS = "EPSG:4549"
X, Y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(LNG, LAT)
BACK = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def written(path: Path, *rows: tuple[dict[str, object], shapely.Geometry | None]) -> Path:
    """Write features in metres around the place as GeoJSON."""
    features = []
    for values, shape in rows:
        placed = shape and shapely.transform(shape, lambda x, y: BACK.transform(x + X, y + Y), interleaved=False)
        features.append({"type": "Feature", "properties": values, "geometry": placed and mapping(placed)})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def site(*words: object) -> Result:
    return CliRunner().invoke(main, ["site", *map(str, words)])


def told(*words: object) -> dict[str, Any]:
    result = site(*words, "--json")
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["sites"]]


@pytest.fixture
def poles(tmp_path: Path) -> Path:
    """Return three poles 100 m apart, the outer ones of one owner."""
    return written(
        tmp_path / "poles.geojson",
        ({"code": "west", "owner": "a", "price": 2}, Point(0, 0)),
        ({"code": "middle", "owner": "b", "price": 2}, Point(100, 0)),
        ({"code": "east", "owner": "a", "price": 1}, Point(200, 0)),
    )


@pytest.fixture
def demand(tmp_path: Path) -> Path:
    """Return crossings: two near the west pole, one near the middle one, three near the east one."""
    places = [(0, 20), (20, 0), (100, 20), (200, 20), (220, 0), (200, -20)]
    rows = [({"worth": 1 + 9 * (n == 2)}, Point(*at)) for n, at in enumerate(places)]
    return written(tmp_path / "demand.geojson", *rows)


def test_the_poles_that_reach_most_are_chosen_in_order_and_proved(poles: Path, demand: Path, tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    found = told("--candidates", poles, "--demand", demand, "--reach", 30, "--budget", 2, "--out", out)
    assert codes(found) == ["east", "west"]
    assert [one["gain"] for one in found["sites"]] == [3, 2]
    assert (found["covered"], found["bound"], found["gap"], found["total"]) == (5, 5, 0, 6)
    assert found["proved"] is True
    assert found["problems"] == ["No buildings are known: what is seen is an upper bound."]
    written_sites = geopandas.read_file(out)
    assert list(written_sites["code"]) == ["east", "west"]
    assert list(written_sites.geometry.x) == pytest.approx([one["lng"] for one in found["sites"]])


def test_weights_costs_and_owners_count(poles: Path, demand: Path) -> None:
    given = ("--candidates", poles, "--demand", demand, "--reach", 30)
    assert codes(told(*given, "--budget", 1, "--weight", "worth")) == ["middle"]
    assert sorted(codes(told(*given, "--budget", 3, "--one-per", "owner"))) == ["east", "middle"]
    assert codes(told(*given, "--budget", 1, "--cost", "price")) == ["east"]


def test_walls_hide_and_forbidden_ground_is_not_stood_on(poles: Path, demand: Path, tmp_path: Path) -> None:
    wall = written(tmp_path / "buildings.geojson", ({}, box(150, 5, 250, 10)), ({}, box(150, -10, 250, -5)))
    shut = written(tmp_path / "forbidden.geojson", ({}, box(-5, -5, 5, 5)))
    given = ("--candidates", poles, "--demand", demand, "--reach", 30, "--budget", 2, "--buildings", wall)
    found = told(*given)
    assert codes(found)[0] == "west"
    assert found["covered"] == 3
    found = told(*given, "--forbidden", shut)
    assert "west" not in codes(found)
    assert found["problems"] == ["1 of 3 candidates stand in forbidden ground."]


def test_a_camera_looks_one_way_and_a_pole_holds_one(poles: Path, demand: Path) -> None:
    found = told("--candidates", poles, "--demand", demand, "--reach", 30, "--budget", 9, "--headings", 4)
    assert sorted(codes(found)) == ["east", "middle", "west"]
    assert {one["bearing_deg"] for one in found["sites"]} <= {0, 90, 180, 270}
    # North, east and south of the east pole lies one crossing each; 90° sees one of them, or a border of two.
    assert found["covered"] < 6
    assert found["candidates"] == 12


def test_what_is_told_in_words_names_each_pole(poles: Path, demand: Path) -> None:
    result = site("--candidates", poles, "--demand", demand, "--reach", 30, "--budget", 1)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "1. east: 3"
    assert "3 of 6 covered (proved best)" in result.stdout


def test_rows_that_are_no_points_are_refused_with_a_sentence_each(poles: Path, tmp_path: Path) -> None:
    roads = written(tmp_path / "roads.geojson", ({}, LineString([(0, 0), (9, 9)])), ({}, None))
    result = site("--candidates", poles, "--demand", roads, "--reach", 30, "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert problem.splitlines() == [
        "roads.geojson row 1: a Point is needed, and this is a LineString.",
        "roads.geojson row 2: a Point is needed, and this is nothing.",
    ]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--cost", "owner"], 1, "poles.geojson row 1, owner: 'a' is no number that is 0 or more."),
        (["--one-per", "colour"], 1, "poles.geojson has no column colour."),
        (["--out", "sites.doc"], 1, "names no format to write"),
        (["--forbidden", "nowhere.geojson"], 1, "nowhere.geojson"),
        (["--hfov", "60"], 2, "--hfov needs --headings"),
        (["--budget", "-1"], 2, "--budget"),
        (["--reach", "0"], 2, "--reach"),
    ],
)
def test_what_cannot_be_used_is_said(poles: Path, demand: Path, more: list[str], code: int, said: str) -> None:
    result = site("--candidates", poles, "--demand", demand, "--reach", 30, *more)
    assert result.exit_code == code
    assert said in result.stderr
