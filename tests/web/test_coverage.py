"""What cameras see, from files to the page, the interface and the export: the same figures, and they follow."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import text

from data import coverage, db
from data.types import Level
from tests.scenes import HandScene
from tests.web.conftest import Browser
from tests.web.laid_out import CAMERA, CELL, EXACT, SCENE, bring_in, build, cell, change, lay_out, say
from tests.web.towns import TwoTowns
from web.jobs.coverage import update_coverage


def computed() -> dict[str, datetime]:
    """Return when each cell was computed last."""
    with db.transaction() as session:
        rows = session.execute(
            text("SELECT a.code, k.computed_at FROM cell_coverage k JOIN areas a ON a.id = k.area_id")
        )
        return {row.code: row.computed_at for row in rows}


@pytest.fixture
def chief(browser: Callable[[str | None], Browser], two_towns: TwoTowns) -> Browser:
    return browser("chief")


@pytest.fixture
def scene(two_towns: TwoTowns, tmp_path: Path) -> HandScene:
    """Return the scene worked out by hand, imported and computed, its camera at work."""
    lay_out(SCENE, tmp_path)
    say(CAMERA, "online")
    update_coverage()
    return SCENE


def view(chief: Browser, code: str = CAMERA) -> Any:
    return chief.get(f"/api/v1/cameras/{code}/view")


def test_the_scene_worked_out_by_hand_is_exact_on_the_interface(chief: Browser, scene: HandScene) -> None:
    seen = view(chief).json["properties"]
    assert seen["area_m2"] == pytest.approx(scene.view_m2, rel=EXACT)
    assert seen["sector_m2"] == pytest.approx(scene.sector_m2, rel=EXACT)
    assert seen["share"] == pytest.approx(scene.view_m2 / scene.sector_m2, rel=EXACT)
    there = cell(chief)
    shares = {"share": scene.share, "share_now": scene.share}
    areas = {"area_m2": scene.cell_m2, "open_m2": scene.open_m2, "seen_m2": scene.view_m2, "seen_now_m2": scene.view_m2}
    for name, wanted in (areas | shares).items():
        assert there[name] == pytest.approx(wanted, rel=EXACT), name
    (listed,) = chief.get(f"/api/v1/coverage?q={CELL}").json["cells"]
    assert listed["share"] == there["share"]
    assert chief.get(f"/api/v1/coverage?q={CELL}").json["sum"]["seen_m2"] == there["seen_m2"]


def test_the_scene_worked_out_by_hand_is_exact_on_the_page(chief: Browser, scene: HandScene) -> None:
    page = chief.get(f"/coverage?q={CELL}").get_data(as_text=True)
    row = page[page.index(f'data-code="{CELL}"') :]
    share, now = (float(found) for found in re.findall(r'<data value="([^"]+)"', row)[:2])
    assert share == pytest.approx(scene.share, rel=EXACT)
    assert now == pytest.approx(scene.share, rel=EXACT)


def test_the_scene_worked_out_by_hand_is_exact_in_the_exports(chief: Browser, scene: HandScene) -> None:
    features = chief.get("/api/v1/coverage/export.geojson").json["features"]
    (feature,) = [one for one in features if one["properties"]["code"] == CELL]
    assert feature["properties"]["share"] == pytest.approx(scene.share, rel=EXACT)
    assert shapely.from_geojson(str(feature["geometry"]).replace("'", '"').replace("(", "[").replace(")", "]")).area > 0
    table = chief.get("/coverage/export.csv?q=" + CELL).get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(table))
    assert float(row["全部在用可见占比"]) == pytest.approx(scene.share, rel=EXACT)
    assert float(row["全部在用可见面积 m²"]) == pytest.approx(scene.view_m2, rel=EXACT)
    assert chief.get("/coverage/export.xlsx").data[:2] == b"PK"


def test_the_gap_is_the_open_ground_that_is_not_seen(chief: Browser, scene: HandScene) -> None:
    gaps = geopandas.GeoSeries(
        [shapely.geometry.shape(chief.get(f"/api/v1/coverage/{CELL}").json["geometry"])], crs=4326
    )
    assert gaps.to_crs(scene.crs).area[0] == pytest.approx(scene.open_m2 - scene.view_m2, rel=EXACT)


def test_a_cell_without_cameras_is_one_gap(chief: Browser, two_towns: TwoTowns) -> None:
    update_coverage()
    code = f"{two_towns.a.code}001002"
    with db.transaction() as session:
        session.execute(text("UPDATE cameras SET geom = ST_Translate(geom, 0, 1), version = version + 1"))
    update_coverage()
    found = cell(chief, code)
    assert (found["share"], found["seen_m2"], found["cameras"]) == (0.0, 0.0, 0)
    shape = shapely.geometry.shape(chief.get(f"/api/v1/coverage/{code}").json["geometry"])
    gap_m2 = geopandas.GeoSeries([shape], crs=4326).to_crs("EPSG:4544").area[0]
    assert gap_m2 == pytest.approx(found["open_m2"], rel=1e-6)


def test_an_edited_camera_is_computed_again_and_other_cells_are_left_alone(chief: Browser, scene: HandScene) -> None:
    before, when = view(chief).json["properties"]["area_m2"], computed()
    change(CAMERA, "hfov_deg = 45")
    assert view(chief).json["properties"]["stale"]
    update_coverage()
    assert view(chief).json["properties"]["area_m2"] < before
    assert cell(chief)["seen_m2"] == pytest.approx(view(chief).json["properties"]["area_m2"], rel=EXACT)
    assert {code for code, at in computed().items() if at != when[code]} == {CELL}


def test_a_camera_that_leaves_a_cell_takes_its_share_along(chief: Browser, scene: HandScene) -> None:
    change(CAMERA, "geom = ST_Translate(geom, 0.01, 0)")
    update_coverage()
    assert (cell(chief)["seen_m2"], cell(chief)["cameras"]) == (0.0, 0)


@pytest.mark.parametrize(("health", "until"), [("offline", "1 hour"), ("online", "-1 second")])
def test_a_camera_that_no_longer_works_counts_for_the_plan_only(
    chief: Browser, scene: HandScene, health: str, until: str
) -> None:
    say(CAMERA, health, until=until)
    # Before any job noticed, what is seen now is not known; an old figure is never passed off as the present.
    found = cell(chief)
    assert (found["seen_now_m2"], found["share_now"], found["stale"]) == (None, None, True)
    assert chief.get("/api/v1/coverage").json["sum"]["seen_now_m2"] is None
    update_coverage()
    found = cell(chief)
    assert found["seen_now_m2"] == 0.0
    assert found["seen_m2"] == pytest.approx(scene.view_m2, rel=EXACT)
    shape = shapely.geometry.shape(chief.get(f"/api/v1/coverage/{CELL}").json["geometry"])
    gap_m2 = geopandas.GeoSeries([shape], crs=4326).to_crs(scene.crs).area[0]
    assert gap_m2 == pytest.approx(scene.open_m2, rel=1e-6)
    say(CAMERA, "online")
    update_coverage()
    assert cell(chief)["share_now"] == pytest.approx(scene.share, rel=EXACT)


def test_a_new_building_hides_what_lies_behind_it(chief: Browser, scene: HandScene, tmp_path: Path) -> None:
    before = view(chief).json["properties"]["area_m2"]
    x, y = 500_000.0, 3_320_000.0
    build((*scene.buildings, shapely.box(x + 5, y - 2, x + 6, y + 2)), tmp_path)
    update_coverage()
    after = view(chief).json["properties"]["area_m2"]
    assert after < before - 90
    assert cell(chief)["seen_m2"] == pytest.approx(after, rel=EXACT)
    with db.transaction() as session:
        session.execute(text("DELETE FROM buildings WHERE code = 'B3'"))
    update_coverage()
    assert view(chief).json["properties"]["area_m2"] == pytest.approx(before, rel=EXACT)


def test_a_building_that_is_moved_frees_what_it_hid(chief: Browser, scene: HandScene) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE buildings SET geom = ST_Translate(geom, 1, 0) WHERE code LIKE 'B_'"))
    update_coverage()
    assert view(chief).json["properties"]["area_m2"] == pytest.approx(scene.sector_m2, rel=EXACT)
    assert cell(chief)["open_m2"] == pytest.approx(scene.cell_m2, rel=EXACT)


def test_a_new_boundary_is_measured_again(chief: Browser, scene: HandScene, tmp_path: Path) -> None:
    x, y = 500_000.0, 3_320_000.0
    wider = [scene.lnglat(shapely.box(x - 10, y - 50, x + 130, y + 50))]
    cells = {"code": [CELL], "name": ["算例网格"]}
    bring_in("areas", tmp_path / "wider.gpkg", cells, wider, level=Level.CELL)
    update_coverage()
    assert cell(chief)["area_m2"] == pytest.approx(2 * scene.cell_m2, rel=1e-6)


@pytest.mark.parametrize("state", ["dismantled", "repair", "planned"])
def test_a_camera_that_is_not_in_use_has_no_view(chief: Browser, scene: HandScene, state: str) -> None:
    change(CAMERA, f"record_state = '{state}'")
    update_coverage()
    assert view(chief).status_code == 404
    assert (cell(chief)["seen_m2"], cell(chief)["cameras"]) == (0.0, 0)


def test_without_buildings_the_figures_say_that_they_are_an_upper_bound(
    chief: Browser, two_towns: TwoTowns, tmp_path: Path
) -> None:
    lay_out(SCENE, tmp_path, with_buildings=False)
    update_coverage()
    assert "no_buildings_known" in view(chief).json["properties"]["flags"]
    assert "no_buildings_known" in cell(chief)["flags"]
    assert cell(chief)["seen_m2"] == pytest.approx(SCENE.sector_m2, rel=EXACT)
    page = chief.get(f"/coverage?q={CELL}").get_data(as_text=True)
    assert "上限值" in page[page.index(f'data-code="{CELL}"') :]
    assert "未计遮挡的上限值" in page


def test_every_guess_is_said_in_words(chief: Browser, scene: HandScene) -> None:
    page = chief.get("/coverage").get_data(as_text=True)
    assert "高度不详处建筑物按完全遮挡计算" in page
    assert "25 个像素" in page
    assert f"{coverage.MIN_GAP_M2:g} m²" in page


def test_an_account_of_one_town_sees_the_cells_of_its_town_only(
    browser: Callable[[str | None], Browser], scene: HandScene, two_towns: TwoTowns
) -> None:
    here = browser("viewer_a")
    listed = here.get("/api/v1/coverage").json
    assert {one["code"] for one in listed["cells"]} == {f"{two_towns.a.code}00100{n}" for n in (1, 2)}
    assert listed["sum"]["cells"] == 2
    assert here.get(f"/api/v1/coverage/{CELL}").status_code == 404
    assert view(here).status_code == 404
    assert {one["properties"]["code"] for one in here.get("/api/v1/coverage/export.geojson").json["features"]} == {
        f"{two_towns.a.code}00100{n}" for n in (1, 2)
    }
    assert two_towns.b.mark not in here.get("/coverage").get_data(as_text=True)


def test_towns_are_summed_up(chief: Browser, scene: HandScene, two_towns: TwoTowns) -> None:
    listed = chief.get("/api/v1/coverage").json
    towns = {one["code"]: one for one in listed["towns"]}
    assert set(towns) == {two_towns.a.code, two_towns.b.code}
    cells = [one for one in listed["cells"] if one["code"].startswith(two_towns.a.code)]
    assert towns[two_towns.a.code]["seen_m2"] == pytest.approx(sum(one["seen_m2"] for one in cells))
    assert listed["sum"]["area_m2"] == pytest.approx(sum(one["area_m2"] for one in listed["cells"]))


@pytest.mark.parametrize("order", coverage.ORDERS)
def test_the_table_can_be_sorted_both_ways(chief: Browser, scene: HandScene, order: str) -> None:
    for sort in (order, f"-{order}"):
        assert chief.get(f"/coverage?sort={sort}").status_code == 200
    field = {"now": "share_now", "area": "area_m2", "worst": "worst_m2", "lost": "lost_now_m2"}.get(order, order)
    if order not in ("open", "places", "two", "worst", "roads"):
        values = [one[field] for one in chief.get(f"/api/v1/coverage?sort={order}").json["cells"]]
        assert values == sorted(values)


@pytest.mark.parametrize("query", ["sort=colour", "page=0", "page=x", "size=1000000"])
def test_a_question_that_makes_no_sense_is_a_problem(chief: Browser, query: str) -> None:
    answer = chief.get(f"/api/v1/coverage?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
