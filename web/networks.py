"""Allowed networks: where devices may be contacted, at which rate they are swept, and the login of their devices."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import networks, settings
from data.networks import Network
from data.types import Role
from web import forms
from web.context import get_session
from web.permission import allowed, note, require_account, require_everything
from web.problems import BadInput
from web.words import mark

bp = Blueprint("networks", __name__, url_prefix="/admin/networks")


@bp.get("")
@allowed(Role.ADMIN)
def on_networks() -> str:
    """List the networks whose devices may be contacted."""
    return render_template(
        "admin/networks.html",
        networks=networks.networks(get_session()),
        fresh=Network(),
        site=settings.get().probe_site,
        may_change=require_account().sees_everything,
    )


@bp.post("/<int:network_id>")
@allowed(Role.ADMIN, act="network.change")
def on_network(network_id: int) -> Response:
    """Write a network, a new one for 0, or remove it."""
    require_everything()
    if "remove" in request.form:
        note(networks.find(get_session(), network_id).cidr, removed=True)
        networks.remove(get_session(), network_id)
    else:
        password, forget = request.form.get("password", ""), "forget_login" in request.form
        kept = networks.keep(get_session(), _written(network_id), password=password, forget_login=forget)
        note(kept.cidr, name=kept.name, sweep=kept.sweep, rate_per_s=kept.rate_per_s, site=kept.probe_site)
        note(user=kept.username, new_password=bool(password))
    return redirect(url_for("networks.on_networks"))


def _written(network_id: int) -> Network:
    form = request.form
    return Network(
        id=network_id,
        cidr=forms.line(form.get("cidr"), field="cidr", least=1, most=60),
        name=forms.line(form.get("name"), field="name", least=1, most=60),
        probe_site=forms.line(form.get("probe_site"), field="probe_site", most=40),
        sweep="sweep" in form,
        rate_per_s=forms.whole(form.get("rate_per_s"), field="rate_per_s", default=20, low=1, high=500),
        rtsp_ports=_ports("rtsp_ports"),
        onvif_ports=_ports("onvif_ports"),
        username=forms.line(form.get("username"), field="username", most=60) or None,
    )


def _ports(field: str) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,，、]+", request.form.get(field, "")) if word]
    if not all(word.isascii() and word.isdigit() and len(word) <= 5 for word in words):
        raise BadInput(mark("Write ports as 554, 8554."), field=field)
    return tuple(dict.fromkeys(map(int, words)))
