"""One look at one device, and many looks, n at a time.

A look goes from cheap to dear: DESCRIBE, with OPTIONS before it unless all was well, the first key frame in a decoder
process, then ONVIF. Whatever goes wrong with the device is part of the Observation; an exception from here is a bug.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

from data.looks import Credential, Observation, OnvifOffer, StreamShape, Target, Want
from data.types import Fault, Limits
from video.address import Address, read_address, without_credentials
from video.decoders import Decoded
from video.device import DeviceSeen, ask_device
from video.errors import BadAddress, BadReply, CameraError, NotFound
from video.networks import ANYWHERE, Networks
from video.recorded import differences, is_sub_stream, shape_now
from video.repeats import counted
from video.row import Row
from video.rtsp import Handshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a look may take, per stage and in all, and how long its word counts; seconds.

    Waiting for a free decoder and measuring a stretch of the stream count towards none of them.
    """

    connect_s: float = 3.0
    reply_s: float = 5.0
    key_frame_s: float = 8.0
    onvif_s: float = 6.0
    total_s: float = 18.0
    stretch_s: float = 5.0
    valid_for_s: float = 180.0


# What a stream is held against where nobody gave its class limits of its own.
_USUAL = Limits()


class KeyFrames(Protocol):
    """What turns a stream into a picture: the decoder processes of decoders.py."""

    async def look(
        self,
        uri: str,
        credential: Credential | None,
        *,
        within_s: float,
        previous_sha256: str | None = None,
        peer: str | None = None,
        stretch_s: float = 0.0,
        references: Sequence[bytes] = (),
    ) -> Decoded:
        """Return the first key frame of a stream as a picture, from the address `peer`; raise a CameraError."""


async def look(
    target: Target,
    *,
    now: datetime,
    decoders: KeyFrames | None,
    timeouts: Timeouts | None = None,
    networks: Networks = ANYWHERE,
    row: Row | None = None,
) -> Observation:
    """Look at one device and return the facts; `now` is the time of the call, no `decoders` means no picture.

    Nothing outside `networks` is contacted, whatever names resolve to and devices report. Looks of one `row` tell each
    other what they learn of their recorder.
    """
    return await _Look(target, now, decoders, timeouts or Timeouts(), networks, row or Row()).run()


async def looks(
    targets: Iterable[Target],
    *,
    clock: Callable[[], datetime],
    decoders: KeyFrames | None,
    timeouts: Timeouts | None = None,
    at_once: int = 64,
    networks: Networks = ANYWHERE,
) -> AsyncIterator[tuple[Target, Observation]]:
    """Look at many devices, `at_once` at a time, and yield each observation as it comes.

    Devices with the same turn_key share a recorder's few sessions: they are looked at one by one, and what one look
    learns of the recorder holds for the next.
    """
    rows = _turns(targets)
    chosen = timeouts or Timeouts()
    told: asyncio.Queue[tuple[Target, Observation] | Exception] = asyncio.Queue()
    todo = iter(rows)

    async def work() -> None:
        try:
            for targets in todo:
                row = Row()
                for target in targets:
                    seen = await _Look(target, clock(), decoders, chosen, networks, row).run()
                    told.put_nowait((target, seen))
        except Exception as bug:
            told.put_nowait(bug)

    workers = [asyncio.create_task(work()) for _ in range(min(at_once, len(rows)))]
    try:
        for _ in range(sum(map(len, rows))):
            heard = await told.get()
            if isinstance(heard, Exception):
                raise heard
            yield heard
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _turns(targets: Iterable[Target]) -> list[list[Target]]:
    shared: dict[str, list[Target]] = {}
    alone: list[list[Target]] = []
    for target in targets:
        if target.turn_key:
            shared.setdefault(target.turn_key, []).append(target)
        else:
            alone.append([target])
    # The longest rows first, or the last of them would be all that runs in the end.
    return sorted(shared.values(), key=len, reverse=True) + alone


class _Look:
    """One look under way: what is known so far and the time that is left."""

    def __init__(
        self,
        target: Target,
        now: datetime,
        decoders: KeyFrames | None,
        timeouts: Timeouts,
        networks: Networks,
        row: Row,
    ) -> None:
        self._target = without_credentials(target)
        self._now = now
        self._started = monotonic()
        self._decoders = decoders
        self._timeouts = timeouts
        self._networks = networks
        self._row = row
        self._peer: str | None = None
        self._waited_s = 0.0
        self._facts: dict[str, Any] = {"at": now, "valid_until": now + timedelta(seconds=timeouts.valid_for_s)}
        self._told: Observation | None = None

    async def run(self) -> Observation:
        target = self._target
        if target.rtsp_url is None and target.onvif_url is None:
            self._note(BadAddress("it has neither an RTSP nor an ONVIF address"))
        elif target.rtsp_url is None:
            await self._device()
            await self._stream_of_device()
        else:
            await self._stream(target.rtsp_url)
            await self._device()
        if self._seen.fault is None and not self._seen.detail and (differs := differences(self._seen, _USUAL)):
            self._keep(detail="; ".join(differs))
        return self._seen

    async def _stream_of_device(self) -> None:
        if self._seen.stream_url:
            await self._stream(self._seen.stream_url)
        elif self._seen.onvif_fault:
            self._keep(fault=self._seen.onvif_fault)
        else:
            self._note(BadAddress("it has no RTSP address, and ONVIF gives none"))

    async def _stream(self, url: str) -> None:
        if not is_sub_stream(url):
            self._keep(recorded=self._target.recorded)
        try:
            address = read_address(url)
            self._row.check_door(address)
        except CameraError as error:
            self._note(error)
            return
        try:
            await self._handshake(address)
            if self._target.want_picture and self._decoders and not self._row.is_full(address):
                await self._picture(address, self._decoders)
        except CameraError as error:
            self._note(error)
            self._row.learn(address, self._target.credential, error)
        else:
            self._row.learn(address, self._target.credential, None)

    async def _handshake(self, address: Address) -> None:
        refused = self._password_was_refused or self._row.has_refused(address, self._target)
        if self._target.was_well and not refused:
            handshake = Handshake(address, self._target.credential, at_once=True, networks=self._networks)
            try:
                return await self._describe(handshake)
            except (BadReply, NotFound):
                # It may be one that wants OPTIONS first; a password is shown once all the same.
                if handshake.sent_password:
                    raise
        handshake = Handshake(address, self._target.credential, probe_only=refused, networks=self._networks)
        await self._describe(handshake)

    async def _describe(self, handshake: Handshake) -> None:
        try:
            video = await handshake.run(
                connect_s=self._left(self._timeouts.connect_s), reply_s=self._left(self._timeouts.reply_s)
            )
            shape = shape_now(video, self._target.shape)
            self._keep(**{name: getattr(shape, name) for name in StreamShape.__slots__})
        finally:
            self._peer = handshake.peer
            self._keep(connect_ms=handshake.connect_ms, describe_ms=handshake.describe_ms)

    async def _picture(self, address: Address, decoders: KeyFrames) -> None:
        within_s, before = self._left(self._timeouts.key_frame_s), monotonic()
        try:
            decoded = await decoders.look(
                address.uri,
                self._target.credential,
                within_s=within_s,
                previous_sha256=self._target.previous_sha256,
                peer=self._peer,
                stretch_s=self._timeouts.stretch_s if Want.STREAM in self._target.want else 0.0,
                references=self._target.references,
            )
        except CameraError:
            self._waited_s += max(0.0, monotonic() - before - within_s)
            raise
        self._waited_s += max(0.0, monotonic() - before - decoded.key_frame_ms / 1000)
        told = counted(decoded.picture, self._target, now=self._now)
        picture = told.picture
        self._keep(
            key_frame_ms=decoded.key_frame_ms,
            codec=self._seen.codec or decoded.codec,
            width=picture.width,
            height=picture.height,
            picture=picture,
            repeats=told.repeats,
            same_since=told.since,
        )
        if Want.STREAM in self._target.want:
            self._keep(answered=self._seen.answered | {Want.STREAM}, **asdict(decoded.rates))

    async def _device(self) -> None:
        target = self._target
        if target.onvif_url is None:
            return
        # The device is the recorder, and the channel before has just asked it.
        needs_own = target.rtsp_url is None or target.want - {Want.STREAM}
        heard = None if needs_own else self._row.device(target.onvif_url, target.credential)
        heard = heard or await self._ask_device(target.onvif_url)
        self._row.learn_device(target.onvif_url, target.credential, heard)
        self._keep_device(heard)

    async def _ask_device(self, url: str) -> DeviceSeen:
        target = self._target
        return await ask_device(
            url,
            target.credential,
            now=self._now + timedelta(seconds=monotonic() - self._started),
            within_s=self._left(self._timeouts.onvif_s),
            clock_only=self._password_was_refused
            or self._onvif_password_was_refused
            or self._seen.fault in {Fault.AUTH_REFUSED, Fault.AUTH_LOCKED},
            networks=self._networks,
            channel=target.channel,
            want=target.want - {Want.STREAM},
        )

    def _keep_device(self, heard: DeviceSeen) -> None:
        fault = heard.fault
        if heard.offer is OnvifOffer.OFFERED and fault is None and self._onvif_password_was_refused:
            fault = Fault.ONVIF_AUTH_REFUSED
        self._keep(
            onvif=heard.offer,
            onvif_fault=fault,
            clock_skew_s=heard.clock_skew_s,
            device=heard.identity,
            answered=self._seen.answered | heard.answered,
            clock_source=heard.clock_source,
            ntp_servers=heard.ntp_servers,
            events=heard.events,
            booted_at=heard.booted_at,
            recording=heard.recording,
            recorded_share=heard.recorded_share,
            stream_url=heard.stream_url,
            snapshot_url=heard.snapshot_url,
            detail=self._seen.detail or heard.detail,
        )

    @property
    def _password_was_refused(self) -> bool:
        target = self._target
        return target.credential is not None and target.refused_credential_version == target.credential_version

    @property
    def _onvif_password_was_refused(self) -> bool:
        target = self._target
        return target.credential is not None and target.onvif_refused_credential_version == target.credential_version

    def _left(self, stage_s: float) -> float:
        spent = monotonic() - self._started - self._waited_s
        return max(0.05, min(stage_s, self._timeouts.total_s - spent))

    def _note(self, error: CameraError) -> None:
        self._keep(fault=error.fault, layer=error.layer, detail=error.detail)

    @property
    def _seen(self) -> Observation:
        # Made when it is asked for: a look keeps facts more often than it reads them, and there are many looks.
        if self._told is None:
            self._told = Observation(**self._facts)
        return self._told

    def _keep(self, **facts: object) -> None:
        self._facts |= facts
        self._told = None
