"""The planner's page."""

from flask import Blueprint, render_template

from data import forbidden, scenarios, wall
from data.types import Role
from gis.pixels import PX_PER_M
from web import basemaps
from web.context import current, get_session
from web.permission import allowed, may
from web.plan.scenarios import plain

bp = Blueprint("plan", __name__)


@bp.get("/plan")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show the planner's page; everything on it is asked for from the API."""
    session = get_session()
    start = {
        "extent": wall.extent(session),
        "basemaps": basemaps.offered(session),
        "scenarios": [plain(row) for row in scenarios.listed(session)],
        "classes": {str(name): density for name, density in PX_PER_M.items()},
        "reasons": list(forbidden.REASONS),
        "may_edit": may(current(), Role.EDITOR),
    }
    return render_template("plan/page.html", start=start)
