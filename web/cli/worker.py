"""sharpeyes worker and sharpeyes round: do the jobs of the queue, or one round by hand."""

import asyncio
import json
import logging
import resource
import sys
from datetime import UTC, datetime
from importlib import import_module
from types import MappingProxyType

import click

from data import cluster, queue, settings
from video import loop
from video.decoders import Decoders
from video.rounds import keep_looking, run
from web.jobs import rounds

# The files of tasks that each queue needs; a new file is one name here. A worker loads those of its queues only.
QUEUES = MappingProxyType(
    {
        "look": ("web.jobs.discovery", "web.jobs.rounds"),
        "compute": (
            "web.jobs.coverage",
            "web.jobs.housekeeping",
            "web.jobs.imports",
            "web.jobs.orphans",
            "web.jobs.outages",
            "web.jobs.rates",
            "web.jobs.siting",
        ),
        # Apart from all others: a dead mail server holds up nothing but mail.
        "notices": ("web.jobs.notices",),
    }
)


@click.command()
@click.option("--queues", default=",".join(QUEUES), help="Queues to work on, comma separated.", show_default=True)
@click.option("--at-once", default=4, show_default=True, help="Jobs done at the same time.")
def worker(queues: str, at_once: int) -> None:
    """Do the jobs of the queue until told to stop."""
    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(QUEUES))
    if unknown:
        raise click.UsageError(f"There is no queue {', '.join(unknown)}; choose among {', '.join(QUEUES)}.")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, force=True, format="%(asctime)s %(name)s %(message)s")
    # The queue tells of every job it takes; only what changes is worth a line.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    cluster.ensure_running()
    allow_many_sockets()
    # Tasks are declared on the queue by being imported.
    for name in wanted:
        for tasks in QUEUES[name]:
            import_module(tasks)
    loop.run(_work(wanted, at_once))


@click.command("round")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def one_round(as_json: bool) -> None:
    """Look once at every camera that is due, then exit."""
    cluster.ensure_running()
    allow_many_sockets()
    looked_at = loop.run(_round())
    click.echo(json.dumps({"looked_at": looked_at}) if as_json else f"Looked at {looked_at} cameras.")


def allow_many_sockets() -> None:
    """Let this process open as many sockets as the system lets it: a dead link is thousands of looks that wait."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _work(queues: list[str], at_once: int) -> None:
    """Do the jobs of `queues`, and look at cameras beside them when "look" is one, until told to stop by a signal."""
    asked, leave = asyncio.Event(), asyncio.Event()
    async with Decoders(settings.get().decoders) as decoders, asyncio.TaskGroup() as group:
        if "look" in queues:
            group.create_task(
                keep_looking(rounds.pace(), clock=_clock, decoders=decoders, leave=leave, asked=asked), name="rounds"
            )
        await queue.work(queues, name="+".join(queues), at_once=at_once, context={"asked": asked})
        leave.set()


async def _round() -> int:
    looked_at = 0
    async with Decoders(settings.get().decoders) as decoders:
        while batch := await run(rounds.pace(), clock=_clock, decoders=decoders):
            looked_at += batch
    return looked_at


def _clock() -> datetime:
    return datetime.now(UTC)
