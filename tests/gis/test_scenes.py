"""Views in real places: whatever the ground is like, they are whole, lie outside roofs and inside their sectors."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from bench.lib import scene_places
from bench.lib.scene_places import Scene
from gis.cover import Covered, covered
from gis.coverage import CoverageFlag
from gis.obstacles import to_metres
from web.cli.cover import cover_command

TOWNS = {
    "suzhou": (3076, 400),
    "liechtenstein": (17717, 1503),
    "north_bayreuth": (4267, 500),
    "manhattan": (999, 479),
}


def place(name: str, shared_data: Path, most: int) -> Scene:
    made: Scene = getattr(scene_places, name)(shared_data, most=most)
    return made


def whole(one: Covered) -> bool:
    area = one.view.polygon.area
    tolerance = 1e-6 * one.view.sector_m2
    return (
        one.view.polygon.is_valid
        and abs(area - one.view.area_m2) <= tolerance
        and one.view.polygon.difference(one.view.sector.buffer(0.01)).area <= tolerance
    )


@pytest.mark.parametrize("name", TOWNS)
def test_in_real_streets_sectors_overstate_what_is_seen(name: str, shared_data: Path) -> None:
    scene = place(name, shared_data, 12)
    footprints = to_metres(scene.ground.footprints, crs=scene.crs)
    tree = shapely.STRtree(shapely.make_valid(footprints))

    views = covered(scene.eyes, scene.ground)

    sectors, seen = (
        shapely.union_all([getattr(one.view, which) for one in views]).area for which in ("sector", "polygon")
    )
    assert len(footprints) == TOWNS[name][0]
    assert all(whole(one) for one in views)
    assert 1.05 < sectors / seen < 10
    for one in views:
        if CoverageFlag.INSIDE_BUILDING not in one.flags:
            under = tree.geometries[tree.query(one.view.polygon)]
            assert one.view.polygon.intersection(shapely.union_all(under)).area < 0.1


def test_from_roofs_known_heights_show_more_and_never_less(shared_data: Path) -> None:
    scene = place("manhattan", shared_data, 100)
    unknown = replace(scene.ground, heights_m=np.full(len(scene.ground.heights_m), np.nan))
    high = [eye for eye in scene.eyes if eye.pose.hfov_deg == 30.0]

    pairs = list(zip(covered(high, scene.ground), covered(high, unknown), strict=True))

    # A house that holds the eye is left out when its height is unknown, and then seen through.
    outside = [(known, blind) for known, blind in pairs if CoverageFlag.INSIDE_BUILDING not in blind.flags]
    assert len(outside) > 10
    assert all(known.view.area_m2 >= blind.view.area_m2 - 1e-3 for known, blind in outside)
    assert sum(known.view.area_m2 for known, _ in outside) > 1.1 * sum(blind.view.area_m2 for _, blind in outside)


@pytest.mark.parametrize(("name", "count"), [("kolobrzeg", 1492), ("tallinn", 8651)])
def test_mapped_cameras_without_buildings_are_an_upper_bound(name: str, count: int, shared_data: Path) -> None:
    scene = place(name, shared_data, 150)

    views = covered(scene.eyes, scene.ground)

    assert all(CoverageFlag.NO_BUILDINGS_KNOWN in one.flags for one in views)
    assert all(one.doubt.lowest_m2 <= one.doubt.expected_m2 <= one.doubt.highest_m2 * (1 + 1e-9) for one in views)
    assert sum(one.doubt.lowest_m2 for one in views) < sum(one.doubt.highest_m2 for one in views)
    assert len(place(name, shared_data, count + 1).eyes) == count


def test_files_of_a_real_county_are_covered_as_they_are(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "buildings_roads"
    words = ["--cameras", folder / "liechtenstein_2024_cameras.parquet", "--map", "code=osm_id", "--bearing", "osm",
             "--buildings", folder / "liechtenstein_2024_buildings.parquet",
             "--areas", folder / "liechtenstein_2024_admin.parquet", "--map", "areas.code=name",
             "--out", tmp_path / "views.gpkg", "--json"]  # fmt: skip

    result = CliRunner().invoke(cover_command, list(map(str, words)))

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [one["code"] for one in told["cameras"]] == ["9569387984", "10846435251", "11543753357"]
    assert {one["code"] for one in told["areas"]} > {"Vaduz", "Schaan", "Triesen"}
    seen = {one["code"]: one["seen_m2"] for one in told["areas"]}
    assert seen["Oberland"] == pytest.approx(seen["Vaduz"] + seen["Schaan"], rel=1e-6)
    assert any("EG is not a number" in one for one in told["problems"])


def test_a_list_of_buildings_is_covered_once_it_is_wrapped(shared_data: Path, tmp_path: Path) -> None:
    rows = json.loads((shared_data / "buildings_roads/manhattan_buildings_height_deckgl.json").read_text())
    features = [
        {"type": "Feature", "properties": {"height_m": row["height"]},
         "geometry": {"type": "Polygon", "coordinates": [row["polygon"]]}}
        for row in rows
    ]  # fmt: skip
    (tmp_path / "b.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (tmp_path / "c.csv").write_text(
        "code,lng,lat,bearing_deg,hfov_deg,reach_m,height_m\na,-74.0126,40.7066,30,90,80,6\n"
    )

    words = ["--cameras", tmp_path / "c.csv", "--crs", "wgs84", "--buildings", tmp_path / "b.geojson", "--json"]
    result = CliRunner().invoke(cover_command, list(map(str, words)))

    (camera,) = json.loads(result.stdout)["cameras"]
    assert result.exit_code == 0
    assert 0 < camera["share"] < 1
    assert "heights_ignored" not in camera["flags"]
