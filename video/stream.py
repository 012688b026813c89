"""The dear look at a camera: open the stream with PyAV and decode its first key frame.

Runs inside a decoder process (decoders.py), because what a camera sends may be hostile and FFmpeg blocks. PyAV's
errors hold the URL with the password, so only their kind leaves this module.
"""

import errno
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import av
import av.error
import av.logging

# PyAV loads this with the first stream, and a decoder without rights may not be able to read the file any more.
import av.subtitles.stream
import numpy as np
from numpy.typing import NDArray

from data.looks import Credential
from data.types import Layer
from video.address import read_address
from video.errors import (
    AuthRefused,
    CameraError,
    DecoderDied,
    NoKeyFrame,
    NotFound,
    NoVideo,
    Refused,
    TookTooLong,
    TooManySessions,
)
from video.relay import Relay, relay
from video.stretch import NO_RATES, Arrival, Rates, rates_of

MOST_PIXELS = 40_000_000
# What ends this close to the end of its time has run out of time.
_LATE_S = 0.1
# A stretch to measure ends with these bytes, and with a key frame once it has lasted as long as this.
_MOST_STRETCH = 8 * 1024 * 1024
_SHORTEST_STRETCH_S = 0.8
# Frames that are kept of a stretch: so many, so far apart, and of pictures no larger than this.
_MOST_LATER, _APART_S, _MOST_LATER_PIXELS = 5, 0.15, 9_000_000

# Open at once: no probing, the description already told what comes. TCP first; UDP where a device answers 461 to it.
# `nobuffer` is not among them on purpose: it costs two seconds.
_FAST = {
    "rtsp_transport": "tcp+udp",
    "rtsp_flags": "prefer_tcp",
    "probesize": "32",
    "analyzeduration": "0",
    "fpsprobesize": "0",
}
# FFmpeg's messages hold addresses with passwords in them.
av.logging.set_level(None)


Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """The first key frame of a stream: (height, width, 3) uint8 in BGR, and the ms from opening to having it.

    A stretch that was measured adds its rates and a few frames of its own, some time apart.
    """

    frame: Frame
    codec: str
    key_frame_ms: float
    rates: Rates = NO_RATES
    later: tuple[Frame, ...] = ()


def first_key_frame(
    uri: str, credential: Credential | None, *, within_s: float, peer: str | None = None, stretch_s: float = 0.0
) -> Shot:
    """Return the first key frame of a stream; raise a CameraError.

    Only `peer` is connected to, or the host of the URI where it is not given.
    Nothing at all in time is TookTooLong; data without a key frame in time is NoKeyFrame. With `stretch_s` the stream
    is measured for that long more at most, or until a group of pictures is over.
    """
    started = monotonic()
    address = read_address(uri)
    try:
        with relay(address, credential, peer=peer or address.host, within_s=within_s + stretch_s) as here:
            return _opened(here, started, ends=started + within_s, stretch_s=stretch_s)
    except OSError as error:
        raise _unreachable(error) from error


def _unreachable(error: OSError) -> CameraError:
    if isinstance(error, ConnectionRefusedError):
        return Refused("the port closed between two connections")
    return TookTooLong("it describes the stream, then sends nothing", layer=Layer.KEY_FRAME)


def _opened(here: Relay, started: float, *, ends: float, stretch_s: float) -> Shot:
    left_s = max(0.05, ends - monotonic())
    try:
        with av.open(here.url, options=_FAST, timeout=(left_s, left_s)) as container:
            shot, key = _first(container, here, started, ends=ends)
            return _measured(container, shot, key, stretch_s) if stretch_s else shot
    except av.error.FFmpegError as error:
        raise here.trouble or _ours(error, here, late=monotonic() >= ends - _LATE_S) from None
    except (ValueError, MemoryError) as error:
        raise DecoderDied(f"{type(error).__name__} while decoding") from None


def _first(container: Any, here: Relay, started: float, *, ends: float) -> tuple[Shot, Any]:
    if not container.streams.video:
        raise NoVideo("the stream brings no video", layer=Layer.KEY_FRAME)
    video = container.streams.video[0]
    context = video.codec_context
    context.thread_count = 1
    packets = 0
    for packet in container.demux(video):
        if packet.size and packet.is_keyframe:
            frame = _decoded(context, packet)
            if frame is not None:
                now = monotonic()
                shot = Shot(frame=frame, codec=str(context.name), key_frame_ms=(now - started) * 1000)
                return shot, packet
        packets += bool(packet.size)
        if monotonic() >= ends:
            break
    if monotonic() < ends - _LATE_S:
        raise NoKeyFrame("the stream ended before a key frame" if packets else "the stream ended before any video")
    raise _nothing_to_show(here.brought_media or packets > 0)


def _nothing_to_show(brought_media: bool) -> CameraError:
    """Return what it is when the time is over: FFmpeg may drop all that came, so the relay is asked too."""
    if brought_media:
        return NoKeyFrame("video comes, but no key frame that can be decoded")
    return TookTooLong("it describes the stream, then sends nothing", layer=Layer.KEY_FRAME)


def _measured(container: Any, shot: Shot, key: Any, stretch_s: float) -> Shot:
    """Return the shot with what follows it; a stream that breaks off has shown its picture all the same."""
    stretch, size, ends = [_arrival(key)], 0, monotonic() + stretch_s
    later = _Later(container.streams.video[0].codec_context, key)
    try:
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                stretch.append(_arrival(packet))
                later.see(packet, at_s=stretch[-1].came_s)
                size += packet.size
            if size > _MOST_STRETCH or monotonic() >= ends or _is_enough(stretch):
                break
    except av.error.FFmpegError:
        pass
    return replace(shot, rates=rates_of(stretch), later=tuple(later.frames))


class _Later:
    """A few frames of a stretch, some time apart; none of what cannot be decoded."""

    def __init__(self, context: Any, key: Any) -> None:
        self.frames: list[Frame] = []
        self._context = context
        self._at_s = monotonic()
        self._is_lost = context.width * context.height > _MOST_LATER_PIXELS
        self._decoded(key)

    def see(self, packet: Any, *, at_s: float) -> None:
        """Decode the next packet, and keep its picture when it is time for one."""
        for frame in self._decoded(packet):
            if len(self.frames) < _MOST_LATER and at_s - self._at_s >= _APART_S:
                self.frames.append(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                self._at_s = at_s

    def _decoded(self, packet: Any) -> list[Any]:
        if self._is_lost or len(self.frames) == _MOST_LATER:
            return []
        try:
            return list(self._context.decode(packet))
        except av.error.FFmpegError:
            self._is_lost = True
            return []


def _is_enough(stretch: list[Arrival]) -> bool:
    return stretch[-1].is_key and stretch[-1].came_s - stretch[0].came_s >= _SHORTEST_STRETCH_S


def _arrival(packet: Any) -> Arrival:
    stamp_s = None if packet.pts is None else float(packet.pts * packet.time_base)
    return Arrival(stamp_s, monotonic(), packet.size, packet.is_keyframe)


def _decoded(context: Any, packet: Any) -> NDArray[np.uint8] | None:
    if context.width * context.height > MOST_PIXELS:
        raise DecoderDied(f"a picture of {context.width} × {context.height} pixels is refused")
    try:
        # One packet and a flush: the decoder would otherwise wait for more frames before it gives the first.
        frames = (*context.decode(packet), *context.decode(None))
    except av.error.InvalidDataError:
        frames = ()
    context.flush_buffers()
    if not frames:
        return None
    frame = frames[0]
    if frame.width * frame.height > MOST_PIXELS:
        raise DecoderDied(f"a picture of {frame.width} × {frame.height} pixels is refused")
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _ours(error: av.error.FFmpegError, here: Relay, *, late: bool) -> CameraError:
    if isinstance(error, av.error.HTTPUnauthorizedError):
        return AuthRefused("the user or password is wrong")
    if isinstance(error, av.error.HTTPNotFoundError):
        return NotFound("it describes the stream but does not play it")
    # 453 and 503 arrive here as "other client error" and "server error".
    if isinstance(error, av.error.HTTPForbiddenError | av.error.HTTPOtherClientError | av.error.HTTPServerError):
        return TooManySessions("it describes the stream but does not play it", layer=Layer.KEY_FRAME)
    # A silent host ends as InvalidDataError or an interrupted call, so the clock decides.
    if late or isinstance(error, av.error.TimeoutError | av.error.ExitError) or error.errno == errno.ETIMEDOUT:
        return _nothing_to_show(here.brought_media)
    return NoKeyFrame(f"the stream cannot be read ({type(error).__name__})")
