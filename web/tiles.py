"""Vector tiles at /tiles/{layer}/{z}/{x}/{y}.mvt, each scoped to whoever asks."""

from flask import Blueprint, Response, request

from data import tiles
from data.types import Role
from web.answers import compressed, unchanged
from web.context import get_session
from web.permission import allowed
from web.problems import BadInput, NotFound
from web.words import mark

bp = Blueprint("tiles", __name__)

KIND = "application/vnd.mapbox-vector-tile"


@bp.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
@allowed(Role.VIEWER)
def on_tile(layer: str, z: int, x: int, y: int) -> Response:
    """Return one tile; the header Tile-Truncated says that it held more than is drawn."""
    if layer not in tiles.LAYERS:
        raise NotFound
    if not tiles.is_place(z, x, y):
        raise BadInput(mark("There is no tile %(z)s/%(x)s/%(y)s."), z=z, x=x, y=y)
    session = get_session()
    # Read before the tile, so that a change in between makes the next question a new one.
    stamp = f"{tiles.stamp(session, layer)}-{request.path.rsplit('/tiles/')[-1].replace('/', '-')}"
    return unchanged(stamp) or _tile(tiles.tile(session, layer, z=z, x=x, y=y), stamp)


def _tile(tile: tiles.Tile, stamp: str) -> Response:
    response = compressed(tile.body, kind=KIND, etag=stamp)
    if tile.truncated:
        response.headers["Tile-Truncated"] = "1"
    return response
