"""The import page: upload, preview, dry run and applying, with the rights and inside the areas of who asked."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data import db, settings
from tests.web.towns import MARK_A, TwoTowns
from web.jobs.imports import apply_import, check_import

Open = Callable[[str | None], Any]
HEADERS = "设备编码,设备名称,经度,纬度\n"


def upload(client: Any, content: str, *, kind: str = "cameras", name: str = "cameras.csv") -> Any:
    file = (io.BytesIO(content.encode("gb18030")), name)
    return client.post("/import", data={"kind": kind, "file": file}, content_type="multipart/form-data")


def number_of(answer: Any) -> int:
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def cameras() -> int:
    with db.transaction() as session:
        return int(session.scalar(text("SELECT count(*) FROM cameras")) or 0)


def test_a_file_goes_from_upload_to_table(browser: Open, two_towns: TwoTowns) -> None:
    client, before = browser("editor_a"), cameras()
    west = two_towns.a.west
    run_id = number_of(upload(client, f"{HEADERS}NEW1,{MARK_A}新点,{west + 0.01},29.21\n"))
    page = client.get(f"/import/{run_id}").get_data(as_text=True)
    assert "NEW1" in page
    assert '<option value="code" selected>设备编码</option>' in page
    account = two_towns.accounts["editor_a"]
    assert client.post(f"/api/v1/imports/{run_id}/check", json={"crs": "wgs84"}).status_code == 202
    state = client.get(f"/api/v1/imports/{run_id}").get_json()
    assert (state["state"], state["waits"]) == ("checking", True)
    check_import(run_id=run_id, account_id=account)
    report = client.get(f"/api/v1/imports/{run_id}").get_json()
    assert report["state"] == "checked"
    assert (report["report"]["added"], report["report"]["refused"]) == (1, 0), report
    assert cameras() == before
    assert client.post(f"/api/v1/imports/{run_id}/apply", json={"crs": "wgs84"}).status_code == 202
    apply_import(run_id=run_id, account_id=account)
    assert client.get(f"/api/v1/imports/{run_id}").get_json()["state"] == "applied"
    assert cameras() == before + 1
    assert client.post(f"/api/v1/imports/{run_id}/apply", json={"crs": "wgs84"}).status_code == 409
    assert client.get("/cameras/NEW1").status_code == 200


def test_rows_outside_the_own_areas_are_refused_with_a_sentence(browser: Open, two_towns: TwoTowns) -> None:
    client, before = browser("editor_a"), cameras()
    taken = f"{two_towns.b.code}011310001"
    rows = f"{HEADERS}NEW1,别处,{two_towns.b.west + 0.01},29.21\n{taken},占用,{two_towns.a.west + 0.01},29.21\n"
    run_id = number_of(upload(client, rows))
    for step, work in (("check", check_import), ("apply", apply_import)):
        client.post(f"/api/v1/imports/{run_id}/{step}", json={"crs": "wgs84"})
        work(run_id=run_id, account_id=two_towns.accounts["editor_a"])
    state = client.get(f"/api/v1/imports/{run_id}").get_json()
    assert state["state"] == "refused"
    reasons = {one["row"]: one["reason"] for one in state["report"]["problems"] if one["severity"] == "error"}
    assert "不在您的授权区域内" in reasons[1]
    assert "授权区域以外" in reasons[2]
    assert cameras() == before
    for form in ("csv", "xlsx"):
        assert client.get(f"/import/{run_id}/problems.{form}").status_code == 200


def test_cells_are_added_inside_the_own_town_only(browser: Open, two_towns: TwoTowns) -> None:
    client, account = browser("editor_a"), two_towns.accounts["editor_a"]
    headers = "编码,名称,级别,上级编码\n"
    rows = f"{headers}C-NEW,新格,网格,{two_towns.a.code}001\nC-FAR,外格,网格,{two_towns.b.code}001\nC-TOP,顶,县,\n"
    run_id = number_of(upload(client, rows, kind="areas", name="cells.csv"))
    client.post(f"/api/v1/imports/{run_id}/apply", json={"skip_errors": True})
    apply_import(run_id=run_id, account_id=account)
    report = client.get(f"/api/v1/imports/{run_id}").get_json()["report"]
    assert (report["added"], report["refused"]) == (1, 2), report
    with db.transaction() as session:
        path = session.scalar(text("SELECT path::text FROM areas WHERE code = 'C-NEW'"))
    assert path is not None
    assert path.startswith(f"{two_towns.county}.{two_towns.a.town}.")


def test_nobody_sees_or_starts_the_import_of_another(browser: Open, two_towns: TwoTowns) -> None:
    run_id = number_of(upload(browser("editor_a"), f"{HEADERS}NEW1,x,104.71,29.21\n"))
    other = browser("editor_b")
    for path in (f"/import/{run_id}", f"/api/v1/imports/{run_id}", f"/import/{run_id}/problems.csv"):
        assert other.get(path).status_code == 404
    assert other.post(f"/api/v1/imports/{run_id}/apply", json={}).status_code == 404
    assert browser("viewer_a").get("/import").status_code == 403
    with pytest.raises(PermissionError):
        check_import(run_id=run_id, account_id=two_towns.accounts["editor_b"])


@pytest.mark.parametrize(
    ("name", "status"), [("13800138000.csv", 400), ("cameras.exe", 400), ("../../evil.csv", 302), ("", 400)]
)
def test_a_name_cannot_hold_a_person_or_a_path(browser: Open, name: str, status: int) -> None:
    answer = upload(browser("editor_a"), HEADERS + "A,b,104.7,29.2\n", name=name)
    assert answer.status_code == status
    uploads = settings.get().home / "uploads"
    assert not any("evil" in str(path) for path in Path(settings.get().home).rglob("*evil*"))
    assert all(path.parent == uploads for path in uploads.glob("**/*")) if uploads.exists() else status == 400


def test_a_file_that_cannot_be_read_says_why_on_its_page(browser: Open) -> None:
    client = browser("editor_a")
    run_id = number_of(upload(client, "not a workbook", name="table.xlsx"))
    page = client.get(f"/import/{run_id}").get_data(as_text=True)
    assert "table.xlsx" in page
    assert 'role="alert"' in page


def test_choices_that_contradict_each_other_are_refused(browser: Open) -> None:
    client = browser("editor_a")
    run_id = number_of(upload(client, HEADERS + "A,b,104.7,29.2\n"))
    for choices in ({"crs": "mars"}, {"columns": {"colour": "x"}}, {"level": "cell"}, {"tolerance_m": "x"}):
        assert client.post(f"/api/v1/imports/{run_id}/check", json=choices).status_code == 400


@pytest.mark.parametrize("kind", ["areas", "cameras", "buttons", "buildings", "roads", "places", "incidents"])
def test_every_kind_has_a_blank_table(browser: Open, kind: str) -> None:
    answer = browser("editor_a").get(f"/import/template/{kind}.xlsx")
    assert answer.status_code == 200
    assert answer.get_data()[:2] == b"PK"
