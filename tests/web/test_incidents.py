"""Counts per cell and the heat of incidents: right where they are told, and nothing where they are not."""

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image
from sqlalchemy import text

from data import db
from data.types import Level
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns
from web import heat, incidents
from web.imports.order import Order
from web.imports.run import run

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
# The last evening of the year in Memphis is the first day of the next at the place of the pages.
YEAR = "from=2019-01-01&to=2020-01-02"
PRECINCTS = {
    "Airways": 204,
    "Appling Farms": 153,
    "Austin Peay": 219,
    "Crump": 317,
    "Mt. Moriah": 368,
    "North Main": 189,
    "Raines": 273,
    "Ridgeway": 220,
    "Tillman": 301,
}
DAYS = "from=2026-01-01&to=2026-01-31"


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without the surfaces of other tests, whose counters began anew with their tables."""
    monkeypatch.setattr(incidents, "_surfaces", heat.Surfaces(heat.SURFACES_KEPT))


@pytest.fixture
def chief(browser: Callable[[str | None], Browser]) -> Browser:
    return browser("chief")


@pytest.fixture
def memphis(two_towns: TwoTowns, shared_data: Path) -> Path:
    """Import the precincts and a year of robberies as an editor would; return their folder."""
    folder = shared_data / "incidents"
    orders = (
        Order(kind="areas", path=folder / "memphis_police_precincts.geojson", columns={"name": "precinct"},
              level=Level.CELL),
        Order(kind="incidents", path=folder / "memphis_robberies_2019.geojson", columns={"code": "uid"},
              timezone="America/Chicago"),
    )  # fmt: skip
    with db.transaction() as session:
        for order in orders:
            assert run(session, order, now=NOW).refused == 0
    return folder


def happen(cell: int, times: int, *, kind: str = "盗窃", at: str = "2026-01-10T08:00Z", east: float = 0.0) -> None:
    """Let incidents happen in the middle of a cell, `east` degrees from it."""
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO incidents (code, kind, at, area_id, path, geom)"
                " SELECT gen_random_uuid(), :kind, :at, a.id, a.path,"
                " ST_Translate(ST_PointOnSurface(v.boundary), :east, 0) FROM areas a JOIN area_versions v"
                " ON v.area_id = a.id AND upper_inf(v.during), generate_series(1, :times) WHERE a.id = :cell"
            ),
            {"kind": kind, "at": at, "cell": cell, "times": times, "east": east},
        )


def pixels(client: Browser, address: str) -> np.ndarray:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    return np.asarray(Image.open(io.BytesIO(answer.data)))


def tile_at(lng: float, lat: float, z: int) -> tuple[int, int, int]:
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lng, lat)
    size = 2 * 20037508.342789244 / 2**z
    return z, int((x + 20037508.342789244) // size), int((20037508.342789244 - y) // size)


def middles(z: int, x: int, y: int, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where the pixels of a tile lie in `target`, each projected by itself."""
    size = 2 * 20037508.342789244 / 2**z
    steps = (np.arange(256) + 0.5) / 256
    grid = np.meshgrid(-20037508.342789244 + (x + steps) * size, 20037508.342789244 - (y + steps) * size)
    return pyproj.Transformer.from_crs(3857, target, always_xy=True).transform(*grid)  # type: ignore[no-any-return]


def heat_tile(town_lng: float, *, z: int = 12, lat: float = 29.225, query: str = DAYS) -> str:
    return "/tiles/heat/{}/{}/{}.png?{}".format(*tile_at(town_lng, lat, z), query)


def test_memphis_is_counted_per_precinct_everywhere(chief: Browser, memphis: Path) -> None:
    cells = chief.get(f"/api/v1/incidents/counts?{YEAR}").json["cells"]
    assert {one["name"]: one["count"] for one in cells if one["count"]} == PRECINCTS
    assert sum(PRECINCTS.values()) == 2244
    page = chief.get(f"/incidents?{YEAR}").get_data(as_text=True)
    assert '<data value="2244">' in page
    assert all(f'<data value="{count}">' in page for count in PRECINCTS.values())
    table = chief.get(f"/incidents/counts.csv?{YEAR}").get_data().decode("utf-8-sig")
    assert len(table.splitlines()) == 1 + len(PRECINCTS)
    # Without a period the page shows the latest data there are, and does not come up empty.
    with db.transaction() as session:
        session.execute(text("DELETE FROM incidents WHERE at > '2025-01-01'"))
    latest = chief.get("/incidents").get_data(as_text=True)
    assert 'name="to" value="2020-01-01"' in latest
    assert "data-code=" in latest


def test_memphis_heat_lies_on_the_precincts_and_nowhere_else(chief: Browser, memphis: Path) -> None:
    precincts = geopandas.read_file(memphis / "memphis_police_precincts.geojson").geometry.make_valid().union_all()
    z, x, y = tile_at(-90.05, 35.1, 10)
    seen = pixels(chief, f"/tiles/heat/{z}/{x}/{y}.png?{YEAR}")
    there = shapely.contains_xy(precincts, *middles(z, x, y, "EPSG:4326"))
    pixel = 360 / 2**z / 256
    edge = shapely.contains_xy(shapely.buffer(shapely.boundary(precincts), 2 * pixel), *middles(z, x, y, "EPSG:4326"))
    assert seen[..., 3][there].max() > 180
    assert seen[..., 3][~there & ~edge].max(initial=0) == 0
    assert (seen[..., 3][there] > 0).mean() > 0.4
    assert pixels(chief, "/tiles/heat/10/0/0.png?" + YEAR).max() == 0


def test_a_tile_is_the_exact_kernel_sum_to_a_hundredth_of_the_peak() -> None:
    rng = np.random.default_rng(3)
    crs, home = "EPSG:4544", (500_000.0, 3_240_000.0)
    x, y = home[0] + rng.normal(0, 900, 400), home[1] + rng.normal(0, 700, 400)
    back = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    (lng, lat), corner = back.transform(*home), 0.04
    ground = np.array([shapely.box(lng - corner, lat - corner, lng + corner, lat + corner)], dtype=object)
    shown = heat.laid_out(x, y, np.ones(400, dtype=np.int64), ground, crs=crs)
    z, column, row = tile_at(lng, lat, 13)
    there_x, there_y = middles(z, column, row, crs)
    spots = rng.integers(0, 256, (200, 2))
    px, py = there_x[spots[:, 0], spots[:, 1]], there_y[spots[:, 0], spots[:, 1]]
    squares = (px[:, None] - x) ** 2 + (py[:, None] - y) ** 2
    exact = np.exp(-squares / (2 * heat.SIGMA_M**2)).sum(axis=1) / (2 * np.pi * heat.SIGMA_M**2) * 1e6
    off = np.abs(heat.sampled(shown, z, column, row)[spots[:, 0], spots[:, 1]] - exact).max()
    assert off / shown.peak < 0.01
    # North is up and east is right: a surface turned over would be wrong by the whole peak.
    assert exact.max() > 0.3 * shown.peak


def test_none_and_four_look_the_same_and_five_are_told(chief: Browser, two_towns: TwoTowns) -> None:
    one, other = two_towns.a.cells
    empty = chief.get(f"/api/v1/incidents/counts?{DAYS}").data
    bare = pixels(chief, heat_tile(104.725))
    happen(one, 4)
    assert chief.get(f"/api/v1/incidents/counts?{DAYS}").data == empty
    assert bare.max() == 0
    assert pixels(chief, heat_tile(104.725)).max() == 0
    happen(one, 1)
    counts = {cell["count"] for cell in chief.get(f"/api/v1/incidents/counts?{DAYS}").json["cells"]}
    assert counts == {5, None}
    assert pixels(chief, heat_tile(104.725)).max() > 200
    assert other in two_towns.a.cells


def test_four_more_events_in_a_cell_that_is_not_told_change_no_pixel_and_no_sum(
    chief: Browser, two_towns: TwoTowns
) -> None:
    told, silent = two_towns.a.cells
    happen(told, 9, east=0.024)
    # 100 m beyond the boundary of the told cell: a kernel that took them in would show it.
    addresses = [heat_tile(104.7 + n * 0.02, z=z) for n in range(6) for z in (10, 13, 15)]
    before = [pixels(chief, address) for address in addresses]
    scale = chief.get(f"/api/v1/incidents/heat?{DAYS}").json
    page = chief.get(f"/incidents?{DAYS}").get_data(as_text=True)
    happen(silent, 4, east=-0.024)
    for address, was in zip(addresses, before, strict=True):
        assert np.array_equal(pixels(chief, address), was), address
    assert max(was.max() for was in before) > 200
    assert chief.get(f"/api/v1/incidents/heat?{DAYS}").json == scale
    again = chief.get(f"/incidents?{DAYS}").get_data(as_text=True)
    assert _without_proof(again) == _without_proof(page)


def _without_proof(page: str) -> str:
    return page[page.index('<main id="main"') :]


def test_few_events_of_an_area_above_the_cells_do_not_show_by_being_listed(chief: Browser, two_towns: TwoTowns) -> None:
    before = chief.get(f"/api/v1/incidents/counts?{DAYS}").data
    happen(two_towns.a.village, 4)
    assert chief.get(f"/api/v1/incidents/counts?{DAYS}").data == before
    happen(two_towns.a.village, 1)
    assert f"{two_towns.a.mark}村" in chief.get(f"/incidents?{DAYS}").get_data(as_text=True)


def test_a_kind_or_a_span_of_few_events_is_not_named(chief: Browser, two_towns: TwoTowns) -> None:
    assert chief.get("/api/v1/incidents/kinds").json == {"first": None, "kinds": [], "last": None}
    happen(two_towns.a.cells[0], 5, kind="抢夺")
    happen(two_towns.b.cells[0], 4, kind="诈骗")
    said = chief.get("/api/v1/incidents/kinds").json
    assert said["kinds"] == ["抢夺"]
    assert said["first"] == "2026-01-10"


def test_kind_and_period_choose_what_is_counted(chief: Browser, two_towns: TwoTowns) -> None:
    cell = two_towns.a.cells[0]
    happen(cell, 6, kind="抢夺", at="2026-01-31T15:59Z")
    happen(cell, 7, kind="盗窃", at="2026-01-31T16:01Z")

    def counted(query: str) -> int | None:
        (first, *_) = chief.get(f"/api/v1/incidents/counts?{query}").json["cells"]
        value: int | None = first["count"]
        return value

    # The day ends at midnight of the place, not of Greenwich.
    assert counted("from=2026-01-31&to=2026-01-31") == 6
    assert counted("from=2026-02-01&to=2026-02-01") == 7
    assert counted("from=2026-01-01&to=2026-02-28") == 13
    assert counted("from=2026-01-01&to=2026-02-28&kind=抢夺") == 6
    assert counted("from=2026-01-01&to=2026-02-28&kind=unknown") is None


def test_an_operator_of_one_town_sees_no_heat_of_another(
    browser: Callable[[str | None], Browser], chief: Browser, two_towns: TwoTowns
) -> None:
    happen(two_towns.b.cells[0], 50)
    address = heat_tile(two_towns.b.west + 0.025)
    here = browser("operator_a")
    assert pixels(chief, address).max() > 200
    assert pixels(here, address).max() == 0
    etag = chief.get(address).headers["ETag"]
    assert here.get(address, headers={"If-None-Match": etag}).status_code == 200
    assert here.get(f"/api/v1/incidents/heat?{DAYS}").json["peak_per_km2"] is None
    assert two_towns.b.mark not in here.get(f"/incidents?{DAYS}").get_data(as_text=True)


def test_a_tile_that_did_not_change_is_not_sent_again(chief: Browser, two_towns: TwoTowns) -> None:
    happen(two_towns.a.cells[0], 5)
    first = chief.get(heat_tile(104.725))
    known = {"If-None-Match": first.headers["ETag"]}
    assert chief.get(heat_tile(104.725), headers=known).status_code == 304
    assert chief.get(heat_tile(104.725, query=DAYS + "&kind=x"), headers=known).status_code == 200
    happen(two_towns.a.cells[0], 1)
    assert chief.get(heat_tile(104.725), headers=known).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/tiles/heat/3/9/1.png",
        "/tiles/heat/40/1/1.png",
        "/tiles/heat/3/1/1.png?from=2026-02-01&to=2026-01-01",
        "/tiles/heat/3/1/1.png?from=yesterday",
        "/tiles/heat/3/1/1.png?to=99999-01-01",
        "/api/v1/incidents/counts?from=0001-01-01&to=9999-12-31",
        "/api/v1/incidents/heat?to=x",
    ],
)
def test_a_question_that_makes_no_sense_is_a_problem(chief: Browser, address: str) -> None:
    answer = chief.get(address)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"]


def test_a_surface_is_computed_once_however_many_ask() -> None:
    kept, made, start = heat.Surfaces(2), [], threading.Barrier(9)

    def ask() -> None:
        start.wait(10)
        kept.get("one", lambda: made.append(1))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    start.wait(10)
    for asker in askers:
        asker.join(10)
    assert len(made) == 1
    for key in ("two", "three"):
        kept.get(key, lambda: None)
    kept.get("one", lambda: made.append(1))
    assert len(made) == 2


def test_a_surface_that_failed_is_tried_again() -> None:
    kept = heat.Surfaces(2)

    def fails() -> Any:
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        kept.get("one", fails)
    assert kept.get("one", lambda: None) is None


def test_a_wide_county_is_smoothed_more_and_says_so() -> None:
    ground = np.array([shapely.box(104, 29, 110, 33)], dtype=object)
    shown = heat.laid_out(np.array([300_000.0]), np.array([3_400_000.0]), np.array([5]), ground, crs="EPSG:4545")
    assert shown.sigma_m == pytest.approx(3 * shown.bin_m)
    assert max(shown.per_km2.shape) <= heat.MOST_BINS + 3
