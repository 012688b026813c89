"""Shares, gaps and k-coverage of 10,000 cells under 100,000 cameras, one change, and who sees a place, as a table.

`python -m bench.cells 10` tries it on a tenth of the side, a hundredth of the city.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from gis.outline import Surface
from gis.pixels import PX_PER_M
from gis.surfaces import Shapes, array_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What is measured: poses among obstacles, what they see, and cells over them all."""

    obstacles: Obstacles
    poses: list[Pose]
    seen: list[Surface]
    boxes: list[shapely.Polygon]


def main() -> None:
    """Measure and keep the table."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else SIDE
    built = city.houses(HOUSES_A_CELL * side**2)
    obstacles = Obstacles.of(built, crs=city.CRS)
    poses = city.poses(CAMERAS_A_CELL * side**2, built, hfov_deg=90.0, reach_m=REACH_M)
    views(poses[:10], obstacles)
    views_s, seen = seconds(lambda: [one.polygon for one in views(poses, obstacles)])
    town = City(obstacles=obstacles, poses=poses, seen=seen, boxes=grid(built, side))
    cells_coverage(bare_grounds(town.boxes[:1], obstacles), Sights.of(seen[:1]), min_gap_m2=MIN_GAP_M2)
    lines, found = measured(town)
    lines.insert(1, [f"views of {len(poses):,} cameras (given, not counted)", f"{views_s:.1f}", ""])
    wide_m = town.boxes[0].length / 4
    text = f"""# Cells

`./run.sh bench cells`: {len(town.boxes):,} cells of about {wide_m:.0f} m under {len(poses):,} cameras (90°,
{REACH_M:g} m) among {len(built):,} buildings (bench/lib/city.py). Loops are compiled
before the time; {totals(found)}.

{table(lines)}

What limits it: laying the edges of views and ground over each other (gis/arrangement.py, gis/depths.py), about half,
and making polygons of the gaps. No view is joined with another, so ground that many cameras share costs no more.

{seeing_lines(poses, seen, town.boxes, found, crs=city.CRS)}"""
    report("cells", text.rstrip())


def measured(town: City) -> tuple[list[list[str]], list[CellCoverage]]:
    """Return the rows of the table, and what every cell came to."""
    cells = len(town.boxes)
    few = min(cells, 1_000)
    sights_s, sights = seconds(lambda: Sights.of(town.seen))
    ground_s, grounds = seconds(lambda: bare_grounds(town.boxes, town.obstacles))
    two_s, found = seconds(lambda: cells_coverage(grounds, sights, min_gap_m2=MIN_GAP_M2))
    one_s, _ = seconds(lambda: cells_coverage(grounds[:few], sights, min_gap_m2=MIN_GAP_M2, threads=1))
    matters_s, whole = seconds(lambda: [Ground.of(box, town.obstacles) for box in town.boxes[:few]])
    matters_s += seconds(lambda: cells_coverage(whole, sights, min_gap_m2=MIN_GAP_M2))[0]
    dense = list(PX_PER_M.values())[1:]
    class_s, _ = seconds(lambda: [denser(grounds[:few], sights, density) for density in dense])
    changed_s, touched = change_of_one(town, grounds, sights)
    lines = [
        ["what", "seconds", "for each cell, ms"],
        line("repair and index of the views", sights_s, cells),
        line(f"open ground of each cell; {THREADS} threads", ground_s, cells),
        line(f"shares, by two, worst loss, gaps; {THREADS} threads", two_s, cells),
        line("**from scratch**", sights_s + ground_s + two_s, cells),
        line(f"the shares on 1 thread, {few:,} cells", one_s, few),
        line(f"with the buildings that are seen, {few:,} cells", matters_s, few),
        line(f"the three denser classes too, {few:,} cells", class_s, few),
        [f"**one camera turned**: its view and its {touched} cells", f"{changed_s:.4f}", ""],
    ]
    return lines, found


def line(what: str, took_s: float, cells: int) -> list[str]:
    """Return a row of the table."""
    return [what, f"{took_s:.2f}", f"{1000 * took_s / cells:.2f}"]


def denser(grounds: list[Ground], sights: Sights, density: float) -> list[CellCoverage]:
    """Return the coverage of cells at a denser class, views of 1920 px, cut out of those given."""
    near = np.unique(sights.trees["seen"].query(array_of([one.cell for one in grounds]), "intersects")[1])
    places = shapely.get_coordinates(shapely.centroid(sights.seen[near]))
    own = Sights.of(sights.seen[near]).narrowed(places, np.full(len(near), 1920 / (2 * density)))
    return cells_coverage(grounds, own, min_gap_m2=MIN_GAP_M2)


def change_of_one(town: City, grounds: list[Ground], sights: Sights) -> tuple[float, int]:
    """Return the seconds after which the cells of a camera that was turned are right again, and how many they are."""
    row = len(town.poses) // 2
    tree = shapely.STRtree(array_of([one.cell for one in grounds]))
    pose = replace(town.poses[row], bearing_deg=((town.poses[row].bearing_deg or 0.0) + 30) % 360)

    def turned() -> int:
        new = views([pose], town.obstacles)[0].polygon
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
