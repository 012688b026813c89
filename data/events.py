"""Changes that open pages must hear of: written in the transaction that makes them, announced by number.

NOTIFY carries a number only. Whoever listens reads the event under its own rights and filters it by path.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import RowMapping, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from data import db

CHANNEL = "events"
# Bears the name of a tile layer that changed.
LAYERS = "layers"
# Numbers are given before a transaction ends, so an event may appear after one with a higher number;
# whoever resumes reads this many again. Events say what is now, in order, so hearing one twice does no harm.
LOOK_BACK = 200
# Events that are told to all within their area too: they bear a number only, and what it means is asked for in scope.
WIDER = frozenset({"outage", "maintenance"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change and the path of the area it happened in; number 0 for what is not stored."""

    number: int = 0
    kind: str
    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A device whose last word expired: unknown from then on."""

    camera_id: int
    path: str
    since: datetime


def announce(session: Session, kind: str, *, path: str, body: Mapping[str, Any]) -> None:
    """Tell every open page that may see `path` of a change, when this transaction is committed.

    `kind` is health, alarm, outage, maintenance, coverage, areas, cameras, import, picture or siting. A health body is
    {"id", "health", "fault", "layer", "since"} of one camera, an alarm body {"id", "state"}, an outage body
    {"id", "open"}.
    """
    session.execute(
        text("INSERT INTO events (kind, path, body) VALUES (:kind, CAST(:path AS ltree), CAST(:body AS jsonb))"),
        {"kind": kind, "path": path, "body": as_json(body)},
    )


def announce_all(session: Session, kind: str, told: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Tell of many changes at once, each (path, body), in their order: thousands may come with one broken link."""
    if told:
        session.execute(
            text(
                "INSERT INTO events (kind, path, body)"
                " SELECT :kind, CAST(r.path AS ltree), CAST(r.body AS jsonb)"
                " FROM unnest(CAST(:paths AS text[]), CAST(:bodies AS text[])) WITH ORDINALITY r(path, body, n)"
                " ORDER BY n"
            ),
            {"kind": kind, "paths": [path for path, _ in told], "bodies": [as_json(body) for _, body in told]},
        )


def may_see(path: str, paths: Iterable[str]) -> bool:
    """Say whether an account granted `paths` may see what happened at `path`.

    Paths are area ids joined by dots. The empty grant means everything; what lies in no area (the empty path)
    is seen only by those who were granted everything.
    """
    return any(granted == "" or path == granted or path.startswith(granted + ".") for granted in paths)


def concerns(event: Event, paths: Iterable[str]) -> bool:
    """Say whether a page of an account granted `paths` must hear of an event.

    An outage or maintenance may be wider than a scope and still be in it; such an event says no more than that.
    """
    granted = list(paths)
    if may_see(event.path, granted):
        return True
    return event.kind in WIDER and any(may_see(own, [event.path]) for own in granted)


def read(session: Session, numbers: Sequence[int]) -> list[Event]:
    """Return the events with these numbers that can be seen, in order."""
    rows = session.execute(
        text("SELECT id, kind, path::text AS path, body FROM events WHERE id = ANY (:numbers) ORDER BY id"),
        {"numbers": list(numbers)},
    )
    return [_event(row) for row in rows.mappings()]


def since(session: Session, number: int, *, at_most: int = 1_000) -> list[Event] | None:
    """Return what happened after an event, or None when that is more than `at_most` or too long ago to say."""
    oldest = session.execute(text("SELECT min(id) FROM events")).scalar_one_or_none()
    if oldest is None or number < oldest - 1:
        return None
    rows = session.execute(
        text("SELECT id, kind, path::text AS path, body FROM events WHERE id > :number ORDER BY id LIMIT :at_most"),
        {"number": number - LOOK_BACK, "at_most": at_most + LOOK_BACK + 1},
    )
    found = [_event(row) for row in rows.mappings()]
    return found if len(found) <= at_most + LOOK_BACK else None


def newest(session: Session) -> int:
    """Return the number of the newest event, 0 if there is none."""
    return int(session.execute(text("SELECT coalesce(max(id), 0) FROM events")).scalar_one())


def fallen_silent(session: Session, *, after: datetime, until: datetime) -> list[Silence]:
    """Return cameras whose last word expired after `after` and not later than `until`."""
    rows = session.execute(
        text(
            "SELECT camera_id, path::text AS path, valid_until FROM camera_state"
            " WHERE valid_until > :after AND valid_until <= :until AND health <> 'unknown' ORDER BY camera_id"
        ),
        {"after": after, "until": until},
    )
    return [Silence(camera_id=row.camera_id, path=row.path, since=row.valid_until) for row in rows]


def scope(session: Session, token: str) -> tuple[str, ...] | None:
    """Return the paths a session token opens at this moment, or None when it opens nothing any more."""
    db.present(session, token)
    account, paths = session.execute(text("SELECT scope_account(), scope_paths()::text[]")).one()
    return None if account is None else tuple(paths)


def forget_before(session: Session, moment: datetime) -> int:
    """Remove events older than `moment`, which no page can still be waiting for; return how many."""
    gone = session.execute(text("DELETE FROM events WHERE at < :moment RETURNING id"), {"moment": moment})
    return len(gone.all())


def as_json(body: Mapping[str, Any]) -> str:
    """Return a body as JSON; times in ISO form."""
    return json.dumps(body, ensure_ascii=False, default=_plain)


class Listener:
    """A connection that hears numbers of events and names of tile layers that changed, as they are committed."""

    def __init__(self) -> None:
        address = make_url(db.url_for("push")).set(drivername="postgresql")
        self._connection = psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)
        self._connection.execute(f"LISTEN {CHANNEL}")
        self._connection.execute(f"LISTEN {LAYERS}")
        self._changed: set[str] = set()

    def hear(self, *, timeout_s: float) -> list[int]:
        """Return the numbers heard; at once when anything is, else after `timeout_s` with none."""
        heard = list(self._connection.notifies(timeout=timeout_s, stop_after=1))
        self._changed |= {notice.payload for notice in heard if notice.channel == LAYERS}
        return [int(notice.payload) for notice in heard if notice.channel == CHANNEL]

    def changed_layers(self) -> set[str]:
        """Return the tile layers that were heard to change since this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    def close(self) -> None:
        """Stop listening."""
        self._connection.close()


def _event(row: RowMapping) -> Event:
    return Event(number=row["id"], kind=row["kind"], path=row["path"], body=row["body"])


def _plain(odd: object) -> str:
    return odd.isoformat() if isinstance(odd, datetime) else str(odd)
