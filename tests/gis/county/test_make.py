"""Laws of the demonstration county: it tiles, it counts, it repeats, and nobody lives in it by name."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.types import Pose
from gis.codes import cell, device, division
from gis.county.make import County, make_county
from gis.coverage import CoverageFlag, view
from gis.obstacles import Obstacles

ROOT = Path(__file__).resolve().parents[3]
BEIJING = timezone(timedelta(hours=8))
BEFORE = datetime(2025, 11, 1, tzinfo=BEIJING)
TABLES = ("areas", "roads", "rivers", "buildings", "places", "cameras", "buttons", "incidents")
SMALL = {"cells": 30, "cameras": 150, "incidents": 200, "lab": 10, "buttons": 8}


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(before=BEFORE)


def small(seed: int = 5, **more: int) -> County:
    return make_county(before=BEFORE, seed=seed, **(SMALL | more))


def digest(made: County) -> str:
    """Return a hash over every table, geometry and list of a county."""
    total = hashlib.sha256()
    for name in TABLES:
        table = getattr(made, name)
        total.update(b"".join(shapely.to_wkb(table.geometry.to_numpy())))
        total.update(table.drop(columns="geometry").to_json(date_format="iso").encode())
    total.update(repr((made.posts, made.lab)).encode())
    return total.hexdigest()


def test_it_has_243_cells_228_staffed_posts_and_15_vacancies(county: County) -> None:
    levels = Counter(county.areas["level"])
    staffed = Counter(post["staffed"] for post in county.posts)

    assert levels["cell"] == 243
    assert levels["county"] == 1
    assert staffed == {True: 228, False: 15}
    assert sorted(post["area"] for post in county.posts) == sorted(
        county.areas.loc[county.areas["level"] == "cell", "code"]
    )


def test_it_has_the_devices_asked_for(county: County) -> None:
    assert (len(county.cameras), len(county.buttons), len(county.incidents)) == (1300, 40, 3000)
    assert len(set(county.lab)) == 64
    alive = county.cameras[county.cameras["code"].isin(county.lab)]
    assert set(alive["record_state"]) == {"in_use"}
    assert alive["address"].str[3:6].nunique() >= 6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_level_tiles_the_county_exactly(seed: int) -> None:
    areas = make_county(before=BEFORE, seed=seed, cells=120, cameras=10, incidents=1, lab=0).areas
    whole = areas.loc[areas["level"] == "county"].geometry.iloc[0]

    assert areas.is_valid.all()
    for level in ("cell", "village", "town"):
        parts = areas.loc[areas["level"] == level].geometry.to_numpy()
        assert shapely.coverage_is_valid(parts), level
        assert shapely.coverage_union_all(parts).equals(whole), level
        assert {part.geom_type for part in parts} == {"Polygon"}, level


def test_every_area_is_exactly_the_union_of_its_children(county: County) -> None:
    areas = county.areas.set_index("code")
    for code, row in areas.iterrows():
        children = areas.loc[areas["parent"] == code].geometry.to_numpy()
        if row["level"] != "cell":
            assert shapely.coverage_union_all(children).equals(row.geometry), row["name"]


def test_every_code_is_well_formed_unique_and_of_no_real_county(county: County) -> None:
    levels = dict(zip(county.areas["code"], county.areas["level"], strict=True))
    for code, level in levels.items():
        if level == "cell":
            assert cell(code).village in levels
        else:
            assert division(code).level == level
    kinds = (
        {device(code).kind for code in county.cameras["code"]},
        {device(code).kind for code in county.buttons["code"]},
    )

    assert kinds == ({132}, {134})
    assert all(code.startswith("5199") for code in [*levels, *county.cameras["code"], *county.buttons["code"]])
    for name in TABLES:
        assert getattr(county, name)["code"].is_unique, name


def test_the_official_list_has_no_such_county(shared_data: Path) -> None:
    listed = (shared_data / "boundaries/codes/nbs2023_areas.csv").read_text(encoding="utf-8")

    assert "510311" in listed
    assert "519921" not in listed


def test_parents_are_in_the_table_and_names_differ_where_operators_search(county: County) -> None:
    areas = county.areas

    assert set(areas["parent"].dropna()) <= set(areas["code"])
    for table in (areas, county.cameras, county.places, county.buttons):
        assert table["name"].is_unique


def test_everything_stands_inside_the_county(county: County) -> None:
    whole = county.areas.geometry.iloc[0]
    for name in ("cameras", "buttons", "incidents", "places", "buildings"):
        inside = shapely.intersects(whole, getattr(county, name).geometry.to_numpy())
        assert inside.all(), (name, int((~inside).sum()))


def test_cameras_stand_in_the_street_and_see_something(county: County) -> None:
    crs = "EPSG:4544"
    buildings = Obstacles.of_lnglat(county.buildings.geometry, crs=crs)
    sample = county.cameras.iloc[::13]
    views = [view(_pose(row), buildings) for row in sample.to_dict("records")]

    assert not any(CoverageFlag.INSIDE_BUILDING in seen.flags for seen in views)
    assert min(seen.area_m2 for seen in views) > 20
    assert 0.5 < np.mean([seen.share for seen in views]) < 1.0


def _pose(row: dict[str, object]) -> Pose:
    fields = ("bearing_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "width_px")
    known = {name: None if row[name] != row[name] else row[name] for name in fields}
    point = row["geometry"]
    return Pose(lng=point.x, lat=point.y, **known)


def test_buildings_do_not_stand_on_each_other(county: County) -> None:
    shapes = county.buildings.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")

    assert (one == two).all()


def test_incidents_lie_in_the_ninety_days_before_and_keep_hours(county: County) -> None:
    at = county.incidents["at"]
    hours = at.dt.tz_convert(BEIJING).dt.hour

    assert at.min() >= BEFORE - timedelta(days=90)
    assert at.max() < BEFORE
    assert at.is_monotonic_increasing
    assert set(county.incidents["kind"]) == {"交通事故", "纠纷", "盗窃", "火情", "道路损坏"}
    crashes = hours[county.incidents["kind"] == "交通事故"]
    assert ((crashes >= 6) & (crashes <= 21)).mean() > 0.8


def test_incidents_cluster(county: County) -> None:
    cells = county.areas.loc[county.areas["level"] == "cell"].geometry.to_numpy()
    rows = shapely.STRtree(cells).query(county.incidents.geometry.to_numpy(), predicate="within")[1]
    counts = np.sort(np.bincount(rows, minlength=len(cells)))[::-1]

    assert counts[:24].sum() > 0.3 * len(county.incidents)


def test_the_same_seed_gives_the_same_county_whatever_the_order_of_hashes_and_threads() -> None:
    here = digest(small())

    assert digest(small(seed=6)) != here
    assert _digest_elsewhere(hash_seed="1", threads="1") == _digest_elsewhere(hash_seed="2", threads="2") == here


def _digest_elsewhere(*, hash_seed: str, threads: str) -> str:
    program = f"import runpy; print(runpy.run_path({__file__!r})['digest'](runpy.run_path({__file__!r})['small']()))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_more_cameras_change_nothing_but_the_cameras() -> None:
    few, many = small(), small(cameras=600)

    assert len(many.cameras) == 600
    for name in ("areas", "roads", "buildings", "places", "buttons", "incidents"):
        assert getattr(few, name).equals(getattr(many, name)), name


def test_a_county_too_small_for_its_cameras_says_so() -> None:
    with pytest.raises(ValueError, match=r"has room for \d+ cameras, not 500000"):
        small(cameras=500_000)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        make_county(before=datetime(2025, 11, 1), **SMALL)  # noqa: DTZ001  the naive time is the point


def test_another_time_moves_only_the_incidents() -> None:
    other = make_county(before=datetime(2024, 3, 5, tzinfo=UTC), seed=5, **SMALL)

    assert other.cameras.equals(small().cameras)
    assert other.incidents["at"].max() < datetime(2024, 3, 5, tzinfo=UTC)


COLUMNS = {
    "areas": "code name level parent",
    "roads": "code name kind",
    "rivers": "code name",
    "buildings": "code height_m levels",
    "places": "code name kind",
    "buttons": "code name place",
    "incidents": "code kind at place",
    "cameras": "code name bearing_deg hfov_deg height_m tilt_deg vfov_deg width_px height_px reach_m vendor model "
    "monitor_class ptz_type address managing_unit maintaining_unit pole record_state",
}


def test_the_tables_have_the_agreed_columns_and_none_for_a_person(county: County) -> None:
    for name, columns in COLUMNS.items():
        table = getattr(county, name)
        assert set(table.columns) == {*columns.split(), "geometry"}, name
        assert table.crs == "EPSG:4326", name
    assert {field for post in county.posts for field in post} == {
        "area", "name", "unit", "duties", "staffed", "duty_line"
    }  # fmt: skip


def test_no_text_reads_like_a_mobile_or_an_identity_number(county: County) -> None:
    number = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
    texts = [
        str(value) for name in TABLES for value in getattr(county, name).drop(columns="geometry").to_numpy().ravel()
    ]
    texts += [str(value) for post in county.posts for value in post.values()]

    assert not [text for text in texts if number.search(text)]


def test_every_name_says_a_place_or_a_unit_and_never_a_person(county: County) -> None:
    ends = re.compile(
        r"(县|镇|乡|村|社区|网格|岗|向|号|一键报警|附近|路|街|大道|村道|河|溪|委会|广场|卫生室|服务站|校门|政府|派出所|卫生院|医院|站|市场|中心)$"
    )
    titles = [*county.areas["name"], *county.cameras["name"], *county.places["name"], *county.buttons["name"]]
    titles += [*county.incidents["place"], *county.cameras["managing_unit"], *county.cameras["maintaining_unit"]]
    titles += [post["name"] for post in county.posts] + [title for title in county.roads["name"] if title]

    assert not [title for title in titles if not ends.search(title)]
    assert all(post["unit"].endswith("民委员会") for post in county.posts)
