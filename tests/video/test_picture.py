import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from data.looks import CheckState
from data.thresholds import Thresholds
from data.types import Fault
from video.judge import bad_faults
from video.picture import BadPicture, measure, picture_of, read_image, reference_of
from video.picture_frames import Frame


def street(height: int = 720, width: int = 1280) -> Frame:
    """Return a made-up scene: sky, houses with windows, a road, sensor noise."""
    random = np.random.default_rng(7)
    scene = np.full((height, width), 150, np.uint8)
    scene[height // 2 :] = 90
    for left in range(0, width, 64):
        top = int(random.integers(height // 5, height // 2))
        scene[top : height // 2, left : left + 60] = int(random.integers(40, 220))
        scene[top + 8 : height // 2 : 16, left + 6 : left + 54 : 8] = 20
    for left in range(0, width, 100):
        scene[int(height * 0.75) : int(height * 0.76), left : left + 50] = 235
    noisy = scene.astype(np.int16)[..., None] + random.integers(-6, 7, (height, width, 3))
    return clipped(noisy)


def clipped(values: NDArray[Any]) -> Frame:
    return np.asarray(values.clip(0, 255), np.uint8)


def dimmed(frame: Frame, gain: float) -> Frame:
    return clipped(frame * gain)


def behind(frame: Frame, *, part: float) -> Frame:
    """Return the frame with a bag over a part of the lens: dark, soft at its rim."""
    mask = np.zeros(frame.shape[:2], np.float32)
    mask[:, : int(part * frame.shape[1])] = 1
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 12))[..., None]
    return clipped(frame * (1 - soft) + 45 * soft)


def screen(colour: tuple[int, int, int], message: str) -> Frame:
    frame = np.full((720, 1280, 3), colour, np.uint8)
    cv2.putText(frame, message, (430, 360), 0, 2.5, (255, 255, 255), 5)
    return frame


def colour_bars() -> Frame:
    colours = [
        (180, 180, 180),
        (16, 180, 180),
        (180, 180, 16),
        (16, 180, 16),
        (180, 16, 180),
        (16, 16, 180),
        (180, 16, 16),
    ]
    return np.repeat(np.repeat(np.array([colours], np.uint8), 183, axis=1), 720, axis=0)


def tinted(frame: Frame, gains: tuple[float, float, float]) -> Frame:
    return clipped(frame * np.array(gains))


def snowy(frame: Frame, levels: float) -> Frame:
    noise = np.random.default_rng(2).normal(0, levels, (*frame.shape[:2], 1))
    return clipped(frame + noise)


def striped(frame: Frame, levels: float) -> Frame:
    waves = levels * np.sin(np.arange(frame.shape[0]) / 5)[:, None, None]
    return clipped(frame + waves)


def greyed(frame: Frame, gain: float) -> Frame:
    return clipped(120 + (frame.astype(np.float32) - 120) * gain)


def shown(frame: Frame, moves: Sequence[tuple[int, int]], *, grain: float) -> list[Frame]:
    """Return frames of a camera that jumps by `moves` px, each with grain of its own."""
    random = np.random.default_rng(5)
    views = [np.roll(frame, move, axis=(1, 0)) for move in moves]
    return [clipped(view + random.normal(0, grain, view.shape)) for view in views]


@pytest.mark.parametrize(
    ("moves", "grain", "faults"),
    [
        ([(0, 0)] * 4, 2, ()),
        ([(0, 0)] * 4, 0, (Fault.FROZEN,)),
        ([(0, 0), (14, 6), (-10, 0), (12, -8)], 2, (Fault.SHAKING,)),
        # A PTZ that turns goes one way.
        ([(0, 0), (20, 0), (40, 0), (60, 0)], 2, ()),
    ],
)
def test_frames_that_follow_tell_what_stands_still_or_shakes(
    moves: list[tuple[int, int]], grain: float, faults: tuple[Fault]
) -> None:
    first, *later = shown(street(), moves, grain=grain)
    assert bad_faults(picture_of(first, later=later)) == faults


def test_a_reference_tells_a_covered_part_from_a_sky() -> None:
    scene, sky = street(), street()
    sky[:300] = 225
    lost = scene.copy()
    lost[:300] = 225
    assert picture_of(sky).checks[Fault.COVERED].state is CheckState.NOT_CHECKABLE
    assert picture_of(sky, references=[reference_of(sky)]).checks[Fault.COVERED].state is CheckState.GOOD
    assert picture_of(lost, references=[reference_of(scene)]).checks[Fault.COVERED].state is CheckState.BAD


def test_every_check_has_a_state_and_a_reason_in_words() -> None:
    checks = picture_of(street()).checks
    assert len(checks) == 13
    assert all(
        check.reason and (check.score is None) == (check.state is CheckState.NOT_CHECKABLE) for check in checks.values()
    )


def test_the_noise_of_a_night_is_no_snow() -> None:
    night = dimmed(street(), 0.4)
    night[100:110, ::40] = 250
    checks = picture_of(snowy(night, 6)).checks
    assert checks[Fault.NOISE].state is CheckState.GOOD
    assert picture_of(snowy(street(), 6)).checks[Fault.NOISE].state is CheckState.BAD


@pytest.mark.parametrize("garbage", [b"", b"x" * 100])
def test_what_is_no_reference_is_refused(garbage: bytes) -> None:
    with pytest.raises(ValueError, match="not the descriptor"):
        picture_of(street(), references=[garbage])


@pytest.mark.parametrize(
    ("frame", "faults"),
    [
        (street(), ()),
        (dimmed(street(), 0.05), (Fault.BLACK,)),
        (dimmed(street(), 0.18), (Fault.TOO_DARK,)),
        (dimmed(street(), 6.0), (Fault.TOO_BRIGHT,)),
        (np.asarray(cv2.GaussianBlur(street(), (0, 0), 9), np.uint8), (Fault.BLURRED,)),
        (np.full((720, 1280, 3), 120, np.uint8), (Fault.COVERED,)),
        (behind(street(), part=0.3), (Fault.COVERED,)),
        (screen((200, 20, 10), ""), (Fault.SIGNAL_LOST,)),
        (screen((0, 0, 0), "NO SIGNAL"), (Fault.SIGNAL_LOST,)),
        (screen((0, 0, 0), ""), (Fault.BLACK,)),
        (colour_bars(), (Fault.SIGNAL_LOST,)),
        (tinted(street(), (1.0, 1.0, 1.6)), (Fault.COLOUR_CAST,)),
        (snowy(street(), 20), (Fault.NOISE,)),
        (striped(street(), 15), (Fault.STRIPES,)),
        (greyed(street(), 0.12), (Fault.LOW_CONTRAST,)),
    ],
)
def test_each_fault_is_named_alone(frame: Frame, faults: tuple[Fault, ...]) -> None:
    assert bad_faults(picture_of(frame)) == faults


def test_blur_of_a_dark_picture_is_not_checkable() -> None:
    checks = picture_of(dimmed(street(), 0.18)).checks
    assert checks[Fault.BLURRED].state is CheckState.NOT_CHECKABLE
    assert checks[Fault.BLURRED].reason == "it is too dark"


def test_a_picture_equal_to_the_last_one_is_frozen_and_noise_alone_moves_it() -> None:
    first = picture_of(street())
    moved = street().copy()
    moved[100, 100] ^= 3
    assert first.checks[Fault.FROZEN].state is CheckState.NOT_CHECKABLE
    assert bad_faults(picture_of(street(), previous_sha256=first.sha256)) == (Fault.FROZEN,)
    assert bad_faults(picture_of(moved, previous_sha256=first.sha256)) == ()


def test_a_picture_has_a_jpeg_and_a_thumbnail_of_the_same_shape() -> None:
    picture = picture_of(street())
    assert Image.open(io.BytesIO(picture.jpeg)).size == (picture.width, picture.height) == (1280, 720)
    assert Image.open(io.BytesIO(picture.thumbnail)).size == (320, 180)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000, 3), (5000, 1, 3), (8, 8, 3)])
def test_odd_shapes_are_judged(shape: tuple[int, int, int]) -> None:
    picture = picture_of(np.full(shape, 128, np.uint8))
    assert (picture.height, picture.width) == shape[:2]


def test_giants_are_refused_before_they_are_unpacked() -> None:
    giant = io.BytesIO()
    Image.new("1", (8000, 6000)).save(giant, "PNG")
    with pytest.raises(BadPicture, match="8000 × 6000"):
        read_image(giant.getvalue())


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"\0" * 50])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        read_image(data)


def test_road_cameras_by_day_night_and_haze_are_good(shared_data: Path) -> None:
    files = sorted((shared_data / "images" / "sg_traffic").glob("*.jpg"))
    assert len(files) == 24
    assert {file.name: bad_faults(picture_of(read_image(file.read_bytes()))) for file in files} == {
        file.name: () for file in files
    }


def test_sharpness_falls_with_the_graded_blur(shared_data: Path) -> None:
    folder = shared_data / "images" / "live_subset"
    levels = ["ref_images", "gblur_4", "gblur_3", "gblur_2", "gblur_1"]
    sharp = [measure(picture_file(folder / f"buildings_{level}.png"))["sharpness"] for level in levels]
    assert sharp == sorted(sharp, reverse=True)
    assert sharp[-1] < Thresholds().sharpness < sharp[0]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("opencv_stills/licenseplate_motion.jpg", (Fault.BLURRED,)),
        ("opencv_stills/text_defocus.jpg", (Fault.BLURRED,)),
        ("opencv_stills/text_motion.jpg", (Fault.BLURRED,)),
        ("opencv_stills/building.jpg", ()),
        ("opencv_stills/home.jpg", ()),
        ("opencv_stills/leuvenA.jpg", ()),
        ("opencv_stills/basketball1.png", ()),
        ("opencv_stills/stuff.jpg", ()),
        ("live_subset/buildings_ref_images.png", ()),
        ("live_subset/buildings_jpeg_4.png", ()),
        ("live_subset/buildings_gblur_1.png", (Fault.BLURRED,)),
        ("live_subset/buildings_wnoise_2.png", (Fault.NOISE,)),
        ("live_subset/buildings_wnoise_4.png", (Fault.NOISE,)),
    ],
)
def test_labelled_pictures_are_told_by_their_fault_alone(shared_data: Path, name: str, faults: tuple[Fault]) -> None:
    assert bad_faults(picture_of(picture_file(shared_data / "images" / name))) == faults


def test_a_road_by_day_is_known_by_night_and_missed_when_the_camera_was_turned(shared_data: Path) -> None:
    folder = shared_data / "images" / "sg_traffic"
    day = reference_of(picture_file(folder / "cam4703_2026-01-28T172534.jpg"))
    night = picture_file(folder / "cam4703_2026-01-26T062818.jpg")
    turned = np.asarray(cv2.warpAffine(night, np.array([[1, 0, 130], [0, 1, 40]], np.float32), (1920, 1080)), np.uint8)
    other = picture_file(folder / "cam2701_2026-01-29T041716.jpg")
    found = {
        name: picture_of(frame, references=[day]).checks[Fault.MOVED].state
        for name, frame in {"night": night, "turned": turned, "other": other}.items()
    }
    assert found == {"night": CheckState.GOOD, "turned": CheckState.BAD, "other": CheckState.BAD}


def picture_file(path: Path) -> Frame:
    return read_image(path.read_bytes())
