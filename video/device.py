"""What a device says of itself over ONVIF: clock, identity, profiles, addresses. The only home of the onvif package.

The WSDL documents are loaded once per process and shared: each costs hundreds of milliseconds and tens of megabytes.
They write the questions; the answers are read by video/soap.py, which trusts nothing.
"""

import asyncio
import logging
import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from lxml import etree
from zeep.settings import Settings
from zeep.wsdl import Document

from data.types import Credential, DeviceIdentity, Fault, Layer, OnvifOffer
from video.auth import authorization, best_challenge
from video.errors import BadAddress, CameraError, OnvifAuthRefused, OnvifBadReply
from video.faults import NO_PASSWORD
from video.networks import ANYWHERE, Networks
from video.soap import (
    MOST_BYTES,
    Profile,
    SoapFault,
    clock_of,
    fault_of,
    identity_of,
    is_soap,
    media_address_of,
    profiles_of,
    sub_stream,
    uri_of,
)

# onvif takes the root logger over when it is imported, unless somebody is there already.
_somebody = logging.NullHandler()
logging.root.addHandler(_somebody)
import onvif  # noqa: E402
from onvif.client import UsernameDigestTokenDtDiff, ZeepAsyncClient  # noqa: E402
from onvif.transport import AsyncSafeTransport  # noqa: E402

logging.root.removeHandler(_somebody)

_WSDL = Path(onvif.__file__).parent / "wsdl"
_BINDINGS = {
    "devicemgmt": "{http://www.onvif.org/ver10/device/wsdl}DeviceBinding",
    "media": "{http://www.onvif.org/ver10/media/wsdl}MediaBinding",
}
_RAW = Settings(strict=False, raw_response=True)
# A web server that knows nothing of ONVIF says so in one of these ways.
_NOT_HERE = {301, 302, 307, 308, 404, 405, 410, 501}


class _NotOffered(Exception):
    """The device does not speak ONVIF at this address, which is no fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen:
    """What one ONVIF look brought. `clock_skew_s` is device minus ours; clocks tell whole seconds, so ±0.5 s."""

    offer: OnvifOffer
    fault: Fault | None = None
    detail: str = ""
    clock_skew_s: float | None = None
    identity: DeviceIdentity | None = None
    profiles: tuple[Profile, ...] = ()
    stream_url: str | None = None
    snapshot_url: str | None = None


async def ask_device(
    url: str,
    credential: Credential | None,
    *,
    now: datetime,
    within_s: float,
    clock_only: bool = False,
    networks: Networks = ANYWHERE,
) -> DeviceSeen:
    """Return what the device at `url` says of itself; faults are part of the answer.

    `now` is our time at the call. With `clock_only` the password is not used, for one that was refused before. It is
    tried at most once by WS-Security and, where the device wants that, once by HTTP Digest.
    """
    seen: dict[str, Any] = {"offer": OnvifOffer.OFFERED}
    try:
        check_url(url)
        async with asyncio.timeout(within_s), _session(networks) as session:
            await _question(_Talk(session, url, credential, now), seen, clock_only=clock_only)
    except _NotOffered as why:
        return DeviceSeen(offer=OnvifOffer.NOT_OFFERED, detail=str(why))
    except TimeoutError:
        seen |= {"fault": Fault.TIMEOUT, "detail": "ONVIF does not answer in time"}
    except CameraError as error:
        seen |= {"fault": error.fault, "detail": error.detail}
    return DeviceSeen(**seen)


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


async def _question(talk: "_Talk", seen: dict[str, Any], *, clock_only: bool) -> None:
    try:
        seen["clock_skew_s"] = await _skew(talk, may_sign=not clock_only)
    except OnvifAuthRefused:
        if not clock_only:
            raise
    if clock_only:
        return
    seen["identity"] = identity_of(await talk.ask("devicemgmt", "GetDeviceInformation"))
    where = media_address_of(await talk.ask("devicemgmt", "GetCapabilities", Category="All"))
    talk.media_url = keep_host(where, talk.url) or talk.url
    seen["profiles"] = profiles_of(await talk.ask("media", "GetProfiles"))
    best = sub_stream(seen["profiles"])
    if best is None:
        return
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    stream = uri_of(await talk.ask("media", "GetStreamUri", StreamSetup=setup, ProfileToken=best.token))
    seen["stream_url"] = keep_host(stream, talk.url)
    snapshot = uri_of(await talk.ask("media", "GetSnapshotUri", ProfileToken=best.token))
    seen["snapshot_url"] = keep_host(snapshot, talk.url)


async def _skew(talk: "_Talk", *, may_sign: bool) -> float | None:
    try:
        said = await talk.ask("devicemgmt", "GetSystemDateAndTime", sign=False)
    except OnvifAuthRefused:
        # Against the standard, some devices (Axis among them) want a login even for the time.
        if not may_sign or talk.credential is None:
            raise
        said = await talk.ask("devicemgmt", "GetSystemDateAndTime")
    clock = clock_of(said)
    if clock is None:
        return None
    # The clock tells whole seconds, so half of one is added; the reply was written about halfway between.
    talk.skew = clock + timedelta(seconds=0.5) - talk.asked_at
    return round(talk.skew.total_seconds(), 2)


class _Talk:
    """One conversation with one device: its connection, its clock and its way to log in."""

    def __init__(self, session: aiohttp.ClientSession, url: str, credential: Credential | None, now: datetime) -> None:
        self.url = url
        self.media_url = url
        self.credential = credential
        self.skew: timedelta | None = None
        self.asked_at = now
        self._session = session
        self._now = now
        self._started = monotonic()
        self._signing = False

    async def ask(self, service: str, operation: str, *, sign: bool = True, **arguments: Any) -> bytes:
        """Return the reply to one question, empty when the device declines it; raise a CameraError."""
        self._signing = sign and self.credential is not None
        client = ZeepAsyncClient(
            wsdl=await _document(service), transport=self, settings=_RAW, wsse=self._token() if self._signing else None
        )
        address = self.url if service == "devicemgmt" else self.media_url
        status, body = await getattr(client.create_service(_BINDINGS[service], address), operation)(**arguments)
        return self._judged(status, body)

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send one envelope, as zeep wants of a transport; answer one Digest challenge when signing."""
        message = bytes(etree.tostring(envelope, encoding="utf-8", xml_declaration=True))
        before = monotonic()
        status, body, challenge = await self._post(address, message, headers)
        if status == 401 and challenge and self._signing:
            headers = {**headers, "Authorization": self._digest(address, challenge)}
            status, body, _ = await self._post(address, message, headers)
        middle = (before + monotonic()) / 2
        self.asked_at = self._now + timedelta(seconds=middle - self._started)
        return status, body

    async def _post(self, address: str, message: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        try:
            async with self._session.post(address, data=message, headers=headers, allow_redirects=False) as answer:
                challenge = ", ".join(answer.headers.getall("WWW-Authenticate", ()))
                return answer.status, await _bounded(answer), challenge
        except aiohttp.ClientConnectorError as error:
            raise _NotOffered("nothing listens at the ONVIF address") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise OnvifBadReply("it does not answer as a web service does") from error

    def _judged(self, status: int, body: bytes) -> bytes:
        fault = fault_of(body)
        if status in {401, 403} or (fault and fault.refuses_login):
            raise OnvifAuthRefused(_refusal(fault) if self._signing else NO_PASSWORD)
        if fault:
            return b""
        if is_soap(body):
            return body
        if status in _NOT_HERE or body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise _NotOffered("a web server without ONVIF answers at this address")
        raise OnvifBadReply(f"it answers {status} without a SOAP message")

    def _token(self) -> UsernameDigestTokenDtDiff:
        assert self.credential is not None  # noqa: S101  only signed when there is one
        return UsernameDigestTokenDtDiff(
            self.credential.user, self.credential.password, dt_diff=self.skew, use_digest=True
        )

    def _digest(self, address: str, header: str) -> str:
        challenge = best_challenge(header)
        if challenge is None or self.credential is None:
            raise OnvifAuthRefused("it asks for a login of a kind that is not known here")
        path = urlsplit(address)
        uri = (path.path or "/") + (f"?{path.query}" if path.query else "")
        return authorization(challenge, self.credential, method="POST", uri=uri, cnonce=os.urandom(8).hex())


def _refusal(fault: SoapFault | None) -> str:
    said = f": {fault.reason}" if fault and fault.reason else ""
    return f"the user or password is refused{said}"[:200]


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise OnvifBadReply("its answer is too large")
    return bytes(body)


def _session(networks: Networks) -> aiohttp.ClientSession:
    def opened(way: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = way
        # Called with the address that is connected to, whether it was written, resolved or reported.
        networks.admitted([str(place[0])])
        return socket.socket(family, kind, protocol)

    # Devices sign their own certificates, so TLS proves nothing here; cookies are not theirs to set.
    connector = aiohttp.TCPConnector(ssl=False, limit=1, socket_factory=opened, happy_eyeballs_delay=None)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


_documents: dict[str, Document] = {}
_loading = threading.Lock()


async def _document(service: str) -> Document:
    if service in _documents:
        return _documents[service]
    return await asyncio.get_running_loop().run_in_executor(None, load_document, service)


def load_document(service: str) -> Document:
    """Return the WSDL document of "devicemgmt" or "media", loaded once; takes a while the first time."""
    with _loading:
        if service not in _documents:
            _documents[service] = Document(str(_WSDL / f"{service}.wsdl"), AsyncSafeTransport(), settings=_RAW)
        return _documents[service]
