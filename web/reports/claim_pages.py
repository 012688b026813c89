"""Superiors' lists (通报): hand one in, see it beside our evidence, hand it out as a table."""

import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from data import claims, persons, rates
from data.types import Role
from video.claims import Finding
from web import permission, sheets
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput
from web.reports import claims as reading
from web.words import _, clock, label, mark

bp = Blueprint("claims", __name__)

FINDINGS: Mapping[str, str] = {
    Finding.AGREES: mark("Agrees"),
    Finding.DISPUTED: mark("Disputed"),
    Finding.NO_EVIDENCE: mark("No evidence"),
    Finding.UNREADABLE: mark("Cannot be read"),
}
COLUMNS = {
    "row": mark("Row"),
    "code": mark("Code"),
    "name": mark("Name"),
    "claimed": mark("Claimed"),
    "since": mark("Begins"),
    "until": mark("Ends"),
    "finding": mark("Comparison"),
    "as_claimed_s": mark("As claimed s"),
    "against_s": mark("Against it s"),
    "unknown_s": mark("Not known s"),
    "evidence": mark("Evidence"),
    "looks": mark("Last looks"),
    "picture": mark("Picture taken"),
}


@bp.get("/reports/claims")
@allowed(Role.VIEWER)
def on_lists() -> str:
    """Show the lists that were handed in."""
    return render_template(
        "reports/claims.html", lists=claims.lists(get_session()), findings=FINDINGS, headers=reading.HEADERS
    )


@bp.post("/reports/claims")
@allowed(Role.EDITOR, act="claims.compare")
def on_upload() -> AnyResponse:
    """Read a list, compare each row with our evidence, and keep it as compared."""
    file = request.files.get("file")
    name = re.split(r"[\\/]", file.filename or "")[-1].strip()[-120:] if file else ""
    suffix = Path(name).suffix.lower()
    if file is None or suffix not in (".csv", ".xlsx"):
        raise BadInput(mark("Choose a list as .xlsx or .csv."), field="file")
    if persons.personal_data_in(name):
        raise BadInput(mark("The name of the file holds a number of a person. Rename it."), field="file")
    session = get_session()
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / f"list{suffix}"
        file.save(stored)
        found = reading.match(session, reading.read(stored, ZoneInfo(current_app.config["TIMEZONE"])))
    path = rates.place(session, "")["path"]
    kept = list(reading.compared(session, found))
    number = claims.keep(
        session, kept, file_name=name, path=path, at=datetime.now(UTC), account_id=require_account().id
    )
    permission.note(number, rows=len(kept), file=name)
    return redirect(f"/reports/claims/{number}")


@bp.get("/reports/claims/<int:list_id>")
@allowed(Role.VIEWER)
def on_list(list_id: int) -> str:
    """Show a list device by device beside our evidence."""
    head, rows = claims.find(get_session(), list_id)
    wanted = request.args.get("finding", "")
    return render_template(
        "reports/claim_list.html",
        head=head,
        rows=[row for row in rows if wanted in ("", row["finding"])],
        counts={finding: sum(row["finding"] == finding for row in rows) for finding in FINDINGS},
        wanted=wanted,
        findings=FINDINGS,
        said=_said,
        moment=_moment,
    )


@bp.get("/reports/claims/<int:list_id>.<any(xlsx, csv):form>")
@allowed(Role.VIEWER, act="claims.export")
def on_file(list_id: int, form: str) -> Response:
    """Hand out a list with its findings and the evidence in words."""
    _head, rows = claims.find(get_session(), list_id)
    return sheets.answer(
        form, f"claims-{list_id}", {name: _(words) for name, words in COLUMNS.items()}, map(_plain, rows)
    )


def _plain(row: claims.Row) -> dict[str, Any]:
    evidence = row["evidence"]
    finding = FINDINGS[row["finding"]]
    return {
        **row,
        **{name: evidence.get(name) for name in ("as_claimed_s", "against_s", "unknown_s")},
        "finding": _(finding),
        "evidence": _said(evidence),
        "looks": "；".join(f"{_moment(one['at'])} {label('Fault', one['fault'])}" for one in evidence.get("looks", ())),
        "picture": _moment(evidence["picture"]["at"]) if evidence.get("picture") else "",
    }


def _said(evidence: Mapping[str, Any]) -> str:
    """Return the stretches of the time in words, or why there are none."""
    reason = evidence.get("reason")
    if reason:
        return _(reason)
    told = (
        f"{_moment(one['since'])}–{_moment(one['until'])} {label('Health', one['health'])}"
        f"{' ' + label('Fault', one['fault']) if one['fault'] else ''}"
        for one in evidence.get("stretches", ())
    )
    return "；".join(told) or _("Nothing is known of this time.")


def _moment(written: str | None) -> str:
    return clock(datetime.fromisoformat(written), "%m-%d %H:%M") if written else ""
