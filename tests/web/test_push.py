"""Push: each page hears what it may see, silence is announced without a worker, the slow and the closed are let go."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from data import db, events
from data.events import Event, Silence
from data.tables import SignIn
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns, open_sign_in
from web import push

Browsers = Callable[[str | None], Browser]


@pytest.fixture
def hub(two_towns: TwoTowns) -> Iterator[push.Hub]:
    """Run a hub of its own."""
    made = push.Hub()
    yield made
    made.close()


def heard(page: push.Page, kind: str) -> dict[str, object]:
    """Return the body of the next frame of a kind."""
    while text_ := page.take(within_s=10):
        if f"event: {kind}\n" in text_:
            body: dict[str, object] = json.loads(text_.split("data: ", 1)[1])
            return body
    raise AssertionError(f"nothing of {kind} was heard")


def test_an_event_reaches_the_pages_that_may_see_it(hub: push.Hub, two_towns: TwoTowns) -> None:
    mine, other, all_ = hub.join(["1.2"]), hub.join(["1.3"]), hub.join([""])
    assert hub.is_listening.wait(10)
    for page in (mine, other, all_):
        while page.take(within_s=0.01):
            pass
    with db.transaction() as session:
        events.announce(session, "health", path="1.2.7", body={"id": 5, "health": "offline"})
    assert heard(mine, "health") == {"id": 5, "health": "offline"}
    assert heard(all_, "health") == {"id": 5, "health": "offline"}
    assert other.take(within_s=0.2) is None


def test_a_word_that_expires_is_announced_without_a_worker(hub: push.Hub, two_towns: TwoTowns) -> None:
    camera = two_towns.a.ids["cameras"]
    page = hub.join([""])
    assert hub.is_listening.wait(10)
    with db.transaction() as session:
        session.execute(
            text("UPDATE camera_state SET valid_until = now() + interval '1.2 s' WHERE camera_id = :id"), {"id": camera}
        )
    assert heard(page, "silent") == {"ids": [camera]}


def test_silence_is_named_inside_the_scope_only() -> None:
    silent = [
        Silence(camera_id=n, path=path, since=datetime.now(UTC)) for n, path in enumerate(["1.2", "1.3", "1.2.4"])
    ]
    assert [one.camera_id for one in push.visible(silent, ["1.2"])] == [0, 2]


def test_a_page_that_falls_behind_is_told_to_reload() -> None:
    hub = push.Hub()
    page = push.Page(("",))
    for n in range(push.WAITING_FRAMES + 1):
        page.offer(push.frame("health", {"id": n}))
    assert page.is_slow
    hub.spread(Event(kind="health", path="", body={}))
    frames = list(push.stream(page, token=""))
    assert frames[-1] == push.frame("reload", {})


def test_a_stream_begins_with_a_beat_and_what_was_missed(two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        before = events.newest(session)
        events.announce(session, "alarm", path="1.2", body={"id": 9, "state": "active"})
        events.announce(session, "alarm", path="1.3", body={"id": 10, "state": "active"})
    page = push.Page(("1.2",))
    page.offer("last")
    stream = push.stream(page, token="", after=before)
    frames = [next(stream)]
    while frames[-1] != "last":
        frames.append(next(stream))
    told = "".join(frames)
    assert "event: beat" in frames[0]
    assert '"id":9' in told
    assert '"id":10' not in told


def test_too_long_away_means_reload(two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(text("DELETE FROM events"))
        events.announce(session, "health", path="", body={})
    assert list(push.missed(push.Page(("",)), 0)) == [push.frame("reload", {})]


def test_a_closed_session_ends_its_stream(two_towns: TwoTowns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "SCOPE_EVERY_S", 0.0)
    token = open_sign_in(two_towns.accounts["operator_a"])
    page = push.Page(("",))
    stream = push.stream(page, token=token)
    next(stream)
    page.offer("first")
    assert next(stream) == "first"
    page.offer("second")
    assert next(stream) == "second"
    # The scope was read again in between: no longer everything.
    assert page.paths != ("",)
    with db.transaction() as session:
        session.execute(SignIn.__table__.delete().where(SignIn.token_hash == db.hash_of(token)))
    assert list(stream)[-1] == push.frame("closed", {})


def test_the_address_streams_to_whoever_signed_in(browser: Browsers, two_towns: TwoTowns) -> None:
    answer = browser("operator_a").get("/api/v1/push", buffered=False)
    assert answer.content_type.startswith("text/event-stream")
    assert b"event: beat" in next(iter(answer.iter_encoded()))
    answer.close()
    assert browser(None).get("/api/v1/push").status_code == 401
