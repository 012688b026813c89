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
    small = len(body) < WORTH_COMPRESSING_BYTES or not request.accept_encodings["gzip"]
    response = Response(body if small else gzip.compress(body, 2, mtime=0), content_type=kind)
    if not small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(tag)
    return response
