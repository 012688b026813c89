"""RTSP and HTTP authentication: read a challenge, answer it.

Basic (RFC 7617) and Digest (RFC 7616, RFC 2617 and the RFC 2069 form without qop that many cameras still use), MD5 and
SHA-256, with and without -sess. Pure: the caller brings the client nonce.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from data.looks import Credential

_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)\b(?!\s*=)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_QUOTED_PAIR = re.compile(r"\\(.)")
# Cameras choke on long lines, and no honest challenge is longer.
_LONGEST = 4096


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {"MD5": _md5, "SHA-256": _sha256}
_STRENGTH = {"Basic": 0, "MD5": 1, "SHA-256": 2}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way the device offers to be convinced. `algorithm` is as written ("MD5" when absent), without -sess."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = "MD5"
    names_algorithm: bool = False
    session: bool = False
    qop: str | None = None
    stale: bool = False


def best_challenge(header: str) -> Challenge | None:
    """Return the strongest challenge of a WWW-Authenticate value that can be answered, or None.

    The value may hold several challenges, as several header lines joined by commas do.
    """
    known = [challenge for challenge in _challenges(header[:_LONGEST]) if challenge is not None]
    return max(known, key=_strength, default=None)


def authorization(
    challenge: Challenge, credential: Credential, *, method: str, uri: str, cnonce: str, count: int = 1
) -> str:
    """Return the Authorization value that answers `challenge` for one request without a body.

    `count` is how often this nonce has been used, from 1; `cnonce` is a fresh random string of hex digits.
    """
    if challenge.scheme == "Basic":
        return "Basic " + b64encode(f"{credential.user}:{credential.password}".encode()).decode()
    hashed = _HASHES[challenge.algorithm]
    secret = hashed(f"{credential.user}:{challenge.realm}:{credential.password}".encode())
    if challenge.session:
        secret = hashed(f"{secret}:{challenge.nonce}:{cnonce}".encode())
    asked = f"{method}:{uri}"
    if challenge.qop == "auth-int":
        asked += ":" + hashed(b"")
    uses = f"{count:08x}:{cnonce}:{challenge.qop}:" if challenge.qop else ""
    response = hashed(f"{secret}:{challenge.nonce}:{uses}{hashed(asked.encode())}".encode())
    return _digest_line(challenge, credential.user, uri=uri, response=response, cnonce=cnonce, count=count)


def _digest_line(challenge: Challenge, user: str, *, uri: str, response: str, cnonce: str, count: int) -> str:
    line = (
        f'Digest username="{_escaped(user)}", realm="{_escaped(challenge.realm)}", '
        f'nonce="{_escaped(challenge.nonce)}", uri="{uri}", response="{response}"'
    )
    # Some firmware refuses parameters it did not offer itself, so only those are sent back.
    if challenge.names_algorithm:
        line += f", algorithm={challenge.algorithm}{'-sess' if challenge.session else ''}"
    if challenge.opaque is not None:
        line += f', opaque="{_escaped(challenge.opaque)}"'
    if challenge.qop:
        line += f', qop={challenge.qop}, nc={count:08x}, cnonce="{cnonce}"'
    elif challenge.session:
        line += f', cnonce="{cnonce}"'
    return line


def _challenges(header: str) -> list[Challenge | None]:
    starts = list(_SCHEME.finditer(header))
    ends = [*(start.start() for start in starts[1:]), len(header)]
    return [_challenge(start[1], header[start.end() : end]) for start, end in zip(starts, ends, strict=False)]


def _challenge(scheme: str, text: str) -> Challenge | None:
    said = {found[1].lower(): _unquoted(found) for found in _PARAMETER.finditer(text)}
    if scheme.lower() == "basic":
        return Challenge("Basic", said.get("realm", ""))
    written = said.get("algorithm", "MD5").upper()
    algorithm = written.removesuffix("-SESS")
    if algorithm not in _HASHES or "nonce" not in said:
        return None
    return Challenge(
        "Digest",
        said.get("realm", ""),
        said["nonce"],
        opaque=said.get("opaque"),
        algorithm=algorithm,
        names_algorithm="algorithm" in said,
        session=written.endswith("-SESS"),
        qop=_qop(said.get("qop", "")),
        stale=said.get("stale", "").lower() == "true",
    )


def _qop(offered: str) -> str | None:
    words = [word.strip().lower() for word in offered.split(",")]
    return next((word for word in ("auth", "auth-int") if word in words), None)


def _strength(challenge: Challenge) -> int:
    return _STRENGTH["Basic" if challenge.scheme == "Basic" else challenge.algorithm]


def _unquoted(found: re.Match[str]) -> str:
    return found[3] if found[2] is None else _QUOTED_PAIR.sub(r"\1", found[2])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
