"""Make a picture from outside small and plain: bytes of JPEG, PNG or WebP in, two JPEGs out, nothing else of it kept.

Run as a script of its own process, which has little memory and time and may die of what it is given. Whatever a photo
says of the phone that took it, the place and the person goes with its metadata.
"""

import io
import resource
import struct
import sys

from PIL import Image, ImageOps

MOST_PIXELS = 64_000_000
MOST_UNCOMPRESSED_PIXELS = 24_000_000
LARGEST_PX, THUMBNAIL_PX = 2560, 320
_MEMORY_BYTES, _CPU_S = 1024**3, 15


def reduce_photo(content: bytes) -> tuple[bytes, bytes]:
    """Return a picture as JPEG of at most LARGEST_PX, upright and without metadata, and its thumbnail."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as found:
        # A JPEG is decoded small from the start, the others whole.
        most = MOST_PIXELS if found.format == "JPEG" else MOST_UNCOMPRESSED_PIXELS
        if found.width * found.height > most:
            raise ValueError("too many pixels")
        found.draft("RGB", (LARGEST_PX, LARGEST_PX))
        upright = ImageOps.exif_transpose(found).convert("RGB")
    upright.thumbnail((LARGEST_PX, LARGEST_PX))
    large = _jpeg(upright, 85)
    upright.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return large, _jpeg(upright, 75)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    # Made anew from its pixels, so that nothing that was beside them goes along.
    plain = Image.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=quality)
    return out.getvalue()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    large_jpeg, small_jpeg = reduce_photo(sys.stdin.buffer.read())
    sys.stdout.buffer.write(struct.pack(">I", len(large_jpeg)) + large_jpeg + small_jpeg)
