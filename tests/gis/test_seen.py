"""What views see of a ground, beside another overlay: areas, depths, gaps; on scenes full of corners that meet."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from gis.arrangement import MOST_BITS
from gis.depths import UNSEEN, depths
from gis.outline import Surface, solid
from gis.seen import COARSER_BITS, Seen, corners_of, outlined
from gis.surfaces import array_of

EXACT = 1e-6
SIDE = 6
# The middles of 14 × 14 squares.
UNITS = np.meshgrid(np.arange(14) + 0.5, np.arange(14) + 0.5)
TURN = np.array([[0.8, 0.6], [-0.6, 0.8]])


def seen(ground: Surface, *views: Surface, works: list[bool] | None = None) -> Seen:
    working = np.ones(len(views), dtype=bool) if works is None else np.array(works, dtype=bool)
    return Seen.of(ground, corners_of(array_of(list(views))), np.arange(len(views)), works=working)


@st.composite
def surfaces(draw: st.DrawFn) -> Polygon:
    """Return a triangle or quadrilateral whose corners lie on few whole numbers, so that many meet and many align."""
    corner = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))
    shape = Polygon(draw(st.lists(corner, min_size=3, max_size=4, unique=True)))
    return shape if shape.is_valid and shape.area > 0 else box(*_sorted(draw(corner), draw(corner)))


def _sorted(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int, int, int]:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]) + 1, max(one[1], other[1]) + 1


@st.composite
def grounds(draw: st.DrawFn) -> Surface:
    """Return a square, with buildings cut out of it or not; views may reach beyond it."""
    built = draw(st.lists(surfaces(), max_size=3))
    return solid(shapely.difference(box(1, 1, SIDE, SIDE), shapely.union_all(built)))


def shared(ground: Surface, shapes: list[Surface]) -> Surface:
    """Return the union of what pairs of shapes share of a ground, by another overlay."""
    pairs = [one.intersection(other) for n, one in enumerate(shapes) for other in shapes[:n]]
    return solid(shapely.intersection(ground, shapely.union_all(pairs)))


EVERY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 5)] * 2), max_size=14))
def test_squares_are_counted_as_one_by_one(drawn: list[tuple[int, int, int, int]]) -> None:
    views = [box(x, y, x + width, y + height) for x, y, width, height in drawn]
    times = sum((shapely.contains_xy(one, *UNITS).astype(int) for one in views), start=np.zeros(UNITS[0].shape, int))
    found = seen(box(0, 0, 14, 14), *views)
    assert (found.m2, found.by_2_m2) == ((times >= 1).sum(), (times >= 2).sum())
    assert found.gaps(0.0).area == (times == 0).sum()


@EVERY
@given(ground=grounds(), views=st.lists(surfaces(), max_size=6), data=st.data())
def test_areas_equal_those_of_another_overlay(ground: Surface, views: list[Surface], data: st.DataObject) -> None:
    works = data.draw(st.lists(st.booleans(), min_size=len(views), max_size=len(views)))
    assume(not ground.is_empty)
    found = seen(ground, *views, works=works)
    working = [view for view, does in zip(views, works, strict=True) if does]
    once, now = (solid(shapely.intersection(ground, shapely.union_all(some))) for some in (views, working))
    assert (found.m2, found.now_m2, found.by_2_m2) == pytest.approx(
        (once.area, now.area, shared(ground, views).area), abs=EXACT
    )
    for row, view in enumerate(views):
        own = solid(shapely.intersection(ground, view))
        others = shapely.union_all([other for n, other in enumerate(views) if n != row])
        assert found.own_m2[row] == pytest.approx(own.area, abs=EXACT)
        assert found.alone_m2[row] == pytest.approx(own.difference(others).area, abs=EXACT)


@EVERY
@given(ground=grounds(), views=st.lists(surfaces(), max_size=6), data=st.data())
def test_shapes_equal_those_of_another_overlay(ground: Surface, views: list[Surface], data: st.DataObject) -> None:
    works = data.draw(st.lists(st.booleans(), min_size=len(views), max_size=len(views)))
    found = seen(ground, *views, works=works)
    working = [view for view, does in zip(views, works, strict=True) if does]
    assume(not ground.is_empty)
    once, now = (solid(shapely.intersection(ground, shapely.union_all(some))) for some in (views, working))
    for own, other in (
        (found.surface(), once),
        (found.surface_now(), now),
        (found.gaps(0.0), shapely.difference(ground, once)),
        (found.gaps_now(0.0), shapely.difference(ground, now)),
    ):
        assert own.is_valid
        assert shapely.symmetric_difference(own, other).area == pytest.approx(0.0, abs=EXACT)


@EVERY
@given(ground=grounds(), views=st.lists(surfaces(), max_size=5), least=st.floats(0.1, 9))
def test_gaps_are_the_parts_that_are_large_enough(ground: Surface, views: list[Surface], least: float) -> None:
    rest = shapely.difference(ground, shapely.union_all(views))
    areas = [part.area for part in shapely.get_parts(rest)]
    if any(abs(area - least) < EXACT for area in areas):
        return
    found = seen(ground, *views).gaps(least)
    assert sorted(part.area for part in found.geoms) == pytest.approx(sorted(a for a in areas if a >= least), abs=EXACT)


@given(
    ground=grounds(),
    views=st.lists(surfaces(), min_size=1, max_size=5),
    turn=st.floats(0, 360),
    east=st.floats(-1e6, 1e6),
)
@example(ground=box(0, 0, 3, 3), views=[box(0, 0, 1, 1), box(1, 0, 2, 1)], turn=37.0, east=500_000.0)
@example(ground=box(1, 1, 6, 6), views=[Polygon([(2, 1), (3, 1), (4, 2)])], turn=1.75, east=0.0)
@EVERY
def test_turning_and_moving_everything_changes_no_area(
    ground: Surface, views: list[Surface], turn: float, east: float
) -> None:
    def moved(shape: Surface) -> Surface:
        turned = shapely.affinity.rotate(shape, turn, origin=(0, 0))
        return solid(shapely.affinity.translate(turned, east, 3_200_000.0))

    before, after = seen(ground, *views), seen(moved(ground), *[moved(view) for view in views])
    assert (after.m2, after.by_2_m2) == pytest.approx((before.m2, before.by_2_m2), abs=1e-6)
    gaps = after.gaps(0.0)
    assert gaps.is_valid
    assert gaps.area == pytest.approx(before.gaps(0.0).area, abs=1e-4)


def test_holes_lie_in_the_smallest_shell_around_them() -> None:
    # A ring of unseen ground around a seen ring around an unseen square with a seen heart.
    ring = Polygon(box(2, 2, 8, 8).exterior, [box(3, 3, 7, 7).exterior])
    gaps = seen(box(0, 0, 10, 10), ring, box(4.5, 4.5, 5.5, 5.5)).gaps(0.0)
    assert sorted((part.area, len(part.interiors)) for part in gaps.geoms) == [(15, 1), (64, 1)]


def test_ground_that_is_seen_by_none_is_one_gap_and_ground_that_is_not_there_is_none() -> None:
    assert seen(box(0, 0, 3, 4)).gaps(1.0).equals(box(0, 0, 3, 4))
    assert seen(Polygon(), box(0, 0, 3, 4)).gaps(1.0).is_empty
    assert seen(Polygon(), box(0, 0, 3, 4)).own_m2.tolist() == [0.0]
    assert seen(box(0, 0, 3, 4), Polygon(), MultiPolygon()).m2 == 0.0


def test_views_in_several_parts_and_with_holes_are_seen_as_they_are() -> None:
    view = MultiPolygon([Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 3, 3).exterior]), box(6, 0, 8, 4)])
    found = seen(box(0, 0, 10, 4), view, box(1, 1, 7, 3))
    assert (found.m2, found.by_2_m2) == (12 + 8 + 12 - 4, 4)
    assert found.alone_m2.tolist() == [16, 8]


def test_coarser_rounding_finds_the_same_outline() -> None:
    corner = np.array([500_000.0, 3_200_000.0])
    ground, *views = (
        shapely.transform(shape, lambda at: at @ TURN + corner)
        for shape in (box(0, 0, 300, 300), box(10, 10, 90, 250), box(50, 30, 280, 60))
    )
    rows, works = np.arange(2), np.ones(2, dtype=bool)
    given = corners_of(array_of([ground])), corners_of(array_of(views)), rows, works
    for bits in (MOST_BITS, *COARSER_BITS):
        found = outlined(depths(*given, bits).pieces, UNSEEN, 0.0)
        assert found is not None
        assert found.area == pytest.approx(300**2 - 80 * 240 - 230 * 30 + 40 * 30, abs=600 * 512 / 2**bits)


def test_an_outline_that_does_not_close_is_not_given_out() -> None:
    corners = corners_of(array_of([box(0, 0, 3, 3)]))
    pieces = depths(corners, corners_of(array_of([])), np.arange(0), np.ones(0, dtype=bool), MOST_BITS).pieces
    assert outlined(pieces, UNSEEN, 0.0) is not None
    torn = pieces._replace(bounds=np.array([UNSEEN, UNSEEN, UNSEEN, 0], dtype=np.uint8))
    assert outlined(torn, UNSEEN, 0.0) is None


def test_corners_closer_than_wide_ground_is_rounded_leave_no_outline_open() -> None:
    """A view far from the corner of a ground of 100 km, whose outline has steps of a micrometre."""
    steps = [(90_000 + 1e-6 * n, 90_000 + 1e-6 * (n % 2)) for n in range(50)]
    view = Polygon([*steps, (90_040, 90_000), (90_040, 90_030), (90_000, 90_030)])

    found = seen(box(0, 0, 100_000, 100_000), view, box(90_020, 90_010, 90_060, 90_020))

    assert found.own_m2[0] == pytest.approx(view.area, rel=1e-7)
    assert found.m2 == pytest.approx(view.area + 200, rel=1e-7)
    assert found.alone_m2[0] == pytest.approx(view.area - 200, rel=1e-7)
