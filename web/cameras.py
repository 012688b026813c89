"""Cameras at the desk: the table with its filters and columns, and one record with pictures, health and history."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from data import accounts, camera_changes, camera_files, cameras, completeness, wall
from data.cameras import Filter
from data.records import CAMERAS
from data.types import Fault, Health, RecordState, Role
from gis import files
from video import faults
from web import basemaps, camera_history, fields, forms, measured, permission
from web.context import get_session
from web.imports.export import frame_of
from web.permission import allowed, require_account
from web.problems import NotFound
from web.words import _, label, mark

bp = Blueprint("cameras", __name__)

STRIP = timedelta(days=7)
STRIP_WIDTH = 1000
PAGE = 50
MISSING = ("", "any", "none", *completeness.RULED)
STATE_TITLES = {
    "health": mark("Health"),
    "fault": mark("Fault"),
    "since": mark("Since"),
    "area": mark("Area"),
    "checked_at": mark("Looked at"),
    "missing": mark("Record"),
}
AT_FIRST = ("code", "name", "health", "since", "fault", "area", "address", "record_state")
CHOICES = "camera_columns"
ENCODINGS = ("utf-8-sig", "gb18030")
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


@bp.get("/cameras")
@allowed(Role.VIEWER)
def on_cameras() -> str:
    """Show the table of cameras, filtered, ordered and paged by the address."""
    wanted, page = wanted_by(request.args), forms.page(request.args, size=PAGE, most=200)
    order = request.args.get("sort", "code")
    deep = min(page.offset, cameras.DEEPEST_ROW)
    session = get_session()
    rows = cameras.listed(
        session, wanted, order=order.lstrip("-"), descending=order.startswith("-"), limit=page.size, offset=deep
    )
    counts = cameras.count_by_health(session, replace(wanted, health=""))
    total = counts.get(wanted.health, 0) if wanted.health else sum(counts.values())
    return render_template(
        "cameras/list.html",
        rows=rows,
        columns=_columns(),
        cells=_cells,
        counts=counts,
        total=total,
        wanted=wanted,
        order=order,
        order_by=_order_by,
        pages=_pages(page.number, page.size, total),
        address=_address,
        every_column=_every_column(),
        fields=fields,
        bulk=[field for field in CAMERAS.fields if field.is_editable and field.name != "name"],
        states=RecordState,
        healths=Health,
        faults=Fault,
        may_edit=permission.may(require_account(), Role.EDITOR),
        record=CAMERAS.by_name,
        rules=completeness.rules(session),
    )


@bp.post("/cameras/columns")
@allowed(Role.VIEWER)
def on_columns() -> AnyResponse:
    """Remember which columns this account wants to see."""
    known = _every_column()
    chosen = [name for name in request.form.getlist("column") if name in known]
    accounts.choose(get_session(), CHOICES, chosen or list(AT_FIRST))
    return redirect(_own_list(request.form.get("next", "")))


@bp.get("/cameras.<any(csv, xlsx, geojson):form>")
@allowed(Role.VIEWER, act="camera.export")
def on_export(form: str) -> Response:
    """Hand out the cameras of the filter, every field but passwords; the file can be imported again."""
    encoding = forms.choice(request.args.get("encoding"), ENCODINGS, field="encoding", default="utf-8-sig")
    rows = list(cameras.for_export(get_session(), wanted_by(request.args)))
    frame = frame_of(CAMERAS, rows, for_people=form != "geojson", timezone=current_app.config["TIMEZONE"])
    permission.note("cameras", rows=len(rows), form=form)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"cameras.{form}"
        files.write(frame, file, encoding=encoding)
        kind = KINDS[form].replace("utf-8", "gb18030") if encoding == "gb18030" else KINDS[form]
        response = Response(file.read_bytes(), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="cameras.{form}"'
    return response


@bp.get("/cameras/<code>")
@allowed(Role.VIEWER)
def on_camera(code: str) -> str:
    """Show one camera: record, last pictures with their age, a week of health, changes."""
    session, now = get_session(), datetime.now(UTC)
    camera = cameras.find(session, code)
    if camera is None:
        raise NotFound
    stretches = wall.stretches(session, camera["id"], until=now, lasting=STRIP)
    may_edit = permission.may(require_account(), Role.EDITOR)
    return render_template(
        "cameras/camera.html",
        camera=camera,
        standing=wall.camera_now(session, camera["id"]),
        groups=fields.by_group(),
        fields=fields,
        measured=list(measured.lines(cameras.facts(session, camera["id"]))),
        pictures=cameras.pictures(session, camera["id"]),
        files=camera_files.of_camera(session, camera["id"]),
        file_kinds=camera_files.KINDS,
        strip=_strip(stretches, now),
        known=_share(stretches),
        advice=_(faults.MEANINGS[Fault(camera["fault"])].advice) if camera["fault"] else "",
        changes=camera_history.told(camera_changes.history(session, camera["id"], at_most=10), camera),
        missing=completeness.lacking(completeness.rules(session), camera),
        may_edit=may_edit,
        start=_start(camera, may_edit=may_edit) | {"basemaps": basemaps.offered(session)},
        templates=sorted(cameras.stream_templates(session)),
    )


def _start(camera: Mapping[str, Any], *, may_edit: bool) -> dict[str, Any]:
    """Return what the scripts of the page begin with."""
    names = ("id", "code", "version", "lng", "lat", "bearing_deg", "bearing_doubt_deg", "hfov_deg", "reach_m")
    return {name: camera[name] for name in names} | {"may_edit": may_edit}


def wanted_by(given: Mapping[str, str]) -> Filter:
    """Return the filter that the arguments of an address ask for. Raises BadInput."""
    level = forms.whole(given.get("class"), field="class", default=0, low=0, high=9)
    return Filter(
        words=forms.line(given.get("q"), field="q", most=80),
        health=forms.word(given.get("health"), Health, field="health") or "",
        record_state=forms.word(given.get("state"), RecordState, field="state") or "",
        monitor_class=level or None,
        fault=forms.word(given.get("fault"), Fault, field="fault") or "",
        area=forms.line(given.get("area"), field="area", most=64),
        missing=forms.choice(given.get("missing") or "", MISSING, field="missing"),
    )


def _every_column() -> dict[str, str]:
    """Return every column a person may choose, with its title, in the order of the record."""
    record = {field.name: fields.title(field) for field in CAMERAS.fields if field.column}
    states = {name: _(words) for name, words in STATE_TITLES.items()}
    return {"code": record.pop("code"), "name": record.pop("name"), **states, **record}


def _columns() -> dict[str, str]:
    """Return the columns this account chose, with their titles."""
    every = _every_column()
    chosen = require_account().choices.get(CHOICES) or AT_FIRST
    return {name: every[name] for name in every if name in chosen or name in ("code", "name")}


def _cells(row: Mapping[str, Any], name: str) -> str:
    """Return a cell of the table in words; times and health have a look of their own in the template."""
    if name == "fault":
        return label("Fault", row["fault"])
    if name == "area":
        return row["area"] or _("in no area")
    if name == "missing":
        return fields.missing_words(row["missing"])
    return fields.in_words(row[name], CAMERAS.by_name[name])


def _order_by(name: str, now: str) -> str:
    """Return the order a click on a header asks for: up first, down on the second click."""
    return f"-{name}" if now == name else name


def _address(**changed: object) -> str:
    """Return the address of this list with some of its words changed."""
    kept = wanted_by(request.args).as_arguments() | {
        name: request.args[name] for name in ("sort", "size") if name in request.args
    }
    said = kept | {name: str(value) for name, value in changed.items()}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/cameras?{query}" if query else "/cameras"


def _own_list(written: str) -> str:
    return written if written.startswith("/cameras") and written.isprintable() else "/cameras"


def _pages(number: int, size: int, total: int) -> dict[str, int]:
    last = max(1, -(-min(total, cameras.DEEPEST_ROW) // size))
    shown = min(number, last)
    return {
        "number": shown,
        "last": last,
        "first_row": min((shown - 1) * size + 1, total),
        "last_row": min(shown * size, total),
    }


def _strip(stretches: list[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return the week as pieces of a drawing STRIP_WIDTH wide; what no stretch covers stays empty."""
    scale = STRIP_WIDTH / STRIP.total_seconds()
    return [
        {
            "x": round((one["since"] - (now - STRIP)).total_seconds() * scale, 2),
            "width": max(1.0, round((one["until"] - one["since"]).total_seconds() * scale, 2)),
            **one,
        }
        for one in stretches
    ]


def _share(stretches: list[Mapping[str, Any]]) -> dict[str, float]:
    """Return hours known and hours online of the week, the two sides of the online rate."""
    hours = dict.fromkeys(Health, 0.0)
    for one in stretches:
        hours[Health(one["health"])] += (one["until"] - one["since"]).total_seconds() / 3600
    known = sum(hours.values()) - hours[Health.UNKNOWN]
    seen = hours[Health.ONLINE]
    return {
        "known_h": round(known, 1),
        "online_h": round(seen, 1),
        "share": round(100 * seen / known, 2) if known else 0.0,
    }
