"""Networks whose devices may be contacted: entered by an administrator, asked by everything that opens a connection.

A fresh installation allows the private ranges and the machine itself, since a video network lies in them and nothing
of the Internet does. When all are removed, nothing is contacted.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data import secrets
from data.errors import Missing, Refusal, Taken
from data.looks import Credential

# What a password is encrypted for; the same words decrypt it.
NETWORK_PASSWORD = "network-password"  # noqa: S105  a purpose, no secret
# The widest that may be entered, and the widest that may be swept, in bits of the prefix by version of IP.
WIDEST = {4: 8, 6: 7}
WIDEST_SWEPT = {4: 16, 6: 112}
MOST_PORTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network as it was entered. An empty probe_site means every site; the password is never among this."""

    id: int = 0
    cidr: str = ""
    name: str = ""
    probe_site: str = ""
    sweep: bool = False
    rate_per_s: int = 20
    rtsp_ports: tuple[int, ...] = (554, 8554)
    onvif_ports: tuple[int, ...] = (80, 8080, 8000, 8899)
    username: str | None = None


_ASK = """
SELECT id, cidr::text AS cidr, name, probe_site, sweep, rate_per_s, rtsp_ports, onvif_ports, username FROM networks
"""


def networks(session: Session) -> list[Network]:
    """Return every network, those that may be swept first."""
    rows = session.execute(text(_ASK + " ORDER BY sweep DESC, networks.cidr, probe_site"))
    return [_read(row) for row in rows.mappings()]


def find(session: Session, network_id: int) -> Network:
    """Return one network. Raises Missing."""
    found = session.execute(text(_ASK + " WHERE id = :id"), {"id": network_id}).mappings().one_or_none()
    if found is None:
        raise Missing("There is no such network.")
    return _read(found)


def named(session: Session, words: str) -> Network:
    """Return the network of this name or CIDR. Raises Missing."""
    wanted = words.strip()
    for one in networks(session):
        if wanted in (one.name, one.cidr):
            return one
    raise Missing("There is no network %(name)s.", name=wanted)


def allowed(session: Session, probe_site: str) -> list[str]:
    """Return the CIDRs whose devices may be contacted from a probe site."""
    rows = session.execute(
        text("SELECT cidr::text FROM networks WHERE probe_site IN ('', :site)"), {"site": probe_site}
    )
    return list(rows.scalars())


def keep(session: Session, kept: Network, *, password: str = "", forget_login: bool = False) -> Network:
    """Write a network, a new one when its id is 0, and return it as it is kept; without a password the old one stays.

    Raises Refusal for what cannot be used and Taken for a network that is there.
    """
    checked = _checked(kept)
    values = asdict(checked) | {"rtsp_ports": list(checked.rtsp_ports), "onvif_ports": list(checked.onvif_ports)}
    twin = "SELECT 1 FROM networks WHERE cidr = CAST(:cidr AS cidr) AND probe_site = :probe_site AND id <> :id"
    if session.execute(text(twin), values).one_or_none():
        raise Taken("This network is there already.", field="cidr")
    values["id"] = session.execute(text(_ADD if kept.id == 0 else _CHANGE), values).scalar_one_or_none()
    if values["id"] is None:
        raise Missing("There is no such network.")
    _keep_login(session, values["id"], kept.username or "", password, forget=forget_login)
    return find(session, values["id"])


def remove(session: Session, network_id: int) -> None:
    """Forget a network; its devices are contacted no more."""
    session.execute(text("DELETE FROM networks WHERE id = :id"), {"id": network_id})


def credential_of(session: Session, network_id: int) -> Credential | None:
    """Return the login assigned to the devices of a network, or None; only the owner may ask."""
    row = session.execute(
        text("SELECT username, password_encrypted FROM networks WHERE id = :id AND username IS NOT NULL"),
        {"id": network_id},
    ).one_or_none()
    if row is None:
        return None
    password = secrets.decrypt(bytes(row.password_encrypted), purpose=NETWORK_PASSWORD)
    return Credential(user=row.username, password=password)


def _keep_login(session: Session, network_id: int, username: str, password: str, *, forget: bool) -> None:
    if forget:
        forgotten = "UPDATE networks SET username = NULL, password_encrypted = NULL WHERE id = :id"
        session.execute(text(forgotten), {"id": network_id})
    elif password:
        if not username:
            raise Refusal("A password needs the user it belongs to.", field="username")
        sealed = secrets.encrypt(password, purpose=NETWORK_PASSWORD)
        session.execute(
            text("UPDATE networks SET username = :user, password_encrypted = :sealed WHERE id = :id"),
            {"id": network_id, "user": username, "sealed": sealed},
        )
    elif username and find(session, network_id).username != username:
        raise Refusal("Another user needs a password of its own.", field="password")


def _checked(kept: Network) -> Network:
    if not kept.name:
        raise Refusal("A network needs a name.", field="name")
    if not 1 <= kept.rate_per_s <= 500:
        raise Refusal("The rate must lie from 1 to 500 connections a second.", field="rate_per_s")
    for ports in (kept.rtsp_ports, kept.onvif_ports):
        _check_ports(ports)
    cidr = _cidr(kept.cidr)
    if cidr.prefixlen < WIDEST[cidr.version]:
        raise Refusal("%(cidr)s is too wide: at most /%(bits)s.", field="cidr", cidr=cidr, bits=WIDEST[cidr.version])
    if kept.sweep and cidr.prefixlen < WIDEST_SWEPT[cidr.version]:
        raise Refusal(
            "%(cidr)s is too wide to be swept: at most /%(bits)s. Enter the parts of it that hold cameras.",
            field="sweep",
            cidr=cidr,
            bits=WIDEST_SWEPT[cidr.version],
        )
    return replace(kept, cidr=str(cidr))


def _cidr(written: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(written.strip())
    except ValueError:
        pass
    try:
        meant = ip_network(written.strip(), strict=False)
    except ValueError:
        raise Refusal("Write the network as 10.20.30.0/24.", field="cidr") from None
    raise Refusal("%(written)s is no network; do you mean %(meant)s?", field="cidr", written=written, meant=meant)


def _check_ports(ports: Sequence[int]) -> None:
    if len(ports) > MOST_PORTS or any(not 1 <= port <= 65_535 for port in ports):
        raise Refusal("Ports are numbers from 1 to 65535, at most %(most)s of them.", field="ports", most=MOST_PORTS)


def _read(row: RowMapping) -> Network:
    return Network(**{**row, "rtsp_ports": tuple(row["rtsp_ports"]), "onvif_ports": tuple(row["onvif_ports"])})


_ADD = (
    "INSERT INTO networks (cidr, name, probe_site, sweep, rate_per_s, rtsp_ports, onvif_ports)"
    " VALUES (CAST(:cidr AS cidr), :name, :probe_site, :sweep, :rate_per_s, :rtsp_ports, :onvif_ports) RETURNING id"
)
_CHANGE = (
    "UPDATE networks SET cidr = CAST(:cidr AS cidr), name = :name, probe_site = :probe_site, sweep = :sweep,"
    " rate_per_s = :rate_per_s, rtsp_ports = :rtsp_ports, onvif_ports = :onvif_ports WHERE id = :id RETURNING id"
)
