"""Places that matter in a made-up county: committees, schools, clinics, squares, bus stops, beside its roads."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.county import names
from gis.county.divisions import Divisions
from gis.county.houses import Houses
from gis.county.land import Floats, Land, Whole
from gis.county.ways import HALF_WIDTH_M, MAIN, TRACK, Ways

SCHOOL_GATE, CLINIC, SQUARE = "school_gate", "clinic", "square"
BUS_STOP = "bus_stop"
OF_VILLAGE = (("committee", "村委会"), (SQUARE, "文化广场"), (CLINIC, "卫生室"), (SCHOOL_GATE, "小学校门"))
OF_COMMUNITY = (("committee", "居委会"), (SQUARE, "休闲广场"), (CLINIC, "卫生服务站"), (SCHOOL_GATE, "小学校门"))
OF_TOWN = (
    ("government", "政府"), ("police", "派出所"), (SCHOOL_GATE, "中心小学校门"), (SCHOOL_GATE, "初级中学校门"),
    (CLINIC, "卫生院"), (SQUARE, "文化广场"), ("station", "客运站"), ("market", "农贸市场"),
)  # fmt: skip
OF_COUNTY = (
    (SQUARE, "人民广场"), (SCHOOL_GATE, "第一中学校门"), (SCHOOL_GATE, "实验小学校门"), (CLINIC, "人民医院"),
    (CLINIC, "中医院"), (SQUARE, "滨河广场"), ("station", "汽车客运站"), ("market", "中心农贸市场"),
)  # fmt: skip
APART_M = 65.0
STOP_EVERY_M = 1400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verges:
    """Spots beside the roads that stand in no building: where, which way the road runs, and which road it is."""

    points: Floats
    bearing: Floats
    line: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Places in metres with name, kind, village and the bearing of the road before them."""

    points: Floats
    names: list[str]
    kinds: list[str]
    village: Whole
    bearing: Floats


def make_verges(ways: Ways, houses: Houses, *, every_m: float) -> Verges:
    """Return spots on both sides of every road but the tracks."""
    found = []
    for row, (line, kind) in enumerate(zip(ways.lines, ways.kinds, strict=True)):
        if kind == TRACK:
            continue
        away = np.arange(min(8.0, line.length / 2), line.length, every_m)
        on = shapely.get_coordinates(shapely.line_interpolate_point(line, away))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, away + 0.5)) - on
        ahead = np.where(np.hypot(*ahead.T)[:, None] > 0, ahead, [[0.0, 1.0]])
        turn = np.arctan2(ahead[:, 0], ahead[:, 1])
        for side in (1.0, -1.0):
            aside = np.stack([np.cos(turn), -np.sin(turn)], axis=1) * side * (HALF_WIDTH_M[kind] + 0.8)
            found.append(np.column_stack([on + aside, np.degrees(turn) % 360, np.full(len(on), row)]))
    rows = np.vstack(found)
    built = shapely.STRtree(houses.footprints).query(shapely.points(rows[:, :2]), predicate="dwithin", distance=0.3)[0]
    rows = np.delete(rows, np.unique(built), axis=0)
    return Verges(points=rows[:, :2], bearing=rows[:, 2], line=rows[:, 3].astype(np.intp))


def make_places(land: Land, tree: Divisions, ways: Ways, verges: Verges, chance: np.random.Generator) -> Places:
    """Return the places of every village, town and the county seat, and bus stops along the main roads."""
    village_at = tree.village_of[tree.cell_at[land.nearest(verges.points)]]
    free = np.ones(len(verges.points), dtype=bool)
    rows, titles, kinds = [], [], []
    for village, wanted in enumerate(_wanted(tree, chance)):
        seed = land.points[tree.village_seeds[village]]
        for kind, title in wanted:
            own = np.flatnonzero(free & (village_at == village))
            if not len(own):
                break
            spread = np.hypot(*(verges.points[own] - seed).T) + chance.uniform(0, 160, len(own))
            row = int(own[np.argmin(spread)])
            free[np.hypot(*(verges.points - verges.points[row]).T) < APART_M] = False
            rows.append(row)
            titles.append(title)
            kinds.append(kind)
    for row in _stops(ways, verges, free):
        rows.append(row)
        titles.append(f"{tree.village_names[village_at[row]]}公交站")
        kinds.append(BUS_STOP)
    return Places(
        points=verges.points[rows],
        names=unique(titles),
        kinds=kinds,
        village=village_at[rows],
        bearing=verges.bearing[rows],
    )


def unique(titles: list[str]) -> list[str]:
    """Return the titles with a number behind each that was there before."""
    seen: dict[str, int] = {}
    found = []
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
        found.append(title if seen[title] == 1 else f"{title}{seen[title]}号")
    return found


def _wanted(tree: Divisions, chance: np.random.Generator) -> list[list[tuple[str, str]]]:
    """Return kind and name of the places of each village; the first village of a town has those of the town."""
    found = []
    for row, (village, town) in enumerate(zip(tree.village_names, tree.town_of, strict=True)):
        seat = row == 0 or tree.town_of[row - 1] != town
        own = OF_COMMUNITY if village.endswith("社区") else OF_VILLAGE
        stem = village.removesuffix("村") if own is OF_VILLAGE else village
        places = [(kind, f"{stem}{'村' if own is OF_VILLAGE and kind != SCHOOL_GATE else ''}{end.removeprefix('村')}")
                  for kind, end in own if kind != SCHOOL_GATE or chance.random() < 0.5]  # fmt: skip
        town_name = tree.town_names[town]
        places += [(kind, f"{town_name}{end}") for kind, end in OF_TOWN] if seat else []
        places += [(kind, f"{names.COUNTY}{end}") for kind, end in OF_COUNTY] if row == 0 else []
        found.append(places)
    return found


def _stops(ways: Ways, verges: Verges, free: NDArray[np.bool_]) -> list[int]:
    main = np.array([kind == MAIN for kind in ways.kinds])
    own = np.flatnonzero(main[verges.line] & free)
    chosen: list[int] = []
    while len(own):
        chosen.append(int(own[0]))
        own = own[np.hypot(*(verges.points[own] - verges.points[own[0]]).T) > STOP_EVERY_M]
    return chosen
