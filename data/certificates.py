"""HTTPS without an outside authority: a certificate authority of the installation's own, and the server's certificate.

Phones need a trusted page for location and offline work, so they are given the authority's certificate once. The
server's certificate is made again when the host's names change or its end is near; the authority's stays.
"""

import ipaddress
import itertools
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from data import settings
from data.errors import Refusal
from data.home import short_hash
from data.secrets import write_private

AUTHORITY_LASTS = timedelta(days=3650)
# Phones refuse server certificates that last longer than 825 days, some those over 398.
SERVER_LASTS = timedelta(days=397)
RENEW_BEFORE = timedelta(days=90)
# A phone whose clock is late must not find the certificate "not yet valid".
CLOCKS_MAY_BE_LATE = timedelta(days=1)


class CertificateError(Refusal):
    """The certificates cannot be made; the message says which name is wrong and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files of one installation: `authority` is for phones, `server` holds key and chain for the web server."""

    authority: Path
    authority_key: Path
    server: Path


def of_home(home: Path) -> Certificates:
    """Return where the certificates of `home` lie, whether they exist yet or not."""
    folder = home / "keys" / "tls"
    return Certificates(authority=folder / "ca.crt", authority_key=folder / "ca.key", server=folder / "server.pem")


def ensure(home: Path, hosts: Iterable[str], *, at: datetime) -> Certificates:
    """Make what is missing or near its end, so that HTTPS works for `hosts` (names and addresses)."""
    files = of_home(home)
    names = alternative_names(hosts)
    home.mkdir(exist_ok=True)
    for folder in (files.server.parent.parent, files.server.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not _lasts(files.authority, at + RENEW_BEFORE):
        _make_authority(files, home, at=at)
    if not _lasts(files.server, at + RENEW_BEFORE) or not _fits(files, names):
        _make_server(files, names, at=at)
    return files


def local_hosts(chosen: settings.Settings) -> list[str]:
    """Return the names and addresses this machine is reached by, with those of SHARPEYES_HOSTS and SHARPEYES_BIND."""
    name = socket.gethostname()
    found = ["localhost", "127.0.0.1", "::1", name, *_ipv4_addresses(), *_ipv6_addresses(), *chosen.hosts]
    if chosen.bind not in ("0.0.0.0", "::"):  # noqa: S104  compared, not bound
        found.append(chosen.bind)
    return list(dict.fromkeys(host for host in found if host))


def alternative_names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    """Return `hosts` as names of a certificate, in a fixed order; Chinese names are written in punycode.

    Raises CertificateError for what is neither a name nor an address.
    """
    return [_alternative_name(host) for host in sorted(set(hosts))]


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(_host_name(host))
    except (UnicodeError, ValueError):
        raise CertificateError(
            f"{host!r} is neither a host name nor an address. Write SHARPEYES_HOSTS like camera.example,10.1.2.3."
        ) from None


def _host_name(host: str) -> str:
    text = host.encode("idna").decode()
    if not text or not all(char.isalnum() or char in "-._*" for char in text):
        raise ValueError(host)
    return text


def _lasts(file: Path, until: datetime) -> bool:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc > until
    except (OSError, ValueError):
        return False


def _fits(files: Certificates, names: list[x509.GeneralName]) -> bool:
    server = x509.load_pem_x509_certificate(files.server.read_bytes())
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    known = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(known) == names and server.issuer == authority.subject


def _make_authority(files: Certificates, home: Path, *, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Sharp Eyes {short_hash(home)} {at:%Y-%m-%d}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key(), at=at, lasts=AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(files.authority_key, _key_bytes(key))
    write_private(files.authority, certificate.public_bytes(Encoding.PEM))


def _make_server(files: Certificates, names: list[x509.GeneralName], *, at: datetime) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    authority_key = load_pem_private_key(files.authority_key.read_bytes(), None)
    if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{files.authority_key} is not the key of this authority. Restore it from a backup.")
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(_name("Sharp Eyes"), authority.subject, key.public_key(), at=at, lasts=SERVER_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    # One file, so that key and certificate are replaced together.
    chain = certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    write_private(files.server, chain + _key_bytes(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCKS_MAY_BE_LATE)
        .not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _ipv4_addresses(table: Path = Path("/proc/net/fib_trie")) -> list[str]:
    """Return the addresses the kernel takes as its own, other than loopback."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return []
    own = (line.split()[-1] for line, below in itertools.pairwise(lines) if below.endswith("/32 host LOCAL"))
    return sorted({address for address in own if not address.startswith("127.")})


def _ipv6_addresses(table: Path = Path("/proc/net/if_inet6")) -> list[str]:
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return []
    found = (ipaddress.IPv6Address(bytes.fromhex(line.split()[0])) for line in lines)
    return sorted(str(address) for address in found if not address.is_link_local and not address.is_loopback)
