"""Imports of real grids, cameras, buildings and incidents, with the counts their sources are known to have."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data.types import ImportReport, Level, Severity
from web.imports.order import BearingKind, Order
from web.imports.run import run

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
Importer = Callable[..., ImportReport]


# Whole countries: a slow machine may take its time.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def importing(session: Session, shared_data: Path) -> Importer:
    """Return a function that imports a real file and expects no row to be refused."""

    def import_file(kind: str, file: str, *, refused: int = 0, **choices: object) -> ImportReport:
        done = run(session, Order(kind=kind, path=shared_data / file, **choices), now=NOW)  # type: ignore[arg-type]
        assert done.refused == refused, [one for one in done.problems if one.severity is Severity.ERROR][:3]
        return done

    return import_file


CAMBRIDGE = "boundaries/cambridge_ma"
ROUTES = {"code": "CAR_RTE", "name": "CAR_RTE"}


def counts(done: ImportReport) -> tuple[int, int, int]:
    return done.added, done.updated, done.unchanged


@pytest.fixture
def cambridge(importing: Importer) -> None:
    importing("areas", f"{CAMBRIDGE}/police_car_routes.geojson", columns=ROUTES, level=Level.VILLAGE)
    importing(
        "areas",
        f"{CAMBRIDGE}/police_response_districts.geojson",
        columns={"code": "CADRA"},
        level=Level.CELL,
        parent_by_geometry=True,
    )


def test_every_district_lies_under_exactly_one_route(cambridge: None, session: Session) -> None:
    rows = session.execute(
        text(
            "SELECT a.code, parent.code AS parent FROM areas a JOIN area_versions v ON v.area_id = a.id"
            " LEFT JOIN areas parent ON parent.id = v.parent_id WHERE a.level = 'cell'"
        )
    ).all()
    assert len(rows) == 117
    assert len({row.parent for row in rows}) == 9
    assert None not in {row.parent for row in rows}


def test_parents_by_geometry_are_those_the_file_names(cambridge: None, importing: Importer) -> None:
    again = importing(
        "areas",
        f"{CAMBRIDGE}/police_response_districts.geojson",
        columns={"code": "CADRA", "parent": "CAR_RTE"},
        level=Level.CELL,
    )
    assert counts(again) == (0, 0, 117)


def test_routes_that_straddle_sectors_are_refused_by_name(importing: Importer, session: Session) -> None:
    importing(
        "areas", f"{CAMBRIDGE}/police_sectors.geojson", columns={"code": "SECTOR", "name": "SECTOR"}, level=Level.TOWN
    )
    done = importing(
        "areas",
        f"{CAMBRIDGE}/police_car_routes.geojson",
        columns=ROUTES,
        level=Level.VILLAGE,
        parent_by_geometry=True,
        refused=1,
    )
    reasons = [one.reason for one in done.problems if one.severity is Severity.ERROR]
    assert len(reasons) == 1
    assert "6R lies across 2, 3: 0.68 of it in the first" in reasons[0]
    assert counts(done) == (0, 0, 0)
    assert session.scalar(text("SELECT count(*) FROM areas WHERE level = 'village'")) == 0


def test_cameras_without_codes_fall_into_cells_and_the_others_are_listed(
    cambridge: None, importing: Importer, session: Session
) -> None:
    file = "cameras/osm_cameras_cambridge_boston_ma.parquet"
    done = importing("cameras", file)
    assert counts(done) == (3112, 0, 0)
    inside, bearings = session.execute(
        text(
            "SELECT count(*), count(c.bearing_deg) FROM cameras c JOIN areas a ON a.id = c.area_id"
            " WHERE a.level = 'cell'"
        )
    ).one()
    assert (inside, bearings) == (1355, 372)
    listed = {one.row for one in done.problems if one.field == "area" and one.row}
    assert len(listed) == 3112 - 1355
    assert counts(importing("cameras", file)) == (0, 0, 3112)


def test_osm_directions_are_read_as_far_as_they_can_be(importing: Importer, session: Session) -> None:
    done = importing(
        "cameras",
        "cameras/osm_cameras_cambridge_boston_ma.parquet",
        columns={"bearing_deg": "direction"},
        bearing=BearingKind.OSM,
    )
    assert session.scalar(text("SELECT bearing_deg FROM cameras WHERE bearing_deg = 60 LIMIT 1")) == 60
    assert any("'both' cannot be read" in one.reason for one in done.problems)
    assert any("names several directions" in one.reason for one in done.problems)


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


def test_memphis_robberies_are_counted_per_precinct(importing: Importer, session: Session) -> None:
    grid = importing(
        "areas", "incidents/memphis_police_precincts.geojson", columns={"name": "precinct"}, level=Level.CELL
    )
    assert [one for one in grid.problems if "mended" in one.reason]
    done = importing(
        "incidents", "incidents/memphis_robberies_2019.geojson", columns={"code": "uid"}, timezone="America/Chicago"
    )
    assert counts(done) == (2245, 0, 0)
    per_precinct = session.execute(
        text("SELECT v.name, count(*) FROM incidents i JOIN area_versions v ON v.area_id = i.area_id GROUP BY v.name")
    )
    assert {row.name: row.count for row in per_precinct} == PRECINCTS
    # The first one happened at half past one in the night, in Memphis.
    assert session.scalar(text("SELECT at FROM incidents WHERE code = '15213800'")) == datetime(
        2019, 1, 1, 7, 30, tzinfo=UTC
    )


def test_a_small_country_is_imported_whole_and_again_without_change(
    importing: Importer, session: Session, shared_data: Path
) -> None:
    whole = (
        ("areas", "admin", {"columns": {"code": "osm_id"}, "level": Level.TOWN}, 14),
        ("buildings", "buildings", {}, 17717),
        ("roads", "roads", {"columns": {"code": "osm_id"}}, 8253),
    )
    for kind, file, choices, rows in whole:
        name = f"buildings_roads/liechtenstein_2024_{file}.parquet"
        assert counts(importing(kind, name, **choices)) == (rows, 0, 0)
        assert counts(importing(kind, name, **choices)) == (0, 0, rows)
    placed = session.scalar(text("SELECT count(*) FROM buildings WHERE path <> ''"))
    assert placed is not None
    assert placed > 17_000
    roads = geopandas.read_parquet(shared_data / "buildings_roads/liechtenstein_2024_roads.parquet")
    towns = geopandas.read_parquet(shared_data / "buildings_roads/liechtenstein_2024_admin.parquet").union_all()
    abroad = int((~roads.intersects(towns)).sum())
    assert session.scalar(text("SELECT count(*) FROM roads WHERE paths = ARRAY[''::ltree]")) == abroad


def test_areas_of_the_code_list_need_no_boundary(
    importing: Importer, session: Session, shared_data: Path, tmp_path: Path
) -> None:
    codes = "boundaries/codes/nbs2023"
    importing("areas", f"{codes}_provinces.csv", level=Level.PROVINCE)
    importing("areas", f"{codes}_cities.csv", level=Level.CITY, columns={"parent": "provinceCode"})
    importing("areas", f"{codes}_areas.csv", level=Level.COUNTY, columns={"parent": "cityCode"})
    towns = tmp_path / "towns.csv"
    towns.write_bytes(gzip.decompress((shared_data / f"{codes}_streets.csv.gz").read_bytes()))
    done = importing("areas", str(towns), level=Level.TOWN, columns={"parent": "areaCode"})
    assert done.added == 41_352
    done = importing(
        "areas", f"{codes}_villages_zigong_shaoxing.csv", level=Level.VILLAGE, columns={"parent": "streetCode"}
    )
    assert done.added == 3155
    assert session.scalar(text("SELECT max(nlevel(path)) FROM areas")) == 5


def test_dirty_points_are_refused_row_by_row_or_kept_without_a_place(importing: Importer) -> None:
    done = importing(
        "incidents",
        "incidents/houston_crime_2010.parquet",
        crs="wgs84",
        columns={"kind": "offense", "at": "time_local"},
        timezone="America/Chicago",
    )
    assert done.added == 86_314
    assert len([one for one in done.problems if "no coordinates" in one.reason]) == 5
