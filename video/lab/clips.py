"""Scenes as encoded clips: encoded once, kept in memory and in a folder, shared by every camera that shows them."""

import asyncio
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from video.lab import giant
from video.lab.drawing import VERSION, frames
from video.lab.encoder import encode
from video.lab.faults import Treatment
from video.lab.grain import grained
from video.lab.rtp import payloads
from video.lab.spec import Codec, Scene

CLIP_S = 6
# As often is each key frame encoded, with other noise each time. From their slices GRAINS ** SLICES key frames can be
# made, so that a loop of CLIP_S shows no key frame again for 25 minutes.
GRAINS = 4
_START = b"\x00\x00\x01"
# NAL unit types: what begins an access unit, what holds parameters, what is a key picture.
_DELIMITER = {Codec.H264: 9, Codec.H265: 35}
_PARAMETERS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
_KEY = {Codec.H264: (5,), Codec.H265: (16, 17, 18, 19, 20, 21)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKey:
    """What a clip shows and how it is encoded."""

    scene: Scene
    title: str
    treatment: Treatment
    codec: Codec
    width: int
    height: int
    fps: int
    gop: int

    @property
    def frame_count(self) -> int:
        """Whole groups of pictures that last about CLIP_S, and two of them at least."""
        return self.gop * max(2, round(CLIP_S * self.fps / self.gop))

    @property
    def groups(self) -> int:
        """How many groups of pictures the loop has."""
        return self.frame_count // self.gop

    @property
    def file_name(self) -> str:
        """The name of the file the clip is kept in; players open it as it is."""
        digest = hashlib.sha256(repr((VERSION, astuple(self))).encode()).hexdigest()[:16]
        return f"{self.scene.light}-{self.scene.seed}-{self.treatment}-{self.height}p-{digest}.{self.codec}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One access unit: its NAL units without start codes, cut for RTP, and whether a decoder can begin here."""

    nals: tuple[bytes, ...]
    payloads: tuple[bytes, ...]
    is_key: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """An endless loop of frames, and the parameter sets that open it."""

    key: ClipKey
    frames: tuple[Frame, ...]
    parameter_sets: tuple[bytes, ...]
    # The other ways in which each key frame was encoded, group by group.
    grains: tuple[tuple[Frame, ...], ...] = ()

    def key_frame(self, group: int, number: int) -> Frame:
        """Return the key frame of a group, made up of slices; another one for every `number` of a long row."""
        frame = self.frames[group * self.key.gop]
        if not self.grains:
            return frame
        ways = [_slices(each, self.key.codec) for each in (frame, *self.grains[group])]
        # One more in every digit, so that no slice of a key frame stands still in the next one.
        number *= sum(len(ways) ** place for place in range(len(ways[0])))
        slices = [ways[number // len(ways) ** place % len(ways)][place] for place in range(len(ways[0]))]
        before = tuple(nal for nal in frame.nals if nal_type(nal, self.key.codec) not in _KEY[self.key.codec])
        return _frame((*before, *slices), self.key.codec)

    def giant(self, frame: Frame) -> Frame:
        """Return a frame with the parameter set of a giant before it."""
        others = (nal for nal in frame.nals if nal_type(nal, self.key.codec) != _PARAMETERS[self.key.codec][0])
        return _frame((giant.parameter_set(), *others), self.key.codec)


def read(stream: bytes, key: ClipKey, grains: bytes = b"") -> Clip:
    """Return the clip in an Annex B stream whose access units begin with a delimiter; `grains` are its keys again."""
    found = _frames(stream, key.codec)
    parameters = tuple(nal for nal in found[0].nals if nal_type(nal, key.codec) in _PARAMETERS[key.codec])
    others = _frames(grains, key.codec)
    row = len(others) // (GRAINS - 1)
    return Clip(key, found, parameters, tuple(others[group::row] for group in range(key.groups if row else 0)))


def _frames(stream: bytes, codec: Codec) -> tuple[Frame, ...]:
    units: list[list[bytes]] = []
    for nal in _nals(stream):
        if nal_type(nal, codec) == _DELIMITER[codec]:
            units.append([])
        else:
            units[-1].append(nal)
    return tuple(_frame(tuple(unit), codec) for unit in units)


def _slices(frame: Frame, codec: Codec) -> list[bytes]:
    return [nal for nal in frame.nals if nal_type(nal, codec) in _KEY[codec]]


def nal_type(nal: bytes, codec: Codec) -> int:
    """Return the NAL unit type (H.264 7.3.1, H.265 7.3.1.2)."""
    return nal[0] & 0x1F if codec is Codec.H264 else (nal[0] >> 1) & 0x3F


def _nals(stream: bytes) -> Iterator[bytes]:
    at = stream.find(_START)
    while at >= 0:
        after = stream.find(_START, at + 3)
        # A four-byte start code leaves its first zero at the end of the unit before it.
        nal = stream[at + 3 : after if after >= 0 else None].rstrip(b"\x00")
        if nal:
            yield nal
        at = after


def _frame(nals: tuple[bytes, ...], codec: Codec) -> Frame:
    return Frame(nals, payloads(nals, codec), any(nal_type(nal, codec) in _KEY[codec] for nal in nals))


class Clips:
    """Every clip asked for so far. Encoding runs in one thread, so that serving goes on meanwhile."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._ready: dict[ClipKey, Clip] = {}
        self._coming: dict[ClipKey, asyncio.Task[Clip]] = {}
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="lab-encoder")

    def ready(self, key: ClipKey) -> Clip | None:
        """Return the clip if it needs no waiting."""
        return self._ready.get(key)

    async def get(self, key: ClipKey) -> Clip:
        """Return the clip; make it first if nobody asked for it before."""
        if key in self._ready:
            return self._ready[key]
        return await asyncio.shield(self.prepare(key))

    def prepare(self, key: ClipKey) -> asyncio.Task[Clip]:
        """Begin to make the clip, once however many ask."""
        if key not in self._coming:
            self._coming[key] = asyncio.create_task(self._make(key))
        return self._coming[key]

    async def _make(self, key: ClipKey) -> Clip:
        loop = asyncio.get_running_loop()
        self._ready[key] = await loop.run_in_executor(self._encoder, _load, key, self._folder)
        return self._ready[key]

    async def close(self) -> None:
        """Drop what is still being made."""
        for task in self._coming.values():
            task.cancel()
        await asyncio.gather(*self._coming.values(), return_exceptions=True)
        self._encoder.shutdown(cancel_futures=True)


def _load(key: ClipKey, folder: Path | None) -> Clip:
    path = folder / key.file_name if folder else None
    beside = path.with_suffix(f".grains.{key.codec}") if path else None
    if path and beside and path.exists() and beside.exists():
        return read(path.read_bytes(), key, beside.read_bytes())
    stream, grains = _encoded(key)
    if path and beside:
        _keep(path, stream)
        _keep(beside, grains)
    return read(stream, key, grains)


def _encoded(key: ClipKey) -> tuple[bytes, bytes]:
    """Return the clip as a stream, and its key frames with other noise as another."""
    pictures = list(
        frames(
            key.scene,
            key.treatment,
            width=key.width,
            height=key.height,
            count=key.frame_count,
            fps=key.fps,
            title=key.title,
        )
    )
    encoded = partial(encode, codec=key.codec, width=key.width, height=key.height, fps=key.fps, gop=key.gop)
    stream = encoded(pictures)
    if key.treatment is not Treatment.CLEAR:
        # Only of a camera that is well must no two pictures be the same; noise would undo what is done to the others.
        return stream, b""
    keys = pictures[:: key.gop]
    # Key frames are numbered by turns (idr_pic_id of H.264), and only equal numbers may stand in one frame.
    keys += keys[: len(keys) % 2]
    again = (grained(picture, number) for number in range(1, GRAINS) for picture in keys)
    return stream, encoded(again, only_keys=True)


def _keep(path: Path, stream: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two labs may share the folder: a file appears whole or not at all.
    unfinished = path.with_name(f"{path.name}.{id(stream)}.part")
    unfinished.write_bytes(stream)
    unfinished.rename(path)
