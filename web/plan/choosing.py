"""Where the next cameras of a scenario go: the candidates, what they would see, and the choice of them.

No part of the web framework is known here; the job of web/jobs/siting.py tells how far it is, and stops it. The work is
bounded: MOST_POSES, MOST_POINTS and the time limit that was asked for.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from data.errors import Refusal
from gis.candidates import Candidates, Demand, Lens, candidates, covers, may_see, seen_by_any
from gis.coverage import reach_m
from gis.siting import Progress, Siting, choose
from web.plan import outcome, scene
from web.plan.gathering import Gathered, Places, metres_of
from web.plan.outcome import Table

MOST_POSES = 120_000
MOST_POINTS = 160_000
POSES_AT_ONCE = 1_000
# Of the whole computation, how much is over when a step begins.
STEPS = {"ground": 0.0, "views": 0.1, "choosing": 0.5}
Tell = Callable[[str, float], None]


def sites(
    found: Gathered, wanted: Mapping[str, Any], *, tell: Tell, is_cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Return where the next cameras go, as web/plan/siting.py describes a result. Raises Refusal."""
    began = time.monotonic()
    poses = candidates(found.places.standpoints, _lenses(wanted), headings=wanted["headings"])
    _require(found.places, poses, found.demand)
    table = _table(found, poses, wanted, tell=tell)
    looked = time.monotonic()
    tell("choosing", STEPS["choosing"])
    chosen = _choose(table, poses, found.demand, wanted, tell=tell, is_cancelled=is_cancelled)
    return outcome.told(chosen, table, poses, found.demand, found.places, wanted) | {
        "seconds": {"views": looked - began, "choosing": chosen.seconds}
    }


def _require(places: Places, poses: Candidates, demand: Demand) -> None:
    """Refuse what cannot be chosen from or would never end. Raises Refusal."""
    if not places.standpoints:
        raise Refusal("There is no place to stand at in this area outside forbidden ground.", field="candidates")
    if not len(demand.points):
        raise Refusal("There is nothing of that kind to be seen in this area.", field="demand")
    if len(poses.poses) > MOST_POSES:
        raise Refusal(
            "There are %(poses)s poses; at most %(most)s can be compared. Choose a smaller area or fewer headings.",
            field="candidates",
            poses=len(poses.poses),
            most=MOST_POSES,
        )
    if len(demand.points) > MOST_POINTS:
        raise Refusal(
            "There are %(points)s points to be seen; at most %(most)s can be weighed. Choose a smaller area.",
            field="demand",
            points=len(demand.points),
            most=MOST_POINTS,
        )


def _table(found: Gathered, poses: Candidates, wanted: Mapping[str, Any], *, tell: Tell) -> Table:
    """Return what each pose sees; one that has nothing to see in its direction is not looked through."""
    px_per_m, points = wanted["px_per_m"], found.demand.points
    seen = [one.polygon for one in scene.see(found.standing, found.on, px_per_m=px_per_m)]
    at = metres_of(found.places.standpoints, found.on.crs)[poses.standpoint]
    # How far a pose sees is its lens's doing alone.
    first = np.unique(poses.lens, return_index=True)[1]
    reach = np.array([reach_m(poses.poses[row], px_per_m=px_per_m) for row in first])[poses.lens]
    shut = found.places.forbidden
    forbidden = shapely.union_all(shut) if len(shut) else shapely.Polygon()
    parts, onto = [], np.zeros(len(poses.poses))
    for since in range(0, len(poses.poses), POSES_AT_ONCE):
        span = STEPS["choosing"] - STEPS["views"]
        tell("views", STEPS["views"] + span * since / len(poses.poses))
        rows = slice(since, since + POSES_AT_ONCE)
        some = poses.poses[rows]
        worth = np.flatnonzero(may_see(some, at[rows], points, reach_m=reach[rows]))
        views = scene.array_of([shapely.Polygon()] * len(some))
        views[worth] = [
            one.polygon for one in scene.see([some[row] for row in worth.tolist()], found.on, px_per_m=px_per_m)
        ]
        parts.append(covers(views, points))
        if len(shut):
            onto[rows] = shapely.area(shapely.intersection(views, forbidden))
    return Table(
        covers=scipy.sparse.csr_matrix(scipy.sparse.vstack(parts)),
        onto_forbidden_m2=onto,
        covered_already=seen_by_any(seen, points),
        standing=len(found.standing),
    )


def _choose(
    table: Table,
    poses: Candidates,
    demand: Demand,
    wanted: Mapping[str, Any],
    *,
    tell: Tell,
    is_cancelled: Callable[[], bool],
) -> Siting:
    limit = wanted["time_limit_s"]

    def on_progress(at: Progress) -> None:
        share = min(1.0, at.seconds / limit)
        tell("choosing", STEPS["choosing"] + (1 - STEPS["choosing"]) * share)

    return choose(
        table.covers,
        demand.weight,
        wanted["count"] if wanted["money"] is None else wanted["money"],
        one_per=poses.standpoint,
        at_most=wanted["per_pole"],
        cost=None if wanted["money"] is None else _costs(poses, wanted),
        covered_already=table.covered_already,
        backup=0.5 if wanted["backup"] else 0.0,
        alternatives=3,
        time_limit_s=limit,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )


def _lenses(wanted: Mapping[str, Any]) -> list[Lens]:
    return [
        Lens(
            name=one["lens"],
            kind=one["kind"],
            hfov_deg=one["hfov_deg"],
            vfov_deg=one.get("vfov_deg"),
            tilt_deg=one.get("tilt_deg"),
            height_m=one.get("height_m"),
            reach_m=one.get("reach_m"),
            width_px=one.get("width_px"),
            cost=one["cost"],
        )
        for one in wanted["lenses"]
    ]


def _costs(poses: Candidates, wanted: Mapping[str, Any]) -> NDArray[np.float64]:
    return np.array([one["cost"] for one in wanted["lenses"]], dtype=float)[poses.lens]
