import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.alarms.http import NEWEST, OLDEST, Refusal, Signature, read, sign, verify

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATH = "/api/v1/signals"
NONCE = "0123456789abcdef"
BODY = b'{"kind":"press"}'


def signed(at: datetime = NOON) -> Signature:
    return sign("POST", PATH, device="B-1", secret="knock", body=BODY, at=at, nonce=NONCE)


def test_a_signature_made_with_openssl_is_the_one_made_here() -> None:
    body_hash = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=BODY, capture_output=True, check=True)
    lines = f"POST\n{PATH}\n{int(NOON.timestamp())}\n{NONCE}\n{body_hash.stdout.split()[0].decode()}"
    code = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "knock", "-r"], input=lines.encode(), capture_output=True, check=True
    )
    assert signed().signature == code.stdout.split()[0].decode()


def test_what_a_device_sends_is_read_and_believed() -> None:
    found = read(signed().headers())
    assert isinstance(found, Signature)
    assert verify(found, "POST", PATH, secret="knock", body=BODY, at=NOON) is None


@pytest.mark.parametrize(
    ("late", "refusal"),
    [
        (OLDEST, None),
        (OLDEST + timedelta(seconds=1), Refusal.TOO_OLD),
        (-NEWEST, None),
        (-NEWEST - timedelta(seconds=1), Refusal.TOO_NEW),
    ],
)
def test_a_press_is_believed_from_forty_seconds_before_to_twenty_after(late: timedelta, refusal: Refusal) -> None:
    assert verify(signed(), "POST", PATH, secret="knock", body=BODY, at=NOON + late) == refusal


@pytest.mark.parametrize(
    ("method", "path", "secret", "body"),
    [
        ("GET", PATH, "knock", BODY),
        ("POST", PATH + "?x=1", "knock", BODY),
        ("POST", PATH, "knack", BODY),
        ("POST", PATH, "knock", b'{"kind":"test"}'),
    ],
)
def test_nothing_that_was_signed_can_be_changed(method: str, path: str, secret: str, body: bytes) -> None:
    assert verify(signed(), method, path, secret=secret, body=body, at=NOON) is Refusal.BAD_SIGNATURE


def test_a_stale_press_with_a_wrong_signature_is_called_wrong_and_not_stale() -> None:
    assert verify(signed(), "POST", PATH, secret="other", body=BODY, at=NOON + timedelta(1)) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize("missing", ["X-Device", "X-Timestamp", "X-Nonce", "X-Signature"])
def test_a_request_without_one_of_the_headers_is_unsigned(missing: str) -> None:
    headers = signed().headers()
    del headers[missing]
    assert read(headers) is Refusal.UNSIGNED


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Timestamp", "noon"), ("X-Timestamp", "9" * 13), ("X-Nonce", "short"), ("X-Nonce", "a b" * 9)],
)
def test_a_header_of_the_wrong_form_is_refused(name: str, value: str) -> None:
    assert read({**signed().headers(), name: value}) is Refusal.BAD_HEADER


def test_header_names_come_in_any_case() -> None:
    assert read({name.lower(): value for name, value in signed().headers().items()}) == signed()


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_header_makes_the_check_crash(device: str, timestamp: str, nonce: str, signature: str) -> None:
    found = read({"X-Device": device, "X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": signature})
    if isinstance(found, Signature):
        assert verify(found, "POST", PATH, secret="knock", body=BODY, at=NOON) is Refusal.BAD_SIGNATURE
