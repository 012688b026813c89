"""What a computation of sites works on, read in one go: the ground, where cameras could stand, what should be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from data import plan_ground
from data.plan_ground import Box
from data.scenarios import Row, pose_of
from data.types import Pose
from gis.candidates import Demand, Standpoint, across, along, corners, crossings, lies_in
from gis.obstacles import to_lnglat, to_metres
from gis.outline import solid, valid
from web.plan import figures, scene

# What a unit of each kind of demand is: one crossing, 100 m of road, 1,000 m² of ground, one place, one incident.
UNITS = {"crossings": 1.0, "roads": 100.0, "gaps": 1_000.0, "places": 1.0, "incidents": 1.0, "drawn": 1.0}
INCIDENTS_OF = timedelta(days=365)
ROAD_STEP_M = 20.0
CORNERS_APART_M = 15.0
MOST_GROUND_POINTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where cameras could stand, those in forbidden ground left out, and how many that were."""

    standpoints: Sequence[Standpoint]
    excluded: int
    forbidden: NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The ground of an area, where cameras could stand on it, what should be seen, and who stands there already."""

    on: scene.Ground
    places: Places
    demand: Demand
    standing: Sequence[Pose]


def gathered(
    session: Session, scenario: Row, kept: Sequence[Row], wanted: Mapping[str, Any], *, now: datetime
) -> Gathered:
    """Return what a computation needs of the database. Raises Missing for an area without a boundary.

    `kept` are the cameras the scenario has already; they count as standing, as those in use do.
    """
    area = shapely.from_wkb(plan_ground.boundary(session, scenario["area"]))
    west, south, east, north = area.bounds
    on = scene.ground(session, Box(west=west, south=south, east=east, north=north))
    inside = _metric([area], on.crs)[0]
    places = _places(session, on, inside, wanted["candidates"])
    return Gathered(
        on=on,
        places=places,
        demand=_demand(session, on, inside, wanted["demand"], places.forbidden, now=now),
        standing=[one.pose for one in on.standing] + [pose_of(figures.filled(row)) for row in kept],
    )


def _places(session: Session, on: scene.Ground, inside: shapely.Geometry, wanted: Mapping[str, Any]) -> Places:
    forbidden = _metric([shapely.from_wkb(one.wkb) for one in scene.forbidden_in(session, on.box)], on.crs)
    found = [
        Standpoint(lng=row["lng"], lat=row["lat"], key=row["code"], name=row["name"], origin=origin)
        for kinds, origin in ((wanted["place_kinds"], "place"), (wanted["crossing_kinds"], "crossing"))
        if kinds
        for row in plan_ground.places(session, on.box, kinds)
    ]
    found += [Standpoint(lng=lng, lat=lat) for lng, lat in wanted["drawn"]]
    if wanted["crossings"]:
        found += _at(crossings(_roads(session, on)), on.crs, origin="crossing")
    if wanted["corners"]:
        near = on.obstacles.footprints[on.obstacles.tree.query(inside, predicate="intersects")]
        found += _at(corners(near, apart_m=CORNERS_APART_M), on.crs, origin="corner")
    points = metres_of(found, on.crs)
    within = shapely.intersects(inside, shapely.points(points))
    shut = lies_in(points, forbidden)
    left = [one for one, is_inside, is_shut in zip(found, within, shut, strict=True) if is_inside and not is_shut]
    return Places(standpoints=left, excluded=int((within & shut).sum()), forbidden=forbidden)


def _demand(
    session: Session,
    on: scene.Ground,
    inside: shapely.Geometry,
    wanted: Mapping[str, Any],
    forbidden: NDArray[np.object_],
    *,
    now: datetime,
) -> Demand:
    """Return what should be seen inside the area and outside forbidden ground."""
    parts = [
        Demand.of(kind, points, amount=amount, worth=wanted[kind] / UNITS[kind])
        for kind, points, amount in (
            ("crossings", *_crossings(session, on, wanted)),
            ("roads", *_along(session, on, wanted)),
            ("gaps", *_open(on, inside, wanted)),
            ("places", *_placed(session, on, wanted["place_kinds"] if wanted["places"] else [])),
            ("incidents", *_incidents(session, on, wanted, now)),
            ("drawn", _metres(wanted["points"], on.crs), 1.0),
        )
        if wanted[kind]
    ]
    whole = Demand.joined(parts)
    return whole.within(shapely.intersects(inside, shapely.points(whole.points)) & ~lies_in(whole.points, forbidden))


def _crossings(session: Session, on: scene.Ground, wanted: Mapping[str, Any]) -> tuple[Any, Any]:
    if not wanted["crossings"]:
        return np.empty((0, 2)), 1.0
    if wanted["crossing_kinds"]:
        return _placed(session, on, wanted["crossing_kinds"])
    return crossings(_roads(session, on)), 1.0


def _along(session: Session, on: scene.Ground, wanted: Mapping[str, Any]) -> tuple[Any, Any]:
    return along(_roads(session, on), every_m=ROAD_STEP_M) if wanted["roads"] else (np.empty((0, 2)), 1.0)


def _open(on: scene.Ground, inside: shapely.Geometry, wanted: Mapping[str, Any]) -> tuple[Any, Any]:
    if not wanted["gaps"]:
        return np.empty((0, 2)), 1.0
    built = on.obstacles.footprints[on.obstacles.tree.query(inside, predicate="intersects")]
    return across(solid(shapely.difference(valid(inside), shapely.union_all(built))), most=MOST_GROUND_POINTS)


def _placed(session: Session, on: scene.Ground, kinds: Sequence[str]) -> tuple[Any, Any]:
    found = plan_ground.places(session, on.box, kinds) if kinds else []
    return _metres([(row["lng"], row["lat"]) for row in found], on.crs), 1.0


def _incidents(session: Session, on: scene.Ground, wanted: Mapping[str, Any], now: datetime) -> tuple[Any, Any]:
    found = plan_ground.incidents(session, on.box, since=now - INCIDENTS_OF) if wanted["incidents"] else []
    points = _metres([(row["lng"], row["lat"]) for row in found], on.crs)
    return points, np.array([float(row["events"]) for row in found])


def _roads(session: Session, on: scene.Ground) -> NDArray[np.object_]:
    return _metric(shapely.from_wkb([row["wkb"] for row in plan_ground.roads(session, on.box)]), on.crs)


def _at(points: NDArray[np.float64], crs: str, *, origin: str) -> list[Standpoint]:
    if not len(points):
        return []
    placed = to_lnglat(np.asarray(shapely.points(points), dtype=object), crs=crs)
    return [Standpoint(lng=lng, lat=lat, origin=origin) for lng, lat in shapely.get_coordinates(placed).tolist()]


def metres_of(found: Sequence[Standpoint], crs: str) -> NDArray[np.float64]:
    """Return where standpoints are, x, y in metres."""
    return _metres([(one.lng, one.lat) for one in found], crs)


def _metres(places: Sequence[Sequence[float]], crs: str) -> NDArray[np.float64]:
    given = np.array(places, dtype=float).reshape(-1, 2)
    moved = to_metres(np.asarray(shapely.points(given), dtype=object), crs=crs)
    return np.asarray(shapely.get_coordinates(moved)).reshape(-1, 2)


def _metric(shapes: Any, crs: str) -> NDArray[np.object_]:
    return to_metres(scene.array_of(list(shapes)), crs=crs)
