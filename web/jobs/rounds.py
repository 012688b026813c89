"""Rounds over cameras as jobs: one begins every few seconds, and at once when somebody asks for a look."""

from datetime import UTC, datetime

from data import settings
from data.queue import JobContext, app
from data.types import Limits
from video.decoders import Decoders
from video.rounds import Pace, run


def pace() -> Pace:
    """Return the pace of this installation."""
    chosen = settings.get()
    return Pace(
        probe_site=chosen.probe_site,
        every_s=chosen.look_every_s,
        picture_every_s=chosen.picture_every_s,
        confirm_every_s=min(15.0, chosen.look_every_s / 2),
        at_once=chosen.looks_at_once,
        limits=Limits(confirm_offline_s=chosen.confirm_offline_s),
    )


@app.periodic(cron="* * * * * */2")
@app.task(name="round", queue="look", queueing_lock="round", pass_context=True)
async def begin_round(context: JobContext, timestamp: int) -> None:
    """Look at all that is due, batch after batch, until nothing is."""
    await _look(context)


@app.task(name="look_now", queue="look", pass_context=True)
async def look_now(context: JobContext, account_id: int | None = None, camera_id: int | None = None) -> None:
    """Look at what somebody has put before all others."""
    await _look(context)


async def _look(context: JobContext) -> None:
    decoders: Decoders = context.additional_context["decoders"]
    while await run(pace(), clock=lambda: datetime.now(UTC), decoders=decoders):
        pass
