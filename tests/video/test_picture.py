import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from data.types import CheckState, Fault
from video.judge import bad_faults
from video.picture import ANALYSED_PX, BadPicture, Frame, measure, picture_of, read_image


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
    return np.clip(noisy, 0, 255).astype(np.uint8)


def dimmed(frame: Frame, gain: float) -> Frame:
    return np.clip(frame * gain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("frame", "faults"),
    [
        (street(), ()),
        (dimmed(street(), 0.05), (Fault.BLACK,)),
        (dimmed(street(), 0.18), (Fault.TOO_DARK,)),
        (dimmed(street(), 6.0), (Fault.TOO_BRIGHT,)),
        (np.asarray(cv2.GaussianBlur(street(), (0, 0), 9), np.uint8), (Fault.BLURRED,)),
        (np.full((720, 1280, 3), 120, np.uint8), (Fault.COVERED,)),
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


def test_blur_grows_with_the_graded_blur(shared_data: Path) -> None:
    folder = shared_data / "images" / "live_subset"
    levels = ["ref_images", "gblur_4", "gblur_3", "gblur_2", "gblur_1"]
    blur = [measure(_small(read_image((folder / f"buildings_{level}.png").read_bytes())))["blur"] for level in levels]
    assert blur == sorted(blur)
    assert blur[-1] > 0.5 > blur[0]


def _small(frame: Frame) -> Frame:
    return np.asarray(cv2.resize(frame, (ANALYSED_PX, frame.shape[0] * ANALYSED_PX // frame.shape[1])), np.uint8)
