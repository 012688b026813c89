"""The monthly assessment: the page of a month, the cameras behind each figure, submitting, and how rates count."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from data import rates, reports
from data.types import Role
from video.rates import MEANINGS, Measure, Of, Sums, figure
from web import forms, permission
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput
from web.reports import charts, paper, wording, workbook
from web.reports.assessment import LIVE, Assessment, assess, basis_now, submit
from web.reports.document import as_json
from web.words import mark

bp = Blueprint("reports", __name__)

PAGE = 100
# The groups every page shows beside the one that was chosen.
ALWAYS = ("town", "village", "vendor")
MEASURES_OF_A_GROUP = (Measure.ONLINE, Measure.ONLINE_CAMERAS, Measure.PICTURE, Measure.INTACT, Measure.POSITION,
                       Measure.RECORD, Measure.CLOCK, Measure.LABELLING, Measure.RECORDING)  # fmt: skip
KINDS_OF_FILE = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook.write),
    "pdf": ("application/pdf", paper.write),
}


@bp.get("/reports")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show a month: rates with what they are made of, days, groups, outages and versions."""
    session, kind = get_session(), _kind()
    found = _assessed((*ALWAYS, kind))
    versions = reports.versions(session, found.turn.day, found.area["code"])
    return render_template(
        "reports/month.html",
        found=found,
        title=wording.title(found),
        notes=list(wording.notes(found)),
        kind=kind,
        months=_months(found),
        versions=versions,
        charts=charts.charts_of(found, kind),
        wording=wording,
        shown_measures=MEASURES_OF_A_GROUP,
        address=_address,
        live=LIVE,
        former=found.report.body.get("former") if found.report else None,
        measures={str(one): words for one, words in wording.MEASURES.items()},
        percent_of=_percent_of,
        may_submit=permission.may(require_account(), Role.EDITOR),
        may_weigh=_may_weigh(),
    )


@bp.get("/reports/cameras")
@allowed(Role.VIEWER)
def on_cameras() -> str:
    """Show the cameras behind a figure, those that cost most first; they add up to it."""
    session, kind, page = get_session(), _kind(), forms.page(request.args, size=PAGE)
    measure = Measure(forms.choice(request.args.get("measure"), list(Measure), field="measure", default="online"))
    key = request.args.get("key")
    found = _assessed((kind,))
    group = next((one for one in found.groups[kind] if one.key == key), None) if key is not None else found.whole
    if group is None:
        raise BadInput(mark("There is no such group in this month."), field="key")
    rows = rates.cameras(
        session,
        found.of,
        by=kind if key is not None else "",
        key=key or "",
        order=_missing_in(measure, found.basis[measure].of),
        limit=page.size,
        offset=page.offset,
    )
    return render_template(
        "reports/cameras.html",
        found=found,
        title=wording.title(found),
        kind=kind,
        key=key,
        group=group,
        whole=group.of(measure),
        measure=measure,
        rows=[(row, figure(measure, Sums.of(row), found.basis[measure])) for row in rows],
        wording=wording,
        page=page,
        address=_address,
        is_more=len(rows) == page.size,
    )


@bp.get("/reports/month.<any(xlsx, pdf):form>")
@allowed(Role.VIEWER, act="report.export")
def on_file(form: str) -> Response:
    """Hand out a month as a table or on paper."""
    kinds = tuple(rates.GROUPS)
    found = _assessed(kinds)
    content_type, write = KINDS_OF_FILE[form]
    file = BytesIO()
    write(get_session(), found, file)
    permission.note(wording.month(found.turn.day), form=form, area=found.area["code"])
    answer = Response(file.getvalue(), content_type=content_type)
    name = "-".join(part for part in ("report", wording.month(found.turn.day), found.area["code"]) if part)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


@bp.get("/api/v1/reports")
@allowed(Role.VIEWER)
def on_document() -> Response:
    """Return a month: ?month=2026-06, ?area= a code, ?version= a submitted one or 0 for live, ?by= a group."""
    kind = _kind()
    return jsonify(as_json(_assessed((kind,)), kind))


@bp.post("/reports")
@allowed(Role.EDITOR, act="report.submit")
def on_submit() -> AnyResponse:
    """Freeze a month as it is counted now; a further time makes a new version."""
    session, now = get_session(), datetime.now(UTC)
    found = assess(
        session,
        month=_month(request.form.get("month")),
        area_code=forms.line(request.form.get("area"), field="area", most=64),
        version=LIVE,
        now=now,
        zone=_zone(),
        kinds=(),
    )
    reason = forms.line(request.form.get("reason"), field="reason", most=200)
    version = submit(session, found, at=now, account_id=require_account().id, reason=reason)
    permission.note(wording.month(found.turn.day), area=found.area["code"], version=version)
    return redirect(_address(month=wording.month(found.turn.day), area=found.area["code"] or None, version=version))


@bp.get("/reports/basis")
@allowed(Role.VIEWER)
def on_basis() -> str:
    """Show how the rates count: weights, denominators and targets."""
    basis = basis_now(get_session())
    return render_template(
        "reports/basis.html",
        basis=basis,
        meanings=MEANINGS,
        wording=wording,
        total=sum(one.weight for one in basis.values()),
        may_weigh=_may_weigh(),
    )


@bp.post("/reports/basis")
@allowed(Role.ADMIN, act="report.basis")
def on_weigh() -> AnyResponse:
    """Change how the rates count from now on; submitted months keep what they were counted by."""
    session = get_session()
    for measure in Measure:
        offered = [str(of) for of in MEANINGS[measure].denominators]
        target = request.form.get(f"target-{measure}", "").strip()
        rates.change_basis(
            session,
            measure,
            weight=forms.whole(request.form.get(f"weight-{measure}"), field="weight", high=100),
            of=forms.choice(request.form.get(f"of-{measure}"), offered, field="of"),
            target=forms.number(target, field="target", low=0, high=100) if target else None,
        )
    return redirect("/reports/basis")


def _assessed(kinds: tuple[str, ...]) -> Assessment:
    """Return the month that ?month=&area=&version= ask for; last month if none is named."""
    given = request.args
    version = forms.whole(given.get("version"), field="version", default=-1, low=-1, high=10_000)
    return assess(
        get_session(),
        month=_month(given.get("month")),
        area_code=forms.line(given.get("area"), field="area", most=64),
        version=None if version < 0 else version,
        now=datetime.now(UTC),
        zone=_zone(),
        kinds=tuple(dict.fromkeys(kinds)),
    )


def _month(written: str | None) -> date:
    """Return the month written 2026-06; the last one that is over for nothing written."""
    text = (written or "").strip()
    if not text:
        return wording.month_before(datetime.now(_zone()).date())
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadInput(mark("%(field)s must be a month written 2026-01."), field="month") from None


def _months(found: Assessment) -> list[str]:
    """Return the months to choose from, the newest first, the shown one among them."""
    there = {wording.month(one) for one in rates.months(get_session())} | {wording.month(found.turn.day)}
    return sorted(there, reverse=True)


def _kind() -> str:
    return forms.choice(request.args.get("by"), rates.GROUPS, field="by", default="town")


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])


def _address(path: str = "/reports", **changed: object) -> str:
    """Return an address of the same month with some of its words changed; None leaves one out."""
    kept = {name: request.args[name] for name in ("month", "area", "version", "by") if request.args.get(name)}
    said = {name: value for name, value in (kept | changed).items() if value is not None}
    return f"{path}?{urlencode(said)}" if said else path


def _missing_in(measure: Measure, of: Of) -> list[str]:
    """Return the sums that a rate's denominator has and its numerator lacks: what costs it points."""
    meaning = MEANINGS[measure]
    lost = set(meaning.denominators[of]) - set((meaning.numerators or {}).get(of, meaning.numerator))
    return [name for name in meaning.denominators[of] if name in lost and name.endswith(("_s", "_days"))]


def _percent_of(pair: Mapping[int, int] | list[int]) -> str:
    return wording.percent_of(pair[0], pair[1])


def _may_weigh() -> bool:
    account = require_account()
    return permission.may(account, Role.ADMIN) and account.sees_everything
