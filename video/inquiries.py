"""What a device is asked now and then only: where its clock gets the time, its subscriptions, its recordings.

Every answer may be missing or wrong without the device being ill: not offered is no fault, and one question that hangs
leaves the others their time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from data.looks import Offer, Want
from video.errors import CameraError
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
from video.soap import Profile, ntp_servers_of, sources_of
from video.subscriptions import boot_of, parameters_of, subscription_of, was_pulled

WITHIN_S = 5.0
_DAY = timedelta(days=1)
# A device that says "still searching" at once is asked again after a breath, and not for ever.
_BREATH_S = 0.2
_MOST_PULLS = 5
_MOST_RESULTS = 200

Facts = dict[str, Any]


class Talk(Protocol):
    """A conversation with a device: video/device.py."""

    async def ask(self, service: str, operation: str, **arguments: Any) -> bytes:
        """Return the reply to one question, empty when the device declines it; raise a CameraError."""

    def has(self, service: str) -> bool:
        """Return whether the device says that it has this service."""

    def hosted(self, reported: str | None) -> str | None:
        """Return an address the device reported, on the host that was called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom the questions are about: a channel of a recorder, the profiles of the device, and the time on its clock."""

    channel: int | None
    profiles: tuple[Profile, ...]
    device_time: datetime


async def answers(talk: Talk, wanted: frozenset[Want], asked: Asked) -> Facts:
    """Return the facts the device gives to what is wanted, and in `answered` to which of it."""
    facts: Facts = {"answered": frozenset()}
    for want, question, failed in _QUESTIONS:
        if want not in wanted:
            continue
        try:
            async with asyncio.timeout(WITHIN_S):
                facts |= await question(talk, asked)
        except (CameraError, TimeoutError):
            facts |= failed
        facts["answered"] |= {want}
    return facts


async def _settings(talk: Talk, asked: Asked) -> Facts:
    return {"ntp_servers": ntp_servers_of(await talk.ask("devicemgmt", "GetNTP"))}


async def _events(talk: Talk, asked: Asked) -> Facts:
    created = await talk.ask("events", "CreatePullPointSubscription", InitialTerminationTime="PT1M")
    where = talk.hosted(subscription_of(created))
    if where is None:
        return {"events": Offer.BROKEN if created else Offer.NOT_OFFERED}
    header = list(parameters_of(created))
    try:
        pulled = await talk.ask(
            "pullpoint", "PullMessages", Timeout="PT1S", MessageLimit=100, at=where, _soapheaders=header
        )
    finally:
        await talk.ask("subscription", "Unsubscribe", at=where, _soapheaders=header)
    return {"events": Offer.WORKS if was_pulled(pulled) else Offer.BROKEN, "booted_at": boot_of(pulled)}


async def _recording(talk: Talk, asked: Asked) -> Facts:
    if not talk.has("search"):
        return {"recording": Offer.NOT_OFFERED}
    begun = await talk.ask("search", "FindRecordings", Scope={}, KeepAliveTime="PT20S")
    if not begun:
        return {"recording": Offer.NOT_OFFERED}
    found = [one async for reply in _results(talk, "GetRecordingSearchResults", begun) for one in recordings_of(reply)]
    recording = of_channel(tuple(found), sources_of(asked.profiles, asked.channel), asked.channel)
    if recording is None:
        # Nothing is recorded, or one cannot tell which recording is this camera's.
        return {"recording": Offer.WORKS, "recorded_share": None if found else 0.0}
    until = asked.device_time
    changes = await _changes(talk, recording, since=until - _DAY, until=until)
    share = share_of(recording, changes, since=until - _DAY, until=until)
    return {"recording": Offer.WORKS, "recorded_share": share}


async def _changes(talk: Talk, recording: Recording, *, since: datetime, until: datetime) -> list[Change]:
    begun = await talk.ask(
        "search",
        "FindEvents",
        StartPoint=since,
        EndPoint=until,
        Scope={"IncludedRecordings": [recording.token]},
        SearchFilter={},
        IncludeStartState=True,
        KeepAliveTime="PT20S",
    )
    if not begun:
        return []
    return [one async for reply in _results(talk, "GetEventSearchResults", begun) for one in changes_of(reply)]


async def _results(talk: Talk, operation: str, begun: bytes) -> AsyncIterator[bytes]:
    token = search_token_of(begun)
    if token is None:
        return
    for _ in range(_MOST_PULLS):
        reply = await talk.ask(
            "search", operation, SearchToken=token, MinResults=1, MaxResults=_MOST_RESULTS, WaitTime="PT1S"
        )
        yield reply
        if not reply or is_complete(reply):
            return
        await asyncio.sleep(_BREATH_S)
    await talk.ask("search", "EndSearch", SearchToken=token)


_QUESTIONS: tuple[tuple[Want, Callable[[Talk, Asked], Awaitable[Facts]], Facts], ...] = (
    (Want.SETTINGS, _settings, {}),
    (Want.EVENTS, _events, {"events": Offer.BROKEN}),
    (Want.RECORDING, _recording, {"recording": Offer.BROKEN}),
)
