"""Signing in and out, the own password and the own language."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from data import accounts
from data.errors import Refusal, TooOften
from web import context, cookies, forms, permission
from web.permission import anyone
from web.problems import NotSignedIn
from web.words import LANGUAGES, _, mark

bp = Blueprint("accounts", __name__)
# A shift in the control room.
SHIFT = timedelta(hours=12)


@bp.get("/")
@anyone
def on_root() -> Response:
    """Send everybody to the wall; who is not signed in is sent on from there."""
    return redirect("/wall")


@bp.get("/login")
@anyone
def on_login() -> str:
    """Show the form to sign in."""
    return render_template("accounts/login.html", next=_own_path(request.args.get("next")), login="")


@bp.post("/login")
@anyone
def on_signing_in() -> Response:
    """Sign in with a login and a password."""
    login = forms.line(request.form.get("login"), field="login", most=100)
    try:
        account_id = accounts.prove(
            context.get_session(), login, request.form.get("password", ""), address=request.remote_addr or ""
        )
    except TooOften as refused:
        return _login_again(login, _(refused.sentence, **refused.values), status=429)
    if account_id is None:
        return _login_again(login, _("Login or password is wrong."), status=401)
    return _let_in(account_id, _own_path(request.form.get("next")))


def _login_again(login: str, sentence: str, *, status: int) -> Response:
    page = render_template(
        "accounts/login.html", next=_own_path(request.form.get("next")), login=login, sentence=sentence
    )
    return make_response(page, status)


def _let_in(account_id: int, to: str) -> Response:
    """Open a new session; the browser's old one, if any, ends, so that no token outlives a change of rights."""
    accounts.close_sign_in(context.get_session(), context.token())
    response = redirect(to)
    _open(account_id, response)
    permission.write("account.sign_in")
    account = context.current()
    if account and account.must_change_password:
        response.location = url_for("accounts.on_password")
    return response


def _open(account_id: int, response: Response) -> None:
    until = datetime.now(UTC) + SHIFT
    token = accounts.open_sign_in(context.get_session(), account_id, until=until, address=request.remote_addr or "")
    cookies.set_token(response, token, until=until)
    # The secret of forms changes with the session.
    session.clear()
    context.take(token)


@bp.post("/logout")
@anyone
def on_signing_out() -> Response:
    """End the session."""
    if context.current():
        permission.write("account.sign_out")
        accounts.close_sign_in(context.get_session(), context.token())
    session.clear()
    response = redirect(url_for("accounts.on_login"))
    cookies.forget_token(response)
    return response


@bp.get("/password")
@anyone
def on_password() -> str:
    """Show the form to change the own password."""
    return render_template("accounts/password.html", account=_whoever(), least=accounts.LEAST_PASSWORD_LENGTH)


@bp.post("/password")
@anyone
def on_changing_password() -> Response:
    """Change the own password; every other session of the account ends."""
    account = _whoever()
    try:
        _change_password(account)
    except Refusal as refused:
        sentence = _(refused.sentence, **refused.values)
        page = render_template("accounts/password.html", sentence=sentence, least=accounts.LEAST_PASSWORD_LENGTH)
        return make_response(page, 429 if isinstance(refused, TooOften) else 400)
    response = redirect("/")
    accounts.close_sign_in(context.get_session(), context.token())
    _open(account.id, response)
    accounts.close_other_sign_ins(context.get_session())
    permission.write("account.change_password")
    return response


def _change_password(account: accounts.SignedIn) -> None:
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise Refusal(mark("The two new passwords differ. Write the same twice."), field="again")
    if new == old:
        raise Refusal(mark("The new password is the old one. Take another."), field="new")
    proved = accounts.prove(context.get_session(), account.login, old, address=request.remote_addr or "")
    if proved != account.id:
        raise Refusal(mark("The old password is wrong."), field="old")
    accounts.change_own_password(context.get_session(), new, login=account.login)


def _whoever() -> accounts.SignedIn:
    account = context.current()
    if account is None:
        raise NotSignedIn
    return account


@bp.post("/language")
@anyone
def on_language() -> Response:
    """Change the language of the account, or of the browser before signing in."""
    chosen = forms.choice(request.form.get("language"), LANGUAGES, field="language")
    if context.current():
        accounts.choose_language(context.get_session(), chosen)
    g.pop("language", None)
    response = redirect(_own_path(request.form.get("next")))
    cookies.set_language(response, chosen)
    return response


def _own_path(written: str | None) -> str:
    """Return a path of this site to go on to; anything else leads to the first page."""
    path = written or "/"
    parts = urlsplit(path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if inside and path.isprintable() else "/"
