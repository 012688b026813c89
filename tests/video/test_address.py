from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.looks import Credential, Target
from video.address import Address, read_address, split_credentials, without_credentials
from video.errors import BadAddress


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rtsp://10.0.0.1/live", Address("rtsp://10.0.0.1/live", "10.0.0.1", 554)),
        ("RTSP://cam:8554", Address("rtsp://cam:8554", "cam", 8554)),
        ("rtsps://cam/x", Address("rtsps://cam/x", "cam", 322, secure=True)),
        ("rtsp://[::1]:99/x?a=b", Address("rtsp://[::1]:99/x?a=b", "::1", 99)),
        ("rtsp://cam?channel=1", Address("rtsp://cam?channel=1", "cam", 554)),
        ("rtsp://u:p@cam/x@y", Address("rtsp://cam/x@y", "cam", 554)),
        ("rtsp://cam/通道", Address("rtsp://cam/%E9%80%9A%E9%81%93", "cam", 554)),
    ],
)
def test_an_address_is_taken_apart(url: str, address: Address) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "cam/live", "http://cam", "rtsp://", "rtsp:///x", "rtsp://cam:0/", "rtsp://cam:x/", "rtsp://[::1/x",
     "rtsp://a b/", "rtsp://cam/\r\nX: y", "rtsp://cam/" + "x" * 3000, "rtsp://cäm/x"],
)  # fmt: skip
def test_a_useless_address_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read_address(url)
    assert refused.value.detail


def test_credentials_leave_the_url_and_are_not_shown() -> None:
    target = without_credentials(Target(rtsp_url="rtsp://admin:p%40ss@cam/live", onvif_url="http://a:b@cam/onvif"))
    assert (target.rtsp_url, target.onvif_url) == ("rtsp://cam/live", "http://cam/onvif")
    assert target.credential == Credential(user="admin", password="p@ss")
    assert "p@ss" not in repr(target)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.text().filter(lambda text: text.isprintable()))
def test_credentials_survive_the_way_into_a_url_and_back(user: str, password: str) -> None:
    url = f"rtsp://{quote(user, safe='')}:{quote(password, safe='')}@cam/x"
    assert split_credentials(url) == ("rtsp://cam/x", Credential(user=user, password=password))


@given(st.text())
def test_no_text_makes_the_reader_crash(text: str) -> None:
    for url in (text, "rtsp://" + text):
        try:
            assert read_address(url).host
        except BadAddress:
            continue
