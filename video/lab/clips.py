"""Scenes as encoded clips: encoded once, kept in memory and in a folder, shared by every camera that shows them."""

import asyncio
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path

from video.lab.drawing import VERSION, frames
from video.lab.encoder import encode
from video.lab.faults import Treatment
from video.lab.rtp import payloads
from video.lab.spec import Codec, Scene

CLIP_S = 6
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


def read(stream: bytes, key: ClipKey) -> Clip:
    """Return the clip in an Annex B stream whose access units begin with a delimiter."""
    units: list[list[bytes]] = []
    for nal in _nals(stream):
        if nal_type(nal, key.codec) == _DELIMITER[key.codec]:
            units.append([])
        else:
            units[-1].append(nal)
    found = tuple(_frame(tuple(unit), key.codec) for unit in units)
    parameters = tuple(nal for nal in found[0].nals if nal_type(nal, key.codec) in _PARAMETERS[key.codec])
    return Clip(key, found, parameters)


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
    if path and path.exists():
        return read(path.read_bytes(), key)
    pictures = frames(
        key.scene,
        key.treatment,
        width=key.width,
        height=key.height,
        count=key.frame_count,
        fps=key.fps,
        title=key.title,
    )
    stream = encode(pictures, key.codec, width=key.width, height=key.height, fps=key.fps, gop=key.gop)
    if path:
        _keep(path, stream)
    return read(stream, key)


def _keep(path: Path, stream: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two labs may share the folder: a file appears whole or not at all.
    unfinished = path.with_suffix(f".{id(stream)}.part")
    unfinished.write_bytes(stream)
    unfinished.rename(path)
