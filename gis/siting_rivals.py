"""The loops that find candidates which another one makes needless."""

from gis.compiled import compiled, part
from gis.siting_kernels import NONE, Covers, Flags


@part
def _lies_in(i: int, k: int, at: Covers) -> bool:
    """Say whether all that i covers is covered by k; rows are in order."""
    e, stop = at.start[k], at.start[k + 1]
    if at.start[i + 1] - at.start[i] > stop - e:
        return False
    for d in range(at.start[i], at.start[i + 1]):
        while e < stop and at.demand[e] < at.demand[d]:
            e += 1
        if e == stop or at.demand[e] != at.demand[d]:
            return False
    return True


@part
def _outdoes(k: int, i: int, is_free: Flags, at: Covers) -> bool:
    """Say whether k covers all of i for no more and may stand in for it; of two that are equal, the earlier."""
    if k == i or at.cost[k] > at.cost[i] or not _lies_in(i, k, at):
        return False
    if is_free[k] and not is_free[i]:
        return True
    same = at.cost[k] == at.cost[i] and at.start[k + 1] - at.start[k] == at.start[i + 1] - at.start[i]
    return k < i or not same


@part
def _rarest(i: int, most: int, at: Covers) -> int:
    """Return the demand of a candidate that the fewest others cover, if fewer than `most` do."""
    rarest, fewest = NONE, most
    for e in range(at.start[i], at.start[i + 1]):
        degree = at.by_start[at.demand[e] + 1] - at.by_start[at.demand[e]]
        if degree < fewest:
            rarest, fewest = at.demand[e], degree
    return rarest


@part
def _outdone(i: int, is_free: Flags, at: Covers, most: int) -> bool:
    """Say whether another of its group, or a free candidate that covers its rarest demand, outdoes a candidate."""
    group = at.group_of[i]
    for k in range(at.group_start[group], min(at.group_start[group] + most, at.group_start[group + 1])):
        if _outdoes(k, i, is_free, at):
            return True
    j = _rarest(i, most, at)
    if j == NONE:
        return False
    for e in range(at.by_start[j], at.by_start[j + 1]):
        k = at.by[e] + 0  # as wide as other row numbers, or all is compiled twice
        if is_free[k] and _outdoes(k, i, is_free, at):
            return True
    return False


@compiled
def mark_dominated(at: Covers, is_free: Flags, most: int, out: Flags) -> None:
    """Mark the candidates that another one makes needless; `most` limits how many rivals are looked at."""
    for i in range(len(out)):
        out[i] = _outdone(i, is_free, at, most)
