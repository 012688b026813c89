"""The sweep against brute force in exact fractions, and its laws."""

import math
from fractions import Fraction
from functools import cmp_to_key
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.sweep import FULL_TURN, Fan, Floats, sweep

Vector = tuple[Fraction, Fraction]
Edge = tuple[Vector, Vector]
Ring = list[tuple[int, int]]

ALL_ROUND = Fan(start=0.3, width=FULL_TURN, reach=1000.0)
# Four thick walls, overlapping in their corners, so that no ray ever reaches the arc.
WALLS: list[Ring] = [
    [(-60, -60), (60, -60), (60, -50), (-60, -50)],
    [(-60, 50), (60, 50), (60, 60), (-60, 60)],
    [(-60, -60), (-50, -60), (-50, 60), (-60, 60)],
    [(50, -60), (60, -60), (60, 60), (50, 60)],
]


def edges_of(rings: list[Ring]) -> Floats:
    return np.array([[*a, *b] for ring in rings for a, b in zip(ring, ring[1:] + ring[:1], strict=True)], dtype=float)


def _cross(a: Vector, b: Vector) -> Fraction:
    return a[0] * b[1] - a[1] * b[0]


def _by_angle(a: Vector, b: Vector) -> int:
    halves = [(v[1] < 0 or (v[1] == 0 and v[0] < 0)) for v in (a, b)]
    if halves[0] != halves[1]:
        return -1 if halves[1] else 1
    turn = _cross(a, b)
    return -1 if turn > 0 else int(turn < 0)


def _meets(one: Edge, two: Edge) -> list[Vector]:
    along = (one[1][0] - one[0][0], one[1][1] - one[0][1])
    other = (two[1][0] - two[0][0], two[1][1] - two[0][1])
    apart = (two[0][0] - one[0][0], two[0][1] - one[0][1])
    turn = _cross(along, other)
    if turn == 0:
        return []
    share, share_other = _cross(apart, other) / turn, _cross(apart, along) / turn
    if not (0 <= share <= 1 and 0 <= share_other <= 1):
        return []
    return [(one[0][0] + share * along[0], one[0][1] + share * along[1])]


def _line_at(edge: Edge, ray: Vector) -> Vector:
    along = (edge[1][0] - edge[0][0], edge[1][1] - edge[0][1])
    far = _cross(edge[0], along) / _cross(ray, along)
    return ray[0] * far, ray[1] * far


def _nearest(edges: list[Edge], ray: Vector) -> Edge:
    best: tuple[Fraction, Edge] | None = None
    for edge in edges:
        along = (edge[1][0] - edge[0][0], edge[1][1] - edge[0][1])
        turn = _cross(ray, along)
        if turn == 0:
            continue
        far, share = _cross(edge[0], along) / turn, _cross(edge[0], ray) / turn
        if far > 0 and 0 <= share <= 1 and (best is None or far < best[0]):
            best = far, edge
    assert best is not None
    return best[1]


def exact_area(rings: list[Ring]) -> Fraction:
    """Return the area seen from the origin inside closed walls, trying every edge on every stretch, in fractions."""
    corners = [[(Fraction(x), Fraction(y)) for x, y in ring] for ring in rings]
    edges = [edge for ring in corners for edge in zip(ring, ring[1:] + ring[:1], strict=True)]
    rays = [point for ring in corners for point in ring]
    rays += [point for one, two in combinations(edges, 2) for point in _meets(one, two)]
    rays = sorted(rays, key=cmp_to_key(_by_angle))
    area = Fraction(0)
    for a, b in zip(rays, rays[1:] + rays[:1], strict=True):
        if _by_angle(a, b) == 0:
            continue
        size = [abs(v[0]) + abs(v[1]) for v in (a, b)]
        edge = _nearest(edges, (a[0] / size[0] + b[0] / size[1], a[1] / size[0] + b[1] / size[1]))
        area += _cross(_line_at(edge, a), _line_at(edge, b)) / 2
    return area


@st.composite
def triangles(draw: st.DrawFn) -> Ring:
    """Triangles and so also touching, overlapping and collinear ones, none of which holds the origin."""
    number = st.integers(-30, 30)
    ring = draw(st.lists(st.tuples(number, number), min_size=3, max_size=3))
    (ax, ay), (bx, by), (cx, cy) = ring
    turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    ring = ring if turn > 0 else ring[::-1]
    pairs = list(zip(ring, ring[1:] + ring[:1], strict=True))
    holds_origin = all(a[0] * b[1] - a[1] * b[0] >= 0 for a, b in pairs)
    return ring if turn != 0 and not holds_origin else [(20, 5), (30, 5), (30, 15)]


@settings(max_examples=60, deadline=None)
@given(st.lists(triangles(), max_size=6))
def test_the_area_is_that_of_brute_force_in_exact_fractions(rings: list[Ring]) -> None:
    expected = exact_area(WALLS + rings)

    assert sweep(edges_of(WALLS + rings), ALL_ROUND).area_m2 == pytest.approx(float(expected), rel=1e-11)


@settings(max_examples=100, deadline=None)
@given(st.lists(triangles(), min_size=1, max_size=8), st.floats(0, 6), st.floats(0.1, 6), st.floats(5, 60))
def test_a_building_added_never_adds_area(rings: list[Ring], start: float, width: float, reach: float) -> None:
    fan = Fan(start=start, width=width, reach=reach, near=3.0)
    areas = [sweep(edges_of(rings[:count]).reshape(-1, 4), fan).area_m2 for count in range(len(rings) + 1)]

    assert areas[0] == pytest.approx(fan.area_m2)
    assert all(after <= before + 1e-9 * fan.area_m2 for before, after in pairwise(areas))


@settings(max_examples=100, deadline=None)
@given(st.lists(triangles(), max_size=6), st.floats(-7, 7), st.floats(0.01, 100))
def test_rotation_and_scale_change_nothing(rings: list[Ring], turn: float, scale: float) -> None:
    fan = Fan(start=0.5, width=2.0, reach=35.0)
    edges = edges_of(rings).reshape(-1, 4)
    points = edges.reshape(-1, 2) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    moved = Fan(start=0.5 + turn, width=2.0, reach=35.0 * scale)

    area = sweep(points.reshape(-1, 4) * scale, moved).area_m2

    assert area / scale**2 == pytest.approx(sweep(edges, fan).area_m2, rel=1e-9, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(triangles(), max_size=6), st.permutations(range(6)))
def test_the_order_of_buildings_changes_nothing(rings: list[Ring], order: list[int]) -> None:
    mixed = [rings[row] for row in order if row < len(rings)]
    fan = Fan(start=2.0, width=3.0, reach=45.0)

    assert sweep(edges_of(mixed).reshape(-1, 4), fan).area_m2 == pytest.approx(
        sweep(edges_of(rings).reshape(-1, 4), fan).area_m2, rel=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(triangles(), min_size=1, max_size=6), st.integers(0, 10_000))
def test_every_ray_ends_where_a_ray_cast_alone_ends(rings: list[Ring], seed: int) -> None:
    fan, edges = Fan(start=1.0, width=4.0, reach=40.0), edges_of(rings)
    seen = sweep(edges, fan)
    for angle in np.random.default_rng(seed).uniform(0, fan.width, 40):
        row = int(np.searchsorted(seen.since, angle, side="right")) - 1
        if min(abs(seen.since - angle).min(), abs(seen.until - angle).min()) < 1e-6:
            continue
        low, high = (np.array([np.cos(a), np.sin(a)]) for a in (seen.since[row] + 1.0, seen.until[row] + 1.0))
        a, b = low * seen.r_since[row], high * seen.r_until[row]
        ray, along = np.array([math.cos(angle + 1), math.sin(angle + 1)]), b - a
        ends = (
            40.0 if seen.on_arc[row] else (a[0] * along[1] - a[1] * along[0]) / (ray[0] * along[1] - ray[1] * along[0])
        )
        assert ends == pytest.approx(_cast(edges, ray, 40.0), rel=1e-7)


def _cast(edges: Floats, ray: Floats, reach: float) -> float:
    best = reach
    for x0, y0, x1, y1 in edges:
        dx, dy = x1 - x0, y1 - y0
        turn = ray[0] * dy - ray[1] * dx
        if turn == 0:
            continue
        far, share = (x0 * dy - y0 * dx) / turn, (x0 * ray[1] - y0 * ray[0]) / turn
        if far > 0 and 0 <= share <= 1:
            best = min(best, far)
    return best


def test_a_wall_across_the_near_zone_hides_all_behind_it() -> None:
    wall = edges_of([[(2, -50), (3, -50), (3, 50), (2, 50)]])
    fan = Fan(start=-0.5, width=1.0, reach=20.0, near=5.0)

    assert sweep(wall, fan).area_m2 == 0.0


def test_a_wall_through_the_near_zone_hides_what_its_near_part_covers() -> None:
    wall = edges_of([[(3, 0), (30, -27), (30, 0)]])
    fan = Fan(start=-math.pi / 4, width=math.pi / 4, reach=20.0, near=5.0)
    # The wall runs along y = 3 - x; it leaves the near zone where x² + (3 - x)² = 25.
    x = (3 + math.sqrt(41)) / 2
    y = 3 - x
    leaves = math.atan2(y, x)
    end = (3 + math.sqrt(2 * 400 - 9)) / 2
    reached = math.atan2(3 - end, end)
    triangle = abs(x * (3 - end) - y * end) / 2 - 12.5 * (leaves - reached)
    beyond = (400 - 25) / 2 * (reached + math.pi / 4)

    assert sweep(wall, fan).area_m2 == pytest.approx(triangle + beyond, rel=1e-12)


def test_two_walls_that_cross_are_both_seen_up_to_their_crossing() -> None:
    # Mirror images about the x axis that cross at (15, 0): two triangles of 15 · 10 / 2.
    walls = np.array([[20.0, 10.0, 10.0, -10.0], [10.0, 10.0, 20.0, -10.0]])

    assert sweep(walls, Fan(start=-math.pi / 4, width=math.pi / 2, reach=100.0)).area_m2 == pytest.approx(150.0)


def test_blocked_directions_are_not_seen_across_the_start() -> None:
    none = np.empty((0, 4))
    fan = Fan(start=1.0, width=FULL_TURN, reach=10.0)

    seen = sweep(none, fan, blocked=np.array([[0.5, 1.5]]))

    assert seen.area_m2 == pytest.approx(50 * (FULL_TURN - 1.0))
