"""What a picture shows beside others: the reference of its camera, and the frames that follow it. Pure.

A reference is a small map of edge directions, 36 by 64 cells of two bytes. Directions survive the change from day to
night, from sun to rain and from empty to busy roads; luma does not.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from video.picture_detail import textures
from video.picture_frames import Frame, Luma, luma_of, shrunk

ROWS, COLUMNS = 36, 64
# A shift is searched as far as this, in cells.
_FAR = (9, 16)
_PADDED = (ROWS + 2 * _FAR[0], COLUMNS + 2 * _FAR[1])
_SHAKEN_PX = 320

Map = NDArray[np.complex64]
_WHOLE = fft.rfft2(np.ones((ROWS, COLUMNS), np.float32), _PADDED)


@dataclass(frozen=True, slots=True)
class Spectra:
    """Fourier transforms of a map of edges and of their weights, padded so that shifts do not wrap round."""

    edges: NDArray[Any]
    weights: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Directions of the edges of a picture, and which of its 18 by 32 blocks hold detail, or none at all."""

    directions: Map
    detailed: NDArray[np.bool_]
    bare: NDArray[np.bool_]


def scene_of(luma: Luma) -> Scene:
    """Return the scene of a picture 640 px wide."""
    return Scene(_directions(luma), *textures(luma))


def described(scene: Scene) -> bytes:
    """Return the descriptor of a scene: its directions, then its blocks with detail; 4,680 bytes."""
    pairs = np.stack([scene.directions.real, scene.directions.imag]) * 127.0
    return bytes(np.rint(pairs).astype(np.int8).tobytes() + np.packbits(scene.detailed).tobytes())


def beside(scene: Scene, references: Sequence[bytes]) -> dict[str, float]:
    """Return how a scene stands to the best matching of its references; raise ValueError when one is no descriptor.

    By day and by night directions of edges are the same, so the better match is the right one. Match at the same place,
    of what has detail still, and its gain at the best shift, 0 to 1; the shift as a share of the width; the share of
    the reference's detail that is gone.
    """
    if not references:
        return {}
    spectra = _spectra(scene.directions)
    found = [_beside(scene, spectra, reference) for reference in references]
    return max(found, key=lambda one: one["reference_match"] + one["reference_gain"])


def between(frames: Sequence[Frame]) -> dict[str, float]:
    """Return what moves from frame to frame: the share of pixels that change at all, and how far the picture jumps.

    The jump is that to and fro, in px at 640 px; a PTZ that turns goes one way and does not jump. Needs three frames.
    """
    if len(frames) < 3 or any(frame.shape != frames[0].shape for frame in frames):
        return {}
    changed = [_changed(a, b) for a, b in itertools.pairwise(frames)]
    small = [luma_of(shrunk(frame, _SHAKEN_PX)).astype(np.float32) for frame in frames]
    window: Any = cv2.createHanningWindow(small[0].shape[::-1], cv2.CV_32F)
    shifts = np.array([cv2.phaseCorrelate(a, b, window)[0] for a, b in itertools.pairwise(small)])
    # Two steps that undo each other are a jump there and back; what goes on in one way is a turn.
    turns = np.abs(shifts[1:] - shifts[:-1]) / 2
    scale = 640 / _SHAKEN_PX
    return {"changed_share": min(changed), "jump_px": float(np.median(np.hypot(turns[:, 0], turns[:, 1]))) * scale}


def _beside(scene: Scene, spectra: Spectra, reference: bytes) -> dict[str, float]:
    size = 2 * ROWS * COLUMNS
    if len(reference) != size + 72:
        raise ValueError("it is not the descriptor of a scene")
    pairs = np.frombuffer(reference[:size], np.int8).reshape(2, ROWS, COLUMNS) / np.float32(127)
    before: Map = (pairs[0] + 1j * pairs[1]).astype(np.complex64)
    had = np.unpackbits(np.frombuffer(reference[size:], np.uint8)).astype(bool).reshape(18, 32)
    now, matches = scene.directions, _matches(spectra, before)
    # Where there is detail still: what hangs before a lens leaves the rest as it was.
    rest = np.repeat(np.repeat(scene.detailed, 2, axis=0), 2, axis=1)
    down, right = np.unravel_index(int(matches.argmax()), matches.shape)
    here = float(matches[_FAR])
    return {
        "reference_match": here,
        "rest_match": _match(now[rest], before[rest]),
        "reference_gain": float(matches[down, right]) - here,
        "reference_shift": float(np.hypot(int(down) - _FAR[0], int(right) - _FAR[1])) / COLUMNS,
        "lost_share": float((had & scene.bare).sum() / had.sum()) if had.sum() > 50 else 0.0,
    }


def _directions(luma: Luma) -> Map:
    """Return edge directions of cells as complex numbers of length 0 to 1, at twice their angle."""
    few: Any = cv2.resize(luma, (320, 180), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(few.astype(np.float32), (0, 0), 1.0)
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    squared = right * right + down * down
    # Compressed, or lamps would outweigh the road they light.
    weight = 1.0 / ((squared + 1e-3) * (1.0 + 6.0 / (np.sqrt(squared) + 1e-3)))
    real: Any = cv2.resize((right * right - down * down) * weight, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    imaginary: Any = cv2.resize(2 * right * down * weight, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(real + 1j * imaginary, np.complex64)


def _matches(spectra: Spectra, before: Map) -> NDArray[np.float32]:
    """Return the correlation of two maps at every shift, each over the part they share; no shift is at `_FAR`."""
    theirs = _spectra(before)
    product = fft.ifft2(spectra.edges * np.conj(theirs.edges)).real
    weight_now = fft.irfft2(spectra.weights * np.conj(_WHOLE), _PADDED)
    weight_before = fft.irfft2(_WHOLE * np.conj(theirs.weights), _PADDED)
    norm = np.sqrt(np.maximum(weight_now, 0.01) * np.maximum(weight_before, 0.01))
    centred = np.roll(product / norm, _FAR, axis=(0, 1))
    return np.asarray(centred[: 2 * _FAR[0] + 1, : 2 * _FAR[1] + 1], np.float32)


def _spectra(edges: Map) -> Spectra:
    return Spectra(fft.fft2(edges, _PADDED), fft.rfft2(np.abs(edges) ** 2, _PADDED))


def _match(now: Map, before: Map) -> float:
    norm = float(np.sqrt((np.abs(now) ** 2).sum() * (np.abs(before) ** 2).sum()))
    return float((now * np.conj(before)).real.sum()) / norm if norm else 0.0


def _changed(before: Frame, after: Frame) -> float:
    # Green alone: every sensor has most of it, and luma of three channels costs three times as much.
    return float((before[::2, ::2, 1] != after[::2, ::2, 1]).mean())
