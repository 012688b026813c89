"""What can go wrong with a request, as sentences: problem documents (RFC 9457) for programs, a page for people."""

import psycopg
from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from data import settings
from data.errors import Missing, Refusal, Taken, TooOften
from web import context
from web.words import _, label, mark


class BadInput(Refusal):
    """The request says something that cannot be used."""


class NotFound(Missing):
    """There is nothing here, or nothing that this account may see; both look the same."""

    def __init__(self, sentence: str = mark("There is nothing here, or it lies outside the areas granted to you.")):
        super().__init__(sentence)


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__(mark("Sign in first."))


class MustChangePassword(Refusal):
    """The one-time password must be replaced before anything else."""

    def __init__(self) -> None:
        super().__init__(mark("Replace the one-time password first."))


class NotAllowed(Refusal):
    """The account lacks the role."""

    def __init__(self, sentence: str = mark("Your account may not do this. Ask an administrator for the role.")):
        super().__init__(sentence)


NO_DATABASE = mark("The database does not answer. Nothing was changed; try again in a minute.")
# Errors to HTTP, the first that fits. A sentence of its own wins over the one here.
TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (NotSignedIn, 401, ""),
    (NotAllowed, 403, ""),
    (MustChangePassword, 403, ""),
    (Missing, 404, ""),
    (Taken, 409, ""),
    (TooOften, 429, ""),
    (Refusal, 400, ""),
    (CSRFError, 400, mark("This page is too old to be sent. Load it again; what you wrote was not kept.")),
    (InsufficientPrivilege, 403, mark("This lies outside the areas granted to you. Nothing was changed.")),
    (IntegrityError, 409, mark("This contradicts what is stored already. Nothing was changed.")),
    (OperationalError, 503, NO_DATABASE),
    (psycopg.OperationalError, 503, NO_DATABASE),
    (TimeoutError, 503, mark("Too much is going on at once. Nothing was changed; try again in a minute.")),
    (settings.BadSetting, 500, mark("A setting of this installation cannot be used; its log says which.")),
)
TITLES = {
    400: mark("This cannot be used"),
    401: mark("Not signed in"),
    403: mark("Not allowed"),
    404: mark("Not found"),
    405: mark("Not possible here"),
    409: mark("In the way of something else"),
    413: mark("Too large"),
    415: mark("Kind of content not known"),
    429: mark("Too often"),
    500: mark("Our fault"),
    503: mark("Not ready"),
}
OUR_FAULT = mark("Something went wrong on the server. Nothing was changed. The log has the details.")
PROGRAMS = ("/api/", "/tiles/", "/ogc", "/metrics", "/healthz", "/readyz")


def init(app: Flask) -> None:
    """Answer every error of the application as a problem."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Undo the work of this request and answer with what went wrong."""
    context.undo()
    status, sentence = _status_of(error)
    if status >= 500:
        current_app.logger.error("request failed path=%s", request.path, exc_info=error)
    if for_a_person() and isinstance(error, NotSignedIn | MustChangePassword):
        return _send_to_sign_in(error)
    response = _page(status, sentence) if for_a_person() else _document(status, sentence, error)
    response.headers["Cache-Control"] = "no-store"
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def for_a_person() -> bool:
    """Say whether this request wants a page rather than a document."""
    return not request.path.startswith(PROGRAMS)


def _status_of(error: Exception) -> tuple[int, str]:
    cause = error.orig if isinstance(error, DBAPIError) and isinstance(error.orig, InsufficientPrivilege) else error
    for kind, status, sentence in TABLE:
        if isinstance(cause, kind):
            return status, _say(cause, sentence)
    if isinstance(error, HTTPException):
        return error.code or 500, _(TITLES.get(error.code or 500, OUR_FAULT))
    return 500, _(OUR_FAULT)


def _say(error: Exception, sentence: str) -> str:
    if not isinstance(error, Refusal):
        return _(sentence)
    return _(error.sentence, **(error.values | {"field": label("Field", error.field)}))


def _document(status: int, sentence: str, error: Exception) -> Response:
    body = {
        "type": "about:blank",
        "title": _(TITLES.get(status, OUR_FAULT)),
        "status": status,
        "detail": sentence,
        "instance": request.path,
    }
    if isinstance(error, Refusal) and error.field:
        body["field"] = error.field
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _page(status: int, sentence: str) -> Response:
    title = _(TITLES.get(status, OUR_FAULT))
    return make_response(render_template("problem.html", status=status, title=title, sentence=sentence), status)


def _send_to_sign_in(error: Refusal) -> Response:
    if isinstance(error, MustChangePassword):
        return make_response(redirect(url_for("accounts.on_password")))
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("accounts.on_login", next=wanted)))
