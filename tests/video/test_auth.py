import pytest

from data.looks import Credential
from video.auth import authorization, best_challenge

MUFASA = Credential(user="Mufasa", password="Circle of Life")
RFC7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_are_answered_as_printed(algorithm: str, response: str) -> None:
    challenge = best_challenge(RFC7616.format(algorithm))
    assert challenge
    line = authorization(challenge, MUFASA, method="GET", uri="/dir/index.html", cnonce=CNONCE)
    assert f'response="{response}"' in line
    assert "nc=00000001" in line


def test_the_example_of_rfc_2617_without_qop_is_answered_as_rfc_2069() -> None:
    challenge = best_challenge('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"')
    assert challenge
    login = Credential(user="Mufasa", password="CircleOfLife")
    line = authorization(challenge, login, method="GET", uri="/dir/index.html", cnonce="00")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in line
    assert "qop" not in line
    assert "algorithm" not in line


def test_basic_is_the_login_in_base64() -> None:
    challenge = best_challenge('Basic realm="camera"')
    assert challenge
    login = Credential(user="Aladdin", password="open sesame")
    assert authorization(challenge, login, method="GET", uri="/", cnonce="") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="x", Digest realm="x", nonce="1"', ("Digest", "MD5")),
        (
            'Digest realm="x", nonce="1", algorithm=MD5, Digest realm="x", nonce="1", algorithm=SHA-256',
            ("Digest", "SHA-256"),
        ),
        ('Digest realm="x", nonce="1", algorithm="md5-sess"', ("Digest", "MD5")),
        ('digest realm="x",nonce="1"', ("Digest", "MD5")),
        ('Basic realm="Digest of all"', ("Basic", "MD5")),
        ('Digest realm="x", nonce="1", algorithm=TIGER, Basic realm="x"', ("Basic", "MD5")),
    ],
)
def test_the_strongest_known_challenge_is_answered(header: str, expected: tuple[str, str]) -> None:
    challenge = best_challenge(header)
    assert challenge
    assert (challenge.scheme, challenge.algorithm) == expected


@pytest.mark.parametrize("header", ["", "Negotiate", 'Digest realm="x"', 'Digest nonce="1", algorithm=TIGER', ",,,=="])
def test_a_challenge_nobody_knows_is_none(header: str) -> None:
    assert best_challenge(header) is None


def test_a_session_hash_takes_the_client_nonce_in() -> None:
    plain = best_challenge('Digest realm="r", nonce="n", qop="auth"')
    session = best_challenge('Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess, stale=TRUE')
    assert plain
    assert session
    assert session.stale
    lines = {
        authorization(one, MUFASA, method="DESCRIBE", uri="u", cnonce="c").split("response=")[1][:34]
        for one in (plain, session)
    }
    assert len(lines) == 2


def test_quotes_in_a_user_name_cannot_end_the_parameter() -> None:
    challenge = best_challenge('Digest realm="r", nonce="n"')
    assert challenge
    line = authorization(challenge, Credential(user='a"b\\', password="x"), method="GET", uri="u", cnonce="c")
    assert 'username="a\\"b\\\\"' in line
