import asyncio
import http.server
import itertools
import json
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.looks import Credential, Observation, OnvifOffer, Target
from data.types import Fault, Health, Layer, Limits
from video.judge import judge
from video.probe import Timeouts, look, looks

Look = Callable[..., Observation]
Serve = Callable[[Callable[[socket.socket], None]], int]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(4096)
        if not chunk:
            return b""
        data += chunk
    return data


@pytest.mark.parametrize("login", ["none", "basic", "digest"])
def test_a_gstreamer_camera_is_online_with_a_picture(
    gst_camera: Callable[..., str], look_at: Look, right: Credential, login: str
) -> None:
    seen = look_at(gst_camera(login), None if login == "none" else right)
    assert (seen.fault, seen.codec, seen.width, seen.height) == (None, "h264", 1280, 720)
    assert seen.picture
    assert seen.picture.jpeg.startswith(b"\xff\xd8")
    assert seen.picture.thumbnail.startswith(b"\xff\xd8")
    # Colour bars are what a device shows that has no picture of its own.
    assert judge(seen, Limits()).fault is Fault.SIGNAL_LOST


@pytest.mark.parametrize("login", ["basic", "digest"])
def test_a_wrong_password_is_not_offline(
    gst_camera: Callable[..., str], look_at: Look, wrong: Credential, login: str
) -> None:
    seen = look_at(gst_camera(login), wrong)
    assert (seen.fault, seen.layer) == (Fault.AUTH_REFUSED, Layer.AUTH)
    assert judge(seen, Limits()).health is Health.DEGRADED


def test_a_path_the_camera_does_not_have_is_not_found(
    gst_camera: Callable[..., str], look_at: Look, right: Credential
) -> None:
    seen = look_at(gst_camera("digest").replace("/live", "/nothing"), right)
    assert (seen.fault, seen.layer) == (Fault.NOT_FOUND, Layer.DESCRIBE)


def test_credentials_in_the_url_are_used_and_not_kept(gst_camera: Callable[..., str], look_at: Look) -> None:
    seen = look_at(gst_camera("digest").replace("rtsp://", "rtsp://viewer:right@"))
    assert seen.fault is None
    assert "viewer:" not in repr(seen)


def test_an_aiortsp_camera_is_online_with_a_picture(aiortsp_camera: str, look_at: Look) -> None:
    seen = look_at(aiortsp_camera)
    assert (seen.fault, seen.codec, seen.width, seen.height) == (None, "h264", 640, 360)


def test_a_camera_that_takes_only_sha_256_is_online_with_a_picture(
    look_at: Look, right: Credential, wrong: Credential, tmp_path: Path, closed_port: int, serving: Callable[..., Any]
) -> None:
    port = closed_port
    camera = {"name": "a", "port": port, "user": "viewer", "password": "right", "auth": "digest_sha256"}
    (tmp_path / "cameras.json").write_text(json.dumps({"cameras": [camera]}))
    command = [sys.executable, "-m", "video.lab", "--cameras", str(tmp_path / "cameras.json")]
    with serving(command):
        patient = Timeouts(reply_s=20, total_s=40)
        seen = look_at(f"rtsp://127.0.0.1:{port}/live", right, timeouts=patient)
        refused = look_at(f"rtsp://127.0.0.1:{port}/live", wrong, timeouts=patient)
    assert (seen.fault, seen.codec, seen.width) == (None, "h264", 640)
    assert refused.fault is Fault.AUTH_REFUSED


def test_an_onvif_device_tells_identity_clock_and_stream_on_the_host_that_was_called(
    ipycam_device: str, look_at: Look, right: Credential
) -> None:
    seen = look_at(None, right, onvif_url=ipycam_device)
    assert seen.onvif is OnvifOffer.OFFERED
    assert seen.onvif_fault is None
    assert seen.device
    assert (seen.device.manufacturer, seen.device.model) == ("PythonCam", "VirtualCam-1")
    assert seen.clock_skew_s is not None
    assert abs(seen.clock_skew_s) < 1.5
    assert seen.stream_url
    assert seen.stream_url.startswith("rtsp://127.0.0.1:")
    assert seen.snapshot_url
    assert seen.snapshot_url.startswith("http://127.0.0.1:")
    assert (seen.fault, seen.codec) == (None, "h264")


def test_an_onvif_device_refuses_a_wrong_password_apart_from_the_stream(
    ipycam_device: str, gst_camera: Callable[..., str], look_at: Look, wrong: Credential
) -> None:
    seen = look_at(gst_camera("none"), wrong, onvif_url=ipycam_device)
    assert (seen.fault, seen.onvif_fault) == (None, Fault.ONVIF_AUTH_REFUSED)
    assert judge(seen, Limits()).health is Health.DEGRADED


def test_onvif_that_is_not_offered_is_no_fault(gst_camera: Callable[..., str], look_at: Look, closed_port: int) -> None:
    seen = look_at(gst_camera("none"), onvif_url=f"http://127.0.0.1:{closed_port}/onvif/device_service")
    assert (seen.onvif, seen.onvif_fault, seen.fault) == (OnvifOffer.NOT_OFFERED, None, None)


def test_a_closed_port_is_refused(look_at: Look, closed_port: int) -> None:
    seen = look_at(f"rtsp://127.0.0.1:{closed_port}/live")
    assert (seen.fault, seen.layer) == (Fault.REFUSED, Layer.TCP)


def test_a_silent_port_is_a_timeout_of_rtsp(look_at: Look) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seen = look_at(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/live", timeouts=Timeouts(reply_s=0.3))
    assert (seen.fault, seen.layer) == (Fault.TIMEOUT, Layer.RTSP)
    assert seen.connect_ms is not None
    assert seen.describe_ms is None


def test_a_web_server_is_called_one(look_at: Look) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        seen = look_at(f"rtsp://127.0.0.1:{server.server_port}/live")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (seen.fault, seen.layer, seen.detail) == (Fault.BAD_REPLY, Layer.RTSP, "a web server answered")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://127.0.0.1/live", Fault.BAD_ADDRESS),
        ("rtsp://", Fault.BAD_ADDRESS),
        ("rtsp://host:99999/x", Fault.BAD_ADDRESS),
        ("rtsp://host/x\r\nInjected: yes", Fault.BAD_ADDRESS),
        ("rtsp://no-such-name.invalid/x", Fault.NO_NAME),
    ],
)
def test_a_useless_address_is_an_observation(look_at: Look, url: str, fault: Fault) -> None:
    assert look_at(url).fault is fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        ("403 Forbidden", Fault.TOO_MANY_SESSIONS),
        ("453 Not Enough Bandwidth", Fault.TOO_MANY_SESSIONS),
        ("503 Service Unavailable", Fault.TOO_MANY_SESSIONS),
        ("404 Not Found", Fault.NOT_FOUND),
        ("401 Account Locked", Fault.AUTH_LOCKED),
        ("500 Oops", Fault.BAD_REPLY),
        ("200 OK", Fault.NO_VIDEO),
    ],
)
def test_what_a_device_answers_to_describe_names_the_fault(
    answering: Serve, look_at: Look, status: str, fault: Fault
) -> None:
    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            said = "200 OK" if request.startswith(b"OPTIONS") else status
            connection.sendall(f"RTSP/1.0 {said}\r\nCSeq: 1\r\n\r\n".encode())

    assert look_at(f"rtsp://127.0.0.1:{answering(serve)}/live").fault is fault


def challenges_forever(seen: list[bytes], *, stale: bool = False) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            mark = ", stale=true" if stale else ""
            line = f'WWW-Authenticate: Digest realm="r", nonce="n{len(seen)}"{mark}\r\n'
            connection.sendall(f"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n{line}\r\n".encode())

    return serve


@pytest.mark.parametrize(("stale", "tries"), [(False, 1), (True, 2)])
def test_a_password_is_tried_once_and_again_only_for_a_stale_nonce(
    answering: Serve, look_at: Look, wrong: Credential, stale: bool, tries: int
) -> None:
    requests: list[bytes] = []
    port = answering(challenges_forever(requests, stale=stale))
    assert look_at(f"rtsp://127.0.0.1:{port}/live", wrong).fault is Fault.AUTH_REFUSED
    assert sum(b"Authorization" in request for request in requests) == tries


def test_a_refused_password_is_not_sent_again(answering: Serve, look_at: Look, wrong: Credential) -> None:
    requests: list[bytes] = []
    port = answering(challenges_forever(requests))
    seen = look_at(f"rtsp://127.0.0.1:{port}/live", wrong, credential_version=4, refused_credential_version=4)
    assert (seen.fault, seen.detail) == (Fault.AUTH_REFUSED, "not tried again")
    assert [request.split()[0] for request in requests] == [b"OPTIONS"]


VIDEO = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def describes(requests: list[bytes], *, wants_options: str = "") -> Callable[[socket.socket], None]:
    """Serve a device that describes itself once it is shown a login, and before OPTIONS does what is said."""

    def serve(connection: socket.socket) -> None:
        knows = not wants_options
        while request := read_request(connection):
            requests.append(request)
            knows = knows or request.startswith(b"OPTIONS")
            if not knows and wants_options == "hangs up":
                return
            if not knows:
                connection.sendall(f"RTSP/1.0 {wants_options}\r\nCSeq: 1\r\n\r\n".encode())
            elif request.startswith(b"OPTIONS"):
                connection.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
            elif b"Authorization" in request:
                connection.sendall(b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(VIDEO), VIDEO))
            else:
                connection.sendall(b'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n')

    return serve


@pytest.mark.parametrize(("was_well", "asked"), [(True, ["DESCRIBE"]), (False, ["OPTIONS", "DESCRIBE"])])
def test_a_camera_that_was_well_is_asked_for_its_description_at_once(
    answering: Serve, look_at: Look, right: Credential, was_well: bool, asked: list[str]
) -> None:
    requests: list[bytes] = []
    seen = look_at(
        f"rtsp://127.0.0.1:{answering(describes(requests))}/live", right, was_well=was_well, want_picture=False
    )
    assert (seen.fault, seen.codec) == (None, "h264")
    assert [request.split()[0].decode() for request in requests] == [*asked, "DESCRIBE"]


@pytest.mark.parametrize("before", ["hangs up", "455 Method Not Valid In This State", "454 Session Not Found"])
def test_a_device_that_wants_options_first_gets_them(
    answering: Serve, look_at: Look, right: Credential, before: str
) -> None:
    requests: list[bytes] = []
    url = f"rtsp://127.0.0.1:{answering(describes(requests, wants_options=before))}/live"
    assert look_at(url, right, was_well=True, want_picture=False).fault is None
    assert [request.split()[0] for request in requests][:2] == [b"DESCRIBE", b"OPTIONS"]


def test_a_camera_that_was_well_and_takes_the_password_no_more_is_shown_it_once(
    answering: Serve, look_at: Look, wrong: Credential
) -> None:
    requests: list[bytes] = []
    port = answering(challenges_forever(requests))
    assert look_at(f"rtsp://127.0.0.1:{port}/live", wrong, was_well=True).fault is Fault.AUTH_REFUSED
    assert sum(b"Authorization" in request for request in requests) == 1


def test_a_session_that_was_opened_is_torn_down(answering: Serve, look_at: Look) -> None:
    requests: list[bytes] = []
    gone = threading.Event()

    def serve(connection: socket.socket) -> None:
        while not gone.is_set():
            requests.append(read_request(connection))
            if not requests[-1] or requests[-1].startswith(b"TEARDOWN"):
                gone.set()
            connection.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: abc;timeout=60\r\n\r\n")

    look_at(f"rtsp://127.0.0.1:{answering(serve)}/live")
    assert gone.wait(5)
    assert requests[-1].startswith(b"TEARDOWN")
    assert b"Session: abc\r\n" in requests[-1]


def test_devices_of_one_recorder_are_looked_at_one_by_one(answering: Serve) -> None:
    asked: list[int] = []

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            asked.append(connection.getpeername()[1])
            connection.sendall(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n")

    port = answering(serve)
    targets = [Target(rtsp_url=f"rtsp://127.0.0.1:{port}/{n}", turn_key="recorder", code=str(n)) for n in range(8)]

    async def run() -> list[str]:
        return [target.code async for target, _ in looks(targets, clock=lambda: NOW, decoders=None, at_once=8)]

    assert sorted(asyncio.run(run())) == [str(n) for n in range(8)]
    # No look asks before the one before it has all its answers.
    assert len(list(itertools.groupby(asked))) == len(set(asked))
    assert len(set(asked)) >= 8


def test_without_an_address_nothing_is_looked_at() -> None:
    seen = asyncio.run(look(Target(), now=NOW, decoders=None))
    assert seen.fault is Fault.BAD_ADDRESS
    assert judge(seen, Limits()).health is Health.UNKNOWN
