"""What must happen by itself: silence written down, partitions made, old pictures and sessions removed."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from data import accounts, buttons, db, events, health, pictures, queue, scenarios, settings, witness
from data.queue import app
from desk.alarms import is_offline

log = logging.getLogger(__name__)

# Removed in small transactions, so that nobody waits behind a long one.
PICTURES_A_BATCH = 500
WARN_SHARE = 0.9
EVENTS_KEPT = timedelta(days=1)
FAILED_DAYS = 30
# What was put away on the planner's page can be taken back out for so long.
PUT_AWAY_KEPT = timedelta(days=30)
# An import that was not applied by then is uploaded again.
UPLOADS_KEPT = timedelta(days=7)


@app.periodic(cron="* * * * * */5")
@app.task(name="write_silence", queue="compute", queueing_lock="write_silence")
def write_silence(timestamp: int) -> None:
    """Write down what fell silent: cameras become unknown, buttons offline where somebody was there to hear."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        changes = health.expire(session, now=now)
        health.tell(session, changes)
        judge_buttons(session, now)


@app.periodic(cron="17 * * * *")
@app.task(name="tidy", queue="compute", queueing_lock="tidy")
def tidy(timestamp: int) -> None:
    """Make the partitions of the coming days and remove what is past its time."""
    now, chosen = datetime.now(UTC), settings.get()
    with db.transaction() as session:
        health.prepare_days(session, today=now.date(), keep_days=chosen.observation_days)
        events.forget_before(session, now - EVENTS_KEPT)
        accounts.forget_expired(session, now)
        queue.forget_failed(session, days=FAILED_DAYS)
        scenarios.forget_put_away(session, before=now - PUT_AWAY_KEPT)
    while _remove_old(now - timedelta(days=chosen.picture_days)):
        pass
    keep_budget(int(chosen.picture_gb * 1e9))
    remove_uploads(chosen.home / "uploads", before=now - UPLOADS_KEPT)


def _remove_old(before: datetime) -> int:
    """Remove a batch of pictures taken before a moment, oldest first; return how many."""
    with db.transaction() as session:
        return _remove(session, pictures.oldest(session, before=before, at_most=PICTURES_A_BATCH))


def remove_uploads(folder: Path, *, before: datetime) -> int:
    """Remove uploaded files, and what was kept beside them, that nobody touched since; return how many."""
    removed = 0
    for file in folder.glob("*"):
        if file.is_file() and file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            removed += 1
    if removed:
        log.info("uploads removed count=%d", removed)
    return removed


def keep_budget(budget_bytes: int) -> None:
    """Warn when pictures take nine tenths of their budget; beyond it the oldest go, as many as must."""
    with db.transaction() as session:
        used = pictures.stored_bytes(session)
    if used > WARN_SHARE * budget_bytes:
        log.warning("picture store is nearly full used_bytes=%d budget_bytes=%d", used, budget_bytes)
    while used > budget_bytes:
        with db.transaction() as session:
            if not _remove(session, pictures.beyond(session, budget_bytes, at_most=PICTURES_A_BATCH)):
                return


def _remove(session: Session, snapshots: list[int]) -> int:
    freed = pictures.remove(session, snapshots)
    if snapshots:
        log.info("pictures removed count=%d bytes=%d", len(snapshots), freed)
    return len(snapshots)


def judge_buttons(session: Session, now: datetime) -> None:
    """Write down which buttons fell silent before `now`, and whether somebody was there to hear it."""
    listening = witness.listening_since(session, now=now)
    for button in buttons.silent(session, now=now):
        offline = listening is not None and is_offline(
            silent_s=(now - button.heard_at).total_seconds(),
            heartbeat_s=button.heartbeat_s,
            witnessed_s=(now - listening).total_seconds(),
        )
        verdict, fault = ("offline", "no_heartbeat") if offline else ("unknown", None)
        if verdict == button.health:
            continue
        # What was not witnessed stays unknown, whatever is known since.
        since = max(button.valid_until, listening) if offline and listening else button.valid_until
        buttons.settle(session, button, health=verdict, fault=fault, since=since)
        events.announce(session, "button", path=button.path, body={"id": button.id, "health": verdict})
        log.info("button health=%s code=%s", verdict, button.code)
