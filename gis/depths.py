"""How many views lie over each piece of the edges of an arrangement, and how much ground lies under how many.

Areas are sums over the pieces along which the number changes (Green's theorem): nothing is built, and ground that many
views share costs no more than other. Where edges run along each other every view is taken as a little larger than it
is, and the ground as a little smaller: so views that share an edge are one where they are united, and a view that ends
at a wall has no edge there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.arrangement import (
    AX,
    AY,
    BX,
    BY,
    CUT_X,
    CUT_Y,
    EAST,
    NORTH,
    OWNER,
    PLACE_X,
    PLACE_Y,
    SHARE,
    SOUTH,
    Arranged,
    Corners,
    Floats,
    Rows,
    arranged,
    band_of,
    ends_beside,
)
from gis.compiled import compiled, making, part

# What a piece bounds.
SEEN, NOW, UNSEEN, UNSEEN_NOW = 1, 2, 4, 8
SEEN_M2, TWICE_M2, NOW_M2 = range(3)
X0, Y0, X1, Y1 = range(4)


class Pieces(NamedTuple):
    """Pieces of edges that bound anything, in units of `unit_m` from `origin`: of which edge, and what it bounds.

    `ends` are measured from real corners; `places` say where a piece begins and ends, for one place may be measured in
    several ways. What is seen lies on the left of a piece. What is unseen lies on its right, or on its left if it is
    `of_ground`.
    """

    ends: Floats
    places: Rows
    edge: Rows
    bounds: NDArray[np.uint8]
    of_ground: NDArray[np.bool_]
    origin: Floats
    unit_m: float


class Depths(NamedTuple):
    """In m²: `areas` of the ground seen at all, by two, and now; what each view sees of it, and what it sees alone."""

    areas: Floats
    own: Floats
    alone: Floats
    pieces: Pieces


@compiled
def depths(frame: Corners, views: Corners, chosen: Rows, works: NDArray[np.bool_], bits: int) -> Depths:
    """Return how deep the chosen views lie over a ground; `works` tells of each of them whether it works now."""
    found = arranged(frame, views, chosen, bits)
    edges, room = found.edges, len(found.edges) + len(found.cuts)
    areas, own, alone = np.zeros(3), np.zeros(len(works)), np.zeros(len(works))
    ends, places = np.empty((room, 4)), np.empty((room, 4), dtype=np.int64)
    edge_of, bounds = np.empty(room, dtype=np.int64), np.zeros(room, dtype=np.uint8)
    wind, over = np.zeros(len(works) + 1, dtype=np.int64), np.empty(len(edges), dtype=np.int64)
    count = 0
    for edge in range(len(edges)):
        since = 0.0
        ends[count, X0], ends[count, Y0] = found.exact[edge, AX], found.exact[edge, AY]
        places[count, X0], places[count, Y0] = edges[edge, AX], edges[edge, AY]
        for cut in range(found.first[edge], found.first[edge + 1] + 1):
            until = _end(found, edge, cut, ends[count], places[count])
            is_kept = False
            if until > since:
                shapes = _over(found, edge, (since + until) / 2, wind, over)
                swept = _swept(ends[count], places[count])
                bounds[count] = _tally(edges[edge, OWNER], over, shapes, works, swept, areas, own, alone)
                edge_of[count], is_kept = edge, bounds[count] > 0
            if cut < found.first[edge + 1]:
                _begin_next(ends, places, count, count + is_kept)
            count += is_kept
            since = until
    of_ground = np.empty(count, dtype=np.bool_)
    for row in range(count):
        of_ground[row] = edges[edge_of[row], OWNER] == len(works)
    kept = ends[:count], places[:count], edge_of[:count], bounds[:count]
    pieces = Pieces(*kept, of_ground, found.origin, found.unit_m)
    for one in (areas, own, alone):
        _measured(one, found.unit_m)
    return Depths(areas, own, alone, pieces)


@part
def _end(found: Arranged, edge: int, cut: int, ends: Floats, places: Rows) -> float:
    """Write where the piece of an edge before a cut ends, or the last one; return after which share of the edge."""
    if cut < found.first[edge + 1]:
        ends[X1], ends[Y1] = found.cuts[cut, CUT_X], found.cuts[cut, CUT_Y]
        places[X1], places[Y1] = found.cuts[cut, PLACE_X], found.cuts[cut, PLACE_Y]
        share: float = found.cuts[cut, SHARE]
        return share
    ends[X1], ends[Y1] = found.exact[edge, BX], found.exact[edge, BY]
    places[X1], places[Y1] = found.edges[edge, BX], found.edges[edge, BY]
    return 1.0


@part
def _begin_next(ends: Floats, places: Rows, row: int, following: int) -> None:
    """Let a piece begin where another ends."""
    for axis in range(2):
        ends[following, X0 + axis] = ends[row, X1 + axis]
        places[following, X0 + axis] = places[row, X1 + axis]


@part
def _swept(ends: Floats, places: Rows) -> float:
    """Return the area a piece sweeps from the origin: from place to place, by way of its ends, so that all sum up."""
    half = (ends[X0] * ends[Y1] - ends[X1] * ends[Y0]) / 2
    half += (places[X0] * ends[Y0] - ends[X0] * places[Y0]) / 2
    half += (ends[X1] * places[Y1] - places[X1] * ends[Y1]) / 2
    return float(half)


@part
def _measured(areas: Floats, unit_m: float) -> None:
    for row in range(len(areas)):
        areas[row] *= unit_m * unit_m


@making
def _over(found: Arranged, edge: int, share: float, wind: Rows, over: Rows) -> int:
    """List in `over` the other shapes that hold a place on an edge; `wind` is 0 before and after."""
    edges = found.edges
    x = edges[edge, AX] + share * (edges[edge, BX] - edges[edge, AX])
    y = edges[edge, AY] + share * (edges[edge, BY] - edges[edge, AY])
    if y < found.low or y > found.high or x < 0:
        return 0
    band = band_of(y, found.low, found.high, len(found.starts) - 1)
    touched = 0
    for at in range(found.starts[band], found.starts[band + 1]):
        other = found.items[at]
        if min(edges[other, AX], edges[other, BX]) > x:
            break
        if edges[other, OWNER] == edges[edge, OWNER] or edges[other, SOUTH] > y:
            continue
        turns = _turns(edges, other, edge, len(wind) - 1, share, x, y)
        if turns != 0:
            wind[edges[other, OWNER]] += turns
            over[touched] = edges[other, OWNER]
            touched += 1
    shapes = 0
    for at in range(touched):
        owner = over[at]
        if wind[owner] > 0:
            over[shapes] = owner
            shapes += 1
        wind[owner] = 0
    return shapes


@part
def _turns(edges: Rows, other: int, edge: int, ground: int, share: float, x: float, y: float) -> int:
    """Return by how much an edge turns the ring it is of around a place on another: looking west, a little above it."""
    is_level = edges[other, SOUTH] == edges[other, NORTH]
    if is_level:
        if edges[edge, SOUTH] != edges[edge, NORTH] or y != edges[other, SOUTH] or x > edges[other, EAST]:
            return 0
    elif y >= edges[other, NORTH]:
        return 0
    is_up = edges[other, BX] > edges[other, AX] if is_level else edges[other, BY] > edges[other, AY]
    if edges[other, EAST] < x:
        return -1 if is_up else 1
    since, until = ends_beside(edges, other, edge)
    if since == 0 and until == 0:
        is_inside = _holds(edges, other, edge, ground)
        return (0 if is_inside else -1) if is_up else (1 if is_inside else 0)
    where = since + share * (until - since)
    if is_up:
        return -1 if where < 0 else 0
    return 1 if where > 0 else 0


@part
def _holds(edges: Rows, other: int, edge: int, ground: int) -> bool:
    """Whether the shape of an edge holds another edge on the same line: views are a little larger than they are.

    The lower its number, the larger is a view; the ground is a little smaller than it is.
    """
    dx, dy = edges[other, BX] - edges[other, AX], edges[other, BY] - edges[other, AY]
    is_along = dx * (edges[edge, BX] - edges[edge, AX]) + dy * (edges[edge, BY] - edges[edge, AY]) > 0
    if is_along:
        return bool(edges[other, OWNER] < edges[edge, OWNER])
    return bool(edges[other, OWNER] != ground and edges[edge, OWNER] != ground)


@part
def _tally(
    owner: int,
    over: Rows,
    shapes: int,
    works: NDArray[np.bool_],
    half: float,
    areas: Floats,
    own: Floats,
    alone: Floats,
) -> int:
    """Add a piece to every area it bounds, and return what it bounds; `half` is the area it sweeps."""
    ground = len(works)
    is_ground, working, views = owner == ground, 0, 0
    for at in range(shapes):
        if over[at] != ground:
            views += 1
            working += works[over[at]]
    if is_ground:
        return _tally_ground(over, shapes, working, half, areas, own, alone)
    if views == shapes:
        return 0
    own[owner] += half
    if views == 0:
        areas[SEEN_M2] += half
        alone[owner] += half
    elif views == 1:
        areas[TWICE_M2] += half
        alone[over[0] if over[0] != ground else over[1]] -= half
    bounds = SEEN | UNSEEN if views == 0 else 0
    if works[owner] and working == 0:
        areas[NOW_M2] += half
        bounds |= NOW | UNSEEN_NOW
    return bounds


@part
def _tally_ground(over: Rows, shapes: int, working: int, half: float, areas: Floats, own: Floats, alone: Floats) -> int:
    for at in range(shapes):
        own[over[at]] += half
    if shapes == 1:
        alone[over[0]] += half
    if shapes >= 1:
        areas[SEEN_M2] += half
    if shapes >= 2:
        areas[TWICE_M2] += half
    if working >= 1:
        areas[NOW_M2] += half
    return (SEEN if shapes else UNSEEN) | (NOW if working else UNSEEN_NOW)
