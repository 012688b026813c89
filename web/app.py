"""The application: all pages and the API. A new page is one blueprint and one line in BLUEPRINTS.

It is built here and not in the package itself, so that the intake, the workers and the command line need not load it.
"""

from flask import Flask

from data import settings as settings_of_process
from data.settings import Settings
from web import (
    accounts,
    admin,
    alarms,
    areas,
    basemaps,
    buttons,
    camera_edits,
    camera_files,
    camera_history,
    camera_labels,
    cameras,
    context,
    cookies,
    coverage,
    diagnosis,
    discovery,
    incidents,
    limits,
    links,
    maintenance,
    metrics,
    navigation,
    networks,
    notices,
    openapi,
    outages,
    pictures,
    problems,
    push,
    records,
    security,
    server,
    system,
    tiles,
    wall,
    who_sees,
    words,
)
from web.imports import pages as imports
from web.plan import adopting, forbidden, scenarios, siting
from web.plan import exports as plan_exports
from web.plan import ground as plan_ground
from web.plan import page as plan
from web.plan import shares as plan_shares
from web.plan import standing as plan_standing
from web.quick_tiles import QuickTiles
from web.reports import claim_pages as claims
from web.reports import pages as reports

# One blueprint per noun.
BLUEPRINTS = (
    accounts.bp,
    admin.bp,
    adopting.bp,
    alarms.bp,
    areas.bp,
    basemaps.bp,
    buttons.bp,
    camera_edits.bp,
    camera_files.bp,
    camera_history.bp,
    camera_labels.bp,
    cameras.bp,
    claims.bp,
    coverage.bp,
    diagnosis.bp,
    discovery.bp,
    forbidden.bp,
    imports.bp,
    incidents.bp,
    limits.bp,
    links.bp,
    maintenance.bp,
    metrics.bp,
    networks.bp,
    notices.bp,
    openapi.bp,
    outages.bp,
    pictures.bp,
    plan.bp,
    plan_exports.bp,
    plan_ground.bp,
    plan_shares.bp,
    plan_standing.bp,
    push.bp,
    records.bp,
    reports.bp,
    scenarios.bp,
    siting.bp,
    system.bp,
    tiles.bp,
    wall.bp,
    who_sees.bp,
)
# A file of the county's cameras fits; a disk does not.
LARGEST_REQUEST_BYTES = 256 * 2**20


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application of one installation; of this process's environment if no settings are given."""
    chosen = settings or settings_of_process.get()
    app = Flask(__name__)
    app.config.update(
        SETTINGS=chosen,
        PORT=chosen.port,
        TIMEZONE=chosen.timezone,
        SECRET_KEY=cookies.signing_key(chosen.keys),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        # A control-room page stays open for a shift.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = cookies.FormCookie()
    for part in (metrics, context, problems, security, words, navigation):
        part.init(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = QuickTiles(app.wsgi_app, port=chosen.port)  # type: ignore[method-assign]
    return app


def served() -> Flask:
    """Return the application in a process of the server, which ends with the process that watches over it."""
    server.end_with_parent()
    return create_app()
