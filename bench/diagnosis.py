"""Picture diagnosis beside PyPI camera-health: who names which fault, who cries wolf, and how long each takes.

Good pictures are spoiled in graded steps (bench/lib/degraded.py) and shown to both, with the same reference and
earlier frame. Thresholds were set on the first part of the pictures; the second part is what the report counts.

    python -m bench.diagnosis [--data DIR] [--part held-out|tuned] [--few]
"""

import argparse
import csv
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import camera_health
import cv2
import numpy as np

from bench.lib.degraded import Case, cases, grained, recoded, shifted, titled
from bench.lib.village import ROOT, report, table
from data.looks import CheckState
from data.types import Fault
from video.picture import compare, measure, read_image, reference_of
from video.picture_checks import check
from video.picture_scene import between

# What the peer calls the same. It knows one darkness and one change of scene.
PEER = {
    Fault.BLACK: "darkness",
    Fault.TOO_DARK: "darkness",
    Fault.TOO_BRIGHT: "overexposure",
    Fault.BLURRED: "defocus",
    Fault.COVERED: "obstruction",
    Fault.COLOUR_CAST: "colour_cast",
    Fault.NOISE: "noise",
    Fault.FROZEN: "frozen",
    Fault.MOVED: "tampering",
}
DARK = frozenset({Fault.BLACK, Fault.TOO_DARK})
# What may be said of a spoiled picture besides, and is counted neither for nor against: a lens that is covered has no
# contrast, a lost signal may be called black or covered, and so on.
ALSO: Mapping[Fault, frozenset[Fault]] = {
    Fault.SIGNAL_LOST: DARK | {Fault.COVERED, Fault.LOW_CONTRAST, Fault.COLOUR_CAST, Fault.TOO_BRIGHT},
    Fault.COVERED: DARK | {Fault.LOW_CONTRAST, Fault.COLOUR_CAST, Fault.MOVED, Fault.TOO_BRIGHT},
    Fault.LOW_CONTRAST: frozenset({Fault.COVERED, Fault.BLURRED}),
    Fault.TOO_BRIGHT: frozenset({Fault.LOW_CONTRAST, Fault.COVERED, Fault.COLOUR_CAST}),
    Fault.TOO_DARK: frozenset({Fault.LOW_CONTRAST, Fault.COVERED}),
    Fault.BLACK: frozenset({Fault.LOW_CONTRAST, Fault.COVERED}),
}
TUNED = ("cam2701_*.jpg", "buildings_ref_images.png", "basketball1.png", "home.jpg", "leuvenA.jpg")
HELD_OUT = ("cam4703_*.jpg", "basketball2.png", "building.jpg", "leuvenB.jpg", "stuff.jpg")
SEEDS = {"tuned": 11, "held-out": 20260701}
REPEATS = 9


@dataclass(slots=True)
class Tally:
    """Pictures of one fault that were named, that were missed, and others that were called by it."""

    named: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        """Return the share of spoiled pictures that were named."""
        return self.named / max(1, self.named + self.missed)

    @property
    def precision(self) -> float:
        """Return the share of those named that were spoiled so."""
        return self.named / max(1, self.named + self.wrong)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        return 2 * self.named / max(1, 2 * self.named + self.wrong + self.missed)


@dataclass(slots=True)
class Score:
    """What one side said, fault by fault and step by step, and how often it cried wolf."""

    faults: dict[Fault, Tally] = field(default_factory=lambda: {fault: Tally() for fault in Fault})
    steps: Counter[tuple[Fault, str]] = field(default_factory=Counter)
    good: int = 0
    false_alarms: int = 0

    def count(self, case: Case, said: frozenset[Fault]) -> None:
        """Add what was said of one picture."""
        truth = DARK if case.fault in DARK else frozenset({case.fault} if case.fault else ())
        self.good += not truth
        self.false_alarms += bool(said) and not truth
        if case.fault:
            hit = bool(said & truth)
            tally = self.faults[case.fault]
            tally.named, tally.missed = tally.named + hit, tally.missed + (not hit)
            self.steps[case.fault, case.step] += hit
        allowed = truth | (ALSO.get(case.fault, frozenset()) if case.fault else frozenset())
        for fault in said - allowed:
            self.faults[fault].wrong += 1


def ours(case: Case) -> frozenset[Fault]:
    """Return the faults our checks name."""
    references = [reference_of(case.reference)] if case.reference is not None else []
    seen: dict[str, float] = {"is_compared": 1.0} if case.previous is not None or case.later else {}
    if case.previous is not None:
        seen["same_as_before"] = float(np.array_equal(case.frame, case.previous))
    checks = check(
        {**measure(case.frame), **compare(case.frame, references), **seen, **between((case.frame, *case.later))}
    )
    return frozenset(fault for fault, one in checks.items() if one.state is CheckState.BAD)


def theirs(case: Case) -> frozenset[Fault]:
    """Return the faults the peer names, at any severity. Its darkness stands for black too."""
    frame, reference, previous = (
        None if one is None else np.ascontiguousarray(one[..., ::-1])
        for one in (case.frame, case.reference, case.previous)
    )
    found = camera_health.check(frame, reference=reference, previous=previous)
    kinds = {one.kind for one in found.faults}
    return frozenset(fault for fault, kind in PEER.items() if kind in kinds and fault is not Fault.BLACK)


def compared(name: str, frame: Any, other: Any, stranger: Any, random: np.random.Generator) -> Iterator[Case]:
    """Yield what takes more than one picture: another picture of the camera, the frame before, the frames after."""
    well = {"again": frame, "with its display": titled(frame, "12:00:01"), "dusk": grained(frame * 0.65, 2, random)}
    for step, shown in well.items():
        yield Case(name=name, step=step, fault=None, frame=recoded(shown, 88), reference=other)
    turned = {f"by {share:.0%}": shifted(frame, share, share / 3) for share in (0.04, 0.06, 0.1, 0.2)}
    turned |= {"turned 8°": shifted(frame, 0, 0, angle=8), "zoom 1.4": shifted(frame, 0, 0, zoom=1.4)}
    for step, shown in {**turned, "another scene": stranger}.items():
        yield Case(name=name, step=step, fault=Fault.MOVED, frame=recoded(shown, 88), reference=other)
    live = [grained(frame, 1.2, random) for _ in range(4)]
    yield Case(name=name, step="still, alive", fault=None, frame=live[0], previous=live[1], later=tuple(live[1:]))
    yield Case(name=name, step="repeated", fault=Fault.FROZEN, frame=frame, previous=frame, later=(frame,) * 3)
    clocks = [titled(frame, f"12:00:0{second}") for second in range(4)]
    yield Case(
        name=name,
        step="clock runs on",
        fault=Fault.FROZEN,
        frame=clocks[1],
        previous=clocks[0],
        later=tuple(clocks[1:]),
    )
    again = recoded(frame, 70)
    yield Case(name=name, step="coded anew", fault=Fault.FROZEN, frame=again, previous=frame, later=(again,) * 3)
    for px in (5, 8, 14):
        jumps = [shifted(frame, *(random.choice((-1, 1), 2) * px / 640)) for _ in range(4)]
        shaken = [grained(one, 1.2, random) for one in (frame, jumps[0], frame, jumps[1], frame)]
        yield Case(name=name, step=f"{px} px", fault=Fault.SHAKING, frame=shaken[0], later=tuple(shaken[1:]))
    panned = [grained(shifted(frame, n * 0.015, 0), 1.2, random) for n in range(4)]
    yield Case(name=name, step="a PTZ turns", fault=None, frame=panned[0], later=tuple(panned[1:]))


def every_case(data: Path, part: str, *, few: bool) -> Iterator[Case]:
    """Yield the cases of one part of the pictures; its seed makes them the same in every run."""
    random = np.random.default_rng(SEEDS[part])
    names = HELD_OUT if part == "held-out" else TUNED
    files = [file for name in names for file in sorted(data.rglob(name))][:: 4 if few else 1]
    frames = [read_image(file.read_bytes()) for file in files]
    stranger = read_image(next(data.rglob("building.jpg" if part == "tuned" else "leuvenA.jpg")).read_bytes())
    series = [frame for file, frame in zip(files, frames, strict=True) if file.name.startswith("cam")]
    for number, (file, frame) in enumerate(zip(files, frames, strict=True)):
        yield from cases(file.name, frame, random)
        # Another picture of the same camera at another time, where there is one.
        other = (
            series[(number + len(series) // 2) % len(series)]
            if file.name.startswith("cam")
            else grained(frame, 3, random)
        )
        yield from compared(file.name, frame, other, cv2.resize(stranger, frame.shape[1::-1]), random)


def labelled(data: Path) -> list[list[str]]:
    """Return what both say of the pictures whose faults others have labelled."""
    rows = [["picture", "label", "ours", "camera-health"]]
    for file, label in _LABELS.items():
        frame = read_image((data / file).read_bytes())
        case = Case(name=file, step="", fault=None, frame=frame)
        rows.append([file, label, *(", ".join(sorted(side(case))) or "good" for side in (ours, theirs))])
    return rows


_LABELS = {
    "opencv_stills/licenseplate_motion.jpg": "motion blur",
    "opencv_stills/text_motion.jpg": "motion blur",
    "opencv_stills/text_defocus.jpg": "out of focus",
    **{f"live_subset/buildings_gblur_{n}.png": f"blur, grade {n} (1 is the worst)" for n in (1, 2, 3, 4)},
    "live_subset/buildings_wnoise_2.png": "noise, 10 dB",
    "live_subset/buildings_wnoise_4.png": "noise, 25 dB",
    "live_subset/buildings_wnoise_5.png": "noise, 30 dB",
    "live_subset/buildings_jpeg_3.png": "JPEG artefacts, worst",
    "live_subset/buildings_ref_images.png": "good",
}


def good_ones(data: Path) -> tuple[int, int, int]:
    """Return how many untouched good pictures there are, and how many of them each side calls faulty."""
    files = [file for name in (*TUNED, *HELD_OUT) for file in sorted(data.rglob(name))]
    seen = [Case(name=file.name, step="", fault=None, frame=read_image(file.read_bytes())) for file in files]
    return len(seen), sum(bool(ours(one)) for one in seen), sum(bool(theirs(one)) for one in seen)


def freezes(data: Path) -> tuple[int, int, int, int]:
    """Return of the labelled series: its repeats, those ours and the peer find, and wrong ones of both."""
    rows = list(csv.DictReader((data / "sg_traffic" / "labels.csv").open()))
    repeats = found = peer = wrong = 0
    for before, row in itertools.pairwise(rows):
        if before["camera"] != row["camera"]:
            continue
        pair = [read_image((data / "sg_traffic" / one["file"]).read_bytes()) for one in (before, row)]
        case = Case(name=row["file"], step="", fault=None, frame=pair[1], previous=pair[0])
        said = [Fault.FROZEN in side(case) for side in (ours, theirs)]
        is_repeat = before["frozen_group"] == row["frozen_group"] != ""
        repeats, found, peer = repeats + is_repeat, found + (is_repeat and said[0]), peer + (is_repeat and said[1])
        wrong += sum(said) if not is_repeat else 0
    return repeats, found, peer, wrong


def speed(data: Path) -> list[list[str]]:
    """Return median CPU ms of both on the same pictures: 640 px wide, and in their own size."""
    files = [file for name in HELD_OUT for file in sorted(data.rglob(name))]
    frames = [read_image(file.read_bytes()) for file in files]
    small = [cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA) for frame in frames]
    rows = [["pictures", "ours", "ours, beside two references", "camera-health", "camera-health, beside one"]]
    for name, shown in (("640 × 360", small), ("1920 × 1080", frames[:12])):
        rows.append([name, *(f"{ms:.1f} ms" for ms in _medians(shown))])
    return rows


def _medians(frames: Sequence[Any]) -> Iterator[float]:
    mirrored = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
    references = [reference_of(frames[0])] * 2
    runs: Sequence[Any] = (
        lambda n: check(measure(frames[n])),
        lambda n: check({**measure(frames[n]), **compare(frames[n], references)}),
        lambda n: camera_health.check(mirrored[n]),
        lambda n: camera_health.check(mirrored[n], reference=mirrored[0]),
    )
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(REPEATS):
        for number in range(len(frames)):
            for kept, run in zip(times, runs, strict=True):
                began = time.process_time()
                run(number)
                kept.append((time.process_time() - began) * 1000)
    yield from (float(np.median(one)) for one in times)


def rows_of(mine: Score, peer: Score) -> Iterable[list[str]]:
    """Yield the table: recall, precision and F1 of each fault, ours and the peer's."""
    yield ["fault", "pictures", "recall", "precision", "F1", "peer's recall", "precision", "F1"]
    for fault in (one for one in Fault if mine.faults[one].named + mine.faults[one].missed):
        if fault is Fault.BLACK:
            continue
        name, tallies = str(fault), [side.faults[fault] for side in (mine, peer)]
        if fault is Fault.TOO_DARK:
            name, tallies = "black or too_dark", [_joined(side) for side in (mine, peer)]
        known = fault in PEER
        shown = [f"{value:.3f}" for one in tallies for value in (one.recall, one.precision, one.f1)]
        yield [name, str(tallies[0].named + tallies[0].missed), *shown[:3], *(shown[3:] if known else ["–"] * 3)]


def _joined(side: Score) -> Tally:
    black, dark = side.faults[Fault.BLACK], side.faults[Fault.TOO_DARK]
    return Tally(black.named + dark.named, black.missed + dark.missed, black.wrong + dark.wrong)


def step_rows(mine: Score, peer: Score, counts: Counter[tuple[Fault, str]]) -> Iterable[list[str]]:
    """Yield what share of each step both name."""
    yield ["fault", "step", "ours", "camera-health"]
    for (fault, step), count in counts.items():
        theirs_ = f"{peer.steps[fault, step] / count:.0%}" if fault in PEER else "–"
        yield [str(fault), step, f"{mine.steps[fault, step] / count:.0%}", theirs_]


def page(data: Path, part: str, mine: Score, peer: Score, counts: Counter[tuple[Fault, str]]) -> str:
    """Return the report."""
    total, our_alarms, peer_alarms = good_ones(data)
    repeats, found, peer_found, wrong = freezes(data)
    counted = HELD_OUT if part == "held-out" else TUNED
    return f"""# Picture diagnosis

`./run.sh bench diagnosis`: {sum(counts.values())} spoiled and {mine.good} good pictures, made of the {part} part of
`../shared/data/images` (seed {SEEDS[part]}), shown to our checks and to camera-health
{camera_health.__version__} of PyPI. Half of them bear the display of a camera, all were coded as JPEG.
The peer names a fault when it does so at any of its severities.
Thresholds were set on {", ".join(TUNED)}.
This page counts {", ".join(counted)} only.
Of the held-out pictures, untouched ones were looked at while the measures were chosen, and a few with stripes drawn
over them; none was otherwise spoiled before the thresholds stood.

{table(list(rows_of(mine, peer)))}

Called faulty though they are good (night, haze, dusk, grain, displays, a PTZ that turns): ours {mine.false_alarms} of
{mine.good}, camera-health {peer.false_alarms} of {peer.good}. Of the {total} untouched pictures of both parts: ours
{our_alarms}, camera-health {peer_alarms}.

Real freezes of `sg_traffic` (the same bytes at another time): {repeats} repeats; ours finds {found}, camera-health
{peer_found}; wrongly called frozen by either: {wrong}.

## Time

Median CPU time of a picture on one core, all measures and checks, decoding and JPEG left out; both in the same run, in
turns, on the same pictures; a machine that is shared takes up to twice as long for both. Aim: below 15 ms at 640 px.

{table(speed(data))}

## Pictures labelled by others

{table(labelled(data))}

## Step by step

{table(list(step_rows(mine, peer, counts)))}"""


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--data", type=Path, default=Path(ROOT).parent / "shared" / "data" / "images")
    asked.add_argument("--part", choices=tuple(SEEDS), default="held-out")
    asked.add_argument("--few", action="store_true", help="a quarter of the pictures, printed and not kept")
    options = asked.parse_args()
    mine, peer = Score(), Score()
    counts: Counter[tuple[Fault, str]] = Counter()
    for case in every_case(options.data, options.part, few=options.few):
        if case.fault:
            counts[case.fault, case.step] += 1
        for score, side in ((mine, ours), (peer, theirs)):
            score.count(case, side(case))
    text = page(options.data, options.part, mine, peer, counts)
    if options.few or options.part == "tuned":
        print(text)
    else:
        report("diagnosis", text)


if __name__ == "__main__":
    main()
