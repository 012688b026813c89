"""Pages of outages, maintenance, links and limits: what is asked is done, shown, and kept to those it concerns."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data import db, events, limits
from data.events import Event
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns

Browsers = Callable[[str | None], Browser]


def one(sql: str, **values: object) -> Any:
    with db.transaction() as session:
        return session.execute(text(sql), values).scalar_one()


def test_a_cause_is_written_by_those_who_answer_for_all_of_the_outage(browser: Browsers, two_towns: TwoTowns) -> None:
    outage = two_towns.a.ids["outages"]
    answer = browser("operator_a").post(f"/outages/{outage}/cause", data={"cause": "power", "note": "线路检修"})
    assert answer.status_code == 302
    assert one("SELECT cause || ' ' || note FROM outages WHERE id = :id", id=outage) == "power 线路检修"
    assert browser("viewer_a").post(f"/outages/{outage}/cause", data={"cause": "link"}).status_code == 403
    with db.transaction() as session:
        session.execute(text("UPDATE outages SET path = subpath(path, 0, 1) WHERE id = :id"), {"id": outage})
    page = browser("operator_a").get(f"/outages/{outage}")
    assert (page.status_code, 'name="cause"' in page.get_data(as_text=True)) == (200, False)
    assert browser("operator_a").post(f"/outages/{outage}/cause", data={"cause": "link"}).status_code == 400


def test_an_outage_shows_its_members_inside_the_scope_only(browser: Browsers, two_towns: TwoTowns) -> None:
    outage = two_towns.a.ids["outages"]
    with db.transaction() as session:
        session.execute(
            text("UPDATE outage_members SET outage_id = :a WHERE outage_id = :b"),
            {"a": outage, "b": two_towns.b.ids["outages"]},
        )
    counts = {
        login: browser(login).get(f"/api/v1/outages/{outage}").get_json()["lost"]
        for login in ("chief", "viewer_a", "editor_b")
    }
    assert counts == {"chief": 2, "viewer_a": 1, "editor_b": 1}


def test_a_window_is_made_and_ended_early(browser: Browsers, two_towns: TwoTowns) -> None:
    editor = browser("editor_a")
    made = editor.post(
        "/maintenance",
        data={
            "kind": "area", "place": two_towns.a.code, "starts_at": "2020-01-01T08:00", "ends_at": "2020-01-01T10:00",
            "repeats": "weekly", "until": "", "reason": "光缆割接",
        },
    )  # fmt: skip
    assert made.status_code == 302
    assert "光缆割接" in editor.get("/maintenance").get_data(as_text=True)
    window = one("SELECT id FROM maintenance_windows WHERE reason = '光缆割接'")
    assert one("SELECT starts_at::text FROM maintenance_windows WHERE id = :id", id=window).startswith(
        "2020-01-01 00:00"
    )
    assert browser("editor_b").post(f"/maintenance/{window}/end").status_code == 404
    assert editor.post(f"/maintenance/{window}/end").status_code == 302
    assert one("SELECT ended_at IS NOT NULL FROM maintenance_windows WHERE id = :id", id=window) is True


@pytest.mark.parametrize(
    ("field", "written"), [("starts_at", "yesterday"), ("place", "no such place"), ("ends_at", "2026-01-01T07:00")]
)
def test_a_window_that_makes_no_sense_is_refused(
    browser: Browsers, two_towns: TwoTowns, field: str, written: str
) -> None:
    asked = {
        "kind": "area", "place": two_towns.a.code, "starts_at": "2026-01-01T08:00", "ends_at": "2026-01-01T10:00",
    } | {field: written}  # fmt: skip
    assert browser("editor_a").post("/maintenance", data=asked).status_code in (400, 422)


def test_a_link_is_made_hung_and_removed(browser: Browsers, two_towns: TwoTowns) -> None:
    editor, code = browser("editor_a"), two_towns.a.code
    assert editor.post("/links", data={"name": "镇到县", "area": code}).status_code == 302
    assert editor.post("/links", data={"name": "村到镇", "area": f"{code}001", "parent": "镇到县"}).status_code == 302
    page = editor.get("/links").get_data(as_text=True)
    assert "镇到县" in page
    top = one("SELECT id FROM links WHERE name = '镇到县'")
    assert editor.post(f"/links/{top}", data={"parent": "村到镇"}).status_code in (400, 422)
    assert editor.post(f"/links/{top}", data={"kind": "recorder", "end": "NVR-1"}).status_code == 302
    assert one("SELECT count(*) FROM link_ends WHERE link_id = :id", id=top) == 2
    assert editor.post(f"/links/{top}/remove").status_code == 302
    assert one("SELECT count(*) FROM links WHERE name = '镇到县'") == 0
    assert one("SELECT parent_id IS NULL FROM links WHERE name = '村到镇'") is True


def test_limits_are_changed_by_an_administrator_of_everything(browser: Browsers, two_towns: TwoTowns) -> None:
    assert browser("admin_a").post("/admin/limits/1", data={"confirm_offline_s": "90"}).status_code == 403
    chief = browser("chief")
    as_it_is = str(limits.DEFAULTS[1].confirm_offline_looks)
    changed = {"confirm_offline_s": "90", "confirm_offline_looks": as_it_is}
    assert chief.post("/admin/limits/1", data=changed).status_code == 302
    with db.transaction() as session:
        rows = session.execute(text("SELECT monitor_class, name, value FROM class_limits")).all()
    assert [tuple(row) for row in rows] == [(1, "confirm_offline_s", 90.0)]
    assert chief.post("/admin/limits/1", data={"confirm_offline_s": "-1"}).status_code in (400, 422)
    assert chief.post("/admin/limits/7", data={"confirm_offline_s": "60"}).status_code == 404


def test_the_wall_says_that_a_prober_is_cut_off(browser: Browsers, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(
            text("INSERT INTO probers (probe_site, heard_at, cut_off_since) VALUES ('valley', now(), now())")
        )
    (told,) = browser("viewer_a").get("/api/v1/wall").get_json()["cut_off"]
    assert told["site"] == "valley"


@pytest.mark.parametrize(
    ("kind", "path", "granted", "heard"),
    [
        ("outage", "1", "1.2", True),
        ("outage", "", "1.2", True),
        ("outage", "1.3", "1.2", False),
        ("outage", "1.2.3", "1.2", True),
        ("health", "1", "1.2", False),
    ],
)
def test_a_wide_outage_is_told_to_the_towns_in_it(kind: str, path: str, granted: str, heard: bool) -> None:
    assert events.concerns(Event(kind=kind, path=path, body={}), [granted]) is heard
