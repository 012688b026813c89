"""Stored pictures, opened only through their scoped row."""

from flask import Blueprint, Response

from data import pictures
from data.types import Role
from web.answers import unchanged
from web.context import get_session
from web.permission import allowed
from web.problems import NotFound
from web.words import mark

bp = Blueprint("pictures", __name__)


@bp.get("/pictures/<int:snapshot_id>/thumbnail.jpg")
@allowed(Role.VIEWER)
def on_thumbnail(snapshot_id: int) -> Response:
    """Return the small picture of a snapshot."""
    return _picture(snapshot_id, "thumbnail")


@bp.get("/pictures/<int:snapshot_id>/full.jpg")
@allowed(Role.VIEWER)
def on_full(snapshot_id: int) -> Response:
    """Return a snapshot as it was taken."""
    return _picture(snapshot_id, "full")


def _picture(snapshot_id: int, size: pictures.Size) -> Response:
    opened = pictures.open_(get_session(), snapshot_id, size)
    if opened is None:
        raise NotFound(mark("There is no such picture, or it was removed when its time was over."))
    etag = f"{snapshot_id}-{size}"
    response = unchanged(etag) or Response(opened.jpeg, content_type="image/jpeg")
    response.set_etag(etag)
    # A stored picture never changes; what it shows is for this account only.
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    response.last_modified = opened.at
    return response
