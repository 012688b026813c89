"""The tree of areas, its posts and its boundaries, through pages and API."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import CODE_A, MARK_A, MARK_B, TwoTowns

Browsers = Callable[[str | None], Browser]


def names(client: Browser, query: str = "") -> list[str]:
    return [area["name"] for area in client.get(f"/api/v1/areas{query}").get_json()["areas"]]


def post_of(client: Browser, cell: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/areas/{cell}").get_json()["posts"][0]
    return found


def test_the_tree_begins_at_what_was_granted(browser: Browsers, two_towns: TwoTowns) -> None:
    assert names(browser("chief")) == ["示范县"]
    assert names(browser("viewer_county")) == ["示范县"]
    assert names(browser("viewer_a")) == [f"{MARK_A}镇"]


def test_a_branch_gives_its_children_by_code(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("chief")
    assert names(client, f"?parent={two_towns.county}") == [f"{MARK_A}镇", f"{MARK_B}镇"]
    assert names(client, f"?parent={two_towns.a.village}") == [f"{MARK_A}第1网格", f"{MARK_A}第2网格"]
    assert names(client, f"?parent={two_towns.a.cells[0]}") == []


def test_every_node_counts_its_cells_and_the_staffed_ones(browser: Browsers, two_towns: TwoTowns) -> None:
    county = browser("chief").get("/api/v1/areas").get_json()["areas"][0]
    assert (county["cells"], county["staffed"], county["vacant"], county["has_children"]) == (4, 2, 2, True)


@pytest.mark.parametrize(
    ("words", "found"), [(MARK_A, 4), (CODE_A, 4), ("第2网格", 1), ("100%", 0), ("_", 0), (MARK_B, 0)]
)
def test_search_finds_names_and_codes_inside_the_scope(browser: Browsers, words: str, found: int) -> None:
    assert len(browser("viewer_a").get("/api/v1/areas", query_string={"q": words}).get_json()["areas"]) == found


def test_vacancies_are_listed_and_counted(browser: Browsers, two_towns: TwoTowns) -> None:
    answer = browser("chief").get("/api/v1/areas/vacant?size=1").get_json()
    assert (answer["count"], [area["name"] for area in answer["areas"]]) == (2, [f"{MARK_A}第2网格"])
    below = browser("chief").get(f"/api/v1/areas/vacant?under={two_towns.b.town}").get_json()
    assert [area["name"] for area in below["areas"]] == [f"{MARK_B}第2网格"]


def test_an_area_says_where_it_belongs_and_what_it_holds(browser: Browsers, two_towns: TwoTowns) -> None:
    area = browser("viewer_a").get(f"/api/v1/areas/{two_towns.a.cells[0]}").get_json()
    assert area["crumbs"] == ["示范县", f"{MARK_A}镇", f"{MARK_A}村", f"{MARK_A}第1网格"]
    assert (area["cameras"], area["buttons"], len(area["posts"])) == (1, 1, 1)
    assert area["posts"][0]["duties"] == ["巡查", "调解"]


def test_the_boundary_is_geojson_in_degrees(browser: Browsers, two_towns: TwoTowns) -> None:
    answer = browser("viewer_a").get(f"/api/v1/areas/{two_towns.a.cells[0]}/boundary")
    assert answer.content_type == "application/geo+json"
    ring = answer.get_json()["geometry"]["coordinates"][0][0]
    assert [min(axis) for axis in zip(*ring, strict=True)] == [104.7, 29.2]
    assert [max(axis) for axis in zip(*ring, strict=True)] == [104.75, 29.25]


def test_an_area_without_a_boundary_says_so(browser: Browsers, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE area_versions SET boundary = NULL WHERE area_id = :id"), {"id": two_towns.county})
    assert browser("chief").get(f"/api/v1/areas/{two_towns.county}/boundary").get_json()["geometry"] is None


def test_an_editor_changes_a_post_and_the_audit_says_what(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("editor_a")
    post = post_of(client, two_towns.a.cells[1])
    written = post | {"staffed": True, "duties": ["巡查"], "unit": "综治中心", "duty_line": "0813-3901110"}
    answer = client.put(f"/api/v1/posts/{post['id']}", json=written)
    assert (answer.status_code, answer.get_json()) == (200, written)
    assert client.get("/api/v1/areas/vacant").get_json()["count"] == 0
    with db.transaction() as session:
        row = session.execute(text("SELECT action, detail FROM audit WHERE kind = 'post'")).one()
    assert row.action == "post.edit"
    assert row.detail["changed"]["staffed"] == [False, True]


@pytest.mark.parametrize("login", ["viewer_a", "operator_a"])
def test_who_is_no_editor_changes_no_post(browser: Browsers, two_towns: TwoTowns, login: str) -> None:
    client = browser(login)
    post = post_of(client, two_towns.a.cells[0])
    assert client.put(f"/api/v1/posts/{post['id']}", json=post | {"name": "x"}).status_code == 403
    assert client.delete(f"/api/v1/posts/{post['id']}").status_code == 403
    assert post_of(client, two_towns.a.cells[0]) == post


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("duty_line", "13812345678", "值班电话"),
        ("duty_line", "call me", "值班电话"),
        ("unit", "联系13812345678", "个人号码"),
        ("name", "", "请填写“名称”"),
        ("name", "x" * 61, "超过 60"),
        ("duties", "巡查", "职责"),
        ("staffed", "yes", "职责"),
    ],
)
def test_a_post_that_names_a_person_or_nothing_is_refused(
    browser: Browsers, two_towns: TwoTowns, field: str, value: str, sentence: str
) -> None:
    client = browser("editor_a")
    post = post_of(client, two_towns.a.cells[0])
    answer = client.put(f"/api/v1/posts/{post['id']}", json=post | {field: value})
    assert answer.status_code == 400
    assert sentence in answer.get_json()["detail"]
    assert post_of(client, two_towns.a.cells[0]) == post


def test_a_cell_gets_a_second_post_but_not_twice_the_same(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("editor_a")
    where = f"/api/v1/areas/{two_towns.a.cells[0]}/posts"
    made = client.post(where, json={"name": "夜间岗"})
    assert (made.status_code, made.get_json()["staffed"]) == (201, False)
    assert client.post(where, json={"name": "夜间岗"}).status_code == 409
    assert client.delete(f"/api/v1/posts/{made.get_json()['id']}").status_code == 204
    assert len(client.get(f"/api/v1/areas/{two_towns.a.cells[0]}").get_json()["posts"]) == 1


def test_the_export_holds_every_cell_of_the_scope_also_the_vacant_ones(browser: Browsers, two_towns: TwoTowns) -> None:
    book = openpyxl.load_workbook(io.BytesIO(browser("viewer_a").get("/areas/posts.xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0][:2] == ("网格编码", "网格")
    assert [row[1] for row in rows[1:]] == [f"{MARK_A}第1网格", f"{MARK_A}第2网格"]
    assert [row[6] for row in rows[1:]] == ["是", "否"]
    plain = browser("viewer_a").get("/areas/posts.csv").data
    assert plain.startswith(b"\xef\xbb\xbf")


def test_the_page_names_the_scripts_and_carries_the_chosen_area(browser: Browsers, two_towns: TwoTowns) -> None:
    page = browser("viewer_a").get(f"/areas?area={two_towns.a.cells[0]}").get_data(as_text=True)
    assert "js/pages/areas.js" in page
    assert f'"trail": [{two_towns.a.town}, {two_towns.a.village}]' in page
