"""Every kind of place to stand at and of thing to see, through the whole computation, on a crossing drawn by hand."""

import math
from collections.abc import Callable
from typing import Any

import pyproj
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db
from tests.web.conftest import Browser
from tests.web.siting_runs import computed
from tests.web.towns import TwoTowns
from web.plan.gathering import ROAD_STEP_M

# Looking and choosing are compiled on their first use; a slow machine may take its time.
pytestmark = pytest.mark.timeout(400)

SIDE_M, ARM_M = 200.0, 100.0
REACH_M = 60.0
# So many pixels that the stated reach holds at every density.
ALL_ROUND = {"lens": "360", "kind": "dome", "hfov_deg": 360, "width_px": 20_000, "reach_m": REACH_M, "cost": 100}
EARTH = pyproj.Geod(ellps="WGS84")
# East, north of the middle: a house stands in the north-eastern corner of the crossing, 20 m each way and 20 m wide.
HOUSE = [(20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0)]
GATE = (0.0, -30.0)


def at(of: TwoTowns, east_m: float, north_m: float) -> tuple[float, float]:
    """Return the longitude and latitude of a place told from the middle of the crossing."""
    lng, lat, _ = EARTH.fwd(of.a.west + 0.03, 29.23, 90, east_m)
    lng, lat, _ = EARTH.fwd(lng, lat, 0, north_m)
    return lng, lat


def line(of: TwoTowns, *points: tuple[float, float]) -> str:
    """Return points told from the middle of the crossing, as the text of a line."""
    return shapely.LineString([at(of, *one) for one in points]).wkt


def outline(of: TwoTowns, *corners: tuple[float, float]) -> str:
    """Return corners told from the middle of the crossing, as the text of a polygon."""
    return shapely.Polygon([at(of, *one) for one in corners]).wkt


class Ground:
    """The first cell of town A, to which things are added."""

    _PATH, _SPOT = "(SELECT path FROM areas WHERE id = :cell)", "ST_SetSRID(ST_MakePoint(:lng, :lat), 4326)"

    def __init__(self, session: Session, of: TwoTowns) -> None:
        self._session, self._of = session, of

    def bound(self, *corners: tuple[float, float]) -> None:
        """Draw the boundary of the cell."""
        self._put(
            "UPDATE area_versions SET boundary = ST_Multi(ST_GeomFromText(:outline, 4326)) WHERE area_id = :cell",
            outline=outline(self._of, *corners),
        )

    def road(self, code: str, *points: tuple[float, float]) -> None:
        self._put(
            "INSERT INTO roads (code, name, kind, paths, geom)"
            f" VALUES (:code, :code, 'main', ARRAY[{self._PATH}], ST_GeomFromText(:line, 4326))",
            code=code,
            line=line(self._of, *points),
        )

    def building(self, *corners: tuple[float, float]) -> None:
        self._put(
            f"INSERT INTO buildings (code, path, geom) VALUES ('H', {self._PATH}, ST_GeomFromText(:outline, 4326))",
            outline=outline(self._of, *corners),
        )

    def incidents(self, count: int, place: tuple[float, float]) -> None:
        self._put(
            "INSERT INTO incidents (code, kind, at, area_id, path, geom)"
            f" SELECT :code || n, '盗窃', now(), :cell, {self._PATH}, {self._SPOT} FROM generate_series(1, :count) n",
            place,
            code=f"{count}-",
            count=count,
        )

    def gate(self, place: tuple[float, float]) -> None:
        self._put(
            "INSERT INTO places (code, name, kind, area_id, path, geom)"
            f" VALUES ('G', '校门', 'gate', :cell, {self._PATH}, {self._SPOT})",
            place,
        )

    def _put(self, statement: str, place: tuple[float, float] = (0.0, 0.0), **values: Any) -> None:
        lng, lat = at(self._of, *place)
        given = {"cell": self._of.a.cells[0], "lng": lng, "lat": lat} | values
        self._session.execute(text(statement), given)


@pytest.fixture
def crossing(two_towns: TwoTowns) -> TwoTowns:
    """Make a cell of two roads that cross, a house, a gate, a corner where six things happened, and one with four."""
    with db.transaction() as session:
        ground = Ground(session, two_towns)
        ground.bound(*((x * SIDE_M, y * SIDE_M) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))))
        ground.road("WE", (-ARM_M, 0), (ARM_M, 0))
        ground.road("SN", (0, -ARM_M), (0, ARM_M))
        ground.building(*HOUSE)
        ground.incidents(6, (-30, 10))
        ground.incidents(4, (-20, -40))
        ground.gate(GATE)
    return two_towns


@pytest.fixture
def ask(browser: Callable[[str | None], Browser], crossing: TwoTowns) -> Callable[..., dict[str, Any]]:
    """Return what asks for one camera all round, by what is to be seen and where it may stand."""
    planner = browser("editor_a")
    cell = f"{crossing.a.code}001001"
    scenario = planner.post("/api/v1/plan/scenarios", json={"name": "路口", "area": cell}).json

    def asked(demand: dict[str, Any], candidates: dict[str, Any] | None = None) -> dict[str, Any]:
        middle = {"drawn": [at(crossing, 0, 0)]}
        wanted = {"count": 1, "headings": 1, "time_limit_s": 2, "lenses": [ALL_ROUND]}
        result = computed(planner, scenario["id"], wanted | {"demand": demand, "candidates": candidates or middle})
        return dict(result["result"])

    return asked


@pytest.mark.parametrize(
    ("demand", "kind", "of", "seen", "within"),
    [
        pytest.param({"crossings": 1}, "crossings", 1, 1, 0, id="where roads meet"),
        # Each arm is seen to the reach, but for half of the metres that a point stands for.
        pytest.param({"roads": 1}, "roads", 4 * ARM_M, 4 * REACH_M, 4 * ROAD_STEP_M / 2, id="metres of road"),
        pytest.param({"places": 1, "place_kinds": ["gate"]}, "places", 1, 1, 0, id="a gate"),
        # Squares with fewer than five incidents are no demand: they might tell of one person.
        pytest.param({"incidents": 1}, "incidents", 6, 6, 0, id="incidents"),
    ],
)
def test_each_kind_of_demand_is_counted_in_its_own_unit(
    ask: Callable[..., dict[str, Any]], demand: dict[str, Any], kind: str, of: float, seen: float, within: float
) -> None:
    found = ask(demand)["kinds"][kind]

    assert found == {"of": pytest.approx(of, rel=2e-3), "before": 0, "after": pytest.approx(seen, abs=within)}


def test_drawn_points_are_seen_but_those_behind_the_house(
    ask: Callable[..., dict[str, Any]], crossing: TwoTowns
) -> None:
    points = [at(crossing, *place) for place in ((10, 10), (41, 41), (-59, 0), (-61, 0))]

    found = ask({"drawn": 1, "points": points})["kinds"]["drawn"]

    assert found == {"of": 4, "before": 0, "after": 2}


def test_open_ground_is_seen_as_far_as_the_house_lets_it(ask: Callable[..., dict[str, Any]]) -> None:
    found = ask({"gaps": 1})["kinds"]["gaps"]

    # The near walls of the house are seen from the middle under the angle between its outer corners.
    hidden = math.atan2(40, 20) - math.atan2(20, 40)
    seen = (2 * math.pi - hidden) * REACH_M**2 / 2 + 2 * (20 * 20 / 2)
    assert found["of"] == pytest.approx((2 * SIDE_M) ** 2 - 20 * 20, rel=2e-3)
    assert found["after"] == pytest.approx(seen, rel=1e-2)


@pytest.mark.parametrize(
    ("candidates", "origin", "places"),
    [
        pytest.param({"crossings": True}, "crossing", [(0, 0)], id="crossings of roads"),
        pytest.param({"corners": True}, "corner", HOUSE, id="corners of buildings"),
        pytest.param({"place_kinds": ["gate"]}, "place", [GATE], id="places"),
    ],
)
def test_a_camera_stands_where_it_may(
    ask: Callable[..., dict[str, Any]],
    crossing: TwoTowns,
    candidates: dict[str, Any],
    origin: str,
    places: list[tuple[float, float]],
) -> None:
    result = ask({"roads": 1}, candidates)

    (camera,) = result["chosen"]
    assert (result["counts"]["places"], camera["origin"]) == (len(places), origin)
    away = [EARTH.line_length(*zip((camera["lng"], camera["lat"]), at(crossing, *one), strict=True)) for one in places]
    assert min(away) < 0.5
