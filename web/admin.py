"""Administration: accounts with roles and areas, the audit trail, base maps, recorders and options."""

from dataclasses import asdict
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import accounts, areas, audit, basemaps, options, recorders
from data.types import Role
from web import forms, sheets
from web.context import get_session
from web.permission import allowed, note, require_account, require_everything
from web.problems import BadInput
from web.words import _, mark

bp = Blueprint("admin", __name__, url_prefix="/admin")

AUDIT_PAGE = 100
MOST_EXPORTED = 100_000
AUDIT_HEADERS = {
    "at": mark("Time"),
    "login": mark("Login"),
    "action": mark("Action"),
    "subject": mark("Subject"),
    "detail": mark("Details"),
    "address": mark("Address"),
}


@bp.get("/")
@allowed(Role.ADMIN)
def on_accounts() -> str:
    """List the accounts this administrator answers for."""
    return render_template("admin/accounts.html", accounts=accounts.everyone(get_session()), roles=list(Role))


@bp.post("/accounts")
@allowed(Role.ADMIN, act="account.create")
def on_new_account() -> str:
    """Make an account and show its one-time password, once."""
    login = forms.line(request.form.get("login"), field="login", most=40)
    made, password = accounts.create(
        get_session(),
        login,
        title=forms.line(request.form.get("title"), field="title", most=60),
        roles=_roles(),
        areas=[_area()],
    )
    note(login, account=made)
    return render_template("admin/password.html", account_of=accounts.one(get_session(), made), password=password)


@bp.get("/accounts/<int:account_id>")
@allowed(Role.ADMIN)
def on_account(account_id: int) -> str:
    """Show one account."""
    found = accounts.one(get_session(), account_id)
    return render_template("admin/account.html", account_of=found, roles=list(Role))


@bp.post("/accounts/<int:account_id>")
@allowed(Role.ADMIN, act="account.change")
def on_changing_account(account_id: int) -> Response:
    """Change title and roles of an account, or close it; its sessions end."""
    disabled = "disabled" in request.form
    if account_id == require_account().id and (disabled or Role.ADMIN not in _roles()):
        raise BadInput(mark("You cannot close your own account or take the administrator's role from yourself."))
    title = forms.line(request.form.get("title"), field="title", most=60)
    after = accounts.change(get_session(), account_id, title=title, roles=_roles(), disabled=disabled)
    note(after.login, title=title, roles=list(after.roles), disabled=disabled)
    return redirect(url_for("admin.on_account", account_id=account_id))


@bp.post("/accounts/<int:account_id>/password")
@allowed(Role.ADMIN, act="account.reset_password")
def on_resetting_password(account_id: int) -> str:
    """Give an account a new one-time password and show it, once."""
    password = accounts.reset_password(get_session(), account_id)
    found = accounts.one(get_session(), account_id)
    note(found.login)
    return render_template("admin/password.html", account_of=found, password=password)


@bp.post("/accounts/<int:account_id>/grants")
@allowed(Role.ADMIN, act="account.grant")
def on_granting(account_id: int) -> Response:
    """Let an account see one more area."""
    area = _area()
    accounts.grant(get_session(), account_id, area)
    note(accounts.one(get_session(), account_id).login, area=area)
    return redirect(url_for("admin.on_account", account_id=account_id))


@bp.post("/accounts/<int:account_id>/revoke")
@allowed(Role.ADMIN, act="account.revoke")
def on_revoking(account_id: int) -> Response:
    """Take an area from an account."""
    area = forms.whole(request.form.get("area_id"), field="area", default=0) or None
    login = accounts.one(get_session(), account_id).login
    accounts.revoke(get_session(), account_id, area)
    note(login, area=area)
    return redirect(url_for("admin.on_account", account_id=account_id))


@bp.get("/audit")
@allowed(Role.ADMIN)
def on_audit() -> str:
    """Show who did what, newest first."""
    wanted, page = _wanted(), forms.page(request.args, size=AUDIT_PAGE)
    return render_template(
        "admin/audit.html",
        rows=audit.rows(get_session(), wanted, limit=page.size, offset=page.offset),
        count=audit.count(get_session(), wanted),
        page=page,
        kinds=audit.kinds(get_session()),
    )


@bp.get("/audit.<any(csv, xlsx):form>")
@allowed(Role.ADMIN, act="audit.export")
def on_audit_export(form: str) -> Response:
    """Hand out the rows that match as a table."""
    rows = [dict(row) for row in audit.rows(get_session(), _wanted(), limit=MOST_EXPORTED)]
    note("", rows=len(rows))
    return sheets.answer(form, "audit", {key: _(title) for key, title in AUDIT_HEADERS.items()}, rows)


@bp.get("/settings")
@allowed(Role.ADMIN)
def on_settings() -> str:
    """Show base maps, recorders and options; changed by administrators of everything."""
    session = get_session()
    return render_template(
        "admin/settings.html",
        services=basemaps.services(session),
        crs=basemaps.CRS,
        recorders=recorders.templates(session),
        options=options.KNOWN,
        values=options.values(session),
        may_change=require_account().sees_everything,
    )


@bp.post("/maps/<int:map_id>")
@allowed(Role.ADMIN, act="basemap.change")
def on_map(map_id: int) -> Response:
    """Write a map service of the intranet, a new one for 0, or remove it."""
    require_everything()
    kept = basemaps.Service(
        id=map_id,
        name=forms.line(request.form.get("name"), field="name", least=1, most=60),
        url_template=forms.line(request.form.get("url"), field="url", least=1, most=1000),
        crs=forms.choice(request.form.get("crs"), basemaps.CRS, field="crs"),
        attribution=forms.line(request.form.get("attribution"), field="attribution", most=200),
        active="active" in request.form,
    )
    if "remove" in request.form:
        basemaps.remove(get_session(), map_id)
    else:
        basemaps.keep(get_session(), kept)
    # The address may hold a key, so the trail keeps the rest.
    note(kept.name, **{name: value for name, value in asdict(kept).items() if name != "url_template"})
    return redirect(url_for("admin.on_settings"))


@bp.post("/recorders")
@allowed(Role.ADMIN, act="recorder.change")
def on_recorder() -> Response:
    """Write how a vendor's recorders name their streams, or remove it."""
    require_everything()
    vendor = forms.line(request.form.get("vendor"), field="vendor", least=1, most=40)
    path = forms.line(request.form.get("path"), field="path", most=200)
    if "remove" in request.form:
        recorders.remove(get_session(), vendor)
    else:
        recorders.keep(get_session(), vendor, path)
    note(vendor, path=path)
    return redirect(url_for("admin.on_settings"))


@bp.post("/options/<name>")
@allowed(Role.ADMIN, act="option.change")
def on_option(name: str) -> Response:
    """Change an option."""
    require_everything()
    value = options.change(get_session(), name, request.form.get("value", ""))
    note(name, value=value)
    return redirect(url_for("admin.on_settings"))


def _roles() -> set[Role]:
    written = request.form.getlist("roles")
    return {Role(forms.choice(one, list(Role), field="roles")) for one in written}


def _area() -> int | None:
    """Return the area that was written as its code; None for everything."""
    if "everything" in request.form:
        return None
    return areas.id_of(get_session(), forms.line(request.form.get("area"), field="area", least=1, most=40))


def _wanted() -> audit.Wanted:
    since, until = request.args.get("since"), request.args.get("until")
    return audit.Wanted(
        login=request.args.get("login") or None,
        kind=request.args.get("kind") or None,
        subject=request.args.get("subject") or None,
        since=forms.start_of(forms.day(since, field="since")) if since else None,
        until=forms.start_of(forms.day(until, field="until") + timedelta(days=1)) if until else None,
    )
