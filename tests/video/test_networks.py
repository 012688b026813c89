"""Nothing outside the allowed networks is contacted: a listener there sees no connection, whatever points to it."""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from data import db, networks
from data.looks import Observation, OnvifOffer, Target
from data.types import Fault, Health, Limits
from video.address import read_address
from video.decoders import Decoders
from video.errors import CameraError, NotAllowed
from video.judge import judge
from video.networks import ANYWHERE, Networks, networks_of
from video.pace import Pace
from video.probe import Timeouts, look
from video.rounds import run
from video.rtsp import Handshake
from video.stream import first_key_frame

Serve = Callable[[Callable[[socket.socket], None]], int]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = networks_of(["127.0.0.0/16"])
OUTSIDE = "127.9.0.9"
QUICK = Timeouts(connect_s=2, reply_s=2, key_frame_s=4, onvif_s=4, total_s=10)


class Watched:
    """A port outside the allowed networks that counts whoever comes."""

    def __init__(self) -> None:
        self.callers: list[object] = []
        self._listener = socket.create_server((OUTSIDE, 0))
        self._listener.settimeout(0.05)
        self._open = True
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError):
                connection, caller = self._listener.accept()
                self.callers.append(caller)
                connection.close()

    def close(self) -> None:
        """Take what still waits in the queue of the port, then end."""
        self._open = False
        self._thread.join()
        with contextlib.suppress(OSError):
            self.callers.append(self._listener.accept()[1])
        self._listener.close()


@pytest.fixture
def outside() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.close()


def look_inside(networks: Networks = ALLOWED, **target: object) -> Observation:
    async def run() -> Observation:
        async with Decoders(1) as decoders:
            wanted = Target(**target)  # type: ignore[arg-type]
            return await look(wanted, now=NOW, decoders=decoders, timeouts=QUICK, networks=networks)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("ip", "allowed"),
    [
        ("127.0.3.4", True),
        ("127.1.0.0", False),
        ("126.255.255.255", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:127.1.0.0", False),
        ("::1", False),
        ("fe80::1%lo", False),
        ("0.0.0.0", False),
        ("camera.example", False),
        ("127.1", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_an_address_is_allowed_only_inside_a_network(ip: str, allowed: bool) -> None:
    assert ALLOWED.allows(ip) is allowed


@given(
    cidrs=st.lists(st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), max_size=6),
    ip=st.ip_addresses(v=4),
)
def test_the_check_agrees_with_each_network_by_itself(cidrs: list[tuple[object, int]], ip: object) -> None:
    nets = [ip_network(f"{address}/{bits}", strict=False) for address, bits in cidrs]
    expected = any(ip_address(str(ip)) in net for net in nets)
    assert networks_of(map(str, nets)).allows(str(ip)) is expected


def test_no_network_allows_nothing_and_anywhere_everything() -> None:
    assert not networks_of([]).allows("127.0.0.1")
    assert ANYWHERE.allows("203.0.113.9")
    assert ANYWHERE.allows("2001:db8::1")


def test_of_the_addresses_of_a_name_one_that_is_allowed_is_taken() -> None:
    assert ALLOWED.admitted(["127.9.0.9", "127.0.0.7"]) == "127.0.0.7"
    with pytest.raises(NotAllowed):
        ALLOWED.admitted(["127.9.0.9"])


@pytest.mark.parametrize("written", [OUTSIDE, "0x7f090009", "2131296265"])
def test_a_camera_outside_is_never_contacted_and_says_so(outside: Watched, written: str) -> None:
    seen = look_inside(rtsp_url=f"rtsp://{written}:{outside.port}/live")
    outside.close()
    assert outside.callers == []
    assert seen.fault is Fault.NOT_ALLOWED
    assert judge(seen, Limits()).health is Health.UNKNOWN


def test_a_name_that_resolves_outside_is_refused(outside: Watched) -> None:
    seen = look_inside(networks_of(["10.0.0.0/8"]), rtsp_url=f"rtsp://localhost:{outside.port}/live")
    assert outside.callers == []
    assert seen.fault is Fault.NOT_ALLOWED


@pytest.mark.parametrize("host", [OUTSIDE, "localhost"])
def test_onvif_outside_is_never_contacted(outside: Watched, host: str) -> None:
    networks = ALLOWED if host == OUTSIDE else networks_of(["10.0.0.0/8"])
    seen = look_inside(networks, onvif_url=f"http://{host}:{outside.port}/onvif/device_service")
    outside.close()
    assert outside.callers == []
    assert (seen.onvif_fault, seen.fault) == (Fault.NOT_ALLOWED, Fault.NOT_ALLOWED)


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(4096)
        if not chunk:
            return data
        data += chunk
    return data


def test_an_http_redirect_is_not_followed(outside: Watched, answering: Serve) -> None:
    def redirect(connection: socket.socket) -> None:
        _read(connection)
        where = f"http://{OUTSIDE}:{outside.port}/onvif/device_service"
        connection.sendall(f"HTTP/1.1 307 Away\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

    seen = look_inside(onvif_url=f"http://127.0.0.1:{answering(redirect)}/onvif/device_service")
    outside.close()
    assert outside.callers == []
    assert seen.onvif is OnvifOffer.NOT_OFFERED


def test_an_rtsp_redirect_is_not_followed_by_the_handshake(outside: Watched, answering: Serve) -> None:
    def redirect(connection: socket.socket) -> None:
        while _read(connection):
            where = f"rtsp://{OUTSIDE}:{outside.port}/live"
            connection.sendall(f"RTSP/1.0 302 Away\r\nCSeq: 1\r\nLocation: {where}\r\n\r\n".encode())

    seen = look_inside(rtsp_url=f"rtsp://127.0.0.1:{answering(redirect)}/live")
    outside.close()
    assert outside.callers == []
    assert seen.fault is Fault.NOT_FOUND


def test_the_player_cannot_be_redirected_either(outside: Watched, answering: Serve) -> None:
    """The handshake was answered honestly, then FFmpeg is sent away at each step it takes."""
    for step in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY"):

        def send_away(connection: socket.socket, step: str = step) -> None:
            while request := _read(connection):
                method = request.split(b" ", 1)[0].decode()
                away = f"rtsp://{OUTSIDE}:{outside.port}/live"
                connection.sendall(_answer(method, redirect_to=away if method == step else None))

        port = answering(send_away)
        with pytest.raises(Exception, match=r"\w"):
            first_key_frame(f"rtsp://127.0.0.1:{port}/live", None, within_s=1)
    outside.close()
    assert outside.callers == []


SDP = (
    "v=0\r\no=- 0 0 IN IP4 {0}\r\ns=x\r\nc=IN IP4 {0}\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:rtsp://{0}/t\r\n"
)


def _answer(method: str, *, redirect_to: str | None) -> bytes:
    if redirect_to:
        return f"RTSP/1.0 302 Away\r\nCSeq: 1\r\nLocation: {redirect_to}\r\n\r\n".encode()
    body = SDP.format(OUTSIDE) if method == "DESCRIBE" else ""
    extra = {
        "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Base: rtsp://{OUTSIDE}/live/\r\n",
        "SETUP": f"Transport: RTP/AVP/TCP;unicast;interleaved=0-1;source={OUTSIDE}\r\nSession: 1\r\n",
    }.get(method, "")
    return f"RTSP/1.0 200 OK\r\nCSeq: 1\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def test_datagrams_go_to_the_device_that_was_called(answering: Serve) -> None:
    """A device that names another source would have FFmpeg send its first datagrams there."""
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind((OUTSIDE, 0))
    port = elsewhere.getsockname()[1]

    def names_another(connection: socket.socket) -> None:
        while request := _read(connection):
            method = request.split(b" ", 1)[0].decode()
            if method == "SETUP" and b"TCP" in request:
                connection.sendall(b"RTSP/1.0 461 Unsupported transport\r\nCSeq: 1\r\n\r\n")
            elif method == "SETUP":
                client = request.partition(b"client_port=")[2].split(b"\r\n")[0].split(b";")[0].decode()
                where = f"RTP/AVP;unicast;client_port={client};server_port={port}-{port};source={OUTSIDE}"
                connection.sendall(f"RTSP/1.0 200 OK\r\nCSeq: 1\r\nTransport: {where}\r\nSession: 1\r\n\r\n".encode())
            else:
                connection.sendall(_answer(method, redirect_to=None))

    with pytest.raises(Exception, match=r"\w"):
        first_key_frame(f"rtsp://127.0.0.1:{answering(names_another)}/live", None, within_s=0.7)
    with elsewhere, pytest.raises(BlockingIOError):
        elsewhere.recv(100, socket.MSG_DONTWAIT)


def test_onvif_that_reports_addresses_outside_leads_nowhere(outside: Watched, answering: Serve) -> None:
    """Media service, stream and snapshot are all said to be outside; the host that was called is kept."""
    away = f"{OUTSIDE}:{outside.port}"
    said = {
        b"GetSystemDateAndTime": "",
        b"GetDeviceInformation": "<GetDeviceInformationResponse><Model>m</Model></GetDeviceInformationResponse>",
        b"GetCapabilities": f"<Capabilities><Media><XAddr>http://{away}/media</XAddr></Media></Capabilities>",
        b"GetProfiles": '<Profiles token="a"/>',
        b"GetStreamUri": f"<MediaUri><Uri>rtsp://{away}/live</Uri></MediaUri>",
        b"GetSnapshotUri": f"<MediaUri><Uri>http://{away}/still.jpg</Uri></MediaUri>",
    }

    def report(connection: socket.socket) -> None:
        while request := _read(connection):
            length = int(request.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = request.partition(b"\r\n\r\n")[2]
            while len(body) < length:
                body += connection.recv(4096)
            answer = next((text for name, text in said.items() if name in body), "")
            soap = f"<Envelope><Body>{answer}</Body></Envelope>".encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(soap), soap))

    seen = look_inside(onvif_url=f"http://127.0.0.1:{answering(report)}/onvif/device_service")
    outside.close()
    assert outside.callers == []
    assert seen.stream_url == f"rtsp://127.0.0.1:{outside.port}/live"
    assert OUTSIDE not in (seen.snapshot_url or "")


def test_the_relay_connects_to_the_address_that_was_checked(answering: Serve, outside: Watched) -> None:
    """The name says outside by now; what counts is what it said when it was checked."""
    asked = threading.Event()

    def note(connection: socket.socket) -> None:
        if _read(connection):
            asked.set()

    port = answering(note)
    with pytest.raises(Exception, match=r"\w"):
        first_key_frame(f"rtsp://{OUTSIDE}:{port}/live", None, within_s=2, peer="127.0.0.1")
    assert asked.is_set()


def test_a_handshake_tells_the_address_it_checked(answering: Serve) -> None:
    port = answering(lambda connection: connection.sendall(b"HTTP/1.1 400 No\r\n\r\n"))
    handshake = Handshake(read_address(f"rtsp://localhost:{port}/live"), None, networks=networks_of(["127.0.0.0/8"]))
    with pytest.raises(CameraError):
        asyncio.run(handshake.run(connect_s=2, reply_s=2))
    assert handshake.peer == "127.0.0.1"


# Who opens sockets, and where the address was checked: a new one belongs here and into the tests above.
OPENERS = {
    "rtsp.py": "the handshake, after `admitted`",
    "web_client.py": "ONVIF and HTTP, `admitted` inside",
    "relay.py": "the peer that the handshake was admitted to",
    "discovery.py": "the ports of a swept address, `admitted` inside",
    "wsdiscovery.py": "questions to swept addresses, and to the own link",
    "decoder.py": "sockets handed over by the prober",
    "stream.py": "FFmpeg, which opens the relay on the loopback",
    "uplink.py": "gateways that an administrator named",
}
_OPENS = re.compile(r"create_connection\(|open_connection\(|ClientSession\(|av\.open\(|socket\.socket\(|urlopen\(")


def test_every_place_that_opens_a_socket_is_known() -> None:
    folder = Path(__file__).resolve().parents[2] / "video"
    assert {file.name for file in folder.glob("*.py") if _OPENS.search(file.read_text())} <= set(OPENERS)


@pytest.mark.parametrize("module", ["rtsp.py", "web_client.py", "discovery.py"])
def test_each_of_them_asks_before_it_opens(module: str) -> None:
    text = (Path(__file__).resolve().parents[2] / "video" / module).read_text()
    assert "admitted(" in text


def test_a_round_leaves_a_camera_outside_alone_until_its_network_is_allowed(committed: Path, outside: Watched) -> None:
    """Allowed is what the database says at each turn, not what it said when the worker began."""
    with db.transaction() as session:
        seeded = networks.named(session, "127.0.0.0/8")
        networks.remove(session, seeded.id)
        add = "INSERT INTO cameras (code, name, rtsp_url) VALUES ('C1', 'C1', :url)"
        session.execute(text(add), {"url": f"rtsp://{OUTSIDE}:{outside.port}/live"})
    try:
        assert one_round(day=1) == "not_allowed"
        assert outside.callers == []
    finally:
        with db.transaction() as session:
            networks.keep(session, replace(seeded, id=0))
    assert one_round(day=2) == "bad_reply"
    outside.close()
    assert outside.callers


def one_round(*, day: int) -> str:
    """Look at the camera now and return the fault that was seen."""
    with db.transaction() as session:
        session.execute(text("UPDATE look_turns SET next_check_at = '2000-01-01'"))
    asyncio.run(run(Pace(timeouts=QUICK), clock=lambda: datetime(2100, 3, day, tzinfo=UTC), decoders=None))
    with db.transaction() as session:
        return str(session.execute(text("SELECT facts ->> 'fault' FROM camera_state")).scalar_one())
