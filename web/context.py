"""What belongs to one request: its database session under the web role, and who is signed in.

The token of the session cookie is presented to the database, which alone decides what it opens. Work is kept when
the request ends well and undone when it ends in an error.
"""

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from data import accounts, db, options
from data.accounts import SignedIn
from web import cookies


def init(app: Flask) -> None:
    """Keep or undo the work of each request when it ends."""
    app.after_request(_keep)
    app.teardown_request(_close)


def get_session() -> Session:
    """Return this request's database session, with its token presented."""
    if "session" not in g:
        g.session = Session(db.engine("web"), expire_on_commit=False)
        db.present(g.session, token())
    opened: Session = g.session
    return opened


def token() -> str:
    """Return the opaque token of this request's session, '' for none."""
    if "token" not in g:
        g.token = request.cookies.get(cookies.token_name(), "")
    return str(g.token)


def take(new_token: str) -> None:
    """Go on with this request in a session that was opened in it."""
    g.token = new_token
    g.pop("current", None)
    db.present(get_session(), new_token)


def current() -> SignedIn | None:
    """Return who is signed in, or None."""
    if "current" not in g:
        g.current = accounts.signed_in(get_session()) if token() else None
    found: SignedIn | None = g.current
    return found


def know(account: SignedIn | None) -> None:
    """Take it as known who is signed in, where that was asked for together with something else."""
    g.current = account


def shown_to_all() -> options.Shown:
    """Return what every page shows, signed in or not."""
    if "shown" not in g:
        g.shown = options.shown_to_all(get_session())
    shown: options.Shown = g.shown
    return shown


def undo() -> None:
    """Undo the work of this request so far; for error handlers."""
    opened = g.pop("session", None)
    if opened is not None:
        opened.rollback()
        opened.close()


def _keep(response: Response) -> Response:
    if "session" in g:
        g.session.commit()
    return response


def _close(_: BaseException | None) -> None:
    undo()
