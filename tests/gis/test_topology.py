import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.topology import Defect, DefectKind, assign_parents, defects, outside_parents, uncovered

# Degrees of about one metre near 104° E, 29° N.
METRE_LNG, METRE_LAT = 1 / 97_400, 1 / 110_850


def block(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle given in metres from a corner in Sichuan."""
    return shapely.box(104 + west * METRE_LNG, 29 + south * METRE_LAT, 104 + east * METRE_LNG, 29 + north * METRE_LAT)


def areas(**shapes: shapely.Geometry | None) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"code": list(shapes)}, geometry=list(shapes.values()), crs=4326)


def kinds(found: list[Defect]) -> list[DefectKind]:
    return [defect.kind for defect in found]


def tiles(count: int, size_m: float = 100) -> geopandas.GeoDataFrame:
    shapes = {
        f"c{row}_{column}": block(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
        for row in range(count)
        for column in range(count)
    }
    return areas(**shapes)


def test_a_grid_without_defects_has_none():
    assert defects(tiles(4)) == []


def test_an_overlap_is_reported_with_its_size_and_both_codes():
    (found,) = defects(areas(a=block(0, 0, 110, 100), b=block(100, 0, 200, 100)))
    assert (found.kind, found.rows, found.codes) == (DefectKind.OVERLAP, (1, 2), ("a", "b"))
    assert found.area_m2 == pytest.approx(1_000, rel=0.01)
    assert found.width_m == pytest.approx(9.09, rel=0.02)
    assert shapely.Point(found.place).within(block(100, 0, 110, 100))


@pytest.mark.parametrize(("width_m", "expected"), [(0.05, []), (0.5, [DefectKind.SLIVER]), (5, [DefectKind.OVERLAP])])
def test_the_width_of_an_overlap_says_what_it_is(width_m, expected):
    assert kinds(defects(areas(a=block(0, 0, 100 + width_m, 100), b=block(100, 0, 200, 100)))) == expected


def test_a_long_sliver_with_one_wide_place_is_an_overlap():
    bulge = shapely.union(block(0, 0, 100.01, 1000), block(90, 0, 110, 20))
    assert kinds(defects(areas(a=bulge, b=block(100, 0, 200, 1000)))) == [DefectKind.OVERLAP]


@pytest.mark.parametrize(("width_m", "expected"), [(0.05, []), (0.5, [DefectKind.SLIVER]), (5, [DefectKind.GAP])])
def test_a_hole_between_areas_is_a_gap_or_a_sliver(width_m, expected):
    ring = shapely.difference(block(0, 0, 100, 100), block(40, 40, 60, 60))
    assert kinds(defects(areas(ring=ring, core=block(40, 40, 60 - width_m, 60)))) == expected


def test_a_gap_at_the_edge_shows_against_the_parent():
    parent = areas(p=block(0, 0, 200, 100))
    children = areas(a=block(0, 0, 100, 100), b=block(100, 0, 190, 100))
    assert defects(children) == []
    (found,) = uncovered(children, parent)
    assert (found.kind, found.codes) == (DefectKind.GAP, ("b",))
    assert found.area_m2 == pytest.approx(1_000, rel=0.01)


def test_a_broken_ring_is_reported_with_its_place_and_the_rest_is_still_checked():
    bow = shapely.Polygon([(104, 29), (104.001, 29.001), (104.001, 29), (104, 29.001)])
    found = defects(areas(bow=bow, a=block(500, 0, 610, 100), b=block(600, 0, 700, 100)))
    assert kinds(found) == [DefectKind.INVALID_RING, DefectKind.OVERLAP]
    assert "Self-intersection" in found[0].reason


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (None, DefectKind.EMPTY),
        (shapely.Polygon(), DefectKind.EMPTY),
        (shapely.Point(104, 29), DefectKind.INVALID_RING),
        (shapely.LineString([(104, 29), (105, 29)]), DefectKind.INVALID_RING),
    ],
)
def test_an_area_without_a_surface_is_reported(shape, kind):
    assert kinds(defects(areas(a=shape, b=block(0, 0, 1, 1)))) == [kind]
    assert kinds(defects(areas(a=shape))) == [kind]


def test_a_code_used_twice_is_reported_once_with_all_its_rows():
    frame = tiles(2)
    frame["code"] = ["x", "y", "x", "x"]
    (found,) = defects(frame)
    assert (found.kind, found.rows) == (DefectKind.DUPLICATE_CODE, (1, 3, 4))


def test_children_find_their_parents_whatever_the_order():
    parents = areas(west=block(0, 0, 200, 400), east=block(200, 0, 400, 400))
    nesting = assign_parents(tiles(4), parents)
    assert nesting.parents == (0, 0, 1, 1) * 4
    assert nesting.defects == ()
    assert nesting.shares == pytest.approx([1.0] * 16)


@pytest.mark.parametrize(("beyond_m", "tolerance_m", "parent"), [(0.04, 0.1, 0), (0.2, 0.1, None), (0.2, 0.5, 0)])
def test_a_child_may_protrude_by_the_tolerance_and_no_more(beyond_m, tolerance_m, parent):
    parents = areas(p=block(0, 0, 100, 100))
    nesting = assign_parents(areas(c=block(0, 0, 100 + beyond_m, 100)), parents, tolerance_m=tolerance_m)
    assert nesting.parents == (parent,)
    assert nesting.protruding_m2[0] == pytest.approx(beyond_m * 100, rel=0.01)
    assert kinds(list(nesting.defects)) == ([] if parent == 0 else [DefectKind.OUTSIDE_PARENT])


def test_a_child_across_two_parents_straddles_and_names_the_larger_first():
    parents = areas(west=block(0, 0, 100, 100), east=block(100, 0, 200, 100))
    nesting = assign_parents(areas(c=block(70, 0, 190, 100)), parents)
    assert nesting.parents == (None,)
    assert nesting.shares == pytest.approx([0.75], abs=1e-3)
    (found,) = nesting.defects
    assert (found.kind, found.codes) == (DefectKind.STRADDLES, ("c", "east", "west"))


def test_a_child_far_from_every_parent_lies_outside():
    nesting = assign_parents(areas(c=block(500, 0, 600, 100)), areas(p=block(0, 0, 100, 100)))
    assert nesting.parents == (None,)
    assert kinds(list(nesting.defects)) == [DefectKind.OUTSIDE_PARENT]
    assert "no parent" in nesting.defects[0].reason


def test_a_child_without_a_boundary_has_no_parent_and_no_second_defect():
    nesting = assign_parents(areas(c=None), areas(p=block(0, 0, 100, 100)))
    assert (nesting.parents, nesting.defects) == ((None,), ())


def test_a_stated_parent_is_checked_and_not_replaced():
    parents = areas(west=block(0, 0, 100, 100), east=block(100, 0, 200, 100))
    children = areas(a=block(0, 0, 50, 100), b=block(100, 0, 150, 100))
    assert outside_parents(children, parents, [0, 1]) == []
    (found,) = outside_parents(children, parents, [0, 0])
    assert (found.kind, found.rows, found.codes) == (DefectKind.OUTSIDE_PARENT, (2,), ("b", "west"))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(0, 24), st.integers(0, 2**32 - 1))
def test_a_cell_taken_out_of_a_grid_leaves_a_gap_and_one_added_twice_overlaps(count, which, seed):
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(count + 1.0), np.arange(count + 1.0))
    x, y = x + rng.uniform(-0.3, 0.3, x.shape), y + rng.uniform(-0.3, 0.3, y.shape)
    corners = np.dstack([104 + x * 0.002, 29 + y * 0.002])
    cells = [
        shapely.Polygon([corners[i, j], corners[i, j + 1], corners[i + 1, j + 1], corners[i + 1, j]])
        for i in range(count)
        for j in range(count)
    ]
    frame = geopandas.GeoDataFrame({"code": [str(at) for at in range(len(cells))]}, geometry=cells, crs=4326)
    assert defects(frame) == []
    whole = geopandas.GeoDataFrame(geometry=[shapely.union_all(cells)], crs=4326)
    at = which % len(cells)
    (gap,) = uncovered(frame.drop(index=at).reset_index(drop=True), whole)
    metres = geopandas.GeoSeries([cells[at]], crs=4326).to_crs(4543).area.iloc[0]
    assert gap.area_m2 == pytest.approx(metres, rel=1e-3)
    twice = geopandas.GeoDataFrame({"code": [*frame.code, "again"]}, geometry=[*cells, cells[at]], crs=4326)
    assert kinds(defects(twice)) == [DefectKind.OVERLAP]
    assert set(assign_parents(frame, whole).parents) == {0}


def cambridge(folder, name: str, code: str) -> geopandas.GeoDataFrame:
    frame = geopandas.read_file(folder / "boundaries" / "cambridge_ma" / f"police_{name}.geojson")
    return frame.rename(columns={code: "code"})


def test_every_cambridge_district_falls_under_the_car_route_its_record_names(shared_data):
    routes = cambridge(shared_data, "car_routes", "CAR_RTE")
    districts = cambridge(shared_data, "response_districts", "CADRA")
    nesting = assign_parents(districts, routes, tolerance_m=0.001)
    assert nesting.defects == ()
    assert routes.code.to_numpy()[list(nesting.parents)].tolist() == districts.CAR_RTE.tolist()
    assert sum(area > 0 for area in nesting.protruding_m2) == 92
    assert 0.03 < max(nesting.protruding_m2) < 0.05
    assert defects(districts) == []


def test_the_cambridge_route_that_straddles_sectors_is_reported(shared_data):
    routes = cambridge(shared_data, "car_routes", "CAR_RTE")
    nesting = assign_parents(routes, cambridge(shared_data, "sectors", "SECTOR"))
    (found,) = nesting.defects
    assert (found.kind, found.codes) == (DefectKind.STRADDLES, ("6R", "2", "3"))
    assert min(nesting.shares) == pytest.approx(0.68, abs=0.005)
    assert nesting.parents.count(None) == 1


def test_the_broken_memphis_precinct_is_found(shared_data):
    precincts = geopandas.read_file(shared_data / "incidents" / "memphis_police_precincts.geojson")
    assert kinds(defects(precincts)).count(DefectKind.INVALID_RING) == 1
