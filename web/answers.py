"""Answers that are large or asked for again and again: compressed, and "unchanged" when the asker has them."""

import gzip
import hashlib

from flask import Response, request

# Below this, compressing costs more than it saves.
WORTH_COMPRESSING_BYTES = 800


def unchanged(etag: str) -> Response | None:
    """Return the answer "you have it" when the asker's copy bears `etag`, else None."""
    if not request.if_none_match.contains(etag):
        return None
    response = Response(status=304)
    response.set_etag(etag)
    return response


def compressed(body: bytes, *, kind: str, etag: str | None = None) -> Response:
    """Return `body` as `kind`, gzipped where the asker takes that; `etag` defaults to one of the content."""
    tag = etag or hashlib.sha256(body).hexdigest()[:32]
    known = unchanged(tag)
    if known:
        return known
    sent, is_packed = packed(body) if request.accept_encodings["gzip"] else (body, False)
    return as_sent(sent, packed=is_packed, kind=kind, etag=tag)


def packed(body: bytes) -> tuple[bytes, bool]:
    """Return `body` gzipped and True, or as it is where that would cost more than it saves."""
    if len(body) < WORTH_COMPRESSING_BYTES:
        return body, False
    return gzip.compress(body, 2, mtime=0), True


def as_sent(body: bytes, *, packed: bool, kind: str, etag: str) -> Response:
    """Return what `packed` returned as an answer; unpacked again for the few askers that do not take gzip."""
    if packed and not request.accept_encodings["gzip"]:
        body, packed = gzip.decompress(body), False
    response = Response(body, content_type=kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(etag)
    return response
