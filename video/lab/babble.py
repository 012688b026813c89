"""Replies that are none: halves, trickles, endless ones, and documents that grow when they are read."""

import asyncio

from video.lab.faults import Babble

_FILLER = b"X-Filler: " + b"0" * 4_000 + b"\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"
_TRICKLE_S = 0.2
# What an endless answer has ready to be read, in bytes.
_AHEAD = 262_144
# Each name stands for ten of the one before it: a gigabyte when all are unfolded.
_LAUGHS = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + _LAUGHS + b"]><Envelope><Body>&l9;</Body></Envelope>"


def http(kind: Babble, transport: asyncio.Transport) -> None:
    """Say something over HTTP that is no SOAP."""
    if kind is Babble.GARBAGE:
        transport.write(_HEAD + b"Content-Length: 9\r\n\r\n<<<not xm")
    elif kind is Babble.BOMB:
        transport.write(_HEAD + b"Content-Length: %d\r\n\r\n" % len(BOMB) + BOMB)
    elif kind is Babble.TRICKLE:
        trickle(transport, _HEAD)
    elif kind is Babble.ENDLESS:
        transport.write(_HEAD + b"\r\n<Envelope>")
        endless(transport)
    else:
        transport.write(_HEAD)
        if kind is Babble.HALF_AND_GONE:
            transport.close()


def trickle(transport: asyncio.Transport, said: bytes) -> None:
    """Say this byte by byte, and then noughts."""
    if transport.is_closing():
        return
    transport.write(said[:1] or b"0")
    asyncio.get_running_loop().call_later(_TRICKLE_S, trickle, transport, said[1:])


def endless(transport: asyncio.Transport) -> None:
    """Say more, as fast as it is read, and never come to an end."""
    if transport.is_closing():
        return
    if transport.get_write_buffer_size() < _AHEAD:
        transport.write(_FILLER * (_AHEAD // len(_FILLER)))
    asyncio.get_running_loop().call_later(0.01, endless, transport)
