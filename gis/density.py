"""How densely things happened: a heat surface in metres, and counts that are shown only from k events on. Pure.

The surface is a binned kernel estimate with a Gaussian. Each event is shared between the four bins around it, which
keeps a single event within (bin / sigma)² / 5 + 0.1 % of the peak of the exact sum, so 1.4 % with bins of a quarter of
sigma; over many events the errors cancel. Arrays are [row, column] with row 0 in the north, like a picture; extents are
(west, south, east, north) in metres of a projected CRS.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

Floats: TypeAlias = NDArray[np.float64]
Extent: TypeAlias = tuple[float, float, float, float]
Key = TypeVar("Key", bound=Hashable)

# Fewer events than this in one cell and period could point at one household.
LEAST_SHOWN = 5
# Beyond four sigma a Gaussian holds 6 parts in 100,000 of its mass.
_REACH_SIGMAS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Generic[Key]):
    """Counts fit to be seen: None stands for fewer than `least`, zero included; `total` sums only what is seen."""

    counts: Mapping[Key, int | None]
    total: int
    hidden: int
    least: int


def heat(x_m: ArrayLike, y_m: ArrayLike, *, extent: Extent, cell_m: float, sigma_m: float) -> Floats:
    """Return events per square kilometre, smoothed by a Gaussian of `sigma_m`, in square bins of `cell_m`.

    The extent is widened to the east and south to whole bins. Events outside still count as far as their kernel
    reaches in, so tiles of one surface fit together. Raises ValueError for sizes or places that are no numbers.
    """
    if not (0 < cell_m < math.inf and 0 < sigma_m < math.inf):
        raise ValueError(f"Bins of {cell_m} m and a sigma of {sigma_m} m must both be above 0.")
    west, south, east, north = extent
    if not (west < east and south < north):
        raise ValueError(f"The extent {extent} is empty: west must be left of east and south below north.")
    rows, columns = math.ceil((north - south) / cell_m), math.ceil((east - west) / cell_m)
    border = math.ceil(_REACH_SIGMAS * sigma_m / cell_m) + 1
    counts = _binned(x_m, y_m, left=west - border * cell_m, top=north + border * cell_m, cell_m=cell_m,
                     shape=(rows + 2 * border, columns + 2 * border))  # fmt: skip
    smooth = ndimage.gaussian_filter(counts, _sigma_cells(sigma_m, cell_m), mode="constant", truncate=_REACH_SIGMAS)
    inner: Floats = smooth[border : border + rows, border : border + columns]
    return inner * (1e6 / cell_m**2)


def shown(counts: Mapping[Key, int], *, least: int = LEAST_SHOWN) -> Shown[Key]:
    """Return the counts of one period with those below `least` hidden, zero like one to four.

    The total leaves hidden cells out, or it would give a single one away by subtraction. Two periods of which one holds
    the other can still be subtracted; offer periods that do not overlap.
    """
    seen = {cell: count if count >= least else None for cell, count in counts.items()}
    total = sum(count for count in seen.values() if count is not None)
    return Shown(counts=seen, total=total, hidden=sum(count is None for count in seen.values()), least=least)


def masked(surface: Floats, cell_at: NDArray[np.intp], *, is_shown: ArrayLike) -> Floats:
    """Return a heat surface with NaN wherever it lies in a cell whose count is hidden, or in no cell.

    `cell_at` gives the position of the cell under each bin (-1: none), `is_shown` whether that cell may be seen.
    """
    seen = np.append(np.asarray(is_shown, dtype=np.bool_), False)
    return np.where(seen[cell_at], surface, np.nan)


def _binned(
    x_m: ArrayLike, y_m: ArrayLike, *, left: float, top: float, cell_m: float, shape: tuple[int, int]
) -> Floats:
    """Return events per bin, each shared between the four bin centres around it; those off the array are left out."""
    x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("Every event needs finite coordinates in metres; leave out those without a place.")
    across, down = (x - left) / cell_m - 0.5, (top - y) / cell_m - 0.5
    inside = (across >= 0) & (across < shape[1] - 1) & (down >= 0) & (down < shape[0] - 1)
    across, down = across[inside], down[inside]
    column, row = np.floor(across).astype(np.intp), np.floor(down).astype(np.intp)
    right, below = across - column, down - row
    flat, size = row * shape[1] + column, shape[0] * shape[1]
    bins = np.bincount(flat, (1 - right) * (1 - below), size) + np.bincount(flat + 1, right * (1 - below), size)
    flat += shape[1]
    bins += np.bincount(flat, (1 - right) * below, size) + np.bincount(flat + 1, right * below, size)
    return np.asarray(bins.reshape(shape), np.float64)


def _sigma_cells(sigma_m: float, cell_m: float) -> float:
    # Sharing between bins spreads an event by cell²/6 of variance on average; the filter adds only the rest.
    variance = (sigma_m / cell_m) ** 2 - 1.0 / 6.0
    return math.sqrt(max(variance, 1e-6))
