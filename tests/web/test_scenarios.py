"""Scenarios on the API: private and shared, changed under a version, put away and back, adopted, what they change."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns

Browsers = Callable[[str | None], Browser]
LIST = "/api/v1/plan/scenarios"


def pose(of: TwoTowns, **more: Any) -> dict[str, Any]:
    """Return a camera in the first cell of town A, apart from its building."""
    place = {"lng": of.a.west + 0.03, "lat": 29.23, "bearing_deg": 90, "hfov_deg": 90, "reach_m": 60}
    return place | more


@pytest.fixture
def planner(browser: Browsers) -> Browser:
    return browser("editor_a")


@pytest.fixture
def scenario(planner: Browser, two_towns: TwoTowns) -> dict[str, Any]:
    """Return a private scenario of town A's editor with one camera."""
    cell = f"{two_towns.a.code}001001"
    made = planner.post(LIST, json={"name": "学校周边", "area": cell, "note": "三所小学"}).json
    camera = pose(two_towns, name="路灯 1", cost=19_000, origin="place", pole="P1")
    whole: dict[str, Any] = planner.post(f"{LIST}/{made['id']}/cameras", json=camera).json
    return whole


def test_a_scenario_is_its_authors_alone_until_it_is_shared(
    browser: Browsers, planner: Browser, scenario: dict[str, Any]
) -> None:
    of = f"{LIST}/{scenario['id']}"
    chief = browser("chief")
    assert scenario["mine"]
    assert chief.get(of).status_code == 404
    assert chief.patch(of, json={"version": scenario["version"], "name": "x"}).status_code == 404
    shared = planner.patch(of, json={"version": scenario["version"], "shared": True})
    assert shared.status_code == 200
    assert not chief.get(of).json["mine"]
    assert browser("viewer_a").get(of).status_code == 200
    assert browser("viewer_a").post(f"{of}/cameras", json={}).status_code == 403
    taken_back = chief.patch(of, json={"version": shared.json["version"], "shared": False})
    assert taken_back.status_code == 400


def test_a_change_to_an_old_version_is_refused(planner: Browser, scenario: dict[str, Any]) -> None:
    of = f"{LIST}/{scenario['id']}"
    renamed = planner.patch(of, json={"version": scenario["version"], "name": "学校"})
    assert renamed.json["name"] == "学校"
    late = planner.patch(of, json={"version": scenario["version"], "name": "迟到"})
    assert (late.status_code, planner.get(of).json["name"]) == (409, "学校")
    camera = scenario["cameras_list"][0]
    turn = {"version": camera["version"], "values": {"bearing_deg": 180}}
    assert planner.patch(f"{of}/cameras/{camera['id']}", json=turn).json["bearing_deg"] == 180
    assert planner.patch(f"{of}/cameras/{camera['id']}", json=turn).status_code == 409


def test_what_is_put_away_can_be_taken_back_out(planner: Browser, scenario: dict[str, Any]) -> None:
    of, camera = f"{LIST}/{scenario['id']}", scenario["cameras_list"][0]["id"]
    assert planner.delete(f"{of}/cameras/{camera}").status_code == 204
    assert planner.get(of).json["cameras_list"] == []
    assert planner.post(f"{of}/cameras/undo", json={"cameras": [camera]}).json["cameras"] == 1
    assert planner.delete(of).status_code == 204
    assert planner.get(of).status_code == 404
    assert planner.post(f"{of}/undo", json={}).json["cameras_list"][0]["id"] == camera


def test_a_copy_is_ones_own_and_changes_nothing_of_the_first(planner: Browser, scenario: dict[str, Any]) -> None:
    copied = planner.post(LIST, json={"name": "副本", "copy_of": scenario["id"]}).json
    kept = [{**one, "id": 0, "scenario_id": 0} for one in scenario["cameras_list"]]
    assert [{**one, "id": 0, "scenario_id": 0} for one in copied["cameras_list"]] == kept
    planner.delete(f"{LIST}/{copied['id']}/cameras/{copied['cameras_list'][0]['id']}")
    assert planner.get(f"{LIST}/{scenario['id']}").json["cameras"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("bearing_deg", 360), ("hfov_deg", 0), ("height_m", -1), ("lng", 181), ("lat", "north"), ("width_px", math.inf),
     ("kind", "drone"), ("cost", -5), ("colour", "red"), ("lat", None)],
)  # fmt: skip
def test_a_pose_no_camera_can_have_is_refused_by_its_field(
    planner: Browser, scenario: dict[str, Any], two_towns: TwoTowns, field: str, value: object
) -> None:
    answer = planner.post(f"{LIST}/{scenario['id']}/cameras", json=pose(two_towns, **{field: value}))
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert planner.get(f"{LIST}/{scenario['id']}").json["cameras"] == 1


def test_shares_before_and_after_differ_by_what_the_camera_sees(planner: Browser, scenario: dict[str, Any]) -> None:
    found = planner.get(f"{LIST}/{scenario['id']}/shares").json
    quarter = math.pi * 60**2 / 4
    assert found["gain_m2"] == pytest.approx(quarter, rel=1e-3)
    (cell,) = found["cells"]
    assert cell["after"]["cameras"] == cell["before"]["cameras"] + 1
    # No bearing is in doubt here.
    assert cell["after"]["low"] == pytest.approx(cell["after"]["share"])
    assert cell["after"]["high"] == pytest.approx(cell["after"]["share"])
    assert found["whole"]["after"]["seen_m2"] == pytest.approx(cell["after"]["seen_m2"])
    (view,) = planner.get(f"{LIST}/{scenario['id']}/views").json["features"]
    assert view["properties"]["area_m2"] == pytest.approx(quarter, rel=1e-6)


def test_a_camera_is_tried_without_keeping_it(planner: Browser, scenario: dict[str, Any], two_towns: TwoTowns) -> None:
    of, camera = f"{LIST}/{scenario['id']}", scenario["cameras_list"][0]
    wider = {"cameras": [pose(two_towns, id=camera["id"], hfov_deg=180)]}
    tried = planner.post(f"{of}/shares", json=wider).json
    assert tried["gain_m2"] == pytest.approx(math.pi * 60**2 / 2, rel=1e-3)
    assert planner.get(of).json["cameras_list"] == scenario["cameras_list"]


def test_scenarios_stand_side_by_side_over_the_same_cells(
    planner: Browser, scenario: dict[str, Any], two_towns: TwoTowns
) -> None:
    other = planner.post(LIST, json={"name": "加倍", "copy_of": scenario["id"]}).json
    planner.post(f"{LIST}/{other['id']}/cameras", json=pose(two_towns, bearing_deg=270, cost=1_000))
    both = planner.get(f"/api/v1/plan/compare?scenario={scenario['id']}&scenario={other['id']}").json["scenarios"]
    assert [one["cost"] for one in both] == [19_000, 20_000]
    assert both[1]["gain_m2"] == pytest.approx(2 * both[0]["gain_m2"], rel=1e-3)
    assert both[0]["before"]["area_m2"] == both[1]["before"]["area_m2"]
    assert both[0]["gain_m2_per_cost"] == pytest.approx(both[0]["gain_m2"] / 19_000)


def test_adoption_is_shown_first_then_done_and_undone(planner: Browser, scenario: dict[str, Any]) -> None:
    of = f"{LIST}/{scenario['id']}"
    dry = planner.post(f"{of}/adopt", json={"version": scenario["version"], "dry_run": True}).json
    (planned,) = dry["added"]
    assert planner.get(f"/api/v1/cameras/{planned['code']}").status_code == 404
    done = planner.post(f"{of}/adopt", json={"version": scenario["version"]}).json
    assert done["added"] == dry["added"]
    record = planner.get(f"/api/v1/cameras/{planned['code']}").json
    assert (record["record_state"], record["bearing_deg"], record["pole"]) == ("planned", 90, "P1")
    whole = planner.get(of).json
    assert whole["cameras_list"][0]["camera_code"] == planned["code"]
    again = planner.post(f"{of}/adopt", json={"version": whole["version"], "dry_run": True}).json
    assert (again["added"], again["already"]) == ([], 1)
    assert planner.post(f"{of}/adopt/undo", json={}).json == {"removed": 1}
    assert planner.get(f"/api/v1/cameras/{planned['code']}").status_code == 404


def test_a_planned_camera_that_somebody_changed_stays_in_the_record(planner: Browser, scenario: dict[str, Any]) -> None:
    of = f"{LIST}/{scenario['id']}"
    code = planner.post(f"{of}/adopt", json={"version": scenario["version"]}).json["added"][0]["code"]
    planner.patch(f"/api/v1/cameras/{code}", json={"version": 1, "values": {"name": "校门口"}})
    assert planner.post(f"{of}/adopt/undo", json={}).json == {"removed": 0}
    assert planner.get(f"/api/v1/cameras/{code}").json["name"] == "校门口"


def test_the_ground_in_the_page_is_the_ground_of_the_server(planner: Browser, two_towns: TwoTowns) -> None:
    west = two_towns.a.west + 0.015
    box = {"west": west, "south": 29.215, "east": west + 0.01, "north": 29.225}
    ground = planner.get("/api/v1/plan/ground", query_string=box).json
    assert ground["error_m"] < 1e-4
    assert (len(ground["edges"]), ground["first"], ground["heights_m"]) == (16, [0, 4], [None])
    too_wide = planner.get("/api/v1/plan/ground", query_string=box | {"east": west + 1})
    assert (too_wide.status_code, too_wide.json["field"]) == (400, "west")


def square(of: TwoTowns, size: float = 1e-3, **properties: str) -> dict[str, Any]:
    x, y = of.a.west + 0.03, 29.23
    ring = [
        [x - size, y - size],
        [x + size, y - size],
        [x + size, y + size],
        [x - size, y + size],
        [x - size, y - size],
    ]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_forbidden_ground_is_drawn_listed_and_taken_back(planner: Browser, two_towns: TwoTowns) -> None:
    (number,) = planner.post("/api/v1/plan/forbidden", json=square(two_towns, reason="nursing_room")).json["added"]
    listed = planner.get("/api/v1/plan/forbidden").json["features"]
    assert number in {one["properties"]["id"] for one in listed}
    assert planner.delete(f"/api/v1/plan/forbidden/{number}").status_code == 204
    assert number not in {one["properties"]["id"] for one in planner.get("/api/v1/plan/forbidden").json["features"]}
    assert planner.post("/api/v1/plan/forbidden/undo", json={"places": [number]}).json == {"restored": 1}
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    assert planner.post("/api/v1/plan/forbidden", json=point).status_code == 400


def test_the_places_the_law_names_are_forbidden_from_the_start(planner: Browser, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE places SET kind = '卫生间' WHERE id = :id"), {"id": two_towns.a.ids["places"]})
    around = [one for one in planner.get("/api/v1/plan/forbidden").json["features"] if one["properties"]["id"] is None]
    assert [one["properties"]["reason"] for one in around] == ["toilet"]


def wanted(**more: Any) -> dict[str, Any]:
    return {"count": 1, "candidates": {"drawn": [[0, 0]]}, "demand": {"gaps": 1}} | more


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"candidates": {}, "demand": {"gaps": 1}}, "candidates"),
        (wanted(demand={"gaps": 0}), "demand"),
        (wanted(headings=0), "headings"),
        (wanted(count=-1), "count"),
        (wanted(money=5_000), "money"),
        (wanted(lenses=[{}] * 9), "lenses"),
    ],
)
def test_a_computation_that_cannot_be_is_refused_by_its_field(
    planner: Browser, scenario: dict[str, Any], sent: dict[str, Any], field: str
) -> None:
    answer = planner.post(f"{LIST}/{scenario['id']}/siting", json=sent)
    assert (answer.status_code, answer.json["field"]) == (400, field)


def test_one_computation_at_a_time_and_a_cancelled_one_makes_room(planner: Browser, scenario: dict[str, Any]) -> None:
    of = f"{LIST}/{scenario['id']}/siting"
    first = planner.post(of, json=wanted())
    assert (first.status_code, first.json["state"]) == (202, "asked")
    assert planner.post(of, json=wanted()).status_code == 400
    assert planner.post(f"/api/v1/plan/siting/{first.json['id']}/cancel", json={}).json["state"] == "cancelled"
    assert planner.post(of, json=wanted()).status_code == 202
    assert planner.post(f"/api/v1/plan/siting/{first.json['id']}/keep", json={}).status_code == 400
