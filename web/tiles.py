"""Vector tiles at /tiles/{layer}/{z}/{x}/{y}.mvt, each scoped to whoever asks."""

import hashlib
from collections.abc import Callable, Iterable
from functools import wraps

from flask import Blueprint, Response, g, request

from data import tiles
from data.types import Role
from web import context
from web.answers import as_sent, packed, unchanged
from web.believed import Believed
from web.permission import allowed, is_welcome
from web.problems import BadInput, NotFound
from web.tile_cache import Kept, Key, TileCache
from web.words import mark

bp = Blueprint("tiles", __name__)

KIND = "application/vnd.mapbox-vector-tile"
# Health expires without a change of the database, so groups of cameras are counted anew after so long.
COUNTED_FOR_S = 2.0
# As long as a map takes to ask for its tiles.
BELIEVED_FOR_S = 0.25

# Where a request carries what already failed on the quick way, so that it is not tried twice.
FAILED = "sharpeyes.failed"

cache = TileCache()
asks: Believed[tiles.Asked] = Believed(for_s=BELIEVED_FOR_S)


def asked(view: Callable[[str, int, int, int], Response]) -> Callable[[str, int, int, int], Response]:
    """Ask the database who is there and what the tile depends on, in one question for all tiles of a map."""

    @wraps(view)
    def known(layer: str, z: int, x: int, y: int) -> Response:
        if layer in tiles.LAYERS:
            token = context.token()
            found = asks.get((token, layer, tiles.counts_health(layer, z)), lambda: tiles.ask(token, layer, z=z))
            context.know(found.account)
            g.stamp = found.stamp
        return view(layer, z, x, y)

    return known


@bp.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
@asked
@allowed(Role.VIEWER)
def on_tile(layer: str, z: int, x: int, y: int) -> Response:
    """Return one tile; the header Tile-Truncated says that it held more than is drawn."""
    if layer not in tiles.LAYERS:
        raise NotFound
    if not tiles.is_place(z, x, y):
        raise BadInput(mark("There is no tile %(z)s/%(x)s/%(y)s."), z=z, x=x, y=y)
    failed = request.environ.get(FAILED)
    if failed is not None:
        raise failed
    # The stamp was read before the tile, so that a change in between makes the next question a new one.
    key = Key(layer=layer, stamp=g.stamp, z=z, x=x, y=y)
    tag = etag(key)
    had = unchanged(tag) if tag else None
    if had:
        return had
    kept = kept_or_cut(key, context.token())
    return unchanged(kept.etag) or _answer(kept)


def key_for(token: str, layer: str, z: int, x: int, y: int) -> Key | None:
    """Return the key of a tile for a viewer whom the database named a moment ago; None for everybody else."""
    known = asks.peek((token, layer, tiles.counts_health(layer, z)))
    if known is None or known.account is None or not is_welcome(known.account, Role.VIEWER):
        return None
    return Key(layer=layer, stamp=known.stamp, z=z, x=x, y=y) if tiles.is_place(z, x, y) else None


def etag(key: Key) -> str | None:
    """Return the tag of a tile where its key says it; None where the content does."""
    # Health changes all the time, and seldom in this tile.
    return None if tiles.counts_health(key.layer, key.z) else _etag(key, key.stamp)


def kept_or_cut(key: Key, token: str) -> Kept:
    """Return a tile that is kept and fresh, else one that is cut for whoever presents `token`."""
    within_s = COUNTED_FOR_S if tiles.counts_health(key.layer, key.z) else None
    return cache.get(key, lambda: _cut(key, token), within_s=within_s)


def forget(changed: Iterable[str]) -> None:
    """Drop the tiles that showed what has changed, for nobody would be given them any more; and believe nothing."""
    asks.forget()
    for layer in tiles.showing(changed):
        cache.forget(layer)


def _cut(key: Key, token: str) -> Kept:
    tile = tiles.cut(token, key.layer, z=key.z, x=key.x, y=key.y)
    tag = etag(key) or _etag(key, hashlib.sha256(tile.body).hexdigest()[:32])
    body, is_packed = packed(tile.body)
    return Kept(body=body, packed=is_packed, truncated=tile.truncated, etag=tag)


def _etag(key: Key, stamp: str) -> str:
    return f"{stamp}-{key.layer}-{key.z}-{key.x}-{key.y}"


def _answer(kept: Kept) -> Response:
    response = as_sent(kept.body, packed=kept.packed, kind=KIND, etag=kept.etag)
    if kept.truncated:
        response.headers["Tile-Truncated"] = "1"
    return response
