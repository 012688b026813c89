"""Tiles that this process has at hand: answered before the application is asked, in a fraction of its time.

Only what needs no thought is answered here: a plain question for a tile by a viewer whom the database named a moment
ago. All else, and whatever is not quite plain, goes the whole way; both ways answer the same to the letter.
"""

import re
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from werkzeug.http import parse_cookie

from web import cookies, metrics, security, tiles

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt"
PATH = re.compile(r"/tiles/([a-z]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)
SCHEMES = ("http", "https")
STATUS = {200: "200 OK", 304: "304 NOT MODIFIED"}


class TilesAtHand:
    """An application that answers known tiles itself, and has another answer the rest."""

    def __init__(self, application: "WSGIApplication", *, port: int) -> None:
        """Stand before `application`, whose cookies bear `port` in their names."""
        self._application = application
        self._names = {scheme: cookies.named("token", port=port, is_secure=scheme == "https") for scheme in SCHEMES}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        found = self._find(environ)
        if found is None:
            return self._application(environ, start_response)
        known, status = found
        metrics.count("GET", ROUTE, status, took_s=time.perf_counter() - started)
        start_response(STATUS[status], list(_headers(known, status, is_secure=environ["wsgi.url_scheme"] == "https")))
        return [known.kept.body] if known.kept and status == 200 else []

    def _find(self, environ: "WSGIEnvironment") -> tuple[tiles.AtHand, int] | None:
        place = PATH.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "GET" else None
        if place is None:
            return None
        token = parse_cookie(environ.get("HTTP_COOKIE")).get(self._names[environ["wsgi.url_scheme"]], "")
        known = tiles.at_hand(token, place[1], int(place[2]), int(place[3]), int(place[4]))
        if known is None:
            return None
        had = environ.get("HTTP_IF_NONE_MATCH")
        if had == f'"{known.etag}"':
            return known, 304
        is_plain = had is None and known.kept is not None and (not known.kept.packed or _takes_gzip(environ))
        return (known, 200) if is_plain else None


def _takes_gzip(environ: "WSGIEnvironment") -> bool:
    said = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in said and "q=" not in said


def _headers(known: tiles.AtHand, status: int, *, is_secure: bool) -> Iterator[tuple[str, str]]:
    if status == 200 and known.kept:
        yield "Content-Type", tiles.KIND
        yield "Content-Length", str(len(known.kept.body))
        if known.kept.packed:
            yield "Content-Encoding", "gzip"
        if known.kept.truncated:
            yield "Tile-Truncated", "1"
    yield "ETag", f'"{known.etag}"'
    yield "Vary", "Accept-Encoding, Cookie" if status == 200 else "Cookie"
    yield from security.headers(is_secure=is_secure)
    yield "Cache-Control", security.NOT_SHARED
