"""The quick way to a tile: answered before the application is asked, in a fraction of its time.

Only what needs no thought goes this way: a plain question for a tile by a viewer whom the database named a moment ago.
All else, whatever fails and whatever is not quite plain, goes the whole way; both answer the same to the letter.
"""

import re
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from werkzeug.http import parse_cookie

from web import cookies, metrics, security, tiles
from web.tile_cache import Kept

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt"
PATH = re.compile(r"/tiles/([a-z]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)
ONE_ETAG = re.compile(r'"([^",]+)"')
SCHEMES = ("http", "https")


class QuickTiles:
    """An application that answers plain questions for tiles itself, and has another answer the rest."""

    def __init__(self, application: "WSGIApplication", *, port: int) -> None:
        """Stand before `application`, whose cookies bear `port` in their names."""
        self._application = application
        self._names = {scheme: cookies.named("token", port=port, is_secure=scheme == "https") for scheme in SCHEMES}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        try:
            found = self._find(environ)
        except Exception as error:
            environ[tiles.FAILED], found = error, None
        if found is None:
            return self._application(environ, start_response)
        etag, kept = found
        metrics.count("GET", ROUTE, 200 if kept else 304, took_s=time.perf_counter() - started)
        is_secure = environ["wsgi.url_scheme"] == "https"
        start_response("200 OK" if kept else "304 NOT MODIFIED", list(_headers(etag, kept, is_secure=is_secure)))
        return [kept.body] if kept else []

    def _find(self, environ: "WSGIEnvironment") -> tuple[str, Kept | None] | None:
        """Return the tag of a tile, and the tile itself where the asker has it not; None for the whole way."""
        place = PATH.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "GET" else None
        had = ONE_ETAG.fullmatch(environ.get("HTTP_IF_NONE_MATCH", '"none"'))
        if place is None or had is None or not _takes_gzip(environ):
            return None
        token = parse_cookie(environ.get("HTTP_COOKIE")).get(self._names[environ["wsgi.url_scheme"]], "")
        key = tiles.key_for(token, place[1], int(place[2]), int(place[3]), int(place[4]))
        if key is None:
            return None
        if tiles.etag(key) == had[1]:
            return had[1], None
        kept = tiles.kept_or_cut(key, token)
        return kept.etag, None if kept.etag == had[1] else kept


def _takes_gzip(environ: "WSGIEnvironment") -> bool:
    said = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in said and "q=" not in said


def _headers(etag: str, kept: Kept | None, *, is_secure: bool) -> Iterator[tuple[str, str]]:
    if kept:
        yield "Content-Type", tiles.KIND
        yield "Content-Length", str(len(kept.body))
        if kept.packed:
            yield "Content-Encoding", "gzip"
        if kept.truncated:
            yield "Tile-Truncated", "1"
    yield "ETag", f'"{etag}"'
    yield "Vary", "Accept-Encoding, Cookie" if kept else "Cookie"
    yield from security.headers(is_secure=is_secure)
    yield "Cache-Control", security.NOT_SHARED
