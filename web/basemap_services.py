"""Tiles of a map service of the intranet (WMTS or XYZ), fetched from the one host its address names and kept on disk.

The address holds {z}, {x} and {y}, or {-y} where rows count from the south, wherever the service wants them:
http://maps.example/wmts?layer=vec&tilematrix={z}&tilerow={y}&tilecol={x}
"""

import hashlib
import http.client
import os
import random
import tempfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

PATIENCE_S = 6.0
LARGEST_BYTES = 2 * 2**20
CACHE_BYTES = 512 * 2**20
# One in so many new tiles looks whether the cache has grown too large.
SWEEP_EVERY = 200


class ServiceFailed(Exception):
    """The service did not give a tile; the message says why, without its key."""


def address_of(template: str, *, z: int, x: int, y: int) -> str:
    """Return the address of one tile."""
    places = {"{z}": z, "{x}": x, "{y}": y, "{-y}": (1 << z) - 1 - y}
    for name, value in places.items():
        template = template.replace(name, str(value))
    return template


def tile(template: str, *, z: int, x: int, y: int, cache: Path) -> bytes | None:
    """Return a tile, from `cache` if it is there; None where the service has none. Raises ServiceFailed."""
    kept = cache / hashlib.sha256(template.encode()).hexdigest()[:16] / str(z) / str(x) / str(y)
    if kept.exists():
        return kept.read_bytes() or None
    body = fetch(address_of(template, z=z, x=x, y=y))
    _keep(kept, body or b"")
    if random.random() < 1 / SWEEP_EVERY:  # noqa: S311  when to tidy up is no secret
        sweep(cache, CACHE_BYTES)
    return body


def fetch(address: str) -> bytes | None:
    """Return what an address answers, following one redirect inside the same host; None for "not found"."""
    status, location, body = _ask(address)
    if status in (301, 302, 303, 307, 308) and location:
        onward = urljoin(address, location)
        if urlsplit(onward).netloc != urlsplit(address).netloc:
            raise ServiceFailed("it sends on to another host")
        status, location, body = _ask(onward)
    if status in (204, 404):
        return None
    if status != 200:
        raise ServiceFailed(f"it answered {status}")
    return body


def sweep(cache: Path, most_bytes: int) -> None:
    """Remove the tiles fetched longest ago until nine tenths of `most_bytes` are left."""
    files = [(found.stat().st_mtime, found.stat().st_size, found) for found in cache.rglob("*") if found.is_file()]
    total = sum(size for _, size, _ in files)
    if total <= most_bytes:
        return
    for _, size, found in sorted(files):
        if total <= most_bytes * 0.9:
            return
        found.unlink(missing_ok=True)
        total -= size


def _ask(address: str) -> tuple[int, str | None, bytes]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServiceFailed("its address must begin with http:// or https://")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        body = answer.read(LARGEST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ServiceFailed(f"it cannot be reached ({error.__class__.__name__})") from error
    finally:
        connection.close()
    if len(body) > LARGEST_BYTES:
        raise ServiceFailed("its tile is larger than 2 MB")
    return answer.status, answer.getheader("Location"), body


def _keep(place: Path, body: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    Path(draft).replace(place)
