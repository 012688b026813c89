"""Sweeps and additions as jobs, on real sockets and a real database: compared, resumed, stopped, tried once."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import video.discovery
from data import db, discovery, found, networks
from data.networks import Network
from video.lab.lab import Lab
from video.lab.spec import CameraSpec
from web.jobs.discovery import carry_out

CIDR = "127.47.0.0/29"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


RTSP, ONVIF = free_port(), free_port()


class Clock:
    """The time of the machine, some minutes later if a test says so."""

    def __init__(self) -> None:
        self.later = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


def camera(number: int, **more: object) -> CameraSpec:
    told = {
        "name": f"C{number}",
        "address": f"127.47.0.{number}",
        "port": RTSP,
        "onvif_port": ONVIF,
        "serial": f"LAB-000{number}",
        "mac": f"02:00:00:00:00:{number:02X}",
        "user": "viewer",
        "password": "right",
        "discoverable": True,
    }
    return CameraSpec(**told | more)  # type: ignore[arg-type]


@pytest.fixture
def network(committed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Return a network that may be swept and has a login, for this test only; virtual cameras answer at once."""
    monkeypatch.setattr(video.discovery, "ANSWER_S", 0.1)
    with db.transaction() as session:
        wanted = Network(
            cidr=CIDR,
            name="试验网",
            sweep=True,
            rate_per_s=500,
            rtsp_ports=(RTSP,),
            onvif_ports=(ONVIF,),
            username="viewer",
        )
        made = networks.keep(session, wanted, password="right")
    yield made
    with db.transaction() as session:
        networks.remove(session, made.id)


def ask(kind: str, *, site: str = "main", **more: Any) -> int:
    with db.transaction() as session:
        return discovery.ask(session, kind=kind, probe_site=site, account_id=None, **more)


def working(cameras: Sequence[CameraSpec], *orders: int, clock: Clock | None = None) -> Lab:
    """Carry out everything that was asked for, with these cameras on the network."""

    async def run() -> Lab:
        lab = Lab(cameras, clock=lambda: datetime.now(UTC))
        async with lab:
            while await carry_out("main", clock=clock or Clock()):
                pass
        return lab

    return asyncio.run(asyncio.wait_for(run(), 60))


def sweep(network: Network, *cameras: CameraSpec) -> dict[str, str]:
    """Sweep the network and return how each device stands, by address."""
    ask("sweep", network_ids=[network.id])
    working(cameras)
    return {row["ip"]: row["standing"] for row in rows()}


def rows() -> list[dict[str, Any]]:
    with db.transaction() as session:
        return [dict(row) for row in found.listed(session, limit=100)]


def record_camera(ip: str, **more: object) -> int:
    values = {"code": f"R-{ip}", "name": ip, "rtsp_url": f"rtsp://{ip}:{RTSP}/live", "ipv4": ip, "mac": None} | more
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    with db.transaction() as session:
        made = session.execute(text(f"INSERT INTO cameras ({names}) VALUES ({places}) RETURNING id"), values)
        return int(made.scalar_one())


def run_of(number: int) -> discovery.Run:
    with db.transaction() as session:
        return discovery.find(session, number)


def audited(action: str) -> list[dict[str, Any]]:
    with db.transaction() as session:
        asked = text("SELECT subject, detail FROM audit WHERE action = :action ORDER BY id")
        return [dict(row) for row in session.execute(asked, {"action": action}).mappings()]


def test_what_is_found_is_compared_with_the_record(network: Network) -> None:
    record_camera("127.47.0.1", mac="02:00:00:00:00:01")
    record_camera("127.47.0.2", mac="02:00:00:00:00:09")
    record_camera("127.47.0.5", mac="02:00:00:00:00:04")
    record_camera("127.47.0.6")
    assert sweep(network, camera(1), camera(2), camera(3), camera(4)) == {
        "127.47.0.1": "known",
        "127.47.0.2": "changed",
        "127.47.0.3": "new",
        "127.47.0.4": "moved",
        "127.47.0.6": "gone",
    }
    by_ip = {row["ip"]: row for row in rows()}
    assert by_ip["127.47.0.4"]["moved_from"] == "127.47.0.5"
    assert by_ip["127.47.0.2"]["changes"]["mac"] == ["02:00:00:00:00:09", "02:00:00:00:00:02"]


def test_a_second_sweep_finds_the_same_devices_again_and_says_who_left(network: Network) -> None:
    assert sweep(network, camera(1), camera(2)) == {"127.47.0.1": "new", "127.47.0.2": "new"}
    assert sweep(network, camera(1), camera(3, serial="LAB-0002", mac="02:00:00:00:00:02")) == {
        "127.47.0.1": "new",
        "127.47.0.3": "new",
    }
    assert sweep(network, camera(1)) == {"127.47.0.1": "new", "127.47.0.3": "gone"}


def test_an_exchanged_camera_stays_changed_until_somebody_accepts_it(network: Network) -> None:
    camera_id = record_camera("127.47.0.1")
    assert sweep(network, camera(1)) == {"127.47.0.1": "known"}
    for _ in range(2):
        sweep(network, camera(1, serial="LAB-0008", mac="02:00:00:00:00:08"))
        standings = {row["standing"] for row in rows() if row["camera_id"] == camera_id}
        assert "changed" in standings
    with db.transaction() as session:
        [changed] = [row for row in rows() if row["standing"] == "changed"]
        found.settle(session, changed["id"])
    assert sweep(network, camera(1, serial="LAB-0008", mac="02:00:00:00:00:08")) == {"127.47.0.1": "known"}


def test_a_camera_that_comes_back_is_not_gone_any_more(network: Network) -> None:
    record_camera("127.47.0.1")
    assert sweep(network) == {"127.47.0.1": "gone"}
    assert sweep(network, camera(1)) == {"127.47.0.1": "known"}


def test_a_network_that_may_not_be_swept_is_not(network: Network) -> None:
    with db.transaction() as session:
        networks.keep(session, Network(id=network.id, cidr=CIDR, name="x", sweep=False))
    number = ask("sweep", network_ids=[network.id])
    lab = working([camera(1)])
    assert rows() == []
    assert run_of(number).state == "done"
    assert lab.cameras["C1"].counters.connections == 0


def test_a_sweep_goes_on_where_a_dead_worker_left_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video.discovery, "_MOST_AT_ONCE", 1)
    number = ask("sweep", network_ids=[network.id])
    with db.transaction() as session:
        taken = discovery.take(session, probe_site="main", now=datetime.now(UTC) - timedelta(minutes=5))
        assert taken
        discovery.beat(session, number, now=datetime.now(UTC) - timedelta(minutes=5), total=6, done=3, found=0)
    working([camera(2), camera(5)])
    assert [row["ip"] for row in rows()] == ["127.47.0.5"]
    assert run_of(number).done == run_of(number).total == 6


def test_a_sweep_that_somebody_works_on_is_not_taken_twice(network: Network) -> None:
    ask("sweep", network_ids=[network.id])
    now = datetime.now(UTC)
    with db.transaction() as session:
        assert discovery.take(session, probe_site="east", now=now) is None
        assert discovery.take(session, probe_site="main", now=now)
        assert discovery.take(session, probe_site="main", now=now) is None


def test_a_sweep_that_is_stopped_declares_nothing_gone(network: Network) -> None:
    record_camera("127.47.0.6")
    number = ask("sweep", network_ids=[network.id])
    with db.transaction() as session:
        discovery.cancel(session, number)
    lab = working([camera(1)])
    assert run_of(number).state == "cancelled"
    assert rows() == []
    assert lab.cameras["C1"].counters.connections == 0


# Adding.


def add(network: Network, *cameras: CameraSpec, clock: Clock | None = None, code: str = "") -> dict[str, Any]:
    """Add the first found device and return its line of the report."""
    [first, *_] = rows()
    number = ask("add", choices={"devices": [{"found_id": first["id"], "code": code}]})
    working(cameras, clock=clock)
    return dict((run_of(number).report or {})["devices"][0])


def camera_row() -> dict[str, Any]:
    with db.transaction() as session:
        return dict(session.execute(text("SELECT * FROM cameras")).mappings().one())


def test_a_found_device_becomes_a_camera_with_the_login_of_its_network(network: Network) -> None:
    sweep(network, camera(1))
    line = add(network, camera(1), code="51031100001320000001")
    assert (line["result"], line["login"], line["code"]) == ("added", "accepted", "51031100001320000001")
    made = camera_row()
    assert (made["vendor"], made["model"], made["mac"]) == ("Sharp Eyes Lab", "Village 1", "02:00:00:00:00:01")
    assert (made["rtsp_url"], made["username"]) == (f"rtsp://127.47.0.1:{RTSP}/live", "viewer")
    assert b"right" not in made["password_encrypted"]
    assert rows()[0]["standing"] == "known"
    assert [row["detail"]["outcome"] for row in audited("discovery.login")] == ["tried", "accepted"]
    assert [row["subject"] for row in audited("discovery.add")] == ["51031100001320000001"]
    assert "right" not in str(audited("discovery.login"))


def test_a_wrong_login_is_tried_once_and_not_given_to_the_camera(network: Network) -> None:
    other = camera(1, password="another")
    sweep(network, other)
    first = rows()[0]["id"]
    numbers = [ask("add", choices={"devices": [{"found_id": first, "code": ""}]}) for _ in range(3)]
    lab = working([other])
    results = [(run_of(number).report or {})["devices"][0]["result"] for number in numbers]
    assert results == ["added", "refused", "refused"]
    assert lab.cameras["C1"].counters.auth_refused == 1
    assert camera_row()["username"] is None
    assert camera_row()["code"].startswith("G-")


def test_one_device_is_tried_once_in_half_an_hour_whatever_it_is_called_and_who_restarts(network: Network) -> None:
    """The camera is taken out of the record and found again at another address: its hardware is remembered."""
    other = camera(1, password="another")
    sweep(network, other)
    add(network, other)
    with db.transaction() as session:
        session.execute(text("DELETE FROM cameras"))
    moved = camera(1, password="another", address="127.47.0.4")
    sweep(network, moved)
    clock = Clock()
    clock.later = timedelta(minutes=29)
    assert add(network, moved, clock=clock)["result"] == "refused"
    clock.later = timedelta(minutes=31)
    assert add(network, moved, clock=clock)["result"] == "added"


def test_a_device_of_a_network_without_a_login_is_added_without_a_try(network: Network) -> None:
    with db.transaction() as session:
        networks.keep(session, network, forget_login=True)
    sweep(network, camera(1))
    assert add(network, camera(1))["login"] == "none"
    assert audited("discovery.login") == []
    assert camera_row()["username"] is None


def test_a_device_that_is_no_longer_allowed_is_not_contacted(network: Network) -> None:
    sweep(network, camera(1))
    with db.transaction() as session:
        before = [one for one in networks.networks(session) if one.cidr == "127.0.0.0/8"]
        networks.remove(session, before[0].id)
        networks.keep(
            session, Network(id=network.id, cidr="127.48.0.0/29", name="x", username="viewer"), password="right"
        )
    try:
        [device] = rows()
        number = ask("add", choices={"devices": [{"found_id": device["id"], "code": ""}]})
        lab = working([camera(1)])
        assert lab.cameras["C1"].counters.connections == lab.cameras["C1"].counters.onvif_calls == 0
        assert run_of(number).state == "done"
    finally:
        with db.transaction() as session:
            networks.keep(session, Network(cidr="127.0.0.0/8", name="本机"))


def test_a_name_that_tells_of_a_person_is_not_taken_over(network: Network) -> None:
    sweep(network, camera(1, name="13812345678"))
    add(network, camera(1))
    assert camera_row()["name"] == "127.47.0.1"


def test_a_code_that_is_taken_is_refused_with_a_reason(network: Network) -> None:
    record_camera("10.9.9.9", code="TAKEN")
    sweep(network, camera(1))
    line = add(network, camera(1), code="TAKEN")
    assert (line["result"], line["values"]["code"]) == ("refused", "TAKEN")
