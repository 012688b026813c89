"""A choice of sites in figures: each camera with what it adds, what remains to the bound, and other choices as good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from data.types import Pose
from gis.candidates import Candidates, Demand, Standpoint
from gis.siting import Alternative, Siting
from web.plan.gathering import Places

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Which pose sees which point, how much forbidden ground each looks onto in m², and what is seen already."""

    covers: scipy.sparse.csr_matrix
    onto_forbidden_m2: NDArray[np.float64]
    covered_already: Flags
    standing: int


def told(
    chosen: Siting, table: Table, poses: Candidates, demand: Demand, places: Places, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a choice as web/plan/siting.py describes a result."""
    total = float(demand.weight.sum())
    before = float(demand.weight[table.covered_already].sum())
    teller = _Teller(table=table, poses=poses, demand=demand, places=places, wanted=wanted)
    rows = [int(row) for row in chosen.chosen]
    cameras = teller.cameras(rows, gains=chosen.gains)
    return {
        "chosen": cameras,
        "covered": before + chosen.covered,
        "covered_before": before,
        "total": total,
        "share": (before + chosen.covered) / total,
        "share_before": before / total,
        "bound": before + chosen.bound,
        "bound_share": (before + chosen.bound) / total,
        "gap": chosen.gap,
        "proved": chosen.is_proved,
        "marginal": _marginal(cameras, chosen.gains, before=before, total=total),
        "alternatives": [teller.alternative(other, before=before, total=total) for other in chosen.alternatives],
        "kinds": teller.kinds(rows),
        "counts": {
            "places": len(places.standpoints),
            "excluded": places.excluded,
            "forbidden": len(places.forbidden),
            "poses": len(poses.poses),
            "points": len(demand.points),
            "standing": table.standing,
        },
        "cost": sum(one["cost"] for one in cameras),
        "px_per_m": wanted["px_per_m"],
    }


def _marginal(
    cameras: Sequence[Mapping[str, Any]], gains: NDArray[np.float64], *, before: float, total: float
) -> list[dict[str, Any]]:
    """Return what 0, 1, 2, … of the cameras cover and cost together."""
    worth = np.cumsum([before, *gains]).tolist()
    costs = np.cumsum([0.0, *(one["cost"] for one in cameras)]).tolist()
    return [
        {"cameras": n, "covered": one, "share": one / total, "cost": cost}
        for n, (one, cost) in enumerate(zip(worth, costs, strict=True))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    """Says of rows of the table which cameras they are and what they see."""

    table: Table
    poses: Candidates
    demand: Demand
    places: Places
    wanted: Mapping[str, Any]

    def cameras(self, rows: Sequence[int], *, gains: NDArray[np.float64] | None = None) -> list[dict[str, Any]]:
        """Return cameras in order, each with what it sees that none before it does."""
        seen, found = self.table.covered_already.copy(), []
        for place, row in enumerate(rows):
            own = self._seen_by([row])
            new = own & ~seen
            gain = float(self.demand.weight[new].sum()) if gains is None else float(gains[place])
            found.append(
                self._camera(row)
                | {
                    "gain": gain,
                    "newly": {kind: one for kind, one in self.demand.by_kind(new).items() if one},
                    "onto_forbidden_m2": float(self.table.onto_forbidden_m2[row]),
                }
            )
            seen |= own
        return found

    def alternative(self, other: Alternative, *, before: float, total: float) -> dict[str, Any]:
        """Return another choice in figures."""
        cameras = self.cameras([int(row) for row in other.chosen])
        return {
            "covered": before + other.covered,
            "share": (before + other.covered) / total,
            "cameras": cameras,
            "cost": sum(one["cost"] for one in cameras),
        }

    def kinds(self, rows: Sequence[int]) -> dict[str, dict[str, float]]:
        """Return how much there is of each kind of demand, and how much is seen before and after, in its unit."""
        every = self.demand.by_kind(np.ones(len(self.demand.points), dtype=bool))
        was = self.demand.by_kind(self.table.covered_already)
        now = self.demand.by_kind(self.table.covered_already | self._seen_by(rows))
        return {kind: {"of": every[kind], "before": was[kind], "after": now[kind]} for kind in every}

    def _seen_by(self, rows: Sequence[int]) -> Flags:
        found = np.zeros(len(self.demand.points), dtype=bool)
        found[self.table.covers[list(rows)].indices] = True
        return found

    def _camera(self, row: int) -> dict[str, Any]:
        at = self.places.standpoints[self.poses.standpoint[row]]
        return _camera(self.poses.poses[row], at, self.wanted["lenses"][self.poses.lens[row]])


def _camera(pose: Pose, at: Standpoint, lens: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": at.name or at.key,
        "lng": pose.lng,
        "lat": pose.lat,
        "bearing_deg": pose.bearing_deg,
        "bearing_doubt_deg": 0.0,
        "hfov_deg": pose.hfov_deg,
        "vfov_deg": pose.vfov_deg,
        "tilt_deg": pose.tilt_deg,
        "height_m": pose.height_m,
        "reach_m": pose.reach_m,
        "width_px": pose.width_px,
        "lens": lens["lens"],
        "kind": lens["kind"],
        "cost": lens["cost"],
        "origin": at.origin,
        "pole": at.key,
    }
