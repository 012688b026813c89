"""How large the pictures of a stream are, read from the parameter sets in its description. Pure.

H.264 (ITU-T H.264, 7.3.2.1.1) and H.265 (ITU-T H.265, 7.3.2.2), as far as the size and no further. What a camera writes
there may be cut short or nonsense, and then the size is simply not known.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from functools import lru_cache

Size = tuple[int, int]

_SETS = {
    "h264": re.compile(r"sprop-parameter-sets\s*=\s*([^;,\s]+)", re.I),
    "h265": re.compile(r"sprop-sps\s*=\s*([^;,\s]+)", re.I),
}
# Profiles that say how colours are sampled before they say the size.
_HIGH = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
# By chroma_format_idc: how many pixels one unit of cropping is wide and high.
_CROP = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}
_LONGEST = 1_024
_MOST_PX = 65_536
_LONGEST_NUMBER = 32


# A camera says the same at every look, and cameras of one model say the same as each other.
@lru_cache(maxsize=4_096)
def size_of(codec: str | None, parameters: str) -> Size | None:
    """Return width and height by the fmtp parameters of a description, or None where they do not tell."""
    found = _SETS[codec].search(parameters) if codec in _SETS else None
    if found is None:
        return None
    try:
        # Cameras forget the padding, and the decoder does not mind too much of it.
        unit = b64decode(found[1][:_LONGEST] + "==")
        width, height = _h264(unit) if codec == "h264" else _h265(unit)
    except (Base64Error, EOFError, KeyError, ValueError):
        return None
    return (width, height) if 0 < width <= _MOST_PX and 0 < height <= _MOST_PX else None


class _Bits:
    """The bits of a unit, without the bytes that keep start codes out of it."""

    def __init__(self, unit: bytes) -> None:
        self._data = unit.replace(b"\x00\x00\x03", b"\x00\x00")
        self._at = 0

    def skip(self, count: int) -> None:
        self._at += count

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            byte, bit = divmod(self._at, 8)
            if byte >= len(self._data):
                raise EOFError
            value = value << 1 | self._data[byte] >> 7 - bit & 1
            self._at += 1
        return value

    def flag(self) -> bool:
        return bool(self.take(1))

    def number(self) -> int:
        """Return an unsigned Exp-Golomb number."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _LONGEST_NUMBER:
                raise ValueError("no honest number is as long")
        return (1 << zeros) - 1 + self.take(zeros)

    def numbers(self, count: int) -> list[int]:
        return [self.number() for _ in range(count)]


def _h264(unit: bytes) -> Size:
    bits = _Bits(unit)
    if bits.take(8) & 0x1F != 7:
        raise ValueError("this is no sequence parameter set")
    profile = bits.take(8)
    bits.skip(16)
    bits.number()
    chroma = _chroma_h264(bits) if profile in _HIGH else 1
    bits.number()
    _skip_order(bits)
    bits.number()
    bits.skip(1)
    across, down = bits.numbers(2)
    fields = 1 if bits.flag() else 2
    bits.skip(1 if fields == 1 else 2)
    left, right, top, bottom = bits.numbers(4) if bits.flag() else (0, 0, 0, 0)
    unit_x, unit_y = _CROP[chroma]
    return (across + 1) * 16 - (left + right) * unit_x, ((down + 1) * 16 - (top + bottom) * unit_y) * fields


def _chroma_h264(bits: _Bits) -> int:
    chroma = bits.number()
    bits.skip(1 if chroma == 3 else 0)
    bits.numbers(2)
    bits.skip(1)
    if bits.flag():
        for size in (16,) * 6 + (64,) * (2 if chroma != 3 else 6):
            if bits.flag():
                _skip_scaling(bits, size)
    return chroma


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            number = bits.number()
            following = (last + (number + 1 >> 1) * (1 if number % 2 else -1)) % 256
        last = following or last


def _skip_order(bits: _Bits) -> None:
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.skip(1)
        bits.numbers(2)
        bits.numbers(min(bits.number(), 255))


def _h265(unit: bytes) -> Size:
    bits = _Bits(unit)
    if bits.take(8) >> 1 & 0x3F != 33:
        raise ValueError("this is no sequence parameter set")
    bits.skip(8 + 4)
    layers = bits.take(3)
    bits.skip(1)
    _skip_profiles(bits, layers)
    bits.number()
    chroma = bits.number()
    bits.skip(1 if chroma == 3 else 0)
    width, height = bits.numbers(2)
    left, right, top, bottom = bits.numbers(4) if bits.flag() else (0, 0, 0, 0)
    unit_x, unit_y = _CROP[chroma]
    return width - (left + right) * unit_x, height - (top + bottom) * unit_y


def _skip_profiles(bits: _Bits, layers: int) -> None:
    bits.skip(88 + 8)
    told = [(bits.flag(), bits.flag()) for _ in range(layers)]
    bits.skip(2 * (8 - layers) if layers else 0)
    for has_profile, has_level in told:
        bits.skip(88 * has_profile + 8 * has_level)
