"""Ways for RTP to reach a viewer: inside the RTSP connection, or by UDP; and what SETUP answers for each."""

import asyncio
import re
import socket
from dataclasses import dataclass, field

from video.lab.rtp import interleaved

# A viewer that lets this much pile up is not reading; real cameras drop it too.
MAX_UNREAD = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wire:
    """Where packets go. `answer` is the Transport header that tells the viewer so."""

    answer: str
    transport: asyncio.Transport
    channel: int = 0
    to: tuple[str, int] | None = None
    sockets: tuple[socket.socket, ...] = field(default=())

    def send(self, packet: bytes) -> None:
        """Send one RTP packet; drop the viewer that does not read."""
        if self.to is not None:
            self.sockets[0].sendto(packet, self.to)
        elif self.transport.get_write_buffer_size() > MAX_UNREAD:
            self.transport.abort()
        else:
            self.transport.write(interleaved(packet, self.channel))

    def close(self) -> None:
        """Free the UDP ports, if any."""
        for each in self.sockets:
            each.close()


def choose(asked: str, transport: asyncio.Transport, *, takes_tcp: bool) -> Wire | None:
    """Return the first transport of a SETUP request that can be served, or None (461)."""
    for offer in asked.split(","):
        if "RTP/AVP/TCP" in offer:
            if takes_tcp:
                return _over_tcp(offer, transport)
        elif "unicast" in offer and (ports := re.search(r"client_port=(\d+)", offer)):
            return _over_udp(int(ports[1]), transport)
    return None


def _over_tcp(offer: str, transport: asyncio.Transport) -> Wire:
    said = re.search(r"interleaved=(\d+)", offer)
    channel = int(said[1]) & 0xFE if said else 0
    return Wire(f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}", transport, channel)


def _over_udp(port: int, transport: asyncio.Transport) -> Wire:
    here, there = transport.get_extra_info("sockname")[0], transport.get_extra_info("peername")[0]
    pair = _udp_pair(here)
    mine = pair[0].getsockname()[1]
    answer = f"RTP/AVP;unicast;client_port={port}-{port + 1};server_port={mine}-{mine + 1}"
    return Wire(answer, transport, to=(there, port), sockets=pair)


def _udp_pair(address: str) -> tuple[socket.socket, socket.socket]:
    """Return sockets on an even port and the odd one above it, as RTP wants them."""
    while True:
        first = _udp_socket(address, 0)
        port = first.getsockname()[1]
        try:
            if port % 2 == 0:
                return first, _udp_socket(address, port + 1)
        except OSError:
            pass
        first.close()


def _udp_socket(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made
