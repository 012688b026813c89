# ruff: noqa: E501
"""The report of the benchmark of tiles."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.lib.tile_servers import PEER


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Viewports filled in one way: seconds of each; features and what they count in all; tiles that were cut off."""

    seconds: Sequence[float]
    features: int
    counted: int
    truncated: int
    sent: int
    # What a hypervisor gave to others of the time of all cores meanwhile.
    stolen: float = 0.0
    first: Mapping[tuple[tuple[int, int, int], int], tuple[int, int]] = field(default_factory=dict)

    def at(self, share: float) -> float:
        """Return ms below which `share` of the viewports were filled."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One layer, zoom and number of clients; `there` is the plain count of rows in the tiles that were asked for."""

    layer: str
    z: int
    clients: int
    there: int
    ways: Mapping[str, Way]


def report(rows: Sequence[Row], *, incidents: int, cameras: int) -> str:
    """Return the whole report as Markdown."""
    return f"""# Filling a map with vector tiles

A viewport of 5 × 4 tiles over {incidents:,} incidents (Toronto, repeated with 60 m of jitter) and {cameras:,} cameras (all of
OpenStreetMap), about places drawn at random from the rows themselves. Server, database and clients on one machine
({os.cpu_count()} cores, {platform.processor() or platform.machine()}), loopback, six connections a client as browsers open; {datetime.now(UTC):%Y-%m-%d}. Made by `./run.sh bench tiles`.
Beside it, in the same run and on the same tables, tipg ({", ".join(PEER)}, one process like ours, its tables limited to these two),
given our projected column, an index on it, and the number and one property of each feature as ours have, which is its best case.

*Cold*: the layer changed before every round, so every tile is cut; two clients that ask for the same tile at the same moment
share it. *ETag*: the browser has all tiles and is told so. *Cache*: the server has all tiles and sends them.
Times are of whole viewports in ms, p50 / p95 of {min(len(row.ways["cold"].seconds) for row in rows)} or more viewports, {min(len(row.ways["etag"].seconds) for row in rows)} or more of those that are warm.

| layer | zoom | clients | cold | ETag | cache | tipg | cold, tipg ÷ ours (p50) |
|---|---|---|---|---|---|---|---|
{chr(10).join(map(_times, rows))}

## What the tiles held

Features of our tiles and what they stand for, beside a plain count of the rows that lie in the same tiles, and what tipg drew.
Far out tipg stops at 10,000 features a tile, its default; near, both may draw 100,000 in a tile and more.

| layer | zoom | rows there | ours: features | ours: counted | exact | tipg: features | tipg: dropped | MB sent, ours / tipg | first viewport, decoded |
|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(_held(row) for row in rows if row.clients == 1)}

{_verdict(rows)}
"""


def _times(row: Row) -> str:
    ours = row.ways["cold"]
    peer = row.ways.get("tipg")
    ratio = f"{peer.at(0.5) / ours.at(0.5):.1f} ×" if peer else "—"
    cells = [_ms(row.ways[name]) if name in row.ways else "—" for name in ("cold", "etag", "cache", "tipg")]
    return f"| {row.layer} | {row.z} | {row.clients} | {' | '.join(cells)} | {ratio} |"


def _ms(way: Way) -> str:
    return f"{way.at(0.5):,.0f} / {way.at(0.95):,.0f}"


def _held(row: Row) -> str:
    ours, peer = row.ways["cold"], row.ways.get("tipg")
    exact = "yes" if ours.counted == row.there else f"**no, {ours.counted - row.there:+,}**"
    drawn = f"{peer.features:,} | {max(0, row.there - peer.features):,}" if peer else "— | —"
    sent = f"{ours.sent / 1e6:.2f} / {peer.sent / 1e6:.2f}" if peer else f"{ours.sent / 1e6:.2f} / —"
    rows = f"{row.there:,} | {ours.features:,} | {ours.counted:,} | {exact}"
    return f"| {row.layer} | {row.z} | {rows} | {drawn} | {sent} | {_same(row)} |"


def _same(row: Row) -> str:
    """Return how the features of the first viewport compare: by number, and place to one 4096th of a tile."""
    ours, peer = row.ways["cold"].first, row.ways["tipg"].first if "tipg" in row.ways else {}
    if not ours or not peer:
        return "—"
    both = ours.keys() & peer.keys()
    off = sum(max(abs(ours[key][0] - peer[key][0]), abs(ours[key][1] - peer[key][1])) > 1 for key in both)
    return f"{len(both):,} in both, {off:,} elsewhere, {len(ours.keys() ^ peer.keys()):,} in one"


def _verdict(rows: Sequence[Row]) -> str:
    alone = [row for row in rows if row.clients == 1]
    far = max((row.ways["cold"].at(0.95) for row in alone if row.z < 14), default=0)
    warm = [one for row in alone for one in (row.ways["etag"], row.ways["cache"])]
    stolen = max(one.stolen for one in warm)
    near = [row.ways["tipg"].at(0.5) / row.ways["cold"].at(0.5) for row in alone if row.z >= 14 and "tipg" in row.ways]
    return (
        f"One client, aims beside: clustered viewports at zoom 8 and 11 cold p95 {far:,.0f} ms at most (150 ms); warm p50"
        f" {max(one.at(0.5) for one in warm):,.0f} ms at most, p95 {min(one.at(0.95) for one in warm):,.0f} to"
        f" {max(one.at(0.95) for one in warm):,.0f} ms (20 ms), while the hypervisor gave up to {stolen:.0%} of the cores to others; at zoom 14 and 16 cold {min(near, default=0):.1f} × to {max(near, default=0):.1f} ×"
        f" faster than tipg (2 ×), median {statistics.median(near) if near else 0:.1f} ×."
    )
