"""A scenario as it is handed out: its cameras and their views, cells before and after, gaps, forbidden ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from data import plan_ground, scenarios, siting
from data.forbidden import Forbidden
from data.plan_ground import Box
from data.scenarios import Row, pose_of
from gis.coverage import View
from gis.gaps import CellCoverage
from gis.obstacles import to_metres
from web.plan import figures, scene

Shapes = NDArray[np.object_]
MOST_DRAWN = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All of a scenario at one time; shapes in `crs`, in metres. `sums` are those of `cells`.

    `result` is what the last computation that came to its end found, None for none.
    """

    scenario: Row
    cameras: Sequence[Row]
    views: Sequence[View]
    cells: Sequence[scene.Cell]
    before: Sequence[CellCoverage]
    after: Sequence[CellCoverage]
    sums: dict[str, figures.Figures]
    flags: Sequence[str]
    forbidden: Sequence[Forbidden]
    forbidden_shapes: Shapes
    buildings: Shapes
    roads: Shapes
    result: dict[str, Any] | None
    crs: str
    px_per_m: float
    at: datetime

    @property
    def places(self) -> NDArray[np.float64]:
        """Return where the cameras stand, x, y in metres."""
        points = scene.array_of(shapely.Point(row["lng"], row["lat"]) for row in self.cameras)
        return np.asarray(shapely.get_coordinates(to_metres(points, crs=self.crs))).reshape(-1, 2)

    @property
    def gain_m2(self) -> float:
        """Return how much more is seen than without the scenario."""
        return float(self.sums["after"]["seen_m2"] - self.sums["before"]["seen_m2"])

    @property
    def cost(self) -> float:
        """Return what all cameras cost together."""
        return float(sum(row["cost"] for row in self.cameras))


def sheet(session: Session, scenario_id: int, *, px_per_m: float | None, at: datetime) -> Sheet:
    """Return a scenario at a pixel density, its own if none is given. Raises Missing."""
    found = scenarios.find(session, scenario_id)
    cameras = scenarios.cameras(session, scenario_id)
    density = px_per_m or found["px_per_m"]
    poses = [pose_of(figures.filled(row)) for row in cameras]
    measured = figures.measure(session, poses, poses, px_per_m=density, also=found["area"])
    rows = figures.of_area(session, found["area"], measured) if found["area"] else figures.touched(measured)
    box = _box(measured, rows)
    drawn = scene.forbidden_in(session, box)
    return Sheet(
        scenario=found,
        cameras=cameras,
        views=scene.see(poses, measured.on, px_per_m=density),
        cells=[measured.cells[row] for row in rows],
        before=[measured.before[row] for row in rows],
        after=[measured.after[row] for row in rows],
        sums=figures.sums(measured, rows),
        flags=sorted(measured.flags),
        forbidden=drawn,
        forbidden_shapes=to_metres(scene.array_of(shapely.from_wkb(one.wkb) for one in drawn), crs=measured.on.crs),
        buildings=_within(measured.on.obstacles.footprints, measured, rows),
        roads=_roads(session, box, measured.on.crs),
        result=_result(session, scenario_id),
        crs=measured.on.crs,
        px_per_m=density,
        at=at,
    )


def _box(measured: figures.Measured, rows: Sequence[int]) -> Box:
    if not rows:
        return measured.on.box
    shapes = scene.lnglat([measured.cells[row].shape for row in rows], crs=measured.on.crs)
    west, south, east, north = (float(side) for side in shapely.total_bounds(scene.array_of(shapes)))
    return Box(west=west, south=south, east=east, north=north)


def _within(shapes: Shapes, measured: figures.Measured, rows: Sequence[int]) -> Shapes:
    cells = scene.array_of(measured.cells[row].shape for row in rows)
    if not len(cells) or not len(shapes):
        return shapes[:0]
    near = np.unique(shapely.STRtree(shapes).query(cells, predicate="intersects")[1])
    return np.asarray(shapes[near][:MOST_DRAWN])


def _roads(session: Session, box: Box, crs: str) -> Shapes:
    rows = plan_ground.roads(session, box)[:MOST_DRAWN]
    return to_metres(scene.array_of(shapely.from_wkb(row["wkb"]) for row in rows), crs=crs)


def _result(session: Session, scenario_id: int) -> dict[str, Any] | None:
    run = siting.last(session, scenario_id, state="done")
    return None if run is None else run["result"]
