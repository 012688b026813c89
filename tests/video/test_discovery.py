"""Sweeps over virtual cameras on real sockets: what is found, at which pace, and what is left alone."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import video.discovery
from video.bucket import Bucket
from video.discovery import Found, KnownPorts, Strip, Sweep, mac_of_neighbour
from video.lab.faults import LabFault
from video.lab.lab import Lab
from video.lab.spec import CameraSpec
from video.networks import Networks, networks_of
from video.soap import discovery_matches_of
from video.wsdiscovery import address_on

LOOPBACK = networks_of(["127.0.0.0/8"])
Serve = Callable[[Callable[[socket.socket], None]], int]


def clock() -> datetime:
    return datetime.now(UTC)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


RTSP, ONVIF = free_port(), free_port()


def camera(number: int, **more: object) -> CameraSpec:
    told = {
        "name": f"C{number}",
        "address": f"127.44.0.{number}",
        "port": RTSP,
        "onvif_port": ONVIF,
        "serial": f"SN{number}",
        "mac": f"02:00:00:00:00:{number:02X}",
        "user": "viewer",
        "password": "right",
    }
    return CameraSpec(**told | more)  # type: ignore[arg-type]


def strip(cidr: str = "127.44.0.0/29", **more: object) -> Strip:
    told = {"cidr": cidr, "network_id": 7, "rate_per_s": 500, "rtsp_ports": (RTSP,), "onvif_ports": (ONVIF,)}
    return Strip(**told | more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _virtual_cameras_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video.discovery, "ANSWER_S", 0.1)
    monkeypatch.setattr(video.discovery, "CONNECT_S", 0.3)


def swept(
    cameras: Sequence[CameraSpec], *strips: Strip, networks: Networks = LOOPBACK, done: int = 0
) -> tuple[dict[str, Found], Sweep, Lab]:
    async def run() -> tuple[dict[str, Found], Sweep, Lab]:
        lab = Lab(cameras, clock=clock)
        async with lab:
            sweep = Sweep(strips or (strip(),), networks, clock=clock, done=done)
            found = {one.ip: one async for one in sweep.run()}
        return found, sweep, lab

    return asyncio.run(asyncio.wait_for(run(), 30))


def test_a_sweep_finds_every_camera_and_nothing_else() -> None:
    found, sweep, _ = swept([camera(1, discoverable=True), camera(2), camera(3, onvif_port=None)])
    assert sorted(found) == ["127.44.0.1", "127.44.0.2", "127.44.0.3"]
    assert sweep.done == sweep.total == 6
    assert {one.rtsp_port for one in found.values()} == {RTSP}
    assert {one.network_id for one in found.values()} == {7}
    told = found["127.44.0.1"]
    assert (told.mac, told.said_name, told.model) == ("02:00:00:00:00:01", "C1", "Village 1")
    assert told.onvif_url == f"http://127.44.0.1:{ONVIF}/onvif/device_service"
    assert told.uuid
    assert found["127.44.0.3"].onvif_url is None


def test_what_needs_a_login_is_left_at_its_door() -> None:
    found, _, lab = swept([camera(1), camera(2, user="", password="")])
    assert (found["127.44.0.1"].asks_login, found["127.44.0.1"].serial) == (True, None)
    open_ = found["127.44.0.2"]
    assert (open_.asks_login, open_.serial, open_.vendor) == (False, "SN2", "Sharp Eyes Lab")
    assert [one.counters.auth_refused for one in lab.cameras.values()] == [0, 0]


@pytest.mark.parametrize("fault", [LabFault.REFUSE, LabFault.HANG_CONNECT])
def test_a_dead_camera_is_not_found_and_holds_nobody_up(fault: LabFault) -> None:
    found, sweep, _ = swept([camera(1, fault=fault), camera(2)])
    assert list(found) == ["127.44.0.2"]
    assert sweep.done == sweep.total


def test_a_port_that_only_the_record_knows_is_tried() -> None:
    other = free_port()
    known = {"127.44.0.2": KnownPorts(rtsp=(other,))}
    found, _, _ = swept([camera(2, port=other, onvif_port=None)], strip(known=known))
    assert found["127.44.0.2"].rtsp_port == other


def test_what_answers_on_the_link_and_lies_in_no_network_that_is_swept_is_only_heard() -> None:
    """One camera lies where nothing is allowed, one where looks are allowed and searches are not."""
    stranger = camera(9, address="127.45.0.9", discoverable=True)
    neighbour = camera(8, address="127.44.0.8", discoverable=True)
    networks = networks_of(["127.0.0.0/24", "127.44.0.0/16"])
    found, _, lab = swept([stranger, neighbour], strip("127.0.0.0/30"), networks=networks)
    if "127.45.0.9" not in found:
        pytest.skip("multicast does not work on this machine's loopback")
    assert found["127.45.0.9"].is_outside
    assert (found["127.44.0.8"].is_outside, found["127.44.0.8"].network_id) == (False, None)
    for heard in lab.cameras.values():
        assert heard.counters.connections == heard.counters.onvif_calls == 0


def test_addresses_that_a_device_reports_lead_nowhere_else() -> None:
    victim = camera(5, address="127.46.0.5")
    liar = camera(1, discoverable=True, says_onvif_at=f"http://127.46.0.5:{ONVIF}/onvif/device_service")
    found, _, lab = swept([liar, victim])
    assert found["127.44.0.1"].onvif_url == f"http://127.44.0.1:{ONVIF}/onvif/device_service"
    assert lab.cameras["C5"].counters.onvif_calls == 0


def test_a_strip_outside_the_allowed_networks_is_not_touched() -> None:
    found, sweep, lab = swept([camera(1, discoverable=True)], networks=networks_of(["127.0.0.0/24"]))
    assert found == {}
    assert sweep.done == sweep.total
    assert lab.cameras["C1"].counters.connections == lab.cameras["C1"].counters.onvif_calls == 0


def test_a_sweep_is_taken_up_where_another_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With those again that were under way at that time."""
    monkeypatch.setattr(video.discovery, "_MOST_AT_ONCE", 1)
    found, sweep, _ = swept([camera(1), camera(3), camera(5)], done=3)
    assert list(found) == ["127.44.0.3", "127.44.0.5"]
    assert sweep.done == sweep.total


def test_a_sweep_that_is_closed_asks_nobody_any_more() -> None:
    async def run() -> tuple[int, int]:
        async with Lab([camera(1), camera(6)], clock=clock) as lab:
            sweep = Sweep((strip(rate_per_s=10),), LOOPBACK, clock=clock)
            async with contextlib.aclosing(sweep.run()) as running:
                async for _ in running:
                    break
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            return lab.cameras["C6"].counters.onvif_calls, sum("_work" in repr(task) for task in tasks)

    assert asyncio.run(asyncio.wait_for(run(), 30))[1] == 0


@pytest.mark.parametrize("junk", [b"", b"\x00\xff" * 400, b"<a" * 9000, b"$\x00\xff\xff" * 2000])
def test_a_device_that_babbles_is_no_camera(answering: Serve, junk: bytes) -> None:
    def babble(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(junk)

    port = answering(babble)
    found, sweep, _ = swept([], strip("127.0.0.1/32", rtsp_ports=(port,), onvif_ports=(port,)))
    assert found == {}
    assert sweep.done == 1


@given(
    rate=st.floats(0.5, 500),
    pauses=st.lists(st.floats(0, 3), min_size=2, max_size=60),
)
def test_no_second_lets_more_pass_than_its_rate_and_what_was_saved(rate: float, pauses: list[float]) -> None:
    bucket, now, passed = Bucket(rate, at_once=5), 0.0, []
    for pause in pauses:
        now += pause
        wait = bucket.wait_s(now)
        passed.append(now + wait)
        now += wait
    assert all(one <= two for one, two in pairwise(passed))
    for start in passed:
        within = [at for at in passed if start <= at < start + 1]
        assert len(within) <= rate + 5 + 1e-6


def answer(body: str, question: str = "urn:uuid:q") -> bytes:
    return f"<Envelope><Header><RelatesTo>{question}</RelatesTo></Header><Body>{body}</Body></Envelope>".encode()


MATCH = (
    "<ProbeMatch><EndpointReference><Address>urn:uuid:1</Address></EndpointReference>"
    "<Scopes>onvif://www.onvif.org/name/a  b</Scopes><XAddrs>http://10.0.0.1/x http://10.0.0.2/y</XAddrs></ProbeMatch>"
)


def test_matches_are_read() -> None:
    [match] = discovery_matches_of(answer(MATCH), "urn:uuid:q")
    assert match.uuid == "urn:uuid:1"
    assert match.addresses == ("http://10.0.0.1/x", "http://10.0.0.2/y")
    assert match.scopes == ("onvif://www.onvif.org/name/a", "b")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\x00" * 100,
        answer(MATCH, question="urn:uuid:of another"),
        answer("<ProbeMatch/>"),
        answer("<ProbeMatch><EndpointReference/></ProbeMatch>"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer(MATCH),
        b"x" * (3 * 1024 * 1024),
    ],
)
def test_what_is_no_answer_to_us_is_dropped(reply: bytes) -> None:
    assert discovery_matches_of(reply, "urn:uuid:q") == ()


@given(st.binary(max_size=2000))
def test_no_datagram_breaks_the_reader(data: bytes) -> None:
    discovery_matches_of(data, "q")
    discovery_matches_of(answer(data.decode("latin-1")), "urn:uuid:q")


def test_the_words_of_an_endless_match_are_bounded() -> None:
    many = MATCH.replace("http://10.0.0.1/x", "http://10.0.0.1/" + "x" * 9000 + " y" * 9000)
    [match] = discovery_matches_of(answer(many), "urn:uuid:q")
    assert len(match.addresses) <= 64
    assert max(map(len, match.addresses)) <= 2048


def test_the_kernel_tells_the_hardware_address_of_a_neighbour(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "10.0.0.7         0x1         0x2         c4:2f:90:01:02:03     *        eth0\n"
        "10.0.0.8         0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    )
    assert mac_of_neighbour("10.0.0.7", table) == "C4:2F:90:01:02:03"
    assert mac_of_neighbour("10.0.0.8", table) is None
    assert mac_of_neighbour("10.0.0.9", table) is None
    assert mac_of_neighbour("10.0.0.7", tmp_path / "none") is None


def test_a_link_is_ours_only_when_we_have_an_address_on_it() -> None:
    assert address_on("127.0.0.0/8") == "127.0.0.1"
    assert address_on("203.0.113.0/24") is None
    assert address_on("fd00::/64") is None
