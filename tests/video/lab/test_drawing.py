import numpy as np
import pytest

from video.lab.drawing import Pixels, frames
from video.lab.faults import Treatment
from video.lab.spec import Light, Scene


def picture(treatment: Treatment = Treatment.CLEAR, light: Light = Light.DAY, seed: int = 1, moment: int = 0) -> Pixels:
    drawn = list(frames(Scene(light, seed), treatment, width=640, height=360, count=24, fps=12))
    return drawn[moment]


def sharpness(pixels: Pixels) -> float:
    """Return the mean step between neighbours 8 px apart, away from the texts at the edges."""
    middle = pixels[60:300].mean(axis=2)
    return float(np.abs(middle[:, 8:] - middle[:, :-8]).mean())


def test_the_light_of_the_day_fades() -> None:
    day, dusk, night = (picture(light=light).mean() for light in (Light.DAY, Light.DUSK, Light.NIGHT))
    assert day > dusk > night > 12


def test_the_same_seed_draws_the_same_road_and_another_seed_another() -> None:
    assert np.array_equal(picture(seed=3), picture(seed=3))
    assert not np.array_equal(picture(seed=3), picture(seed=4))


def test_a_living_scene_moves_in_most_pixels_and_a_frozen_one_in_none() -> None:
    moved = (picture(moment=0) != picture(moment=1)).any(axis=2).mean()
    assert moved > 0.75
    assert np.array_equal(picture(Treatment.FROZEN), picture(Treatment.FROZEN, moment=20))


def test_a_van_drives_through_the_scene() -> None:
    far, near = (picture(seed=2, moment=moment)[200:330].astype(float) for moment in (4, 22))
    assert (np.abs(far - near).max(axis=2) > 30).mean() > 0.02


@pytest.mark.parametrize("light", list(Light))
def test_a_black_picture_is_black_but_for_its_text(light: Light) -> None:
    assert picture(Treatment.BLACK, light)[60:300].max() < 12


@pytest.mark.parametrize("treatment", [Treatment.BLURRED, Treatment.COVERED])
def test_a_blurred_or_covered_picture_has_lost_its_edges(treatment: Treatment) -> None:
    assert sharpness(picture(treatment)) < 0.6 * sharpness(picture())
