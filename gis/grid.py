"""Find boxes by place: a hashed grid of squares in levels, each level's squares four times as wide as those before.

A box lies in one square only, the one that holds its middle, on the first level whose squares are as wide as it is.
So a box reaches at most half a square beyond its own, memory grows with the boxes and not with the land they lie on,
and one as large as a province harms nobody. Only blocks of 4 × 4 squares are hashed, so what is near on the ground is
near in memory.
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
# Blocks are 4 squares wide.
_SHIFT, _WITHIN, _SQUARES = 2, 3, 16
_SPREAD = -7046029254386353131  # the golden ratio, as a signed 64-bit number
_FREE = -1


class Grid(NamedTuple):
    """Boxes by square: those of square k are rows starts[k] to starts[k + 1] of `rows`.

    Block b has the squares 16 · b to 16 · b + 15. `slots` is the hash table of (key of a block, block); `used` tells
    which levels hold anything.
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
def _key_of(level: int, column: int, row: int) -> int:
    """Return the key of the block of a square."""
    return (level << 58) | (((column + _OFFSET) >> _SHIFT) << 29) | ((row + _OFFSET) >> _SHIFT)


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
def _within(column: int, row: int) -> int:
    """Return which square of its block a square is."""
    return ((row & _WITHIN) << _SHIFT) | (column & _WITHIN)


@part
def square_at(slots: Rows, level: int, column: int, row: int) -> int:
    """Return the number of a square, or -1 if nothing lies in its block."""
    slot = _slot_of(slots, _key_of(level, column, row))
    return slots[slot, 1] * _SQUARES + _within(column, row) if slots[slot, 0] != _FREE else -1


@making
def _twice(slots: Rows) -> Rows:
    larger = np.full((len(slots) * 2, 2), _FREE, dtype=np.int64)
    for slot in range(len(slots)):
        if slots[slot, 0] != _FREE:
            new = _slot_of(larger, slots[slot, 0])
            larger[new, 0], larger[new, 1] = slots[slot, 0], slots[slot, 1]
    return larger


@part
def _square_of_box(x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int]:
    """Return level, column and row of the square of a box."""
    size, wide, level = max(abs(x1 - x0), abs(y1 - y0)), SQUARE_M, 0
    while size > wide:
        wide *= 4
        level += 1
    return level, math.floor((x0 + x1) / 2 / wide), math.floor((y0 + y1) / 2 / wide)


@compiled
def grid_of(boxes: Floats) -> Grid:
    """Return a grid of boxes, an (n, 4) array of two opposite corners each, in metres within FARTHEST_M of zero."""
    slots = np.full((1024, 2), _FREE, dtype=np.int64)
    square = np.empty(len(boxes), dtype=np.int64)
    used = np.zeros(LEVELS, dtype=np.bool_)
    blocks, last, here = 0, -1, 0
    for box in range(len(boxes)):
        level, column, row = _square_of_box(boxes[box, 0], boxes[box, 1], boxes[box, 2], boxes[box, 3])
        key = _key_of(level, column, row)
        # Neighbours in a file are neighbours on the ground: often the block is the one before.
        if key != last:
            slot, last = _slot_of(slots, key), key
            if slots[slot, 0] == _FREE:
                slots[slot, 0], slots[slot, 1] = key, blocks
                blocks += 1
                used[level] = True
            here = slots[slot, 1]
            if blocks * 2 > len(slots):
                slots = _twice(slots)
        square[box] = here * _SQUARES + _within(column, row)
    starts, rows = _sorted(square, blocks * _SQUARES)
    return Grid(slots, starts, rows, used)


@making
def _sorted(square: Rows, squares: int) -> tuple[Rows, Rows]:
    """Return where the boxes of every square begin, and the boxes by square."""
    starts, rows = np.zeros(squares + 1, dtype=np.int64), np.empty(len(square), dtype=np.int64)
    for box in range(len(square)):
        starts[square[box] + 1] += 1
    for number in range(squares):
        starts[number + 1] += starts[number]
    at = starts[:-1].copy()
    for box in range(len(square)):
        rows[at[square[box]]] = box
        at[square[box]] += 1
    return starts, rows
