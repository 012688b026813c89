"""The table of cameras, one record, and changing it: guarded, remembered, undone, and inside one's areas only."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data import db
from tests.web.towns import MARK_A, MARK_B, TwoTowns

Open = Callable[[str | None], Any]


@pytest.fixture
def camera(two_towns: TwoTowns) -> Any:
    """Return code, version and place of the camera of town A."""
    with db.transaction() as session:
        return session.execute(
            text("SELECT id, code, version, ST_X(geom) AS lng, ST_Y(geom) AS lat FROM cameras WHERE id = :id"),
            {"id": two_towns.a.ids["cameras"]},
        ).one()


def test_the_table_shows_the_own_town_and_nothing_of_the_other(browser: Open) -> None:
    page = browser("viewer_a").get("/cameras").get_data(as_text=True)
    assert MARK_A in page
    assert MARK_B not in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%25",
        "q=柳溪&sort=-name",
        "health=unknown",
        "sort=-since&page=9",
        "state=in_use&class=1",
        "area=-",
        "fault=timeout",
    ],
)
def test_every_filter_and_order_is_answered(browser: Open, query: str) -> None:
    assert browser("viewer_a").get(f"/cameras?{query}").status_code == 200


@pytest.mark.parametrize("query", ["health=fine", "page=0", "class=x", "size=100000"])
def test_a_filter_that_means_nothing_is_refused(browser: Open, query: str) -> None:
    assert browser("viewer_a").get(f"/cameras?{query}").status_code == 400


def test_the_columns_chosen_are_remembered(browser: Open) -> None:
    client = browser("viewer_a")
    client.post("/cameras/columns", data={"column": ["vendor", "nonsense"], "next": "/cameras"})
    page = client.get("/cameras").get_data(as_text=True)
    assert ">设备厂商</a>" in page
    assert ">安装地址</a>" not in page


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_an_export_holds_the_own_town_and_no_password(browser: Open, form: str) -> None:
    answer = browser("viewer_a").get(f"/cameras.{form}")
    assert answer.status_code == 200
    content = answer.get_data()
    assert MARK_B.encode() not in content
    assert b"password" not in content
    if form != "xlsx":
        assert MARK_A.encode() in content


def test_the_page_of_a_camera_shows_record_pictures_and_week(browser: Open, camera: Any) -> None:
    page = browser("viewer_a").get(f"/cameras/{camera.code}").get_data(as_text=True)
    assert camera.code in page
    assert "/thumbnail.jpg" in page
    assert "edit-form" not in page
    assert browser("viewer_a").get(f"/cameras/{camera.code}x").status_code == 404
    assert browser("viewer_county").get(f"/cameras/{camera.code}").status_code == 200


def test_the_page_of_a_camera_says_what_was_measured_and_escapes_what_devices_say(browser: Open, camera: Any) -> None:
    facts = {"codec": "H265", "width": 2560, "height": 1440, "frame_rate": 25, "gop_s": 2.0, "recorded_share": 0.97}
    facts |= {"device": {"manufacturer": "<b>ACME</b>", "model": "X1"}, "events": "not_offered", "clock_skew_s": -3}
    with db.transaction() as session:
        written = {"facts": json.dumps(facts), "id": camera.id}
        session.execute(text("UPDATE camera_state SET facts = :facts WHERE camera_id = :id"), written)
    page = browser("viewer_a").get(f"/cameras/{camera.code}").get_data(as_text=True)
    for words in (
        "H265 · 2560 × 1440",
        "每秒 25 帧 · 每 2.0 秒一个关键帧",
        "&lt;b&gt;ACME&lt;/b&gt; X1",
        "-3 秒",
        "至多 97%",
    ):
        assert words in page
    assert "ACME</b>" not in page


def test_a_change_is_guarded_remembered_and_undone(browser: Open, camera: Any) -> None:
    client, path = browser("editor_a"), f"/api/v1/cameras/{camera.code}"
    changed = client.patch(
        path, json={"version": camera.version, "values": {"bearing_deg": "123.5", "install_date": "2024-05-01"}}
    )
    assert changed.status_code == 200, changed.get_json()
    assert changed.get_json()["version"] == camera.version + 1
    late = client.patch(path, json={"version": camera.version, "values": {"bearing_deg": 5}})
    assert late.status_code == 409
    with db.transaction() as session:
        change = session.scalar(text("SELECT max(id) FROM camera_changes WHERE camera_id = :id"), {"id": camera.id})
    undone = client.post(f"{path}/undo", json={"version": camera.version + 1, "change": change})
    assert undone.status_code == 200, undone.get_json()
    assert undone.get_json()["install_date"] is None
    again = client.post(f"{path}/undo", json={"version": camera.version + 2, "change": change})
    assert again.status_code == 409
    page = client.get(f"/cameras/{camera.code}").get_data(as_text=True)
    assert "123.5" in page


def test_a_camera_that_is_moved_falls_into_the_cell_there(browser: Open, camera: Any, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        there = session.execute(
            text("SELECT ST_X(p) AS lng, ST_Y(p) AS lat FROM (SELECT ST_PointOnSurface(boundary) AS p"
                 " FROM area_versions WHERE area_id = :cell) here"),
            {"cell": two_towns.a.cells[1]},
        ).one()  # fmt: skip
    moved = browser("editor_a").patch(
        f"/api/v1/cameras/{camera.code}",
        json={"version": camera.version, "values": {"lng": there.lng, "lat": there.lat}},
    )
    assert moved.get_json()["area_id"] == two_towns.a.cells[1]
    with db.transaction() as session:
        path, state_path = session.execute(
            text("SELECT c.path::text, s.path::text AS p FROM cameras c JOIN camera_state s ON s.camera_id = c.id"
                 " WHERE c.id = :id"),
            {"id": camera.id},
        ).one()  # fmt: skip
    assert path == state_path
    assert path.endswith(f".{two_towns.a.cells[1]}")


def test_a_camera_cannot_be_moved_out_of_the_own_areas(browser: Open, camera: Any) -> None:
    answer = browser("editor_a").patch(
        f"/api/v1/cameras/{camera.code}", json={"version": camera.version, "values": {"lng": camera.lng + 0.1}}
    )
    assert answer.status_code == 403
    with db.transaction() as session:
        assert session.scalar(text("SELECT ST_X(geom) FROM cameras WHERE id = :id"), {"id": camera.id}) == camera.lng


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        ({"height_m": "high"}, "number"),
        ({"name": ""}, "name"),
        ({"name": "13800138000"}, "persons"),
        ({"password_encrypted": "x"}, "no field"),
        ({"code": "x"}, "no field"),
        ({"lng": "999"}, "range"),
        ({}, "values"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_sentence(
    browser: Open, camera: Any, values: dict[str, str], hint: str
) -> None:
    client = browser("editor_a")
    client.post("/language", data={"language": "en"})
    answer = client.patch(f"/api/v1/cameras/{camera.code}", json={"version": camera.version, "values": values})
    assert answer.status_code == 400
    assert hint in answer.get_json()["detail"]


def test_a_viewer_changes_nothing_and_an_editor_of_the_other_town_finds_nothing(browser: Open, camera: Any) -> None:
    change = {"version": camera.version, "values": {"model": "X"}}
    assert browser("viewer_a").patch(f"/api/v1/cameras/{camera.code}", json=change).status_code == 403
    assert browser("editor_b").patch(f"/api/v1/cameras/{camera.code}", json=change).status_code == 404


def test_many_are_changed_after_a_look_at_what_changes(browser: Open, camera: Any) -> None:
    client = browser("editor_a")
    order = {"filter": {}, "field": "maintaining_unit", "value": "某运维公司", "apply": False}
    shown = client.post("/api/v1/cameras/bulk", json=order).get_json()
    assert (shown["chosen"], shown["changes"]) == (1, 1)
    client.post("/api/v1/cameras/bulk", json=order | {"apply": True})
    assert client.post("/api/v1/cameras/bulk", json=order).get_json()["changes"] == 0
    with db.transaction() as session:
        units = session.execute(text("SELECT path::text, maintaining_unit FROM cameras")).all()
        after = session.scalar(text("SELECT after FROM camera_changes ORDER BY id DESC LIMIT 1"))
    assert [row.maintaining_unit for row in units].count("某运维公司") == 1
    assert after == {"maintaining_unit": "某运维公司"}


def test_a_login_is_sealed_and_never_given_back(browser: Open, camera: Any) -> None:
    client = browser("editor_a")
    answer = client.put(f"/api/v1/cameras/{camera.code}/login", json={"username": "admin", "password": "s3cret-Pass"})
    assert answer.status_code == 200
    assert "s3cret" not in answer.get_data(as_text=True)
    page = client.get(f"/cameras/{camera.code}").get_data(as_text=True)
    assert "s3cret" not in page
    with db.transaction() as session:
        sealed = session.scalar(text("SELECT password_encrypted FROM cameras WHERE id = :id"), {"id": camera.id})
        audit = str(session.execute(text("SELECT detail FROM audit")).all())
    assert sealed is not None
    assert b"s3cret" not in bytes(sealed)
    assert "s3cret" not in audit


def test_asking_for_a_look_puts_the_camera_first(browser: Open, camera: Any) -> None:
    assert browser("operator_a").post(f"/api/v1/cameras/{camera.code}/look").status_code == 202
    assert browser("viewer_a").post(f"/api/v1/cameras/{camera.code}/look").status_code == 403
    with db.transaction() as session:
        first = session.scalar(
            text("SELECT next_check_at = '-infinity' FROM look_turns WHERE camera_id = :id"), {"id": camera.id}
        )
        jobs = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'look_now'"))
    assert first
    assert jobs == 1
