"""Networks are entered with care: what is too wide, malformed or there already is refused with a sentence."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import networks
from data.errors import Missing, Refusal, Taken
from data.looks import Credential
from data.networks import Network


def test_a_fresh_installation_allows_private_ranges_and_nothing_of_the_internet(session: Session) -> None:
    allowed = networks.allowed(session, "main")
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"} == set(allowed)
    assert not any(one.sweep for one in networks.networks(session))


def test_without_any_network_nothing_is_allowed(session: Session) -> None:
    for one in networks.networks(session):
        networks.remove(session, one.id)
    assert networks.allowed(session, "main") == []


def test_a_network_of_a_site_holds_for_looks_from_there_only(session: Session) -> None:
    networks.keep(session, Network(cidr="100.64.1.0/24", name="东", probe_site="east"))
    assert "100.64.1.0/24" in networks.allowed(session, "east")
    assert "100.64.1.0/24" not in networks.allowed(session, "main")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cidr": "10.1.2.3/24"}, "cidr"),
        ({"cidr": "ten"}, "cidr"),
        ({"cidr": "0.0.0.0/0"}, "cidr"),
        ({"cidr": "64.0.0.0/7"}, "cidr"),
        ({"cidr": "::/0"}, "cidr"),
        ({"name": ""}, "name"),
        ({"cidr": "100.64.0.0/15", "sweep": True}, "sweep"),
        ({"rate_per_s": 0}, "rate_per_s"),
        ({"rate_per_s": 501}, "rate_per_s"),
        ({"rtsp_ports": (0,)}, "ports"),
        ({"onvif_ports": tuple(range(1, 14))}, "ports"),
    ],
)
def test_a_network_that_cannot_be_used_is_refused(session: Session, change: dict[str, object], field: str) -> None:
    wanted = Network(**{"cidr": "100.64.0.0/24", "name": "x"} | change)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        networks.keep(session, wanted)
    assert refused.value.field == field


def test_a_network_is_entered_once(session: Session) -> None:
    with pytest.raises(Taken):
        networks.keep(session, Network(cidr="10.0.0.0/8", name="again"))


def test_a_network_that_went_away_is_missing(session: Session) -> None:
    with pytest.raises(Missing):
        networks.keep(session, Network(id=10**9, cidr="100.64.0.0/24", name="x"))


def test_the_password_is_sealed_kept_and_forgotten(session: Session) -> None:
    kept = networks.keep(session, Network(cidr="100.64.0.0/24", name="x", username="viewer"), password="right")
    sealed = session.execute(text("SELECT password_encrypted FROM networks WHERE id = :id"), {"id": kept.id}).scalar()
    assert b"right" not in bytes(sealed or b"")
    networks.keep(session, kept)
    assert networks.credential_of(session, kept.id) == Credential(user="viewer", password="right")
    assert "right" not in repr(kept)
    networks.keep(session, kept, forget_login=True)
    assert networks.credential_of(session, kept.id) is None


def test_another_user_needs_a_password_of_its_own(session: Session) -> None:
    kept = networks.keep(session, Network(cidr="100.64.0.0/24", name="x", username="viewer"), password="right")
    with pytest.raises(Refusal):
        networks.keep(session, Network(id=kept.id, cidr=kept.cidr, name="x", username="admin"))


def test_a_network_is_found_by_name_and_by_cidr(session: Session) -> None:
    kept = networks.keep(session, Network(cidr="100.64.0.0/24", name="西村"))
    assert networks.named(session, "西村") == networks.named(session, "100.64.0.0/24") == kept
    with pytest.raises(Missing):
        networks.named(session, "东村")
