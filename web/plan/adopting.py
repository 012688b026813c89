"""A scenario adopted into the record: its cameras become planned cameras, first shown, then done, then undone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from data import adoption, scenarios
from data.adoption import Adopted
from data.errors import Taken
from data.scenarios import Row
from data.types import Role
from gis.codes import Nameless, generated_codes
from web import permission
from web.context import get_session
from web.permission import allowed, require_account
from web.plan import reading
from web.problems import BadInput
from web.words import mark

bp = Blueprint("adopting", __name__)


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/adopt")
@allowed(Role.EDITOR, act="scenario.adopt")
def on_adopt(scenario_id: int) -> Response:
    """Make planned cameras of a scenario's cameras: {"version", "dry_run"?, "cameras"?: [numbers]}.

    {"dry_run", "added": [{"id", "code", "name", "lng", "lat", "area"}], "already": n}; those adopted before are left
    as they are.
    """
    sent, session = reading.body(), get_session()
    found = scenarios.find(session, scenario_id)
    if found["version"] != reading.version(sent):
        raise Taken("Somebody else has changed this scenario meanwhile. Load it again and repeat your change.")
    chosen = _chosen(scenarios.cameras(session, scenario_id), sent.get("cameras"))
    planned = _planned(found, [row for row in chosen if row["camera_id"] is None])
    dry_run = sent.get("dry_run") is True
    if not planned and not dry_run:
        raise BadInput(mark("There is no camera left to adopt."), field="cameras")
    if not dry_run:
        adoption.adopt(session, found, planned, at=datetime.now(UTC), account_id=require_account().id)
    permission.note(scenario_id, cameras=len(planned), dry_run=dry_run)
    places = adoption.areas_of(session, [(one.of["lng"], one.of["lat"]) for one in planned])
    added = [_plain(one, area) for one, area in zip(planned, places, strict=True)]
    return jsonify(dry_run=dry_run, added=added, already=len(chosen) - len(planned))


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/adopt/undo")
@allowed(Role.EDITOR, act="scenario.unadopt")
def on_undo(scenario_id: int) -> Response:
    """Take the planned cameras of a scenario out of the record that nobody touched since: {"removed": n}."""
    scenarios.find(get_session(), scenario_id)
    removed = adoption.unadopt(get_session(), scenario_id)
    permission.note(scenario_id, cameras=removed)
    return jsonify(removed=removed)


def _chosen(cameras: Sequence[Row], wanted: object) -> list[Row]:
    if wanted is None:
        return list(cameras)
    numbers = set(reading.ids(wanted, field="cameras"))
    return [row for row in cameras if row["id"] in numbers]


def _planned(found: Row, cameras: Sequence[Row]) -> list[Adopted]:
    names = [row["name"] or f"{found['name']} {place:02d}" for place, row in enumerate(cameras, start=1)]
    codes = generated_codes(
        [
            Nameless(name=name, lng=row["lng"], lat=row["lat"], rest=f"{row['id']:012d}")
            for name, row in zip(names, cameras, strict=True)
        ]
    )
    return [Adopted(of=row, code=code, name=name) for row, code, name in zip(cameras, codes, names, strict=True)]


def _plain(one: Adopted, area: str | None) -> dict[str, object]:
    return {
        "id": one.of["id"],
        "code": one.code,
        "name": one.name,
        "lng": one.of["lng"],
        "lat": one.of["lat"],
        "area": area,
    }
