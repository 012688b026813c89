"""Whether the program lives and is ready."""

from flask import Blueprint, current_app, jsonify, send_file
from werkzeug.wrappers import Response

from data import certificates, migrate
from web import context
from web.permission import anyone
from web.problems import NotFound
from web.words import mark

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


@bp.get("/ca.crt")
@anyone
def on_authority() -> Response:
    """Return the certificate of this installation's own authority, for phones to trust."""
    authority = certificates.of_home(current_app.config["SETTINGS"].home).authority
    if not authority.is_file():
        raise NotFound(mark("There is no certificate yet. It is made when the system is started by ./run.sh start."))
    return send_file(authority, mimetype="application/x-x509-ca-cert", download_name="sharpeyes-ca.crt")
