"""Ground where no camera may stand: drawn, listed, taken back; and the kinds of places the law names."""

from datetime import UTC, datetime
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request

from data import forbidden
from data.forbidden import Forbidden
from data.plan_ground import Box
from data.types import Role
from web import forms, permission
from web.context import get_session
from web.permission import allowed, require_account, require_everything
from web.plan import reading, scene
from web.problems import BadInput
from web.words import mark

bp = Blueprint("forbidden", __name__)

MOST_DRAWN = 2_000
MOST_CORNERS = 10_000


@bp.get("/api/v1/plan/forbidden")
@allowed(Role.VIEWER)
def on_list() -> Response:
    """Return the forbidden ground in ?bbox= as GeoJSON polygons.

    Properties: "id" (null around a place of a forbidden kind), "name", "reason", "kind" ("drawn" or "place").
    """
    return jsonify(type="FeatureCollection", features=[_feature(one) for one in inside(_box())])


@bp.post("/api/v1/plan/forbidden")
@allowed(Role.EDITOR, act="forbidden.new")
def on_new() -> tuple[Response, int]:
    """Forbid drawn ground: a GeoJSON Feature or FeatureCollection of polygons, properties "name"? and "reason"?."""
    drawn = _drawn(reading.body())
    added = forbidden.add(get_session(), drawn, account_id=require_account().id)
    permission.note("forbidden", places=len(added))
    return jsonify(added=added), 201


@bp.delete("/api/v1/plan/forbidden/<int:place_id>")
@allowed(Role.EDITOR, act="forbidden.remove")
def on_remove(place_id: int) -> tuple[str, int]:
    """Forbid drawn ground no more; undo forbids it again."""
    forbidden.remove(get_session(), [place_id], at=datetime.now(UTC))
    return "", 204


@bp.post("/api/v1/plan/forbidden/undo")
@allowed(Role.EDITOR, act="forbidden.undo")
def on_undo() -> Response:
    """Forbid drawn ground again that was taken back: {"places": [numbers]}."""
    back = forbidden.restore(get_session(), reading.ids(reading.body().get("places"), field="places"))
    return jsonify(restored=back)


@bp.put("/api/v1/plan/forbidden/kinds/<kind>")
@allowed(Role.ADMIN, act="forbidden.kind")
def on_kind(kind: str) -> Response:
    """Forbid the ground around places of a kind: {"reason", "radius_m"}; it holds for the whole installation."""
    require_everything()
    sent = reading.body()
    reason = forms.choice(str(sent.get("reason") or ""), forbidden.REASONS, field="reason")
    radius = forms.number(str(sent.get("radius_m") or ""), field="radius_m", default=10.0, low=0.5, high=1_000)
    forbidden.set_kind(get_session(), forms.line(kind, field="kind", least=1, most=60), reason=reason, radius_m=radius)
    return jsonify(kinds=forbidden.kinds(get_session()))


@bp.delete("/api/v1/plan/forbidden/kinds/<kind>")
@allowed(Role.ADMIN, act="forbidden.kind")
def on_drop_kind(kind: str) -> tuple[str, int]:
    """Forbid the ground around places of a kind no more."""
    require_everything()
    forbidden.drop_kind(get_session(), kind)
    return "", 204


def inside(box: Box) -> list[Forbidden]:
    """Return all forbidden ground that touches a box: drawn, and around places of forbidden kinds."""
    return scene.forbidden_in(get_session(), box)


def _feature(one: Forbidden) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "id": one.id or None,
            "name": one.name,
            "reason": one.reason,
            "kind": "drawn" if one.id else "place",
        },
        "geometry": shapely.geometry.mapping(shapely.from_wkb(one.wkb)),
    }


def _drawn(sent: dict[str, Any]) -> list[Forbidden]:
    features = sent.get("features") if sent.get("type") == "FeatureCollection" else [sent]
    if not isinstance(features, list) or not features:
        raise BadInput(mark("Draw at least one place."), field="features")
    if len(features) > MOST_DRAWN:
        raise BadInput(mark("Send at most %(most)s places at once."), field="features", most=MOST_DRAWN)
    return [_one(feature) for feature in features]


def _one(feature: object) -> Forbidden:
    """Return one drawn place. Raises BadInput for what is no polygon on the earth."""
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        raise BadInput(mark("Forbidden ground is sent as a GeoJSON feature with a polygon."), field="geometry")
    said = feature.get("properties") if isinstance(feature.get("properties"), dict) else {}
    try:
        shape = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        raise BadInput(mark("This polygon cannot be read."), field="geometry") from None
    if shapely.get_dimensions(shape) != 2 or not shapely.is_valid(shape) or not _is_on_earth(shape):
        raise BadInput(mark("Forbidden ground is sent as a GeoJSON feature with a polygon."), field="geometry")
    reason = forms.choice(str((said or {}).get("reason") or ""), forbidden.REASONS, field="reason", default="privacy")
    name = forms.line(str((said or {}).get("name") or ""), field="name", most=120)
    return Forbidden(name=name, reason=reason, wkb=shapely.to_wkb(shapely.force_2d(shape)))


def _is_on_earth(shape: shapely.Geometry) -> bool:
    west, south, east, north = shape.bounds
    return bool(
        -180 <= west <= east <= 180
        and -90 <= south <= north <= 90
        and shapely.get_num_coordinates(shape) <= MOST_CORNERS
    )


def _box() -> Box:
    found = forms.bbox(request.args.get("bbox") or "-180,-90,180,90")
    return Box(west=found.west, south=found.south, east=found.east, north=found.north)
