"""The state of the records: how complete they are, what each class must have, which may be doubles, and new codes."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from data import cameras, completeness, duplicates, options
from data.cameras import Filter
from data.completeness import RecordRate
from data.records.cameras import CLASSES, MONITOR_CLASSES
from data.types import Role
from gis import codes
from gis.errors import BadCode
from gis.twins import Identity, Sameness, Twin, twins
from web import fields, forms, permission, words
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput, NotAllowed
from web.words import _, mark

bp = Blueprint("records", __name__)

MOST_SHOWN = 500
MOST_CODES = 200
SHARED = {
    Sameness.STREAM: mark("Same stream address"),
    Sameness.CHANNEL: mark("Same channel of the recorder"),
    Sameness.ADDRESS: mark("Same IP address"),
    Sameness.MAC: mark("Same MAC address"),
    Sameness.PLACE: mark("Same place and direction"),
}
INDUSTRIES = {"00": mark("Road"), "01": mark("Community"), "02": mark("Internal"), "03": mark("Other public security"),
              "08": mark("City management"), "11": mark("Education")}  # fmt: skip
KINDS = {132: mark("Network camera"), 131: mark("Camera"), 134: mark("One-key alarm"), 118: mark("Network recorder")}


@bp.get("/records")
@allowed(Role.VIEWER)
def on_records() -> str:
    """Show the record rate of every class inside ?area=, what is missing where, and the rules behind it."""
    session = get_session()
    area = forms.line(request.args.get("area"), field="area", most=64)
    rates = cameras.record_rates(session, Filter(area=area))
    return render_template(
        "records/records.html",
        area=area,
        rates=rates,
        total=_total(rates),
        class_name=class_name,
        classes=CLASSES,
        rules=completeness.rules(session),
        fields=fields,
        may_change=_may_change(),
        industries=INDUSTRIES,
        kinds=KINDS,
        may_edit=permission.may(require_account(), Role.EDITOR),
    )


@bp.post("/records/rules")
@allowed(Role.ADMIN, act="record.rules")
def on_rules() -> AnyResponse:
    """Decide which class must have which field, for the whole installation."""
    if not _may_change():
        raise NotAllowed(
            mark("This holds for the whole installation; an administrator who sees everything changes it.")
        )
    session = get_session()
    before = completeness.rules(session)
    after = _rules(request.form)
    for name, classes in after.items():
        if classes != before[name]:
            completeness.decide(session, name, classes)
    permission.note("rules", changed=sorted(name for name in after if after[name] != before[name]))
    return redirect("/records#rules")


@bp.get("/records/duplicates")
@allowed(Role.VIEWER)
def on_duplicates() -> str:
    """List cameras that may be in the records twice, by what they share; ?shared= shows one kind alone."""
    session = get_session()
    shared = forms.choice(request.args.get("shared"), SHARED, field="shared", default="")
    devices = [Identity(**row) for row in duplicates.identities(session)]
    found = twins(devices, within_m=options.value(session, "duplicates_within_m"))
    shown = [twin for twin in found if not shared or twin.sameness == shared]
    return render_template(
        "records/duplicates.html",
        counts={kind: sum(twin.sameness is kind for twin in found) for kind in Sameness},
        pairs=[_pair(twin, devices) for twin in shown[:MOST_SHOWN]],
        more=max(0, len(shown) - MOST_SHOWN),
        titles=SHARED,
        shared=shared,
        cameras=len(devices),
    )


@bp.get("/api/v1/codes/next")
@allowed(Role.EDITOR)
def on_next_codes() -> Response:
    """Return the ?most= next free 20-digit codes of a ?centre=, ?industry=, ?device= type and ?network=."""
    given = request.args
    try:
        first = codes.device_code(
            centre=forms.line(given.get("centre"), field="centre", most=8),
            industry=forms.line(given.get("industry") or "01", field="industry", most=2),
            kind=forms.whole(given.get("device"), field="device", default=132, high=999),
            network=forms.whole(given.get("network"), field="network", default=0, high=9),
            serial=0,
        )
    except BadCode as refused:
        raise BadInput(str(refused).replace("%", "%%"), field="centre") from refused
    most = forms.whole(given.get("most"), field="most", default=1, low=1, high=MOST_CODES)
    serials = cameras.next_serials(get_session(), first.code[:14], most)
    return jsonify(codes=[f"{first.code[:14]}{serial:06d}" for serial in serials])


def class_name(number: int) -> str:
    """Return what a monitor class is called, also the absence of one."""
    found = next((one for one in MONITOR_CLASSES if one.value == number), None)
    if found is None:
        return _("no class written")
    return found.zh if words.language() == words.DEFAULT else found.en


def _total(rates: list[RecordRate]) -> RecordRate:
    lacking: dict[str, int] = {}
    for one in rates:
        for name, count in one.lacking.items():
            lacking[name] = lacking.get(name, 0) + count
    return RecordRate(
        monitor_class=-1,
        complete=sum(one.complete for one in rates),
        cameras=sum(one.cameras for one in rates),
        lacking=dict(sorted(lacking.items(), key=lambda pair: -pair[1])),
    )


def _rules(form: MultiDict[str, str]) -> Mapping[str, frozenset[int]]:
    """Return what the boxes of the form say: "field:class" for each that is ticked."""
    ticked = {name: set[int]() for name in completeness.RULED}
    for box in form.getlist("rule"):
        name, _colon, number = box.partition(":")
        if name in ticked:
            ticked[name].add(forms.whole(number, field="rule", high=9))
    return {name: frozenset(classes) for name, classes in ticked.items()}


def _pair(twin: Twin, devices: list[Identity]) -> dict[str, Any]:
    return {"shared": twin.sameness, "first": devices[twin.first], "second": devices[twin.second]}


def _may_change() -> bool:
    account = require_account()
    return permission.may(account, Role.ADMIN) and account.sees_everything
