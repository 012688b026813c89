"""The discovery page and the page of allowed networks: who may, what is asked for, what is shown of hostile devices."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from data import db, discovery, found, networks
from data.networks import Network
from tests.web.conftest import Browser
from tests.web.towns import CODE_A, TwoTowns

Browsers = Callable[[str | None], Browser]
NOW = datetime.now(UTC)
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def network(two_towns: TwoTowns) -> Network:
    """Return a network that may be swept, with a login."""
    with db.transaction() as session:
        wanted = Network(cidr="198.51.100.0/28", name="西村", sweep=True, username="viewer")
        return networks.keep(session, wanted, password="right")


def put(network: Network, **more: Any) -> int:
    """Write a found device and return its number."""
    told: dict[str, Any] = dict.fromkeys(
        ("camera_id", "moved_from", "mac", "uuid", "serial", "vendor", "model", "firmware", "said_name", "onvif_url")
    )
    told |= {"network_id": network.id, "ip": "198.51.100.3", "standing": "new", "changes": {}, "rtsp_port": 554}
    told |= {"asks_login": False} | more
    told["known_by"] = f"ip:{told['ip']}"
    with db.transaction() as session:
        found.keep(session, [told], run_id=None, now=NOW)
        return int(session.execute(text("SELECT max(id) FROM found_devices")).scalar_one())


def runs() -> list[discovery.Run]:
    with db.transaction() as session:
        return discovery.latest(session)


def test_networks_are_entered_changed_and_removed(browser: Browsers) -> None:
    chief = browser("chief")
    form = {"cidr": "198.51.100.0/24", "name": "东村", "sweep": "1", "rtsp_ports": "554，1554", "username": "v"}
    assert chief.post("/admin/networks/0", data=form | {"password": "s3cret-p!"}).status_code == 302
    with db.transaction() as session:
        made = networks.named(session, "东村")
        assert (made.sweep, made.rtsp_ports, made.onvif_ports, made.username) == (True, (554, 1554), (), "v")
    page = chief.get("/admin/networks").get_data(as_text=True)
    assert "198.51.100.0/24" in page
    assert "s3cret-p!" not in page
    assert chief.post(f"/admin/networks/{made.id}", data=form | {"name": "东村二"}).status_code == 302
    assert chief.post(f"/admin/networks/{made.id}", data={"remove": "1"}).status_code == 302
    with db.transaction() as session:
        assert "198.51.100.0/24" not in networks.allowed(session, "main")
        trail = "SELECT count(*), bool_or(detail::text LIKE '%s3cret%') FROM audit WHERE action = 'network.change'"
        assert tuple(session.execute(text(trail)).one()) == (3, False)


@pytest.mark.parametrize(
    "form",
    [
        {"cidr": "198.51.100.7/24", "name": "x"},
        {"cidr": "0.0.0.0/0", "name": "x"},
        {"cidr": "198.51.100.0/24", "name": ""},
        {"cidr": "198.51.100.0/24", "name": "x", "rtsp_ports": "ssh"},
        {"cidr": "198.51.100.0/24", "name": "x", "rate_per_s": "9000"},
    ],
)
def test_a_network_that_cannot_be_used_is_refused_with_a_sentence(browser: Browsers, form: dict[str, str]) -> None:
    answer = browser("chief").post("/admin/networks/0", data=form)
    assert answer.status_code == 400
    with db.transaction() as session:
        assert not [one for one in networks.allowed(session, "main") if one.startswith("198.51")]


@pytest.mark.parametrize("login", ["admin_a", "editor_a", "operator_a", "viewer_county"])
def test_only_an_administrator_of_everything_searches_and_allows(
    browser: Browsers, network: Network, login: str
) -> None:
    device = put(network, said_name="secret-pole")
    client = browser(login)
    for path in ("/discovery", "/admin/networks", "/api/v1/discovery"):
        answer = client.get(path)
        assert answer.status_code == (200 if login == "admin_a" else 403)
        assert "198.51.100" not in answer.get_data(as_text=True)
    refused = [
        client.post("/discovery", data={"network": network.id}),
        client.post("/discovery/add", data={"found": device}),
        client.post(f"/discovery/found/{device}", data={"forget": "1"}),
        client.post(f"/admin/networks/{network.id}", data={"remove": "1"}),
        client.post("/admin/networks/0", data={"cidr": "198.51.101.0/24", "name": "x"}),
    ]
    assert {answer.status_code for answer in refused} == {403}
    assert runs() == []


def test_a_search_is_asked_for_once_for_each_site(browser: Browsers, network: Network) -> None:
    with db.transaction() as session:
        east = networks.keep(session, Network(cidr="198.51.101.0/28", name="东", sweep=True, probe_site="east"))
        closed = networks.keep(session, Network(cidr="198.51.102.0/28", name="闭"))
    chief = browser("chief")
    assert chief.post("/discovery", data={"network": [network.id, east.id, closed.id]}).status_code == 302
    assert {(run.probe_site, run.network_ids) for run in runs()} == {("main", (network.id,)), ("east", (east.id,))}
    with db.transaction() as session:
        jobs = session.execute(text("SELECT task_name FROM procrastinate_jobs")).scalars().all()
    assert jobs == ["discover"]
    assert chief.post("/discovery", data={"network": [closed.id]}).status_code == 400


def test_a_search_is_stopped(browser: Browsers, network: Network) -> None:
    chief = browser("chief")
    chief.post("/discovery", data={"network": network.id})
    assert chief.post(f"/discovery/{runs()[0].id}/stop").status_code == 302
    assert runs()[0].state == "cancelling"
    assert chief.get("/api/v1/discovery").json["runs"][0]["state_label"] == "正在停止"


def test_what_a_device_says_is_only_ever_text(browser: Browsers, network: Network) -> None:
    put(network, said_name=HOSTILE, vendor=HOSTILE, model=HOSTILE, firmware=HOSTILE, serial=HOSTILE)
    page = browser("chief").get("/discovery").get_data(as_text=True)
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") >= 5


def test_the_list_is_narrowed_by_standing(browser: Browsers, network: Network) -> None:
    put(network)
    put(network, ip="198.51.100.4", standing="gone")
    page = browser("chief").get("/discovery?standing=gone").get_data(as_text=True)
    assert re.findall(r'<td class="code">(198[\d.]+)', page) == ["198.51.100.4"]
    assert browser("chief").get("/discovery?standing=lost").status_code == 400


def test_chosen_devices_are_handed_to_a_worker_with_their_codes(browser: Browsers, network: Network) -> None:
    one, two = put(network), put(network, ip="198.51.100.4")
    form = {"found": [one, two], f"code-{one}": "51031100001320000009", f"name-{two}": "村口东", "area": CODE_A}
    assert browser("chief").post("/discovery/add", data=form).status_code == 302
    [run] = runs()
    assert run.choices["devices"] == [
        {"found_id": one, "code": "51031100001320000009", "name": ""},
        {"found_id": two, "code": "", "name": "村口东"},
    ]
    assert run.choices["area_id"]


@pytest.mark.parametrize(("field", "written"), [("name", "张三 13812345678"), ("area", "999999")])
def test_what_cannot_be_written_into_the_record_is_refused_before_a_device_is_tried(
    browser: Browsers, network: Network, field: str, written: str
) -> None:
    one = put(network)
    form = {"found": one, "area": written} if field == "area" else {"found": one, f"{field}-{one}": written}
    assert browser("chief").post("/discovery/add", data=form).status_code in {400, 404}
    assert runs() == []


def test_a_moved_device_corrects_the_address_of_its_camera(browser: Browsers, network: Network) -> None:
    with db.transaction() as session:
        values = "('M1', '村口', 'rtsp://198.51.100.9:8554/live?x=1', 'http://198.51.100.9/onvif', '198.51.100.9')"
        camera = session.execute(
            text(f"INSERT INTO cameras (code, name, rtsp_url, onvif_url, ipv4) VALUES {values} RETURNING id")
        ).scalar_one()
    device = put(network, standing="moved", camera_id=camera, moved_from="198.51.100.9")
    assert browser("chief").post(f"/discovery/found/{device}", data={"accept": "1"}).status_code == 302
    with db.transaction() as session:
        row = session.execute(text("SELECT rtsp_url, onvif_url, ipv4 FROM cameras WHERE code = 'M1'")).one()
        standing = session.execute(text("SELECT standing FROM found_devices")).scalar_one()
        reason = session.execute(
            text("SELECT reason FROM camera_changes WHERE camera_id = :id"), {"id": camera}
        ).scalar()
    assert tuple(row) == ("rtsp://198.51.100.3:8554/live?x=1", "http://198.51.100.3/onvif", "198.51.100.3")
    assert (standing, reason) == ("known", "discovery")


def test_a_new_device_cannot_be_accepted_and_a_gone_one_is_forgotten(browser: Browsers, network: Network) -> None:
    device = put(network)
    chief = browser("chief")
    assert chief.post(f"/discovery/found/{device}", data={"accept": "1"}).status_code == 400
    assert chief.post(f"/discovery/found/{device}", data={"forget": "1"}).status_code == 302
    assert chief.post(f"/discovery/found/{device}", data={"forget": "1"}).status_code == 404
