"""Frames into RTP packets: RFC 6184 for H.264 (single NAL units and FU-A), RFC 7798 for H.265 (and its FU)."""

import struct
from collections.abc import Iterable, Iterator, Sequence

from video.lab.spec import Codec

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
# Leaves room for IP, UDP and RTP headers in an Ethernet frame.
MAX_PAYLOAD = 1_400


def payloads(nals: Iterable[bytes], codec: Codec) -> tuple[bytes, ...]:
    """Return the RTP payloads of one frame in order; the last one carries the marker bit."""
    cut = _cut_h264 if codec is Codec.H264 else _cut_h265
    return tuple(piece for nal in nals for piece in ([nal] if len(nal) <= MAX_PAYLOAD else cut(nal)))


def _cut_h264(nal: bytes) -> Iterator[bytes]:
    indicator = (nal[0] & 0xE0) | 28
    for piece, edge in _pieces(nal[1:], MAX_PAYLOAD - 2):
        yield bytes((indicator, edge | (nal[0] & 0x1F))) + piece


def _cut_h265(nal: bytes) -> Iterator[bytes]:
    header = bytes(((nal[0] & 0x81) | (49 << 1), nal[1]))
    for piece, edge in _pieces(nal[2:], MAX_PAYLOAD - 3):
        yield header + bytes((edge | ((nal[0] >> 1) & 0x3F),)) + piece


def _pieces(body: bytes, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the parts of `body` with the start and end bits of a fragmentation header."""
    last = (len(body) - 1) // size
    for number in range(last + 1):
        edge = (0x80 if number == 0 else 0) | (0x40 if number == last else 0)
        yield body[number * size : (number + 1) * size], edge


class Packer:
    """Numbers and stamps the packets of one session."""

    def __init__(self, *, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc, self.sequence, self._began = ssrc, sequence & 0xFFFF, timestamp

    def stamp(self, at_s: float) -> int:
        """Return the RTP time of a frame shown `at_s` seconds after the session began."""
        return (self._began + round(at_s * CLOCK_HZ)) & 0xFFFFFFFF

    def packets(self, pieces: Sequence[bytes], at_s: float) -> Iterator[bytes]:
        """Yield the packets of one frame from its payloads."""
        stamp = self.stamp(at_s)
        for place, piece in enumerate(pieces, 1):
            marker = 0x80 if place == len(pieces) else 0
            yield struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE, self.sequence, stamp, self.ssrc) + piece
            self.sequence = (self.sequence + 1) & 0xFFFF


def interleaved(packet: bytes, channel: int) -> bytes:
    """Return the packet framed for the RTSP connection itself (RFC 2326, 10.12)."""
    return struct.pack("!cBH", b"$", channel, len(packet)) + packet
