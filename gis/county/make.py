"""Put a made-up county together, as the tables that an import would read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas
import numpy as np
import pyproj
import shapely

from data.types import Level
from gis.county import names
from gis.county.devices import make_buttons, make_cameras, spread
from gis.county.divisions import Divisions, make_divisions
from gis.county.houses import LEVEL_M, Houses, make_houses
from gis.county.incidents import make_incidents
from gis.county.land import Floats, Land, make_land
from gis.county.places import Places, make_places, make_verges
from gis.county.ways import Ways, make_ways

LNGLAT = "EPSG:4326"
# Where no real county is meant: the middle of the map, and a division code that no list holds.
MIDDLE = (105.0, 31.2)
COUNTY_CODE = "519921"
VACANT_SHARE = 15 / 243
DUTIES = ("日常巡查", "隐患排查上报", "纠纷线索上报", "公共设施看护", "政策宣传")


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A made-up county as tables in EPSG:4326, with the columns that imports read; `posts` has no geometry.

    Shared borders of areas are equal bit for bit. `lab` holds the codes of the cameras that are brought to life.
    """

    name: str
    seed: int
    areas: geopandas.GeoDataFrame
    posts: list[dict[str, Any]]
    roads: geopandas.GeoDataFrame
    rivers: geopandas.GeoDataFrame
    buildings: geopandas.GeoDataFrame
    places: geopandas.GeoDataFrame
    cameras: geopandas.GeoDataFrame
    buttons: geopandas.GeoDataFrame
    incidents: geopandas.GeoDataFrame
    lab: tuple[str, ...]


def make_county(
    *,
    before: datetime,
    seed: int = 1,
    cells: int = 243,
    cameras: int = 1300,
    buttons: int = 40,
    incidents: int = 3000,
    lab: int = 64,
) -> County:
    """Return the county of a seed; the same arguments give the same county, bit for bit.

    Incidents lie in the 90 days before the day of `before`. Raises ValueError where that has no time zone, or when the
    county is too small for so many cameras.
    """
    _refuse_naive(before)
    chance = [np.random.default_rng([seed, step]) for step in range(9)]
    land = make_land(cells, chance[0])
    tree = make_divisions(land, cells, county_code=COUNTY_CODE, chance=chance[1])
    ways, settlements = make_ways(land, tree, chance[2])
    houses = make_houses(land, ways, settlements, chance[3])
    places = make_places(land, tree, ways, make_verges(ways, houses, every_m=25.0), chance[4])
    verges = make_verges(ways, houses, every_m=_verge_step(ways, cameras))
    on_poles, poles = make_cameras(land, tree, ways, houses, places, verges, count=cameras, chance=chance[5])
    pressed, walls = make_buttons(places, tree, count=buttons, chance=chance[6])
    happened, spots = make_incidents(land, tree, ways, houses, places, count=incidents, before=before, chance=chance[7])
    return County(
        name=names.COUNTY,
        seed=seed,
        areas=_areas(tree),
        posts=_posts(tree, chance[8]),
        roads=_roads(ways),
        rivers=_rivers(land),
        buildings=_buildings(houses),
        places=_places(places),
        cameras=_frame(on_poles, shapely.points(poles)),
        buttons=_frame(pressed, shapely.points(walls)),
        incidents=_frame(happened, shapely.points(spots)),
        lab=_lab(on_poles, poles, lab),
    )


def _refuse_naive(before: datetime) -> None:
    if before.tzinfo is None:
        raise ValueError("`before` has no time zone; give one, because incidents are dated by it.")


def _lab(cameras: list[dict[str, Any]], poles: Floats, count: int) -> tuple[str, ...]:
    """Return the codes of `count` cameras in use, spread over the county."""
    in_use = np.array([row for row, record in enumerate(cameras) if record["record_state"] == "in_use"])
    return tuple(cameras[row]["code"] for row in (spread(poles, in_use, count) if count else ()))


def _verge_step(ways: Ways, cameras: int) -> float:
    total = float(shapely.length(np.array(ways.lines, dtype=object)).sum())
    return float(np.clip(total / max(1, cameras), 5.0, 25.0))


def _lnglat(shapes: Any) -> Any:
    """Return shapes in metres around the middle as lng, lat, to 1e-7 degrees (1 cm)."""
    x, y = MIDDLE
    there = pyproj.Transformer.from_crs(f"+proj=tmerc +lon_0={x} +lat_0={y} +ellps=GRS80", LNGLAT, always_xy=True)
    turned = shapely.transform(shapes, lambda x, y: there.transform(x, y), interleaved=False)
    return shapely.transform(turned, lambda points: np.round(points, 7))


def _frame(records: Sequence[dict[str, Any]], shapes: Any) -> geopandas.GeoDataFrame:
    """Return records with their shapes; a number some record lacks becomes NaN, as in any table."""
    columns = {name: [record[name] for record in records] for name in records[0]} if records else {"code": []}
    return geopandas.GeoDataFrame(columns, geometry=_lnglat(np.asarray(shapes, dtype=object)), crs=LNGLAT)


def _areas(tree: Divisions) -> geopandas.GeoDataFrame:
    cells = _lnglat(np.array(tree.cells, dtype=object))
    town_of_cell = tree.town_of[tree.village_of]
    villages = [shapely.coverage_union_all(cells[tree.village_of == row]) for row in range(len(tree.village_names))]
    towns = [shapely.coverage_union_all(cells[town_of_cell == row]) for row in range(len(tree.town_names))]
    county = f"{tree.county_code}000000"
    rows: list[tuple[str, str, Level, str | None]] = [(county, names.COUNTY, Level.COUNTY, None)]
    rows += [(code, name, Level.TOWN, county) for code, name in zip(tree.town_codes, tree.town_names, strict=True)]
    rows += [
        (code, name, Level.VILLAGE, tree.town_codes[town])
        for code, name, town in zip(tree.village_codes, tree.village_names, tree.town_of, strict=True)
    ]
    rows += [
        (code, name, Level.CELL, tree.village_codes[village])
        for code, name, village in zip(tree.cell_codes, tree.cell_names, tree.village_of, strict=True)
    ]
    code, name, level, parent = zip(*rows, strict=True)
    return geopandas.GeoDataFrame(
        {"code": code, "name": name, "level": [str(one) for one in level], "parent": parent},
        geometry=[shapely.coverage_union_all(cells), *towns, *villages, *cells],
        crs=LNGLAT,
    )


def _posts(tree: Divisions, chance: np.random.Generator) -> list[dict[str, Any]]:
    """Return one post for each cell, a few of them vacant."""
    count = len(tree.cell_codes)
    vacant = {int(row) for row in chance.permutation(count)[: round(count * VACANT_SHARE)]}
    return [
        {
            "area": code,
            "name": f"{name}岗",
            "unit": _unit(tree.village_names[village]),
            "duties": list(DUTIES),
            "staffed": row not in vacant,
            "duty_line": f"0000-{int(tree.town_of[village]) + 1:02d}{village + 1:05d}",
        }
        for row, (code, name, village) in enumerate(zip(tree.cell_codes, tree.cell_names, tree.village_of, strict=True))
    ]


def _unit(village: str) -> str:
    return f"{village}{'居' if village.endswith('社区') else '村'}民委员会"


def _roads(ways: Ways) -> geopandas.GeoDataFrame:
    records = [
        {"code": f"SFDL{row:06d}", "name": name, "kind": kind}
        for row, (name, kind) in enumerate(zip(ways.names, ways.kinds, strict=True), 1)
    ]
    return _frame(records, ways.lines)


def _rivers(land: Land) -> geopandas.GeoDataFrame:
    titles = ("示范河", "云溪", "石溪", "柳溪")
    records = [{"code": f"SFHL{row:03d}", "name": title} for row, title in enumerate(titles[: len(land.rivers)], 1)]
    return _frame(records, land.rivers)


def _buildings(houses: Houses) -> geopandas.GeoDataFrame:
    records = [
        {"code": f"SFFW{row:07d}", "height_m": round(float(levels) * LEVEL_M + 0.6, 1), "levels": int(levels)}
        for row, levels in enumerate(houses.levels, 1)
    ]
    return _frame(records, houses.footprints)


def _places(places: Places) -> geopandas.GeoDataFrame:
    records = [
        {"code": f"SFCS{row:06d}", "name": name, "kind": kind}
        for row, (name, kind) in enumerate(zip(places.names, places.kinds, strict=True), 1)
    ]
    return _frame(records, shapely.points(places.points))
