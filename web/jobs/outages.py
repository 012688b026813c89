"""Find what is lost together every few seconds: raise outages, let members go, close what is over."""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from data import db, maintenance, outages
from data.queue import app
from data.upstreams import Lost
from video.outages import Rules, gather, is_over

log = logging.getLogger(__name__)

# What was lost longer ago than this and in no outage then is in none now.
FRESH = timedelta(minutes=15)
EVERY = timedelta(seconds=5)


@app.periodic(cron="* * * * * */5")
@app.task(name="find_outages", queue="compute", queueing_lock="find_outages", lock="find_outages")
def find_outages(timestamp: int) -> None:
    """Bring the outages up to what is known now."""
    with db.transaction() as session:
        update(session, now=datetime.now(UTC))


def update(session: Session, *, now: datetime, rules: Rules | None = None) -> None:
    """Let members go that are back, close what is over, and raise or enlarge what is out."""
    rules = rules or Rules()
    maintenance.tell_turns(session, since=now - EVERY, until=now)
    outages.keep_prober(session, now=now)
    for outage_id, freed in outages.release(session, now=now).items():
        log.info("outage=%d back=%d", outage_id, freed)
    for outage in outages.still_open(session):
        if is_over(outage, now=now, rules=rules):
            outages.close(session, outage.outage_id, now=now)
            log.info("outage=%d kind=%s key=%s closed", outage.outage_id, outage.upstream.kind, outage.upstream.key)
    _raise(session, outages.lost(session, now=now), now=now, rules=rules)


def _raise(session: Session, lost: list[Lost], *, now: datetime, rules: Rules) -> None:
    if not any(one.outage_id is None and one.confirmed and now - one.since < FRESH for one in lost):
        return
    sizes = outages.sizes(session, now=now)
    for wanted in gather(lost, sizes, outages.still_open(session), rules, now=now):
        outage_id = outages.claim(session, wanted, now=now)
        log.info(
            "outage=%d kind=%s key=%s members=%d more=%s",
            outage_id, wanted.upstream.kind, wanted.upstream.key, len(wanted.lost), wanted.outage_id is not None,
        )  # fmt: skip
