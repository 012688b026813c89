"""Records that may stand for one and the same device: one stream, one channel, one address, one MAC, one place. Pure.

Codes tell devices apart; this finds what codes cannot: a device entered twice under two codes. Devices behind one
recorder share its address, and cameras on one pole their place, so neither alone makes a twin.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import numpy as np
import shapely

WITHIN_M = 1.0
# Two cameras of one pole look at least this far apart; a record that says less is the same camera twice.
_SAME_BEARING_DEG = 15.0
_M_PER_DEGREE = 111_320.0
# Channels of one device, which share what the device has.
_SPLIT = 7


class Sameness(StrEnum):
    """What two records share."""

    STREAM = "stream"
    CHANNEL = "channel"
    ADDRESS = "address"
    MAC = "mac"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a device can be recognised by, beside its code. Degrees in WGS-84, bearing clockwise from north."""

    code: str
    name: str = ""
    rtsp_url: str | None = None
    recorder: str | None = None
    recorder_channel: int | None = None
    ipv4: str | None = None
    mac: str | None = None
    ptz_type: int | None = None
    bearing_deg: float | None = None
    lng: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Two records, by their position, that may be one device; `second` comes later and is the one to look at."""

    sameness: Sameness
    first: int
    second: int


def twins(devices: Sequence[Identity], *, within_m: float = WITHIN_M) -> list[Twin]:
    """Return for every record the first earlier one that it may repeat, for each thing they can share.

    The order is that of `second`, then of `Sameness`.
    """
    found = [*_places(devices, within_m)]
    for sameness, (key_of, fits) in _KEYS.items():
        found += _alike(devices, sameness, key_of, fits)
    order = list(Sameness)
    return sorted(found, key=lambda twin: (twin.second, order.index(twin.sameness)))


def _alike(
    devices: Sequence[Identity],
    sameness: Sameness,
    key_of: Callable[[Identity], Hashable],
    fits: Callable[[Identity, Identity], bool],
) -> Iterator[Twin]:
    groups: dict[Hashable, list[int]] = {}
    for at, device in enumerate(devices):
        key = key_of(device)
        if key is None:
            continue
        earlier = groups.setdefault(key, [])
        first = next((other for other in earlier if fits(devices[other], device)), None)
        if first is None:
            earlier.append(at)
        else:
            yield Twin(sameness=sameness, first=first, second=at)


def _places(devices: Sequence[Identity], within_m: float) -> Iterator[Twin]:
    placed = [at for at, device in enumerate(devices) if device.lng is not None and device.lat is not None]
    if len(placed) < 2:
        return
    lng = np.array([devices[at].lng for at in placed], np.float64)
    lat = np.array([devices[at].lat for at in placed], np.float64)
    # Metres near the equator of the county are wrong far from it, yet never by so much that metres become kilometres.
    points = shapely.points(lng * _M_PER_DEGREE * np.cos(np.radians(lat.mean())), lat * _M_PER_DEGREE)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=within_m)
    firsts: dict[int, int] = {}
    for first, second in sorted(zip(one[one < other].tolist(), other[one < other].tolist(), strict=True)):
        if second not in firsts and _look_alike(devices[placed[first]], devices[placed[second]]):
            firsts[second] = first
    for second, first in firsts.items():
        yield Twin(sameness=Sameness.PLACE, first=placed[first], second=placed[second])


def _look_alike(one: Identity, other: Identity) -> bool:
    """Say whether two devices at one place are of one kind and look the same way."""
    if one.ptz_type is not None and other.ptz_type is not None and one.ptz_type != other.ptz_type:
        return False
    if one.bearing_deg is None or other.bearing_deg is None:
        return one.bearing_deg is None and other.bearing_deg is None and not _differ(one, other)
    return abs((one.bearing_deg - other.bearing_deg + 180) % 360 - 180) < _SAME_BEARING_DEG


def _differ(one: Identity, other: Identity) -> bool:
    """Say whether streams or channels show that two devices are two."""
    streams = one.rtsp_url and other.rtsp_url and one.rtsp_url != other.rtsp_url
    channels = (one.recorder_channel, other.recorder_channel)
    return bool(streams) or (None not in channels and channels[0] != channels[1])


def _stream(device: Identity) -> Hashable:
    return device.rtsp_url or None


def _channel(device: Identity) -> Hashable:
    known = device.recorder and device.recorder_channel is not None
    return (device.recorder, device.recorder_channel) if known else None


def _address(device: Identity) -> Hashable:
    own = device.ipv4 and device.recorder_channel is None and device.ptz_type != _SPLIT
    return (device.ipv4, urlsplit(device.rtsp_url or "").port or 554) if own else None


def _mac(device: Identity) -> Hashable:
    return device.mac if device.mac and device.ptz_type != _SPLIT else None


def _always(_one: Identity, _other: Identity) -> bool:
    return True


def _one_card(one: Identity, other: Identity) -> bool:
    """Say whether a shared MAC is news: channels of one device share its address too, a copied number does not."""
    elsewhere = one.ipv4 and other.ipv4 and one.ipv4 != other.ipv4
    return bool(elsewhere) or not _differ(one, other)


def _not_two(one: Identity, other: Identity) -> bool:
    return not _differ(one, other)


_KEYS: dict[Sameness, tuple[Callable[[Identity], Hashable], Callable[[Identity, Identity], bool]]] = {
    Sameness.STREAM: (_stream, _always),
    Sameness.CHANNEL: (_channel, _always),
    Sameness.ADDRESS: (_address, _not_two),
    Sameness.MAC: (_mac, _one_card),
}
