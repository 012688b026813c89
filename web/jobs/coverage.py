"""Keep views and coverage up to date: what changed is marked in the database and computed here."""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

import shapely
from sqlalchemy.orm import Session

from data import coverage_upkeep, db, events, settings
from data.coverage_upkeep import Buildings, Cell, StoredView, Viewer
from data.queue import app
from data.types import Pose
from gis.coords import county_crs
from gis.coverage import DETECT_PX_PER_M, View, reach_m, views
from gis.doubt import narrowest, widest
from gis.heights import heights_of
from gis.obstacles import Obstacles, to_lnglat
from gis.surfaces import array_of
from web.jobs.cell_figures import figures_of, sound

log = logging.getLogger(__name__)

VIEWS_A_BATCH = 200
# Whoever tells of a change of health waits while cells are computed, so not many at once.
CELLS_A_BATCH = 25
_METRES_A_DEGREE = 111_000.0
NO_VIEW = View(polygon=shapely.Polygon(), sector=shapely.Polygon(), area_m2=0.0, sector_m2=0.0, share=0.0, flags=())


@app.periodic(cron="* * * * * */5")
@app.task(name="update_coverage", queue="compute", queueing_lock="update_coverage", lock="update_coverage")
def update_coverage(timestamp: int = 0, account_id: int | None = None) -> None:
    """Compute every stale view, then every stale cell.

    Comes by itself every few seconds, and is asked for when a camera is edited or begins or ceases to show a picture.
    """
    catch_up()


def catch_up(*, views_a_batch: int = VIEWS_A_BATCH, cells_a_batch: int = CELLS_A_BATCH) -> None:
    """Compute what is stale, views before cells, a batch per transaction; urgent cells between the batches of views."""
    with db.transaction() as session:
        coverage_upkeep.say_alive(session, now=datetime.now(UTC))
        coverage_upkeep.drop_views(session)
        coverage_upkeep.mark_changed_now(session)
    while _update_views(datetime.now(UTC), at_most=views_a_batch):
        # After a large import views take minutes, and a camera that fails meanwhile is told of within seconds.
        _update_cells(datetime.now(UTC), at_most=cells_a_batch, urgent_only=True)
    while _update_cells(datetime.now(UTC), at_most=cells_a_batch):
        pass


def _update_views(now: datetime, *, at_most: int) -> int:
    with db.transaction() as session:
        coverage_upkeep.say_alive(session, now=now)
        coverage_upkeep.hold_ground(session)
        viewers = [
            replace(one, pose=sound(one.pose)) for one in coverage_upkeep.stale_viewers(session, at_most=at_most)
        ]
        stored: list[StoredView] = []
        for _, neighbours in groupby(viewers, key=_square):
            group = list(neighbours)
            buildings = coverage_upkeep.buildings_within(session, **_box_around(group))
            stored += views_of(group, buildings, crs=_metric_crs(group[0].pose.lng, group[0].pose.lat))
        coverage_upkeep.save_views(session, stored, at=now)
    return len(viewers)


def _square(viewer: Viewer) -> tuple[int, int]:
    """Return the square of a twentieth of a degree a camera stands in, as stale viewers are ordered."""
    return math.floor(viewer.pose.lng * 20), math.floor(viewer.pose.lat * 20)


def views_of(viewers: Sequence[Viewer], buildings: Buildings, *, crs: str) -> list[StoredView]:
    """Return what each camera sees between buildings, with what it sees at least and at most, ready to be stored."""
    obstacles = obstacles_of(buildings, crs=crs)
    poses = [one.pose for one in viewers]
    seen = views(poses, obstacles, px_per_m=DETECT_PX_PER_M)
    lowest = _others([narrowest(pose) for pose in poses], poses, obstacles)
    highest = _others([widest(pose) for pose in poses], poses, obstacles)
    return [_stored(*one, crs=crs) for one in zip(viewers, seen, lowest, highest, strict=True)]


def _others(wanted: Sequence[Pose | None], poses: Sequence[Pose], obstacles: Obstacles) -> list[View | None]:
    """Return the views of other poses; None where the pose itself is wanted, or none at all."""
    rows = [row for row, (one, pose) in enumerate(zip(wanted, poses, strict=True)) if one is not pose]
    asked = [one for row in rows if (one := wanted[row]) is not None]
    found = iter(views(asked, obstacles, px_per_m=DETECT_PX_PER_M))
    made: list[View | None] = [None] * len(poses)
    for row in rows:
        made[row] = next(found) if wanted[row] is not None else NO_VIEW
    return made


def obstacles_of(buildings: Buildings, *, crs: str) -> Obstacles:
    """Return buildings as obstacles; where only storeys are known a height is guessed from them."""
    heights_m, _ = heights_of(buildings.heights_m, buildings.levels)
    return Obstacles.of_lnglat(shapely.from_wkb(buildings.wkb), crs=crs, heights_m=heights_m)


def _stored(viewer: Viewer, seen: View, lowest: View | None, highest: View | None, *, crs: str) -> StoredView:
    shapes = [one.polygon if one else None for one in (seen, lowest, highest)]
    moved = to_lnglat(array_of([*shapes, (highest or seen).sector]), crs=crs)
    low, high = (None if one is None else bytes(shapely.to_wkb(one)) for one in moved[1:3])
    return StoredView(
        camera_id=viewer.camera_id,
        version=viewer.version,
        path=viewer.path,
        px_per_m=DETECT_PX_PER_M,
        wkb=bytes(shapely.to_wkb(moved[0])),
        lowest=low,
        highest=high,
        box=_box_of(viewer.pose, moved[-1]),
        area_m2=seen.area_m2,
        sector_m2=seen.sector_m2,
        reach_m=reach_m(viewer.pose, px_per_m=DETECT_PX_PER_M),
        flags=[str(flag) for flag in seen.flags],
    )


def _box_of(pose: Pose, sector: shapely.Geometry) -> tuple[float, float, float, float]:
    """Return the lng-lat box of all a camera could see; one that sees no ground keeps its place."""
    if sector.is_empty:
        return pose.lng, pose.lat, pose.lng, pose.lat
    west, south, east, north = (float(side) for side in sector.bounds)
    return west, south, east, north


def _update_cells(now: datetime, *, at_most: int, urgent_only: bool = False) -> int:
    with db.transaction() as session:
        coverage_upkeep.say_alive(session, now=now)
        coverage_upkeep.hold_ground(session)
        cells = coverage_upkeep.stale_cells(session, at_most=at_most, urgent_only=urgent_only)
        for crs, group in groupby(cells, key=_crs_of):
            _measure(session, list(group), crs=crs, now=now)
        events.announce_all(session, "coverage", [(cell.path, {"id": cell.area_id}) for cell in cells])
    return len(cells)


def _measure(session: Session, cells: Sequence[Cell], *, crs: str, now: datetime) -> None:
    ids = [cell.area_id for cell in cells]
    figures = figures_of(
        cells,
        coverage_upkeep.views_near(session, ids),
        obstacles_of(coverage_upkeep.buildings_near(session, ids), crs=crs),
        coverage_upkeep.around(session, ids, since=now - timedelta(days=coverage_upkeep.INCIDENT_DAYS)),
    )
    coverage_upkeep.save_cells(session, list(zip(cells, figures, strict=True)), at=now)


def _crs_of(cell: Cell) -> str:
    middle = shapely.from_wkb(cell.wkb).centroid
    return _metric_crs(middle.x, middle.y)


def _metric_crs(lng: float, lat: float) -> str:
    return settings.get().county_crs or county_crs(lng, lat).to_string()


def _box_around(viewers: Sequence[Viewer]) -> dict[str, float]:
    """Return the lng-lat box that holds everything these cameras could see, generously."""
    reach = max(reach_m(one.pose, px_per_m=DETECT_PX_PER_M) for one in viewers) + 10.0
    margin_lat = reach / _METRES_A_DEGREE
    south = min(one.pose.lat for one in viewers) - margin_lat
    north = max(one.pose.lat for one in viewers) + margin_lat
    # Towards the poles a metre is more degrees of longitude; a twentieth covers the ellipsoid.
    margin_lng = 1.05 * margin_lat / max(0.05, math.cos(math.radians(max(abs(south), abs(north)))))
    return {
        "west": min(one.pose.lng for one in viewers) - margin_lng,
        "south": south,
        "east": max(one.pose.lng for one in viewers) + margin_lng,
        "north": north,
    }
