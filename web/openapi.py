"""The OpenAPI 3.1 document of the API, made from the routes themselves: what a view says of itself is what it promises.

Parameters of the path come from the route, those of the query from the table here, sentences from docstrings. A test
holds the document to the application.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from werkzeug.routing import Rule

from data.types import Role
from web.permission import MARK, anyone

bp = Blueprint("openapi", __name__)

PREFIX = "/api/v1/"
KINDS = {"IntegerConverter": "integer", "FloatConverter": "number"}
CONTENT = {"/boundary": "application/geo+json", ".geojson": "application/geo+json", "/push": "text/event-stream"}
# What ?name= means, wherever a view's docstring names it.
QUERY: dict[str, tuple[str, str]] = {
    "bbox": ("string", "west,south,east,north in degrees, WGS-84"),
    "parent": ("integer", "Id of the area above; the topmost areas if left out"),
    "under": ("integer", "Id of an area; only what lies in it"),
    "q": ("string", "Words to look for"),
    "page": ("integer", "Page, counted from 1"),
    "size": ("integer", "Rows on a page"),
    "kind": ("string", "Kind of incident"),
    "from": ("string", "First day, as 2026-01-31"),
    "to": ("string", "Last day, as 2026-01-31"),
    "lng": ("number", "Longitude in degrees, WGS-84"),
    "lat": ("number", "Latitude in degrees, WGS-84"),
    "centre": ("string", "The first 8 digits of a device code"),
    "industry": ("string", "2 digits of the industry, 01 if left out"),
    "device": ("integer", "3 digits of the type of device, 132 if left out"),
    "network": ("integer", "The digit of the network, 0 if left out"),
    "month": ("string", "Month, as 2026-06"),
    "area": ("string", "Code of an area; only what lies in it"),
    "version": ("integer", "Submitted version of a month; 0 as counted now"),
    "by": ("string", "What cameras are grouped by"),
    "most": ("integer", "At most so many"),
    "class": ("string", "Pixel density: detect, observe, recognise or identify"),
    "planned": ("string", "Any value: as if all cameras in use worked"),
    "points": ("string", "Corners lng,lat;lng,lat in degrees, WGS-84"),
    "shape": ("string", "line or polygon"),
    "all": ("string", "Any value: also cameras that do not work now"),
    "px_per_m": ("number", "Pixel density, pixels to a metre"),
    "scenario": ("integer", "Number of a scenario; may be given several times"),
    "west": ("number", "Western edge in degrees, WGS-84"),
    "south": ("number", "Southern edge in degrees, WGS-84"),
    "east": ("number", "Eastern edge in degrees, WGS-84"),
    "north": ("number", "Northern edge in degrees, WGS-84"),
}
PROBLEM = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 has it, with a sentence a person can act on.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "field": {"type": "string", "description": "The input at fault"},
    },
}


@bp.get("/api/v1/openapi.json")
@anyone
def on_document() -> Response:
    """Return this document."""
    return jsonify(document(current_app))


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if str(rule).startswith(PREFIX):
            paths.setdefault(path_of(rule), {}).update(_operations(app, rule))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sharp Eyes Grid",
            "version": "1",
            "description": "Places, equipment and events inside the areas granted to the signed-in account.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "A problem document",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": f"sharpeyes_{app.config['PORT']}_token"},
                "proof": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def path_of(rule: Rule) -> str:
    """Return a rule as OpenAPI writes it, /areas/{area_id}."""
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", str(rule))


def _operations(app: Flask, rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    view = app.view_functions[rule.endpoint]
    said = inspect.getdoc(view) or rule.endpoint
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        permission = getattr(view, MARK, None)
        yield (
            method.lower(),
            {
                "operationId": f"{method.lower()}.{rule.endpoint}",
                "tags": [rule.endpoint.partition(".")[0]],
                "summary": said.split("\n", 1)[0],
                "description": said + (f"\n\nAsks for the role {permission}." if isinstance(permission, Role) else ""),
                "parameters": [*_in_path(rule), *_in_query(said)],
                "responses": _responses(method, rule),
                "security": _security(method, permission),
            }
            | _sent(method),
        )


def _in_path(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in sorted(rule.arguments):
        kind = KINDS.get(type(rule._converters[name]).__name__, "string")
        yield {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _in_query(said: str) -> Iterator[dict[str, Any]]:
    for name in sorted(set(re.findall(r"[?&](\w+)=", said))):
        kind, meaning = QUERY.get(name, ("string", name))
        yield {"name": name, "in": "query", "description": meaning, "schema": {"type": kind}}


def _responses(method: str, rule: Rule) -> dict[str, Any]:
    if method == "DELETE":
        return {"204": {"description": "Done"}, "default": {"$ref": "#/components/responses/Problem"}}
    kind = next((kind for ending, kind in CONTENT.items() if str(rule).endswith(ending)), "application/json")
    return {
        "2XX": {"description": "What was asked for", "content": {kind: {}}},
        "default": {"$ref": "#/components/responses/Problem"},
    }


def _security(method: str, permission: object) -> list[dict[str, list[str]]]:
    if permission == "anyone":
        return []
    return [{"session": []} if method == "GET" else {"session": [], "proof": []}]


def _sent(method: str) -> dict[str, Any]:
    if method in {"GET", "DELETE"}:
        return {}
    return {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
