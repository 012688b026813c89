"""WS-Discovery: what is asked of a link or of one address, and what answers. Whatever answers is hostile until read.

OASIS WS-Discovery 1.0 (2005/04) as ONVIF Core 7.3 uses it: a Probe for network video transmitters to UDP port 3702,
answered by ProbeMatches to the port it came from.
"""

import asyncio
import socket
import struct
from collections import defaultdict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from uuid import uuid4

from video.soap import DiscoveryMatch, discovery_matches_of

PORT = 3702
GROUP = "239.255.255.250"
# One answer each is honest; a device that sends more is not listened to.
_MOST_OF_ONE = 4
_MOST_ADDRESSES = 20_000

_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
    "<w:MessageID>{0}</w:MessageID>"
    '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>'
    '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>'
    "</e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One device that answered: the address it answered from, and its words."""

    ip: str
    match: DiscoveryMatch


class Listening(asyncio.DatagramProtocol):
    """One socket that asks and hears. Only answers to its own question count."""

    def __init__(self) -> None:
        self._question = f"urn:uuid:{uuid4()}"
        self._probe = _PROBE.format(self._question).encode()
        self._transport: asyncio.DatagramTransport | None = None
        self._heard: dict[str, list[Heard]] = {}
        self._waiting: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    @classmethod
    async def opened(cls, *, multicast_from: str | None = None) -> "Listening":
        """Return a socket to ask with; multicast leaves by the interface that has the address `multicast_from`."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        if multicast_from:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(multicast_from))
            # One hop: the question never leaves the link.
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
        made.bind(("", 0))
        loop = asyncio.get_running_loop()
        _, listening = await loop.create_datagram_endpoint(cls, sock=made)
        return listening

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Remember the way to ask."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep what an address answers to our question."""
        ip = addr[0]
        kept = self._heard.get(ip, [])
        if len(kept) >= _MOST_OF_ONE or (not kept and len(self._heard) >= _MOST_ADDRESSES):
            return
        matches = discovery_matches_of(data, self._question)
        if not matches:
            return
        self._heard.setdefault(ip, []).extend(Heard(ip, match) for match in matches[:_MOST_OF_ONE])
        for event in self._waiting.pop(ip, ()):
            event.set()

    def error_received(self, error: Exception) -> None:
        """Take a closed port for what it is: no answer."""

    def ask(self, ip: str) -> None:
        """Ask one address, or the whole link when it is GROUP."""
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(self._probe, (ip, PORT))

    async def answer_of(self, ip: str, *, within_s: float) -> Heard | None:
        """Return what an address answered, waiting for it at most `within_s` seconds."""
        if ip not in self._heard:
            event = asyncio.Event()
            self._waiting[ip].append(event)
            try:
                await asyncio.wait_for(event.wait(), within_s)
            except TimeoutError:
                return None
        return self._heard[ip][0]

    def everything(self) -> list[Heard]:
        """Return the first answer of every address that answered so far."""
        return [heard[0] for heard in self._heard.values()]

    def close(self) -> None:
        """Hear no more."""
        if self._transport:
            self._transport.close()


def address_on(cidr: str) -> str | None:
    """Return the address this machine has on a link inside an IPv4 network, or None when it has none there."""
    network = ip_network(cidr)
    if network.version != 4:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            # A datagram socket sends nothing when it connects; the kernel only chooses the interface.
            asking.connect((str(network[min(1, network.num_addresses - 1)]), PORT))
        except OSError:
            return None
        mine = str(asking.getsockname()[0])
    return mine if ip_address(mine) in network else None
