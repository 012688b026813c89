"""What a relay changes between FFmpeg and a device: logins answered once, redirects and other hosts taken out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.looks import Credential
from video.address import read_address
from video.errors import BadReply
from video.passing import Passing

HERE = "rtsp://127.0.0.1:9"
LOGIN = Credential(user="viewer", password="secret word")
DIGEST = 'WWW-Authenticate: Digest realm="r", nonce="{}"{}\r\n'


def passing(credential: Credential | None = LOGIN) -> Passing:
    return Passing(read_address("rtsp://10.0.0.7:554/live?x=1"), credential, here=HERE, peer="10.0.0.7")


def ask(conversation: Passing, method: str = "DESCRIBE", sequence: int = 5, extra: str = "") -> str:
    request = f"{method} {HERE}/live?x=1 RTSP/1.0\r\nCSeq: {sequence}\r\n{extra}\r\n"
    return conversation.from_player(request.encode()).decode()


def answer(conversation: Passing, status: str = "200 OK", headers: str = "", body: str = "") -> tuple[str, str]:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    reply = f"RTSP/1.0 {status}\r\nCSeq: 77\r\n{headers}{length}\r\n{body}"
    to_player, to_device = conversation.from_device(reply.encode())
    return to_player.decode(), to_device.decode()


def test_the_device_hears_its_own_address_and_no_password_before_it_asks() -> None:
    said = ask(passing(), extra="Accept: application/sdp\r\nAuthorization: Basic Zm9v\r\n")
    assert said.startswith("DESCRIBE rtsp://10.0.0.7:554/live?x=1 RTSP/1.0\r\nCSeq: 1\r\n")
    assert "Accept: application/sdp" in said
    assert "Authorization" not in said


def test_a_challenge_is_answered_for_the_player_which_hears_nothing_of_it() -> None:
    conversation = passing()
    ask(conversation)
    to_player, again = answer(conversation, "401 No", DIGEST.format("n1", ""))
    assert to_player == ""
    assert re.search(r'Authorization: Digest username="viewer".*nonce="n1".*uri="rtsp://10\.0\.0\.7:554/live', again)
    assert "secret word" not in again
    to_player, _ = answer(conversation, body="v=0\r\n")
    assert to_player.startswith("RTSP/1.0 200 OK\r\nCSeq: 5\r\n")
    assert to_player.endswith("Content-Length: 5\r\n\r\nv=0\r\n")


@pytest.mark.parametrize("second", ["n1", "n2"])
def test_a_refused_password_is_sent_once_and_never_again(second: str) -> None:
    conversation = passing()
    ask(conversation)
    assert "Authorization" in answer(conversation, "401 No", DIGEST.format("n1", ""))[1]
    to_player, again = answer(conversation, "401 No", DIGEST.format(second, ""))
    assert again == ""
    assert to_player.startswith("RTSP/1.0 401")
    # Without a challenge FFmpeg does not try again by itself.
    assert "authenticate" not in to_player.lower()
    assert "Authorization" not in ask(conversation)


def test_a_stale_nonce_is_answered_once_more() -> None:
    conversation = passing()
    ask(conversation)
    answer(conversation, "401 No", DIGEST.format("n1", ""))
    assert 'nonce="n2"' in answer(conversation, "401 No", DIGEST.format("n2", ", stale=true"))[1]
    assert answer(conversation, "401 No", DIGEST.format("n3", ", stale=true"))[1] == ""


def test_a_device_that_took_the_password_may_want_a_fresh_nonce_for_the_next_request() -> None:
    conversation = passing()
    ask(conversation)
    answer(conversation, "401 No", DIGEST.format("n1", ""))
    answer(conversation)
    assert 'nonce="n1"' in ask(conversation, "SETUP")
    assert 'nonce="n2"' in answer(conversation, "401 No", DIGEST.format("n2", ""))[1]


def test_without_a_login_the_refusal_is_passed_on() -> None:
    conversation = passing(None)
    ask(conversation)
    to_player, again = answer(conversation, "401 No", DIGEST.format("n1", ""))
    assert (to_player.split("\r\n")[0], again) == ("RTSP/1.0 401 No", "")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "305 Use Proxy"])
def test_a_redirect_becomes_not_found(status: str) -> None:
    conversation = passing()
    ask(conversation)
    to_player, _ = answer(conversation, status, "Location: rtsp://192.0.2.1/live\r\n")
    assert to_player.startswith("RTSP/1.0 404")
    assert "192.0.2.1" not in to_player


@pytest.mark.parametrize(
    ("offered", "left"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1"),
        (
            "RTP/AVP;unicast;client_port=1-2;server_port=3-4;source=192.0.2.1",
            "RTP/AVP;unicast;client_port=1-2;server_port=3-4;source=10.0.0.7",
        ),
        ("RTP/AVP;multicast;destination=239.1.1.1;ttl=9;port=5-6", "RTP/AVP"),
        ("RTP/AVP/TCP; interleaved=0-1 ; Source = 192.0.2.1, RTP/AVP;source=192.0.2.2", "RTP/AVP/TCP;interleaved=0-1"),
    ],
)
def test_a_transport_names_no_other_host(offered: str, left: str) -> None:
    conversation = passing()
    ask(conversation, "SETUP")
    to_player, _ = answer(conversation, headers=f"Transport: {offered}\r\n")
    assert re.findall(r"^Transport: (.*)\r$", to_player, re.MULTILINE) == [left]


def test_what_is_no_rtsp_ends_the_conversation() -> None:
    conversation = passing()
    ask(conversation)
    with pytest.raises(BadReply):
        conversation.from_device(b"HTTP/1.1 200 OK\r\n\r\n")


def test_junk_between_frames_is_left_out() -> None:
    frame = b"$\x00\x00\x03abc"
    assert passing().from_device(b"junk" + frame + b"more junk" + frame)[0] == frame * 2


@given(
    frames=st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=300)), max_size=8),
    cuts=st.lists(st.integers(0, 2500), max_size=6),
)
def test_however_a_stream_is_cut_the_player_gets_the_same(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    whole = b"".join(b"$%c%b%b" % (channel, len(data).to_bytes(2, "big"), data) for channel, data in frames)
    conversation, out, before = passing(), b"", 0
    for cut in (*sorted(min(cut, len(whole)) for cut in cuts), len(whole)):
        out += conversation.from_device(whole[before:cut])[0]
        before = cut
    assert out == whole


@given(st.binary(max_size=400))
def test_no_bytes_of_a_device_break_the_relay(data: bytes) -> None:
    conversation = passing()
    ask(conversation)
    try:
        conversation.from_device(data)
        conversation.from_device(b"RTSP/1.0 200 OK\r\n" + data + b"\r\n\r\n")
    except BadReply:
        pass


@pytest.mark.parametrize(
    ("frames", "is_media"),
    [
        (b"$\x01\x00\x02RR", False),
        (b"$\x00\x00\x02vv", True),
        (b"$\x01\x00\x02RR$\x02\x00\x01v", True),
        (b"$\x00\x00\x09half", False),
    ],
    ids=["reports only", "media", "media after a report", "half a frame"],
)
def test_media_is_noticed_whatever_the_player_makes_of_it(frames: bytes, is_media: bool) -> None:
    conversation = passing()
    conversation.from_device(frames)
    assert conversation.brought_media is is_media
