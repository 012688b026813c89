"""Cameras and buttons of a made-up county: on poles at places and crossings first, then along the roads."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.codes import device_code
from gis.county import names
from gis.county.divisions import Divisions
from gis.county.houses import Houses
from gis.county.land import Floats, Land, Whole
from gis.county.places import BUS_STOP, CLINIC, SCHOOL_GATE, SQUARE, Places, Verges, unique
from gis.county.ways import MAIN, STREET, Ways

ROAD, COMMUNITY, EDUCATION = "00", "01", "11"
NETWORK = 0
POLE_M = 10.0
# Vendor, model, PTZType of GB/T 28181, horizontal and vertical angle, width and height of the picture.
MODELS = (
    ("Hikvision", "示范枪机 200万 4mm", 3, 86.0, 46.0, 1920, 1080),
    ("Dahua", "示范枪机 200万 6mm", 3, 54.0, 30.0, 1920, 1080),
    ("Uniview", "示范枪机 400万 2.8mm", 3, 103.0, 55.0, 2560, 1440),
    ("Dahua", "示范半球 400万 4mm", 2, 83.0, 45.0, 2560, 1440),
    ("Hikvision", "示范枪机 800万 4mm", 3, 87.0, 46.0, 3840, 2160),
    ("Hikvision", "示范球机 200万", 1, 58.0, 34.0, 1920, 1080),
)
MODEL_SHARES = (0.38, 0.2, 0.14, 0.1, 0.08, 0.1)
DOME = 1
DOME_REACH_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A pole: where it stands, in which industry, monitor class, its title and the bearings it could look in."""

    x: float
    y: float
    industry: str
    monitor_class: int
    title: str
    bearings: tuple[float, ...]


def make_cameras(
    land: Land,
    tree: Divisions,
    ways: Ways,
    houses: Houses,
    places: Places,
    verges: Verges,
    *,
    count: int,
    chance: np.random.Generator,
) -> tuple[list[dict[str, Any]], Floats]:
    """Return the records of `count` cameras and where they stand, in metres."""
    sites = [*_at_places(places), *_at_crossings(ways, houses, chance)]
    sites += _along(ways, verges, chance) if sum(len(site.bearings) for site in sites) < count else []
    mounted = [(row, bearing) for row, site in enumerate(sites) for bearing in site.bearings][:count]
    if len(mounted) < count:
        raise ValueError(f"This county has room for {len(mounted)} cameras, not {count}; ask for more cells.")
    points = np.array([(sites[row].x, sites[row].y) for row, _ in mounted])
    villages = tree.village_of[tree.cell_at[land.nearest(points)]]
    records = [
        _record(sites[row], bearing, pole=row, serial=serial, village=int(village), tree=tree)
        for serial, ((row, bearing), village) in enumerate(zip(mounted, villages, strict=True), 1)
    ]
    for name, values in _poses(len(records), chance).items():
        for record, value in zip(records, values, strict=True):
            record[name] = value
    for record, name in zip(records, unique([record["name"] for record in records]), strict=True):
        record["name"] = name
        # A dome turns: it has no bearing to hold it to.
        record["bearing_deg"] = None if record["ptz_type"] == DOME else record["bearing_deg"]
    return records, points


def make_buttons(
    places: Places, tree: Divisions, *, count: int, chance: np.random.Generator
) -> tuple[list[dict[str, Any]], Floats]:
    """Return one-key alarm devices at school gates, clinics and squares, and where they stand, in metres."""
    fit = [row for row, kind in enumerate(places.kinds) if kind in (SCHOOL_GATE, CLINIC, SQUARE)]
    chosen = np.sort(chance.permutation(fit)[:count])
    records = [
        {
            "code": _code(tree, int(places.village[row]), COMMUNITY, 134, serial),
            "name": f"{places.names[row]}一键报警",
            "place": places.names[row],
        }
        for serial, row in enumerate(chosen, 1)
    ]
    return records, places.points[chosen] + np.array([0.6, 0.4])


def spread(points: Floats, rows: Whole, count: int) -> Whole:
    """Return `count` of the rows, each as far from those before as can be."""
    chosen = [int(rows[0])]
    away = np.hypot(*(points[rows] - points[chosen[0]]).T)
    for _ in range(min(count, len(rows)) - 1):
        chosen.append(int(rows[np.argmax(away)]))
        away = np.minimum(away, np.hypot(*(points[rows] - points[chosen[-1]]).T))
        away[np.searchsorted(rows, chosen[-1])] = -1.0
    return np.sort(np.array(chosen))


def _at_places(places: Places) -> list[Site]:
    found = []
    for (x, y), title, kind, bearing in zip(places.points, places.names, places.kinds, places.bearing, strict=True):
        if kind == BUS_STOP:
            continue
        both = kind in (SCHOOL_GATE, SQUARE)
        found.append(
            Site(
                x=float(x),
                y=float(y),
                industry=EDUCATION if kind == SCHOOL_GATE else COMMUNITY,
                monitor_class=1 if both else 2,
                title=title,
                bearings=(float(bearing), float(bearing + 180) % 360) if both else (float(bearing),),
            )
        )
    return found


def _at_crossings(ways: Ways, houses: Houses, chance: np.random.Generator) -> list[Site]:
    """Return a pole in the widest corner of every crossing, the busier crossings likely first."""
    sites, ranks = [], []
    kind_of = dict(zip(ways.names, ways.kinds, strict=True))
    for spot, arms, titles in zip(ways.crossings, ways.arms, ways.arm_names, strict=True):
        order = np.argsort(arms, kind="stable")
        bearings = tuple(float(arms[row]) for row in order)
        gaps = np.diff([*bearings, bearings[0] + 360])
        corner = np.radians(bearings[int(np.argmax(gaps))] + gaps.max() / 2)
        x, y = spot + POLE_M * np.array([np.sin(corner), np.cos(corner)])
        roads = sorted({title for title in titles if title})
        busy = any(kind_of[road] in (MAIN, STREET) for road in roads)
        title = f"{'与'.join(roads[:2])}路口" if roads else "路口"
        sites.append(Site(x=x, y=y, industry=ROAD, monitor_class=2 if busy else 3, title=title, bearings=bearings))
        ranks.append(chance.random() / (2.0 if busy else 1.0))
    walls = shapely.STRtree(houses.footprints)
    built = walls.query(shapely.points([(site.x, site.y) for site in sites]), predicate="dwithin", distance=0.2)[0]
    blocked = set(built.tolist())
    return [sites[row] for row in np.argsort(ranks, kind="stable") if int(row) not in blocked]


def _along(ways: Ways, verges: Verges, chance: np.random.Generator) -> list[Site]:
    return [
        Site(
            x=float(verges.points[row, 0]),
            y=float(verges.points[row, 1]),
            industry=ROAD,
            monitor_class=3,
            title=f"{ways.names[verges.line[row]] or '村道'}路段",
            bearings=(float((verges.bearing[row] + 180 * (row % 2)) % 360),),
        )
        for row in chance.permutation(len(verges.points))
    ]


def _record(site: Site, bearing: float, *, pole: int, serial: int, village: int, tree: Divisions) -> dict[str, Any]:
    where, town = tree.village_names[village], tree.town_names[int(tree.town_of[village])]
    known = site.title.startswith((where, town, names.COUNTY, where.removesuffix("村")))
    title = site.title if known else f"{where}{site.title}"
    return {
        "code": _code(tree, village, site.industry, 132, serial),
        "name": f"{title}{names.direction(bearing)}向",
        "bearing_deg": round(bearing) % 360,
        "monitor_class": site.monitor_class,
        "address": f"{names.COUNTY}{town}{where}",
        "managing_unit": f"{town}综治中心",
        "maintaining_unit": f"{names.COUNTY}视频运维中心",
        "pole": f"SF-{pole + 1:05d}",
    }


def _code(tree: Divisions, village: int, industry: str, kind: int, serial: int) -> str:
    centre = f"{tree.county_code}{int(tree.town_of[village]) + 1:02d}"
    return device_code(centre=centre, industry=industry, kind=kind, network=NETWORK, serial=serial).code


def _poses(count: int, chance: np.random.Generator) -> dict[str, list[Any]]:
    """Return what hangs on the poles and how; a few records lack their height and angles, as real ones do."""
    model = chance.choice(len(MODELS), size=count, p=MODEL_SHARES)
    fields = ("vendor", "model", "ptz_type", "hfov_deg", "vfov_deg", "width_px", "height_px")
    found: dict[str, list[Any]] = {name: [MODELS[row][place] for row in model] for place, name in enumerate(fields)}
    found["height_m"] = [float(height) for height in np.round(chance.uniform(3.5, 6.5, count), 1)]
    found["tilt_deg"] = [float(tilt) for tilt in np.round(chance.uniform(12, 26, count))]
    for row in np.flatnonzero(chance.random(count) < 0.04):
        for name in ("height_m", "tilt_deg", "vfov_deg"):
            found[name][int(row)] = None
    found["reach_m"] = [DOME_REACH_M if ptz_type == DOME else None for ptz_type in found["ptz_type"]]
    states = chance.choice(["in_use", "repair", "planned"], size=count, p=[0.96, 0.025, 0.015])
    return found | {"record_state": [str(state) for state in states]}
