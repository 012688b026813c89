"""Who tells an outage soonest with the fewest false alarms at an equal number of looks.

Lives of cameras are made up from seeds (bench/lib/traces.py). The beat of our looks is set on other seeds than those of
the table, so that looks spent on doubts come out of the same budget.
"""

import argparse
import statistics
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from bench.lib import policies, traces
from bench.lib.policies import Policy, Story
from bench.lib.traces import DAY_S, Trace
from bench.lib.village import report, table
from data.limits import DEFAULTS
from data.types import Limits
from video.pacing import Beat

TABLE_SEEDS, BEAT_SEEDS = 900_000, 100_000
CAMERA_DAYS = 300
BEAT_LOOKS = 60_000
PEERS: Sequence[tuple[str, Callable[[float], Policy], float]] = (
    ("3 × 60 s heartbeats", lambda beat: policies.heartbeats(beat, 3 * beat), 60.0),
    ("30 s / 70 s", lambda beat: policies.heartbeats(beat, beat * 70 / 30), 30.0),
    ("10 s, told after 60 s", lambda beat: policies.sustained(beat, 6 * beat), 10.0),
    ("3 failures in a row", lambda beat: policies.in_a_row(beat, 3), 60.0),
)
# The same with the times as published, however seldom is looked.
KEPT: Sequence[tuple[str, Callable[[float], Policy], float]] = (
    ("30 s / 70 s, still 70 s", lambda beat: policies.heartbeats(beat, 70), 30.0),
    ("10 s, still told after 60 s", lambda beat: policies.sustained(beat, 60), 10.0),
)
HASTY = Limits(confirm_offline_looks=2, confirm_offline_s=3.0, unstable_offline_s=6.0)
HEAD = ("policy", "looks per camera and day", "false offline per 1,000 camera days", "missed", "time to detect: median",
        "95 %", "told back after: median", "95 %", "messages per 1,000 camera days")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a policy came to on many cameras; times in seconds."""

    name: str
    days: float
    looks: int
    false: int
    missed: int
    outages: int
    messages: int
    waits: tuple[float, ...]
    backs: tuple[float, ...]

    @property
    def looks_a_day(self) -> float:
        """Looks per camera and day."""
        return self.looks / self.days

    def beats(self, other: "Score") -> bool:
        """Say whether this told less that was false, missed no more, and was faster in the middle and at the end."""
        return (
            self.false < other.false
            and self.missed <= other.missed
            and statistics.median(self.waits) < statistics.median(other.waits)
            and _share(self.waits, 0.95) < _share(other.waits, 0.95)
        )


def scored(name: str, policy: Policy, lives: Iterable[Trace]) -> Score:
    """Run a policy on every life and count."""
    one = Score(name=name, days=0, looks=0, false=0, missed=0, outages=0, messages=0, waits=(), backs=())
    for life in lives:
        one = _with(one, life, policy(life))
    return one


def _with(score: Score, life: Trace, story: Story) -> Score:
    """Add one camera. An outage that outlasts the life is left out; one already told when it began took no time."""
    waits, backs, missed, whole = [], [], 0, [outage for outage in life.outages if outage[1] <= life.seconds]
    for begin, end in whole:
        before = [offline for at, offline in story.tellings if at <= begin]
        told = [at - begin for at, offline in story.tellings if offline and begin < at < end]
        if before and before[-1]:
            continue
        missed += not told
        waits += told[:1]
        backs += [at - end for at, offline in story.tellings if told and not offline and at >= end][:1]
    return replace(
        score,
        days=score.days + life.seconds / DAY_S,
        looks=score.looks + story.looks,
        false=score.false + sum(1 for at, offline in story.tellings if offline and not life.is_out(at)),
        missed=score.missed + missed,
        outages=score.outages + len(whole),
        messages=score.messages + len(story.tellings) + story.unstable,
        waits=score.waits + tuple(waits),
        backs=score.backs + tuple(backs),
    )


def ours_on_budget(limits: Limits, looks_a_day: float) -> Policy:
    """Return our policy with the beat at which it takes so many looks, found on seeds that the table does not use."""
    lives = [traces.make(BEAT_SEEDS + n) for n in range(round(BEAT_LOOKS / looks_a_day))]
    beat = Beat(every_s=DAY_S / looks_a_day, doubt_every_s=min(5.0, limits.confirm_offline_s))
    for _ in range(2):
        taken = scored("", policies.ours(beat, limits), lives).looks_a_day
        beat = replace(beat, every_s=beat.every_s * taken / looks_a_day)
    return policies.ours(beat, limits)


def _score(seeds: range, budget_s: float, number: int) -> Score:
    """Return the score of contender `number` at a budget of one look every `budget_s`."""
    name, policy = contenders(budget_s)[number]
    return scored(name, policy(), (traces.make(seed) for seed in seeds))


def contenders(budget_s: float) -> Sequence[tuple[str, Callable[[], Policy]]]:
    """Return everybody at a budget of one look every `budget_s`: first ours, by class, then the others."""
    looks = DAY_S / budget_s
    ours = [(f"this project, class {number or '—'}", limits) for number, limits in DEFAULTS.items() if number != 9]
    ours.append(("this project, hasty: 2 looks in 3 s", HASTY))
    found: list[tuple[str, Callable[[], Policy]]] = [
        (name, partial(ours_on_budget, limits, looks)) for name, limits in ours
    ]
    for name, policy, published_s in (*PEERS, *(one for one in KEPT if one[2] != budget_s)):
        said = name if published_s == budget_s else f"{name} (published for {published_s:.0f} s)"
        found.append((said, partial(policy, budget_s)))
    return found


def at_budget(budget_s: float, *, seeds: range) -> list[Score]:
    """Return the scores of everybody at one budget."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(partial(_score, seeds, budget_s), range(len(contenders(budget_s)))))


def rows_of(scores: Sequence[Score]) -> list[Sequence[str]]:
    """Return the table of one budget."""
    rows: list[Sequence[str]] = [HEAD]
    for one in scores:
        rows.append((
            one.name, f"{one.looks_a_day:,.1f}",
            f"{1000 * one.false / one.days:,.0f}", f"{one.missed} of {one.outages}",
            f"{statistics.median(one.waits):.0f} s", f"{_share(one.waits, 0.95):.0f} s",
            f"{statistics.median(one.backs):.0f} s", f"{_share(one.backs, 0.95):.0f} s",
            f"{1000 * one.messages / one.days:,.0f}",
        ))  # fmt: skip
    return rows


def verdicts(scores: Sequence[Score]) -> str:
    """Say of each peer which of our settings had fewer false alarms and were faster at once."""
    ours = [one for one in scores if one.name.startswith("this project")]
    lines = []
    for peer in scores[len(ours) :]:
        better = [one.name.removeprefix("this project, ") for one in ours if one.beats(peer)]
        lines.append(f"- {peer.name}: {'; '.join(better) if better else '**none of ours on both at once**'}")
    return "\n".join(lines)


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


TEXT = """# Detection

`./run.sh bench detection`: {days:,} camera days with {outages:,} whole outages, made up from seeds that nothing was
tuned on (from {first} on). Per camera and day 0.7 outages of at least 5 min (median 20), 5 blips of at most 60 s
(median 8), 0.3 stretches of flapping, 0.4 of a slow link whose answers come too late for seconds at a time, and 0.5 of
a link that loses 5 to 50 % of the looks. Between 60 s and 5 min there is nothing, so that no limit decides what an
outage is: who tells "offline" while none lasts, tells something false. A look takes no time, for all alike.

Everybody has the same budget of looks; ours includes those spent on doubts, so its usual beat is a little slower. The
others look as often as the budget allows, with their times in the published proportion; where that makes a
difference, also with the published times as they are.

{tables}
Being told back takes longer with us on purpose: what was offline must stay well for 20 to 30 s, what is dead is looked
at every tenth of its age (at most every 10 min), and what flaps must stay well for 5 min. Messages are tellings of
either kind and, with us, the word "unstable".
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everybody at each budget and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=CAMERA_DAYS, help="camera days at the budget of 60 s")
    parser.add_argument("--seed", type=int, default=TABLE_SEEDS, help="the first seed of the table")
    chosen = parser.parse_args(arguments)
    tables, outages = [], 0
    for budget_s in (60.0, 30.0, 10.0):
        # As many looks at each budget, so that the whole takes minutes.
        seeds = range(chosen.seed, chosen.seed + max(20, int(chosen.days * min(1.0, budget_s / 45))))
        scores = at_budget(budget_s, seeds=seeds)
        outages = outages or scores[0].outages
        tables.append(
            f"## One look every {budget_s:.0f} s ({len(seeds):,} camera days)\n\n{table(rows_of(scores))}\n\n"
            f"Fewer false and faster at once, median and 95 %, none missed more:\n\n{verdicts(scores)}\n"
        )
    report(
        "detection",
        TEXT.format(days=chosen.days, first=chosen.seed, outages=outages, tables="\n".join(tables)).rstrip(),
    )


if __name__ == "__main__":
    main()
