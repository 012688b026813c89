"""Twenty more cameras on lamp posts and poles of a real town, to cover its crossings, with 130 places forbidden."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from sqlalchemy import text

from data import db
from data.types import Level
from tests.web.conftest import Browser
from tests.web.siting_runs import computed
from tests.web.towns import TwoTowns
from web.imports.order import CodeFrom, Order
from web.imports.run import run

# Looking and choosing are compiled on their first use; a slow machine may take its time.
pytestmark = pytest.mark.timeout(400)

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
CAMBRIDGE = "boundaries/cambridge_ma"
FORBIDDEN = 130
# What is imported: kind, file, other choices.
FILES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("areas", "police_car_routes.geojson", {"columns": {"code": "CAR_RTE", "name": "CAR_RTE"}, "level": Level.CELL}),
    ("places", "street_lights.parquet", {"columns": {"name": "PoleID"}, "fixed": {"kind": "street_light"}}),
    ("places", "utility_poles.parquet", {"fixed": {"kind": "utility_pole"}}),
    ("places", "intersections.parquet", {"columns": {"name": "Intersection"}, "fixed": {"kind": "crossing"}}),
)
CANDIDATES = {"place_kinds": ["street_light", "utility_pole"]}
LENS = {"lens": "2.8 mm", "hfov_deg": 100, "width_px": 3840, "height_m": 6, "cost": 19_000}


@pytest.fixture
def planner(shared_data: Path, two_towns: TwoTowns, browser: Callable[[str | None], Browser]) -> Browser:
    """Import the town and return the browser of somebody who may plan everywhere."""
    with db.transaction() as session:
        for kind, file, choices in FILES:
            codes = CodeFrom.GEOMETRY if kind == "places" else None
            order = Order(kind=kind, path=shared_data / CAMBRIDGE / file, code_from=codes, **choices)
            done = run(session, order, now=NOW)
            assert done.refused == 0, done.problems[:3]
    return browser("editor_all")


def route() -> str:
    """Return the code of the patrol route with the most poles."""
    with db.transaction() as session:
        return str(
            session.execute(
                text(
                    "SELECT a.code FROM places p JOIN areas a ON a.id = p.area_id WHERE p.kind = 'street_light'"
                    " GROUP BY a.code ORDER BY count(*) DESC LIMIT 1"
                )
            ).scalar_one()
        )


def squares(within: str) -> dict[str, Any]:
    """Return 130 squares around lamp posts, where no camera may stand."""
    with db.transaction() as session:
        rows = session.execute(
            text(
                "SELECT ST_X(p.geom) AS x, ST_Y(p.geom) AS y FROM places p JOIN areas a ON a.id = p.area_id"
                " WHERE p.kind = 'street_light' AND a.code = :code ORDER BY p.code LIMIT :most"
            ),
            {"code": within, "most": FORBIDDEN},
        ).all()
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"禁止 {n}", "reason": "privacy"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [row.x + dx, row.y + dy]
                        for dx, dy in ((-1e-4, -1e-4), (1e-4, -1e-4), (1e-4, 1e-4), (-1e-4, -1e-4))
                    ]
                ],
            },
        }
        for n, row in enumerate(rows, start=1)
    ]
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture
def asked(planner: Browser) -> dict[str, Any]:
    """Forbid 130 places of a route and ask for 20 cameras on its poles to cover crossings."""
    area = route()
    assert len(planner.post("/api/v1/plan/forbidden", json=squares(area)).json["added"]) == FORBIDDEN
    scenario = planner.post("/api/v1/plan/scenarios", json={"name": "路口优先", "area": area, "shared": True}).json
    return computed(
        planner,
        scenario["id"],
        {
            "count": 20,
            "px_per_m": 25,
            "headings": 8,
            "time_limit_s": 3,
            "candidates": CANDIDATES,
            "lenses": [LENS],
            "demand": {"crossings": 5, "crossing_kinds": ["crossing"]},
        },
    )


def holds_the_choice(result: dict[str, Any]) -> None:
    """Hold a result to what it must be whatever was chosen."""
    chosen = result["chosen"]
    gains = [one["gain"] for one in chosen]
    assert len(chosen) == len({one["pole"] for one in chosen}) == 20
    assert result["cost"] == 20 * 19_000
    assert result["counts"]["excluded"] >= FORBIDDEN
    assert result["covered"] <= result["bound"] <= result["total"]
    assert result["gap"] <= 0.02
    assert gains == sorted(gains, reverse=True)
    assert sum(gains) == pytest.approx(result["covered"] - result["covered_before"])
    assert result["kinds"]["crossings"]["after"] * 5 == pytest.approx(result["covered"])


def test_twenty_cameras_on_poles_cover_crossings_from_import_to_paper(
    planner: Browser, asked: dict[str, Any], tmp_path: Path
) -> None:
    kinds = {one["kind"]: one["places"] for one in planner.get("/api/v1/plan/kinds").json["places"]}
    assert (kinds["street_light"], kinds["utility_pole"], kinds["crossing"]) == (6117, 2457, 1872)
    holds_the_choice(asked["result"])
    kept = planner.post(f"/api/v1/plan/siting/{asked['id']}/keep", json={})
    assert len(kept.json["added"]) == 20
    scenario = asked["scenario_id"]
    shares = planner.get(f"/api/v1/plan/scenarios/{scenario}/shares").json
    assert shares["cost"] == asked["result"]["cost"]
    assert shares["sum"]["after"]["seen_m2"] > shares["sum"]["before"]["seen_m2"]
    files = {form: planner.get(f"/plan/scenarios/{scenario}.{form}").data for form in ("pdf", "xlsx", "gpkg", "html")}
    assert files["pdf"].startswith(b"%PDF")
    sheets = openpyxl.load_workbook(io.BytesIO(files["xlsx"]), read_only=True)
    assert len(list(sheets.worksheets[1].iter_rows())) == 21
    (tmp_path / "plan.gpkg").write_bytes(files["gpkg"])
    layers = {str(name): str(kind) for name, kind in pyogrio.list_layers(tmp_path / "plan.gpkg")}
    assert set(layers) == {"cameras", "views", "cells", "gaps", "forbidden"}
    assert (layers["cameras"], layers["views"]) == ("Point", "Polygon")
    # What a browser would fetch: sources and links of elements, imports and pictures of styles.
    page = re.sub(r"<script>.*?</script>", "", files["html"].decode(), flags=re.DOTALL)
    assert re.findall(r"""(?:src|href)\s*=|url\((?!["']?(?:data:|#))|@import""", page) == []
