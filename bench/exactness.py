"""How exact views are: the engine beside brute force in whole numbers and CGAL, over scenes of every odd kind."""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.lib.village import report, table
from gis.coverage import CoverageFlag, View, view, views
from tests.gis import cgal_peer
from tests.gis.exact import Seen, seen_from
from tests.gis.scenery import FAMILIES, Scene, scenes
from tests.gis.town import town_of

SEED = 2
ALLOWED = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The scenes of one family: what is true of them, and what the engine found, alone and in a batch."""

    family: str
    scenes: Sequence[Scene]
    truth: Sequence[Seen]
    alone: Sequence[View]
    batch: Sequence[View]

    @property
    def off(self) -> list[float]:
        """How far each area is off, as a share of its sector."""
        pairs = zip(self.alone, self.truth, strict=True)
        return [abs(seen.area_m2 - true.area_m2) / seen.sector_m2 for seen, true in pairs]

    @property
    def off_in_a_batch(self) -> float:
        """How far the same view is off from itself in a batch, at most."""
        pairs = zip(self.alone, self.batch, strict=True)
        return max(abs(one.area_m2 - other.area_m2) / one.sector_m2 for one, other in pairs)

    def count(self, flag: CoverageFlag) -> int:
        """How many views bear a flag."""
        return sum(flag in seen.flags for seen in self.alone)


def tried(family: str, count: int) -> Trial:
    drawn = list(scenes(family, count, seed=SEED))
    town = town_of(drawn)
    return Trial(
        family=family,
        scenes=drawn,
        truth=[seen_from(scene.eye, scene.buildings, scene.look) for scene in drawn],
        alone=[view(pose, town.obstacles) for pose in town.poses],
        batch=views(town.poses, town.obstacles),
    )


def by_cgal(trial: Trial, program: Path | None) -> list[str]:
    """Return how many scenes CGAL was asked, equal to the last digit, and off or failed."""
    if program is None:
        return ["–", "–", "–"]
    pairs = zip(trial.scenes, trial.truth, strict=True)
    asked = [(scene, true) for scene, true in pairs if scene.is_walled and not true.is_inside]
    answers = cgal_peer.areas(program, [scene for scene, _ in asked])
    equal = sum(answer == true.exact_area_m2 for answer, (_, true) in zip(answers, asked, strict=True))
    return [f"{len(asked):,}", f"{equal:,}", f"{len(asked) - equal:,}"]


def row_of(trial: Trial, program: Path | None) -> list[str]:
    off = trial.off
    return [
        trial.family.replace("_", " "),
        f"{len(off):,}",
        f"{trial.count(CoverageFlag.ON_WALL):,}",
        f"{trial.count(CoverageFlag.INSIDE_BUILDING):,}",
        f"{max(off):.1e}",
        f"{sum(each > ALLOWED for each in off)}",
        f"{trial.off_in_a_batch:.1e}",
        *by_cgal(trial, program),
    ]


def page(rows: list[list[str]], count: int, took_s: float) -> str:
    heads = ["scenes of", "scenes", "eyes on a wall", "eyes inside", "furthest off", "off by more than 1e-6"]
    heads += ["furthest off in a batch", "asked of CGAL", "CGAL equal to the last digit", "CGAL other or failed"]
    return f"""# Exactness of views

`./run.sh bench exactness`: {count * len(rows):,} scenes of {len(rows)} odd kinds (tests/gis/scenery.py, seed {SEED}),
each seen by the engine (`gis.coverage.view` and `views`) and by brute force in whole numbers (tests/gis/exact.py), that
decides everything by the sign of whole numbers and rounds once, in the last sum. Every other scene stands in a walled
yard, where the area is a rational number: those without an eye inside a building were asked of CGAL's triangular
expansion (tests/gis/cgal/sees.cpp), an exact kernel, and its fraction must be the same fraction.

All figures of deviation are shares of the sector. At most 1e-6 is allowed. The places of the cameras go through
longitude and latitude on the way, which moves them by about a nanometre, and that is most of what is left.

{table([heads, *rows])}

The whole run took {took_s:.0f} s, most of it brute force.
"""


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--scenes", type=int, default=1000, help="scenes of each family")
    asked.add_argument("--few", action="store_true", help="20 scenes of each family, printed and not kept")
    options = asked.parse_args()
    count, began = 20 if options.few else options.scenes, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        program = None if cgal_peer.missing() else Path(folder) / "sees"
        if program:
            cgal_peer.built(cgal_peer.begin_build(program))
        rows = [row_of(tried(family, count), program) for family in FAMILIES]
    text = page(rows, count, time.perf_counter() - began)
    if options.few:
        print(text)
    else:
        report("exactness", text)


if __name__ == "__main__":
    main()
