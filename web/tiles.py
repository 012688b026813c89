"""Vector tiles at /tiles/{layer}/{z}/{x}/{y}.mvt, each scoped to whoever asks."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

from flask import Blueprint, Response, g

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
    # The stamp was read before the tile, so that a change in between makes the next question a new one.
    key = Key(layer=layer, stamp=g.stamp, z=z, x=x, y=y)
    token = context.token()
    if tiles.counts_health(layer, z):
        kept = cache.get(key, lambda: _cut(key, token), within_s=COUNTED_FOR_S)
        return unchanged(kept.etag) or _answer(kept)
    return unchanged(_etag(key, key.stamp)) or _answer(cache.get(key, lambda: _cut(key, token)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """A tile that nobody need be asked about: the tag it bears, and itself where it is kept."""

    etag: str
    kept: Kept | None


def at_hand(token: str, layer: str, z: int, x: int, y: int) -> AtHand | None:
    """Return a tile for a viewer who is believed to be there, or None when somebody must be asked first."""
    counts = tiles.counts_health(layer, z)
    known = asks.peek((token, layer, counts))
    if known is None or known.account is None or not is_welcome(known.account, Role.VIEWER):
        return None
    key = Key(layer=layer, stamp=known.stamp, z=z, x=x, y=y)
    kept = cache.peek(key, within_s=COUNTED_FOR_S if counts else None)
    if kept is None and (counts or not tiles.is_place(z, x, y)):
        return None
    return AtHand(etag=kept.etag if kept else _etag(key, key.stamp), kept=kept)


def forget(changed: Iterable[str]) -> None:
    """Drop the tiles that showed what has changed, for nobody would be given them any more; and believe nothing."""
    asks.forget()
    for layer in tiles.showing(changed):
        cache.forget(layer)


def _cut(key: Key, token: str) -> Kept:
    tile = tiles.cut(token, key.layer, z=key.z, x=key.x, y=key.y)
    # Health changes all the time, and seldom in this tile: there the content speaks.
    by_content = tiles.counts_health(key.layer, key.z)
    stamp = hashlib.sha256(tile.body).hexdigest()[:32] if by_content else key.stamp
    body, is_packed = packed(tile.body)
    return Kept(body=body, packed=is_packed, truncated=tile.truncated, etag=_etag(key, stamp))


def _etag(key: Key, stamp: str) -> str:
    return f"{stamp}-{key.layer}-{key.z}-{key.x}-{key.y}"


def _answer(kept: Kept) -> Response:
    response = as_sent(kept.body, packed=kept.packed, kind=KIND, etag=kept.etag)
    if kept.truncated:
        response.headers["Tile-Truncated"] = "1"
    return response
