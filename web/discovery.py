"""Search for devices on the networks that may be searched: run it, look at what stands how, add it to the record."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import areas, camera_changes, discovery, found, networks, settings
from data.discovery import Run
from data.records import CAMERAS, BadValue, read
from data.types import Role, Standing
from video.address import on_host
from web import forms
from web.context import get_session
from web.permission import allowed, note, require_account, require_everything
from web.problems import BadInput
from web.words import _, label, mark

bp = Blueprint("discovery", __name__)

PAGE = 100
MOST_ADDED = 200
# Of these the first is what somebody comes for.
SHOWN_FIRST = (Standing.NEW, Standing.MOVED, Standing.CHANGED, Standing.GONE, Standing.KNOWN, Standing.OUTSIDE)


@bp.get("/discovery")
@allowed(Role.ADMIN)
def on_discovery() -> str:
    """Show the networks that may be searched, the last searches, and what was found."""
    session, page = get_session(), forms.page(request.args, size=PAGE)
    wanted = forms.word(request.args.get("standing"), Standing, field="standing")
    in_network = forms.whole(request.args.get("network"), field="network", default=0) or None
    standing = str(wanted or "")
    return render_template(
        "discovery/discovery.html",
        networks=[one for one in networks.networks(session) if one.sweep],
        runs=[_shown(run) for run in discovery.latest(session, at_most=5)],
        counts=found.count_by_standing(session),
        standings=SHOWN_FIRST,
        wanted=wanted,
        in_network=in_network,
        rows=found.listed(session, standing=standing, network_id=in_network, limit=page.size, offset=page.offset),
        total=found.count(session, standing=standing, network_id=in_network),
        page=page,
        may_change=require_account().sees_everything,
    )


@bp.get("/api/v1/discovery")
@allowed(Role.ADMIN)
def on_state() -> Response:
    """Return the last searches with how far they are, and how many devices stand how."""
    session = get_session()
    return jsonify(
        runs=[_shown(run) for run in discovery.latest(session, at_most=5)], counts=found.count_by_standing(session)
    )


@bp.post("/discovery")
@allowed(Role.ADMIN, act="discovery.run")
def on_run() -> Response:
    """Ask for a search of some networks; a worker of each one's site does it."""
    require_everything()
    chosen = [forms.whole(one, field="network") for one in request.form.getlist("network")]
    of_site: defaultdict[str, list[int]] = defaultdict(list)
    for network in networks.networks(get_session()):
        if network.id in chosen and network.sweep:
            of_site[network.probe_site or settings.get().probe_site].append(network.id)
    if not of_site:
        raise BadInput(mark("Choose at least one network that may be searched."), field="network")
    runs = [
        discovery.ask(get_session(), kind="sweep", probe_site=site, network_ids=ids, account_id=require_account().id)
        for site, ids in sorted(of_site.items())
    ]
    note(",".join(map(str, runs)), networks=chosen)
    return redirect(url_for("discovery.on_discovery"))


@bp.post("/discovery/<int:run_id>/stop")
@allowed(Role.ADMIN, act="discovery.stop")
def on_stop(run_id: int) -> Response:
    """Stop a search; what was found so far stays."""
    require_everything()
    discovery.find(get_session(), run_id)
    discovery.cancel(get_session(), run_id)
    note(run_id)
    return redirect(url_for("discovery.on_discovery"))


@bp.post("/discovery/add")
@allowed(Role.ADMIN, act="discovery.add")
def on_add() -> Response:
    """Ask for cameras to be made of chosen devices; a worker tries the login of their network once on each."""
    require_everything()
    chosen = [forms.whole(one, field="found") for one in request.form.getlist("found")]
    if not 1 <= len(chosen) <= MOST_ADDED:
        raise BadInput(mark("Choose from 1 to %(most)s devices."), field="found", most=MOST_ADDED)
    session, account = get_session(), require_account()
    area = forms.line(request.form.get("area"), field="area", most=40)
    choices = {
        "devices": [{"found_id": one, "code": _given("code", one), "name": _given("name", one)} for one in chosen],
        "area_id": areas.id_of(session, area) if area else None,
    }
    run = discovery.ask(session, kind="add", probe_site=_site_of(chosen), choices=choices, account_id=account.id)
    note(run, devices=len(chosen), area=area)
    return redirect(url_for("discovery.on_discovery"))


@bp.post("/discovery/found/<int:found_id>")
@allowed(Role.ADMIN, act="discovery.settle")
def on_found(found_id: int) -> Response:
    """Take a moved or exchanged device into the record of its camera, or forget what was found."""
    require_everything()
    session = get_session()
    device = found.find(session, found_id)
    if "accept" in request.form:
        _accept(device)
        found.settle(session, found_id)
    else:
        found.forget(session, found_id)
    note(device["camera_code"] or device["ip"], standing=device["standing"], accepted="accept" in request.form)
    return redirect(url_for("discovery.on_discovery", standing=device["standing"]))


def _accept(device: Mapping[str, Any]) -> None:
    if device["standing"] not in (Standing.MOVED, Standing.CHANGED) or not device["camera_code"]:
        raise BadInput(mark("Only a moved or exchanged device can be taken into the record."))
    camera_changes.change(
        get_session(),
        device["camera_code"],
        _where(device) if device["standing"] == Standing.MOVED else _what(device),
        version=device["camera_version"],
        at=datetime.now(UTC),
        account_id=require_account().id,
        reason="discovery",
    )


def _where(device: Mapping[str, Any]) -> dict[str, Any]:
    """Return the addresses of a camera on the host it was found at."""
    ip = device["ip"]
    named = {name: on_host(device[f"camera_{name}"], ip) for name in ("rtsp_url", "onvif_url")}
    values = {name: value for name, value in named.items() if value}
    return values | {"ipv6" if ":" in ip else "ipv4": ip}


def _what(device: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a device says it is, where it says so."""
    return {name: device[name] for name in ("mac", "vendor", "model", "firmware") if device[name]}


def _given(field: str, found_id: int) -> str:
    written = forms.line(request.form.get(f"{field}-{found_id}"), field=field, most=100)
    try:
        return str(read(written, CAMERAS.by_name[field])) if written else ""
    except BadValue as wrong:
        raise BadInput(str(wrong).replace("%", "%%"), field=field) from wrong


def _site_of(chosen: list[int]) -> str:
    """Return the site that looks at all of these devices."""
    session = get_session()
    of = {one.id: one.probe_site for one in networks.networks(session)}
    sites = {of.get(found.find(session, one)["network_id"], "") or settings.get().probe_site for one in chosen}
    if len(sites) > 1:
        raise BadInput(mark("These devices are looked at from different sites. Add those of one site at a time."))
    return sites.pop()


def _shown(run: Run) -> dict[str, Any]:
    """Return a run as the page shows it, its words in the language of the page."""
    report = run.report or {}
    lines = [
        {"result": one["result"], "code": one.get("code", ""), "said": _line(one)} for one in report.get("devices", ())
    ]
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "state_label": label("DiscoveryState", run.state),
        "kind_label": label("DiscoveryKind", run.kind),
        "at": run.asked_at.isoformat(),
        "done": run.done,
        "total": run.total,
        "found": run.found,
        "is_open": run.is_open,
        "lines": lines,
        "has_trouble": any("refused" in (one["result"], one.get("login")) for one in report.get("devices", ())),
    }


def _line(one: Mapping[str, Any]) -> str:
    if one["result"] == "refused":
        sentence = one["reason"]
        return _(sentence, **one.get("values", {}))
    return label("LoginOutcome", one["login"])
