"""The problem of siting in the form its solvers work on, and the ways to make it smaller without losing a best choice.

Rows are candidates, sorted by group; columns are demand. What is never worth anything is left out, equal columns are
one with their worths added, and a candidate that another makes needless is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from gis.errors import Refused
from gis.siting_kernels import Covers, Flags, Floats, Whole
from gis.siting_rivals import mark_dominated

Matrix: TypeAlias = Any  # scipy.sparse.csr_array of int8
_MOST_RIVALS = 48


class BadSiting(Refused, ValueError):
    """What was asked makes no siting problem; the message says which part, and what it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Candidates and demand that are still open.

    `number` holds the candidates' own numbers, `sure` those already decided to be chosen, and `base` what these are
    worth. Every worth is a multiple of `unit`, where that is not 0.
    """

    at: Covers
    matrix: Matrix
    budget: float
    number: NDArray[np.intp]
    sure: NDArray[np.intp]
    base: float
    unit: float

    @property
    def total(self) -> float:
        """What covering everything would be worth, with what is sure."""
        return self.base + float(np.sum(self.at.first) + np.sum(self.at.second))


@dataclass(frozen=True, slots=True)
class Limits:
    """What limits a choice besides its budget, as gis.siting.choose takes it."""

    one_per: ArrayLike | None = None
    cost: ArrayLike | None = None
    at_most: int | Mapping[int, int] = 1
    forbidden: ArrayLike | None = None
    covered_already: ArrayLike | None = None
    backup: float = 0.0


def read(covers: Any, weight: ArrayLike, budget: float, limits: Limits) -> Problem:
    """Check what was given and return it as a problem, made small. Raises BadSiting."""
    backup = limits.backup
    matrix = _matrix(covers)
    candidates, demand = matrix.shape
    worth = _numbers(weight, demand, "weight", "demand point")
    costs = np.ones(candidates) if limits.cost is None else _numbers(limits.cost, candidates, "cost", "candidate")
    group = _groups(limits.one_per, candidates)
    if not budget >= 0:
        raise BadSiting(f"The budget is {budget}. It must be a number that is not negative.")
    if not 0 <= backup <= 1:
        raise BadSiting(f"backup is {backup}. A second camera counts a share of the first, from 0 to 1.")
    is_covered = _mask(limits.covered_already, demand, "covered_already", "demand point")
    allowed = ~_mask(limits.forbidden, candidates, "forbidden", "candidate") & (costs <= budget)
    rooms, known = _rooms(limits.at_most, group)
    first = np.where(is_covered, backup, 1.0) * worth
    second = np.where(is_covered, 0.0, backup) * worth
    empty = Problem(
        at=_laid_out(matrix[:0], first, second, costs[:0], group[:0], rooms[:0]),
        matrix=matrix[:0],
        budget=_spendable(float(budget), costs),
        number=np.empty(0, dtype=np.intp),
        sure=np.empty(0, dtype=np.intp),
        base=0.0,
        unit=_unit(first, second),
    )
    rows = np.flatnonzero(allowed & (rooms[known] > 0))
    rows = rows[np.argsort(known[rows], kind="stable")]
    given = replace(empty, number=rows)
    whole = _with(given, matrix[rows], first, second, costs[rows], known[rows], rooms)
    return without_dominated(merged(whole), is_free=group[whole.number] < 0)


def merged(problem: Problem) -> Problem:
    """Return the problem with worthless demand dropped and demand of the same candidates made one."""
    at = problem.at
    degree = np.diff(at.by_start)
    keep = np.flatnonzero((degree > 0) & (at.first > 0))
    matrix = problem.matrix[:, keep]
    rows = np.flatnonzero(np.diff(matrix.indptr) > 0)
    matrix = matrix[rows]
    column = matrix.tocsc()
    same = _same(column)
    heads = np.unique(same, return_index=True)[1]
    first, second = (np.bincount(same, weights=of[keep]).astype(np.float64) for of in (at.first, at.second))
    rest = replace(problem, number=problem.number[rows])
    return _with(rest, column[:, heads].tocsr(), first, second, at.cost[rows], at.group_of[rows], at.at_most)


def without_dominated(problem: Problem, *, is_free: Flags) -> Problem:
    """Return the problem without candidates that another of the group, or a free one, outdoes at no more cost.

    Left as it is where a second camera of a group may count too: then the lesser one can still be of use.
    """
    at = problem.at
    if np.any(at.second > 0) and np.any(at.at_most > 1):
        return problem
    free = is_free & ~np.any(at.second > 0)
    # Rows may have been dropped since the caller's flags were made; they are those of the numbers that stay.
    out = np.zeros(len(problem.number), dtype=np.bool_)
    mark_dominated(at, free, _MOST_RIVALS, out)
    return restricted(problem, ~out)


def restricted(problem: Problem, keep: Flags) -> Problem:
    """Return the problem with some of its candidates only; columns that none of them covers stay, and are harmless."""
    at, rows = problem.at, np.flatnonzero(keep)
    return _with(
        replace(problem, number=problem.number[rows]),
        problem.matrix[rows],
        at.first,
        at.second,
        at.cost[rows],
        at.group_of[rows],
        at.at_most,
    )


def decided(problem: Problem, *, chosen: Flags, dropped: Flags) -> Problem:
    """Return what remains open once some candidates are chosen for good and others dropped; columns stay in place."""
    at = problem.at
    count = np.asarray(problem.matrix[np.flatnonzero(chosen)].sum(axis=0, dtype=np.int64)).ravel()
    gained = np.sum(at.first[count >= 1]) + np.sum(at.second[count >= 2])
    rooms = at.at_most - np.bincount(at.group_of[chosen], minlength=len(at.at_most))
    budget = max(0.0, problem.budget - float(np.sum(at.cost[chosen])))
    rows = np.flatnonzero(~chosen & ~dropped & (rooms[at.group_of] > 0) & (at.cost <= budget))
    matrix = problem.matrix[rows]
    reached = np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0
    first = np.where(count == 0, at.first, np.where(count == 1, at.second, 0.0)) * reached
    second = np.where(count == 0, at.second, 0.0) * reached
    rest = replace(
        problem,
        number=problem.number[rows],
        sure=np.concatenate([problem.sure, problem.number[chosen]]),
        base=problem.base + float(gained),
        budget=budget,
    )
    return _with(rest, matrix, first, second, at.cost[rows], at.group_of[rows], rooms)


def _with(
    problem: Problem, matrix: Matrix, first: Floats, second: Floats, cost: Floats, group: NDArray[Any], rooms: Whole
) -> Problem:
    return replace(problem, at=_laid_out(matrix, first, second, cost, group, rooms), matrix=matrix)


def _laid_out(matrix: Matrix, first: Floats, second: Floats, cost: Floats, group: NDArray[Any], rooms: Whole) -> Covers:
    """Return rows that are sorted by group in the form of the kernels; groups are numbered anew."""
    names, starts, known = np.unique(group, return_index=True, return_inverse=True)
    column = matrix.tocsc()
    return Covers(
        start=matrix.indptr.astype(np.int64),
        demand=matrix.indices.astype(np.int32),
        by_start=column.indptr.astype(np.int64),
        by=column.indices.astype(np.int32),
        first=np.ascontiguousarray(first, dtype=np.float64),
        second=np.ascontiguousarray(second, dtype=np.float64),
        cost=np.ascontiguousarray(cost, dtype=np.float64),
        rate=1.0 / np.maximum(cost, 1e-12),
        group_of=known.astype(np.int32),
        group_start=np.r_[starts, len(group)].astype(np.int64),
        at_most=rooms[names].astype(np.int64),
    )


def _same(column: Matrix) -> NDArray[np.intp]:
    """Return a number for each column that equal columns share: two random sums of 64 bits decide."""
    if not column.shape[1]:
        return np.empty(0, dtype=np.intp)
    random = np.random.default_rng(20_240_229).integers(0, 2**64, size=(2, column.shape[0]), dtype=np.uint64)
    sums = [np.add.reduceat(one[column.indices], column.indptr[:-1]) for one in random]
    order = np.lexsort(sums)
    is_new = np.r_[True, (sums[0][order][1:] != sums[0][order][:-1]) | (sums[1][order][1:] != sums[1][order][:-1])]
    same = np.empty(len(order), dtype=np.intp)
    same[order] = np.cumsum(is_new) - 1
    return same


def _matrix(covers: Any) -> Matrix:
    try:
        given: Any = sparse.csr_array(covers)
    except (TypeError, ValueError) as error:
        raise BadSiting("covers must be a table, candidates by demand points.") from error
    if given.ndim != 2:
        raise BadSiting("covers must be a table, candidates by demand points.")
    given.sum_duplicates()
    given.eliminate_zeros()
    given.sort_indices()
    flags = np.ones(len(given.data), dtype=np.int8)
    return sparse.csr_array((flags, given.indices, given.indptr), shape=given.shape)


def _numbers(given: ArrayLike, count: int, name: str, of: str) -> Floats:
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadSiting(f"{name} must hold numbers.") from error
    if numbers.shape != (count,):
        raise BadSiting(f"{name} has the shape {numbers.shape}. It must hold one number for each {of}, {count} in all.")
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if len(wrong):
        row = int(wrong[0])
        raise BadSiting(f"The {name} of {of} {row} is {numbers[row]}. It must be a finite number that is not negative.")
    return numbers


def _mask(given: ArrayLike | None, count: int, name: str, of: str) -> Flags:
    if given is None:
        return np.zeros(count, dtype=np.bool_)
    mask = np.asarray(given)
    if mask.dtype != np.bool_ or mask.shape != (count,):
        raise BadSiting(f"{name} must say yes or no for each {of}, {count} in all.")
    return mask


def _groups(one_per: ArrayLike | None, candidates: int) -> Whole:
    if one_per is None:
        return np.full(candidates, -1, dtype=np.int64)
    given = np.asarray(one_per)
    if given.shape != (candidates,) or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise BadSiting(f"one_per must hold one whole number for each candidate, {candidates} in all; −1 for no group.")
    return given.astype(np.int64)


def _rooms(at_most: int | Mapping[int, int], group: Whole) -> tuple[Whole, Whole]:
    """Return how many each group may have, and the group of each candidate; those without one get their own."""
    lone = group < 0
    names, known = np.unique(np.where(lone, -1, group), return_inverse=True)
    most = [at_most.get(int(name), 1) if isinstance(at_most, Mapping) else at_most for name in names]
    if any(not isinstance(one, int | np.integer) or one < 0 for one in most):
        raise BadSiting("at_most must be a whole number that is not negative, one for all groups or one for each.")
    rooms = np.r_[np.array(most, dtype=np.int64), np.ones(int(lone.sum()), dtype=np.int64)]
    known[lone] = len(names) + np.arange(int(lone.sum()))
    return rooms, known


def _spendable(budget: float, cost: Floats) -> float:
    """Return the budget as far as costs can use it: whole where they are, else with room for rounding of their sums."""
    return float(np.floor(budget)) if np.all(cost == np.rint(cost)) else budget * (1 + 1e-12)


def _unit(first: Floats, second: Floats) -> float:
    """Return a number that every worth is a multiple of, the largest where they are whole; 0 when none is found."""
    worths = np.concatenate([first, second])
    for parts in (1, 2, 4, 8, 16):
        scaled = worths * parts
        if float(np.sum(scaled)) < 2.0**52 and np.all(scaled == np.rint(scaled)):
            return float(np.gcd.reduce(scaled.astype(np.int64))) / parts if len(worths) else 0.0
    return 0.0
