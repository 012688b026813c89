"""Which addresses may be contacted. Pure; asked where a socket is about to be opened, of the address it will go to.

A name is resolved first and the address it gave is what is asked about and connected to, so a name server that changes
its mind between two questions leads nowhere else. What devices report and where they redirect to goes the same way.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, collapse_addresses, ip_address, ip_network

from video.errors import NotAllowed

_IP = IPv4Address | IPv6Address
# First and last address of stretches that neither touch nor overlap, in order.
_Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Networks:
    """Stretches of addresses that may be contacted; made by `networks_of`. An empty one allows nothing."""

    v4: _Ranges = field(default=(), repr=False)
    v6: _Ranges = field(default=(), repr=False)

    def allows(self, ip: str) -> bool:
        """Return whether this address may be contacted; what is no IP address may not."""
        read = ip_of(ip)
        if read is None:
            return False
        ranges = self.v4 if read.version == 4 else self.v6
        at = bisect_right(ranges, int(read), key=_first)
        return at > 0 and int(read) <= ranges[at - 1][1]

    def admitted(self, ips: Iterable[str]) -> str:
        """Return the first of some addresses that may be contacted; raise NotAllowed when none may."""
        for ip in ips:
            if self.allows(ip):
                return ip
        raise NotAllowed("its address lies outside the allowed networks")


def networks_of(cidrs: Iterable[str]) -> Networks:
    """Return the networks of CIDR words such as 10.0.0.0/8 or fd00::/8; raise ValueError for what is none."""
    read = [ip_network(cidr) for cidr in cidrs]
    v4 = collapse_addresses(network for network in read if network.version == 4)
    v6 = collapse_addresses(network for network in read if network.version == 6)
    return Networks(
        tuple((int(one.network_address), int(one.broadcast_address)) for one in v4),
        tuple((int(one.network_address), int(one.broadcast_address)) for one in v6),
    )


# The same cameras are asked of every minute.
@lru_cache(maxsize=65_536)
def ip_of(host: str) -> _IP | None:
    """Return `host` as the address a connection to it would go to, or None when it is a name."""
    try:
        read = ip_address(host)
    except ValueError:
        return None
    # The kernel sends ::ffff:10.0.0.1 out as 10.0.0.1.
    return (read.ipv4_mapped or read) if isinstance(read, IPv6Address) else read


def _first(stretch: tuple[int, int]) -> int:
    return stretch[0]


# For a look that a person asked for at an address of their own writing; rounds and jobs never use it.
ANYWHERE = networks_of(["0.0.0.0/0", "::/0"])
