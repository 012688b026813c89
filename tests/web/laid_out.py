"""The scene worked out by hand, laid out in an installation by importing it, and questions about its cell."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import shapely
from sqlalchemy import text

from data import db
from data.types import Level
from tests.scenes import HandScene, hand_scene
from tests.web.conftest import Browser
from web.imports.order import Order
from web.imports.run import run

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
EXACT = 1e-9
SCENE = hand_scene()
CELL, CAMERA = "330604101001001", "33060401011310000001"


def bring_in(kind: str, path: Path, table: dict[str, list[Any]], shapes: list[Any], **choices: Any) -> None:
    """Write a file and import it as an editor would."""
    geopandas.GeoDataFrame(table, geometry=shapes, crs=4326).to_file(path)
    with db.transaction() as session:
        done = run(session, Order(kind=kind, path=path, **choices), now=NOW)
    assert done.refused == 0, done.problems


def lay_out(scene: HandScene, folder: Path, *, with_buildings: bool = True) -> None:
    cells = {"code": [CELL], "name": ["算例网格"]}
    bring_in("areas", folder / "cell.gpkg", cells, [scene.lnglat(scene.cell)], level=Level.CELL)
    if with_buildings:
        build(scene.buildings, folder)
    pose = scene.pose
    cameras = {"code": [CAMERA], "name": ["算例摄像机"], "bearing_deg": [pose.bearing_deg], "hfov_deg": [pose.hfov_deg],
               "reach_m": [pose.reach_m], "width_px": [pose.width_px]}  # fmt: skip
    bring_in("cameras", folder / "camera.gpkg", cameras, [shapely.Point(pose.lng, pose.lat)])


def build(buildings: Any, folder: Path) -> None:
    table = {"code": [f"B{n}" for n in range(len(buildings))]}
    bring_in("buildings", folder / f"{len(buildings)}.gpkg", table, [SCENE.lnglat(one) for one in buildings])


def say(camera: str, health: str, *, until: str = "1 hour") -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE camera_state s SET health = :health, valid_until = now() + CAST(:until AS interval)"
                " FROM cameras c WHERE c.id = s.camera_id AND c.code = :code"
            ),
            {"health": health, "until": until, "code": camera},
        )


def change(camera: str, what: str) -> None:
    with db.transaction() as session:
        session.execute(text(f"UPDATE cameras SET {what}, version = version + 1 WHERE code = :code"), {"code": camera})


def cell(chief: Browser, code: str = CELL) -> dict[str, Any]:
    answer = chief.get(f"/api/v1/coverage/{code}")
    assert answer.status_code == 200
    properties: dict[str, Any] = answer.json["properties"]
    return properties
