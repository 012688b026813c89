"""Keep views and coverage up to date: what changed is marked in the database and computed here."""

import logging
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import shapely
from numpy.typing import NDArray

from data import coverage, db, events, settings
from data.coverage import Cell, CellShare, SeenBy, StoredView, Viewer
from data.queue import app
from gis.coords import county_crs
from gis.coverage import DETECT_PX_PER_M, CoverageFlag, in_lnglat, reach_m, view
from gis.gaps import cell_coverage
from gis.obstacles import Obstacles, to_lnglat, to_metres

log = logging.getLogger(__name__)

VIEWS_A_BATCH = 200
CELLS_A_BATCH = 50
_METRES_A_DEGREE = 111_000.0


@app.periodic(cron="* * * * * */5")
@app.task(name="update_coverage", queue="compute", queueing_lock="update_coverage", lock="update_coverage")
def update_coverage(timestamp: int = 0, account_id: int | None = None) -> None:
    """Compute every stale view, then every stale cell, a batch per transaction."""
    with db.transaction() as session:
        coverage.drop_views(session)
        coverage.mark_changed_now(session)
    while _update_views(datetime.now(UTC)):
        pass
    while _update_cells(datetime.now(UTC)):
        pass


def _update_views(now: datetime) -> int:
    with db.transaction() as session:
        coverage.hold_ground(session)
        viewers = coverage.stale_viewers(session, at_most=VIEWS_A_BATCH)
        stored: list[StoredView] = []
        for _, neighbours in groupby(viewers, key=_square):
            group = list(neighbours)
            box = _box_around(group)
            footprints = shapely.from_wkb(coverage.buildings_within(session, **box))
            stored += views_of(group, footprints, crs=_metric_crs(group[0].pose.lng, group[0].pose.lat))
        coverage.save_views(session, stored, at=now)
    return len(viewers)


def _square(viewer: Viewer) -> tuple[int, int]:
    """Return the square of a twentieth of a degree a camera stands in, as stale viewers are ordered."""
    return math.floor(viewer.pose.lng * 20), math.floor(viewer.pose.lat * 20)


def views_of(viewers: Sequence[Viewer], footprints: Iterable[shapely.Geometry], *, crs: str) -> list[StoredView]:
    """Return what each camera sees between footprints in lng-lat, ready to be stored."""
    obstacles = Obstacles.of_lnglat(footprints, crs=crs)
    return [_stored(one, obstacles) for one in viewers]


def _stored(viewer: Viewer, obstacles: Obstacles) -> StoredView:
    seen = view(viewer.pose, obstacles, px_per_m=DETECT_PX_PER_M)
    return StoredView(
        camera_id=viewer.camera_id,
        version=viewer.version,
        path=viewer.path,
        px_per_m=DETECT_PX_PER_M,
        wkb=shapely.to_wkb(in_lnglat(seen, crs=obstacles.crs).polygon),
        area_m2=seen.area_m2,
        sector_m2=seen.sector_m2,
        reach_m=reach_m(viewer.pose, px_per_m=DETECT_PX_PER_M),
        flags=[str(flag) for flag in seen.flags],
    )


def _update_cells(now: datetime) -> int:
    with db.transaction() as session:
        coverage.hold_ground(session)
        cells = coverage.stale_cells(session, at_most=CELLS_A_BATCH)
        for cell in cells:
            west, south, east, north = shapely.from_wkb(cell.wkb).bounds
            footprints = coverage.buildings_within(session, west=west, south=south, east=east, north=north)
            seen_by = coverage.views_into(session, cell.area_id)
            share = share_of(cell, seen_by, shapely.from_wkb(footprints))
            coverage.save_cell(session, cell, share, seen_by, at=now)
            events.announce(session, "coverage", path=cell.path, body={"id": cell.area_id})
    return len(cells)


def share_of(cell: Cell, seen_by: Sequence[SeenBy], footprints: Iterable[shapely.Geometry]) -> CellShare:
    """Return how much of a cell is seen by all cameras in use, and by those that show a good picture now."""
    boundary = shapely.from_wkb(cell.wkb)
    crs = _metric_crs(boundary.centroid.x, boundary.centroid.y)
    obstacles = Obstacles.of_lnglat(footprints, crs=crs)
    ground = to_metres(_array([boundary]), crs=crs)[0]
    planned = to_metres(_array(shapely.from_wkb(one.wkb) for one in seen_by), crs=crs)
    now = [polygon for polygon, one in zip(planned, seen_by, strict=True) if one.works_now]
    whole = cell_coverage(ground, planned, obstacles=obstacles, min_gap_m2=coverage.MIN_GAP_M2)
    working = cell_coverage(ground, now, obstacles=obstacles, min_gap_m2=coverage.MIN_GAP_M2)
    return CellShare(
        area_m2=whole.area_m2,
        open_m2=whole.open_m2,
        seen_m2=whole.seen_m2,
        seen_now_m2=working.seen_m2,
        cameras=len(planned),
        cameras_now=len(now),
        gaps_wkb=shapely.to_wkb(to_lnglat(_array([working.gaps]), crs=crs)[0]),
        flags=sorted({str(flag) for flag in whole.flags} | _flags_of(seen_by)),
    )


def _flags_of(seen_by: Sequence[SeenBy]) -> set[str]:
    """Return what must be known of the views; whether the cell has buildings the cell itself says."""
    return {flag for one in seen_by for flag in one.flags} - {str(CoverageFlag.NO_BUILDINGS_KNOWN)}


def _array(geometries: Iterable[shapely.Geometry]) -> NDArray[np.object_]:
    return np.array(list(geometries), dtype=object)


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
