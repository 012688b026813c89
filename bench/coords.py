"""Coordinate conversion beside its peers: a loop over the printed formula, and pyproj on a projection of like cost."""

import itertools
import math
import time
from collections.abc import Callable

import numpy as np
from pyproj import Transformer

from gis.coords import convert

PLACES = 1_000_000
LOOP_PLACES = 20_000
METRES_A_DEGREE = 111_320.0


def gcj02_by_loop(lng: float, lat: float) -> tuple[float, float]:
    """Return GCJ-02 of one place, term by term as it is printed."""
    x, y, pi, sin = lng - 105.0, lat - 35.0, math.pi, math.sin
    wave = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = wave + 20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)
    north = north * 2 / 3 - 100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    east = wave + 20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    east = east * 2 / 3 + 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    a, ee, latitude = 6378245.0, 0.00669342162296594323, math.radians(lat)
    magic = 1 - ee * sin(latitude) ** 2
    lng += east * 180 / (a / math.sqrt(magic) * math.cos(latitude) * pi)
    return lng, lat + north * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)


def wgs84_by_loop(lng: float, lat: float) -> tuple[float, float]:
    """Return WGS-84 of one place by the same five rounds a careful peer would do."""
    x, y = lng, lat
    for _ in range(5):
        east, north = gcj02_by_loop(x, y)
        x, y = x - (east - lng), y - (north - lat)
    return x, y


def seconds(run: Callable[[], object]) -> float:
    """Return the shortest of three runs."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    """Print seconds for 1,000,000 places and the worst error of the round trips."""
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(73, 135, PLACES), rng.uniform(18, 53, PLACES)
    rows = []
    for chain in (
        ("wgs84", "gcj02", "wgs84"),
        ("wgs84", "bd09", "wgs84"),
        ("wgs84", "gcj02", "bd09", "gcj02", "wgs84"),
    ):
        x, y = there_and_back(lng, lat, chain)
        worst = max(float(np.abs(x - lng).max()), float(np.abs(y - lat).max())) * METRES_A_DEGREE * 1e6
        took = seconds(lambda chain=chain: there_and_back(lng, lat, chain))  # type: ignore[misc]
        rows.append((" → ".join(chain), took, f"{worst:.3f} µm"))
    pairs = list(zip(lng[:LOOP_PLACES].tolist(), lat[:LOOP_PLACES].tolist(), strict=True))
    loop = seconds(lambda: [wgs84_by_loop(*gcj02_by_loop(*pair)) for pair in pairs]) * PLACES / LOOP_PLACES
    rows.append((f"peer: a loop, wgs84 → gcj02 → wgs84 ({LOOP_PLACES:,} places, scaled)", loop, ""))
    there = Transformer.from_crs(4326, 4544, always_xy=True)
    east, north = there.transform(lng, lat)
    took = seconds(lambda: (there.transform(lng, lat), there.transform(east, north, direction="INVERSE")))
    rows.append(("peer: pyproj, EPSG:4326 → 4544 → 4326", took, ""))
    print(f"{PLACES:,} places, best of three")
    for name, took, note in rows:
        print(f"{took:9.3f} s  {took / rows[0][1]:7.2f} x  {name}  {note}")


def there_and_back(lng: np.ndarray, lat: np.ndarray, chain: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Convert through every system of `chain` in turn."""
    for source, target in itertools.pairwise(chain):
        lng, lat = convert(lng, lat, source=source, target=target)
    return lng, lat


if __name__ == "__main__":
    main()
