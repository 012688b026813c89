"""HiGHS on the plain program of siting: a column for each candidate and point, a row for each point and pole."""

import sys
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from bench.lib.siting_peers import answer


def program(covers: Any, arrays: dict[str, Any]) -> highspy.HighsLp:
    """Return the program: most weight of points, each up to the candidates chosen that see it."""
    candidates, points = covers.shape
    pole = arrays["pole"]
    poles = sparse.csr_array((np.ones(candidates), (pole, np.arange(candidates))))
    rows = sparse.block_array(
        [
            [-covers.T, sparse.eye_array(points)],
            [poles, None],
            [sparse.csr_array(np.ones((1, candidates))), None],
        ],
        format="csr",
    )
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = rows.shape[1], rows.shape[0]
    made.sense_ = highspy.ObjSense.kMaximize
    made.col_cost_ = np.concatenate([np.zeros(candidates), arrays["weight"]])
    made.col_lower_, made.col_upper_ = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    made.row_lower_ = np.full(rows.shape[0], -highspy.kHighsInf)
    made.row_upper_ = np.concatenate([np.zeros(points), np.ones(poles.shape[0]), [int(arrays["budget"])]])
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    made.integrality_ = [whole] * candidates + [real] * points
    made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    made.a_matrix_.start_, made.a_matrix_.index_ = rows.indptr, rows.indices
    made.a_matrix_.value_ = rows.data
    return made


def solve(covers: Any, arrays: dict[str, Any], left_s: Callable[[], float]) -> dict[str, Any]:
    """Return what HiGHS chooses, and its bound."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    if sys.argv[3:] == ["ipm"]:
        solver.setOptionValue("mip_lp_solver", "ipm")
    solver.passModel(program(covers, arrays))
    solver.setOptionValue("time_limit", max(0.01, left_s()))
    solver.run()
    info = solver.getInfo()
    found: dict[str, Any] = {"bound": float(info.mip_dual_bound)}
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.asarray(solver.getSolution().col_value[: covers.shape[0]])
        found["chosen"] = np.flatnonzero(values > 0.5).tolist()
    return found


if __name__ == "__main__":
    answer(solve)
