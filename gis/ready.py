"""Compile all loops ahead: `python -m gis.ready`. Whoever comes first would wait half a minute for it otherwise."""

import numpy as np
import shapely

from data.types import Pose
from gis.coverage import views
from gis.gaps import Sights, cells_coverage
from gis.obstacles import Obstacles
from gis.open_ground import Ground
from gis.siting import choose

# The zone of 105° E; any place in it does.
_CRS = "EPSG:4544"
_X, _Y = 500_000.0, 3_198_182.0


def main() -> None:
    """Look once from open ground, from a wall and from inside a building, at a cell, and choose one of two sites."""
    houses = [shapely.box(_X + at, _Y, _X + at + 8, _Y + 8) for at in (10.0, 18.0, 40.0)]
    grounds = Obstacles.of(houses, crs=_CRS)
    open_ground, wall, inside = (Pose(lng=105.0 + east / 97_000, lat=28.9, reach_m=60.0) for east in (0.0, 10.0, 14.0))
    turned = Pose(lng=105.0, lat=28.9, bearing_deg=90.0, hfov_deg=90.0, vfov_deg=40.0, tilt_deg=20.0, height_m=5.0)
    seen = views([open_ground, wall, inside, turned], grounds)
    cell = Ground.bare(shapely.box(_X, _Y, _X + 50, _Y + 50), grounds)
    cells_coverage([cell], Sights.of([one.polygon for one in seen]), min_gap_m2=1.0)
    choose(np.eye(2), [1, 2], 1)


if __name__ == "__main__":
    main()
