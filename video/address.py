"""Addresses of streams: taken apart, checked, and freed of the credentials people write into them. Pure."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from data.looks import Credential, Target
from data.types import Layer
from video.errors import BadAddress

_SCHEMES = {"rtsp": 554, "rtsps": 322}
_LONGEST = 2048
_HOST = re.compile(r"[A-Za-z0-9_.:%-]+")
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is: `uri` is what requests name, without credentials; `host` has no brackets."""

    uri: str
    host: str
    port: int
    secure: bool = False


def read_address(url: str) -> Address:
    """Return the parts of an rtsp:// or rtsps:// URL; raise BadAddress with the reason."""
    scheme, colon, rest = url.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in _SCHEMES:
        raise BadAddress("it does not begin with rtsp://")
    if len(url) > _LONGEST:
        raise BadAddress(f"it is longer than {_LONGEST} characters")
    # A line break inside a URL would let it write headers of its own.
    if _NOT_IN_A_URL.search(url):
        raise BadAddress("it holds a space or a control character")
    place, path = _split_place(rest)
    place = place.rpartition("@")[2]
    host, port = _host_and_port(place, default=_SCHEMES[scheme])
    return Address(f"{scheme}://{place}{_ascii(path)}", host, port, secure=scheme == "rtsps")


def split_credentials(url: str) -> tuple[str, Credential | None]:
    """Return `url` without user and password, and these apart; None when it names none."""
    scheme, colon, rest = url.partition("://")
    place, path = _split_place(rest)
    login, at, host = place.rpartition("@")
    if not colon or not at:
        return url, None
    user, _, password = login.partition(":")
    return f"{scheme}://{host}{path}", Credential(user=unquote(user), password=unquote(password))


def without_credentials(target: Target) -> Target:
    """Return `target` with credentials written into its addresses moved to where they are never shown."""
    rtsp_url, of_stream = split_credentials(target.rtsp_url) if target.rtsp_url else (None, None)
    onvif_url, of_device = split_credentials(target.onvif_url) if target.onvif_url else (None, None)
    if of_stream is None and of_device is None:
        return target
    credential = target.credential or of_stream or of_device
    return replace(target, rtsp_url=rtsp_url, onvif_url=onvif_url, credential=credential)


def on_host(url: str | None, host: str) -> str | None:
    """Return an address of a device on another host, its port and path kept; None where there is none."""
    if not url:
        return None
    parts = urlsplit(url)
    bracketed = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{bracketed}:{parts.port}" if parts.port else bracketed).geturl()


def check_url(url: str) -> None:
    """Raise BadAddress unless `url` is an http:// or https:// address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        usable = False
    if not usable or any(character <= " " for character in url):
        raise BadAddress("the ONVIF address does not begin with http:// or cannot be read", layer=Layer.ONVIF)


def keep_host(reported: str | None, called: str) -> str | None:
    """Return an address a device reported, on the host that was called; devices behind NAT report inner addresses.

    A web address on another host also takes the port that was called; a stream keeps its own.
    """
    if reported is None:
        return None
    try:
        theirs, ours = urlsplit(reported), urlsplit(called)
        port = theirs.port
        if theirs.hostname != ours.hostname and theirs.scheme in {"http", "https"}:
            port = ours.port
    except ValueError:
        return None
    host = f"[{ours.hostname}]" if ours.hostname and ":" in ours.hostname else ours.hostname
    return theirs._replace(netloc=f"{host}:{port}" if port else str(host)).geturl()


def _split_place(rest: str) -> tuple[str, str]:
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    return rest[:end], rest[end:]


def _host_and_port(place: str, *, default: int) -> tuple[str, int]:
    if place.startswith("["):
        host, closed, rest = place[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise BadAddress("the brackets of its IPv6 address are not closed")
        port = rest[1:]
    else:
        host, _, port = place.partition(":")
    if not _HOST.fullmatch(host):
        raise BadAddress("its host is missing or has characters a host name cannot have")
    return host, _port(port) if port else default


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise BadAddress("its port is not a number from 1 to 65535")
    return int(text)


def _ascii(path: str) -> str:
    return path if path.isascii() else quote(path, safe="/?&=:;,@%+~!$'()*#[]")
