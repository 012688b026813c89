"""The import page: upload a file, say what its columns are, look at the dry run, apply."""

import re
import secrets
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from data import persons, queue
from data.imports import runs
from data.imports.runs import ImportRun
from data.records import RECORDS
from data.types import ImportReport, Level, Problem, Role, Severity
from gis.errors import Refused
from web import fields, forms, permission
from web.context import get_session
from web.imports import preview
from web.imports import report as reports
from web.imports.export import template
from web.imports.order import BadOrder, BearingKind, CodeFrom, from_choices
from web.imports.phrases import in_chinese
from web.permission import allowed, require_account
from web.problems import BadInput
from web.words import DEFAULT, language, mark

bp = Blueprint("imports", __name__)

READABLE = (".xlsx", ".csv", ".tsv", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".parquet", ".pbf")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_PROBLEMS = 300
KINDS = {
    "areas": mark("Areas"),
    "cameras": mark("Cameras"),
    "buttons": mark("Buttons"),
    "buildings": mark("Buildings"),
    "roads": mark("Roads"),
    "places": mark("Places"),
    "incidents": mark("Incidents"),
}


@bp.get("/import")
@allowed(Role.EDITOR)
def on_imports() -> str:
    """Show the upload form, the templates and the last imports."""
    latest = runs.latest(get_session())
    return render_template("imports/upload.html", kinds=KINDS, runs=latest, readable=READABLE)


@bp.post("/import")
@allowed(Role.EDITOR, act="import.upload")
def on_upload() -> AnyResponse:
    """Keep a file under a random name and go on to its page."""
    kind = forms.choice(request.form.get("kind"), KINDS, field="kind")
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput(mark("Choose a file to import."), field="file")
    name = _checked_name(file.filename)
    stored = _keep(file, Path(name).suffix.lower())
    number = runs.add(get_session(), account_id=require_account().id, kind=kind, file_name=name, stored_as=stored)
    permission.note(number, kind=kind, file=name)
    return redirect(url_for("imports.on_run", run_id=number))


@bp.get("/import/<int:run_id>")
@allowed(Role.EDITOR)
def on_run(run_id: int) -> str:
    """Show a file: its columns with a field for each, the options, and the report."""
    found = runs.find(get_session(), run_id)
    record = RECORDS[found.kind]
    seen: dict[str, Any] = (
        preview.of_file(_file_of(found), found.kind) if _file_of(found).exists() else {"error": _gone()}
    )
    named = {field.name: fields.title(field) for field in record.fields}
    return render_template(
        "imports/run.html",
        run=found,
        kinds=KINDS,
        seen=seen,
        said=_said,
        named=named,
        field_of=_field_of(found, seen),
        levels=Level,
        bearings=BearingKind,
        code_froms=CodeFrom,
        timezone=current_app.config["TIMEZONE"],
        start={"id": found.id, "state": found.state, "recognised": seen.get("columns", {})},
    )


@bp.get("/api/v1/imports/<int:run_id>")
@allowed(Role.EDITOR)
def on_state(run_id: int) -> Response:
    """Return how far a run is, its report, and whether it still waits for a worker."""
    session = get_session()
    found = runs.find(session, run_id)
    report = dict(found.report) if found.report else None
    if report:
        report["problem_count"] = len(report["problems"])
        shown = report["problems"][:SHOWN_PROBLEMS]
        report["problems"] = [one | {"reason": _said(one["reason"])} for one in shown]
    return jsonify(
        state=found.state, report=report, waits=found.state in runs.BUSY and runs.waits_for_worker(session, run_id)
    )


@bp.post("/api/v1/imports/<int:run_id>/<any(check, apply):step>")
@allowed(Role.EDITOR, act="import.run")
def on_step(run_id: int, step: str) -> tuple[Response, int]:
    """Ask for the dry run or the import of a file, with these choices; a worker does it."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput(mark("Send one JSON object."))
    session = get_session()
    found = runs.find(session, run_id)
    try:
        choices = from_choices(found.kind, _file_of(found), _known(body)).as_choices()
    except BadOrder as wrong:
        raise BadInput(str(wrong).replace("%", "%%"), field="choices") from wrong
    runs.begin(session, run_id, "checking" if step == "check" else "applying", choices)
    queue.ask_as_account(session, f"{step}_import", {"run_id": run_id})
    permission.note(run_id, kind=found.kind, step=step, file=found.file_name)
    return jsonify(state="checking" if step == "check" else "applying"), 202


@bp.get("/import/<int:run_id>/problems.<any(xlsx, csv):form>")
@allowed(Role.EDITOR)
def on_problems(run_id: int, form: str) -> Response:
    """Hand out the rows that have problems, with their reasons."""
    found = runs.find(get_session(), run_id)
    source = _file_of(found)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"problems.{form}"
        try:
            reports.write_problems(
                _report_of(found), source if source.exists() else None, file, crs=found.choices.get("crs") or None
            )
        except Refused as refused:
            raise BadInput(str(refused).replace("%", "%%")) from refused
        return _download(file, "text/csv; charset=utf-8" if form == "csv" else XLSX)


@bp.get("/import/template/<kind>.xlsx")
@allowed(Role.EDITOR)
def on_template(kind: str) -> Response:
    """Hand out a blank table to fill in, with Chinese headers and a row of notes."""
    record = RECORDS[forms.choice(kind, RECORDS, field="kind")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.xlsx"
        template(record, file)
        return _download(file, XLSX)


def _checked_name(written: str) -> str:
    """Return the name of an upload without any path; refuse formats nobody reads and numbers of persons."""
    name = re.split(r"[\\/]", written)[-1].strip()[-200:]
    if not name.lower().endswith(READABLE):
        raise BadInput(
            mark("This format cannot be read. Use one of %(among)s."), field="file", among=", ".join(READABLE)
        )
    if persons.personal_data_in(name):
        raise BadInput(mark("The name of the file holds a number of a person. Rename it."), field="file")
    return name


def _keep(file: FileStorage, suffix: str) -> str:
    folder = _uploads()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}{suffix}"
    file.save(folder / name)
    if (folder / name).stat().st_size == 0:
        (folder / name).unlink()
        raise BadInput(mark("The file is empty."), field="file")
    return name


def _uploads() -> Path:
    return Path(current_app.config["SETTINGS"].home) / "uploads"


def _file_of(found: ImportRun) -> Path:
    return _uploads() / found.stored_as


def _chosen(found: ImportRun) -> dict[str, str]:
    columns = found.choices.get("columns")
    return columns if isinstance(columns, dict) else {}


def _field_of(found: ImportRun, seen: dict[str, Any]) -> dict[str, str]:
    """Return the field each header stands for: what was chosen, else what was recognised."""
    recognised: dict[str, str] = seen.get("columns", {})
    return {header: name for name, header in (recognised | _chosen(found)).items() if header}


def _known(body: dict[str, Any]) -> dict[str, Any]:
    """Return the choices a page may send; anything else is left out."""
    names = ("crs", "columns", "fixed", "level", "parent", "parent_by_geometry", "code_from", "tolerance_m", "bearing",
             "timezone", "skip_errors")  # fmt: skip
    known = {name: body[name] for name in names if name in body}
    for pairs in {"columns", "fixed"} & known.keys():
        given = known[pairs] if isinstance(known[pairs], dict) else {}
        known[pairs] = {str(name): str(value) for name, value in given.items()}
    return known


def _report_of(found: ImportRun) -> ImportReport:
    problems = found.report["problems"] if found.report else []
    spoken = (one | {"severity": Severity(one["severity"]), "reason": _said(one["reason"])} for one in problems)
    return ImportReport(kind=found.kind, dry_run=True, problems=tuple(Problem(**one) for one in spoken))


def _said(reason: str) -> str:
    """Return a reason in the language of this request."""
    return in_chinese(reason) if language() == DEFAULT else reason


def _download(file: Path, kind: str) -> Response:
    response = Response(file.read_bytes(), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _gone() -> str:
    return "The uploaded file was removed. Upload it again."
