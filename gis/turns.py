"""Directions as turns: quarter turns counter-clockwise from east, measured around a square instead of a circle.

They grow with the angle, need no trigonometry there and back, and are the same to the last bit for the same corner.
Half a turn is exactly 2, a full one 4. Directions up to 8 are those of a second time around.
"""

import math

from gis.compiled import part

FULL_TURN = 2 * math.pi


@part
def turn_of(x: float, y: float) -> float:
    """Return the turn from east to x, y, from 0 to 4."""
    if y >= 0:
        return y / (x + y) if x >= 0 else 1 - x / (y - x)
    return 2 + y / (x + y) if x < 0 else 3 + x / (x - y)


@part
def way_of(turn: float) -> tuple[float, float]:
    """Return x, y in the direction of a turn from 0 to 8, where |x| + |y| = 1."""
    whole = math.floor(turn)
    share, quarter = turn - whole, int(whole) & 3
    if quarter == 0:
        return 1 - share, share
    if quarter == 1:
        return -share, 1 - share
    if quarter == 2:
        return share - 1, -share
    return share, share - 1


@part
def radians_of(turn: float) -> float:
    """Return the angle from east of a turn from 0 to 8, up to two full circles."""
    x, y = way_of(turn)
    angle = math.atan2(y, x)
    if angle < 0:
        angle += FULL_TURN
    return angle + FULL_TURN * math.floor(turn / 4)
