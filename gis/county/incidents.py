"""Incidents of a made-up county: clustered where its people are, at the hours such things happen."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gis.county.divisions import Divisions
from gis.county.houses import Houses
from gis.county.land import Floats, Land
from gis.county.places import Places
from gis.county.ways import Ways

# Kind, share, what it clusters at, and the hour of the day around which it happens, with its spread.
KINDS = (
    ("交通事故", 0.26, "crossings", ((8.0, 1.5), (18.0, 2.0))),
    ("纠纷", 0.30, "houses", ((11.0, 2.5), (20.0, 2.5))),
    ("盗窃", 0.18, "towns", ((3.0, 2.5), (14.5, 3.0))),
    ("火情", 0.08, "houses", ((13.0, 3.0), (19.5, 2.0))),
    ("道路损坏", 0.18, "roads", ((9.5, 2.5), (16.0, 2.5))),
)
NEAR_M = 18.0


def make_incidents(
    land: Land,
    tree: Divisions,
    ways: Ways,
    houses: Houses,
    places: Places,
    *,
    count: int,
    before: datetime,
    days: int = 90,
    chance: np.random.Generator,
) -> tuple[list[dict[str, Any]], Floats]:
    """Return incidents of the `days` before `before`, oldest first, and where they happened, in metres."""
    spots = _spots(ways, houses)
    kind = chance.choice(len(KINDS), size=count, p=[share for _, share, _, _ in KINDS])
    day = chance.integers(1, days + 1, count)
    points, hours = np.empty((count, 2)), np.empty(count)
    for row, (_, _, where, peaks) in enumerate(KINDS):
        own = np.flatnonzero(kind == row)
        weight = chance.pareto(1.6, len(spots[where])) + 0.1
        chosen = chance.choice(len(spots[where]), size=len(own), p=weight / weight.sum())
        points[own] = spots[where][chosen]
        peak = np.array(peaks)[chance.integers(0, len(peaks), len(own))]
        hours[own] = chance.normal(peak[:, 0], peak[:, 1]) % 24
    points = _kept_inside(tree, points, points + chance.normal(0, NEAR_M, points.shape))
    minutes = np.minimum((hours * 60).astype(int), 24 * 60 - 1)
    order = np.lexsort((minutes, -day))
    nearest = np.asarray(cKDTree(places.points).query(points)[1])
    midnight = before.replace(hour=0, minute=0, second=0, microsecond=0)
    records = [
        {
            "code": f"SFSJ{number:07d}",
            "kind": KINDS[kind[row]][0],
            "at": midnight - timedelta(days=int(day[row])) + timedelta(minutes=int(minutes[row])),
            "place": f"{places.names[nearest[row]]}附近",
        }
        for number, row in enumerate(order, 1)
    ]
    return records, points[order]


def _spots(ways: Ways, houses: Houses) -> dict[str, Floats]:
    homes = shapely.get_coordinates(shapely.centroid(houses.footprints))
    lines = shapely.segmentize(np.array(ways.lines, dtype=object), 60.0)
    return {
        "crossings": ways.crossings,
        "houses": homes,
        "towns": homes[houses.levels >= 3],
        "roads": shapely.get_coordinates(lines),
    }


def _kept_inside(tree: Divisions, first: Floats, moved: Floats) -> Floats:
    inside = np.zeros(len(moved), dtype=bool)
    inside[shapely.STRtree(tree.cells).query(shapely.points(moved), predicate="within")[0]] = True
    return np.where(inside[:, None], moved, first)
