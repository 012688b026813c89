"""How much of a view is sure when the bearing is not: the lowest, the expected and the highest.

The buildings around an eye hide the same whichever way it looks. So what is seen for some bearing within the doubt is
a wider sector of the same sweep, and what is seen whatever the bearing a narrower one: both are exact, and both are
views of a pose that `view` and `views` take like any other.

- Doubt δ around a bearing with angle of view w: highest is w + 2δ wide, lowest w − 2δ, nothing from δ = w / 2 on.
- No bearing: highest is all round, lowest is nothing. The expected area is a mean over all bearings, each as likely
  as any other: w / 360 of what is seen all round. Which ground that is nobody can say.
- A camera that sees all round at once (w = 360) has no doubt.
- One that turns (PTZ, dome) can see all round, never at once; its presets are poses of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry import Polygon

from data.types import Pose
from gis.coverage import DETECT_PX_PER_M, GUESSED_HFOV_DEG, View, reach_m, view, views
from gis.obstacles import Obstacles
from gis.outline import Surface, solid

NOTHING = View(polygon=Polygon(), sector=Polygon(), area_m2=0.0, sector_m2=0.0, share=0.0, flags=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a camera sees at least, probably and at most, in the CRS of the obstacles; areas in m².

    `is_mean` tells that `expected_m2` is a mean over bearings nobody knows, and no ground one could draw.
    """

    lowest: Surface
    highest: Surface
    lowest_m2: float
    expected_m2: float
    highest_m2: float
    is_mean: bool


def widest(pose: Pose, *, px_per_m: float = DETECT_PX_PER_M) -> Pose:
    """Return the pose whose view is all that is seen for some bearing; the pose itself when there is no doubt."""
    if not is_doubtful(pose) or pose.bearing_deg is None:
        return pose
    width_deg = _width_deg(pose) + 2 * pose.bearing_doubt_deg
    if width_deg >= 360.0:
        return replace(_held(pose, px_per_m), bearing_deg=None, bearing_doubt_deg=0.0)
    return replace(_held(pose, px_per_m), hfov_deg=width_deg, bearing_doubt_deg=0.0)


def narrowest(pose: Pose, *, px_per_m: float = DETECT_PX_PER_M) -> Pose | None:
    """Return the pose whose view is what is seen whatever the bearing, or None when nothing is sure.

    The pose itself when there is no doubt.
    """
    if not is_doubtful(pose):
        return pose
    width_deg = _width_deg(pose) - 2 * pose.bearing_doubt_deg
    if pose.bearing_deg is None or width_deg <= 0:
        return None
    return replace(_held(pose, px_per_m), hfov_deg=width_deg, bearing_doubt_deg=0.0)


def is_doubtful(pose: Pose) -> bool:
    """Say whether what it sees depends on a bearing that is not known exactly."""
    return _width_deg(pose) < 360.0 and (pose.bearing_deg is None or pose.bearing_doubt_deg > 0)


def expected_share(pose: Pose) -> float:
    """Return which share of its view a camera is expected to see: all of it, or w / 360 of all round."""
    return _width_deg(pose) / 360.0 if pose.bearing_deg is None else 1.0


def doubt_of(pose: Pose, obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M, seen: View | None = None) -> Doubt:
    """Return how sure the view of a camera is; `seen` is that view where it is known already."""
    expected = seen or view(pose, obstacles, px_per_m=px_per_m)
    return doubts_of([pose], obstacles, px_per_m=px_per_m, seen=[expected])[0]


def doubts_of(
    poses: Sequence[Pose], obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M, seen: Sequence[View]
) -> list[Doubt]:
    """Return how sure the views `seen` of many cameras are; only those in doubt are computed again."""
    low = [narrowest(pose, px_per_m=px_per_m) for pose in poses]
    high = [widest(pose, px_per_m=px_per_m) for pose in poses]
    changed = [other for pair in zip(poses, low, high, strict=True) for other in _others(*pair)]
    found = iter(views(changed, obstacles, px_per_m=px_per_m) if changed else ())
    doubts = []
    for pose, view_of_it, lowest, highest in zip(poses, seen, low, high, strict=True):
        least = NOTHING if lowest is None else view_of_it if lowest is pose else next(found)
        most = view_of_it if highest is pose else next(found)
        doubts.append(_doubt(pose, view_of_it, least, most))
    return doubts


def sure(seen: View) -> Doubt:
    """Return the doubt of a camera that has none."""
    return _doubt(None, seen, seen, seen)


def at_presets(pose: Pose, bearings_deg: Sequence[float]) -> tuple[Pose, ...]:
    """Return the poses of a camera that turns between preset bearings."""
    return tuple(replace(pose, bearing_deg=bearing) for bearing in bearings_deg)


def of_presets(doubts: Sequence[Doubt]) -> Doubt:
    """Return what a camera sees over its presets: at most all of them together, at least what all of them share.

    Expected is the mean over the presets, for it looks one way at a time and nothing tells for how long.
    """
    lowest = solid(shapely.intersection_all([one.lowest for one in doubts]))
    highest = solid(shapely.union_all([one.highest for one in doubts]))
    return Doubt(
        lowest=lowest,
        highest=highest,
        lowest_m2=lowest.area,
        expected_m2=sum(one.expected_m2 for one in doubts) / len(doubts),
        highest_m2=highest.area,
        is_mean=True,
    )


def _others(pose: Pose, lowest: Pose | None, highest: Pose) -> list[Pose]:
    return [other for other in (lowest, highest) if other is not None and other is not pose]


def _doubt(pose: Pose | None, seen: View, least: View, most: View) -> Doubt:
    return Doubt(
        lowest=least.polygon,
        highest=most.polygon,
        lowest_m2=least.area_m2,
        expected_m2=seen.area_m2 * (expected_share(pose) if pose else 1.0),
        highest_m2=most.area_m2,
        is_mean=pose is not None and pose.bearing_deg is None and is_doubtful(pose),
    )


def _width_deg(pose: Pose) -> float:
    return min(360.0, pose.hfov_deg or GUESSED_HFOV_DEG)


def _held(pose: Pose, px_per_m: float) -> Pose:
    """Keep the reach of the lens as it is: a wider sector of the same picture is no wider lens."""
    return replace(pose, reach_m=reach_m(pose, px_per_m=px_per_m), width_px=None)
