"""Incidents per cell and period, and their heat as tiles."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from threading import Lock

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from data import incidents
from data.incidents import LEAST, Wanted
from data.types import Role
from web import forms, heat
from web.context import get_session
from web.permission import allowed
from web.problems import BadInput
from web.words import mark

bp = Blueprint("incidents", __name__)

DEFAULT_DAYS = 90
DEEPEST = 20
_surfaces_lock = Lock()


@bp.get("/incidents")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show counts per cell for a kind and a period, with the heat beside them."""
    session, wanted = get_session(), _wanted()
    return render_template(
        "incidents/list.html",
        wanted=wanted,
        first_day=wanted.start.date(),
        last_day=(wanted.end - timedelta(days=1)).date(),
        kinds=incidents.kinds(session),
        counts=incidents.counts(session, wanted),
        least=LEAST,
    )


@bp.get("/api/v1/incidents/kinds")
@allowed(Role.VIEWER)
def on_kinds() -> Response:
    """Return the kinds of incidents and the time they span."""
    span = incidents.span(get_session())
    first, last = (at.isoformat() for at in span) if span else (None, None)
    return jsonify(kinds=incidents.kinds(get_session()), first=first, last=last)


@bp.get("/api/v1/incidents/counts")
@allowed(Role.VIEWER)
def on_counts() -> Response:
    """Return the count of each cell for ?kind=&from=&to=; null below the least that may be told."""
    return jsonify(least=LEAST, cells=incidents.counts(get_session(), _wanted()))


@bp.get("/api/v1/incidents/heat")
@allowed(Role.VIEWER)
def on_heat_scale() -> Response:
    """Return what the colours of the heat mean for ?kind=&from=&to=."""
    shown = _surface(_wanted())
    return jsonify(
        peak_per_km2=round(shown.peak, 2) if shown else None,
        sigma_m=heat.SIGMA_M,
        cell_m=round(shown.cell_m, 1) if shown else None,
        least=LEAST,
    )


@bp.get("/tiles/heat/<int:z>/<int:x>/<int:y>.png")
@allowed(Role.VIEWER)
def on_tile(z: int, x: int, y: int) -> Response:
    """Return one tile of the heat for ?kind=&from=&to=."""
    if z > DEEPEST or not (0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadInput(mark("There is no such tile."))
    wanted = _wanted()
    asked = hashlib.sha256(repr((wanted, z, x, y)).encode()).hexdigest()[:16]
    etag = f"{incidents.stamp(get_session())}-{asked}"
    if request.if_none_match.contains(etag):
        return Response(status=304)
    answer = make_response(heat.tile(_surface(wanted), z, x, y))
    answer.mimetype = "image/png"
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _wanted() -> Wanted:
    """Return the kind and the days ?from= to ?to= (both included) that are asked for."""
    today = datetime.now(UTC).date()
    end = forms.day(request.args.get("to"), field="to", default=today)
    start = forms.day(request.args.get("from"), field="from", default=end - timedelta(days=DEFAULT_DAYS))
    if not date(1970, 1, 1) <= start <= end < date(9000, 1, 1):
        raise BadInput(mark("The first day must not come after the last."), field="from")
    return Wanted(
        kind=request.args.get("kind") or None,
        start=forms.start_of(start),
        end=forms.start_of(end + timedelta(days=1)),
    )


def _surface(wanted: Wanted) -> heat.Surface | None:
    """Return the surface for this scope, computed once for all the tiles of a screen."""
    # One at a time: a screen asks for twenty tiles at once, and all of them want the same surface.
    with _surfaces_lock:
        return _kept(incidents.stamp(get_session()), wanted, current_app.config["TIMEZONE"])


@lru_cache(maxsize=32)
def _kept(stamp: str, wanted: Wanted, timezone: str) -> heat.Surface | None:
    return heat.surface(get_session(), wanted)
