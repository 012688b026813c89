"""How cameras check a password: Basic and Digest (RFC 7616, RFC 2617) over RTSP and HTTP, and WS-UsernameToken."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime, timedelta

from video.lab.faults import Login
from video.lab.spec import Auth, CameraSpec

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_HASH = {Auth.DIGEST_MD5: ("MD5", hashlib.md5), Auth.DIGEST_SHA256: ("SHA-256", hashlib.sha256)}
# How far a signed SOAP request may lie from the camera's own clock.
TOKEN_WINDOW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A WS-UsernameToken as it came: text of its four elements."""

    user: str
    digest: str
    nonce: str
    created: str


def challenge(auth: Auth, *, realm: str, nonce: str, stale: bool = False) -> str:
    """Return what WWW-Authenticate says."""
    if auth is Auth.BASIC:
        return f'Basic realm="{realm}"'
    old = ', stale="true"' if stale else ""
    return f'Digest realm="{realm}", nonce="{nonce}", algorithm={_HASH[auth][0]}{old}'


def is_let_in(spec: CameraSpec, login: Login, header: str, *, method: str, realm: str, nonce: str) -> bool:
    """Tell whether an Authorization header opens the camera."""
    if login is not Login.CHECKED:
        return False
    scheme, _, rest = header.partition(" ")
    if spec.auth is Auth.BASIC:
        return scheme.lower() == "basic" and _same(rest.strip(), _basic(spec))
    if scheme.lower() != "digest":
        return False
    said = {key.lower(): quoted or bare for key, quoted, bare in _PAIR.findall(rest)}
    return _digest_holds(spec, said, method=method, realm=realm, nonce=nonce)


def _basic(spec: CameraSpec) -> str:
    return b64encode(f"{spec.user}:{spec.password}".encode()).decode()


def _digest_holds(spec: CameraSpec, said: dict[str, str], *, method: str, realm: str, nonce: str) -> bool:
    if said.get("username") != spec.user or said.get("realm") != realm or said.get("nonce") != nonce:
        return False
    secret = _hexhash(spec.auth, f"{spec.user}:{realm}:{spec.password}")
    asked = _hexhash(spec.auth, f"{method}:{said.get('uri', '')}")
    middle = f"{nonce}:{said['nc']}:{said.get('cnonce', '')}:{said['qop']}" if "nc" in said and "qop" in said else nonce
    return _same(said.get("response", ""), _hexhash(spec.auth, f"{secret}:{middle}:{asked}"))


def _hexhash(auth: Auth, text: str) -> str:
    return _HASH[auth][1](text.encode()).hexdigest()


def token_holds(spec: CameraSpec, login: Login, token: Token, *, camera_time: datetime) -> bool:
    """Tell whether a WS-UsernameToken opens the camera: digest right, and made near the camera's own time.

    The digest is Base64(SHA-1(nonce + created + password)) (WS-Security UsernameToken Profile 1.0).
    """
    if login is not Login.CHECKED or token.user != spec.user:
        return False
    try:
        nonce = b64decode(token.nonce, validate=True)
        created = datetime.fromisoformat(token.created)
    except (Base64Error, ValueError):
        return False
    if created.tzinfo is None or abs(created - camera_time) > TOKEN_WINDOW:
        return False
    wanted = hashlib.sha1(nonce + token.created.encode() + spec.password.encode()).digest()  # noqa: S324  the standard
    return _same(token.digest, b64encode(wanted).decode())


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
