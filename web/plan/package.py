"""A scenario as a GeoPackage: layers of cameras, views, gaps, cells and forbidden ground, for QGIS beside it."""

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import shapely

from data.scenarios import CAMERA_FIELDS
from gis import layers
from gis.outline import Surface
from web.plan import figures, scene, telling
from web.plan.sheet import Sheet
from web.words import _


def write(of: Sheet, path: Path) -> None:
    """Write the layers of a scenario in EPSG:4326; a layer without rows is there too."""
    layers.write_package(
        {
            "cameras": _frame([_camera(row) for row in of.cameras], _points(of)),
            "views": _frame(_views(of), scene.lnglat([one.polygon for one in of.views], crs=of.crs)),
            "cells": _frame(_cells(of), scene.lnglat([one.shape for one in of.cells], crs=of.crs)),
            "gaps": _frame(*_gaps(of)),
            "forbidden": _frame(_forbidden(of), [shapely.from_wkb(one.wkb) for one in of.forbidden]),
        },
        path,
    )


def _frame(rows: list[dict[str, Any]], shapes: list[Any]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        pandas.DataFrame(rows), geometry=np.array([*shapes, None], dtype=object)[:-1], crs=4326
    )


def _points(of: Sheet) -> list[shapely.Geometry]:
    return [shapely.Point(row["lng"], row["lat"]) for row in of.cameras]


def _camera(row: Any) -> dict[str, Any]:
    return {"id": row["id"]} | {name: row[name] for name in CAMERA_FIELDS if name not in ("lng", "lat")}


def _views(of: Sheet) -> list[dict[str, Any]]:
    return [
        {
            "camera": row["id"],
            "name": row["name"],
            "area_m2": seen.area_m2,
            "sector_m2": seen.sector_m2,
            "share": seen.share,
            "flags": ",".join(str(flag) for flag in seen.flags),
        }
        for row, seen in zip(of.cameras, of.views, strict=True)
    ]


def _cells(of: Sheet) -> list[dict[str, Any]]:
    found = []
    for cell, before, after in zip(of.cells, of.before, of.after, strict=True):
        was, will = figures.of_cell(before), figures.of_cell(after)
        kept = ("area_m2", "open_m2", "seen_m2", "share", "low", "high", "by_two_share", "worst_loss_share")
        found.append(
            {"code": cell.code, "name": cell.name, "share_before": was["share"], "seen_before_m2": was["seen_m2"]}
            | {name: will[name] for name in (*kept, "sectors_share", "cameras")}
        )
    return found


def _gaps(of: Sheet) -> tuple[list[dict[str, Any]], list[shapely.Geometry]]:
    rows: list[dict[str, Any]] = []
    shapes: list[Surface] = []
    for cell, after in zip(of.cells, of.after, strict=True):
        for part in shapely.get_parts(after.gaps):
            rows.append({"cell": cell.code, "area_m2": part.area})
            shapes.append(part)
    return rows, scene.lnglat(shapes, crs=of.crs)


def _forbidden(of: Sheet) -> list[dict[str, Any]]:
    return [{"name": one.name, "reason": one.reason, "why": _(telling.REASONS[one.reason])} for one in of.forbidden]
