"""Outages as remembered: who is lost behind what, what is raised, joined and closed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import events, turns
from data.sql import query
from data.types import OutageKind
from data.upstreams import Claim, Hanging, Lost, OpenOutage, Sizes, Upstream, branches

# Those who may be back are looked at over this time, so that a line that just returned is not flooded.
HURRY_WITHIN_S = 30


def lost(session: Session, *, now: datetime) -> list[Lost]:
    """Return every camera that is offline or may be, with what it stands behind."""
    parents = _parents(session)
    return [
        Lost(
            camera_id=row.id,
            path=row.path,
            since=row.since,
            behind=branches(_hanging(row.path, row.recorder, row.link_id, row.ipv4, parents)),
            confirmed=row.confirmed,
            outage_id=row.outage_id,
        )
        for row in session.execute(query("outages_lost"), {"now": now})
    ]


def sizes(session: Session, *, now: datetime) -> Sizes:
    """Return how many cameras of which something is known stand in each branch of each upstream."""
    parents = _parents(session)
    found: dict[Upstream, Counter[str]] = defaultdict(Counter)
    for row in session.execute(query("outages_sizes"), {"now": now}):
        for branch in branches(_hanging(row.path, row.recorder, row.link_id, row.ipv4, parents)):
            found[branch.upstream][branch.via] += row.cameras
    return found


def still_open(session: Session) -> list[OpenOutage]:
    """Return the outages that still last; those of probers apart."""
    return [
        OpenOutage(
            outage_id=row.id,
            upstream=Upstream(kind=OutageKind(row.cause_kind), key=row.cause_key),
            opened_at=row.opened_at,
            members=frozenset(row.members),
            ever=row.ever,
            came_back_at=row.came_back_at,
        )
        for row in session.execute(query("outages_open"))
    ]


def claim(session: Session, wanted: Claim, *, now: datetime) -> int:
    """Raise an outage or add to an open one, and return its number. One that is raised is told to open pages."""
    outage_id = wanted.outage_id or _raised(session, wanted, now=now)
    _absorb(session, outage_id, wanted.absorbed, now=now)
    session.execute(
        text(
            "INSERT INTO outage_members (outage_id, camera_id, since, path)"
            " SELECT :outage, r.camera_id, r.since, CAST(r.path AS ltree) FROM unnest(CAST(:ids AS bigint[]),"
            " CAST(:times AS timestamptz[]), CAST(:paths AS text[])) AS r(camera_id, since, path)"
            " ON CONFLICT (camera_id) WHERE until IS NULL DO NOTHING"
        ),
        {
            "outage": outage_id,
            "ids": [one.camera_id for one in wanted.lost],
            "times": [one.since for one in wanted.lost],
            "paths": [one.path for one in wanted.lost],
        },
    )
    _recount(session, [outage_id])
    if wanted.outage_id is None or wanted.absorbed:
        _tell(session, outage_id)
    return outage_id


def release(session: Session, *, now: datetime) -> dict[int, int]:
    """Let members go that are back; return how many per outage. The others of it are looked at soon."""
    freed = Counter(session.execute(query("outages_release"), {"now": now}).scalars())
    _recount(session, freed)
    left = session.execute(
        text("SELECT camera_id FROM outage_members WHERE until IS NULL AND outage_id = ANY (:ids) ORDER BY camera_id"),
        {"ids": list(freed)},
    ).scalars()
    turns.book(session, {camera: now + timedelta(seconds=n % HURRY_WITHIN_S) for n, camera in enumerate(left)})
    return dict(freed)


def close(session: Session, outage_id: int, *, now: datetime) -> None:
    """Close an outage when its last member came back; who is not back by now is on its own again."""
    session.execute(
        text(
            "UPDATE outages o SET members_now = 0, closed_at = greatest(o.opened_at, coalesce((SELECT max(coalesce("
            "m.until, :now)) FROM outage_members m WHERE m.outage_id = o.id), :now)) WHERE o.id = :id"
        ),
        {"id": outage_id, "now": now},
    )
    session.execute(
        text("UPDATE outage_members SET until = greatest(since, :now) WHERE outage_id = :id AND until IS NULL"),
        {"id": outage_id, "now": now},
    )
    _tell(session, outage_id)


def keep_prober(session: Session, *, now: datetime) -> None:
    """Open an outage for each prober that is cut off from its network, and close those of probers that are not."""
    opened = session.execute(
        text(
            "INSERT INTO outages (cause_kind, cause_key, name, opened_at, raised_at, cause)"
            " SELECT 'prober', p.probe_site, p.probe_site, p.cut_off_since, :now, 'platform' FROM probers p"
            " WHERE p.cut_off_since IS NOT NULL"
            " ON CONFLICT (cause_kind, cause_key) WHERE closed_at IS NULL DO NOTHING RETURNING id"
        ),
        {"now": now},
    ).scalars()
    closed = session.execute(
        text(
            "UPDATE outages o SET closed_at = greatest(o.opened_at, :now) WHERE o.cause_kind = 'prober'"
            " AND o.closed_at IS NULL AND NOT EXISTS (SELECT FROM probers p WHERE p.probe_site = o.cause_key"
            " AND p.cut_off_since IS NOT NULL) RETURNING o.id"
        ),
        {"now": now},
    ).scalars()
    for outage_id in [*opened, *closed]:
        _tell(session, outage_id)


def _parents(session: Session) -> dict[int, int | None]:
    return {row.id: row.parent_id for row in session.execute(text("SELECT id, parent_id FROM links"))}


def _hanging(
    path: str, recorder: str | None, link_id: int | None, ipv4: str | None, parents: Mapping[int, int | None]
) -> Hanging:
    areas = tuple(reversed(path.split("."))) if path else ()
    return Hanging(recorder=recorder or None, links=_chain(link_id, parents), areas=areas, ipv4=ipv4)


def _chain(link_id: int | None, parents: Mapping[int, int | None]) -> tuple[str, ...]:
    """Return a link and those it hangs on; a circle that somebody entered is cut where it closes."""
    found: list[int] = []
    while link_id is not None and link_id not in found:
        found.append(link_id)
        link_id = parents.get(link_id)
    return tuple(str(one) for one in found)


def _raised(session: Session, wanted: Claim, *, now: datetime) -> int:
    kind, key = wanted.upstream.kind, wanted.upstream.key
    return int(
        session.execute(
            text(
                "INSERT INTO outages (cause_kind, cause_key, name, area_id, opened_at, raised_at, path)"
                " VALUES (:kind, :key, coalesce((SELECT v.name FROM area_versions v WHERE :kind = 'area'"
                " AND v.area_id = CAST(:number AS bigint) AND upper_inf(v.during)), (SELECT l.name FROM links l"
                " WHERE :kind = 'link' AND l.id = CAST(:number AS bigint)), :key),"
                " (SELECT id FROM areas WHERE path = path_around(CAST(:paths AS ltree[])) AND path <> ''),"
                " :opened, :now, path_around(CAST(:paths AS ltree[]))) RETURNING id"
            ),
            {
                "kind": kind,
                "key": key,
                "number": int(key) if kind in (OutageKind.AREA, OutageKind.LINK) else None,
                "paths": sorted({one.path for one in wanted.lost}),
                "opened": min(one.since for one in wanted.lost),
                "now": now,
            },
        ).scalar_one()
    )


def _absorb(session: Session, outage_id: int, parts: Sequence[int], *, now: datetime) -> None:
    """Close narrower outages into a wider one, with their members; what somebody found out of the cause stays."""
    if not parts:
        return
    given = {"outage": outage_id, "parts": list(parts), "now": now}
    session.execute(text("UPDATE outage_members SET outage_id = :outage WHERE outage_id = ANY (:parts)"), given)
    session.execute(
        text(
            "UPDATE outages w SET opened_at = least(w.opened_at, p.opened_at),"
            " cause = CASE w.cause WHEN 'unknown' THEN coalesce(p.cause, 'unknown') ELSE w.cause END"
            " FROM (SELECT min(opened_at) AS opened_at, min(cause) FILTER (WHERE cause <> 'unknown') AS cause"
            " FROM outages WHERE id = ANY (:parts)) p WHERE w.id = :outage"
        ),
        given,
    )
    session.execute(
        text(
            "UPDATE outages SET closed_at = greatest(opened_at, :now), members_now = 0, merged_into = :outage"
            " WHERE id = ANY (:parts)"
        ),
        given,
    )
    for part in parts:
        _tell(session, part)


def _recount(session: Session, outage_ids: Iterable[int]) -> None:
    session.execute(
        text(
            "UPDATE outages o SET members = n.ever, members_now = n.now FROM (SELECT outage_id,"
            " count(DISTINCT camera_id) AS ever, count(*) FILTER (WHERE until IS NULL) AS now FROM outage_members"
            " WHERE outage_id = ANY (:ids) GROUP BY outage_id) n WHERE n.outage_id = o.id"
        ),
        {"ids": list(outage_ids)},
    )


def _tell(session: Session, outage_id: int) -> None:
    row = session.execute(
        text("SELECT path::text AS path, closed_at IS NULL AS open FROM outages WHERE id = :id"), {"id": outage_id}
    ).one()
    events.announce(session, "outage", path=row.path, body={"id": outage_id, "open": row.open})
