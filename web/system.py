"""Whether the program lives and is ready."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from data import migrate
from web import context
from web.permission import anyone

bp = Blueprint("system", __name__)


@bp.get("/healthz")
@anyone
def on_healthz() -> Response:
    """Say that this process lives; asks nobody else."""
    return jsonify(alive=True)


@bp.get("/readyz")
@anyone
def on_readyz() -> Response:
    """Say whether the database answers and has the version this code expects."""
    ready = migrate.is_current(context.get_session().connection())
    response = jsonify(ready=ready)
    response.status_code = 200 if ready else 503
    return response
