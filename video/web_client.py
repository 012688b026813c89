"""HTTP towards devices: bounded in bytes, and only inside the allowed networks."""

import socket

import aiohttp

from video.errors import OnvifBadReply
from video.networks import Networks
from video.soap import MOST_BYTES


async def bounded(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer; raise OnvifBadReply when it is larger than any honest one."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise OnvifBadReply("its answer is too large")
    return bytes(body)


def web_session(networks: Networks) -> aiohttp.ClientSession:
    """Return a client that connects to nothing outside `networks`, believes no cookie and unpacks nothing."""

    def opened(way: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = way
        # Called with the address that is connected to, whether it was written, resolved or reported.
        networks.admitted([str(place[0])])
        return socket.socket(family, kind, protocol)

    # Devices sign their own certificates, so TLS proves nothing here; cookies are not theirs to set.
    connector = aiohttp.TCPConnector(ssl=False, limit=1, socket_factory=opened, happy_eyeballs_delay=None)
    # Nothing is unpacked: a few bytes of it can be megabytes.
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )
