"""Rounds over cameras: how often this installation looks, and looks that somebody asks for."""

import asyncio

from data import settings
from data.queue import JobContext, app
from data.types import Limits
from video.pace import Pace


def pace() -> Pace:
    """Return the pace of this installation."""
    chosen = settings.get()
    return Pace(
        probe_site=chosen.probe_site,
        every_s=chosen.look_every_s,
        picture_every_s=chosen.picture_every_s,
        at_once=chosen.looks_at_once,
        references=chosen.references,
        limits=Limits(confirm_offline_s=chosen.confirm_offline_s),
    )


@app.task(name="look_now", queue="look", pass_context=True)
async def look_now(context: JobContext, account_id: int | None = None, camera_id: int | None = None) -> None:
    """Wake the rounds of this worker: somebody has put cameras before all others."""
    asked: asyncio.Event = context.additional_context["asked"]
    asked.set()
