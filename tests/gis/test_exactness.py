"""Thousands of scenes of every odd kind: the engine beside brute force in whole numbers, and beside CGAL.

tests/gis/exact.py decides everything by the sign of whole numbers, CGAL's triangular expansion by exact fractions of
its own; where no ray finds a way out the two must agree to the last digit. docs/benchmarks/exactness.md has the
largest deviations of a longer run: a ten-billionth of the sector, where a millionth is allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from subprocess import Popen

import pytest

from gis.coverage import CoverageFlag, View, view, views
from tests.gis import cgal_peer
from tests.gis.exact import Seen, seen_from
from tests.gis.scenery import FAMILIES, Scene, scenes
from tests.gis.town import town_of

OF_A_FAMILY = 160
FOR_CGAL = 40
ALLOWED = 1e-6

Building = tuple[Popen[str], Path] | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The scenes of one family, what is true of them, and what the engine found: all at once, and the first alone."""

    scenes: list[Scene]
    truth: list[Seen]
    found: list[View]
    first_alone: View


@cache
def trial(family: str) -> Trial:
    drawn = list(scenes(family, OF_A_FAMILY))
    town = town_of(drawn)
    return Trial(
        drawn,
        [seen_from(scene.eye, scene.buildings, scene.look) for scene in drawn],
        views(town.poses, town.obstacles),
        view(town.poses[0], town.obstacles),
    )


@pytest.fixture(scope="module", autouse=True)
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """The compiler works while the other tests run."""
    if cgal_peer.missing():
        yield None
        return
    program = tmp_path_factory.mktemp("cgal") / "sees"
    with cgal_peer.begin_build(program) as compiler:
        yield compiler, program


@pytest.mark.parametrize("family", FAMILIES)
def test_no_area_is_off_by_a_millionth_of_its_sector(family: str) -> None:
    pairs = list(zip(trial(family).found, trial(family).truth, strict=True))
    off = {row: abs(seen.area_m2 - true.area_m2) / seen.sector_m2 for row, (seen, true) in enumerate(pairs)}

    assert len(off) == OF_A_FAMILY
    assert {row: share for row, share in off.items() if share > ALLOWED} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_sector_is_what_the_look_covers_on_open_ground(family: str) -> None:
    expected = [scene.look.sector_m2 for scene in trial(family).scenes]

    assert [seen.sector_m2 for seen in trial(family).found] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_eye_is_said_to_be_inside_where_every_ray_begins_under_a_roof(family: str) -> None:
    told = [CoverageFlag.INSIDE_BUILDING in seen.flags for seen in trial(family).found]

    assert told == [true.is_inside for true in trial(family).truth]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_view_alone_is_the_view_in_a_batch(family: str) -> None:
    assert trial(family).first_alone == trial(family).found[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_brute_force_and_cgal_agree_to_the_last_digit(family: str, building: Building) -> None:
    if building is None:
        pytest.skip(str(cgal_peer.missing()))
    pairs = zip(trial(family).scenes, trial(family).truth, strict=True)
    asked = [(scene, true) for scene, true in pairs if scene.is_walled and not true.is_inside][:FOR_CGAL]
    cgal_peer.built(building[0])

    answers = cgal_peer.areas(building[1], [scene for scene, _ in asked])

    assert answers == [true.exact_area_m2 for _, true in asked]
    assert answers


def test_brute_force_itself_is_right_where_a_hand_can_check_it() -> None:
    scene = next(scenes("inside", 1))
    yard, eye = scene.buildings[-1], (Fraction(0), Fraction(0))
    house = (tuple((Fraction(x), Fraction(y)) for x, y in [(20, -10), (40, -10), (40, 10), (20, 10)]),)

    # The house hides the trapezium between x = 20 and the wall of the yard at x = 100.
    assert seen_from(eye, [yard], scene.look).exact_area_m2 == 200**2
    assert seen_from(eye, [yard, house], scene.look).exact_area_m2 == 200**2 - Fraction(100 * 100 - 20 * 20, 2)
