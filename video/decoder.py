"""The process that decodes: loaded once with FFmpeg and OpenCV, it forks a decoder whenever one is asked for.

A fork costs milliseconds where a fresh start costs half a second, so a decoder that hostile video killed is soon
replaced. A decoder gives up its rights before it reads the first byte: an unprivileged user, no files to write, bounded
memory, and a timer of the kernel's that ends it even when nobody is left to do so.

    python -m video.decoder CONTROL      a unix socket's number; a byte with a socket attached asks for a decoder on it
"""

# Sockets load this codec when first used, and a decoder without rights may not be able to read the file any more.
import encodings.idna  # noqa: F401
import logging
import os
import pwd
import resource
import signal
import socket
import sys
from base64 import b64decode
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.looks import Credential
from video.errors import CameraError, DecoderDied
from video.picture import BadPicture, picture_of, read_image
from video.stream import first_key_frame
from video.wire import packed, picture_words, receive_blocking, receive_raw

# What one look may add to the memory of a decoder; a 40-megapixel picture needs about a third of it.
_LOOK_MEMORY = 768 * 1024 * 1024
_GRACE_S = 3.0


def main() -> None:
    """Fork a decoder for every socket that arrives, until the prober goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The kernel buries dead decoders; the prober notices by their closed socket.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nobody = pwd.getpwnam("nobody")
    control = socket.socket(fileno=int(sys.argv[1]))
    while True:
        asked, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not asked or not sockets:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _become_harmless(nobody)
            serve(socket.socket(fileno=sockets[0]))
            os._exit(0)
        os.close(sockets[0])
        control.sendall(child.to_bytes(4, "big"))


def serve(connection: socket.socket) -> None:
    """Answer one look after the other until the prober goes."""
    while (job := receive_blocking(connection)) is not None:
        image = receive_raw(connection, job["image_bytes"]) if "image_bytes" in job else None
        signal.setitimer(signal.ITIMER_REAL, float(job["within_s"]) + float(job["stretch_s"]) + _GRACE_S)
        answer = _answer(job, image)
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.sendall(answer)


def _answer(job: dict[str, Any], image: bytes | None) -> bytes:
    try:
        return _look(job) if image is None else _judge(job, image)
    except CameraError as error:
        return _failure(error)
    except (BadPicture, MemoryError) as error:
        return _failure(DecoderDied(str(error)[:100] or "it ran out of memory"))
    except Exception as error:
        # A bug of ours must be loud, and must not cost more than this one look.
        logging.exception("decoder failed")
        return _failure(DecoderDied(type(error).__name__))


def _look(job: dict[str, Any]) -> bytes:
    credential = Credential(user=job["user"], password=job["password"]) if job["user"] is not None else None
    shot = first_key_frame(
        job["uri"], credential, within_s=job["within_s"], peer=job["peer"], stretch_s=job["stretch_s"]
    )
    references = [b64decode(written) for written in job["references"]]
    picture = picture_of(shot.frame, previous_sha256=job["previous_sha256"], references=references, later=shot.later)
    words = {
        "codec": shot.codec,
        "key_frame_ms": shot.key_frame_ms,
        "rates": asdict(shot.rates),
        "picture": picture_words(picture),
    }
    return packed(words, (picture.jpeg, picture.thumbnail))


def _judge(job: dict[str, Any], image: bytes) -> bytes:
    picture = picture_of(read_image(image), previous_sha256=job["previous_sha256"])
    return packed({"picture": picture_words(picture)}, (picture.jpeg, picture.thumbnail))


def _failure(error: CameraError) -> bytes:
    return packed({"fault": error.fault, "detail": error.detail, "layer": error.layer})


def _become_harmless(nobody: pwd.struct_passwd) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + _LOOK_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


if __name__ == "__main__":
    main()
