"""What a picture shows of the camera's own health: arrays in, verdict out. Pure.

Frames are (height, width, 3) uint8 arrays in BGR order. Everything but noise is measured on a copy 640 px wide, so that
it costs the same for every camera. What the measures mean is told by picture_checks.py.
"""

import hashlib
import io
import warnings
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from data.looks import Picture
from data.thresholds import DEFAULTS, Thresholds
from video.picture_checks import check
from video.picture_detail import flatness, noise, sharpness, stripes
from video.picture_frames import ANALYSED_PX, Frame, luma_of, shrunk
from video.picture_light import bars, colours, light, plainness
from video.picture_scene import Scene, beside, between, described, scene_of

MOST_PIXELS = 40_000_000
THUMBNAIL_PX = 320
JPEG_QUALITY = 85
THUMBNAIL_QUALITY = 75


class BadPicture(Exception):
    """The bytes are not a picture that can be judged; the message says why."""


def read_image(data: bytes) -> Frame:
    """Return the frame in the bytes of a JPEG, PNG, WebP or BMP file; raise BadPicture."""
    try:
        with warnings.catch_warnings():
            # Giants are refused below, in words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "BMP")) as header:
                width, height = header.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture("it is not a JPEG, PNG, WebP or BMP picture") from error
    refuse_giants(width, height)
    frame = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if frame is None:
        raise BadPicture("its picture data is damaged")
    return np.asarray(frame, np.uint8)


def refuse_giants(width: int, height: int) -> None:
    """Raise BadPicture when a picture is too large to be handled safely."""
    if width * height > MOST_PIXELS:
        raise BadPicture(f"it has {width} × {height} pixels; {MOST_PIXELS // 1_000_000} million are the most")


def picture_of(
    frame: Frame,
    *,
    previous_sha256: str | None = None,
    references: Sequence[bytes] = (),
    later: Sequence[Frame] = (),
    limits: Thresholds = DEFAULTS,
) -> Picture:
    """Return the JPEG, thumbnail, measures and checks of a frame.

    `previous_sha256` is that of the look before, `references` describe the scene as it should be (by day, by night),
    `later` are frames that follow this one: without them freezing, moving and shaking are not checkable.
    """
    height, width = frame.shape[:2]
    refuse_giants(width, height)
    small = shrunk(frame, ANALYSED_PX)
    jpeg = _jpeg(frame, JPEG_QUALITY)
    sha256 = hashlib.sha256(jpeg).hexdigest()
    compared = {"is_compared": 1.0} if previous_sha256 or later else {}
    same = {"same_as_before": float(sha256 == previous_sha256)} if previous_sha256 else {}
    scene = scene_of(luma_of(small))
    measures = {**measure(frame), **beside(scene, references), **compared, **same, **between((frame, *later))}
    return Picture(
        jpeg=jpeg,
        thumbnail=_jpeg(shrunk(small, THUMBNAIL_PX), THUMBNAIL_QUALITY),
        width=width,
        height=height,
        sha256=sha256,
        scene=described(scene),
        measures={name: round(value, 4) for name, value in measures.items()},
        checks=check(measures, limits),
    )


def measure(frame: Frame) -> dict[str, float]:
    """Return everything that one frame alone tells the checks."""
    small = shrunk(frame, ANALYSED_PX)
    luma, width = luma_of(small), frame.shape[1]
    snow = noise(luma_of(frame))
    return {
        "width": float(width),
        **light(luma),
        **plainness(small),
        **colours(small),
        **flatness(luma, grain=snow * min(1.0, 160 / width)),
        **sharpness(luma),
        **stripes(luma),
        "bars": bars(small),
        "noise": snow,
    }


def compare(frame: Frame, references: Sequence[bytes]) -> dict[str, float]:
    """Return what the references of its scene tell of a frame."""
    return beside(_scene(frame), references)


def reference_of(frame: Frame) -> bytes:
    """Return the descriptor of a scene, to be kept and handed to later looks as one of `references`."""
    return described(_scene(frame))


def _scene(frame: Frame) -> Scene:
    return scene_of(luma_of(shrunk(frame, ANALYSED_PX)))


def _jpeg(frame: Frame, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise BadPicture("it cannot be written as JPEG")
    return data.tobytes()
