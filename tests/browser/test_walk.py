"""One walk through the house as its people would take it: login, wall, camera, alarm, import. In this order."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walking import PATIENCE_MS, ROOT, faults_of, shoot, sign_in, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MORE_PAGES = ("outages", "records", "reports", "notices", "discovery", "maintenance", "admin/thresholds")
IMAGES_ARE_THERE = "() => [...document.querySelectorAll('#focus img')].every((one) => one.complete)"


def test_the_first_administrator_signs_in_and_replaces_the_one_time_password(house, page: Page) -> None:
    sign_in(page, house.url, login="admin", one_time=house.one_time_password)


def test_the_wall_fills_with_living_cameras(house, page: Page) -> None:
    page.goto(f"{house.url}/wall")
    expect(page.locator(".demonstration")).to_contain_text("虚构")
    expect(page.locator("#numbers .n").first).to_contain_text("/")
    page.wait_for_function(
        "async () => (await (await fetch('/api/v1/cameras/health')).text()).includes('online')", timeout=PATIENCE_MS
    )
    expect(page.locator("#legend")).to_contain_text("在线")
    shoot(page, "wall")


def test_a_camera_that_stops_answering_is_on_the_wall_and_comes_back(house, page: Page) -> None:
    camera = next(one for one in house.cast["cameras"] if one["fault"] == "none")
    page.fill("#search input", camera["name"])
    page.locator("#search li button").first.click()
    state = page.locator("#focus .state")
    expect(state).to_contain_text("在线")

    house.switch(camera["name"], "refuse")
    expect(state).to_contain_text("拒绝连接")
    shoot(page, "wall-offline")
    house.switch(camera["name"], "none")
    expect(state).to_contain_text("在线", timeout=2 * PATIENCE_MS)


def test_a_camera_page_shows_its_record_picture_and_history(house, page: Page) -> None:
    camera = next(one for one in house.cast["cameras"] if one["fault"] == "none")
    page.goto(f"{house.url}/cameras/{camera['name']}")
    page.wait_for_function(
        "() => [...document.images].some((one) => one.complete && one.naturalWidth > 100)", timeout=PATIENCE_MS
    )
    expect(page.locator("main")).to_contain_text(camera["name"])
    assert camera["password"] not in page.content()
    shoot(page, "camera")


def test_the_list_of_cameras_can_be_searched(house, page: Page) -> None:
    camera = house.cast["cameras"][0]
    page.goto(f"{house.url}/cameras?q={camera['name']}")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{house.url}/cameras")
    shoot(page, "cameras")


def test_a_pressed_button_rings_on_the_wall_and_is_closed_with_a_finding(house, page: Page) -> None:
    page.goto(f"{house.url}/wall")
    expect(page.locator("#alarm-count")).to_have_text("0")
    house.press(house.cast["buttons"][0]["device"])
    expect(page.locator("#alarms .alarm.active")).to_have_count(1, timeout=5_000)
    expect(page.locator("#focus")).to_contain_text("签收")
    page.wait_for_function(IMAGES_ARE_THERE, timeout=PATIENCE_MS)
    shoot(page, "alarm")

    page.keyboard.press("Space")
    expect(page.locator("#alarms .alarm.acknowledged")).to_have_count(1)
    shoot(page, "alarm-acknowledged")
    page.keyboard.press("F")
    page.locator("#focus .keys button", has_text="误报").click()
    expect(page.locator("#alarms .alarm")).to_have_count(0)


def test_a_file_is_checked_and_then_applied_on_the_import_page(house, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(
        "编码,名称,类型,经度,纬度\nXX1,北门公交站,公交站,105.0,31.2\nXX2,,公交站,105.001,31.2\n", encoding="gb18030"
    )
    page.goto(f"{house.url}/import")
    page.check("input[name=kind][value=places]")
    page.set_input_files("input[type=file]", file)
    shoot(page, "import")
    page.click("form button.main")
    page.wait_for_url("**/import/*")
    crs = page.locator("select[name=crs]")
    if crs.count():
        crs.select_option("wgs84")
    page.click("#check")
    expect(page.locator("#report")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#problems tr").first).to_be_visible()
    shoot(page, "import-checked")


@pytest.mark.parametrize("path", ["areas", "buttons", "coverage", "incidents", "admin"])
def test_every_other_page_opens(house, page: Page, path: str) -> None:
    answer = page.goto(f"{house.url}/{path}")
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("main")).to_be_visible()
    shoot(page, path)


@pytest.mark.parametrize("path", MORE_PAGES)
def test_pages_of_the_record_open_without_a_complaint(house, page: Page, path: str) -> None:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    answer = page.goto(f"{house.url}/{path}")
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("main")).to_be_visible()
    assert said == []


def test_nothing_stands_in_the_way_of_a_screen_reader(house, page: Page) -> None:
    paths = ("wall", "cameras", "areas", "import", "buttons", "coverage", "incidents", "admin", *MORE_PAGES)
    found = {path: faults_of(page, f"{house.url}/{path}") for path in paths}
    page.click(".self [name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    found |= {f"{path} in English": faults_of(page, f"{house.url}/{path}") for path in MORE_PAGES}
    page.click(".self [name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_with_the_worker_stopped_every_camera_becomes_unknown_and_none_stays_online(house, page: Page) -> None:
    page.goto(f"{house.url}/wall")
    with house.without("worker-look", "worker-compute"):
        page.wait_for_function(
            """() => [...document.querySelectorAll('#legend b')].some((b) => b.textContent === '0'
                && b.previousElementSibling?.textContent.includes('在线'))""",
            timeout=PATIENCE_MS,
        )
        shoot(page, "wall-silent")
        page.goto(f"{house.url}/cameras?health=online")
        expect(page.locator("tbody tr[data-code]")).to_have_count(0)


def test_a_press_that_was_answered_survives_the_death_of_every_process(house, page: Page) -> None:
    house.press(house.cast["buttons"][1]["device"])
    for program in ("postgres", "web", "worker-look", "worker-compute", "signals"):
        os.kill(house.pid(program), signal.SIGKILL)

    until(lambda: house.is_ready(), within_s=90, what="everything came back by itself")
    page.goto(f"{house.url}/wall")
    expect(page.locator("#alarms .alarm.active")).to_have_count(1)
    page.wait_for_function(
        "async () => (await (await fetch('/api/v1/cameras/health')).text()).length > 10", timeout=PATIENCE_MS
    )


def test_a_wall_whose_script_did_not_come_begins_anew_by_itself(house, page: Page) -> None:
    page.route("**/js/lib/push.js", lambda route: route.abort(), times=1)
    page.goto(f"{house.url}/wall")
    expect(page.locator("#clock")).not_to_have_text("--:--:--")


def test_a_lost_server_is_said_on_the_wall(house, page: Page) -> None:
    page.goto(f"{house.url}/wall")
    # Its clock runs once its scripts have come.
    expect(page.locator("#clock")).not_to_have_text("--:--:--")
    expect(page.locator("#lost")).to_be_hidden()
    with house.without("web"):
        expect(page.locator("#lost")).to_be_visible(timeout=PATIENCE_MS)
        shoot(page, "wall-lost")
    expect(page.locator("#lost")).to_be_hidden(timeout=PATIENCE_MS)


def test_the_status_names_every_program(house) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "web.processes", "status"],
        env=house.environment, cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "worker-look" in said
    assert "signals" in said
