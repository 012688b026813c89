"""Shares, gaps and k-coverage of 10,000 cells under 100,000 cameras, one change, and who sees a place, as a table.

`python -m bench.cells 10` tries it on a tenth of the side, a hundredth of the city.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import shapely

from bench.lib import city
from bench.lib.seeing import seeing_lines
from bench.lib.village import report, table
from data.types import Pose
from gis.coverage import views
from gis.gaps import THREADS, CellCoverage, Ground, Sights, cells_coverage
from gis.obstacles import Obstacles
from gis.open_ground import bare_grounds
from gis.overlaps import Shapes, array_of
from gis.pixels import PX_PER_M

SIDE = 100
HOUSES_A_CELL, CAMERAS_A_CELL = 100, 10
REACH_M = 80.0
MIN_GAP_M2 = 50.0
T = TypeVar("T")


def seconds(run: Callable[[], T]) -> tuple[float, T]:
    """Return how long something took, and what it returned."""
    began = time.perf_counter()
    made = run()
    return time.perf_counter() - began, made


def grid(built: Shapes, side: int) -> list[shapely.Polygon]:
    """Return side × side cells over the whole city."""
    west, south, east, north = shapely.total_bounds(built)
    x, y = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
    return [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(side) for i in range(side)]


def totals(found: list[CellCoverage]) -> str:
    """Return what the cells came to, in words, so that runs can be compared."""
    area, seen, twice = (sum(getattr(one, name) for one in found) for name in ("area_m2", "seen_m2", "seen_by_2_m2"))
    gaps = sum(len(one.gaps.geoms) for one in found)
    return (
        f"{100 * seen / area:.3f} % seen, {100 * twice / area:.3f} % by two, {gaps:,} gaps of {MIN_GAP_M2:g} m² or more"
    )


def main() -> None:
    """Measure and keep the table."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else SIDE
    cells, cameras = side**2, CAMERAS_A_CELL * side**2
    built = city.houses(HOUSES_A_CELL * cells)
    obstacles = Obstacles.of(built, crs=city.CRS)
    poses = city.poses(cameras, list(built), hfov_deg=90.0, reach_m=REACH_M)
    views(poses[:10], obstacles)
    views_s, seen = seconds(lambda: [one.polygon for one in views(poses, obstacles)])
    sights_s, sights = seconds(lambda: Sights.of(seen))
    boxes = grid(built, side)
    ground_s, grounds = seconds(lambda: bare_grounds(boxes, obstacles))
    two_s, found = seconds(lambda: cells_coverage(grounds, sights, min_gap_m2=MIN_GAP_M2))
    few = min(cells, 1_000)
    one_s, _ = seconds(lambda: cells_coverage(grounds[:few], sights, min_gap_m2=MIN_GAP_M2, threads=1))
    class_s, _ = seconds(
        lambda: [denser(few, grounds, sights, poses, density) for density in list(PX_PER_M.values())[1:]]
    )
    matters_s, _ = seconds(
        lambda: cells_coverage([Ground.of(box, obstacles) for box in boxes[:few]], sights, min_gap_m2=MIN_GAP_M2)
    )
    changed_s, touched = change_of_one(poses, obstacles, grounds, sights)
    scratch = sights_s + ground_s + two_s
    lines = [
        ["what", "seconds", "for each cell, ms"],
        [f"views of {cameras:,} cameras (given, not counted)", f"{views_s:.1f}", ""],
        ["repair and index of the views", f"{sights_s:.2f}", f"{1000 * sights_s / cells:.2f}"],
        [f"open ground of each cell; {THREADS} threads", f"{ground_s:.2f}", f"{1000 * ground_s / cells:.2f}"],
        [f"shares, by two, worst loss, gaps; {THREADS} threads", f"{two_s:.2f}", f"{1000 * two_s / cells:.2f}"],
        ["**from scratch**", f"**{scratch:.2f}**", f"**{1000 * scratch / cells:.2f}**"],
        [f"the same on 1 thread, {few:,} cells", f"{one_s:.2f}", f"{1000 * one_s / few:.2f}"],
        [
            f"with which buildings are seen, {few:,} cells, ground included",
            f"{matters_s:.2f}",
            f"{1000 * matters_s / few:.2f}",
        ],
        [f"the three denser classes too, {few:,} cells", f"{class_s:.2f}", f"{1000 * class_s / few:.2f}"],
        [f"**one camera turned**: its view and its {touched} cells", f"**{changed_s:.4f}**", ""],
    ]
    text = f"""# Cells

`./run.sh bench cells`: {cells:,} cells of about {boxes[0].length / 4:.0f} m under {cameras:,} cameras (90°,
{REACH_M:g} m) among {len(built):,} buildings (bench/lib/city.py). Unions are exact; {totals(found)}.

{table(lines)}

What limits it: joining view with view (unions and intersections of polygons in GEOS) takes about two thirds, the
open ground and the gaps the rest. GEOS lets other threads run, so two cores do nearly twice as much; ground that many
cameras share costs most. Cells that no view reaches cost their open ground only.

{seeing_lines(poses, seen, boxes, found, crs=city.CRS)}"""
    report("cells", text.rstrip())


def denser(few: int, grounds: list[Ground], sights: Sights, poses: list[Pose], density: float) -> list[CellCoverage]:
    """Return the coverage of the first cells at a denser class, views of 1920 px included."""
    reach = 1920 / (2 * density)
    near = np.unique(sights.trees["seen"].query(array_of([one.cell for one in grounds[:few]]), "intersects")[1])
    places = np.array([shapely.get_coordinates(shapely.centroid(sights.seen[row]))[0] for row in near])
    own = Sights.of(sights.seen[near]).narrowed(places, np.full(len(near), reach))
    return cells_coverage(grounds[:few], own, min_gap_m2=MIN_GAP_M2)


def change_of_one(poses: list[Pose], obstacles: Obstacles, grounds: list[Ground], sights: Sights) -> tuple[float, int]:
    """Return the seconds after which the cells of a camera that was turned are right again, and how many they are."""
    row = len(poses) // 2
    tree = shapely.STRtree(array_of([one.cell for one in grounds]))

    def turned() -> int:
        new = views([replace(poses[row], bearing_deg=((poses[row].bearing_deg or 0.0) + 30) % 360)], obstacles)[
            0
        ].polygon
        cells = np.unique(tree.query(array_of([sights.seen[row], new]), predicate="intersects")[1])
        own = [grounds[cell] for cell in cells]
        near = np.unique(sights.trees["seen"].query(array_of([one.cell for one in own]), predicate="intersects")[1])
        shapes = [sights.seen[other] for other in near if other != row]
        cells_coverage(own, Sights.of([*shapes, new]), min_gap_m2=MIN_GAP_M2)
        return len(cells)

    turned()
    return seconds(turned)


if __name__ == "__main__":
    main()
