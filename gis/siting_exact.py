"""What is still open, handed to HiGHS as a mixed-integer program with a good start."""

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gis.siting_bound import outward
from gis.siting_kernels import Floats
from gis.siting_problem import Problem, merged
from gis.siting_search import Clock

# HiGHS keeps rows and integers to this; its bound is moved outward by the same share.
TOLERANCE = 1e-6
# It asks for the time between steps only, and the longest ones grow with the program.
_ENTRIES_BEFORE_IT_LOOKS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The numbers of the chosen candidates (None without any), and the bound, base included."""

    numbers: NDArray[np.intp] | None
    bound: float


def solve(problem: Problem, *, start: NDArray[np.intp], clock: Clock, seed: int) -> Solved:
    """Solve what is open from a start (row numbers), as far as the clock permits."""
    small = merged(problem)
    clock = Clock(ends=clock.ends - size(small) / _ENTRIES_BEFORE_IT_LOOKS, is_cancelled=clock.is_cancelled)
    if not len(small.number):
        return Solved(numbers=small.sure, bound=small.base)
    solver = _loaded(small, clock, seed)
    rows = np.flatnonzero(np.isin(small.number, problem.number[start]))
    solver.setSolution(len(small.number), np.arange(len(small.number), dtype=np.int32), _flags(small, rows))
    solver.run()
    reached = solver.getInfo()
    bound = reached.mip_dual_bound if math.isfinite(reached.mip_dual_bound) else math.inf
    found = None
    if reached.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        taken = np.asarray(solver.getSolution().col_value[: len(small.number)]) > 0.5
        found = np.concatenate([small.sure, small.number[taken]])
    return Solved(numbers=found, bound=outward(small, bound + TOLERANCE * (small.total - small.base)))


def size(problem: Problem) -> int:
    """Return how many entries the program would have."""
    return len(problem.at.demand) + 2 * len(problem.number)


def _flags(problem: Problem, rows: NDArray[np.intp]) -> Floats:
    flags = np.zeros(len(problem.number))
    flags[rows] = 1.0
    return flags


def _loaded(problem: Problem, clock: Clock, seed: int) -> Any:
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    unit = problem.unit
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "time_limit": max(0.01, clock.left_s),
        "random_seed": seed % 2**31,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": unit * 0.9 if unit > 0 else 1e-9,
        "mip_lp_solver": "ipm",
        "threads": 1,
    }
    for name, setting in options.items():
        solver.setOptionValue(name, setting)
    solver.passModel(_program(problem))
    for event in (solver.cbMipInterrupt, solver.cbIpmInterrupt, solver.cbSimplexInterrupt):
        event.subscribe(lambda event: event.interrupt() if clock.is_over else None)
    return solver


def _program(problem: Problem) -> highspy.HighsLp:
    """Return: most worth of covers, each up to what the chosen give, chosen within their groups and the budget."""
    at, candidates, demand = problem.at, len(problem.number), len(problem.at.first)
    twice = np.flatnonzero(at.second > 0)
    tight = np.flatnonzero(np.diff(at.group_start) > at.at_most)
    crowd = sparse.csr_array(
        (np.ones(candidates), (at.group_of, np.arange(candidates))), shape=(len(at.at_most), candidates)
    )[tight]
    second = sparse.csr_array((np.ones(len(twice)), (twice, np.arange(len(twice)))), shape=(demand, len(twice)))
    covers = [-problem.matrix.T.astype(np.float64), sparse.eye_array(demand), second]
    spent = sparse.csr_array(at.cost[None, :])
    rows = sparse.block_array(
        [covers, [crowd, None, None], [spent, None, None]] if len(tight) else [covers, [spent, None, None]],
        format="csr",
    )
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = rows.shape[1], rows.shape[0]
    program.sense_ = highspy.ObjSense.kMaximize
    program.offset_ = problem.base
    program.col_cost_ = np.concatenate([np.zeros(candidates), at.first, at.second[twice]])
    program.col_lower_, program.col_upper_ = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    program.row_lower_ = np.full(rows.shape[0], -highspy.kHighsInf)
    program.row_upper_ = np.concatenate([np.zeros(demand), at.at_most[tight], [problem.budget]])
    program.integrality_ = [highspy.HighsVarType.kInteger] * candidates + [highspy.HighsVarType.kContinuous] * (
        demand + len(twice)
    )
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_ = rows.indptr, rows.indices
    program.a_matrix_.value_ = rows.data
    return program
