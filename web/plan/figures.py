"""The figures of plans: cells before and after, sums, and scenarios side by side. Knows nothing of requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from data import plan_ground
from data.coverage import MIN_GAP_M2
from data.plan_ground import Box
from data.scenarios import POSE, Row, pose_of
from data.types import Pose
from gis.coverage import View
from gis.doubt import narrowest, widest
from gis.gaps import CellCoverage, Ground, Sights, cells_coverage
from gis.matters import Matter
from gis.obstacles import to_metres
from web.plan import scene

Figures = dict[str, Any]
_SUMMED = ("area_m2", "open_m2", "seen_m2", "seen_now_m2", "by_two_m2", "least_m2", "most_m2", "sectors_m2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Cells of a ground, and their coverage by what stands there and by that with more cameras."""

    on: scene.Ground
    cells: Sequence[scene.Cell]
    before: Sequence[CellCoverage]
    after: Sequence[CellCoverage]
    flags: frozenset[str]


def filled(row: Row) -> dict[str, Any]:
    """Return a camera with every field of a pose, those nobody gave as unknown."""
    usual: dict[str, Any] = dict.fromkeys(POSE)
    given = {name: value for name, value in row.items() if value is not None}
    return usual | {"bearing_doubt_deg": 0.0} | given


def shares(session: Session, found: Row, cameras: Sequence[Row], *, px_per_m: float) -> Figures:
    """Return what a scenario changes in the cells it reaches into, and in the whole area it is about."""
    poses = [pose_of(filled(row)) for row in cameras]
    measured = measure(session, poses, poses, px_per_m=px_per_m, also=found["area"])
    inside = of_area(session, found["area"], measured) if found["area"] else None
    return _answer(measured, touched(measured), px_per_m) | {
        "whole": None if inside is None else sums(measured, inside),
        "cost": sum(row.get("cost") or 0.0 for row in cameras),
    }


def tried(session: Session, cameras: Sequence[Row], moved: Sequence[Row], *, px_per_m: float) -> Figures:
    """Return what `cameras` change in the cells that the `moved` ones reach into."""
    around = [pose_of(filled(row)) for row in moved]
    measured = measure(session, [pose_of(filled(row)) for row in cameras], around, px_per_m=px_per_m)
    every = list(range(len(measured.cells)))
    cost = sum(row.get("cost") or 0.0 for row in cameras)
    return _answer(measured, every, px_per_m) | {"whole": None, "cost": cost}


def compared(session: Session, found: Sequence[Row], cameras: Sequence[Sequence[Row]], *, px_per_m: float) -> Figures:
    """Return scenarios side by side, over all cells that any of them reaches into."""
    poses = [[pose_of(filled(row)) for row in rows] for rows in cameras]
    around = [pose for one in poses for pose in one]
    answers = []
    for about, rows, own in zip(found, cameras, poses, strict=True):
        measured = measure(session, own, around, px_per_m=px_per_m)
        both = sums(measured, list(range(len(measured.cells))))
        cost = sum(row["cost"] for row in rows)
        gain = both["after"]["seen_m2"] - both["before"]["seen_m2"]
        answers.append(
            {"id": about["id"], "name": about["name"], "cameras": len(rows), "cost": cost, "gain_m2": gain,
             "gain_share": gain / both["before"]["area_m2"] if both["before"]["area_m2"] else 0.0,
             "gain_m2_per_cost": gain / cost if cost else None, "flags": sorted(measured.flags)} | both
        )  # fmt: skip
    return {"px_per_m": px_per_m, "scenarios": answers}


def measure(
    session: Session, more: Sequence[Pose], around: Sequence[Pose], *, px_per_m: float, also: str | None = None
) -> Measured:
    """Return the coverage of the cells around some poses, and of the area `also`, without and with `more` cameras."""
    boxes = (
        [scene.grown(scene.box_of((one.lng, one.lat) for one in around), _reach(around, px_per_m))] if around else []
    )
    if also:
        west, south, east, north = scene.bounds(plan_ground.boundary(session, also))
        boxes.append(Box(west=west, south=south, east=east, north=north))
    if not boxes:
        return Measured(on=scene.nowhere(), cells=(), before=(), after=(), flags=frozenset())
    box = scene.box_of((lng, lat) for one in boxes for lng, lat in ((one.west, one.south), (one.east, one.north)))
    return _measured(session, more, box, px_per_m=px_per_m)


def _measured(session: Session, more: Sequence[Pose], box: Box, *, px_per_m: float) -> Measured:
    found = plan_ground.cells(session, box)
    wide = scene.box_of(place for one in found for place in _corners(scene.bounds(one.wkb))) if found else box
    on = scene.ground(session, wide)
    cells = scene.cells(session, on, box)
    matters = _matters(session, on, wide)
    grounds = [Ground.of(cell.shape, on.obstacles, **_inside(cell.shape, matters)) for cell in cells]
    standing = [one.pose for one in on.standing]
    working = [one.works_now for one in on.standing]
    seen = _Seen.of([*standing, *more], on, px_per_m=px_per_m)
    before = seen.sights(slice(0, len(standing)), working)
    after = seen.sights(slice(None), [*working, *[True] * len(more)])
    flags = {str(flag) for view in seen.views for flag in view.flags} - {"no_buildings_known"}
    covered = cells_coverage(grounds, after, min_gap_m2=MIN_GAP_M2)
    return Measured(
        on=on,
        cells=cells,
        before=cells_coverage(grounds, before, min_gap_m2=MIN_GAP_M2),
        after=covered,
        flags=frozenset(flags | {str(flag) for one in covered for flag in one.flags}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Views of poses as recorded, at least and at most."""

    views: Sequence[View]
    least: Sequence[shapely.Geometry]
    most: Sequence[shapely.Geometry]

    @classmethod
    def of(cls, poses: Sequence[Pose], on: scene.Ground, *, px_per_m: float) -> "_Seen":
        views = scene.see(poses, on, px_per_m=px_per_m)
        low = [narrowest(pose, px_per_m=px_per_m) for pose in poses]
        high = [widest(pose, px_per_m=px_per_m) for pose in poses]
        return cls(
            views=views,
            least=_polygons(low, poses, views, on, px_per_m),
            most=_polygons(high, poses, views, on, px_per_m),
        )

    def sights(self, rows: slice, working: Sequence[bool]) -> Sights:
        """Return some of the views as sights."""
        return Sights.of(
            [one.polygon for one in self.views[rows]],
            works_now=np.array(working, dtype=bool),
            least=self.least[rows],
            most=self.most[rows],
            sector=[one.sector for one in self.views[rows]],
        )


def _polygons(
    turned: Sequence[Pose | None], poses: Sequence[Pose], views: Sequence[View], on: scene.Ground, px_per_m: float
) -> list[shapely.Geometry]:
    """Return what the turned poses see; where a pose is as it was, its view is that already."""
    other = [row for row, pose in enumerate(turned) if pose is not None and pose is not poses[row]]
    seen = dict(zip(other, scene.see([turned[row] for row in other], on, px_per_m=px_per_m), strict=True))  # type: ignore[misc]
    return [
        shapely.Polygon() if pose is None else (seen[row] if row in seen else views[row]).polygon
        for row, pose in enumerate(turned)
    ]


def _matters(session: Session, on: scene.Ground, box: Box) -> dict[str, Any]:
    roads = shapely.from_wkb([row["wkb"] for row in plan_ground.roads(session, box)])
    return {"roads": to_metres(np.asarray(roads, dtype=object), crs=on.crs)}


def _inside(cell: shapely.Geometry, matters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shapes[shapely.intersects(cell, shapes)] for name, shapes in matters.items()}


def _answer(measured: Measured, rows: Sequence[int], px_per_m: float) -> Figures:
    both = sums(measured, rows)
    return {
        "px_per_m": px_per_m,
        "basis": "planned",
        "cells": [
            {
                "code": measured.cells[row].code,
                "name": measured.cells[row].name,
                "before": of_cell(measured.before[row]),
                "after": of_cell(measured.after[row]),
            }
            for row in rows
        ],
        "sum": both,
        "gain_m2": both["after"]["seen_m2"] - both["before"]["seen_m2"],
        "flags": sorted(measured.flags),
    }


def of_cell(one: CellCoverage) -> Figures:
    """Return the figures of one cell."""
    plain = {
        "area_m2": one.area_m2, "open_m2": one.open_m2, "seen_m2": one.seen_m2, "seen_now_m2": one.seen_now_m2,
        "by_two_m2": one.seen_by_2_m2, "least_m2": one.least_m2, "most_m2": one.most_m2,
        "sectors_m2": one.sectors_m2 or 0.0, "worst_loss_m2": one.worst_m2, "cameras": len(one.cameras),
        "matters": {str(of): {"of": tally.of, "seen": tally.seen} for of, tally in one.tallies.items() if tally.of},
    }  # fmt: skip
    return _with_shares(plain)


def sums(measured: Measured, rows: Sequence[int]) -> dict[str, Figures]:
    """Return the sums of some cells before and after."""
    return {
        "before": _sum([measured.before[row] for row in rows]),
        "after": _sum([measured.after[row] for row in rows]),
    }


def _sum(cells: Sequence[CellCoverage]) -> Figures:
    each = [of_cell(one) for one in cells]
    plain: Figures = {name: sum(one[name] for one in each) for name in _SUMMED}
    # Of several cells the loss of one camera is the worst of any one cell; cameras may reach into several.
    plain["worst_loss_m2"] = max((one["worst_loss_m2"] for one in each), default=0.0)
    plain["cameras"] = len({row for one in cells for row in one.cameras})
    plain["matters"] = {
        str(of): {side: sum(one["matters"].get(str(of), {}).get(side, 0) for one in each) for side in ("of", "seen")}
        for of in Matter
        if any(str(of) in one["matters"] for one in each)
    }
    return _with_shares(plain)


def _with_shares(plain: Figures) -> Figures:
    whole = plain["area_m2"] or 1.0
    return plain | {
        "share": plain["seen_m2"] / whole,
        "share_of_open": plain["seen_m2"] / plain["open_m2"] if plain["open_m2"] else 0.0,
        "low": plain["least_m2"] / whole,
        "high": plain["most_m2"] / whole,
        "by_two_share": plain["by_two_m2"] / whole,
        "worst_loss_share": plain["worst_loss_m2"] / whole,
        "sectors_share": plain["sectors_m2"] / whole,
    }


def touched(measured: Measured) -> list[int]:
    """Return the rows of the cells that more cameras reach into."""
    pairs = enumerate(zip(measured.before, measured.after, strict=True))
    return [row for row, (before, after) in pairs if len(after.cameras) > len(before.cameras)]


def of_area(session: Session, code: str, measured: Measured) -> list[int]:
    """Return the rows of the cells of an area."""
    shape = shapely.from_wkb(plan_ground.boundary(session, code))
    inside = to_metres(np.array([shape], dtype=object), crs=measured.on.crs)[0]
    return [
        row for row, cell in enumerate(measured.cells) if shapely.contains(inside, shapely.point_on_surface(cell.shape))
    ]


def _reach(poses: Sequence[Pose], px_per_m: float) -> float:
    return scene.reach_of(poses, px_per_m=px_per_m) + 1.0


def _corners(bounds: tuple[float, float, float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = bounds
    return (west, south), (east, north)
