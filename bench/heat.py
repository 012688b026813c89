"""The heat surface of 1,000,000 events on 600 × 600 bins, beside an exact kernel sum and scipy's gaussian_kde."""

import time
from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree
from scipy.stats import gaussian_kde

from gis.density import heat

EVENTS, BINS, CELL_M, SIGMA_M = 1_000_000, 600, 50.0, 200.0
SPOTS, KDE_EVENTS = 200, 2_000


def seconds(run: Callable[[], object], *, times: int = 3) -> float:
    """Return the shortest of some runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    """Print the time of each way and how far the surface is off the exact sum."""
    rng = np.random.default_rng(1)
    side = BINS * CELL_M
    towns = rng.uniform(0.2 * side, 0.8 * side, (40, 2))
    places = towns[rng.integers(0, 40, EVENTS)] + rng.normal(0, 1_500, (EVENTS, 2))
    x, y = places.T
    run = lambda: heat(x, y, extent=(0, 0, side, side), cell_m=CELL_M, sigma_m=SIGMA_M)  # noqa: E731
    surface, took = run(), seconds(run)
    rows, columns = rng.integers(0, BINS, (2, SPOTS))
    spots = np.column_stack([(columns + 0.5) * CELL_M, side - (rows + 0.5) * CELL_M])
    started = time.perf_counter()
    exact = exact_at(spots, KDTree(places), places)
    each = (time.perf_counter() - started) / SPOTS
    off = np.abs(surface[rows, columns] - exact).max() / surface.max()
    kde = gaussian_kde(places[:KDE_EVENTS].T)
    scipy_each = seconds(lambda: kde(spots.T), times=1) / SPOTS * EVENTS / KDE_EVENTS
    print(f"{EVENTS:,} events, {BINS} × {BINS} bins of {CELL_M:.0f} m, sigma {SIGMA_M:.0f} m")
    print(f"{took:12.3f} s  {1:10.0f} x  heat; {off:.4%} of the peak off the exact sum at {SPOTS} bins")
    for name, peer in (("exact sum by KDTree", each), ("scipy gaussian_kde", scipy_each)):
        print(f"{peer * BINS**2:12.0f} s  {peer * BINS**2 / took:10.0f} x  peer: {name}, {SPOTS} bins scaled to all")


def exact_at(spots: np.ndarray, tree: KDTree, places: np.ndarray) -> np.ndarray:
    """Return the kernel sum at some places, over events within eight sigma."""
    sums = []
    for spot, near in zip(spots, tree.query_ball_point(spots, 8 * SIGMA_M), strict=True):
        squares = ((places[near] - spot) ** 2).sum(axis=1)
        sums.append(np.exp(-squares / (2 * SIGMA_M**2)).sum())
    return np.array(sums) / (2 * np.pi * SIGMA_M**2) * 1e6


if __name__ == "__main__":
    main()
