from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.recordings import (
    Change,
    Recording,
    changes_of,
    is_complete,
    of_channel,
    recordings_of,
    search_token_of,
    share_of,
)
from video.soap import clock_source_of, ntp_servers_of
from video.subscriptions import boot_of, parameters_of, subscription_of, was_pulled

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ONE = Recording(token="r", tracks=("v",))


def hours(number: float) -> datetime:
    return NOON - DAY + timedelta(hours=number)


def change(hour: float, *, has_data: bool, track: str = "v") -> Change:
    return Change(track=track, at=hours(hour), has_data=has_data)


@pytest.fixture
def replies(shared_data: Path) -> Path:
    return shared_data / "protocols" / "onvif_hammeraj"


def test_the_recordings_of_a_real_device_are_read(replies: Path) -> None:
    reply = (replies / "search__get_recording_search_results_success.xml").read_bytes()
    [recording] = recordings_of(reply)
    assert (recording.token, recording.source) == ("OnvifRecordingToken_1", "SourceId_1")
    assert recording.tracks == ("videotracktoken_1",)
    assert recording.until == datetime(2025, 3, 15, 16, 28, tzinfo=UTC)
    assert is_complete(reply)
    assert search_token_of((replies / "search__find_recordings_success.xml").read_bytes())


def test_the_clock_settings_of_real_devices_are_read(replies: Path) -> None:
    assert clock_source_of((replies / "devices__get_system_date_and_time.xml").read_bytes()) == "manual"
    assert ntp_servers_of((replies / "devices__get_ntp_response.xml").read_bytes())


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ([change(0, has_data=True)], 1.0),
        ([change(-5, has_data=True), change(6, has_data=False)], 0.25),
        ([change(0, has_data=True), change(6, has_data=False), change(18, has_data=True)], 0.5),
        ([change(0, has_data=False)], 0.0),
        # Two tracks of one recording that overlap count once.
        ([change(0, has_data=True), change(12, has_data=False), change(6, has_data=True, track="w")], 1.0),
        # What is no video does not count at all.
        ([change(0, has_data=False), change(0, has_data=True, track="audio")], 0.0),
    ],
)
def test_the_share_of_a_day_is_what_its_tracks_cover(changes: list[Change], share: float) -> None:
    recording = Recording(token="r", tracks=("v", "w"))
    assert share_of(recording, changes, since=hours(0), until=NOON) == pytest.approx(share)


def test_without_changes_the_span_counts_and_without_a_span_nothing_is_known() -> None:
    spanned = Recording(token="r", since=hours(-99), until=hours(12))
    assert share_of(spanned, [], since=hours(0), until=NOON) == pytest.approx(0.5)
    assert share_of(ONE, [], since=hours(0), until=NOON) is None


@given(st.lists(st.tuples(st.floats(-30, 30), st.booleans(), st.sampled_from("vw")), max_size=12))
def test_no_row_of_changes_gives_more_than_the_day(rows: list[tuple[float, bool, str]]) -> None:
    changes = [change(hour, has_data=has, track=track) for hour, has, track in rows]
    share = share_of(Recording(token="r"), changes, since=hours(0), until=NOON)
    assert share is None or 0 <= share <= 1


@pytest.mark.parametrize(
    ("sources", "channel", "token"),
    [(("s2",), None, "b"), ((), 3, "c"), ((), None, None), ((), 9, None), (("s9",), 1, "a")],
)
def test_the_recording_of_a_channel_is_found_by_source_or_by_number(
    sources: tuple[str, ...], channel: int | None, token: str | None
) -> None:
    three = tuple(Recording(token=name, source=f"s{number}") for number, name in enumerate("abc", 1))
    found = of_channel(three, sources, channel)
    assert (found.token if found else None) == token


@given(st.binary(max_size=200))
def test_no_reply_breaks_the_readers(reply: bytes) -> None:
    for read in (recordings_of, changes_of, is_complete, search_token_of, subscription_of, boot_of, was_pulled):
        assert not read(b"<Envelope>" + reply)
    assert parameters_of(reply) == ()
