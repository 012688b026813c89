"""Backgrounds of the maps: our own tiles, files put into a folder, and map services of the intranet.

A browser asks this server only. A service is fetched here, from the one host its address names.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, url_for
from sqlalchemy.orm import Session

from data import basemaps, tiles
from data.types import Role
from web import basemap_files, basemap_services
from web.answers import unchanged
from web.context import get_session
from web.permission import allowed
from web.problems import BadInput, NotFound
from web.words import _, mark

bp = Blueprint("basemaps", __name__)

A_WEEK = "private, max-age=604800"


def offered(session: Session) -> list[dict[str, Any]]:
    """Return the backgrounds to choose from, the one to begin with first. `url` None means our own vector tiles."""
    own = {"id": "own", "name": _("Own map"), "url": None, "crs": "wgs84", "attribution": ""}
    files = [_of_file(found) for found in basemap_files.found(_folder())]
    of_services = [(_of_service(one), one.active) for one in basemaps.services(session)]
    active = [one for one, is_active in of_services if is_active]
    return [*active, own, *files, *(one for one, is_active in of_services if not is_active)]


@bp.get("/basemap/<name>/<int:z>/<int:x>/<int:y>")
@allowed(Role.VIEWER)
def on_file(name: str, z: int, x: int, y: int) -> Response:
    """Return a tile of a file in the folder basemaps/ of the installation."""
    found = next((one for one in basemap_files.found(_folder()) if one.name == name), None)
    if found is None or not tiles.is_place(z, x, y):
        raise NotFound
    etag = f"{found.stamp}-{z}-{x}-{y}"
    return unchanged(etag) or _picture(basemap_files.tile(found, z=z, x=x, y=y), etag)


@bp.get("/basemap/service/<int:service_id>/<int:z>/<int:x>/<int:y>")
@allowed(Role.VIEWER)
def on_service(service_id: int, z: int, x: int, y: int) -> Response:
    """Return a tile of a map service, fetched by this server or kept from before."""
    one = basemaps.service(get_session(), service_id)
    if one is None or not tiles.is_place(z, x, y):
        raise NotFound
    cache = Path(current_app.config["SETTINGS"].home) / "cache" / "basemaps"
    try:
        body = basemap_services.tile(one.url_template, z=z, x=x, y=y, cache=cache)
    except basemap_services.ServiceFailed as failure:
        return Response(_("The map service %(name)s failed: %(why)s", name=one.name, why=str(failure)), status=502)
    return _picture(body, f"service-{service_id}-{z}-{x}-{y}")


def _picture(body: bytes | None, etag: str) -> Response:
    if body is None:
        return Response(status=204)
    kind = basemap_files.kind_of(body)
    if kind is None:
        raise BadInput(mark("This background holds something that is no picture."))
    response = Response(body, content_type=kind)
    response.set_etag(etag)
    response.headers["Cache-Control"] = A_WEEK
    return response


def _folder() -> Path:
    return Path(current_app.config["SETTINGS"].home) / "basemaps"


def _of_file(found: basemap_files.File) -> dict[str, Any]:
    url = url_for("basemaps.on_file", name=found.name, z=0, x=0, y=0).removesuffix("/0/0/0")
    return {
        "id": f"file:{found.name}",
        "name": found.name,
        "url": url,
        "crs": found.crs,
        "attribution": found.attribution,
    }


def _of_service(one: basemaps.Service) -> dict[str, Any]:
    url = url_for("basemaps.on_service", service_id=one.id, z=0, x=0, y=0).removesuffix("/0/0/0")
    return {"id": f"service:{one.id}", "name": one.name, "url": url, "crs": one.crs, "attribution": one.attribution}
