"""What a picture shows of the camera's own health: arrays in, verdict out. Pure.

Frames are (height, width, 3) uint8 arrays in BGR order. Checks look at a copy 640 px wide, so that they cost the same
for every camera and sensor noise is averaged away. A check that cannot be made says so; it does not pass.
"""

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from data.types import CheckState, Fault, Picture, PictureCheck

Frame = NDArray[np.uint8]

MOST_PIXELS = 40_000_000
ANALYSED_PX = 640
THUMBNAIL_PX = 320
JPEG_QUALITY = 85
THUMBNAIL_QUALITY = 75

# Thresholds, tried on day, night and haze pictures of road cameras and on graded blur; luma runs from 0 to 255.
BLACK_BELOW = 25.0  # the brightest hundredth of a black picture
DARK_BELOW = 50.0  # a street at night has lamps: its brightest twentieth is above this
BRIGHT_ABOVE = 245.0  # half of the picture is burnt out
BLURRED_ABOVE = 0.5  # good pictures reach 0.37, a Gaussian of 6 px at 1080p has 0.6
FLAT_BELOW = 4.0  # standard deviation of luma in a block without anything to see
COVERED_ABOVE = 0.85  # share of flat blocks; a scene in haze has 0.5

# One core per decoder: threads of its own would only wait for each other.
cv2.setNumThreads(1)


class BadPicture(Exception):
    """The bytes are not a picture that can be judged; the message says why."""


def read_image(data: bytes) -> Frame:
    """Return the frame in the bytes of a JPEG, PNG, WebP or BMP file; raise BadPicture."""
    try:
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


def picture_of(frame: Frame, *, previous_sha256: str | None = None) -> Picture:
    """Return the JPEG, thumbnail and checks of a frame; `previous_sha256` is that of the look before."""
    height, width = frame.shape[:2]
    refuse_giants(width, height)
    small = _shrunk(frame, ANALYSED_PX)
    jpeg = _jpeg(frame, JPEG_QUALITY)
    sha256 = hashlib.sha256(jpeg).hexdigest()
    measures = measure(small)
    return Picture(
        jpeg=jpeg,
        thumbnail=_jpeg(_shrunk(small, THUMBNAIL_PX), THUMBNAIL_QUALITY),
        width=width,
        height=height,
        sha256=sha256,
        measures=measures,
        checks={**check(measures), Fault.FROZEN: _frozen(sha256, previous_sha256)},
    )


def measure(small: Frame) -> dict[str, float]:
    """Return what the checks need to know of a frame of about 640 px: levels of luma, blur and flatness.

    Blur is the perceptual blur metric of Crete et al. (2007), 0 sharp to 1 blurred: how little a further blur changes.
    """
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    levels = np.cumsum(np.bincount(luma.ravel(), minlength=256)) / luma.size
    return {
        "luma_mean": float(luma.mean()),
        "luma_p50": float(np.searchsorted(levels, 0.50)),
        "luma_p95": float(np.searchsorted(levels, 0.95)),
        "luma_p99": float(np.searchsorted(levels, 0.99)),
        "blur": max(_blur(luma, (9, 1)), _blur(np.ascontiguousarray(luma.T), (9, 1))),
        "flat_share": _flat_share(luma),
    }


def check(measures: Mapping[str, float]) -> dict[Fault, PictureCheck]:
    """Return the outcome of every check that one picture alone allows."""
    black = measures["luma_p99"] < BLACK_BELOW
    dark = not black and measures["luma_p95"] < DARK_BELOW
    bright = measures["luma_p50"] >= BRIGHT_ABOVE
    covered = measures["flat_share"] > COVERED_ABOVE
    unlit = "the picture is black" if black else "it is too dark" if dark else "it is too bright" if bright else None
    # A dark frame is always soft, and a covered one has no edges: blur is only news on a lit and open one.
    no_edges = unlit or ("the lens is covered" if covered else None)
    return {
        Fault.BLACK: _outcome(black, 255 - measures["luma_p99"], f"brightest hundredth at {measures['luma_p99']:.0f}"),
        Fault.TOO_DARK: _outcome(
            dark,
            255 - measures["luma_p95"],
            f"brightest twentieth at {measures['luma_p95']:.0f}",
            unless="the picture is black" if black else None,
        ),
        Fault.TOO_BRIGHT: _outcome(bright, measures["luma_p50"], f"middle luma {measures['luma_p50']:.0f}"),
        Fault.BLURRED: _outcome(
            measures["blur"] > BLURRED_ABOVE, measures["blur"], f"blur {measures['blur']:.2f} of 1", unless=no_edges
        ),
        Fault.COVERED: _outcome(
            covered,
            measures["flat_share"],
            f"{measures['flat_share']:.0%} of the picture is without detail",
            unless=unlit,
        ),
    }


def _outcome(bad: bool, score: float, reason: str, *, unless: str | None = None) -> PictureCheck:
    if unless:
        return PictureCheck(state=CheckState.NOT_CHECKABLE, score=None, reason=unless)
    return PictureCheck(state=CheckState.BAD if bad else CheckState.GOOD, score=round(score, 3), reason=reason)


def _frozen(sha256: str, previous: str | None) -> PictureCheck:
    if previous is None:
        return PictureCheck(state=CheckState.NOT_CHECKABLE, score=None, reason="there is no earlier picture")
    # Sensor noise moves three quarters of the pixels even of a still scene, so equal to the last bit is a stuck one.
    same = sha256 == previous
    reason = "the same as the picture before, bit for bit" if same else "differs from the picture before"
    return _outcome(same, float(same), reason)


def _shrunk(frame: Frame, width: int) -> Frame:
    tall, wide = frame.shape[:2]
    if wide <= width:
        return frame
    size = (width, max(1, round(tall * width / wide)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(frame: Frame, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise BadPicture("it cannot be written as JPEG")
    return data.tobytes()


def _blur(luma: Frame, kernel: tuple[int, int]) -> float:
    if luma.shape[1] < 2:
        return 0.0
    blurred = cv2.blur(luma, kernel)
    steps = cv2.absdiff(luma[:, 1:], luma[:, :-1])
    total = _sum(steps)
    # cv2.subtract stops at 0, which is the max(0, …) of the metric.
    lost = cv2.subtract(steps, cv2.absdiff(blurred[:, 1:], blurred[:, :-1]))
    return 1.0 - _sum(lost) / total if total else 0.0


def _sum(values: Any) -> float:
    return float(cv2.sumElems(values)[0])


def _flat_share(luma: Frame) -> float:
    rows, columns = 9, 16
    high, wide = luma.shape[0] // rows, luma.shape[1] // columns
    if not high or not wide:
        return 0.0
    blocks = luma[: high * rows, : wide * columns].reshape(rows, high, columns, wide).astype(np.float32)
    return float((blocks.std(axis=(1, 3)) < FLAT_BELOW).mean())
