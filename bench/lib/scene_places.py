"""Real places to look at: their buildings, roads and cameras, and layouts for those where no camera is known."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from data.types import Pose
from gis.bearings import read_direction
from gis.coords import county_crs
from gis.cover import Eye, Ground
from gis.heights import heights_of
from gis.obstacles import to_lnglat, to_metres

OSM = "© OpenStreetMap contributors, ODbL 1.0"
SEED = 20250401
# A lens and a sensor that are common on streets: 76.8 m at 25 px/m.
STREET = {"hfov_deg": 90.0, "width_px": 3840, "height_m": 5.0}
# A long lens on a roof: 286.6 m at 25 px/m.
ROOF = {"hfov_deg": 30.0, "width_px": 3840}
TALL_M = 100.0
Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A place with its cameras; `layout` says where these come from, `window_m` how wide its picture looks."""

    key: str
    title: str
    layout: str
    source: str
    eyes: tuple[Eye, ...]
    ground: Ground = field(default_factory=Ground)
    roads: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    window_m: float = 900.0

    @property
    def crs(self) -> str:
        """The projected CRS its metres are computed in."""
        at = self.eyes[0].pose
        return county_crs(at.lng, at.lat).to_string()


def suzhou(shared: Path, *, most: int = 400) -> Scene:
    """Return an old town quarter with the floors and heights of every building."""
    frame = geopandas.read_file(shared / "buildings_roads/suzhou_gusu_buildings_height.geojson")
    ground = _ground(frame, frame["height"], frame["Floor"])
    return Scene(
        key="suzhou",
        title="Suzhou, Gusu",
        layout="made up: building corners at least 50 m apart, looking away from the corner, 5 m up, 90°, 3840 px",
        source="Heights and footprints: pybdshadow sample data, BSD-3. Their datum is not stated and may be GCJ-02",
        eyes=_on_corners(ground, spacing_m=50.0, most=most, pose=STREET),
        ground=ground,
        window_m=800.0,
    )


def liechtenstein(shared: Path, *, most: int = 1500) -> Scene:
    """Return a country of eleven municipalities; its own three cameras and a layout along its roads."""
    folder = shared / "buildings_roads"
    frame, streets, known = (
        geopandas.read_parquet(folder / f"liechtenstein_2024_{what}.parquet")
        for what in ("buildings", "roads", "cameras")
    )
    ground, roads = _ground(frame, _numbers(frame["height"]), _numbers(frame["levels"])), _shapes(streets)
    made = _along_roads(ground, roads, spacing_m=70.0, most=most, pose=STREET)
    return Scene(
        key="liechtenstein",
        title="Liechtenstein",
        layout="3 cameras of OpenStreetMap, the others made up: building corners within 15 m of a road and at least"
        " 70 m apart, looking along the road, 5 m up, 90°, 3840 px",
        source=OSM,
        eyes=(*_osm_eyes(known, "osm_id"), *made),
        ground=ground,
        roads=roads,
        window_m=900.0,
    )


def north_bayreuth(shared: Path, *, most: int = 600) -> Scene:
    """Return villages and a town edge; no heights are known."""
    folder = shared / "buildings_roads"
    frame, streets = (
        geopandas.read_parquet(folder / f"north_bayreuth_{what}.parquet") for what in ("buildings", "roads")
    )
    ground, roads = _ground(frame, _numbers(frame["height"]), _numbers(frame["levels"])), _shapes(streets)
    return Scene(
        key="north-bayreuth",
        title="North Bayreuth",
        layout="made up: building corners within 15 m of a road and at least 70 m apart, looking along the road,"
        " 5 m up, 90°, 3840 px",
        source=OSM,
        eyes=_along_roads(ground, roads, spacing_m=70.0, most=most, pose=STREET),
        ground=ground,
        roads=roads,
        window_m=900.0,
    )


def manhattan(shared: Path, *, most: int = 500) -> Scene:
    """Return tall buildings with heights; cameras on the tallest stand on the roof and look over lower ones."""
    rows = json.loads((shared / "buildings_roads/manhattan_buildings_height_deckgl.json").read_text())
    frame = geopandas.GeoDataFrame(
        {"height": [row["height"] for row in rows]},
        geometry=[shapely.Polygon(row["polygon"]) for row in rows],
        crs=4326,
    )
    ground = _ground(frame, frame["height"], np.full(len(frame), np.nan))
    street = _on_corners(ground, spacing_m=60.0, most=most, pose=STREET)
    return Scene(
        key="manhattan",
        title="Manhattan",
        layout="made up: building corners at least 60 m apart, looking away from the corner, 5 m up, 90°, 3840 px; on"
        " buildings of 100 m and more 2 m above the roof, 30°, 3840 px",
        source="Heights and footprints: deck.gl sample data, MIT",
        eyes=tuple(_on_roof(eye, ground) for eye in street),
        ground=ground,
        window_m=1200.0,
    )


def kolobrzeg(shared: Path, *, most: int | None = None) -> Scene:
    """Return a town whose cameras are mapped with their bearings; no buildings are given."""
    frame = geopandas.read_file(shared / "cameras/osm_cameras_kolobrzeg_pl.geojson")
    return _mapped("kolobrzeg", "Kołobrzeg", frame, most)


def tallinn(shared: Path, *, most: int | None = None) -> Scene:
    """Return a city whose cameras are mapped, three of four with their bearings; no buildings are given."""
    frame = geopandas.read_parquet(shared / "cameras/osm_cameras_tallinn_ee.parquet")
    return _mapped("tallinn", "Tallinn", frame, most)


SCENES: Sequence[Callable[[Path], Scene]] = (suzhou, liechtenstein, north_bayreuth, manhattan, kolobrzeg, tallinn)


def _mapped(key: str, title: str, frame: geopandas.GeoDataFrame, most: int | None) -> Scene:
    return Scene(
        key=key,
        title=title,
        layout="as mapped; no lens is recorded, so 90° and 1920 px are taken (38.4 m)",
        source=OSM,
        eyes=_osm_eyes(frame if most is None else frame.iloc[:most], "osm_node_id"),
        window_m=700.0,
    )


def _osm_eyes(frame: geopandas.GeoDataFrame, code: str) -> tuple[Eye, ...]:
    """Return cameras as OpenStreetMap has them: directions as written there, panoramas all round.

    The points of the compass are known to half their step. Others without a direction look somewhere, or turn.
    """
    eyes = []
    for name, said, kind, at in zip(
        frame[code], frame["camera_direction"], frame["camera_type"], frame.geometry, strict=True
    ):
        found = read_direction(str(said)) if isinstance(said, str) else read_direction("")
        first = found.bearings[0] if found.bearings else None
        presets = tuple(one.bearing_deg for one in found.bearings) if len(found.bearings) > 1 else ()
        pose = Pose(
            lng=at.x,
            lat=at.y,
            bearing_deg=first.bearing_deg if first else None,
            bearing_doubt_deg=first.doubt_deg if first else 0.0,
        )
        around = first is None and (found.all_round or kind == "panorama")
        eyes.append(Eye(code=f"{name:.0f}" if isinstance(name, float) else str(name), pose=pose, presets_deg=presets,
                        sees_all_round=around))  # fmt: skip
    return tuple(eyes)


def _ground(frame: geopandas.GeoDataFrame, heights: object, levels: object) -> Ground:
    known, guessed = heights_of(heights, levels)  # type: ignore[arg-type]
    return Ground(footprints=_shapes(frame), heights_m=known, guessed=guessed)


def _shapes(frame: geopandas.GeoDataFrame) -> Shapes:
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def _numbers(column: object) -> Floats:
    return np.asarray(geopandas.pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _metric(ground: Ground) -> tuple[Shapes, str]:
    at = ground.footprints[0].centroid
    crs = county_crs(at.x, at.y).to_string()
    return to_metres(ground.footprints, crs=crs), crs


def _corners(footprints: Shapes) -> tuple[Floats, Floats]:
    """Return the outer corners of footprints that stick out by 60° or more, and where each looks, in grid bearings."""
    rings = shapely.get_exterior_ring(shapely.orient_polygons(shapely.get_parts(shapely.make_valid(footprints))))
    points, ring = shapely.get_coordinates(rings[~shapely.is_missing(rings)], return_index=True)
    inner = np.flatnonzero((ring[2:] == ring[1:-1]) & (ring[1:-1] == ring[:-2])) + 1
    back, ahead = points[inner - 1] - points[inner], points[inner + 1] - points[inner]
    back, ahead = (way / np.maximum(np.hypot(*way.T), 1e-9)[:, None] for way in (back, ahead))
    out = -(back + ahead)
    sticks_out = (back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0] < 0) & (np.hypot(*out.T) > 1.0)
    return points[inner][sticks_out], np.degrees(np.arctan2(out[:, 0], out[:, 1]))[sticks_out] % 360


def _on_corners(ground: Ground, *, spacing_m: float, most: int, pose: dict[str, float]) -> tuple[Eye, ...]:
    footprints, crs = _metric(ground)
    corners, bearings = _corners(footprints)
    rows = _thinned(corners, spacing_m)[:most]
    return _eyes(corners[rows], bearings[rows], crs, pose)


def _along_roads(
    ground: Ground, roads: Shapes, *, spacing_m: float, most: int, pose: dict[str, float]
) -> tuple[Eye, ...]:
    footprints, crs = _metric(ground)
    corners, _ = _corners(footprints)
    lines = to_metres(roads, crs=crs)
    near, road = shapely.STRtree(lines).query(shapely.points(corners), predicate="dwithin", distance=15.0)
    away = shapely.distance(shapely.points(corners[near]), lines[road])
    nearest = np.lexsort((away, near))
    nearest = nearest[np.r_[True, np.diff(near[nearest]) > 0]]
    corners, lines = corners[near[nearest]], lines[road[nearest]]
    along = shapely.line_locate_point(lines, shapely.points(corners))
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(lines, along + step)) for step in (-2.0, 2.0)]
    way = ends[1] - ends[0]
    turned = np.random.default_rng(SEED).integers(0, 2, len(corners)) * 180
    bearings = (np.degrees(np.arctan2(way[:, 0], way[:, 1])) + turned) % 360
    rows = _thinned(corners, spacing_m)[:most]
    return _eyes(corners[rows], bearings[rows], crs, pose)


def _thinned(places: Floats, spacing_m: float) -> NDArray[np.intp]:
    """Return rows in a seeded order, each at least the spacing from all before it."""
    tree, free = KDTree(places), np.ones(len(places), dtype=bool)
    rows = []
    for row in np.random.default_rng(SEED).permutation(len(places)).tolist():
        if free[row]:
            rows.append(row)
            free[tree.query_ball_point(places[row], spacing_m)] = False
    return np.array(rows, dtype=np.intp)


def _eyes(places: Floats, bearings: Floats, crs: str, pose: dict[str, float]) -> tuple[Eye, ...]:
    points = shapely.get_coordinates(to_lnglat(shapely.points(places), crs=crs))
    return tuple(
        Eye(code=str(number), pose=Pose(lng=lng, lat=lat, bearing_deg=float(bearing), **pose))  # type: ignore[arg-type]
        for number, ((lng, lat), bearing) in enumerate(zip(points.tolist(), bearings, strict=True), start=1)
    )


def _on_roof(eye: Eye, ground: Ground) -> Eye:
    """Move a camera from the corner of a tall building to 2 m above its roof, with a longer lens."""
    at = shapely.Point(eye.pose.lng, eye.pose.lat)
    below = float(ground.heights_m[int(np.argmin(shapely.distance(ground.footprints, at)))])
    if below < TALL_M:
        return eye
    pose = Pose(lng=at.x, lat=at.y, bearing_deg=eye.pose.bearing_deg, height_m=below + 2.0, **ROOF)  # type: ignore[arg-type]
    return Eye(code=eye.code, pose=pose)
