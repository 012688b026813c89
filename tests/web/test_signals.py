"""A signed press becomes an alarm; anything else is refused and leaves nothing behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from data import alarms, buttons, db
from video.alarms import http
from web import signals

SECRET = "a secret of the device at the school gate"
PATH = "/api/v1/signals"


@pytest.fixture
def intake(committed: Path) -> Iterator[FlaskClient]:
    """Return a client of the intake, with one button in the database."""
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO buttons (code, name, heartbeat_s, geom)"
                " VALUES ('B1', '校门', 60, ST_SetSRID(ST_MakePoint(105, 30), 4326))"
            )
        )
        buttons.set_secret(session, "B1", SECRET)
    with signals.intake().test_client() as client:
        yield client


def headers(
    body: bytes, *, secret: str = SECRET, device: str = "B1", nonce: str = "n" * 16, late: timedelta = timedelta()
) -> dict[str, str]:
    at = datetime.now(UTC) - late
    return http.sign("POST", PATH, device=device, secret=secret, body=body, at=at, nonce=nonce).headers()


def count(table: str) -> int:
    with db.transaction() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


PRESS = json.dumps({"kind": "press"}).encode()


def test_a_signed_press_raises_an_alarm_and_tells_open_pages(intake: FlaskClient) -> None:
    answer = intake.post(PATH, data=PRESS, headers=headers(PRESS))

    assert answer.status_code == 200
    with db.transaction() as session:
        (alarm,) = alarms.open_alarms(session)
        kind, body = session.execute(text("SELECT kind, body FROM events")).one()
    assert (alarm["id"], alarm["state"], alarm["presses"]) == (answer.json["alarm"], "active", 1)
    assert (kind, body) == ("alarm", {"id": alarm["id"], "state": "active"})


def test_a_second_press_is_counted_on_the_open_alarm(intake: FlaskClient) -> None:
    for nonce in ("first-press-0000", "second-press-000"):
        nonce = nonce.replace("-", "0")
        assert intake.post(PATH, data=PRESS, headers=headers(PRESS, nonce=nonce)).status_code == 200

    with db.transaction() as session:
        (alarm,) = alarms.open_alarms(session)
        steps = session.execute(text("SELECT step FROM alarm_steps ORDER BY id")).scalars().all()
    assert alarm["presses"] == 2
    assert steps == ["raised", "pressed_again"]


def test_a_replayed_press_is_refused_and_raises_nothing(intake: FlaskClient) -> None:
    signed = headers(PRESS)
    intake.post(PATH, data=PRESS, headers=signed)
    again = intake.post(PATH, data=PRESS, headers=signed)

    assert again.status_code == 409
    assert "nonce" in again.json["detail"]
    assert count("signals") == 1
    with db.transaction() as session:
        assert alarms.open_alarms(session)[0]["presses"] == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"secret": "another"}, 403),
        ({"device": "B2"}, 403),
        ({"late": timedelta(seconds=50)}, 403),
        ({"late": timedelta(seconds=-30)}, 403),
    ],
    ids=["wrong secret", "unknown device", "too old", "too new"],
)
def test_a_signal_that_proves_nothing_leaves_nothing_behind(
    intake: FlaskClient, change: dict[str, object], status: int
) -> None:
    answer = intake.post(PATH, data=PRESS, headers=headers(PRESS, **change))

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert (count("signals"), count("alarms"), count("events")) == (0, 0, 0)


def test_a_wrong_secret_and_an_unknown_device_look_the_same(intake: FlaskClient) -> None:
    wrong = intake.post(PATH, data=PRESS, headers=headers(PRESS, secret="another"))
    unknown = intake.post(PATH, data=PRESS, headers=headers(PRESS, device="B2"))
    assert wrong.data == unknown.data


def test_an_unsigned_signal_is_told_what_to_send(intake: FlaskClient) -> None:
    answer = intake.post(PATH, data=PRESS)
    assert answer.status_code == 401
    assert "X-Signature" in answer.json["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"kind":"dance"}', b"\xff\xfe"])
def test_a_signed_body_that_says_nothing_known_is_refused(intake: FlaskClient, body: bytes) -> None:
    assert intake.post(PATH, data=body, headers=headers(body)).status_code == 400
    assert count("signals") == 0


def test_a_heartbeat_makes_the_button_online_until_two_are_missed(intake: FlaskClient) -> None:
    body = b'{"kind":"heartbeat"}'
    intake.post(PATH, data=body, headers=headers(body))

    with db.transaction() as session:
        (button,) = buttons.listing(session)
        held = session.execute(text("SELECT valid_until - heard_at FROM button_state")).scalar_one()
        assert session.execute(text("SELECT health FROM button_intervals")).scalars().all() == ["online"]
    assert button["health"] == "online"
    assert held == timedelta(seconds=132)
    assert count("alarms") == 0


def test_what_a_device_says_in_words_is_not_kept(intake: FlaskClient) -> None:
    body = json.dumps({"kind": "test", "battery": 81, "text": "13800138000"}).encode()
    intake.post(PATH, data=body, headers=headers(body))
    with db.transaction() as session:
        assert session.execute(text("SELECT body FROM signals")).scalar_one() == {"kind": "test", "battery": 81}
