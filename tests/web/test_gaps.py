"""What stands beside a share: classes, what matters, what is known now, who sees a place; asked of the interface."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import text

from data import coverage_upkeep, db, health
from data.health import Change
from data.types import Health
from tests.scenes import HandScene
from tests.web.conftest import Browser
from tests.web.laid_out import CAMERA, CELL, EXACT, SCENE, cell, lay_out, say
from tests.web.towns import TwoTowns
from web.jobs.coverage import catch_up, update_coverage


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


def test_the_figures_beside_the_share_are_those_of_the_scene(chief: Browser, scene: HandScene) -> None:
    there = cell(chief)
    assert there["sectors_m2"] == pytest.approx(scene.sector_m2, rel=EXACT)
    assert there["least_m2"] == there["most_m2"] == pytest.approx(scene.view_m2, rel=1e-6)
    assert (there["seen_by_2_m2"], there["lost_now_m2"]) == (0.0, 0.0)
    assert (there["worst_m2"], there["worst_code"]) == (pytest.approx(scene.view_m2, rel=1e-6), CAMERA)
    # A and C stop the sight with a whole wall; B too, with its west wall.
    assert (there["buildings"], there["buildings_seen"], there["buildings_now"]) == (3, 3, 3)


def test_a_denser_class_sees_less_and_says_so(chief: Browser, scene: HandScene) -> None:
    shares = [chief.get(f"/api/v1/coverage/{CELL}?class={name}").json["properties"] for name in ("detect", "identify")]
    # 3840 px over 90° are 250 px/m at 7.68 m, nearer than any building.
    assert shares[1]["seen_m2"] == pytest.approx(math.pi / 4 * 7.68**2, rel=1e-5)
    assert shares[1]["seen_m2"] < shares[0]["seen_m2"]
    assert shares[1]["px_per_m"] == 250.0
    assert chief.get("/coverage?class=identify").status_code == 200
    assert chief.get("/api/v1/coverage?class=sharp").status_code == 400


def test_key_places_roads_and_incidents_are_counted_where_cameras_see(chief: Browser, scene: HandScene) -> None:
    matters(scene)
    update_coverage()
    there = cell(chief)
    assert (there["places_seen"], there["places"]) == (1, 2)
    assert (there["roads_seen_m"], there["roads_m"]) == pytest.approx((20.0, 70.0), abs=1e-3)
    # Five incidents are seen and five not: fewer on either side would tell where they happened.
    assert (there["incidents_seen"], there["incidents"]) == (5, 10)
    places = chief.get(f"/api/v1/coverage/places?q={CELL}").json["places"]
    assert [(one["name"], one["seen"]) for one in places] == [("后门", False), ("校门", True)]
    say(CAMERA, "offline")
    update_coverage()
    assert cell(chief)["places_now"] == 0
    assert cell(chief)["places_seen"] == 1
    with db.transaction() as session:
        session.execute(text("DELETE FROM incidents WHERE code = 'I5'"))
    update_coverage()
    assert (cell(chief)["incidents_seen"], cell(chief)["incidents"]) == (None, 9)


def matters(scene: HandScene) -> None:
    """Put two key places, a lamp, a road and ten incidents into the cell; half of each lies where the camera sees."""
    x, y = 500_000.0, 3_320_000.0
    seen, hidden = scene.lnglat(shapely.Point(x + 10, y)), scene.lnglat(shapely.Point(x + 40, y))
    road = scene.lnglat(shapely.LineString([(x - 10, y), (x + 60, y)]))
    with db.transaction() as session:
        area, path = session.execute(text("SELECT id, path::text FROM areas WHERE code = :code"), {"code": CELL}).one()
        given = {"area": area, "path": path, "seen": seen.wkt, "hidden": hidden.wkt, "road": road.wkt}
        for code, name, kind, at in (("P1", "校门", "school_gate", "seen"), ("P2", "后门", "school_gate", "hidden"),
                                     ("P3", "路灯", "street_light", "seen")):  # fmt: skip
            session.execute(
                text(
                    "INSERT INTO places (code, name, kind, area_id, path, geom) VALUES"
                    f" ('{code}', '{name}', '{kind}', :area, :path, ST_GeomFromText(:{at}, 4326))"
                ),
                given,
            )
        session.execute(
            text("INSERT INTO roads (code, geom, kind) VALUES ('R1', ST_GeomFromText(:road, 4326), 'main')"), given
        )
        session.execute(
            text(
                "INSERT INTO incidents (code, kind, at, area_id, path, geom) SELECT 'I' || n, '盗窃', now(), :area,"
                " :path, ST_GeomFromText(CASE WHEN n <= 5 THEN :seen ELSE :hidden END, 4326)"
                " FROM generate_series(1, 10) n"
            ),
            given,
        )


def test_when_the_job_is_dead_what_is_seen_now_is_unknown_and_not_stale(chief: Browser, scene: HandScene) -> None:
    assert cell(chief)["share_now"] is not None
    with db.transaction() as session:
        coverage_upkeep.say_alive(session, now=datetime.now(UTC) - timedelta(minutes=1))
    found = cell(chief)
    assert (found["seen_now_m2"], found["cameras_now"], found["places_now"]) == (None, None, None)
    assert found["seen_m2"] == pytest.approx(scene.view_m2, rel=EXACT)


def test_a_change_of_health_asks_for_the_cells_it_touches_at_once(chief: Browser, scene: HandScene) -> None:
    with db.transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        camera = session.execute(text("SELECT id FROM cameras WHERE code = :code"), {"code": CAMERA}).scalar_one()
        gone = Change(camera_id=camera, path="", health=Health.OFFLINE, fault=None, layer=None, since=datetime.now(UTC))
        health.tell(session, [gone, gone])
    with db.transaction() as session:
        jobs = session.execute(text("SELECT task_name, lock, status FROM procrastinate_jobs")).all()
        stale = session.execute(
            text("SELECT a.code FROM cell_coverage k JOIN areas a ON a.id = k.area_id WHERE k.stale")
        ).scalars()
        assert list(stale) == [CELL]
    assert [tuple(job) for job in jobs] == [("update_coverage", "update_coverage", "todo")]


def leave_to_do(*, views: bool) -> None:
    """Leave all to be computed again that an import of everything but the scene would."""
    with db.transaction() as session:
        session.execute(text("UPDATE cell_coverage SET stale = true"))
        if views:
            session.execute(text("UPDATE cameras SET version = version + 1 WHERE code <> :code"), {"code": CAMERA})


def computed(what: str) -> list[datetime]:
    with db.transaction() as session:
        return list(session.execute(text(f"SELECT computed_at FROM {what} ORDER BY computed_at")).scalars())


def test_a_cell_that_lost_a_camera_comes_before_the_views_an_import_left_to_do(
    chief: Browser, scene: HandScene
) -> None:
    leave_to_do(views=True)
    say(CAMERA, "offline")
    catch_up(views_a_batch=1)
    _, second, last = computed("camera_views")
    assert second < computed("cell_coverage")[0] < last
    assert cell(chief)["seen_now_m2"] == 0


def test_a_cell_that_lost_a_camera_comes_before_other_cells(chief: Browser, scene: HandScene) -> None:
    leave_to_do(views=False)
    say(CAMERA, "offline")
    catch_up(cells_a_batch=1)
    first, *others = computed("cell_coverage")
    assert datetime.fromisoformat(cell(chief)["computed_at"]) == first
    assert len(others) == 4


def who(browser: Browser, **asked: Any) -> list[dict[str, Any]]:
    answer = browser.get("/api/v1/coverage/who-sees", query_string=asked)
    assert answer.status_code == 200, answer.json
    return list(answer.json["cameras"])


def test_who_sees_a_place_is_told_with_the_density_there(chief: Browser, scene: HandScene) -> None:
    there = scene.lnglat(shapely.Point(500_015.0, 3_320_000.0))
    (found,) = who(chief, lng=there.x, lat=there.y)
    assert (found["code"], found["works_now"], found["class"]) == (CAMERA, True, "recognise")
    # 15 m away by ground, a little less than in the grid: 3840 / (2 · 15 · tan 45°) = 128 px/m.
    assert found["px_per_m"] == pytest.approx(128, rel=1e-3)
    behind = scene.lnglat(shapely.Point(500_040.0, 3_320_000.0))
    assert who(chief, lng=behind.x, lat=behind.y) == []
    line = scene.lnglat(shapely.LineString([(500_010.0, 3_320_000.0), (500_030.0, 3_320_000.0)]))
    (along,) = who(chief, points=";".join(f"{x},{y}" for x, y in line.coords))
    assert along["part"] == pytest.approx(0.5, rel=1e-4)
    square = scene.lnglat(shapely.box(500_005, 3_319_999, 500_007, 3_320_001))
    (over,) = who(chief, points=";".join(f"{x},{y}" for x, y in square.exterior.coords), shape="polygon")
    assert over["part"] == pytest.approx(1.0)
    say(CAMERA, "offline")
    assert who(chief, lng=there.x, lat=there.y) == []
    (idle,) = who(chief, lng=there.x, lat=there.y, all=1)
    assert not idle["works_now"]


@pytest.mark.parametrize(
    "asked",
    [{}, {"lng": 200, "lat": 0}, {"points": "1,2"}, {"points": "x"}, {"points": "0,0;1,1"}, {"points": "0,0;nan,0"},
     {"points": "0,0;0,0;0,0", "shape": "polygon"}, {"points": "0,0;.01,.01;.01,0;0,.01", "shape": "polygon"},
     {"points": ";".join(f"0,{n / 1e5}" for n in range(600))}, {"points": "0,0;0,.01", "shape": "circle"}],
)  # fmt: skip
def test_a_place_that_makes_no_sense_is_a_problem(chief: Browser, asked: dict[str, Any]) -> None:
    answer = chief.get("/api/v1/coverage/who-sees", query_string=asked)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_gaps_leave_as_a_package_that_other_programs_open(chief: Browser, scene: HandScene, tmp_path: Path) -> None:
    file = tmp_path / "gaps.gpkg"
    file.write_bytes(chief.get(f"/coverage/export.gpkg?q={CELL}").data)
    (row,) = geopandas.read_file(file).to_dict("records")
    assert (row["code"], row["share"]) == (CELL, pytest.approx(scene.share, rel=EXACT))
    assert row["geometry"].area > 0
