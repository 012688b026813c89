"""Live push at /api/v1/push: one thread per process hears the database and hands each open page what it may see.

Besides stored events the thread announces silence: once a second, cameras whose last word expired turn unknown on every
page, whether or not a worker is alive to write it down.
"""

import json
import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

import psycopg
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from data import db, events
from data.errors import TooOften
from data.events import Event, Silence
from data.types import Role
from web import context, cookies, tiles
from web.permission import allowed, require_account
from web.words import mark

log = logging.getLogger(__name__)
bp = Blueprint("push", __name__)

# A page that hears nothing for three beats knows that it lost the server.
BEAT_S = 2.0
SCOPE_EVERY_S = 30.0
TICK_S = 1.0
WAITING_FRAMES = 500
MOST_PAGES = 400
# Beyond this many at once, reading all health again is cheaper than naming each.
MOST_NAMED = 5_000


@dataclass(eq=False, slots=True)
class Page:
    """An open page: what it may see and what waits to be sent to it. `is_slow` once it fell behind."""

    paths: tuple[str, ...]
    waiting: queue.Queue[str] = field(default_factory=lambda: queue.Queue(WAITING_FRAMES))
    is_slow: bool = False

    def offer(self, text: str) -> None:
        """Queue a frame; a page that cannot keep up is marked and gets no more."""
        try:
            self.waiting.put_nowait(text)
        except queue.Full:
            self.is_slow = True

    def take(self, *, within_s: float) -> str | None:
        """Return the next frame, or None when none came within `within_s`."""
        try:
            return self.waiting.get(timeout=within_s)
        except queue.Empty:
            return None


class Hub:
    """The listening thread of this process and the pages it serves."""

    def __init__(self) -> None:
        self._pages: set[Page] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.is_listening = threading.Event()

    def join(self, paths: Sequence[str]) -> Page:
        """Add a page and return it; starts listening with the first one."""
        page = Page(tuple(paths))
        with self._lock:
            if len(self._pages) >= MOST_PAGES:
                raise TooOften(
                    mark("Too many pages are open on this server. Close some, or add a web process."), wait_s=30
                )
            self._pages.add(page)
            # Threads do not survive a fork, so the first page of each process starts its own.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="push", daemon=True)
                self._thread.start()
        return page

    def leave(self, page: Page) -> None:
        """Remove a page."""
        with self._lock:
            self._pages.discard(page)

    def close(self) -> None:
        """Stop listening until the next page joins; for the end of a process or a test."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._stop, self._thread = threading.Event(), None

    def spread(self, event: Event) -> None:
        """Hand an event to every page that may see it."""
        text = frame(event.kind, event.body, number=event.number)
        for page in self._listening():
            if events.concerns(event, page.paths):
                page.offer(text)

    def spread_silence(self, silent: Sequence[Silence]) -> None:
        """Tell each page which of its cameras turned unknown."""
        for page in self._listening():
            seen = visible(silent, page.paths)
            if len(seen) > MOST_NAMED:
                page.offer(frame("reload", {}))
            elif seen:
                page.offer(frame("silent", {"ids": [one.camera_id for one in seen]}))

    def _listening(self) -> list[Page]:
        with self._lock:
            return [page for page in self._pages if not page.is_slow]

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (psycopg.Error, SQLAlchemyError) as error:
                self.is_listening.clear()
                log.warning("push lost the database, trying again: %s", error.__class__.__name__)
                self._stop.wait(1)

    def _listen(self) -> None:
        listener = events.Listener()
        try:
            # Whatever happened while nobody listened.
            for page in self._listening():
                page.offer(frame("reload", {}))
            self.is_listening.set()
            tiles.asks.hear(changes=True)
            ticked = datetime.now(UTC)
            while not self._stop.is_set():
                numbers, changed = listener.hear(timeout_s=TICK_S / 2), listener.changed_layers()
                # Before anybody is told, for a page asks at once.
                if numbers or changed:
                    tiles.forget(changed)
                self._pass_on(numbers)
                ticked = self._tick(ticked)
        finally:
            tiles.asks.hear(changes=False)
            listener.close()

    def _pass_on(self, numbers: Sequence[int]) -> None:
        if not numbers:
            return
        with db.transaction("push") as session:
            heard = events.read(session, numbers)
        for event in heard:
            self.spread(event)

    def _tick(self, ticked: datetime) -> datetime:
        now = datetime.now(UTC)
        if now - ticked < timedelta(seconds=TICK_S):
            return ticked
        with db.transaction("push") as session:
            silent = events.fallen_silent(session, after=ticked, until=now)
        if silent:
            self.spread_silence(silent)
        return now


hub = Hub()


@bp.get("/api/v1/push")
@allowed(Role.VIEWER)
def on_push() -> Response:
    """Stream what changes inside the scope of this account, as server-sent events; resumes after Last-Event-ID."""
    account = require_account()
    token = request.cookies.get(cookies.token_name(), "")
    heard = request.headers.get("Last-Event-ID", "")
    # The stream outlives this request's database session, which must not stay open under it.
    context.undo()
    page = hub.join(account.paths)
    response = Response(stream(page, token=token, after=int(heard) if heard.isdigit() else None))
    response.content_type = "text/event-stream; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.leave(page))
    return response


def stream(page: Page, *, token: str, after: int | None = None) -> Iterator[str]:
    """Yield the frames of one page until its session is closed or it falls behind; a beat when nothing happens."""
    yield "retry: 1500\n\n" + frame("beat", {"at": _milliseconds()})
    yield from missed(page, after)
    look_at_scope = time.monotonic() + SCOPE_EVERY_S
    while not page.is_slow:
        yield page.take(within_s=BEAT_S) or frame("beat", {"at": _milliseconds()})
        if time.monotonic() < look_at_scope:
            continue
        look_at_scope = time.monotonic() + SCOPE_EVERY_S
        with db.transaction("push") as session:
            paths = events.scope(session, token)
        if paths is None:
            yield frame("closed", {})
            return
        page.paths = paths
    yield frame("reload", {})


def missed(page: Page, after: int | None) -> Iterator[str]:
    """Yield what a page missed since the event it heard last; "reload" when that cannot be said."""
    if after is None:
        return
    with db.transaction("push") as session:
        found = events.since(session, after)
    if found is None:
        yield frame("reload", {})
        return
    for event in found:
        if events.concerns(event, page.paths):
            yield frame(event.kind, event.body, number=event.number)


def frame(kind: str, body: object, *, number: int = 0) -> str:
    """Return a server-sent event; what is not stored bears no number."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return (f"id: {number}\n" if number else "") + f"event: {kind}\ndata: {text}\n\n"


def visible(silent: Sequence[Silence], paths: Sequence[str]) -> list[Silence]:
    """Return those that `paths` may see; each area path is compared once."""
    seen: list[Silence] = []
    for path, group in groupby(sorted(silent, key=lambda one: one.path), key=lambda one: one.path):
        if events.may_see(path, paths):
            seen.extend(group)
    return seen


def _milliseconds() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)
