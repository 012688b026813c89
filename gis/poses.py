"""From poses to the directions and distances cameras cover, many at once.

- Reach: the distance at which a picture still has `px_per_m` pixels to a metre, W / (2 · density · tan(HFOV / 2))
  (IEC 62676-4 gives the densities), or the stated reach_m where that is smaller. From 180° the flat formula has no
  meaning and the pixels are spread along the arc. With reach_m alone known, it holds as it is.
- Near blind zone: height · tan(90° − tilt − VFOV / 2) around the eye, cut only when all three are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

import numpy as np
import pyproj
from numpy.typing import NDArray

from data.types import Pose
from gis.grid import FARTHEST_M, Floats
from gis.obstacles import LEVEL_WITH_M, LNGLAT
from gis.turns import FULL_TURN

DETECT_PX_PER_M = 25.0
GUESSED_HFOV_DEG = 90.0
GUESSED_WIDTH_PX = 1920
# Nothing on the ground is seen further away, and an outline drawn to the millimetre stays small.
MOST_REACH_M = 100_000.0
# Zones stretch by up to 0.2 %, and their neighbours by 2 %; web maps by 15 % at 30° north.
MOST_STRETCH = 0.05

_FIELDS = (
    *("lng", "lat", "bearing_deg", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m"),
    "width_px",
)
_NEEDED = ("lng", "lat", "bearing_doubt_deg")
_READ = attrgetter(*_FIELDS)
# What a field must lie between; where it is unknown it may be anything.
_LIMITS = {
    "lng": (-360, 360),
    "lat": (-90, 90),
    "bearing_deg": (-720, 720),
    "bearing_doubt_deg": (0, 360),
    "hfov_deg": (0, 360),
    "vfov_deg": (0, 360),
    "tilt_deg": (-180, 180),
    "height_m": (0, 10_000),
    "reach_m": (0, MOST_REACH_M),
    "width_px": (0, 1_000_000),
}


class WrongPose(ValueError):
    """A pose that no camera can have, or a place its CRS has no metres for; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fans:
    """Directions and distances of many cameras: radians from east and metres, one row a camera.

    `x`, `y` are metres in a CRS, `least_m` the height below which the camera looks over buildings, -inf if unknown.
    """

    x: Floats
    y: Floats
    start: Floats
    width: Floats
    reach: Floats
    near: Floats
    least_m: Floats

    @property
    def area_m2(self) -> Floats:
        """Their areas without any obstacle."""
        return np.maximum(0.0, self.width * (self.reach**2 - self.near**2) / 2)

    @property
    def table(self) -> Floats:
        """The columns of gis/sights.py."""
        every = [self.x, self.y, self.start, self.width, self.reach, self.near, self.least_m]
        return np.ascontiguousarray(np.stack(every, axis=1))


@dataclass(frozen=True, slots=True)
class Poses:
    """Poses as columns, NaN where a field is unknown."""

    table: Floats

    @classmethod
    def of(cls, poses: Sequence[Pose]) -> "Poses":
        """Return poses as columns; raise WrongPose for the first that no camera can have."""
        known = list(map(_READ, poses))
        table = np.array(known, dtype=np.float64).reshape(-1, len(_FIELDS))
        low, high = np.array([_LIMITS[name] for name in _FIELDS]).T
        wrong, is_lost = ~((table >= low) & (table <= high)), np.isnan(table)
        # Where no field holds a NaN of its own, those that may be unknown need no look one by one.
        if is_lost.sum() == sum(row.count(None) for row in known):
            wrong &= ~(is_lost & ~np.isin(_FIELDS, _NEEDED))
        for row, column in np.argwhere(wrong):
            value, name = known[row][column], _FIELDS[column]
            if value is not None:
                limits = f"{low[column]:g} to {high[column]:g}"
                raise WrongPose(
                    f"Camera {row + 1} has {name} = {value}. It must be a number from {limits}, or unknown."
                )
            if name in _NEEDED:
                raise WrongPose(f"Camera {row + 1} has no {name}. It must be given.")
        return cls(table)

    def __getitem__(self, name: str) -> Floats:
        column: Floats = self.table[:, _FIELDS.index(name)]
        return column

    def is_known(self, name: str) -> NDArray[np.bool_]:
        """Return which have a value of a field other than 0, which no angle of view and no picture has."""
        return np.asarray(~np.isnan(self[name]) & (self[name] != 0))


def reaches_m(poses: Poses, *, px_per_m: float = DETECT_PX_PER_M) -> Floats:
    """Return how far cameras see at a pixel density, or their stated reach where that is smaller."""
    if not 0 < px_per_m < np.inf:
        raise WrongPose(f"A density of {px_per_m} pixels a metre cannot be met. Use a number above 0.")
    stated = poses["reach_m"]
    width_px = np.where(poses.is_known("width_px"), poses["width_px"], GUESSED_WIDTH_PX)
    hfov = np.radians(np.where(poses.is_known("hfov_deg"), poses["hfov_deg"], GUESSED_HFOV_DEG))
    spread = np.where(hfov < np.pi, 2 * np.tan(hfov / 2), hfov)
    dense = np.minimum(width_px / (px_per_m * spread), MOST_REACH_M)
    holds = np.isnan(poses["width_px"]) & ~np.isnan(stated)
    return np.where(holds, stated, np.fmin(dense, stated))


def nears_m(poses: Poses) -> Floats:
    """Return the radii of the blind zones at the feet of the poles; NaN where a field they need is unknown."""
    lowest_deg = poses["tilt_deg"] + poses["vfov_deg"] / 2
    slope = np.tan(np.radians(90 - np.clip(lowest_deg, 1e-9, 90)))
    near = np.where(lowest_deg <= 0, np.inf, np.where(lowest_deg < 90, poses["height_m"] * slope, 0.0))
    unknown = np.isnan(lowest_deg) | np.isnan(poses["height_m"])
    return np.where(unknown, np.nan, np.maximum(0.0, near))


def upper_edges_m(poses: Poses) -> Floats:
    """Return where the upper edges of pictures meet the ground; inf where they do not, or that is unknown."""
    highest_deg = poses["tilt_deg"] - poses["vfov_deg"] / 2
    meets = (highest_deg > 0) & (highest_deg < 90) & ~np.isnan(poses["height_m"])
    return np.where(meets, poses["height_m"] / np.tan(np.radians(np.where(meets, highest_deg, 45.0))), np.inf)


def fans_of(poses: Poses, *, crs: str, px_per_m: float = DETECT_PX_PER_M) -> Fans:
    """Return what poses cover on open ground, in a projected CRS of metres.

    Raises WrongPose for a camera that stands where the CRS has no metres.
    """
    x, y, convergence_deg = _on_grid(poses, crs)
    reach, near = reaches_m(poses, px_per_m=px_per_m), nears_m(poses)
    start, width = directions(poses, convergence_deg)
    near = np.minimum(np.where(np.isnan(near), 0.0, near), reach)
    height = poses["height_m"]
    least_m = np.where(np.isnan(height), -np.inf, height - LEVEL_WITH_M)
    return Fans(x=x, y=y, start=start, width=width, reach=reach, near=near, least_m=least_m)


def directions(poses: Poses, convergence_deg: Floats | float) -> tuple[Floats, Floats]:
    """Return where fans start and how wide they are in radians, with grid north that far east of true north."""
    hfov = np.where(poses.is_known("hfov_deg"), poses["hfov_deg"], GUESSED_HFOV_DEG)
    is_round = np.isnan(poses["bearing_deg"])
    width_deg = np.where(is_round, 360.0, np.minimum(360.0, hfov))
    right_deg = np.where(is_round, 0.0, poses["bearing_deg"]) - convergence_deg + width_deg / 2
    return np.radians((90.0 - right_deg) % 360.0), np.where(width_deg == 360.0, FULL_TURN, np.radians(width_deg))


@lru_cache(maxsize=16)
def _frame(crs: str) -> tuple[pyproj.Transformer, pyproj.Proj]:
    return pyproj.Transformer.from_crs(LNGLAT, crs, always_xy=True), pyproj.Proj(crs)


def _on_grid(poses: Poses, crs: str) -> tuple[Floats, Floats, Floats]:
    """Return x, y and by how many degrees grid north lies east of true north there."""
    to_grid, frame = _frame(crs)
    lng, lat = poses["lng"].copy(), poses["lat"].copy()
    if not len(lng):
        return lng, lat, np.empty(0)  # pyproj refuses none
    x, y = to_grid.transform(lng, lat)
    lost = np.flatnonzero(~((np.abs(x) <= FARTHEST_M) & (np.abs(y) <= FARTHEST_M)))
    if len(lost):
        raise WrongPose(f"Camera {lost[0] + 1} stands where {crs} has no metres. Use the zone of the place.")
    factors = frame.get_factors(lng, lat)
    stretch = np.asarray(factors.meridional_scale, dtype=np.float64)
    wrong = np.flatnonzero(np.abs(stretch - 1) > MOST_STRETCH)
    if len(wrong):
        raise WrongPose(
            f"Camera {wrong[0] + 1} stands where {crs} draws a metre as {stretch[wrong[0]]:.3g} m."
            " Use the zone of the place."
        )
    turned = np.asarray(factors.meridian_convergence, dtype=np.float64)
    is_round = np.isnan(poses["bearing_deg"])
    unsure = np.flatnonzero(~np.isfinite(turned) & ~is_round)
    if len(unsure):
        raise WrongPose(f"Camera {unsure[0] + 1} stands where {crs} has no north. Use the zone of the place.")
    return np.asarray(x), np.asarray(y), np.where(np.isfinite(turned), turned, 0.0)
