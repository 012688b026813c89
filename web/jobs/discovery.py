"""Orders of the discovery page, carried out one after the other: sweeps here, cameras of found devices in adding.py."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any

from data import db, discovery, found, networks, settings
from data.discovery import Run
from data.networks import Network
from data.queue import app
from video.discovery import Found, Sweep
from video.networks import networks_of
from video.standing import compare, gone
from web.jobs.adding import add
from web.jobs.found import found_of, known_ports, recorded_of, row_of, strip_of

log = logging.getLogger(__name__)

WRITE_EVERY_S = 1.0
Clock = Callable[[], datetime]


@app.periodic(cron="* * * * * */20")
@app.task(name="discover", queue="look", queueing_lock="discover")
async def discover(timestamp: int) -> None:
    """Carry out what was asked for on the discovery page; a tick takes up what another worker left."""
    while await carry_out(settings.get().probe_site, clock=lambda: datetime.now(UTC)):
        pass


async def carry_out(probe_site: str, *, clock: Clock) -> bool:
    """Take up the next order of a probe site and bring it to its end; return whether there was one."""
    with db.transaction() as session:
        run = discovery.take(session, probe_site=probe_site, now=clock())
    if run is None:
        return False
    log.info("discovery run=%s kind=%s from=%s", run.id, run.kind, run.done)
    state, report = "failed", dict[str, Any]()
    try:
        state, report = await (_sweep(run, clock) if run.kind == "sweep" else add(run, clock=clock))
    finally:
        with db.transaction() as session:
            discovery.finish(session, run.id, state, now=clock(), report=report)
            discovery.forget_tries(session, now=clock())
        log.info("discovery run=%s kind=%s state=%s", run.id, run.kind, state)
    return True


async def _sweep(run: Run, clock: Clock) -> tuple[str, dict[str, Any]]:
    """Sweep until the end or until somebody stops it; return the state and what was found by its standing.

    The database is asked in threads: rounds run in the same process.
    """
    under_way = await asyncio.to_thread(_Sweeping, run, clock)
    wanted = await under_way.watch()
    return await asyncio.to_thread(under_way.end, wanted=wanted)


class _Sweeping:
    """One sweep under way: what was found, and how far it is."""

    def __init__(self, run: Run, clock: Clock) -> None:
        self._run = run
        self._clock = clock
        with db.transaction() as session:
            self._chosen = [one for one in networks.networks(session) if one.id in run.network_ids and one.sweep]
            allowed = networks_of(networks.allowed(session, run.probe_site))
            rows = found.recorded(session)
            # What an earlier worker found is compared once more with the rest.
            self._seen = {row["ip"]: found_of(row) for row in found.of_run(session, run.id)}
        self._record = [recorded_of(row) for row in rows]
        known = known_ports(rows)
        strips = [strip_of(one, known) for one in self._chosen]
        self._sweep = Sweep(strips, allowed, clock=clock, done=run.done)
        self._fresh: list[Found] = []

    def end(self, *, wanted: bool) -> tuple[str, dict[str, Any]]:
        """Compare everything that was found once more, and what was not found; return the state and the sums."""
        with db.transaction() as session:
            self._keep(session, list(self._seen.values()))
            if wanted:
                self._mark_gone(session)
            return "done" if wanted else "cancelled", {"standings": found.count_by_standing(session)}

    async def watch(self) -> bool:
        """Let the sweep run, write how far it is each second; return whether it came to its end."""
        wanted = await asyncio.to_thread(self._write)
        async with contextlib.aclosing(self._sweep.run()) as running, contextlib.AsyncExitStack() as stack:
            coming = _next(running)
            stack.push_async_callback(_drop, lambda: coming)
            written_at = monotonic()
            while wanted:
                done, _ = await asyncio.wait({coming}, timeout=WRITE_EVERY_S)
                if done:
                    one = coming.result()
                    if one is None:
                        break
                    self._seen[one.ip] = one
                    self._fresh.append(one)
                    coming = _next(running)
                if monotonic() - written_at >= WRITE_EVERY_S:
                    wanted, written_at = await asyncio.to_thread(self._write), monotonic()
        return await asyncio.to_thread(self._write)

    def _write(self) -> bool:
        """Write what was found since the last time and how far the sweep is; return whether it is still wanted."""
        fresh, self._fresh = self._fresh, []
        with db.transaction() as session:
            self._keep(session, fresh)
            return discovery.beat(
                session,
                self._run.id,
                now=self._clock(),
                total=self._sweep.total,
                done=self._sweep.done,
                found=len(self._seen),
            )

    def _keep(self, session: Any, devices: Sequence[Found]) -> None:
        rows = [row_of(finding) for finding in compare(devices, self._record)]
        found.keep(session, rows, run_id=self._run.id, now=self._clock())

    def _mark_gone(self, session: Any) -> None:
        swept = {host for one in self._record for host in one.hosts if _inside(host, self._chosen)}
        lost = {one.camera_id: min(one.hosts & swept) for one in gone(self._seen.values(), self._record, swept)}
        cameras = [{"id": camera_id, "ip": ip} for camera_id, ip in lost.items()]
        ids = [one.id for one in self._chosen]
        found.mark_gone(session, cameras, network_ids=ids, run_id=self._run.id, now=self._clock())


def _next(running: Any) -> "asyncio.Task[Found | None]":
    return asyncio.ensure_future(anext(running, None))


async def _drop(coming: Callable[[], "asyncio.Task[Found | None]"]) -> None:
    coming().cancel()
    await asyncio.gather(coming(), return_exceptions=True)


def _inside(host: str, chosen: Sequence[Network]) -> bool:
    return any(ip_address(host) in ip_network(one.cidr) for one in chosen)
