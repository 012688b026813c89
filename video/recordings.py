"""What a device has recorded, read from the replies of its ONVIF recording search, and how much of a day that is. Pure.

A device tells of a recording when it begins and ends, and of its tracks when data came and when it stopped
(tns1:RecordingHistory/Track/State, ONVIF Recording Search Service, 5.10).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from video.soap import every, root_of, text_of, time_of

_TRACK_STATE = "RecordingHistory/Track/State"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording of a device: where it comes from, its video tracks, and the time it spans."""

    token: str
    source: str = ""
    tracks: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From this moment on a track has data, or has none."""

    track: str
    at: datetime
    has_data: bool


def search_token_of(reply: bytes) -> str | None:
    """Return the token of a search that was begun, or None."""
    return text_of(root_of(reply), "SearchToken")


def is_complete(reply: bytes) -> bool:
    """Return whether a search has nothing more to tell."""
    return text_of(root_of(reply), "SearchState") == "Completed"


def recordings_of(reply: bytes) -> tuple[Recording, ...]:
    """Return the recordings in a GetRecordingSearchResults reply, in its order."""
    found = (_recording(element) for element in every(root_of(reply), "RecordingInformation"))
    return tuple(recording for recording in found if recording.token)


def changes_of(reply: bytes) -> tuple[Change, ...]:
    """Return the changes of tracks in a GetEventSearchResults reply."""
    results = (element for element in every(root_of(reply), "Result") if text_of(element, "TrackToken"))
    found = (_change(element) for element in results)
    return tuple(change for change in found if change)


def of_channel(recordings: tuple[Recording, ...], sources: tuple[str, ...], channel: int | None) -> Recording | None:
    """Return the recording of one camera: the only one, that of its source, or that of its channel; else None."""
    if len(recordings) == 1:
        return recordings[0]
    named = [recording for recording in recordings if recording.source in sources]
    if len(named) == 1:
        return named[0]
    return recordings[channel - 1] if channel and channel <= len(recordings) else None


def share_of(recording: Recording, changes: Iterable[Change], *, since: datetime, until: datetime) -> float | None:
    """Return the share of [since, until) of which the recording has video, from 0 to 1; None when nothing tells.

    Without any change known its span counts, though it may have gaps.
    """
    told = [change for change in changes if not recording.tracks or change.track in recording.tracks]
    if told:
        stretches = [
            stretch for track in {change.track for change in told} for stretch in _stretches(told, track, until)
        ]
    elif recording.since and recording.until:
        stretches = [(recording.since, recording.until)]
    else:
        return None
    return _covered_s(stretches, since, until) / (until - since).total_seconds()


def _stretches(changes: list[Change], track: str, until: datetime) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    began: datetime | None = None
    for change in sorted((one for one in changes if one.track == track), key=lambda one: one.at):
        if began is not None and not change.has_data:
            found.append((began, change.at))
        began = (began or change.at) if change.has_data else None
    return [*found, (began, until)] if began else found


def _covered_s(stretches: list[tuple[datetime, datetime]], since: datetime, until: datetime) -> float:
    covered_s, end = 0.0, since
    for began, ended in sorted(stretches):
        first, last = max(began, end), min(ended, until)
        if last > first:
            covered_s += (last - first).total_seconds()
            end = last
    return covered_s


def _recording(element: etree._Element) -> Recording:
    tracks = [track for track in every(element, "Track") if text_of(track, "TrackType") == "Video"]
    return Recording(
        token=text_of(element, "RecordingToken") or "",
        source=text_of(element, "SourceId") or "",
        tracks=tuple(token for track in tracks if (token := text_of(track, "TrackToken"))),
        since=time_of(text_of(element, "EarliestRecording")),
        until=time_of(text_of(element, "LatestRecording")),
    )


def _change(element: etree._Element) -> Change | None:
    at = time_of(text_of(element, "Time"))
    items = {str(item.get("Name")): str(item.get("Value")).lower() for item in every(element, "SimpleItem")}
    state = items.get("IsDataPresent")
    if at is None or state is None or _TRACK_STATE not in (text_of(element, "Topic") or _TRACK_STATE):
        return None
    return Change(track=text_of(element, "TrackToken") or "", at=at, has_data=state in {"true", "1"})
