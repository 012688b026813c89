"""A thousand cameras with a wrong password in their record, several rounds, the real database.

A camera counts every request that brought credentials it does not take, over RTSP and ONVIF alike, and locks its
account after the third: exactly one such request each means one attempt, whichever protocol made it.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from data import camera_changes, db, secrets
from data.health import CAMERA_PASSWORD
from data.types import Fault
from video.lab.spec import CameraSpec
from video.pace import Pace
from video.rounds import run

RunLab = Callable[..., Any]
CAMERAS = 1_000
# Every so many speak ONVIF as well, and every second one of these nothing else.
WITH_ONVIF = 10
PACE = Pace(at_most=2 * CAMERAS, at_once=64)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def specs() -> Iterable[CameraSpec]:
    rtsp, onvif = free_port(), free_port()
    for number in range(CAMERAS):
        yield CameraSpec(
            name=f"C{number:04}",
            address=f"127.3.{number // 250}.{number % 250 + 1}",
            port=rtsp,
            onvif_port=onvif if number % WITH_ONVIF == 0 else None,
            user="admin",
            password=f"right-{number}",
            locks_after=3,
        )


def remember(cameras: Iterable[Any]) -> None:
    """Write the record of each camera, with a password that is wrong."""
    sealed = secrets.encrypt("wrong", purpose=CAMERA_PASSWORD)
    rows = [
        {
            "code": camera.spec.name,
            "rtsp": camera.rtsp_url if number % (2 * WITH_ONVIF) else None,
            "onvif": camera.onvif_url,
            "sealed": sealed,
        }
        for number, camera in enumerate(cameras)
    ]
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO cameras (code, name, rtsp_url, onvif_url, username, password_encrypted)"
                " VALUES (:code, :code, :rtsp, :onvif, 'admin', :sealed)"
            ),
            rows,
        )


def correct(cameras: Iterable[Any], at: datetime) -> None:
    """Enter the right passwords, as somebody does on the page of each camera."""
    with db.transaction() as session:
        for camera in cameras:
            password = camera.spec.password
            camera_changes.set_login(
                session, camera.spec.name, username="admin", password=password, at=at, account_id=None
            )


def faults() -> Counter[tuple[str, str | None]]:
    with db.transaction() as session:
        rows = session.execute(text("SELECT health, fault FROM camera_state"))
        return Counter((row.health, row.fault) for row in rows)


def test_a_wrong_password_is_tried_once_named_and_recovers_when_it_is_corrected(
    run_lab: RunLab, committed: Path
) -> None:
    now = [datetime.now(UTC)]
    lab = run_lab(*specs(), clock=lambda: now[0])
    cameras = [lab[f"C{number:04}"] for number in range(CAMERAS)]
    remember(cameras)

    def round_after(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)
        with db.transaction() as session:
            session.execute(text("UPDATE look_turns SET next_check_at = '2000-01-01'"))
        assert asyncio.run(run(PACE, clock=lambda: now[0], decoders=None)) == CAMERAS

    for _ in range(2):
        round_after(60)
    assert Counter(camera.counters.auth_refused for camera in cameras) == {1: CAMERAS}
    assert not any(camera.is_locked or camera.counters.auth_accepted for camera in cameras)
    named = faults()
    assert set(named) == {("degraded", Fault.AUTH_REFUSED), ("degraded", Fault.ONVIF_AUTH_REFUSED)}
    assert named["degraded", Fault.ONVIF_AUTH_REFUSED] == CAMERAS / WITH_ONVIF / 2

    correct(cameras, now[0])
    # What was degraded is called well at the second look that finds it so, which the doubt brings within half a minute.
    round_after(60)
    round_after(30)
    assert Counter(camera.counters.auth_refused for camera in cameras) == {1: CAMERAS}
    assert all(camera.counters.auth_accepted for camera in cameras)
    assert faults() == {("online", None): CAMERAS}
