"""A pool of decoder processes for asyncio: each holds one look at a time, and is killed and replaced when it overstays.

Neither FFmpeg nor OpenCV is loaded here, so a prober stays small and nothing a camera sends is parsed in it.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from data.looks import Credential, Picture
from data.types import Fault, Layer
from video.errors import CameraError, DecoderDied, of_fault
from video.stretch import NO_RATES, Rates
from video.wire import MOST_BLOB, BadMessage, packed, picture_from, rates_from, receive

# A decoder ends by itself in time; this much later it hangs and is killed.
_GRACE_S = 1.0
_START_S = 30.0
_CODE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a decoder saw: the picture, its codec, the ms from opening the stream to the key frame, and the rates."""

    picture: Picture
    codec: str
    key_frame_ms: float
    rates: Rates = NO_RATES


Words = dict[str, Any]
Answer = TypeVar("Answer")


class Decoders:
    """`count` decoder processes, started when first needed. Use as `async with Decoders(2) as decoders`."""

    def __init__(self, count: int) -> None:
        self._slots: asyncio.LifoQueue[_Decoder | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._slots.put_nowait(None)
        self._count = count
        self._nursery = _Nursery()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

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
        """Return the first key frame of a stream as a picture; raise a CameraError.

        Only `peer` is connected to, an IP address that may be contacted; the host of the URI where it is not given.
        With `stretch_s` the stream is measured for that long more at most. `references` describe the scene as it
        should be.
        `within_s` starts when a decoder is free, so that a queue of looks makes no camera late.
        """
        job = _job(
            uri,
            credential,
            within_s=within_s,
            previous_sha256=previous_sha256,
            peer=peer,
            stretch_s=stretch_s,
            references=[b64encode(reference).decode() for reference in references],
        )
        return await self._answer(job, within_s + stretch_s + _GRACE_S, _look_from)

    async def judge(self, image: bytes, *, previous_sha256: str | None = None, within_s: float = 20.0) -> Picture:
        """Return what the bytes of a picture file show; raise DecoderDied, which says why, when they are none."""
        if not 0 < len(image) <= MOST_BLOB:
            raise DecoderDied(f"a file of {len(image)} bytes is no picture" if not image else "the file is too large")
        words = {"within_s": within_s, "stretch_s": 0.0, "previous_sha256": previous_sha256, "image_bytes": len(image)}
        return await self._answer(packed(words) + image, within_s + _GRACE_S, _picture_from)

    async def _answer(self, job: bytes, within_s: float, read: Callable[[Words, list[bytes]], Answer]) -> Answer:
        decoder = await self._slots.get()
        keep: _Decoder | None = None
        try:
            decoder = decoder or await self._nursery.start()
            words, blobs = await decoder.answer(job, within_s)
            result = _failure_from(words) or read(words, blobs)
            keep = decoder
        except (OSError, asyncio.IncompleteReadError, BadMessage, TimeoutError) as error:
            raise DecoderDied(_how_it_died(error)) from error
        finally:
            if decoder and keep is None:
                decoder.drop()
            self._slots.put_nowait(keep)
        if isinstance(result, CameraError):
            raise result
        return result

    async def close(self) -> None:
        """End every decoder; looks that run are waited for."""
        for _ in range(self._count):
            decoder = await self._slots.get()
            if decoder:
                decoder.drop()
        await self._nursery.close()


class _Decoder:
    """One decoder process and the socket to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pidfd: int) -> None:
        self._reader = reader
        self._writer = writer
        self._pidfd = pidfd

    async def answer(self, job: bytes, within_s: float) -> tuple[dict[str, Any], list[bytes]]:
        async with asyncio.timeout(within_s):
            self._writer.write(job)
            return await receive(self._reader)

    def kill_process(self) -> None:
        """End the process; its socket closes by itself."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def drop(self) -> None:
        """End the process and forget it."""
        self.kill_process()
        self._writer.close()
        os.close(self._pidfd)


class _Nursery:
    """The process that has everything loaded and forks decoders; started on first use, and again if it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> _Decoder:
        """Return a new decoder."""
        async with self._turn, asyncio.timeout(_START_S):
            if self._process is None or self._process.poll() is not None:
                self._open()
            assert self._control is not None  # noqa: S101  opened above
            ours, theirs = socket.socketpair()
            with theirs:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            pid = await asyncio.get_running_loop().sock_recv(self._control, 4)
            if len(pid) < 4:
                ours.close()
                raise ConnectionResetError("the decoder nursery ended")
            reader, writer = await asyncio.open_unix_connection(sock=ours)
            return _Decoder(reader, writer, os.pidfd_open(int.from_bytes(pid, "big")))

    def _open(self) -> None:
        if self._control:
            self._control.close()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        # No settings and no secrets of the prober reach a process that reads what strangers send.
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(_CODE),
            "OPENBLAS_NUM_THREADS": "1",
        }
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module, no shell
                [sys.executable, "-m", "video.decoder", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                cwd="/",
            )
        self._control = ours

    async def close(self) -> None:
        """End the nursery."""
        if self._control:
            self._control.close()
        if self._process:
            await asyncio.get_running_loop().run_in_executor(None, self._process.wait)


def _job(uri: str, credential: Credential | None, **more: object) -> bytes:
    user, password = (credential.user, credential.password) if credential else (None, None)
    return packed({"uri": uri, "user": user, "password": password, **more})


def _failure_from(words: Words) -> CameraError | None:
    if "fault" not in words:
        return None
    try:
        return of_fault(Fault(words["fault"]), str(words["detail"])[:200], Layer(words["layer"]))
    except (ValueError, TypeError, KeyError) as error:
        raise BadMessage("it has the wrong shape") from error


def _picture_from(words: Words, blobs: list[bytes]) -> Picture:
    try:
        jpeg, thumbnail = blobs
        return picture_from(words["picture"], jpeg, thumbnail)
    except (ValueError, TypeError, KeyError) as error:
        raise BadMessage("it has the wrong shape") from error


def _look_from(words: Words, blobs: list[bytes]) -> Decoded:
    try:
        return Decoded(
            picture=_picture_from(words, blobs),
            codec=str(words["codec"])[:20],
            key_frame_ms=float(words["key_frame_ms"]),
            rates=rates_from(words["rates"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BadMessage("it has the wrong shape") from error


def _how_it_died(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it hung and was killed"
    return "it did not survive this stream"
