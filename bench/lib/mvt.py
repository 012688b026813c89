"""What stands in a vector tile: enough of the format to count and compare points."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A feature by the first point of its geometry, in 4096ths of the tile; id None where it has none."""

    layer: str
    id: int | None
    x: int
    y: int
    properties: dict[str, Any]


def points(tile: bytes) -> list[Point]:
    """Return every feature of a tile."""
    return [
        point for number, layer in _fields(tile) if number == 3 and isinstance(layer, bytes) for point in _layer(layer)
    ]


def features(tile: bytes) -> int:
    """Return how many features a tile has, without reading them."""
    layers = [layer for number, layer in _fields(tile) if number == 3 and isinstance(layer, bytes)]
    return sum(number == 2 for layer in layers for number, _ in _fields(layer))


def _layer(layer: bytes) -> Iterator[Point]:
    name, keys, values, features = "", [], [], []
    for number, part in _fields(layer):
        if not isinstance(part, bytes):
            continue
        if number == 1:
            name = part.decode()
        elif number == 2:
            features.append(part)
        elif number == 3:
            keys.append(part.decode())
        elif number == 4:
            values.append(_value(part))
    for feature in features:
        parts: dict[int, Any] = dict(_fields(feature))
        tags, geometry = _numbers(parts.get(2, b"")), _numbers(parts.get(4, b""))
        said = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        yield Point(layer=name, id=parts.get(1), x=_signed(geometry[1]), y=_signed(geometry[2]), properties=said)


def _value(part: bytes) -> Any:
    number, value = next(_fields(part))
    if isinstance(value, bytes):
        return {1: bytes.decode, 2: lambda b: struct.unpack("<f", b)[0], 3: lambda b: struct.unpack("<d", b)[0]}[
            number
        ](value)
    return _signed(value) if number == 6 else bool(value) if number == 7 else value


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == 2:
            size, at = _varint(message, at)
        else:
            size = 8 if kind == 1 else 4
        yield tag >> 3, message[at : at + size]
        at += size


def _numbers(packed: bytes) -> list[int]:
    found, at = [], 0
    while at < len(packed):
        value, at = _varint(packed, at)
        found.append(value)
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
