"""When many devices are lost together, what they share is out: one outage with its members instead of many. Pure.

What an upstream lost within a few minutes is held against what it still had before: when nearly all of it went, and
not through one narrower part alone, it is out. Of all that are out the one with most members speaks for the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.types import Health, OutageKind
from data.upstreams import Claim, Lost, OpenOutage, Sizes, Upstream

# Of two upstreams that lost the same cameras, what somebody entered explains more than what was guessed.
_EXPLAINS = (OutageKind.LINK, OutageKind.RECORDER, OutageKind.AREA, OutageKind.CORRELATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When losses are one outage: at least so many, such a share of what was there, within such a time (seconds)."""

    least: int = 5
    least_of_recorder: int = 2
    share: float = 0.8
    together_s: float = 240.0
    # A part waits for the whole while that lost so much of what it had, and more within so many seconds.
    growing_share: float = 0.2
    growing_s: float = 75.0
    # An outage is over when no more than this share is left of it and nobody came back for so long.
    over_share: float = 0.2
    settle_s: float = 300.0

    def least_behind(self, kind: OutageKind) -> int:
        """Return how many must be lost behind an upstream of a kind."""
        return self.least_of_recorder if kind is OutageKind.RECORDER else self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """What an upstream lost at about one time, and all that it has lost by now."""

    upstream: Upstream
    lost: tuple[Lost, ...]
    before: int
    by_branch: Mapping[str, int]


def gather(
    lost: Sequence[Lost], sizes: Sizes, outages: Sequence[OpenOutage], rules: Rules, *, now: datetime
) -> list[Claim]:
    """Return which outages to raise, and which open ones get more members; a camera is in one of them at most.

    An open outage keeps its members until a wider one takes all of them. Doubtful cameras count, but are no members.
    """
    by_upstream = {outage.upstream: outage for outage in outages}
    found = list(_behind(lost, rules))
    growing = [one for one in found if _is_growing(one, sizes.get(one.upstream, {}), rules, now)]
    claims: list[Claim] = []
    taken: set[int] = set()
    for gone in sorted(found, key=lambda one: (-len(one.lost), _EXPLAINS.index(one.upstream.kind), one.upstream.key)):
        known = by_upstream.get(gone.upstream)
        if not _is_out(gone, sizes.get(gone.upstream, {}), rules) or (not known and _is_part(gone, growing)):
            continue
        claim = _claim(gone, known, outages, taken)
        if claim and (known or len(claim.lost) >= rules.least_behind(gone.upstream.kind)):
            claims.append(claim)
            taken |= {one.camera_id for one in claim.lost} | _members(claim.absorbed, outages)
        if known:
            # It speaks for its own, so nothing that comes after it may take them.
            taken |= known.members
    return claims + list(_late(lost, outages, taken, rules))


def has_come_back(health: Health) -> bool | None:
    """Say whether a member of an outage is back, by its health now; None when that is not known."""
    return None if health is Health.UNKNOWN else health is not Health.OFFLINE


def is_over(outage: OpenOutage, *, now: datetime, rules: Rules) -> bool:
    """Say whether an outage is over: all are back, or nearly all and the others do not follow."""
    if not outage.members:
        return True
    if outage.came_back_at is None or len(outage.members) > rules.over_share * outage.ever:
        return False
    return now - outage.came_back_at >= timedelta(seconds=rules.settle_s)


def _behind(lost: Sequence[Lost], rules: Rules) -> Iterable[_Gone]:
    """Yield what each upstream lost at about one time, where that is enough to speak of."""
    grouped: dict[Upstream, list[tuple[Lost, str]]] = defaultdict(list)
    for one in lost:
        for branch in one.behind:
            grouped[branch.upstream].append((one, branch.via))
    for upstream, found in grouped.items():
        if len(found) < rules.least_behind(upstream.kind):
            continue
        found.sort(key=lambda pair: pair[0].since)
        first, end = _densest([one.since for one, _ in found], timedelta(seconds=rules.together_s))
        by_branch: dict[str, int] = defaultdict(int)
        for _, via in found[:end]:
            by_branch[via] += 1
        yield _Gone(
            upstream=upstream, lost=tuple(one for one, _ in found[first:end]), before=first, by_branch=by_branch
        )


def _densest(times: Sequence[datetime], within: timedelta) -> tuple[int, int]:
    """Return the slice of sorted times that lie `within` of its first and are most; the latest of equals."""
    best, first = (0, 0), 0
    for last, at in enumerate(times):
        while at - times[first] > within:
            first += 1
        if last + 1 - first >= best[1] - best[0]:
            best = (first, last + 1)
    return best


def _is_out(gone: _Gone, size: Mapping[str, int], rules: Rules) -> bool:
    there = sum(size.values()) - gone.before
    enough = len(gone.lost) >= max(rules.least_behind(gone.upstream.kind), rules.share * there)
    if not enough:
        return False
    # What went through one narrower part alone is that part's outage, unless there is no other part.
    hit = sum(1 for via, count in gone.by_branch.items() if count >= rules.share / 2 * size.get(via, 0))
    return hit >= 2 or set(size) == set(gone.by_branch) == {""}


def _is_growing(gone: _Gone, size: Mapping[str, int], rules: Rules, now: datetime) -> bool:
    """Say whether an upstream is losing more at the moment, and may be about to be out."""
    much = len(gone.lost) >= rules.growing_share * (sum(size.values()) - gone.before)
    return much and now - gone.lost[-1].since < timedelta(seconds=rules.growing_s)


def _is_part(gone: _Gone, growing: Sequence[_Gone]) -> bool:
    """Say whether all that was lost here was lost behind something that is losing yet more."""
    here = {one.camera_id for one in gone.lost}
    wider = [one for one in growing if len(one.lost) > len(here)]
    return any(here <= {one.camera_id for one in each.lost} for each in wider)


def _claim(gone: _Gone, known: OpenOutage | None, outages: Sequence[OpenOutage], taken: set[int]) -> Claim | None:
    """Return what an upstream that is out claims of those nobody has claimed; None when that is nobody new."""
    behind = {one.camera_id for one in gone.lost}
    absorbed = tuple(
        outage.outage_id
        for outage in outages
        if outage is not known and outage.members and outage.members < behind and not outage.members & taken
    )
    own = {known.outage_id if known else None, None, *absorbed}
    free = tuple(
        one
        for one in gone.lost
        if one.confirmed and one.outage_id in own and one.camera_id not in taken
        and not (known and one.outage_id == known.outage_id)
    )  # fmt: skip
    if not free:
        return None
    return Claim(upstream=gone.upstream, lost=free, outage_id=known.outage_id if known else None, absorbed=absorbed)


def _members(ids: Iterable[int], outages: Sequence[OpenOutage]) -> set[int]:
    wanted = set(ids)
    return {camera for outage in outages if outage.outage_id in wanted for camera in outage.members}


def _late(lost: Sequence[Lost], outages: Sequence[OpenOutage], taken: set[int], rules: Rules) -> Iterable[Claim]:
    """Yield those who were lost later behind an upstream that is still mostly out."""
    joins: dict[int, list[Lost]] = defaultdict(list)
    still_out = {o.upstream: o for o in outages if len(o.members) >= (1 - rules.over_share) / 2 * o.ever}
    for one in lost:
        if not one.confirmed or one.outage_id is not None or one.camera_id in taken:
            continue
        around = [still_out[branch.upstream] for branch in one.behind if branch.upstream in still_out]
        fitting = [o for o in around if one.since >= o.opened_at - timedelta(seconds=rules.together_s)]
        if fitting:
            joins[max(fitting, key=lambda o: o.ever).outage_id].append(one)
    for outage in outages:
        if outage.outage_id in joins:
            yield Claim(upstream=outage.upstream, lost=tuple(joins[outage.outage_id]), outage_id=outage.outage_id)
