"""Find boxes by place: a hashed grid of squares in levels, each level's squares four times as wide as those before.

A box lies in one square only, the one that holds its middle, on the first level whose squares are as wide as it is.
So a box reaches at most half a square beyond its own, memory grows with the boxes and not with the land they lie on,
and one as large as a province harms nobody.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, making, part

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SQUARE_M = 16.0
LEVELS = 16
# No projected CRS of metres has places further out.
FARTHEST_M = 1e9
_OFFSET = 1 << 28
_SPREAD = -7046029254386353131  # the golden ratio, as a signed 64-bit number
_FREE = -1


class Grid(NamedTuple):
    """Boxes by square: those of square k are rows starts[k] to starts[k + 1] of `rows`.

    `slots` is the hash table of (key, square); `used` tells which levels hold anything.
    """

    slots: Rows
    starts: Rows
    rows: Rows
    used: NDArray[np.bool_]


@part
def wide_m(level: int) -> float:
    """Return the width of the squares of a level."""
    return SQUARE_M * 4.0**level


@part
def key_of(level: int, column: int, row: int) -> int:
    """Return the key of a square."""
    return (level << 58) | ((column + _OFFSET) << 29) | (row + _OFFSET)


@part
def _slot_of(slots: Rows, key: int) -> int:
    """Return the slot that holds a key, or the free one it would go to."""
    mixed = key * _SPREAD
    mixed ^= mixed >> 29
    slot = mixed & (len(slots) - 1)
    while slots[slot, 0] != key and slots[slot, 0] != _FREE:
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@part
def square_at(slots: Rows, level: int, column: int, row: int) -> int:
    """Return the number of a square, or -1 if nothing lies in it."""
    slot = _slot_of(slots, key_of(level, column, row))
    return slots[slot, 1] if slots[slot, 0] != _FREE else -1


@making
def _twice(slots: Rows) -> Rows:
    larger = np.full((len(slots) * 2, 2), _FREE, dtype=np.int64)
    for slot in range(len(slots)):
        if slots[slot, 0] != _FREE:
            new = _slot_of(larger, slots[slot, 0])
            larger[new, 0], larger[new, 1] = slots[slot, 0], slots[slot, 1]
    return larger


@part
def _key_of_box(x0: float, y0: float, x1: float, y1: float) -> int:
    size, wide, level = max(abs(x1 - x0), abs(y1 - y0)), SQUARE_M, 0
    while size > wide:
        wide *= 4
        level += 1
    return key_of(level, math.floor((x0 + x1) / 2 / wide), math.floor((y0 + y1) / 2 / wide))


@compiled
def grid_of(boxes: Floats) -> Grid:
    """Return a grid of boxes, an (n, 4) array of two opposite corners each, in metres within FARTHEST_M of zero."""
    slots = np.full((1024, 2), _FREE, dtype=np.int64)
    square = np.empty(len(boxes), dtype=np.int32)
    counts = np.zeros(len(boxes) + 1, dtype=np.int64)
    used = np.zeros(LEVELS, dtype=np.bool_)
    squares, last, here = 0, -1, 0
    for box in range(len(boxes)):
        key = _key_of_box(boxes[box, 0], boxes[box, 1], boxes[box, 2], boxes[box, 3])
        # Neighbours in a file are neighbours on the ground: often the square is the one before.
        if key != last:
            slot, last = _slot_of(slots, key), key
            if slots[slot, 0] == _FREE:
                slots[slot, 0], slots[slot, 1] = key, squares
                squares += 1
                used[key >> 58] = True
            here = slots[slot, 1]
            if squares * 2 > len(slots):
                slots = _twice(slots)
        square[box] = here
        counts[here] += 1
    starts, rows = _sorted(square, counts[:squares])
    return Grid(slots, starts, rows, used)


@making
def _sorted(square: NDArray[np.int32], counts: Rows) -> tuple[Rows, Rows]:
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    for number in range(len(counts)):
        starts[number + 1] = starts[number] + counts[number]
    at, rows = starts.copy(), np.empty(len(square), dtype=np.int64)
    for box in range(len(square)):
        rows[at[square[box]]] = box
        at[square[box]] += 1
    return starts, rows
