"""Incidents per cell and period, and their heat as tiles."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from data import incidents, wall
from data.incidents import LEAST, Wanted
from data.types import Role
from web import basemaps, forms, heat, permission, sheets
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput
from web.words import _, mark

bp = Blueprint("incidents", __name__)

DEFAULT_DAYS = 90
DEEPEST = 20
MOST_ROWS = 500
COLUMNS = {"name": mark("Cell"), "code": mark("Code"), "within": mark("Within"), "count": mark("Events")}

_surfaces = heat.Surfaces(heat.SURFACES_KEPT)


@bp.get("/incidents")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show counts per cell for a kind and a period, with the heat beside them."""
    session, wanted = get_session(), _wanted()
    counts = incidents.counts(session, wanted)
    told = [cell for cell in counts if cell["count"] is not None]
    return render_template(
        "incidents/list.html",
        wanted=wanted,
        first_day=wanted.start.date(),
        last_day=(wanted.end - timedelta(days=1)).date(),
        kinds=incidents.kinds(session),
        told=told[:MOST_ROWS],
        told_in_all=len(told),
        hidden=len(counts) - len(told),
        total=sum(cell["count"] for cell in told),
        least=LEAST,
        each=permission.may(require_account(), Role.EDITOR),
        scale=_scale(_surface(wanted)),
        ramp=[(f"{100 * share:g}%", f"rgb({red} {green} {blue} / {alpha / 255:.2f})")
              for share, red, green, blue, alpha in heat.RAMP.tolist()],
        start={"extent": wall.extent(session), "basemaps": basemaps.offered(session)},
    )  # fmt: skip


@bp.get("/incidents/counts.<any(csv, xlsx):form>")
@allowed(Role.VIEWER, act="incident.export")
def on_table(form: str) -> Response:
    """Return the counts that may be told as a table."""
    rows = [
        cell | {"within": " ▸ ".join((cell["crumbs"] or [])[:-1])}
        for cell in incidents.counts(get_session(), _wanted())
        if cell["count"] is not None
    ]
    return sheets.answer(form, "incidents", {field: _(title) for field, title in COLUMNS.items()}, rows)


@bp.get("/api/v1/incidents/kinds")
@allowed(Role.VIEWER)
def on_kinds() -> Response:
    """Return the kinds of incidents and the days they span; kinds with too few incidents are not named."""
    span = incidents.span(get_session())
    first, last = (_day_of(at).isoformat() for at in span) if span else (None, None)
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
    return jsonify(_scale(_surface(_wanted())))


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
    """Return the kind and the days ?from= to ?to= (both included) asked for; the latest 90 days of data if none are."""
    end = forms.day(request.args.get("to"), field="to", default=_last_day())
    start = forms.day(request.args.get("from"), field="from", default=end - timedelta(days=DEFAULT_DAYS - 1))
    if not date(1970, 1, 1) <= start <= end < date(9000, 1, 1):
        raise BadInput(mark("The first day must not come after the last."), field="from")
    return Wanted(
        kind=request.args.get("kind") or None,
        start=forms.start_of(start),
        end=forms.start_of(end + timedelta(days=1)),
    )


def _last_day() -> date:
    """Return today, or the day of the last incident where all of them are older than the period shown first."""
    today = _day_of(datetime.now(UTC))
    span = None if "to" in request.args else incidents.span(get_session())
    return _day_of(span[1]) if span and _day_of(span[1]) <= today - timedelta(days=DEFAULT_DAYS) else today


def _day_of(at: datetime) -> date:
    return at.astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()


def _scale(shown: heat.Surface | None) -> dict[str, Any]:
    return {
        "peak_per_km2": round(shown.peak, 2) if shown else None,
        "sigma_m": round(shown.sigma_m) if shown else heat.SIGMA_M,
        "cell_m": round(shown.bin_m, 1) if shown else None,
        "least": LEAST,
    }


def _surface(wanted: Wanted) -> heat.Surface | None:
    """Return the surface for this scope, computed once for all the tiles of a screen."""
    session = get_session()
    return _surfaces.get((incidents.stamp(session), wanted), lambda: heat.surface(session, wanted))
