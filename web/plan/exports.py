"""Scenarios handed out as files: GeoPackage, workbook, paper, and a map that opens without a network."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request

from data.types import Role
from web import permission
from web.context import get_session, shown_to_all
from web.permission import allowed
from web.plan import offline_map, package, paper, reading, workbook
from web.plan.sheet import Sheet, sheet

bp = Blueprint("plan_exports", __name__)


@bp.get("/plan/scenarios/<int:scenario_id>.<any(gpkg, xlsx, pdf, html):form>")
@allowed(Role.VIEWER, act="scenario.export")
def on_export(scenario_id: int, form: str) -> Response:
    """Hand out a scenario as a file, counted at ?px_per_m= or at its own density."""
    written = request.args.get("px_per_m")
    density = reading.density(written) if written else None
    found = sheet(get_session(), scenario_id, px_per_m=density, at=datetime.now(UTC))
    kind, write = FORMS[form]
    permission.note(scenario_id, form=form, cameras=len(found.cameras))
    response = Response(write(found), content_type=kind)
    name = quote(f"{found.scenario['name']}.{form}")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=scenario-{scenario_id}.{form}; filename*=UTF-8''{name}"
    )
    return response


def _package(of: Sheet) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.gpkg"
        package.write(of, file)
        return file.read_bytes()


def _workbook(of: Sheet) -> bytes:
    file = BytesIO()
    workbook.write(of, file)
    return file.getvalue()


def _paper(of: Sheet) -> bytes:
    file = BytesIO()
    paper.write(of, file, made_up=shown_to_all().demonstration)
    return file.getvalue()


FORMS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "gpkg": ("application/geopackage+sqlite3", _package),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _workbook),
    "pdf": ("application/pdf", _paper),
    "html": ("text/html; charset=utf-8", offline_map.written),
}
