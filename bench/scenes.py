"""What cameras see in six real places: a picture of each, and how far plain sectors overstate it.

Writes docs/images/coverage-*.png and the table and sections of docs/coverage.md, of the places named or of all.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from bench.lib.scene_pictures import DOUBTFUL, FAINT, GAP, GROUND, LINE, RAISED, SEEN, Layer, Picture
from bench.lib.scene_places import SCENES, Scene
from data.types import Pose
from gis.cover import Covered, Eye, Ground, covered
from gis.obstacles import to_metres
from gis.outline import valid

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
BEGIN, END = "<!-- scenes: written by bench/scenes.py -->", "<!-- end of scenes -->"
HEAD = "| place | cameras | buildings | sectors added up | sectors, once | seen | overstated | with no heights | s |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was found in a place; areas in m². `without_heights` is what is seen where no height is known."""

    scene: Scene
    views: Sequence[Covered]
    sum_of_sectors: float
    sectors: float
    seen: float
    least: float
    most: float
    expected: float
    without_heights: float
    took_s: float

    @property
    def overstated(self) -> float:
        """How many times more plain sectors claim than is seen; both count ground once."""
        return self.sectors / self.seen


def measured(scene: Scene) -> Figures:
    """Compute every view of a place and unite them."""
    started = time.perf_counter()
    views = covered(scene.eyes, scene.ground)
    took = time.perf_counter() - started
    unknown = replace(scene.ground, heights_m=np.full(len(scene.ground.heights_m), np.nan))
    has_heights = bool(np.isfinite(scene.ground.heights_m).any())
    plain = covered(scene.eyes, unknown) if has_heights else views
    return Figures(
        scene=scene,
        views=views,
        sum_of_sectors=sum(one.view.sector_m2 for one in views),
        sectors=_united([one.view.sector for one in views]),
        seen=_united([one.view.polygon for one in views]),
        least=_united([one.doubt.lowest for one in views]),
        most=_united([one.doubt.highest for one in views]),
        expected=sum(one.doubt.expected_m2 for one in views),
        without_heights=_united([one.view.polygon for one in plain]),
        took_s=took,
    )


def warm_up() -> None:
    """Let loops be compiled before anything is timed."""
    house = np.array([shapely.box(10.0, 50.0, 10.001, 50.001)], dtype=object)
    ground = Ground(footprints=house, heights_m=np.array([3.0]), guessed=np.array([False]))
    covered([Eye(code="", pose=Pose(lng=10.0011, lat=50.0005, reach_m=80.0, height_m=5.0))], ground)


def draw(found: Figures, folder: Path) -> Path:
    """Draw the part of a place where most cameras stand."""
    scene, crs = found.scene, found.scene.crs
    places = shapely.get_coordinates(
        to_metres(shapely.points([(eye.pose.lng, eye.pose.lat) for eye in scene.eyes]), crs=crs)
    )
    picture = Picture(_busiest(places, scene.window_m), scene.window_m)
    layers = _layers(found, picture.window)
    picture.lines(to_metres(scene.roads, crs=crs) if len(scene.roads) else (), RAISED, 4)
    for layer in layers:
        picture.fill(layer)
    if len(scene.ground.footprints):
        footprints = to_metres(scene.ground.footprints, crs=crs)
        rings = shapely.get_rings(shapely.get_parts(shapely.make_valid(footprints)))
        picture.lines(rings, FAINT, 1)
    else:
        near = [one.doubt.lowest for one in found.views if not one.doubt.lowest.is_empty]
        picture.lines(shapely.get_rings(shapely.get_parts(near)), GROUND, 1)
    picture.eyes([(x, y) for x, y in places.tolist()])
    path = folder / f"coverage-{scene.key}.png"
    picture.save(path, title=scene.title, lines=_told(found), legend=layers, source=scene.source)
    return path


def main() -> None:
    """Draw every place, or those named, and write it down."""
    if not SHARED.is_dir():
        sys.exit("The real data of ../shared/data is not here.")
    wanted = set(sys.argv[1:])
    chosen = [make for make in SCENES if not wanted or make.__name__.replace("_", "-") in wanted]
    warm_up()
    for make in chosen:
        found = measured(make(SHARED))
        path = draw(found, ROOT / "docs" / "images")
        print(f"{found.scene.title}: {'; '.join(_told(found))}; {path.stat().st_size:,} bytes")
        _write([found], ROOT / "docs" / "coverage.md")


def _layers(found: Figures, window: shapely.Geometry) -> list[Layer]:
    """Return what is laid over the ground, the widest first."""
    near = [one for one in found.views if shapely.intersects(window, one.doubt.highest) or _sees(window, one)]
    sectors, seen = [one.view.sector for one in near], [one.view.polygon for one in near]
    if len(found.scene.ground.footprints):
        footprints = to_metres(found.scene.ground.footprints, crs=found.scene.crs)
        houses = [one for one in map(valid, footprints) if shapely.intersects(window, one)]
        return [
            Layer(
                shapes=[shapely.union_all(sectors)], colour=GAP, strength=0.55, words="a plain sector claims it, hidden"
            ),
            Layer(shapes=[shapely.union_all(seen)], colour=SEEN, strength=1.0, words="seen"),
            Layer(shapes=houses, colour=LINE, strength=1.0, words="building"),
        ]
    highest, lowest = ([getattr(one.doubt, which) for one in near] for which in ("highest", "lowest"))
    return [
        Layer(
            shapes=[shapely.union_all(highest)],
            colour=DOUBTFUL,
            strength=0.35,
            words="for some bearing only",
        ),
        Layer(
            shapes=[shapely.union_all(lowest)],
            colour=SEEN,
            strength=1.0,
            words="whatever the bearing, if no building hides it",
        ),
    ]


def _sees(window: shapely.Geometry, one: Covered) -> bool:
    return bool(shapely.intersects(window, one.view.sector))


def _told(found: Figures) -> list[str]:
    count, buildings = len(found.views), len(found.scene.ground.footprints)
    told = [f"{count:,} cameras, {buildings:,} buildings"] if buildings else [f"{count:,} cameras, no buildings known"]
    told.append(f"Sectors added up: {_km2(found.sum_of_sectors)}, counted once: {_km2(found.sectors)}")
    if not buildings:
        return [*told, f"Sure: {_km2(found.least)}, at most {_km2(found.most)}. Without occlusion: an upper bound"]
    told.append(f"Really seen: {_km2(found.seen)}")
    return [*told, f"Plain sectors overstate {found.overstated:.2f} times"]


def _write(figures: Sequence[Figures], path: Path) -> None:
    """Put the table and the sections of these places between the marks of the page; those of others stay."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    old, after = rest.split(END)
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in old.splitlines() if line.startswith("| ")}
    sections = {part.split("\n")[0]: f"### {part.strip()}" for part in old.split("### ")[1:]}
    for found in figures:
        rows[found.scene.title], sections[found.scene.title] = _row(found), _section(found)
    rows.pop("place", None)
    table = "\n".join([HEAD, "|---" * 9 + "|", *rows.values()])
    path.write_text("\n\n".join([f"{before}{BEGIN}", table, *sections.values(), f"{END}{after}"]), encoding="utf-8")


def _row(found: Figures) -> str:
    buildings = len(found.scene.ground.footprints)
    known = f"{buildings:,}" if buildings else "none given"
    seen = (
        f"{_km2(found.seen)} | {found.overstated:.2f} × | {_km2(found.without_heights)}"
        if buildings
        else "unknown | unknown | unknown"
    )
    return (
        f"| {found.scene.title} | {len(found.views):,} | {known} | {_km2(found.sum_of_sectors)} |"
        f" {_km2(found.sectors)} | {seen} | {found.took_s:.1f} |"
    )


def _section(found: Figures) -> str:
    flags = Counter(flag for one in found.views for flag in one.flags)
    said = ", ".join(f"`{flag}` {count:,}" for flag, count in flags.most_common())
    doubt = ""
    if not len(found.scene.ground.footprints):
        doubt = (
            f"\nSeen whatever the bearings: {_km2(found.least)}; for some bearings: {_km2(found.most)}; the mean over"
            f" all bearings, overlaps counted again: {_km2(found.expected)}. Buildings would take off: an upper bound."
        )
    return (
        f"### {found.scene.title}\n\n![{found.scene.title}](images/coverage-{found.scene.key}.png)\n\n"
        f"Cameras: {found.scene.layout}. Flags: {said}.{doubt}\n{found.scene.source}."
    )


def _united(shapes: Sequence[shapely.Geometry]) -> float:
    return float(shapely.union_all([valid(one) for one in shapes if not one.is_empty]).area)


def _km2(square_metres: float) -> str:
    return f"{square_metres / 1e6:.3f} km²"


def _busiest(places: np.ndarray, width_m: float) -> tuple[float, float]:
    """Return the camera with most others in a window around it."""
    half = np.array([width_m, width_m * 0.8]) / 2
    counts = [int((np.abs(places - one) < half).all(axis=1).sum()) for one in places]
    x, y = places[int(np.argmax(counts))].tolist()
    return x, y


if __name__ == "__main__":
    main()
