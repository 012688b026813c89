"""Between rows of the database and what sweeps speak of: networks, the record, found devices. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from data.networks import Network
from video.address import read_address
from video.discovery import Found, KnownPorts, Strip
from video.errors import BadAddress
from video.networks import ip_of
from video.standing import Finding, Recorded

Row = Mapping[str, Any]
_NAMES = frozenset(one.name for one in fields(Found))
# The usual port of a web address without one.
_WEB_PORTS = {"http": 80, "https": 443}


def strip_of(network: Network, known: Mapping[str, KnownPorts]) -> Strip:
    """Return what to sweep of a network, with the ports that the record knows there."""
    inside = ip_network(network.cidr)
    return Strip(
        cidr=network.cidr,
        network_id=network.id,
        rate_per_s=network.rate_per_s,
        rtsp_ports=network.rtsp_ports,
        onvif_ports=network.onvif_ports,
        known={ip: ports for ip, ports in known.items() if ip_address(ip) in inside},
    )


def recorded_of(row: Row) -> Recorded:
    """Return a camera of the record as a sweep tells it apart."""
    hosts = {host for host, _ in (*_rtsp(row), *_onvif(row))}
    hosts |= {str(ip) for name in ("ipv4", "ipv6") if row[name] and (ip := ip_of(row[name]))}
    told = {name: row[name] for name in ("code", "mac", "serial", "uuid", "vendor", "model", "firmware")}
    return Recorded(camera_id=row["id"], hosts=frozenset(hosts), **told)


def known_ports(rows: Iterable[Row]) -> dict[str, KnownPorts]:
    """Return the ports that the record has for addresses, by address."""
    rtsp: defaultdict[str, set[int]] = defaultdict(set)
    onvif: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        for host, port in _rtsp(row):
            rtsp[host].add(port)
        for host, port in _onvif(row):
            onvif[host].add(port)
    return {host: KnownPorts(tuple(sorted(rtsp[host])), tuple(sorted(onvif[host]))) for host in {*rtsp, *onvif}}


def found_of(row: Row) -> Found:
    """Return a found device as it was kept."""
    kept = {name: row[name] for name in _NAMES if name in row}
    return Found(**kept | {"is_outside": row["standing"] == "outside"})


def row_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is kept."""
    return asdict(finding.found) | {
        "known_by": finding.known_by,
        "standing": finding.standing,
        "camera_id": finding.camera_id,
        "moved_from": finding.moved_from,
        "changes": finding.changes,
    }


def _rtsp(row: Row) -> list[tuple[str, int]]:
    with suppress(BadAddress):
        address = read_address(row["rtsp_url"] or "")
        if ip := ip_of(address.host):
            return [(str(ip), address.port)]
    return []


def _onvif(row: Row) -> list[tuple[str, int]]:
    with suppress(ValueError):
        parts = urlsplit(row["onvif_url"] or "")
        if parts.hostname and (ip := ip_of(parts.hostname)):
            return [(str(ip), parts.port or _WEB_PORTS.get(parts.scheme, 80))]
    return []
