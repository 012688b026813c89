"""How a route is asked for things of a town, for tests/web/asks.py and its parts.

`shows` says that the town's own administrator must find the town in the answer, so that a wrong question is noticed.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from tests.web.towns import Town


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request about things of `of`: parts of the path, the query, and what is sent."""

    parts: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] | None = None
    body: dict[str, Any] | None = None
    shows: bool = True


def quiet(**asked: Any) -> Ask:
    """Return a request whose answer never shows anything of a town, to anybody."""
    return Ask(**asked, shows=False)


def tile(of: Town, zoom: int = 14) -> dict[str, int]:
    """Return the tile that holds the town's camera."""
    across = 2**zoom
    lat = math.radians(29.22)
    x = int((of.west + 0.02 + 180) / 360 * across)
    return {"z": zoom, "x": x, "y": int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * across)}


def box(of: Town) -> str:
    return f"{of.west},29.2,{of.west + 0.1},29.3"


def camera(of: Town) -> dict[str, str]:
    return {"code": f"{of.code}011310001"}
