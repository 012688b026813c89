"""The WS-Discovery side of virtual cameras: answers a Probe at the address it was sent to, and to the whole link."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterable
from uuid import NAMESPACE_OID, uuid5
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from video.lab.camera import LabCamera
from video.lab.faults import Door

PORT = 3702
GROUP = "239.255.255.250"
_MESSAGE = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}MessageID"
_PROBE = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}Probe"


class Responder:
    """Answers for the cameras that are to be found, one socket for each of their addresses."""

    def __init__(self, cameras: Iterable[LabCamera]) -> None:
        self._of: dict[str, list[LabCamera]] = {}
        for camera in cameras:
            if camera.spec.discoverable:
                self._of.setdefault(camera.spec.address, []).append(camera)
        self._transports: list[asyncio.BaseTransport] = []

    async def open(self) -> None:
        """Listen on port 3702 of every address, and on the group where this machine can."""
        for address, cameras in self._of.items():
            await self._listen(_bound(address), cameras.copy)
        if self._of:
            with contextlib.suppress(OSError):
                await self._listen(_in_group(), self._everybody)

    def close(self) -> None:
        """Free the ports."""
        for transport in self._transports:
            transport.close()

    def _everybody(self) -> list[LabCamera]:
        return [camera for cameras in self._of.values() for camera in cameras]

    async def _listen(self, made: socket.socket, cameras: Callable[[], list[LabCamera]]) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Answering(cameras), sock=made)
        self._transports.append(transport)


class _Answering(asyncio.DatagramProtocol):
    """One port: whoever sends a Probe gets one answer for each camera behind it."""

    def __init__(self, cameras: Callable[[], list[LabCamera]]) -> None:
        self._cameras = cameras
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = _question(data)
        for camera in self._cameras() if question else ():
            if camera.behaviour.door is Door.OPEN and self._transport:
                # Answered from the camera's own address, as a camera does, also when the whole link was asked.
                _send(camera.spec.address, probe_match(camera, str(question)), addr)


def probe_match(camera: LabCamera, question: str) -> bytes:
    """Return what a camera answers to a Probe whose message has the number `question`."""
    spec = camera.spec
    scopes = [
        "onvif://www.onvif.org/type/video_encoder",
        f"onvif://www.onvif.org/name/{spec.name}",
        f"onvif://www.onvif.org/hardware/{spec.model}",
        *([f"onvif://www.onvif.org/MAC/{spec.mac}"] if spec.mac else []),
    ]
    listed = " ".join(escape(scope.replace(" ", "%20")) for scope in scopes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
        f"<a:MessageID>urn:uuid:{identity(camera)}</a:MessageID><a:RelatesTo>{escape(question)}</a:RelatesTo>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>"
        "<s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference>"
        f"<a:Address>urn:uuid:{identity(camera)}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{listed}</d:Scopes>"
        f"<d:XAddrs>{escape(spec.says_onvif_at or camera.onvif_url or '')}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


def identity(camera: LabCamera) -> str:
    """Return the UUID of a camera: the same at every start and at every address, made from its serial number."""
    return str(uuid5(NAMESPACE_OID, camera.spec.serial or camera.spec.name))


def _question(data: bytes) -> str | None:
    try:
        # Only loopback reaches this, and expat itself stops entity bombs.
        root = ElementTree.fromstring(data)  # noqa: S314
    except ElementTree.ParseError:
        return None
    message = root.find(f".//{_MESSAGE}")
    return message.text if message is not None and root.find(f".//{_PROBE}") is not None else None


def _send(address: str, answer: bytes, to: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending, contextlib.suppress(OSError):
        sending.bind((address, 0))
        sending.sendto(answer, to)


def _bound(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    made.bind((address, PORT))
    return made


def _in_group() -> socket.socket:
    made = _bound(GROUP)
    made.setsockopt(
        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(GROUP), b"\x7f\x00\x00\x01")
    )
    return made
