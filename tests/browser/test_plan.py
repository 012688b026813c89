"""The planner at the page: a camera that fails is seen there at once; twenty cameras for a town, from wish to paper."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import geopandas
import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.walking import PATIENCE_MS, faults_of, shoot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# From the verdict that a camera is off to the lower share on the page.
AT_ONCE_MS = 5_000
FORBIDDEN = 130
TOWN = "boundaries/cambridge_ma"
ROUTE = "4R"
IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data import db
from data.types import Level
from web.imports.order import CodeFrom, Order
from web.imports.run import run

def take(kind, file, **choices):
    with db.transaction() as session:
        done = run(session, Order(kind=kind, path=Path(sys.argv[1]) / file, **choices), now=datetime.now(UTC))
    assert done.refused == 0, done.problems[:3]

take("areas", "police_car_routes.geojson", columns={"code": "CAR_RTE", "name": "CAR_RTE"}, level=Level.CELL)
for file, kind in (("street_lights", "street_light"), ("utility_poles", "utility_pole"), ("intersections", "crossing")):
    take("places", f"{file}.parquet", fixed={"kind": kind}, code_from=CodeFrom.GEOMETRY)
"""
# Hears the verdict on a camera as the page does.
HEAR = """(id) => new EventSource("/api/v1/push").addEventListener("health", (event) => {
  const told = JSON.parse(event.data);
  const own = (told.cameras ?? [told]).find((one) => one.id === id);
  if (own) document.documentElement.dataset.verdict = own.health;
})"""
SEEN_NOW = "() => Number(document.querySelector('#seen-now')?.dataset.value || NaN)"
SHARE_OF_ONE = """async (view) => {
  const answer = await fetch(`/api/v1/coverage/${view}`);
  return answer.ok ? (await answer.json()).properties.share_now : null;
}"""
# What each camera in a box sees: as the page computes it, with and without heights of roofs, and as the server has it.
BOTH = """async (box) => {
  const { grown, loadGround } = await import("map/ground.js");
  const { view } = await import("map/view.js");
  const told = async (path) => {
    for (let left = 200; left; left--) {
      const answer = await fetch(path);
      if (answer.ok) return answer.json();
      await new Promise((again) => setTimeout(again, 300));
    }
    throw new Error(`no ${path}`);
  };
  const [west, south, east, north] = box;
  const ground = await loadGround(grown(box, 300));
  const flat = ground.buildings.map((one) => ({ ...one, height: null }));
  const { cameras } = await told(`/api/v1/plan/standing?${new URLSearchParams({ west, south, east, north })}`);
  return Promise.all(cameras.map(async (pose) => {
    const at = ground.place(pose.lng, pose.lat);
    const { properties } = await told(`/api/v1/cameras/${pose.code}/view`);
    return { page: view(pose, at, ground.buildings).area, flat: view(pose, at, flat).area, server: properties.area_m2 };
  }));
}"""
# The tiles a layer asks for when it is refreshed on a map between two zooms.
BETWEEN_ZOOMS = """async () => {
  const { createMap } = await import("map/map.js");
  const { createVectorLayer } = await import("map/vectortiles.js");
  const box = document.createElement("div");
  Object.assign(box.style, { width: "600px", height: "400px" });
  document.body.append(box);
  const map = createMap(box, { crs: "wgs84", extent: null });
  map.setView([31, 105], 9.5, { animate: false });
  const asked = [];
  const url = (key) => `/tiles/areas/${asked.push(key) && key}.mvt`;
  createVectorLayer({ url, paint: () => {} }).addTo(map).refresh();
  for (let left = 200; left && !asked.length; left--) await new Promise((again) => setTimeout(again, 50));
  map.remove();
  box.remove();
  return asked;
}"""
# A mouse moves once a frame.
FRAME = "() => new Promise(requestAnimationFrame)"
STEPS = "() => performance.getEntriesByName('drag-step').map(({ duration }) => duration)"


@pytest.fixture(scope="module")
def planner(house, page: Page) -> Page:
    """Return a window signed in as somebody who plans everywhere."""
    made = house.run("sharpeyes", "account", "add", "planner", "--role", "editor", "--everything", "--json")
    sign_in(page, house.url, login="planner", one_time=json.loads(made)["password"])
    return page


def answer(page: Page, path: str, **asked: object) -> dict:
    """Return what the page would be told."""
    return page.request.get(urljoin(page.url, path), params=asked).json()


def seen_by(page: Page, camera: str) -> tuple[int, str]:
    """Return the number of a camera and the cell that its view lies in."""
    view = shapely.geometry.shape(answer(page, f"/api/v1/cameras/{camera}/view")["geometry"])
    at = view.representative_point()
    near = {"west": at.x - 2e-3, "east": at.x + 2e-3, "south": at.y - 2e-3, "north": at.y + 2e-3}
    standing = answer(page, "/api/v1/plan/standing", **near)
    number = next(one["id"] for one in standing["cameras"] if one["code"] == camera)
    return number, next(one["code"] for one in standing["cells"] if shapely.Polygon(one["rings"][0]).contains(at))


def begin(page: Page, name: str) -> None:
    """Make a scenario."""
    page.click("#new")
    page.fill("dialog [name=name]", name)
    page.click("dialog button.main")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#in-hand-name")).to_have_text(name)


def place_one(page: Page) -> None:
    """Place a camera in the middle of the map."""
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator(".planned-camera")).to_have_count(1)


def test_a_camera_that_is_turned_off_lowers_what_is_seen_of_its_cell_on_an_open_page(house, planner: Page) -> None:
    # The first is the one that the walk turns off and on, which is unstable for a while after.
    _, camera, *_ = (one["name"] for one in house.cast["cameras"] if one["fault"] == "none")
    planner.goto(f"{house.url}/wall")
    planner.wait_for_function(
        "async (code) => (await fetch(`/api/v1/cameras/${code}/view`)).ok", arg=camera, timeout=PATIENCE_MS
    )
    number, cell = seen_by(planner, camera)
    planner.wait_for_function(SHARE_OF_ONE, arg=cell, timeout=PATIENCE_MS)

    planner.goto(f"{house.url}/plan?cell={cell}")
    expect(planner.locator("#seen-now")).to_contain_text("%")
    # The map has gone to the cell, near enough for its outline.
    expect(planner.locator(".chosen-cell")).to_be_in_viewport()
    before = planner.evaluate(SEEN_NOW)
    assert before > 0
    planner.evaluate(HEAR, number)
    house.switch(camera, "refuse")
    planner.wait_for_function("() => document.documentElement.dataset.verdict === 'offline'", timeout=PATIENCE_MS)
    planner.wait_for_function(f"(before) => ({SEEN_NOW})() < before - 1e-9", arg=before, timeout=AT_ONCE_MS)
    shoot(planner, "plan-now")
    house.switch(camera, "none")


def test_a_camera_is_placed_dragged_turned_and_undone(house, planner: Page, capsys: pytest.CaptureFixture[str]) -> None:
    planner.goto(f"{house.url}/plan")
    begin(planner, "Dragged")
    place_one(planner)
    expect(planner.locator("#camera-sees")).to_contain_text("m²", timeout=PATIENCE_MS)
    body = planner.locator(".planned-camera").bounding_box()
    assert body is not None
    x, y = body["x"] + 9, body["y"] + 9
    planner.mouse.move(x, y)
    planner.mouse.down()
    for step in range(30):
        planner.mouse.move(x + 2 * step, y + step)
        planner.evaluate(FRAME)
    steps = planner.evaluate(STEPS)
    seen = planner.locator("#camera-sees").inner_text()
    with planner.expect_response(lambda told: told.request.url.endswith("/views")):
        planner.mouse.up()
    # The server says the same once it is let go.
    expect(planner.locator("#camera-sees")).to_have_text(seen)
    with capsys.disabled():
        print(
            f"\ndrag step: {sum(steps) / len(steps):.1f} ms on average, {max(steps):.1f} ms at most, {len(steps)} steps"
        )
    with planner.expect_response(lambda told: told.request.method == "PATCH") as turned:
        planner.keyboard.press("ArrowRight")
    assert turned.value.json()["bearing_deg"] == 5
    expect(planner.locator("#effect table").first).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(3):
        planner.keyboard.press("z")
    expect(planner.locator(".planned-camera")).to_have_count(0)


def test_page_and_server_agree_on_what_cameras_see_over_roofs_too(house, planner: Page) -> None:
    cameras = [camera["name"] for camera in house.cast["cameras"]]
    planner.goto(f"{house.url}/plan")
    for camera in cameras:
        planner.wait_for_function(
            "async (code) => (await fetch(`/api/v1/cameras/${code}/view`)).ok", arg=camera, timeout=PATIENCE_MS
        )
    shapes = [shapely.geometry.shape(answer(planner, f"/api/v1/cameras/{one}/view")["geometry"]) for one in cameras]
    places = shapely.MultiPoint([one.centroid for one in shapes if not one.is_empty])
    seen = planner.evaluate(BOTH, list(places.envelope.centroid.buffer(0.01).bounds))
    assert len(seen) > 5
    # The ground comes to the page rounded to a tenth of a millimetre.
    assert max(abs(one["page"] - one["server"]) / max(one["server"], 1) for one in seen) < 1e-4
    assert any(one["page"] > one["flat"] + 1 for one in seen)


def test_scenarios_are_copied_compared_shared_adopted_and_taken_back(house, planner: Page) -> None:
    planner.goto(f"{house.url}/plan")
    begin(planner, "North")
    place_one(planner)
    own = planner.locator(".scenario.on")
    own.get_by_role("button", name="复制").click()
    planner.fill("dialog [name=name]", "South")
    planner.click("dialog button.main")
    expect(planner.locator("#in-hand-name")).to_have_text("South")
    expect(planner.locator(".planned-camera")).to_have_count(1)
    own.get_by_role("button", name="共享").click()
    expect(own).to_contain_text("已共享")

    for name in ("North", "South"):
        planner.get_by_label(f"比较 {name}", exact=True).check()
    planner.click("#compare")
    sides = planner.locator("dialog table")
    expect(sides.locator("thead th")).to_have_count(3)
    expect(sides.get_by_role("row", name="看得见").first).to_contain_text("%")
    shoot(planner, "plan-compare")
    planner.keyboard.press("Escape")

    planner.click("#adopt")
    expect(planner.locator("dialog tbody tr")).to_have_count(1)
    code = planner.locator("dialog tbody .code").inner_text()
    planner.click("dialog button.main")
    expect(planner.locator("dialog")).to_be_hidden()
    expect(own).to_contain_text("已采纳")
    assert planner.request.get(f"{house.url}/cameras/{code}").status == 200
    planner.keyboard.press("z")
    expect(own).not_to_contain_text("已采纳")
    assert planner.request.get(f"{house.url}/cameras/{code}").status == 404


def forbidden(folder: Path) -> dict:
    """Return squares around 130 lamp posts, as a file of forbidden ground."""
    places = geopandas.read_parquet(folder / "street_lights.parquet").to_crs(4326).geometry[: 10 * FORBIDDEN : 10]
    shapes = [shapely.box(at.x - 1e-4, at.y - 1e-4, at.x + 1e-4, at.y + 1e-4) for at in places]
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"{n}", "reason": "privacy"},
            "geometry": shapely.geometry.mapping(one),
        }
        for n, one in enumerate(shapes)
    ]
    return {"type": "FeatureCollection", "features": features}


def test_twenty_cameras_on_poles_for_the_crossings_of_a_town_from_wish_to_paper(
    house, planner: Page, shared_data: Path, tmp_path: Path
) -> None:
    house.run("python", "-c", IMPORT, str(shared_data / TOWN))
    file = tmp_path / "forbidden.geojson"
    file.write_text(json.dumps(forbidden(shared_data / TOWN)))
    planner.goto(f"{house.url}/plan")
    planner.set_input_files("#forbid-file", file)
    expect(planner.locator("#forbidden-count")).to_have_text(str(FORBIDDEN))

    planner.click("#new")
    planner.fill("dialog [name=name]", "路口优先 · 20 路")
    planner.fill("dialog [name=area]", ROUTE)
    planner.click("dialog button.main")
    expect(planner.locator("[name=count]")).to_have_value("20")
    for kind in ("street_light", "utility_pole"):
        expect(planner.locator(f"[name=place_kinds][value={kind}]")).to_be_checked()
    expect(planner.locator("[name=crossing_kinds][value=crossing]")).to_be_checked()
    planner.click("#siting summary")
    planner.fill("#siting [name=cost]", "1.9")
    planner.fill("#siting [name=time_limit_s]", "2")
    planner.click("#siting-go")
    expect(planner.locator("#run progress")).to_be_visible()
    expect(planner.locator("#result")).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(planner.locator("#run .bound-text")).to_contain_text("%")
    expect(planner.locator("#run tbody tr")).to_have_count(20)

    planner.click("#keep")
    expect(planner.locator(".planned-camera")).to_have_count(20)
    expect(planner.locator("#effect table").first).to_be_visible(timeout=PATIENCE_MS)
    shoot(planner, "plan-sites")
    for form, begins in (("pdf", b"%PDF"), ("gpkg", b"SQLite format 3"), ("xlsx", b"PK"), ("html", b"<!DOCTYPE html")):
        with planner.expect_download(timeout=PATIENCE_MS) as coming:
            planner.click(f"#exports a[href$='.{form}']")
        assert Path(coming.value.path()).read_bytes().lstrip().startswith(begins), form
    planner.click("#adopt")
    expect(planner.locator("dialog")).to_contain_text("20")
    planner.keyboard.press("Escape")


def test_a_layer_refreshed_between_two_zooms_asks_for_tiles_there_are(house, planner: Page) -> None:
    planner.goto(f"{house.url}/plan")
    asked = planner.evaluate(BETWEEN_ZOOMS)
    assert asked
    assert all(re.fullmatch(r"\d+/\d+/\d+", key) for key in asked), asked


def test_nothing_of_the_planner_stands_in_the_way_of_a_screen_reader(house, planner: Page) -> None:
    first = answer(planner, "/api/v1/plan/scenarios")["scenarios"][0]["id"]
    assert faults_of(planner, f"{house.url}/plan?scenario={first}", shows="#in-hand-name") == []
