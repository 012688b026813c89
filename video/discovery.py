"""Sweeps over networks: which addresses have a device, and what it says of itself without a login.

Every address is asked over WS-Discovery, then its RTSP and ONVIF ports are tried. No password is ever sent from here,
nothing outside the allowed networks is contacted, and a bucket holds the number of connections a second.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address, ip_network
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from data.looks import DeviceIdentity, OnvifOffer
from data.types import Fault
from video.address import Address, keep_host
from video.bucket import Bucket
from video.device import ask_device
from video.errors import AuthLocked, AuthRefused, CameraError
from video.networks import Networks, ip_of
from video.rtsp import Handshake
from video.wsdiscovery import GROUP, Heard, Listening, address_on

CONNECT_S = 1.0
REPLY_S = 3.0
ONVIF_S = 5.0
# A device may wait half a second before it answers (WS-Discovery 2.4, APP_MAX_DELAY).
ANSWER_S = 0.7
_ONVIF_PATH = "/onvif/device_service"
_MOST_AT_ONCE = 256
_MAC = re.compile(r"(?:[0-9A-F]{2}[:.-]?){5}[0-9A-F]{2}")
_ARP = Path("/proc/net/arp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A network to sweep. `known` names ports that the record has for some of its addresses, beside the usual ones."""

    cidr: str
    network_id: int | None = None
    rate_per_s: float = 20
    rtsp_ports: tuple[int, ...] = (554, 8554)
    onvif_ports: tuple[int, ...] = (80, 8080, 8000, 8899)
    known: Mapping[str, "KnownPorts"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownPorts:
    """Ports of one address that the record knows."""

    rtsp: tuple[int, ...] = ()
    onvif: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device that answered. Its words are its own; `is_outside` means it was heard and not contacted."""

    ip: str
    network_id: int | None = None
    mac: str | None = None
    uuid: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    said_name: str | None = None
    rtsp_port: int | None = None
    onvif_url: str | None = None
    asks_login: bool = False
    is_outside: bool = False


class Sweep:
    """One sweep over some networks; `done` addresses of `total` are behind it, so that another may take it up there."""

    def __init__(
        self, strips: Sequence[Strip], networks: Networks, *, clock: Callable[[], datetime], done: int = 0
    ) -> None:
        self._strips = strips
        self._networks = networks
        self._clock = clock
        self._met: set[str] = set()
        self.total = sum(_size(strip) for strip in strips)
        self.done = min(done, self.total)

    async def run(self) -> AsyncGenerator[Found]:
        """Yield devices as they are found; closing the iterator ends the sweep."""
        before = 0
        for strip in self._strips:
            behind = max(0, self.done - before)
            before += _size(strip)
            if behind < _size(strip):
                async with contextlib.aclosing(self._strip(strip, behind)) as found:
                    async for one in found:
                        yield one

    async def _strip(self, strip: Strip, behind: int) -> AsyncGenerator[Found]:
        told: asyncio.Queue[Found | Exception | None] = asyncio.Queue()
        async with _listening(strip) as (listening, on_link):
            if on_link:
                listening.ask(GROUP)
            visit = _Visit(strip, self._networks, listening, Bucket(strip.rate_per_s), self._clock)
            # As many addresses were under way at once, and some before the last that was done were not done yet.
            again = min(behind, _at_once(strip))
            self.done -= again
            todo = islice(_addresses(strip), behind - again, None)
            workers = [asyncio.create_task(self._work(todo, visit, told)) for _ in range(_at_once(strip))]
            ending = asyncio.create_task(_tell_when_done(workers, told))
            try:
                while (one := await told.get()) is not None:
                    if isinstance(one, Exception):
                        raise one
                    yield one
                for heard in listening.everything():
                    if late := await self._late(heard, visit):
                        yield late
            finally:
                for worker in (ending, *workers):
                    worker.cancel()
                await asyncio.gather(ending, *workers, return_exceptions=True)

    async def _work(self, todo: Iterator[str], visit: "_Visit", told: asyncio.Queue[Found | Exception | None]) -> None:
        try:
            for ip in todo:
                if (found := await visit.device_at(ip)) is not None:
                    self._met.add(ip)
                    told.put_nowait(found)
                self.done += 1
        except Exception as bug:
            told.put_nowait(bug)

    async def _late(self, heard: Heard, visit: "_Visit") -> Found | None:
        """Return a device that answered late, or that was heard on the link and lies in no network that is swept.

        Only what lies in a network that is swept is contacted, and belongs to it.
        """
        if heard.ip in self._met:
            return None
        if _lies_in(heard.ip, visit.cidr):
            return await visit.device_at(heard.ip)
        if any(_lies_in(heard.ip, strip.cidr) for strip in self._strips):
            return None
        self._met.add(heard.ip)
        return replace(_of_match(heard), is_outside=not self._networks.allows(heard.ip))


class _Visit:
    """How the addresses of one strip are visited."""

    def __init__(
        self, strip: Strip, networks: Networks, listening: Listening, bucket: Bucket, clock: Callable[[], datetime]
    ) -> None:
        self.cidr = strip.cidr
        self._strip = strip
        self._networks = networks
        self._listening = listening
        self._bucket = bucket
        self._clock = clock

    async def device_at(self, ip: str) -> Found | None:
        """Return the device at an address, or None where none answers."""
        if not self._networks.allows(ip):
            return None
        if ":" not in ip:
            await self._bucket.take()
            self._listening.ask(ip)
        known = self._strip.known.get(ip, KnownPorts())
        rtsp_port = await self._rtsp_port(ip, (*known.rtsp, *self._strip.rtsp_ports))
        found = Found(ip=ip, network_id=self._strip.network_id, rtsp_port=rtsp_port)
        found = await self._hear(found)
        found = await self._onvif(found, (*known.onvif, *self._strip.onvif_ports))
        if not found.uuid:
            # It answered while its ports were tried; what it says of its address is tried as well.
            late = await self._hear(found)
            found = late if found.onvif_url else await self._onvif(late, ())
        if not (found.rtsp_port or found.onvif_url or found.uuid):
            return None
        return replace(found, mac=found.mac or mac_of_neighbour(ip))

    async def _hear(self, found: Found) -> Found:
        """Return a device with what it answers over WS-Discovery; one that is there is waited for."""
        is_there = found.rtsp_port is not None or found.onvif_url is not None
        heard = await self._listening.answer_of(found.ip, within_s=ANSWER_S if is_there else 0.001)
        return _with_words(found, _of_match(heard)) if heard else found

    async def _rtsp_port(self, ip: str, ports: Sequence[int]) -> int | None:
        for port in dict.fromkeys(ports):
            await self._bucket.take()
            address = Address(f"rtsp://{_host(ip)}:{port}/", ip, port)
            handshake = Handshake(address, None, probe_only=True, networks=self._networks)
            try:
                await handshake.run(connect_s=CONNECT_S, reply_s=REPLY_S)
            except (AuthRefused, AuthLocked):
                # Whoever speaks of a login speaks RTSP.
                return port
            except CameraError:
                continue
        return None

    async def _onvif(self, found: Found, ports: Sequence[int]) -> Found:
        urls = [found.onvif_url] if found.onvif_url else []
        urls += [f"http://{_host(found.ip)}:{port}{_ONVIF_PATH}" for port in dict.fromkeys(ports)]
        for url in urls:
            await self._bucket.take()
            if not await self._opens(found.ip, urlsplit(url).port or 80):
                continue
            await self._bucket.take()
            seen = await ask_device(url, None, now=self._clock(), within_s=ONVIF_S, networks=self._networks)
            if seen.offer is OnvifOffer.OFFERED and seen.fault in {None, Fault.ONVIF_AUTH_REFUSED}:
                said = seen.identity or DeviceIdentity()
                return replace(
                    found,
                    onvif_url=url,
                    asks_login=seen.fault is not None,
                    vendor=said.manufacturer or found.vendor,
                    model=said.model or found.model,
                    firmware=said.firmware,
                    serial=said.serial,
                )
        return replace(found, onvif_url=None)

    async def _opens(self, ip: str, port: int) -> bool:
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(self._networks.admitted([ip]), port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True


@contextlib.asynccontextmanager
async def _listening(strip: Strip) -> AsyncIterator[tuple[Listening, bool]]:
    mine = address_on(strip.cidr)
    listening = await Listening.opened(multicast_from=mine)
    try:
        yield listening, mine is not None
    finally:
        listening.close()


async def _tell_when_done(
    workers: Sequence["asyncio.Task[None]"], told: "asyncio.Queue[Found | Exception | None]"
) -> None:
    await asyncio.gather(*workers)
    await asyncio.sleep(ANSWER_S)
    told.put_nowait(None)


def _addresses(strip: Strip) -> Iterator[str]:
    return map(str, ip_network(strip.cidr).hosts())


def _lies_in(ip: str, cidr: str) -> bool:
    return ip_address(ip) in ip_network(cidr)


def _size(strip: Strip) -> int:
    network = ip_network(strip.cidr)
    # As hosts() counts: without the network and broadcast address, except of the smallest networks.
    edges = 0 if network.prefixlen >= network.max_prefixlen - 1 else (2 if network.version == 4 else 1)
    return network.num_addresses - edges


def _at_once(strip: Strip) -> int:
    return max(1, min(_MOST_AT_ONCE, int(strip.rate_per_s * 8), _size(strip)))


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _of_match(heard: Heard) -> Found:
    """Return what WS-Discovery alone says of a device; its addresses are kept on the host that answered."""
    scopes = [unquote(scope).partition("onvif.org/")[2] for scope in heard.match.scopes]
    named = {name.lower(): value for name, slash, value in (scope.partition("/") for scope in scopes) if slash}
    here = [url for url in heard.match.addresses if _host_of(url) == heard.ip]
    reported = next((url for url in (*here, *heard.match.addresses) if url.startswith(("http://", "https://"))), None)
    return Found(
        ip=heard.ip,
        uuid=heard.match.uuid.lower(),
        mac=_mac(named.get("mac") or named.get("macaddr") or "") or _mac_of_uuid(heard.match.uuid),
        model=(named.get("hardware") or "")[:200] or None,
        said_name=(named.get("name") or "")[:200] or None,
        onvif_url=keep_host(reported, f"http://{heard.ip}/"),
    )


def _with_words(found: Found, said: Found) -> Found:
    return replace(
        found,
        uuid=said.uuid,
        mac=found.mac or said.mac,
        model=found.model or said.model,
        said_name=found.said_name or said.said_name,
        onvif_url=found.onvif_url or said.onvif_url,
    )


def _host_of(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return str(ip_of(host)) if host and ip_of(host) else host


def _mac(words: str) -> str | None:
    found = _MAC.fullmatch(words.strip().upper())
    digits = re.sub(r"[:.-]", "", found[0]) if found else ""
    if not digits or digits in ("0" * 12, "F" * 12):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _mac_of_uuid(written: str) -> str | None:
    """Return the address in a UUID of version 1, which is made from it; other versions hold anything there."""
    found = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-([0-9a-f]{12})", written.lower())
    return _mac(found[1]) if found else None


def mac_of_neighbour(ip: str, table: Path = _ARP) -> str | None:
    """Return the hardware address of a device on the same link, as the kernel learnt it; None behind a router."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return None
    return next((_mac(row[3]) for row in rows if len(row) > 3 and row[0] == ip and row[2] != "0x0"), None)
