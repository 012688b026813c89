r"""Signed presses and heartbeats over HTTP: how a one-key device signs, and how the signature is checked.

A device and the server share a secret. The device signs five lines with HMAC-SHA256 under that secret:

    METHOD
    PATH            with its query, as sent
    TIMESTAMP       seconds since 1970 UTC, whole
    NONCE           16 to 64 letters or digits, never used twice
    SHA256(body)    lower-case hex, of the bytes sent

and sends X-Device, X-Timestamp, X-Nonce and X-Signature (lower-case hex). By hand:

    B='{"kind":"press"}'; P=/api/v1/signals; T=$(date +%s); N=$(openssl rand -hex 16)
    H=$(printf %s "$B" | openssl dgst -sha256 -r | cut -d' ' -f1)
    S=$(printf 'POST\n%s\n%s\n%s\n%s' $P $T $N $H | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)
    curl -d "$B" -H "X-Device: $D" -H "X-Timestamp: $T" -H "X-Nonce: $N" -H "X-Signature: $S" http://127.0.0.1:9000$P

Whether the device is known, and whether the nonce is new, only the database can tell.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

# How far a device's clock may lie behind and ahead of ours; a nonce must be remembered for as long as both together.
OLDEST = timedelta(seconds=40)
NEWEST = timedelta(seconds=20)

_NONCE = re.compile(r"[0-9A-Za-z]{16,64}")
# Eleven digits reach the year 5138; more would leave the calendar.
_TIMESTAMP = re.compile(r"[0-9]{1,11}")


class Refusal(StrEnum):
    """Why a signal is not believed."""

    UNSIGNED = "unsigned"
    BAD_HEADER = "bad_header"
    BAD_SIGNATURE = "bad_signature"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the four headers say."""

    device: str
    timestamp: str
    nonce: str
    signature: str

    def headers(self) -> dict[str, str]:
        """Return the headers a device sends."""
        return {
            "X-Device": self.device,
            "X-Timestamp": self.timestamp,
            "X-Nonce": self.nonce,
            "X-Signature": self.signature,
        }

    @property
    def at(self) -> datetime:
        """When the device says it signed."""
        return datetime.fromtimestamp(int(self.timestamp), UTC)


def sign(method: str, path: str, *, device: str, secret: str, body: bytes, at: datetime, nonce: str) -> Signature:
    """Return the signature of a request made at `at`; the nonce must be fresh."""
    timestamp = str(int(at.timestamp()))
    made = _code(secret, method, path, timestamp, nonce, body)
    return Signature(device=device, timestamp=timestamp, nonce=nonce, signature=made)


def read(headers: Mapping[str, str]) -> Signature | Refusal:
    """Return the signature the headers carry, or why there is none. Header names in any case."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    said = [lower.get(name, "") for name in ("x-device", "x-timestamp", "x-nonce", "x-signature")]
    if not all(said):
        return Refusal.UNSIGNED
    device, timestamp, nonce, signature = said
    if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce)):
        return Refusal.BAD_HEADER
    return Signature(device=device, timestamp=timestamp, nonce=nonce, signature=signature)


def verify(signed: Signature, method: str, path: str, *, secret: str, body: bytes, at: datetime) -> Refusal | None:
    """Return why the request is not believed at `at`, or None when it is.

    The signature is compared first and in constant time: nobody learns from the clock what the secret would allow.
    """
    wanted = _code(secret, method, path, signed.timestamp, signed.nonce, body)
    if not hmac.compare_digest(wanted.encode(), signed.signature.encode()):
        return Refusal.BAD_SIGNATURE
    if signed.at < at - OLDEST:
        return Refusal.TOO_OLD
    if signed.at > at + NEWEST:
        return Refusal.TOO_NEW
    return None


def _code(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    text = "\n".join((method.upper(), path, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
