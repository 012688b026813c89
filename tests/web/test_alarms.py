"""Alarms: who sees them, who answers them, what is kept of it, and a press that is on every wall at once."""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

from data import buttons, db
from tests.web import towns
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns
from video.alarms.http import sign
from web import signals

SECRET = "a secret of the device at the school gate"
PATH = "/api/v1/signals"
PRESS = b'{"kind":"press"}'
Browsers = Callable[[str | None], Browser]


def run(sql: str, **values: Any) -> Any:
    with db.transaction() as session:
        return session.execute(text(sql), values)


def view(camera: int, *, box: str) -> None:
    """Let a camera see a box of "west, south, east, north"."""
    run(
        "INSERT INTO camera_views (camera_id, camera_version, path, px_per_m, geom, area_m2, sector_m2, computed_at)"
        f" SELECT id, version, path, 25, ST_MakeEnvelope({box}, 4326), 1, 1, now() FROM cameras WHERE id = :id"
        " ON CONFLICT (camera_id) DO UPDATE SET geom = excluded.geom",
        id=camera,
    )


def works(camera: int, *, health: str = "online", layer: str | None = None, until: str = "1 hour") -> None:
    run(
        "UPDATE camera_state SET health = :health, layer = :layer, valid_until = now() + CAST(:until AS interval)"
        " WHERE camera_id = :id",
        health=health, layer=layer, until=until, id=camera,
    )  # fmt: skip


def opened(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get("/api/v1/alarms/open").json["alarms"]
    return found


def answer(browser: Browser, alarm: int, move: str, **said: Any) -> Any:
    return browser.post(f"/api/v1/alarms/{alarm}/{move}", json=said)


def test_an_open_alarm_says_where_who_and_which_cameras_see_it(browser: Browsers, two_towns: TwoTowns) -> None:
    camera = two_towns.a.ids["cameras"]
    view(camera, box="104.719, 29.219, 104.721, 29.221")
    works(camera)
    (alarm,) = opened(browser("operator_a"))
    assert alarm["state"] == "active"
    assert alarm["button"]["place"] == "柳溪小学门口"
    assert alarm["cell"] == "柳溪镇 ▸ 柳溪村 ▸ 柳溪第1网格"
    assert alarm["road"] == "柳溪大道"
    assert alarm["post"]["unit"] == "柳溪镇综治中心"
    (seeing,) = alarm["cameras"]
    assert (seeing["id"], seeing["sees"], seeing["distance_m"]) == (camera, True, 0)
    assert seeing["picture"]["url"].endswith("/thumbnail.jpg")
    assert datetime.fromisoformat(seeing["picture"]["at"]) < datetime.now(UTC)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ({"health": "online"}, True),
        ({"health": "degraded", "layer": "clock"}, True),
        ({"health": "degraded", "layer": "picture"}, False),
        ({"health": "offline"}, False),
        ({"health": "online", "until": "-1 second"}, False),
    ],
    ids=["online", "clock wrong", "picture bad", "offline", "expired"],
)
def test_only_cameras_that_show_a_picture_are_offered(
    browser: Browsers, two_towns: TwoTowns, state: dict[str, str], shown: bool
) -> None:
    view(two_towns.a.ids["cameras"], box="104.719, 29.219, 104.721, 29.221")
    works(two_towns.a.ids["cameras"], **state)
    assert bool(opened(browser("operator_a"))[0]["cameras"]) is shown


def test_cameras_that_see_the_place_come_before_nearer_ones_that_may_look_away(
    browser: Browsers, two_towns: TwoTowns
) -> None:
    near = two_towns.a.ids["cameras"]
    add = (
        "INSERT INTO cameras (code, name, area_id, path, geom) SELECT :code, :code, area_id, path,"
        " ST_Translate(geom, :east, 0) FROM cameras WHERE id = :like RETURNING id"
    )
    far = run(add, code="FAR", east=0.003, like=near).scalar_one()
    beyond = run(add, code="BEYOND", east=0.004, like=near).scalar_one()
    for camera in (near, far, beyond):
        works(camera)
    view(near, box="104.8, 29.4, 104.81, 29.41")
    view(far, box="104.719, 29.219, 104.721, 29.221")
    (alarm,) = opened(browser("operator_a"))
    assert [(one["id"], one["sees"]) for one in alarm["cameras"]] == [(far, True), (near, False)]
    asked = browser("operator_a").get("/api/v1/places/seen-by?lng=104.72&lat=29.22").json["cameras"]
    assert [one["id"] for one in asked] == [far, near]


def test_an_alarm_is_acknowledged_once_then_closed_with_a_finding(browser: Browsers, two_towns: TwoTowns) -> None:
    alarm, operator = two_towns.a.ids["alarms"], browser("operator_a")
    assert answer(operator, alarm, "close", finding="real").status_code == 409
    assert answer(operator, alarm, "acknowledge").json == {"done": True}
    again = answer(browser("editor_all"), alarm, "acknowledge")
    assert again.status_code == 403
    again = answer(browser("chief"), alarm, "acknowledge")
    assert (again.status_code, again.json["detail"]) == (409, "此报警已被签收。")
    assert answer(operator, alarm, "close").status_code == 409
    assert answer(operator, alarm, "close", finding="boredom").status_code == 400
    assert answer(operator, alarm, "close", finding="false", note="试按").json == {"done": True}
    assert opened(operator) == []
    assert answer(operator, alarm, "close", finding="real").status_code == 409
    steps = run("SELECT step, note FROM alarm_steps WHERE alarm_id = :id ORDER BY id OFFSET 1", id=alarm).all()
    assert [tuple(step) for step in steps] == [("acknowledged", ""), ("closed", "false 试按")]
    acts = run("SELECT action, subject FROM audit WHERE action LIKE 'alarm.%' ORDER BY id").all()
    assert [tuple(act) for act in acts] == [("alarm.acknowledge", str(alarm)), ("alarm.close", str(alarm))]
    page = operator.get("/buttons").get_data(as_text=True)
    assert "误报" in page
    assert "试按" in page


def test_of_two_operators_at_once_one_is_told_that_the_other_was_faster(browser: Browsers, two_towns: TwoTowns) -> None:
    alarm, together = two_towns.a.ids["alarms"], threading.Barrier(4)
    said: list[int] = []

    def acknowledge(client: Browser) -> None:
        client.token()
        together.wait(20)
        said.append(answer(client, alarm, "acknowledge").status_code)

    askers = [threading.Thread(target=acknowledge, args=(browser("operator_a"),)) for _ in range(4)]
    for one in askers:
        one.start()
    for one in askers:
        one.join(30)
    assert sorted(said) == [200, 409, 409, 409]
    assert run("SELECT count(*) FROM alarm_steps WHERE step = 'acknowledged'").scalar_one() == 1


@pytest.mark.parametrize("note", ["来人电话13800138000", "身份证11010519491231002X"])
def test_a_note_that_names_a_person_is_refused_and_nothing_is_closed(
    browser: Browsers, two_towns: TwoTowns, note: str
) -> None:
    alarm, operator = two_towns.a.ids["alarms"], browser("operator_a")
    answer(operator, alarm, "acknowledge")
    refused = answer(operator, alarm, "close", finding="real", note=note)
    assert (refused.status_code, refused.json["field"]) == (400, "note")
    assert opened(operator)[0]["state"] == "acknowledged"


def test_who_may_only_look_may_not_answer(browser: Browsers, two_towns: TwoTowns) -> None:
    for login in ("viewer_a", "editor_a"):
        assert answer(browser(login), two_towns.a.ids["alarms"], "acknowledge").status_code == 403
    assert answer(browser(None), two_towns.a.ids["alarms"], "acknowledge").status_code == 401
    assert opened(browser("viewer_a"))[0]["state"] == "active"


def test_alarms_of_another_town_are_not_there(browser: Browsers, two_towns: TwoTowns) -> None:
    other = two_towns.b.ids["alarms"]
    operator = browser("operator_a")
    assert [alarm["id"] for alarm in opened(operator)] == [two_towns.a.ids["alarms"]]
    for move, said in (("acknowledge", {}), ("close", {"finding": "real"})):
        assert answer(operator, other, move, **said).status_code == 404
    assert run("SELECT state FROM alarms WHERE id = :id", id=other).scalar_one() == "active"
    view(two_towns.b.ids["cameras"], box="104.719, 29.219, 104.821, 29.221")
    works(two_towns.b.ids["cameras"])
    assert opened(operator)[0]["cameras"] == []
    assert len(opened(browser("chief"))) == 2


@pytest.mark.parametrize("query", ["", "lng=1", "lng=181&lat=0", "lng=nan&lat=0", "lng=x&lat=1"])
def test_a_place_that_is_none_is_a_problem(browser: Browsers, query: str) -> None:
    assert browser("viewer_a").get(f"/api/v1/places/seen-by?{query}").status_code == 400


def test_who_sees_a_place_is_found_through_an_index(browser: Browsers, two_towns: TwoTowns) -> None:
    run(
        "INSERT INTO cameras (code, name, area_id, path, geom) SELECT 'X' || n, 'X', c.area_id, c.path,"
        " ST_Translate(c.geom, 0.04 + 0.00001 * n, 0) FROM cameras c, generate_series(1, 3000) n WHERE c.id = :id",
        id=two_towns.a.ids["cameras"],
    )
    run(
        "INSERT INTO camera_views (camera_id, camera_version, path, px_per_m, geom, area_m2, sector_m2, computed_at)"
        " SELECT id, 1, path, 25, ST_Expand(geom, 0.0001), 1, 1, now() FROM cameras"
        " ON CONFLICT (camera_id) DO UPDATE SET geom = excluded.geom"
    )
    run("ANALYZE cameras, camera_views")
    plans: list[str] = []
    with db.transaction() as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        raw.add_notice_handler(lambda notice: plans.append(str(notice.message_primary)))
        session.execute(text("LOAD 'auto_explain'"))
        for name, value in (("auto_explain.log_min_duration", 0), ("auto_explain.log_nested_statements", "on"),
                            ("client_min_messages", "log")):  # fmt: skip
            session.execute(text(f"SET LOCAL {name} = {value}"))
        session.execute(text("SELECT * FROM cameras_seeing(ST_SetSRID(ST_MakePoint(104.72, 29.22), 4326), 4)"))
        session.execute(text("SELECT nearest_road(ST_SetSRID(ST_MakePoint(104.72, 29.22), 4326))"))
    whole = "\n".join(plans)
    assert "ix_camera_views_geom" in whole
    assert "ix_cameras_geom" in whole
    assert "Seq Scan on camera_views" not in whole
    assert "Seq Scan on cameras" not in whole


@pytest.fixture
def wired(app: Flask, two_towns: TwoTowns) -> Iterator[tuple[str, str]]:
    """Serve the pages and the intake on real sockets; yields their addresses."""
    with db.transaction() as session:
        buttons.set_secret(session, f"{two_towns.a.code}011340001", SECRET)
        session.execute(text("UPDATE alarms SET state = 'closed', closed_at = now(), finding = 'test'"))
    servers = [make_server("127.0.0.1", 0, made, threaded=True) for made in (app, signals.intake())]
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    yield f"127.0.0.1:{servers[0].port}", f"127.0.0.1:{servers[1].port}"
    for server in servers:
        server.shutdown()


class Wall:
    """An open page: hears the stream of events on a socket of its own."""

    def __init__(self, app: Flask, address: str, account: int) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=20)
        token = towns.open_sign_in(account)
        self._connection.request(
            "GET", "/api/v1/push", headers={"Cookie": f"sharpeyes_{app.config['PORT']}_token={token}"}
        )
        self._stream = self._connection.getresponse()
        assert self._stream.status == 200
        self.hear("beat")

    def hear(self, kind: str) -> dict[str, Any]:
        """Return the body of the next event of a kind, and lose patience after 20 s."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self._stream.readline().decode().strip() == f"event: {kind}":
                body: dict[str, Any] = json.loads(self._stream.readline().decode().removeprefix("data: "))
                return body
        raise AssertionError(f"no {kind} within 20 s")

    def close(self) -> None:
        self._connection.close()


def curl(address: str, device: str, *, secret: str = SECRET, nonce: str = "0123456789abcdef") -> tuple[int, Any]:
    """Press a button as an installer would try it by hand; return status and answer."""
    signed = sign("POST", PATH, device=device, secret=secret, body=PRESS, at=datetime.now(UTC), nonce=nonce)
    headers = [part for name, value in signed.headers().items() for part in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "-d", PRESS.decode(), *headers, f"http://{address}{PATH}"],
        capture_output=True, check=True, timeout=30, text=True,
    )  # fmt: skip
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def test_a_press_with_curl_is_on_an_open_wall_at_once(
    app: Flask, browser: Browsers, two_towns: TwoTowns, wired: tuple[str, str]
) -> None:
    pages, intake = wired
    view(two_towns.a.ids["cameras"], box="104.719, 29.219, 104.721, 29.221")
    works(two_towns.a.ids["cameras"])
    wall = Wall(app, pages, two_towns.accounts["operator_a"])
    pressed = time.monotonic()
    status, said = curl(intake, f"{two_towns.a.code}011340001")
    heard = wall.hear("alarm")
    print(f"press to wall {1000 * (time.monotonic() - pressed):.0f} ms, curl included")
    wall.close()
    assert (status, heard) == (200, {"id": said["alarm"], "state": "active"})
    (alarm,) = opened(browser("operator_a"))
    assert alarm["id"] == said["alarm"]
    assert [one["id"] for one in alarm["cameras"]] == [two_towns.a.ids["cameras"]]
    # The cameras that see the place are asked for a fresh picture.
    assert run("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'look_now'").scalar_one() == 1


def test_a_wrong_signature_and_a_replay_are_refused_on_the_wire(
    browser: Browsers, two_towns: TwoTowns, wired: tuple[str, str]
) -> None:
    _, intake = wired
    device = f"{two_towns.a.code}011340001"
    assert curl(intake, device, secret="guessed")[0] == 403
    assert curl(intake, device, nonce="replayed00000000")[0] == 200
    status, said = curl(intake, device, nonce="replayed00000000")
    assert (status, said["title"]) == (409, "Signal refused")
    assert [alarm["presses"] for alarm in opened(browser("operator_a"))] == [1]


def test_a_wall_of_another_town_does_not_hear_the_press(
    app: Flask, two_towns: TwoTowns, wired: tuple[str, str]
) -> None:
    pages, intake = wired
    other = Wall(app, pages, two_towns.accounts["operator_b"])
    curl(intake, f"{two_towns.a.code}011340001")
    path = run("SELECT path::text FROM buttons WHERE id = :id", id=two_towns.b.ids["buttons"]).scalar_one()
    run("INSERT INTO events (kind, body, path) VALUES ('alarm', '{\"id\": 0}', CAST(:path AS ltree))", path=path)
    # Events are told in order, so the first that is heard is the one of its own town.
    assert other.hear("alarm") == {"id": 0}
    other.close()
