"""What 100,000 cameras see between 1,000,000 buildings, beside peers.

./run.sh bench coverage [--cameras N --buildings M].

Makes a seeded city (bench/lib/city.py), fetches the peers into a temporary folder, and writes
docs/benchmarks/coverage.md at full scale; at any other it only prints. Cells are measured by bench/cells.py.
"""

import argparse
import importlib
import math
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.lib import city, view_peers
from bench.lib.view_peers import Peer
from data.types import Pose
from gis.coverage import CoverageFlag, ViewArrays, view, view_arrays
from gis.obstacles import Obstacles
from gis.poses import Poses, fans_of

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "coverage.md"
CAMERAS, BUILDINGS = 100_000, 1_000_000
SETTINGS = ((90.0, 80.0), (90.0, 150.0), (360.0, 300.0))
# Cameras are handed over in batches, as a job would: their outlines need not be in memory all at once.
BATCH = 20_000
SAMPLE, FAN_SAMPLE, WHOLE_SAMPLE = 300, 30, 200
EQUAL = 1e-4
ODD = sum(1 << k for k, flag in enumerate(CoverageFlag) if flag in (CoverageFlag.ON_WALL, CoverageFlag.INSIDE_BUILDING))

Back = TypeVar("Back")
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Town:
    """The city, its index, and how long that took."""

    houses: NDArray[np.object_]
    obstacles: Obstacles
    index_s: float
    compile_s: float


def main() -> None:
    """Measure, print and, at full scale, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    parser.add_argument("--buildings", type=int, default=BUILDINGS)
    chosen = parser.parse_args()
    town = made(chosen.buildings)
    whole = [whole_job(town, chosen.cameras, *setting) for setting in SETTINGS]
    growth = grown(town, chosen.cameras)
    one = one_edited(town)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        view_peers.fetch(Path(name))
        sys.path.insert(0, str(Path(name) / "py"))
        each = [row for reach in (80.0, 150.0) for row in beside_peers(town, reach, Path(name))]
        built = whole_by_peers(town, chosen.cameras, whole[0])
    text = report(
        chosen, town, whole, growth, [*one, ("peak memory, the city included", f"{peak_gb:.2f} GB")], each, built
    )
    print(text)
    if (chosen.cameras, chosen.buildings) == (CAMERAS, BUILDINGS):
        REPORT.write_text(text, encoding="utf-8")


def timed(run: Callable[[], Back]) -> tuple[float, Back]:
    """Return seconds and what was returned."""
    began = time.perf_counter()
    made_it = run()
    return time.perf_counter() - began, made_it


def made(buildings: int) -> Town:
    """Return the city with its index; compiling is timed apart, on a city of 30 houses."""
    small = city.houses(30)
    few = city.poses(30, small, hfov_deg=90.0, reach_m=80.0)
    compile_s, _ = timed(lambda: view_arrays(few, Obstacles.of(small, crs=city.CRS)))
    houses = city.houses(buildings)
    index_s, obstacles = timed(lambda: indexed(houses))
    return Town(houses, obstacles, index_s, compile_s)


def indexed(houses: NDArray[np.object_]) -> Obstacles:
    """Return obstacles with all that finds their edges."""
    obstacles = Obstacles.of(houses, crs=city.CRS)
    # What finds edges and footprints is made when it is first asked for.
    _ = obstacles.ground, obstacles.houses
    return obstacles


def batches(poses: Sequence[Pose]) -> Iterator[Sequence[Pose]]:
    """Return the cameras in batches."""
    return (poses[since : since + BATCH] for since in range(0, len(poses), BATCH))


def seen(poses: Sequence[Pose], obstacles: Obstacles, *, outlines: bool = True) -> tuple[float, int]:
    """Return the area all cameras see, and how many points their outlines have."""
    area, points = 0.0, 0
    for batch in batches(poses):
        views: ViewArrays = view_arrays(batch, obstacles, outlines=outlines)
        area += float(views.area_m2.sum())
        points += len(views.outlines.points) if views.outlines is not None else 0
    return area, points


def whole_job(town: Town, cameras: int, hfov_deg: float, reach_m: float) -> tuple[str, float, float, int]:
    """Return a setting, seconds for areas alone and with outlines, and the points of these."""
    poses = city.poses(cameras, town.houses, hfov_deg=hfov_deg, reach_m=reach_m)
    areas_s, _ = timed(lambda: seen(poses, town.obstacles, outlines=False))
    outlines_s, (_, points) = timed(lambda: seen(poses, town.obstacles))
    return f"{hfov_deg:.0f}°, {reach_m:.0f} m", areas_s, outlines_s, points


def grown(town: Town, cameras: int) -> Rows:
    """Return how the time grows with the cameras and with the buildings."""
    poses = city.poses(cameras, town.houses, hfov_deg=90.0, reach_m=80.0)
    rows: Rows = []
    for count in (cameras // 100, cameras // 10, cameras):
        seconds, _ = timed(lambda count=count: seen(poses[:count], town.obstacles))  # type: ignore[misc]
        rows.append((f"{count:,} cameras, {len(town.houses):,} buildings", "", f"{seconds:.3f} s"))
    for share in (100, 10):
        houses = city.houses(len(town.houses) // share)
        index_s, obstacles = timed(lambda houses=houses: indexed(houses))  # type: ignore[misc]
        few = city.poses(cameras // share, houses, hfov_deg=90.0, reach_m=80.0)
        seconds, _ = timed(lambda few=few, obstacles=obstacles: seen(few, obstacles))  # type: ignore[misc]
        rows.append((f"{len(few):,} cameras, {len(houses):,} buildings", f"{index_s:.3f} s", f"{seconds:.3f} s"))
    return rows


def one_edited(town: Town) -> Rows:
    """Return how long one camera takes whose bearing is edited, its polygons included."""
    rows: Rows = []
    for hfov_deg, reach in SETTINGS:
        poses = city.poses(100, town.houses, hfov_deg=hfov_deg, reach_m=reach)
        times = [timed(lambda pose=pose: view(pose, town.obstacles))[0] * 1000 for pose in poses]  # type: ignore[misc]
        middle, most = statistics.median(times), sorted(times)[-3]
        name = f"one camera edited, {hfov_deg:.0f}°, {reach:.0f} m, with its polygons"
        rows.append((name, f"median {middle:.2f} ms, 98 of 100 within {most:.2f} ms"))
    return rows


def open_eyes(town: Town, count: int, reach_m: float) -> Iterator[tuple[Pose, list[NDArray[np.float64]]]]:
    """Return cameras on open ground, and the edges of each house around: eyes on walls are no case peers can take."""
    poses = city.poses(4 * count, town.houses, hfov_deg=90.0, reach_m=reach_m, seed=3)
    flags = view_arrays(poses, town.obstacles, outlines=False).flags
    some = [pose for pose, flag in zip(poses, flags, strict=True) if not flag & ODD][:count]
    fans = fans_of(Poses.of(some), crs=city.CRS)
    obstacles = town.obstacles
    for pose, x, y in zip(some, fans.x.tolist(), fans.y.tolist(), strict=True):
        rows = obstacles.around(shapely.box(x - reach_m, y - reach_m, x + reach_m, y + reach_m))
        eye = np.array([x, y, x, y])
        yield pose, [obstacles.edges[obstacles.first[k] : obstacles.first[k + 1]] - eye for k in rows]


def pysovist_area(walls: NDArray[np.float64], **asked: Any) -> float:
    """Return the area pysovist finds around the origin."""
    isovist = importlib.import_module("pysovist").isovist
    return float(isovist(walls.reshape(-1, 2, 2), (0.0, 0.0), **asked).area)


def beside_peers(town: Town, reach_m: float, folder: Path) -> Rows:
    """Return milliseconds a view beside the peers, each given the same segments."""
    rooms = [view_peers.room(houses, reach_m) for _, houses in open_eyes(town, SAMPLE, reach_m)]
    mine = view_peers.ours(rooms)
    others = [
        view_peers.visibility_polygon(rooms, folder),
        view_peers.pysovist(rooms, pysovist_area),
        view_peers.shapely_fan(rooms[:FAN_SAMPLE]),
    ]
    segments = statistics.mean(len(room) for room in rooms)
    head = f"{reach_m:.0f} m, {segments:.0f} segments a view"
    rows: Rows = [(head, mine.name, f"{mine.ms:.4f} ms", "1", "")]
    return rows + [
        ("", peer.name, f"{peer.ms:.3f} ms", f"{peer.ms / mine.ms:.1f}", apart(peer, mine)) for peer in others
    ]


def apart(peer: Peer, mine: Peer) -> str:
    """Say how far the areas of a peer are from ours."""
    off = np.abs(peer.areas / mine.areas[: len(peer.areas)] - 1)
    equal = int((off <= EQUAL).sum())
    return f"{equal} of {len(off)} equal within 0.01 %; median {np.median(off):.1e}, most {off.max():.1e}"


def whole_by_peers(town: Town, cameras: int, mine: tuple[str, float, float, int]) -> Rows:
    """Return the best whole job built from others: a tree of footprints, and pysovist for what it finds, scaled."""
    tree_s, tree = timed(lambda: shapely.STRtree(town.houses))
    some = [pose for pose, _ in open_eyes(town, WHOLE_SAMPLE, 80.0)]
    fans = fans_of(Poses.of(some), crs=city.CRS)

    def look(row: int) -> float:
        x, y, middle = fans.x[row], fans.y[row], fans.start[row] + fans.width[row] / 2
        near = tree.query(shapely.box(x - 80, y - 80, x + 80, y + 80))
        points, house = shapely.get_coordinates(town.houses[near], return_index=True)
        same, points = house[1:] == house[:-1], points - np.array([x, y])
        walls = np.hstack([points[:-1][same], points[1:][same]])
        turned = math.remainder(float(middle), 2 * math.pi)
        return pysovist_area(walls, max_distance=80.0, fov=float(fans.width[row]), direction=turned)

    seconds, areas = timed(lambda: [look(row) for row in range(len(some))])
    found = view_arrays(some, town.obstacles, outlines=False).area_m2
    off = np.abs(np.array(areas) / found - 1)
    total, ours_s = tree_s + seconds / len(some) * cameras, town.index_s + mine[1]
    equal = f"{int((off <= EQUAL).sum())} of {len(off)} areas equal within 0.01 %"
    name = f"shapely STRtree and pysovist, {len(some)} open cameras scaled to {cameras:,}"
    return [
        (f"ours, {cameras:,} cameras, on walls and inside as well", f"{ours_s:.2f} s", "1", ""),
        (name, f"{total:.0f} s", f"{total / ours_s:.0f}", equal),
    ]


def report(
    chosen: argparse.Namespace,
    town: Town,
    whole: Sequence[tuple[str, float, float, int]],
    growth: Rows,
    facts: Rows,
    each: Rows,
    built: Rows,
) -> str:
    """Return the report as Markdown."""
    jobs: Rows = [
        (
            name,
            f"{town.index_s:.2f} s",
            f"{areas:.2f} s",
            f"{outlines:.2f} s",
            f"{town.index_s + outlines:.2f} s",
            f"{points:,}",
        )
        for name, areas, outlines, points in whole
    ]
    compiling: Rows = [("compiling, or loading what is compiled, apart", f"{town.compile_s:.1f} s")]
    edges = f"{len(town.obstacles.edges):,} edges"
    return "\n".join(
        [
            f"# What {chosen.cameras:,} cameras see between {chosen.buildings:,} buildings\n",
            f"{os.cpu_count()} cores, {platform.machine()}; {datetime.now(UTC):%Y-%m-%d}. "
            f"Made by `./run.sh bench coverage`. A made-up city of {edges}; three cameras in ten hang on a wall.\n",
            *table(("setting", "index", "areas", "with outlines", "index and outlines", "points"), jobs),
            *table(("", "measured"), [*facts, *compiling]),
            "How it grows, 90°, 80 m, with outlines:\n",
            *table(("", "index", "views"), growth),
            "One view, all given the same segments of a square room, all round, on open ground, one core; the time of "
            "pysovist includes its Plan:\n",
            *table(("scene", "", "a view", "times ours", "areas"), each),
            "The whole job, 90°, 80 m, areas, index included:\n",
            *table(("", "seconds", "times ours", "areas"), built),
        ]
    )


def table(head: tuple[str, ...], rows: Rows) -> Iterator[str]:
    """Return the lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


if __name__ == "__main__":
    main()
