"""What a device says of itself over ONVIF: clock, identity, profiles, addresses. The only home of the onvif package.

The WSDL documents are loaded once per process and shared: each costs hundreds of milliseconds and tens of megabytes.
They write the questions; the answers are read by video/soap.py, which trusts nothing.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from lxml import etree
from zeep.settings import Settings
from zeep.wsdl import Document

from data.looks import Credential, DeviceIdentity, Offer, OnvifOffer, Want
from data.types import Fault
from video.address import check_url, keep_host
from video.auth import Challenge, authorization, best_challenge
from video.errors import CameraError, OnvifAuthRefused, OnvifBadReply
from video.faults import NO_PASSWORD
from video.inquiries import Asked, answers
from video.networks import ANYWHERE, Networks
from video.soap import (
    Profile,
    SoapFault,
    clock_of,
    clock_source_of,
    fault_of,
    identity_of,
    is_soap,
    of_channel,
    profiles_of,
    service_address_of,
    sub_stream,
    uri_of,
)
from video.web_client import bounded, web_session

# onvif takes the root logger over when it is imported, unless somebody is there already.
_somebody = logging.NullHandler()
logging.root.addHandler(_somebody)
import onvif  # noqa: E402
from onvif.client import UsernameDigestTokenDtDiff, ZeepAsyncClient  # noqa: E402
from onvif.transport import AsyncSafeTransport  # noqa: E402

logging.root.removeHandler(_somebody)

_WSDL = Path(onvif.__file__).parent / "wsdl"
# Each service: its WSDL document, its binding there, and what the device calls it when it says where it is.
_SERVICES = {
    "devicemgmt": ("devicemgmt", "{http://www.onvif.org/ver10/device/wsdl}DeviceBinding", ""),
    "media": ("media", "{http://www.onvif.org/ver10/media/wsdl}MediaBinding", "Media"),
    "events": ("events", "{http://www.onvif.org/ver10/events/wsdl}EventBinding", "Events"),
    "pullpoint": ("events", "{http://www.onvif.org/ver10/events/wsdl}PullPointSubscriptionBinding", ""),
    "subscription": ("events", "{http://www.onvif.org/ver10/events/wsdl}SubscriptionManagerBinding", ""),
    "search": ("search", "{http://www.onvif.org/ver10/search/wsdl}SearchBinding", "Search"),
}
_RAW = Settings(strict=False, raw_response=True)
# A web server that knows nothing of ONVIF says so in one of these ways.
_NOT_HERE = {301, 302, 307, 308, 404, 405, 410, 501}


class _Way(Enum):
    """How a device takes a login."""

    DIGEST = "HTTP Digest"
    TOKEN = "WS-Security"  # noqa: S105  the name of a standard


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
    answered: frozenset[Want] = frozenset()
    clock_source: str | None = None
    ntp_servers: tuple[str, ...] = ()
    events: Offer | None = None
    booted_at: datetime | None = None
    recording: Offer | None = None
    recorded_share: float | None = None


async def ask_device(
    url: str,
    credential: Credential | None,
    *,
    now: datetime,
    within_s: float,
    clock_only: bool = False,
    networks: Networks = ANYWHERE,
    channel: int | None = None,
    want: frozenset[Want] = frozenset(),
) -> DeviceSeen:
    """Return what the device at `url` says of itself; faults are part of the answer.

    `now` is our time at the call. With `clock_only` the password is not used, for one that was refused before. It is
    tried once, in the way the device asks for it. `channel` is the one of a recorder that addresses are for; what is
    in `want` is asked after everything else, and has time of its own.
    """
    seen: dict[str, Any] = {"offer": OnvifOffer.OFFERED}
    try:
        check_url(url)
        async with web_session(networks) as session:
            talk = _Talk(session, url, credential, now)
            async with asyncio.timeout(within_s):
                await _question(talk, seen, clock_only=clock_only, channel=channel)
            if want and not clock_only:
                asked = Asked(channel=channel, profiles=seen["profiles"], device_time=talk.device_time)
                seen |= await answers(talk, want, asked)
    except _NotOffered as why:
        return DeviceSeen(offer=OnvifOffer.NOT_OFFERED, detail=str(why))
    except TimeoutError:
        seen |= {"fault": Fault.TIMEOUT, "detail": "ONVIF does not answer in time"}
    except CameraError as error:
        seen |= {"fault": error.fault, "detail": error.detail}
    return DeviceSeen(**seen)


async def _question(talk: "_Talk", seen: dict[str, Any], *, clock_only: bool, channel: int | None) -> None:
    try:
        seen["clock_skew_s"] = await _skew(talk, may_sign=not clock_only)
    except OnvifAuthRefused:
        if not clock_only:
            raise
    if clock_only:
        return
    seen["identity"] = identity_of(await talk.ask("devicemgmt", "GetDeviceInformation"))
    talk.capabilities = await talk.ask("devicemgmt", "GetCapabilities", Category="All")
    seen["clock_source"] = talk.clock_source
    seen["profiles"] = profiles_of(await talk.ask("media", "GetProfiles"))
    best = sub_stream(of_channel(seen["profiles"], channel))
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
    talk.clock_source = clock_source_of(said)
    clock = clock_of(said)
    if clock is None:
        return None
    # The clock tells whole seconds, so half of one is added; the reply was written about halfway between.
    talk.skew = clock + timedelta(seconds=0.5) - talk.asked_at
    return round(talk.skew.total_seconds(), 2)


class _Talk:
    """One conversation with one device: its connection, its clock and its way to log in.

    How the device wants the login is learnt from how it refuses a question without one, so that a wrong password is
    tried once: by HTTP Digest where it offers that, by WS-Security otherwise.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, credential: Credential | None, now: datetime) -> None:
        self.url = url
        self.credential = credential
        self.skew: timedelta | None = None
        self.clock_source: str | None = None
        self.capabilities = b""
        self.asked_at = now
        self._session = session
        self._now = now
        self._started = monotonic()
        self._way: _Way | None = None
        self._signing = False
        self._challenge: Challenge | None = None
        self._offered = ""
        self._uses = 0
        self._accepted = self._answered_stale = False

    @property
    def device_time(self) -> datetime:
        """What the clock of the device shows, as far as it told."""
        return self._now + timedelta(seconds=monotonic() - self._started) + (self.skew or timedelta())

    def has(self, service: str) -> bool:
        """Return whether the device says that it has this service."""
        return service_address_of(self.capabilities, _SERVICES[service][2]) is not None

    def hosted(self, reported: str | None) -> str | None:
        """Return an address the device reported, on the host that was called."""
        return keep_host(reported, self.url)

    async def ask(
        self, service: str, operation: str, *, sign: bool = True, at: str | None = None, **arguments: Any
    ) -> bytes:
        """Return the reply to one question, empty when the device declines it; raise a CameraError."""
        address = at or self._address_of(service)
        if self._way is None or not sign:
            self._signing = False
            status, body = await self._call(service, address, operation, arguments)
            if not sign or self.credential is None or not _refuses(status, body):
                return self._judged(status, body)
            self._learn_way()
        self._signing = True
        status, body = await self._call(service, address, operation, arguments)
        said = self._judged(status, body)
        self._accepted = True
        return said

    def _learn_way(self) -> None:
        self._challenge = best_challenge(self._offered)
        # Basic would show the password to the wire, and WS-Security does not.
        digest = self._challenge is not None and self._challenge.scheme == "Digest"
        self._way = _Way.DIGEST if digest else _Way.TOKEN

    def _address_of(self, service: str) -> str:
        name = _SERVICES[service][2]
        return (self.hosted(service_address_of(self.capabilities, name)) if name else None) or self.url

    async def _call(
        self, service: str, address: str, operation: str, arguments: Mapping[str, Any]
    ) -> tuple[int, bytes]:
        document, binding, _ = _SERVICES[service]
        signs = self._token() if self._signing and self._way is _Way.TOKEN else None
        client = ZeepAsyncClient(wsdl=await _document(document), transport=self, settings=_RAW, wsse=signs)
        answer: tuple[int, bytes] = await getattr(client.create_service(binding, address), operation)(**arguments)
        return answer

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send one envelope, as zeep wants of a transport, with the proof of the login when signing by Digest."""
        message = bytes(etree.tostring(envelope, encoding="utf-8", xml_declaration=True))
        before = monotonic()
        status, body, self._offered = await self._post(address, message, headers | self._proof(address))
        if status == 401 and self._may_answer_again():
            status, body, self._offered = await self._post(address, message, headers | self._proof(address))
        middle = (before + monotonic()) / 2
        self.asked_at = self._now + timedelta(seconds=middle - self._started)
        return status, body

    def _may_answer_again(self) -> bool:
        """Take up a new nonce, when the device has taken the password before or says that the old one is stale."""
        fresh = best_challenge(self._offered)
        if not self._signing or self._challenge is None or fresh is None or fresh.nonce == self._challenge.nonce:
            return False
        if not self._accepted and (not fresh.stale or self._answered_stale):
            return False
        self._answered_stale = not self._accepted
        self._challenge, self._uses = fresh, 0
        return True

    async def _post(self, address: str, message: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        try:
            async with self._session.post(address, data=message, headers=headers, allow_redirects=False) as answer:
                challenge = ", ".join(answer.headers.getall("WWW-Authenticate", ()))
                return answer.status, await bounded(answer), challenge
        except aiohttp.ClientConnectorError as error:
            raise _NotOffered("nothing listens at the ONVIF address") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise OnvifBadReply("it does not answer as a web service does") from error

    def _judged(self, status: int, body: bytes) -> bytes:
        fault = fault_of(body)
        if _refuses(status, body):
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

    def _proof(self, address: str) -> dict[str, str]:
        if not self._signing or self._way is not _Way.DIGEST or self._challenge is None or self.credential is None:
            return {}
        self._uses += 1
        path = urlsplit(address)
        uri = (path.path or "/") + (f"?{path.query}" if path.query else "")
        cnonce = os.urandom(8).hex()
        proof = authorization(self._challenge, self.credential, method="POST", uri=uri, cnonce=cnonce, count=self._uses)
        return {"Authorization": proof}


def _refuses(status: int, body: bytes) -> bool:
    fault = fault_of(body)
    return status in {401, 403} or (fault is not None and fault.refuses_login)


def _refusal(fault: SoapFault | None) -> str:
    said = f": {fault.reason}" if fault and fault.reason else ""
    return f"the user or password is refused{said}"[:200]


_documents: dict[str, Document] = {}
_loading = threading.Lock()


async def _document(service: str) -> Document:
    if service in _documents:
        return _documents[service]
    return await asyncio.get_running_loop().run_in_executor(None, load_document, service)


def load_document(service: str) -> Document:
    """Return a WSDL document ("devicemgmt", "media", "events", "search"), loaded once; slow the first time."""
    with _loading:
        if service not in _documents:
            _documents[service] = Document(str(_WSDL / f"{service}.wsdl"), AsyncSafeTransport(), settings=_RAW)
        return _documents[service]
