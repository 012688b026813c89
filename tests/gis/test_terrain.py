"""Sight over ground against a walk along every line of sight, in files of two formats."""

import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from shapely.geometry import Point, box

from gis.errors import BadFile
from gis.terrain import Terrain, is_hidden, over_ground

UTM = "EPSG:32650"
WEST, NORTH, CELL = 500_000.0, 3_320_000.0, 5.0
EYE = np.array([WEST + 150.0, NORTH - 150.0])


def hills(rows: int = 60, columns: int = 60) -> np.ndarray:
    x, y = np.meshgrid(np.arange(columns) * CELL, np.arange(rows) * CELL)
    return 20 + 6 * np.sin(x / 23) * np.cos(y / 31) + 0.03 * x


def written(folder: Path, heights: np.ndarray, *, name: str = "dem.tif", crs: str | None = UTM) -> Path:
    path = folder / name
    rows, columns = heights.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float64", crs=crs, nodata=-9999.0,
        transform=rasterio.Affine(CELL, 0, WEST, 0, -CELL, NORTH),
    ) as raster:  # fmt: skip
        raster.write(heights, 1)
    return path


def ground_at(heights: np.ndarray, x: float, y: float) -> float:
    """Bilinear between the centres of the cells, one place at a time."""
    column, row = (x - WEST) / CELL - 0.5, (NORTH - y) / CELL - 0.5
    left, top = min(int(column), heights.shape[1] - 2), min(int(row), heights.shape[0] - 2)
    across, down = column - left, row - top
    corners = heights[top : top + 2, left : left + 2]
    return float(np.array([1 - down, down]) @ corners @ np.array([1 - across, across]))


def runs_below(heights: np.ndarray, x: float, y: float, eye_m: float) -> float:
    """How far, at worst, the line of sight to a place of the ground runs below the ground; fine steps."""
    away, target = math.hypot(x - EYE[0], y - EYE[1]), ground_at(heights, x, y)
    deepest = -math.inf
    for share in np.arange(0.2 / away, 1.0 - 0.2 / away, 0.2 / away):
        line = eye_m + share * (target - eye_m)
        there = ground_at(heights, EYE[0] + share * (x - EYE[0]), EYE[1] + share * (y - EYE[1]))
        deepest = max(deepest, there - line)
    return deepest


def test_hidden_ground_is_where_the_line_runs_below_the_ground(tmp_path: Path) -> None:
    heights = hills()
    terrain = Terrain.read(written(tmp_path, heights))
    places = EYE + np.random.default_rng(3).uniform(-100, 100, (70, 2))
    x, y = places.T
    eye_m = ground_at(heights, *EYE) + 4.0
    levels = terrain.height_m(x, y, crs=UTM)

    told = is_hidden(x, y, levels, terrain, eye=EYE, eye_m=eye_m, crs=UTM, step_m=CELL / 2)

    assert levels == pytest.approx([ground_at(heights, *place) for place in places])
    depths = np.array([runs_below(heights, *place, eye_m) for place in places])
    # Between two steps of the coarse walk the ground of the model may rise by a few centimetres.
    assert not told[depths < 0].any()
    assert told[depths > 0.1].all()
    assert (depths < 0).sum() > 15
    assert (depths > 0.1).sum() > 15


def test_a_ridge_hides_the_valley_behind_it(tmp_path: Path) -> None:
    heights = np.zeros((60, 60))
    heights[:, 36] = 10.0  # a ridge 32.5 m east of the eye
    terrain = Terrain.read(written(tmp_path, heights))
    disc = Point(EYE).buffer(80.0)

    seen, is_known = over_ground(disc, terrain, eye=EYE, eye_height_m=5.0, crs=UTM)

    assert is_known
    assert seen.intersection(box(EYE[0] + 40, EYE[1] - 60, EYE[0] + 80, EYE[1] + 60)).area < 1e-6
    assert box(EYE[0] - 60, EYE[1] - 40, EYE[0] + 20, EYE[1] + 40).intersection(disc).difference(seen).area < 1e-6


def test_a_model_in_another_system_hides_the_same_but_for_a_cell(tmp_path: Path) -> None:
    terrain = Terrain.read(written(tmp_path, hills()))
    disc = Point(EYE).buffer(110.0)
    other = "EPSG:4547"
    turned = pyproj.Transformer.from_crs(UTM, other, always_xy=True)
    elsewhere = shapely.transform(disc, turned.transform, interleaved=False)

    here, _ = over_ground(disc, terrain, eye=EYE, eye_height_m=2.0, crs=UTM)
    there, _ = over_ground(elsewhere, terrain, eye=np.array(turned.transform(*EYE)), eye_height_m=2.0, crs=other)

    assert here.area / disc.area == pytest.approx(there.area / elsewhere.area, abs=0.05)
    assert here.area < 0.9 * disc.area


def test_flat_ground_hides_nothing_and_a_high_eye_sees_over_the_ridge(tmp_path: Path) -> None:
    disc = Point(EYE).buffer(80.0)
    flat = Terrain.read(written(tmp_path, np.full((60, 60), 7.0)))

    assert over_ground(disc, flat, eye=EYE, eye_height_m=3.0, crs=UTM) == (disc, True)


def test_what_the_model_does_not_know_hides_nothing_and_is_said(tmp_path: Path) -> None:
    heights = np.zeros((60, 60))
    heights[:, 45:] = -9999.0
    terrain = Terrain.read(written(tmp_path, heights))
    disc = Point(EYE).buffer(100.0)

    assert over_ground(disc, terrain, eye=EYE, eye_height_m=3.0, crs=UTM) == (disc, False)
    assert over_ground(disc, terrain, eye=EYE + 10_000, eye_height_m=3.0, crs=UTM) == (disc, False)


def test_a_model_in_degrees_gives_the_heights_of_its_places(tmp_path: Path) -> None:
    heights = np.arange(100.0).reshape(10, 10)
    path = tmp_path / "dem.tif"
    with rasterio.open(path, "w", driver="GTiff", height=10, width=10, count=1, dtype="float64", crs="EPSG:4326",
                       transform=rasterio.Affine(0.001, 0, 117.0, 0, -0.001, 30.0)) as raster:  # fmt: skip
        raster.write(heights, 1)

    terrain = Terrain.read(path)

    assert terrain.height_m(np.array([117.0045]), np.array([29.9965]), crs="EPSG:4326") == pytest.approx([34.0])
    assert 96 < terrain.cell_m < 112


def test_an_ascii_grid_is_read_with_the_system_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dem.asc"
    rows = "\n".join(" ".join(str(row * 3 + column) for column in range(3)) for row in range(3))
    path.write_text(
        f"ncols 3\nnrows 3\nxllcorner {WEST}\nyllcorner {NORTH - 15}\ncellsize 5\nNODATA_value -9999\n{rows}\n"
    )

    terrain = Terrain.read(path, crs=UTM)

    assert terrain.height_m(np.array([WEST + 7.5]), np.array([NORTH - 7.5]), crs=UTM) == pytest.approx([4.0])
    assert terrain.cell_m == pytest.approx(5.0, rel=1e-3)
    with pytest.raises(BadFile, match="does not say its coordinate system"):
        Terrain.read(path)


def test_what_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_text("no")
    with pytest.raises(BadFile, match="cannot be read as a model of heights"):
        Terrain.read(tmp_path / "dem.tif")


def test_a_view_far_larger_than_the_cells_stays_affordable(tmp_path: Path) -> None:
    terrain = Terrain.read(written(tmp_path, hills()))
    far = shapely.box(EYE[0] - 3000, EYE[1] - 3000, EYE[0] + 3000, EYE[1] + 3000)

    seen, is_known = over_ground(far, terrain, eye=EYE, eye_height_m=3.0, crs=UTM)

    assert not is_known
    assert 0 < seen.area <= far.area
