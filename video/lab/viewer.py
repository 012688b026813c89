"""One playing session: the right frames, to the wire, at the right moment."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from video.lab.camera import LabCamera
from video.lab.clips import Clip, Clips, Frame
from video.lab.faults import Feed
from video.lab.rtp import Packer

# Knuth's multiplier spreads sequence numbers, so that a loss looks random and is the same in every run.
_SPREAD = 2_654_435_761


class Viewer:
    """Sends a camera's clip in a loop; a new fault shows at the next frame, a new picture at the next GOP."""

    def __init__(
        self, camera: LabCamera, clips: Clips, clip: Clip, send: Callable[[bytes], None], *, now: datetime
    ) -> None:
        self._camera, self._clips, self._clip, self._send = camera, clips, clip, send
        self._lap, self._at = camera.place_at(now, clip.key.groups)
        turn = camera.counters.sessions * _SPREAD
        self.packer = Packer(ssrc=turn & 0xFFFFFFFF, sequence=turn >> 7, timestamp=turn & 0xFFFFFF)
        self._playing: asyncio.Task[None] | None = None

    def play(self) -> None:
        """Begin to send."""
        if self._playing is None:
            self._playing = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Send nothing more."""
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        began, number = clock(), 0
        while True:
            frame = self._next()
            if self._is_sent(frame):
                self._send_frame(frame, number / self._clip.key.fps)
            number += 1
            await asyncio.sleep(began + number / self._clip.key.fps - clock())

    def _next(self) -> Frame:
        group, place = divmod(self._at, self._clip.key.gop)
        if place == 0:
            self._change_clip()
        frame = self._clip.frames[self._at] if place else self._clip.key_frame(group, self._lap)
        if self._camera.behaviour.is_giant and frame.is_key:
            frame = self._clip.giant(frame)
        more, self._at = divmod(self._at + 1, len(self._clip.frames))
        self._lap += more
        return frame

    def _change_clip(self) -> None:
        key = self._camera.clip_key
        if key == self._clip.key:
            return
        ready = self._clips.ready(key)
        if ready is None:
            self._clips.prepare(key)
            return
        self._clip = ready

    def _is_sent(self, frame: Frame) -> bool:
        feed = self._camera.behaviour.feed
        return feed is Feed.ALL or (feed is Feed.NO_KEY and not frame.is_key)

    def _send_frame(self, frame: Frame, at_s: float) -> None:
        loss = self._camera.behaviour.loss
        for packet in self.packer.packets(frame.payloads, at_s):
            sequence = int.from_bytes(packet[2:4])
            if (sequence * _SPREAD) % 1_000_003 >= loss * 1_000_003:
                self._send(packet)
