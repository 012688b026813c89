"""Pictures of a hundred million pixels, as a broken or hostile camera promises them."""

import io
from collections.abc import Iterator
from functools import lru_cache

from PIL import Image

WIDTH, HEIGHT = 12_480, 8_320


def parameter_set() -> bytes:
    """Return an H.264 sequence parameter set (7.3.2.1.1, baseline profile) of that size."""
    bits = "".join(_bits())
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    return bytes((0x67, 66, 0xC0, 62)) + int(bits, 2).to_bytes(len(bits) // 8, "big")


@lru_cache(1)
def jpeg() -> bytes:
    """Return a grey JPEG of that size; few bytes, and many once it is unpacked."""
    out = io.BytesIO()
    Image.new("L", (WIDTH, HEIGHT), 128).save(out, "JPEG", quality=30)
    return out.getvalue()


def _bits() -> Iterator[str]:
    # Number, length of frame numbers, order by decoding, one reference without gaps, then the size in blocks of 16.
    yield from map(_exp_golomb, (0, 0, 2, 1))
    yield "0"
    yield from map(_exp_golomb, (WIDTH // 16 - 1, HEIGHT // 16 - 1))
    # Whole frames, direct prediction of blocks of 8, no cropping, nothing more.
    yield "1100"


def _exp_golomb(number: int) -> str:
    digits = f"{number + 1:b}"
    return "0" * (len(digits) - 1) + digits
