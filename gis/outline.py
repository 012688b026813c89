"""From the stretches of a sweep to a polygon that can be drawn, stored and united.

An arc becomes a polyline that deviates from it by at most ARC_TOLERANCE_M, with its radius chosen so that the
polyline encloses exactly the area of the circular sector. So the area of the outline is the area of the sweep, to
rounding, and shares computed with polygons are as exact as the areas themselves. Only where a wall enters the near
blind zone may the outline be off by the tolerance along that wall; the area of the sweep is exact there too.
"""

import math
from typing import TypeAlias

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from gis.sweep import FULL_TURN, Fan, Floats, Sweep, Whole, unhindered

ARC_TOLERANCE_M = 0.001
# Stretches this close together touch: hairs between them were left out.
TOUCH_RAD = 1e-9

Surface: TypeAlias = Polygon | MultiPolygon


def outline(seen: Sweep) -> Surface:
    """Return the outline of what is seen, in metres around the eye; empty when nothing is."""
    parts = [_part(run) for run in _runs(seen)]
    if len(parts) == 1 and parts[0].is_valid:
        return parts[0]
    return solid(shapely.union_all([valid(part) for part in parts]))


def sector(fan: Fan) -> Surface:
    """Return the outline of the fan on open ground."""
    return outline(unhindered(fan))


def solid(geometry: shapely.Geometry) -> Surface:
    """Return only the surfaces of a geometry: points and lines that touch it have no area."""
    flat = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    flat = [part for part in flat if part.area > 0]
    return flat[0] if len(flat) == 1 else MultiPolygon(flat)


def valid(shape: Surface) -> Surface:
    """Return the shape itself, or its repaired surface: rounding on the way through lng, lat may fold a thin part."""
    return shape if shape.is_valid else solid(shapely.make_valid(shape))


def _runs(seen: Sweep) -> list[Sweep]:
    """Split into runs of stretches without a gap between them, joining the run that passes the start."""
    if not len(seen.since):
        return []
    breaks = np.flatnonzero(seen.since[1:] - seen.until[:-1] > TOUCH_RAD) + 1
    rows = np.split(np.arange(len(seen.since)), breaks)
    passes = seen.fan.is_full and seen.since[0] <= TOUCH_RAD and seen.until[-1] >= seen.fan.width - TOUCH_RAD
    if passes and len(rows) > 1:
        rows = [np.r_[rows[-1], rows[0]], *rows[1:-1]]
    return [_take(seen, row) for row in rows]


def _take(seen: Sweep, rows: Whole) -> Sweep:
    turned = np.where(np.arange(len(rows)) > np.argmax(rows), FULL_TURN, 0.0)
    return Sweep(
        fan=seen.fan,
        since=seen.since[rows] + turned,
        until=seen.until[rows] + turned,
        r_since=seen.r_since[rows],
        r_until=seen.r_until[rows],
        on_arc=seen.on_arc[rows],
    )


def _part(run: Sweep) -> Polygon:
    """Return the polygon of one run: out along its ends, back along the near blind zone or through the eye."""
    outer = np.vstack([_rim(run, row) for row in range(len(run.since))])
    goes_round = run.until[-1] - run.since[0] >= FULL_TURN - TOUCH_RAD
    inner = _arc(run.fan, run.since[0], run.until[-1], run.fan.near) if run.fan.near > 0 else None
    if goes_round:
        return Polygon(outer, [inner] if inner is not None else [])
    return Polygon(np.vstack([outer, np.zeros((1, 2)) if inner is None else inner[::-1]]))


def _rim(run: Sweep, row: int) -> Floats:
    since, until = float(run.since[row]), float(run.until[row])
    if run.on_arc[row]:
        return _arc(run.fan, since, until, run.fan.reach)
    return _points(run.fan, np.array([since, until]), np.array([run.r_since[row], run.r_until[row]]))


def _arc(fan: Fan, since: float, until: float, radius: float) -> Floats:
    """Return points of the polyline whose area is that of the circular sector."""
    # With steps of `turn` the corners lie radius·turn²/12 outside the arc, the middles half as much inside.
    turn = math.sqrt(12 * ARC_TOLERANCE_M / radius)
    steps = max(1, math.ceil((until - since) / min(turn, math.pi / 8)))
    turn = (until - since) / steps
    even = radius * math.sqrt(turn / math.sin(turn))
    return _points(fan, np.linspace(since, until, steps + 1), np.full(steps + 1, even))


def _points(fan: Fan, angle: Floats, distance: Floats) -> Floats:
    return np.stack([np.cos(angle + fan.start) * distance, np.sin(angle + fan.start) * distance], axis=1)
