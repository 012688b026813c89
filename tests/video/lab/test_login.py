import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from video.lab.faults import Login
from video.lab.login import TOKEN_WINDOW, Token, challenge, is_let_in, token_holds
from video.lab.spec import Auth, CameraSpec

# The worked examples of RFC 2617, 3.5 and RFC 7616, 3.9.1.
RFC_2617 = (
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1"'
)
RFC_7616 = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
    'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"'
)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
GATE = CameraSpec(name="gate", user="u", password="p")


def opens(auth: Auth, password: str, header: str, *, realm: str, nonce: str) -> bool:
    spec = CameraSpec(name="gate", auth=auth, user="Mufasa", password=password)
    return is_let_in(spec, Login.CHECKED, header, method="GET", realm=realm, nonce=nonce)


def test_the_examples_of_the_standards_open_the_camera() -> None:
    md5 = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    sha = {"realm": "http-auth@example.org", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"}
    assert opens(Auth.DIGEST_MD5, "Circle Of Life", RFC_2617, **md5)
    assert opens(Auth.DIGEST_SHA256, "Circle of Life", RFC_7616, **sha)
    assert not opens(Auth.DIGEST_MD5, "Circle of Life", RFC_2617, **md5)
    assert not opens(Auth.DIGEST_MD5, "Circle Of Life", RFC_2617, realm=md5["realm"], nonce="another")
    assert not opens(Auth.DIGEST_SHA256, "Circle of Life", RFC_2617, **md5)


@pytest.mark.parametrize("header", ["", "Digest", 'Digest username="Mufasa"', "Basic !", "Bearer x", "Digest =,=,"])
@pytest.mark.parametrize("auth", [Auth.BASIC, Auth.DIGEST_MD5])
def test_a_header_that_proves_nothing_opens_nothing(auth: Auth, header: str) -> None:
    assert not opens(auth, "x", header, realm="r", nonce="n")


def test_a_camera_with_a_changed_password_opens_to_nobody() -> None:
    basic = "Basic " + b64encode(b"u:p").decode()
    spec = replace(GATE, auth=Auth.BASIC)
    assert is_let_in(spec, Login.CHECKED, basic, method="DESCRIBE", realm="r", nonce="n")
    assert not is_let_in(spec, Login.REFUSED, basic, method="DESCRIBE", realm="r", nonce="n")


def test_a_challenge_says_its_scheme_and_when_it_is_stale() -> None:
    assert challenge(Auth.BASIC, realm="r", nonce="n") == 'Basic realm="r"'
    assert 'stale="true"' in challenge(Auth.DIGEST_SHA256, realm="r", nonce="n", stale=True)


def token(made: datetime, password: str = "p") -> Token:
    created = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = b64encode(hashlib.sha1(b"nonce" + created.encode() + password.encode()).digest()).decode()
    return Token(user="u", digest=digest, nonce=b64encode(b"nonce").decode(), created=created)


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        (token(NOON), True),
        (token(NOON + TOKEN_WINDOW), True),
        (token(NOON - TOKEN_WINDOW - timedelta(seconds=1)), False),
        (token(NOON, "wrong"), False),
        (replace(token(NOON), user="x"), False),
        (replace(token(NOON), nonce="not base64"), False),
        (replace(token(NOON), created="yesterday"), False),
        (replace(token(NOON), created="2026-05-01T12:00:00"), False),
    ],
)
def test_a_token_holds_near_the_time_of_the_camera_only(given: Token, holds: bool) -> None:
    assert token_holds(GATE, Login.CHECKED, given, camera_time=NOON) is holds
