"""Families of scenes that break sweeps: walls that touch, overlap or lie in line, and eyes on walls and corners.

All places are rational. Those drawn at random are whole steps of STEP_M, which a double holds exactly wherever the
scene is put; turned corners and eyes on walls are not, and a double comes within a nanometre. An eye that is not on a
wall stays CLEAR_M away from it, because the engine puts one that is closer onto the wall.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import shapely

from tests.gis.exact import Building, Look, Point, Ring

STEP_M = Fraction(1, 2**20)
CLEAR_M = 0.15
# A house around everything, whose yard of 200 m by 200 m holds the scene and leaves no way out.
YARD_M, OUTSIDE_M, BEYOND_M = 100, 110, 150.0
# Turns that keep whole numbers rational.
TURNS = [(1, 0, 1), (0, 1, 1), (3, 4, 5), (5, 12, 13), (-4, 3, 5), (8, -15, 17)]

Houses = list[Building]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One eye among buildings, in metres around a place of its own."""

    family: str
    eye: Point
    buildings: tuple[Building, ...]
    look: Look

    @property
    def is_walled(self) -> bool:
        """Whether no ray finds a way out, so that the area is a rational number."""
        return self.look.reach_m == BEYOND_M


def scenes(family: str, count: int, *, seed: int = 1) -> Iterator[Scene]:
    """Yield scenes of a family, every other one walled and seen all round."""
    chance = Random(f"{family} {seed}")
    for number in range(count):
        yield _scene(family, FAMILIES[family], chance, is_walled=number % 2 == 0)


def polygons(buildings: Sequence[Building], *, x: float = 0.0, y: float = 0.0) -> list[shapely.Polygon]:
    """Return buildings as polygons with their origin at x, y."""
    placed = [[[(float(px) + x, float(py) + y) for px, py in ring] for ring in building] for building in buildings]
    return [shapely.Polygon(rings[0], rings[1:]) for rings in placed]


def _scene(family: str, draw: Callable[[Random], tuple[Point, Houses]], chance: Random, *, is_walled: bool) -> Scene:
    while True:
        eye, houses = draw(chance)
        houses = [*houses, _ring_house(OUTSIDE_M, YARD_M)] if is_walled else houses
        if all(shapely.is_valid(polygons(houses))) and _stands_clear(eye, houses):
            look = Look(reach_m=BEYOND_M) if is_walled else _look(chance)
            return Scene(family=family, eye=eye, buildings=tuple(houses), look=look)


def _stands_clear(eye: Point, houses: Houses) -> bool:
    """Whether the eye is either on walls and corners or well away from them; doubles can tell the two apart."""
    at, rings = _double(eye), [[_double(point) for point in ring] for house in houses for ring in house]
    apart = (
        distance
        for ring in rings
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
        for distance in (_distance(at, a, b), math.dist(at, a))
    )
    return all(distance < 1e-9 or distance > CLEAR_M for distance in apart)


def _double(point: Point) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _distance(eye: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    along, to_eye = (b[0] - a[0], b[1] - a[1]), (eye[0] - a[0], eye[1] - a[1])
    share = (to_eye[0] * along[0] + to_eye[1] * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = min(max(share, 0.0), 1.0)
    return math.hypot(to_eye[0] - share * along[0], to_eye[1] - share * along[1])


def _look(chance: Random) -> Look:
    reach_m = chance.choice([chance.uniform(5, 120), 60.0, 40.0])
    near_m = chance.choice([0.0, 0.0, chance.uniform(0.5, 12)])
    if chance.random() < 0.25:
        return Look(reach_m=reach_m, near_m=min(near_m, reach_m / 2))
    bearing_deg = chance.choice([chance.uniform(0, 360), chance.randrange(0, 360, 45)])
    width_deg = chance.choice([90.0, chance.uniform(1, 359), 180.0, 270.0])
    return Look(reach_m=reach_m, near_m=min(near_m, reach_m / 2), bearing_deg=bearing_deg, width_deg=width_deg)


# ---- Houses ----------------------------------------------------------------------------------------------


def _on_step(x: float, y: float) -> Point:
    return round(x / STEP_M) * STEP_M, round(y / STEP_M) * STEP_M


def _box(west: float, south: float, east: float, north: float) -> Building:
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return (tuple((Fraction(x), Fraction(y)) for x, y in corners),)


def _ring_house(outside: int, yard: int) -> Building:
    return _box(-outside, -outside, outside, outside) + _box(-yard, -yard, yard, yard)


def _turned(buildings: Houses, turn: tuple[int, int, int], *, about: Point = (Fraction(0), Fraction(0))) -> Houses:
    """Turn houses exactly; a double then comes within a nanometre of a corner, and no more."""
    cos, sin, size = turn

    def move(point: Point) -> Point:
        x, y = point[0] - about[0], point[1] - about[1]
        return about[0] + (cos * x - sin * y) / size, about[1] + (sin * x + cos * y) / size

    return [tuple(tuple(move(point) for point in ring) for ring in building) for building in buildings]


def _free_house(chance: Random, spread: float = 70) -> Building:
    """Return a house of any size, turned by any angle."""
    x, y, turn = chance.uniform(-spread, spread), chance.uniform(-spread, spread), chance.uniform(0, 7)
    half = chance.uniform(0.5, 12), chance.uniform(0.5, 12)
    cos, sin = math.cos(turn), math.sin(turn)
    corners = [(-half[0], -half[1]), (half[0], -half[1]), (half[0], half[1]), (-half[0], half[1])]
    return (tuple(_on_step(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners),)


def _grid_house(chance: Random, step: int = 5) -> Building:
    x, y = chance.randrange(-70, 65, step), chance.randrange(-70, 65, step)
    return _box(x, y, x + step * chance.randint(1, 5), y + step * chance.randint(1, 5))


def _free_houses(chance: Random, most: int = 6) -> Houses:
    return [_free_house(chance) for _ in range(chance.randint(0, most))]


def _grid_eye(chance: Random, step: int = 5) -> Point:
    return Fraction(chance.randrange(-60, 61, step)), Fraction(chance.randrange(-60, 61, step))


def _any_eye(chance: Random) -> Point:
    return _on_step(chance.uniform(-60, 60), chance.uniform(-60, 60))


def _on_wall(chance: Random, house: Building) -> Point:
    ring = chance.choice(house)
    row = chance.randrange(len(ring))
    share = Fraction(chance.randint(1, 96), 97)
    return _between(ring[row - 1], ring[row], share)


def _between(a: Point, b: Point, share: Fraction) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


# ---- Families --------------------------------------------------------------------------------------------


def random_houses(chance: Random) -> tuple[Point, Houses]:
    return _any_eye(chance), [_free_house(chance) for _ in range(chance.randint(1, 8))]


def random_triangles(chance: Random) -> tuple[Point, Houses]:
    """Thin ones too."""
    houses: Houses = []
    for _ in range(chance.randint(1, 8)):
        x, y, size = chance.uniform(-60, 60), chance.uniform(-60, 60), chance.choice([1, 10, 40])
        ring: Ring = tuple(_on_step(x + chance.gauss(0, size) / 2, y + chance.gauss(0, size) / 2) for _ in range(3))
        near = all(max(abs(px), abs(py)) < YARD_M - 1 for px, py in ring)
        houses += [(ring,)] if near else []
    return _any_eye(chance), houses


def grid_houses(chance: Random) -> tuple[Point, Houses]:
    """Walls in line, touching and overlapping, and the eye anywhere on the grid: on walls and corners, or inside."""
    return _grid_eye(chance), [_grid_house(chance) for _ in range(chance.randint(1, 9))]


def turned_grid(chance: Random) -> tuple[Point, Houses]:
    """The same, turned so that no wall runs along an axis and no corner is a short number."""
    eye, houses = grid_houses(chance)
    small = [tuple(tuple((x * 3 / 5, y * 3 / 5) for x, y in ring) for ring in house) for house in houses]
    return (eye[0] * 3 / 5, eye[1] * 3 / 5), _turned(
        small, chance.choice(TURNS), about=(eye[0] * 3 / 5, eye[1] * 3 / 5)
    )


def terraces(chance: Random) -> tuple[Point, Houses]:
    """Houses in a row, wall to wall, with fronts of different depth."""
    houses, west = [], -60
    while west < 50:
        east = west + chance.choice([5, 10, 15])
        houses += [_box(west, chance.choice([0, 0, -5]), east, chance.choice([10, 10, 15]))]
        west = east + chance.choice([0, 0, 0, 5])
    return _grid_eye(chance), [*houses, _grid_house(chance)]


def overlaps(chance: Random) -> tuple[Point, Houses]:
    """Houses drawn twice, inside one another, or over one another along a common wall."""
    first = _grid_house(chance)
    (west, south), (east, north) = first[0][0], first[0][2]
    again = [first, _box(west, south, east + 5, north), _box(west + 2, south + 2, east - 2, north - 2)]
    again += [_box(west - 5, south + 2, east + 5, north - 2), _box(west, north, east, north + 5)]
    houses = [first, *chance.sample(again, chance.randint(1, 4)), *_free_houses(chance, 3)]
    return chance.choice([_grid_eye(chance), _any_eye(chance), _on_wall(chance, first)]), houses


def on_a_wall(chance: Random) -> tuple[Point, Houses]:
    home = _free_house(chance, 40)
    return _on_wall(chance, home), [home, *_free_houses(chance)]


def on_a_corner(chance: Random) -> tuple[Point, Houses]:
    home = _free_house(chance, 40)
    return chance.choice(home[0]), [home, *_free_houses(chance)]


def on_a_shared_corner(chance: Random) -> tuple[Point, Houses]:
    """Two or three houses that touch one another in the eye alone, or along walls that end in it."""
    eye = _on_step(chance.uniform(-30, 30), chance.uniform(-30, 30))
    rays = sorted(chance.sample(range(12), chance.choice([4, 5, 6])))
    houses: Houses = []
    for low, high in zip(rays[::2], rays[1::2], strict=False):
        ends = [(math.radians(30 * ray), chance.uniform(3, 25)) for ray in (low, min(high, low + 5))]
        ring = [_on_step(eye[0] + far * math.cos(a), eye[1] + far * math.sin(a)) for a, far in ends]
        houses += [((eye, *ring),)]
    if chance.random() < 0.5:
        # A neighbour wall to wall with the first.
        apex, _, two = houses[0][0]
        turn = math.atan2(two[1] - eye[1], two[0] - eye[0]) + 0.4
        houses += [((apex, two, _on_step(eye[0] + 9 * math.cos(turn), eye[1] + 9 * math.sin(turn))),)]
    return eye, [*houses, *_free_houses(chance, 4)]


def in_line(chance: Random) -> tuple[Point, Houses]:
    """Several walls in one line with the eye, which stands on that line or on one of the walls."""
    turn = chance.choice(TURNS)
    spots = sorted(chance.sample(range(-12, 13), 6))
    sides = [chance.choice([(0, 5), (-5, 0), (-5, 5)]) for _ in range(3)]
    boxes = [_box(spots[2 * row] * 5, low, spots[2 * row + 1] * 5, high) for row, (low, high) in enumerate(sides)]
    eye = chance.randrange(-60, 61, 5) + chance.choice([Fraction(0), Fraction(5, 2)]), Fraction(0)
    return eye, [*_turned(boxes, turn, about=eye), *_free_houses(chance, 3)]


def inside(chance: Random) -> tuple[Point, Houses]:
    """Under one roof, under several, or on a party wall."""
    home = _grid_house(chance)
    (west, south), (east, north) = home[0][0], home[0][2]
    middle = (west + east) / 2, (south + north) / 2
    beside, over = _box(east, south - 5, east + 10, north + 5), _box(middle[0], south - 5, east + 5, north + 5)
    eye = chance.choice([middle, (east, middle[1]), (middle[0] + 1, middle[1])])
    return eye, [home, *chance.sample([beside, over], chance.randint(0, 2)), *_free_houses(chance)]


def courtyards(chance: Random) -> tuple[Point, Houses]:
    """In the yard of a house, on its inner walls and in its inner corners."""
    outside, yard = chance.randrange(20, 60, 5), chance.randrange(5, 20, 5)
    home = _ring_house(outside, yard)
    turn = chance.choice(TURNS)
    spots = [Fraction(-yard), Fraction(yard), Fraction(0), Fraction(5, 2), Fraction(-outside)]
    eye = chance.choice(spots), chance.choice(spots)
    return eye, [*_turned([home], turn, about=eye), _grid_house(chance), *_free_houses(chance, 3)]


def where_walls_cross(chance: Random) -> tuple[Point, Houses]:
    """On the wall of one house where that of another comes out of it."""
    eye = _on_step(chance.uniform(-30, 30), chance.uniform(-30, 30))
    houses: Houses = []
    for turn in chance.sample(TURNS, 2):
        back, ahead, depth = (chance.randint(2, 12) for _ in range(3))
        across = (0, depth) if chance.random() < 0.5 else (-depth, 0)
        house = _box(eye[0] - back * 2, eye[1] + across[0], eye[0] + ahead * 2, eye[1] + across[1])
        houses += _turned([house], turn, about=eye)
    return eye, [*houses, *_free_houses(chance, 4)]


def where_a_corner_touches(chance: Random) -> tuple[Point, Houses]:
    """Where the corner of one house stands on the wall of another, between two ways out or beneath both roofs."""
    eye = _on_step(chance.uniform(-30, 30), chance.uniform(-30, 30))
    back, ahead, deep, wide, high = (chance.randint(2, 12) for _ in range(5))
    wall = _box(eye[0] - back * 2, eye[1], eye[0] + ahead * 2, eye[1] + deep)
    corner = _box(eye[0], eye[1] - high, eye[0] + wide, eye[1])
    one, other = (chance.choice(TURNS) for _ in range(2))
    houses = [*_turned([wall], one, about=eye), *_turned([corner], other, about=eye)]
    return eye, [*houses, *_free_houses(chance, 4)]


FAMILIES: Mapping[str, Callable[[Random], tuple[Point, Houses]]] = {
    each.__name__: each
    for each in (
        random_houses,
        random_triangles,
        grid_houses,
        turned_grid,
        terraces,
        overlaps,
        on_a_wall,
        on_a_corner,
        on_a_shared_corner,
        in_line,
        inside,
        courtyards,
        where_walls_cross,
        where_a_corner_touches,
    )
}
