"""How to ask the planner's routes for things of a town; a part of tests/web/asks.py."""

from collections.abc import Callable

from tests.web.asking import Ask, box, quiet
from tests.web.towns import Town


def scenario(of: Town) -> dict[str, int]:
    return {"scenario_id": of.ids["scenarios"]}


READS: dict[str, Callable[[Town], list[Ask]]] = {
    "/plan": lambda of: [Ask()],
    "/plan/scenarios/<int:scenario_id>.<any(gpkg, xlsx, pdf, html):form>": lambda of: [
        # On paper the letters are glyph numbers, so nothing of it can be read here.
        Ask(parts=scenario(of) | {"form": form}, shows=form != "pdf")
        for form in ("gpkg", "xlsx", "pdf", "html")
    ],
    "/api/v1/plan/ground": lambda of: [
        quiet(query={"west": of.west + 0.01, "south": 29.21, "east": of.west + 0.03, "north": 29.23})
    ],
    "/api/v1/plan/standing": lambda of: [
        Ask(query={"west": of.west + 0.01, "south": 29.21, "east": of.west + 0.03, "north": 29.23})
    ],
    "/api/v1/plan/kinds": lambda of: [quiet(), quiet(query={"area": of.code})],
    "/api/v1/plan/forbidden": lambda of: [Ask(), Ask(query={"bbox": box(of)})],
    "/api/v1/plan/scenarios": lambda of: [Ask()],
    "/api/v1/plan/scenarios/<int:scenario_id>": lambda of: [Ask(parts=scenario(of))],
    "/api/v1/plan/scenarios/<int:scenario_id>/views": lambda of: [quiet(parts=scenario(of))],
    "/api/v1/plan/scenarios/<int:scenario_id>/shares": lambda of: [Ask(parts=scenario(of))],
    "/api/v1/plan/compare": lambda of: [Ask(query={"scenario": of.ids["scenarios"]})],
    "/api/v1/plan/siting/<int:run_id>": lambda of: [Ask(parts={"run_id": of.ids["siting_runs"]})],
}
CHANGES: dict[str, Callable[[Town], list[Ask]]] = {
    "POST /api/v1/plan/scenarios": lambda of: [
        Ask(body={"name": "x", "area": of.code}),
        Ask(body={"name": "x", "copy_of": of.ids["scenarios"]}),
    ],
    "PATCH /api/v1/plan/scenarios/<int:scenario_id>": lambda of: [
        Ask(parts=scenario(of), body={"version": 1, "name": "taken"})
    ],
    "DELETE /api/v1/plan/scenarios/<int:scenario_id>": lambda of: [Ask(parts=scenario(of))],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/undo": lambda of: [Ask(parts=scenario(of), body={})],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/cameras": lambda of: [
        Ask(parts=scenario(of), body={"lng": of.west + 0.02, "lat": 29.22})
    ],
    "PATCH /api/v1/plan/scenarios/<int:scenario_id>/cameras/<int:camera_id>": lambda of: [
        Ask(
            parts=scenario(of) | {"camera_id": of.ids["scenario_cameras"]},
            body={"version": 1, "values": {"name": "taken"}},
        )
    ],
    "DELETE /api/v1/plan/scenarios/<int:scenario_id>/cameras/<int:camera_id>": lambda of: [
        Ask(parts=scenario(of) | {"camera_id": of.ids["scenario_cameras"]})
    ],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/cameras/undo": lambda of: [
        Ask(parts=scenario(of), body={"cameras": [of.ids["scenario_cameras"]]})
    ],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/shares": lambda of: [
        Ask(parts=scenario(of), body={"cameras": [{"lng": of.west + 0.02, "lat": 29.22}]})
    ],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/siting": lambda of: [
        Ask(parts=scenario(of), body={"candidates": {"corners": True}, "demand": {"gaps": 1}})
    ],
    "POST /api/v1/plan/siting/<int:run_id>/cancel": lambda of: [Ask(parts={"run_id": of.ids["siting_runs"]}, body={})],
    "POST /api/v1/plan/siting/<int:run_id>/keep": lambda of: [Ask(parts={"run_id": of.ids["siting_runs"]}, body={})],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/adopt": lambda of: [
        Ask(parts=scenario(of), body={"version": 1, "dry_run": dry_run}) for dry_run in (True, False)
    ],
    "POST /api/v1/plan/scenarios/<int:scenario_id>/adopt/undo": lambda of: [Ask(parts=scenario(of), body={})],
    "POST /api/v1/plan/forbidden": lambda of: [
        Ask(
            body={
                "type": "Feature",
                "properties": {"reason": "toilet"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[of.west + dx, 29.2 + dy] for dx, dy in ((0.01, 0), (0.02, 0), (0.02, 0.01), (0.01, 0))]
                    ],
                },
            }
        )
    ],
    "DELETE /api/v1/plan/forbidden/<int:place_id>": lambda of: [Ask(parts={"place_id": of.ids["forbidden_places"]})],
    "POST /api/v1/plan/forbidden/undo": lambda of: [Ask(body={"places": [of.ids["forbidden_places"]]})],
    "PUT /api/v1/plan/forbidden/kinds/<kind>": lambda of: [
        Ask(parts={"kind": "toilet"}, body={"reason": "other", "radius_m": 500})
    ],
    "DELETE /api/v1/plan/forbidden/kinds/<kind>": lambda of: [Ask(parts={"kind": "toilet"})],
}
