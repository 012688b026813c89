"""What the peers of siting share: an instance from a file, a limit, and the answer as one line of JSON.

Needs nothing of this project, so that a peer may run in an environment of its own: `python -m bench.lib.siting_highs
INSTANCE.npz SECONDS [plain|ipm]`. Time counts from the arrays in memory to the answer; the solver is given what
building its model has left.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

# A model that needs more would stop the whole machine.
MOST_BYTES = 12 * 2**30

Solve = Callable[[Any, dict[str, Any], Callable[[], float]], dict[str, Any]]


def answer(solve: Solve) -> None:
    """Let a peer solve the instance named on the command line, and print what it found."""
    file, limit = sys.argv[1], float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    with np.load(file) as held:
        arrays = {name: held[name] for name in held.files}
    shape = (len(arrays["indptr"]) - 1, len(arrays["weight"]))
    flags = np.ones(len(arrays["indices"]))
    covers = sparse.csr_array((flags, arrays["indices"], arrays["indptr"]), shape=shape)
    began = time.monotonic()
    try:
        found = solve(covers, arrays, lambda: limit - (time.monotonic() - began))
    except MemoryError as error:
        found = {"failed": f"memory: {error}"}
    print(json.dumps({"seconds": time.monotonic() - began, **found}))
