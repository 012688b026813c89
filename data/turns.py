"""Whose turn it is to be looked at: taken and booked, booked otherwise, held, and restored."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data.facts import same_since, shape_of
from data.health import CAMERA_PASSWORD, Due, course_of
from data.looks import Credential, StreamShape, Target
from data.secrets import Opener, SecretError
from data.sql import query
from data.types import Health

log = logging.getLogger(__name__)


def take_due(
    session: Session,
    *,
    now: datetime,
    at_most: int,
    every_s: float,
    probe_site: str,
    ahead_s: float = 0.0,
    held_s: float = 60.0,
) -> list[Due]:
    """Return cameras whose look is due, or will be within `ahead_s`, in that order, and book their next one.

    Rows another worker has taken are skipped, so two workers never look at the same camera at once. Recorders are held
    for `held_s`; the caller holds them longer or releases them as it goes. Passwords are decrypted here and live in the
    returned targets only.
    """
    rows = session.execute(
        query("take_due"),
        {
            "now": now,
            "until": now + timedelta(seconds=ahead_s),
            "at_most": at_most,
            "every_s": every_s,
            "probe_site": probe_site,
            "held_s": held_s,
        },
    ).mappings()
    opener = Opener(CAMERA_PASSWORD)
    return [_due(row, opener) for row in rows]


def ask_for_look(session: Session, camera_ids: Sequence[int]) -> None:
    """Put these cameras before all others; the next round looks at them and takes a picture."""
    session.execute(
        text("UPDATE look_turns SET next_check_at = '-infinity' WHERE camera_id = ANY (:ids)"),
        {"ids": list(camera_ids)},
    )


def book(session: Session, again: Mapping[int, datetime]) -> None:
    """Book these cameras for other times than their turn; what somebody asked for meanwhile stays first."""
    if again:
        session.execute(
            text(
                "UPDATE look_turns t SET next_check_at = r.at"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS r(camera_id, at)"
                " WHERE t.camera_id = r.camera_id AND t.next_check_at <> '-infinity'"
            ),
            {"ids": list(again), "times": list(again.values())},
        )


def hold(session: Session, recorders: Iterable[str], *, until: datetime) -> None:
    """Say that these recorders are being looked at, so that nobody else opens a session there."""
    _set_busy(session, recorders, until)


def release(session: Session, recorders: Iterable[str]) -> None:
    """Let others look at these recorders again."""
    _set_busy(session, recorders, None)


def restore(session: Session, *, every_s: float) -> int:
    """Give a turn within `every_s` to each camera that should have one and has none; return how many that were.

    The table of turns is empty after a crash of the database, because it is not logged.
    """
    return int(session.execute(text("SELECT restore_turns(:every_s)"), {"every_s": every_s}).scalar_one())


def _set_busy(session: Session, recorders: Iterable[str], until: datetime | None) -> None:
    named = sorted(set(recorders))
    if named:
        session.execute(
            text(
                "UPDATE recorder_turns SET busy_until = coalesce(CAST(:until AS timestamptz), '-infinity')"
                " WHERE recorder = ANY (:named)"
            ),
            {"named": named, "until": until},
        )


def _due(row: RowMapping, opener: Opener) -> Due:
    return Due(
        camera_id=row["camera_id"],
        area_id=row["area_id"],
        path=row["path"],
        target=_target(row, opener),
        course=course_of(row),
        facts=row["facts"],
        pictured_at=row["pictured_at"],
        checked_at=row["checked_at"],
        asked=row["asked"],
        monitor_class=row["monitor_class"],
        due_at=row["due_at"],
        row_version=row["row_version"],
    )


def _target(row: RowMapping, opener: Opener) -> Target:
    return Target(
        camera_id=row["camera_id"],
        code=row["code"],
        rtsp_url=row["rtsp_url"],
        onvif_url=row["onvif_url"],
        credential=_credential(row, opener),
        turn_key=row["recorder"] or "",
        credential_version=row["credential_version"],
        refused_credential_version=row["refused_credential_version"],
        onvif_refused_credential_version=row["onvif_refused_credential_version"],
        previous_sha256=row["frame_sha256"],
        repeats=row["facts"].get("repeats", 0),
        same_since=same_since(row["facts"]),
        want_picture=False,
        was_well=row["health"] == Health.ONLINE and row["waiting_health"] is None,
        channel=row["recorder_channel"],
        recorded=_recorded(row),
        shape=shape_of(row["facts"]),
    )


def _recorded(row: RowMapping) -> StreamShape:
    frame_rate, every = row["frame_rate"], row["key_frame_every"]
    return StreamShape(
        codec=row["codec"],
        width=row["width_px"],
        height=row["height_px"],
        frame_rate=frame_rate,
        bit_rate_kbps=row["bit_rate_kbps"],
        gop_s=every / frame_rate if every and frame_rate else None,
    )


def _credential(row: RowMapping, opener: Opener) -> Credential | None:
    sealed = row["password_encrypted"]
    if not row["username"]:
        return None
    try:
        return Credential(user=row["username"], password=opener.open(sealed) if sealed else "")
    except SecretError as error:
        # Without the key file a camera is looked at without a login and says so; the others go on.
        log.warning("password unreadable camera=%s reason=%s", row["code"], error)
        return None
