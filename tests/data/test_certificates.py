"""A client that trusts the installation's authority reaches the server by every name, and nobody else's."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from data import certificates, settings

NOW = datetime.now(UTC)
HOSTS = ("localhost", "127.0.0.1", "控制室.example", "10.1.2.3", "fd00::1")


def ensure(home: Path, *hosts: str, at: datetime = NOW) -> certificates.Certificates:
    return certificates.ensure(home, hosts or HOSTS, at=at)


def handshake(served: certificates.Certificates, *, trusting: Path, as_host: str) -> str:
    """Return the TLS version a client agrees on that trusts `trusting` and calls the server `as_host`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.server)
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=_answer, args=(context, ours))
    server.start()
    try:
        with ssl.create_default_context(cafile=trusting).wrap_socket(theirs, server_hostname=as_host) as client:
            return client.version() or ""
    finally:
        theirs.close()
        server.join()


def _answer(context: ssl.SSLContext, ours: socket.socket) -> None:
    try:
        context.wrap_socket(ours, server_side=True).close()
    except (ssl.SSLError, OSError):
        ours.close()


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_that_trusts_the_authority_reaches_the_server_by_each_name(host: str, tmp_path: Path) -> None:
    files = ensure(tmp_path)
    assert handshake(files, trusting=files.authority, as_host=host) == "TLSv1.3"


def test_a_name_that_is_not_ours_is_refused_by_the_client(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(files, trusting=files.authority, as_host="elsewhere.example")


def test_a_client_that_trusts_another_installation_is_not_fooled(tmp_path: Path) -> None:
    mine, other = ensure(tmp_path / "mine"), ensure(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(mine, trusting=other.authority, as_host="localhost")


def test_a_second_start_changes_no_file(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    before = [path.read_bytes() for path in (files.authority, files.authority_key, files.server)]
    ensure(tmp_path, *reversed(HOSTS), at=NOW + timedelta(days=100))
    assert before == [path.read_bytes() for path in (files.authority, files.authority_key, files.server)]


@pytest.mark.parametrize(
    ("hosts", "later"),
    [((*HOSTS, "10.9.9.9"), timedelta()), (HOSTS, certificates.SERVER_LASTS - timedelta(days=89))],
    ids=["a new address", "the end is near"],
)
def test_the_server_gets_a_new_certificate_under_the_same_authority(
    hosts: tuple[str, ...], later: timedelta, tmp_path: Path
) -> None:
    files = ensure(tmp_path)
    authority, server = files.authority.read_bytes(), files.server.read_bytes()
    ensure(tmp_path, *hosts, at=NOW + later)
    assert files.authority.read_bytes() == authority
    assert files.server.read_bytes() != server


def test_an_authority_near_its_end_is_replaced_with_all_it_signed(tmp_path: Path) -> None:
    files = ensure(tmp_path, at=NOW - certificates.AUTHORITY_LASTS + timedelta(days=10))
    authority = files.authority.read_bytes()
    ensure(tmp_path)
    assert files.authority.read_bytes() != authority
    assert handshake(files, trusting=files.authority, as_host="localhost") == "TLSv1.3"


def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    private = (files.authority_key, files.server, tmp_path / "keys", tmp_path / "keys" / "tls")
    assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600, 0o700, 0o700]
    assert b"PRIVATE" not in files.authority.read_bytes()


def test_phones_accept_how_long_the_certificate_lasts(tmp_path: Path) -> None:
    server = x509.load_pem_x509_certificate(ensure(tmp_path).server.read_bytes())
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=398)
    assert server.not_valid_before_utc <= NOW - timedelta(hours=12)


@pytest.mark.parametrize("host", ["two words", "http://camera", "a" * 70, "", "x..y"])
def test_a_wrong_name_is_refused_with_advice_before_a_file_is_made(host: str, tmp_path: Path) -> None:
    with pytest.raises(certificates.CertificateError, match="SHARPEYES_HOSTS"):
        ensure(tmp_path, "localhost", host)
    assert not list(tmp_path.iterdir())


def test_a_half_written_certificate_is_made_again(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    files.server.write_text("-----BEGIN CERT")
    ensure(tmp_path)
    assert handshake(files, trusting=files.authority, as_host="localhost") == "TLSv1.3"


def test_the_hosts_of_this_machine_include_what_the_administrator_added() -> None:
    chosen = settings.read(
        {"SHARPEYES_HOSTS": "wall.example, 10.1.2.3", "SHARPEYES_BIND": "10.0.0.7"}, code_folder=Path()
    )
    hosts = certificates.local_hosts(chosen)
    assert {"localhost", "127.0.0.1", "wall.example", "10.1.2.3", "10.0.0.7", socket.gethostname()} <= set(hosts)
    assert certificates.alternative_names(hosts)
