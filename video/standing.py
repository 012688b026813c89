"""How found devices stand to the record: new, known, moved, changed, gone. Pure.

A device is told apart by its hardware first: MAC address, serial number, identity of WS-Discovery, or the code that it
bears as its name. What several addresses claim at once identifies nobody: makers give one serial number to whole
batches, and a proxy answers with one MAC address for a whole link.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.types import Standing
from video.discovery import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A camera of the record as far as it can be told apart, by the record or by what was found there before.

    `hosts` are IP addresses. One camera may stand here more than once.
    """

    camera_id: int
    code: str = ""
    hosts: frozenset[str] = frozenset()
    mac: str | None = None
    serial: str | None = None
    uuid: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A found device and how it stands; `changes` has what the record says and what the device says, by field."""

    found: Found
    known_by: str
    standing: Standing
    camera_id: int | None = None
    moved_from: str | None = None
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def compare(found: Sequence[Found], record: Iterable[Recorded]) -> list[Finding]:
    """Return how each found device stands to the record, in the order they were found."""
    index = _Index(record)
    return [_stands(one, index) for one in trusted(found)]


def gone(found: Iterable[Found], record: Iterable[Recorded], swept: Iterable[str]) -> list[Recorded]:
    """Return what the record has at addresses that were swept, and that answers there and elsewhere no more."""
    answered = list(found)
    here = {one.ip for one in answered}
    hardware = {key for one in answered for key in _hardware(one)}
    silent = set(swept) - here
    return [
        one for one in record if one.hosts & silent and not one.hosts & here and not hardware.intersection(_of(one))
    ]


def trusted(found: Sequence[Found]) -> list[Found]:
    """Return found devices without the hardware identities that more than one address claims."""
    claims = Counter(key for ip, key in {(one.ip, key) for one in found for key in _hardware(one)})
    return [_without(one, {key[0] for key in _hardware(one) if claims[key] > 1}) for one in found]


def known_by(found: Found) -> str:
    """Return the best a device is known by: its hardware where that is told, else its address."""
    best = next((key for key in _hardware(found) if key[0] != "code"), None)
    return ":".join(map(str, best)) if best else f"ip:{found.ip}"


def every_name(found: Found) -> list[str]:
    """Return everything a device is known by, in a fixed order: what was tried with one holds for all."""
    names = [":".join(map(str, key)) for key in _hardware(found) if key[0] != "code"]
    return sorted({*names, f"ip:{found.ip}"})


class _Index:
    """The record by hardware and by address."""

    def __init__(self, record: Iterable[Recorded]) -> None:
        self._by_hardware: defaultdict[Hashable, list[Recorded]] = defaultdict(list)
        self._by_host: defaultdict[str, list[Recorded]] = defaultdict(list)
        for one in record:
            for key in _of(one):
                self._by_hardware[key].append(one)
            for host in one.hosts:
                self._by_host[host].append(one)

    def same_hardware(self, found: Found) -> list[Recorded]:
        return [one for key in _hardware(found) for one in self._by_hardware[key]]

    def at(self, ip: str) -> list[Recorded]:
        return self._by_host[ip]


def _stands(found: Found, index: _Index) -> Finding:
    finding = Finding(found=found, known_by=known_by(found), standing=Standing.NEW)
    if found.is_outside:
        return replace(finding, standing=Standing.OUTSIDE)
    same, here = index.same_hardware(found), index.at(found.ip)
    at_home = [one for one in same if found.ip in one.hosts]
    if same and not at_home:
        elsewhere = same[0]
        moved_from = min(elsewhere.hosts, default=None)
        return replace(finding, standing=Standing.MOVED, camera_id=elsewhere.camera_id, moved_from=moved_from)
    strangers = [] if at_home else [one for one in here if _contradicts(found, one)]
    if not (at_home or here):
        return finding
    of = (strangers or at_home or here)[0]
    standing = Standing.CHANGED if strangers else Standing.KNOWN
    return replace(finding, standing=standing, camera_id=of.camera_id, changes=_changes(found, of))


def _contradicts(found: Found, recorded: Recorded) -> bool:
    pairs = ((found.mac, recorded.mac), (found.serial, recorded.serial), (found.uuid, recorded.uuid))
    told = [(theirs, ours) for theirs, ours in pairs if theirs and ours]
    if told:
        return all(theirs.casefold() != ours.casefold() for theirs, ours in told)
    return bool(found.model and recorded.model and found.model.casefold() != recorded.model.casefold())


def _changes(found: Found, recorded: Recorded) -> dict[str, tuple[str, str]]:
    names = ("mac", "serial", "vendor", "model", "firmware")
    pairs = {name: (getattr(recorded, name), getattr(found, name)) for name in names}
    return {
        name: (ours, theirs)
        for name, (ours, theirs) in pairs.items()
        if ours and theirs and ours.casefold() != theirs.casefold()
    }


def _hardware(found: Found) -> Iterator[tuple[str, str]]:
    return _keys(found.mac, found.serial, found.uuid, found.said_name or "")


def _of(recorded: Recorded) -> Iterator[tuple[str, str]]:
    return _keys(recorded.mac, recorded.serial, recorded.uuid, recorded.code)


def _keys(mac: str | None, serial: str | None, uuid: str | None, code: str) -> Iterator[tuple[str, str]]:
    if mac:
        yield "mac", mac.upper()
    # A serial number of few signs is a placeholder.
    if serial and len(serial) > 3 and len(set(serial)) > 2:
        yield "serial", serial.casefold()
    if uuid:
        yield "uuid", uuid.casefold()
    if len(code) == 20 and code.isascii() and code.isdigit():
        yield "code", code


def _without(found: Found, names: set[str]) -> Found:
    return replace(
        found,
        mac=None if "mac" in names else found.mac,
        serial=None if "serial" in names else found.serial,
        uuid=None if "uuid" in names else found.uuid,
        said_name=None if "code" in names else found.said_name,
    )
