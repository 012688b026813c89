from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.errors import BadReply
from video.faults import WEB_SERVER
from video.reply import MOST_BODY, MOST_HEADER, read_reply

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nv=0\n"


@pytest.mark.parametrize(
    "data",
    [
        OK,
        OK.replace(b"\r\n", b"\n"),
        OK.replace(b"CSeq", b"cseq").replace(b"Content-Length", b"content-length"),
        b"$\x00\x00\x03abc" + OK,
        b"$\x00\x00\x03abc$\x01\x00\x00" + OK,
        b"\r\n\r\n" + OK,
        b"left over junk\n" + OK,
        OK.replace(b"200 OK", b"200"),
    ],
)
def test_odd_replies_are_read(data: bytes) -> None:
    found = read_reply(data)
    assert found
    reply, used = found
    assert (reply.status, reply.headers["cseq"], reply.body, used) == (200, "1", "v=0\n", len(data))


@pytest.mark.parametrize("length", range(len(OK)))
def test_a_reply_that_is_not_all_there_yet_is_waited_for(length: int) -> None:
    assert read_reply(OK[:length]) is None


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", WEB_SERVER),
        (b"<!DOCTYPE HTML>\n<html>", WEB_SERVER),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "its answer is not RTSP"),
        (b"RTSP/banana\r\n\r\n", "its answer is not RTSP"),
        (b"x" * MOST_HEADER, "its answer is not RTSP"),
        (b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * MOST_HEADER, "the header of its answer is too long"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), "its answer is too large"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "the length in its answer is not a number"),
    ],
)
def test_what_can_never_be_a_reply_is_refused(data: bytes, detail: str) -> None:
    with pytest.raises(BadReply, match=detail):
        read_reply(data)


def test_repeated_headers_are_joined() -> None:
    found = read_reply(b"RTSP/1.0 401 No\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest\r\n\r\n")
    assert found
    assert found[0].headers["www-authenticate"] == "Basic, Digest"


def test_a_description_without_a_length_is_the_rest() -> None:
    found = read_reply(b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\nv=0\r\nm=video 0 RTP/AVP 96\r\n")
    assert found
    assert found[0].body.startswith("v=0")


PIECES = st.sampled_from(
    [b"RTSP/1.0 200 OK", b"\r\n", b"\n", b"$\x00\x00\x02", b"Content-Length: 9", b":", b"v=0", b"HTTP/1.0"]
)


@given(st.one_of(st.binary(), st.lists(st.one_of(PIECES, st.binary(max_size=8))).map(b"".join)))
def test_no_bytes_make_the_reader_crash_or_use_more_than_there_is(data: bytes) -> None:
    try:
        found = read_reply(data)
    except BadReply:
        return
    assert found is None or 0 < found[1] <= len(data)


def test_the_replies_of_real_cameras_are_read(shared_data: Path) -> None:
    files = sorted((shared_data / "protocols" / "rtsp_retina").glob("*.txt"))
    replies = [file for file in files if file.read_bytes().startswith(b"RTSP/")]
    assert len(replies) >= 38
    for file in replies:
        found = read_reply(file.read_bytes())
        assert found, file.name
        assert found[0].status == (401 if "unauthorized" in file.name else 200), file.name
        assert "cseq" in found[0].headers, file.name
