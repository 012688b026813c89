"""spopt's MCLP with CBC; the rows that allow one camera a pole, which it does not know, are added."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pulp
from spopt.locate import MCLP

from bench.lib.siting_peers import answer


def solve(covers: Any, arrays: dict[str, Any], left_s: Callable[[], float]) -> dict[str, Any]:
    """Return what the model chooses; its value is a bound once CBC has proved it."""
    distance = np.ones(covers.shape[::-1], dtype=np.float32)
    distance[covers.T.nonzero()] = 0.0
    model = MCLP.from_cost_matrix(distance, arrays["weight"], service_radius=0.5, p_facilities=int(arrays["budget"]))
    for pole in range(int(arrays["pole"].max()) + 1):
        rows = np.flatnonzero(arrays["pole"] == pole)
        if len(rows) > 1:
            model.problem += pulp.lpSum(model.fac_vars[row] for row in rows) <= 1
    left = left_s()
    if left <= 0:
        return {"failed": "its model was not built in time"}
    model.problem.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=left))
    values = [variable.value() for variable in model.fac_vars]
    if any(value is None for value in values):
        return {"failed": "no answer"}
    found: dict[str, Any] = {"chosen": [row for row, value in enumerate(values) if value > 0.5]}
    if model.problem.sol_status == pulp.constants.LpSolutionOptimal and left_s() > 0:
        found["bound"] = float(pulp.value(model.problem.objective))
    return found


if __name__ == "__main__":
    answer(solve)
