"""Secrets at rest: passwords of devices and their like, sealed with key files that are not in the database.

A database dump alone opens nothing; the key file alone opens nothing either. More machines on one database need
the same key file.
"""

import base64
import fcntl
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from data import settings
from data.errors import Refusal

_FORMAT = b"\x01"
_KEY_BYTES, _MARK_BYTES, _NONCE_BYTES = 32, 4, 12


class SecretError(Refusal):
    """A secret cannot be opened or a key file cannot be used; the message says why, never what is in it."""


def encrypt(plaintext: str, *, purpose: str, folder: Path | None = None) -> bytes:
    """Seal `plaintext` with AES-256-GCM; it opens only for the same `purpose`.

    The key file is made the first time. Two seals of one text differ. `folder` is the folder of
    key files, that of the installation if None.
    """
    key = _read_keys(folder)[0]
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + _mark(key) + nonce + AESGCM(key).encrypt(nonce, plaintext.encode(), purpose.encode())


def decrypt(sealed: bytes, *, purpose: str, folder: Path | None = None) -> str:
    """Open what `encrypt` sealed for `purpose`, also with keys that were rotated out.

    Raises SecretError when no key fits or the bytes were changed.
    """
    return Opener(purpose, folder=folder).open(sealed)


class Opener:
    """Opens many secrets of one purpose with the key file read once; keep it no longer than one piece of work."""

    def __init__(self, purpose: str, *, folder: Path | None = None) -> None:
        self._purpose = purpose.encode()
        self._folder = folder
        self._keys: dict[bytes, AESGCM] | None = None

    def open(self, sealed: bytes) -> str:
        """Open one secret; raise SecretError as `decrypt` does."""
        if self._keys is None:
            self._keys = {_mark(key): AESGCM(key) for key in _read_keys(self._folder)}
        start = len(_FORMAT) + _MARK_BYTES
        mark, nonce, body = sealed[1:start], sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        key = self._keys.get(mark)
        if sealed[:1] != _FORMAT or key is None:
            raise SecretError(
                "This secret was sealed with another key file. Restore keys/secrets.key that belongs to it."
            )
        try:
            return key.decrypt(nonce, body, self._purpose).decode()
        except (InvalidTag, ValueError):
            said = f"This secret was changed, or it is not a {self._purpose.decode()}. Enter it again."
            raise SecretError(said) from None


def is_outdated(sealed: bytes, *, folder: Path | None = None) -> bool:
    """Say whether `sealed` uses a key that was rotated out, so that it should be sealed again."""
    return sealed[1 : 1 + _MARK_BYTES] != _mark(_read_keys(folder)[0])


def rotate(folder: Path | None = None) -> None:
    """Put a new key first in the key file; the old ones still open what they sealed."""
    _read_keys(folder)
    path = _folder(folder) / "secrets.key"
    write_private(path, _new_line() + path.read_bytes())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read (0600), whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _read_keys(folder: Path | None) -> list[bytes]:
    path = _folder(folder) / "secrets.key"
    try:
        keys = [base64.urlsafe_b64decode(line) for line in _content(path).split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise SecretError(f"{path} is not a key file. Restore it from a backup; without it no password can be read.")
    return keys


def _content(path: Path) -> bytes:
    """Return the content of a key file, making it first if there is none; two processes make one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            write_private(path, _new_line())
        return path.read_bytes()
    finally:
        os.close(lock)


def _folder(folder: Path | None) -> Path:
    return folder or settings.get().keys


def _new_line() -> bytes:
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)) + b"\n"


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"mark" + key).digest()[:_MARK_BYTES]
