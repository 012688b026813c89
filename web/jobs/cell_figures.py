"""From what the database holds around some cells to what they came to, at every pixel density."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from data.coverage import MIN_GAP_M2
from data.coverage_upkeep import Around, Cell, CellFigures, NearView
from data.types import Pose
from gis.coverage import CoverageFlag, reach_m, views
from gis.gaps import CellCoverage, Ground, Sights, cells_coverage
from gis.matters import Matter
from gis.obstacles import Obstacles, to_lnglat, to_metres
from gis.pixels import PX_PER_M, DensityClass
from gis.poses import WrongPose
from gis.surfaces import Shapes, array_of

log = logging.getLogger(__name__)

_COUNTED = (Matter.CROSSINGS, Matter.BUILDINGS, Matter.PLACES, Matter.INCIDENTS)


def figures_of(
    cells: Sequence[Cell], near: Sequence[NearView], obstacles: Obstacles, around: Around
) -> list[CellFigures]:
    """Return how much of each cell is seen by all cameras in use, and by those that show a good picture now."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, area, _ in around.places:
        places[area].append(place)
    grounds = _grounds(cells, obstacles, around)
    sights = sights_of(near, crs=obstacles.crs)
    eyes = shapely.get_coordinates(_metres([shapely.Point(one.pose.lng, one.pose.lat) for one in near], obstacles.crs))
    found: dict[float, list[CellCoverage]] = {}
    for name, density in PX_PER_M.items():
        reaches = np.array([reach_m(sound(one.pose), px_per_m=density) for one in near])
        own = sights if name is DensityClass.DETECT else sights.narrowed(eyes, reaches)
        found[density] = cells_coverage(grounds, own, min_gap_m2=MIN_GAP_M2)
    return [
        _figures({density: one[row] for density, one in found.items()}, near, places[cell.area_id], obstacles.crs)
        for row, cell in enumerate(cells)
    ]


def sound(pose: Pose) -> Pose:
    """Return the pose itself, or one that sees nothing where the record holds what no camera can have.

    One such record must not keep all others from being computed.
    """
    try:
        reach_m(pose)
    except WrongPose as wrong:
        log.warning("pose refused lng=%s lat=%s reason=%s", pose.lng, pose.lat, wrong)
        return Pose(lng=pose.lng, lat=pose.lat, bearing_deg=0.0, hfov_deg=90.0, reach_m=0.0)
    return pose


def sights_of(near: Sequence[NearView], *, crs: str) -> Sights:
    """Return stored views as sights in metres, with their plain sectors."""
    seen = _metres([shapely.from_wkb(one.wkb) for one in near], crs)
    open_ground = Obstacles.of([], crs=crs)
    is_doubtful = any(one.lowest or one.highest for one in near)
    return Sights.of(
        seen,
        works_now=[one.works_now for one in near],
        least=_instead(seen, [one.lowest for one in near], crs) if is_doubtful else None,
        most=_instead(seen, [one.highest for one in near], crs) if is_doubtful else None,
        sector=[one.polygon for one in views([sound(one.pose) for one in near], open_ground)],
    )


def _instead(seen: Shapes, others: Sequence[bytes | None], crs: str) -> Shapes:
    """Return the views with others in the place of those that have one."""
    made = seen.copy()
    rows = [row for row, other in enumerate(others) if other is not None]
    made[rows] = _metres([shapely.from_wkb(others[row]) for row in rows], crs)
    return made


def _grounds(cells: Sequence[Cell], obstacles: Obstacles, around: Around) -> list[Ground]:
    crs = obstacles.crs
    roads = _metres([shapely.from_wkb(one) for one in around.roads], crs)
    tree = shapely.STRtree(roads)
    places = _by_cell([(area, wkb) for _, area, wkb in around.places], crs)
    incidents = _by_cell(around.incidents, crs)
    shapes = _metres([shapely.from_wkb(cell.wkb) for cell in cells], crs)
    return [
        Ground.of(
            shape,
            obstacles,
            roads=roads[np.sort(tree.query(shape))],
            places=places.get(cell.area_id, ()),
            incidents=incidents.get(cell.area_id, ()),
        )
        for cell, shape in zip(cells, shapes, strict=True)
    ]


def _by_cell(points: Sequence[tuple[int, bytes]], crs: str) -> dict[int, list[shapely.Geometry]]:
    moved = _metres([shapely.from_wkb(wkb) for _, wkb in points], crs)
    found: dict[int, list[shapely.Geometry]] = defaultdict(list)
    for (area, _), point in zip(points, moved, strict=True):
        found[area].append(point)
    return found


def _figures(
    found: Mapping[float, CellCoverage], near: Sequence[NearView], places: Sequence[int], crs: str
) -> CellFigures:
    widest = found[PX_PER_M[DensityClass.DETECT]]
    reaching = [near[row] for row in widest.cameras]
    return CellFigures(
        area_m2=widest.area_m2,
        open_m2=widest.open_m2,
        seen_m2=widest.seen_m2,
        seen_now_m2=widest.seen_now_m2,
        cameras=len(reaching),
        cameras_now=sum(one.works_now for one in reaching),
        cameras_unknown=sum(one.is_unknown for one in reaching),
        gaps_now=_wkb(widest.gaps_now, crs),
        flags=sorted({str(flag) for flag in widest.flags} | _flags_of(reaching)),
        shares=[_share_row(density, one, near, places, crs) for density, one in found.items()],
        views={one.camera_id: one.works_now for one in reaching},
    )


def _share_row(
    density: float, one: CellCoverage, near: Sequence[NearView], places: Sequence[int], crs: str
) -> dict[str, Any]:
    ids = np.array(places, dtype=np.int64)
    roads = one.tallies[Matter.ROADS]
    row: dict[str, Any] = {
        "px_per_m": density,
        "seen_m2": one.seen_m2,
        "seen_now_m2": one.seen_now_m2,
        "seen_by_2_m2": min(one.seen_by_2_m2, one.seen_m2),
        "least_m2": one.least_m2,
        "most_m2": one.most_m2,
        "sectors_m2": one.sectors_m2,
        "worst_camera_id": None if one.worst is None else near[one.worst].camera_id,
        "worst_m2": one.worst_m2,
        "roads_m": roads.of,
        "roads_seen_m": roads.seen,
        "roads_now_m": roads.now,
        "unseen_places": ids[~one.places_seen].tolist(),
        "unseen_places_now": ids[~one.places_now].tolist(),
        "gaps": _wkb(one.gaps, crs),
        "gaps_now": _wkb(one.gaps_now, crs),
    }
    for matter in _COUNTED:
        tally = one.tallies[matter]
        row |= {str(matter): int(tally.of), f"{matter}_seen": int(tally.seen), f"{matter}_now": int(tally.now)}
    return row


def _flags_of(reaching: Sequence[NearView]) -> set[str]:
    """Return what must be known of the views; whether the cell has buildings the cell itself says."""
    return {flag for one in reaching for flag in one.flags} - {str(CoverageFlag.NO_BUILDINGS_KNOWN)}


def _wkb(shape: shapely.Geometry, crs: str) -> bytes:
    return bytes(shapely.to_wkb(to_lnglat(array_of([shape]), crs=crs)[0]))


def _metres(shapes: Sequence[shapely.Geometry], crs: str) -> Shapes:
    return to_metres(array_of(list(shapes)), crs=crs)
