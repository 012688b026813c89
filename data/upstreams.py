"""What devices share: the recorder, link, area or subnet a camera stands behind. Frozen values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import AddressValueError, IPv4Network
from itertools import pairwise

from data.types import OutageKind

# Cameras that hang on an upstream itself and on nothing narrower form this branch of it.
DIRECT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One thing that many devices stand behind; `key` is the recorder, the number of a link or area, or the subnet."""

    kind: OutageKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A part of an upstream: what hangs on it through the next narrower one, or directly."""

    upstream: Upstream
    via: str = DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A camera that is offline, or may be: `confirmed` says which. `outage_id` is the open outage it is in."""

    camera_id: int
    path: str
    since: datetime
    behind: tuple[Branch, ...]
    confirmed: bool = True
    outage_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOutage:
    """An outage that still lasts, and who is lost in it now."""

    outage_id: int
    upstream: Upstream
    opened_at: datetime
    members: frozenset[int]
    # How many were ever in it, and when the last one came back.
    ever: int
    came_back_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Cameras that are lost behind one upstream: a new outage, or more members of an open one.

    Outages in `absorbed` turned out to be parts of it.
    """

    upstream: Upstream
    lost: tuple[Lost, ...]
    outage_id: int | None = None
    absorbed: tuple[int, ...] = ()


# How many cameras that can be judged stand in each branch of each upstream.
Sizes = Mapping[Upstream, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """Where one camera hangs: its recorder, the links above it and the areas around it from narrow to wide."""

    recorder: str | None = None
    links: Sequence[str] = field(default_factory=tuple)
    areas: Sequence[str] = field(default_factory=tuple)
    ipv4: str | None = None


def branches(hanging: Hanging) -> tuple[Branch, ...]:
    """Return the branches of all upstreams a camera stands behind."""
    found = [Branch(upstream=Upstream(kind=OutageKind.RECORDER, key=hanging.recorder))] if hanging.recorder else []
    found += _chain(OutageKind.LINK, hanging.links)
    found += _chain(OutageKind.AREA, hanging.areas)
    found += _chain(OutageKind.CORRELATED, subnets(hanging.ipv4))
    return tuple(found)


def subnets(ipv4: str | None) -> tuple[str, ...]:
    """Return the subnet of 256 and the one of 65,536 addresses around an address; none for what is no address."""
    try:
        return tuple(str(IPv4Network((ipv4 or "", bits), strict=False)) for bits in (24, 16))
    except (AddressValueError, ValueError):
        return ()


def _chain(kind: OutageKind, keys: Sequence[str]) -> list[Branch]:
    if not keys:
        return []
    first = Branch(upstream=Upstream(kind=kind, key=keys[0]))
    return [first, *(Branch(upstream=Upstream(kind=kind, key=wide), via=narrow) for narrow, wide in pairwise(keys))]
