"""The one folder of all state, and the user that may run a database in it.

PostgreSQL refuses to run as root, so root hands the database to another user, who must be able to walk into
the folder. A home below /root (0700) is therefore kept under /var/lib/sharpeyes, with a link where it was asked for.
"""

import hashlib
import os
import pwd
import stat
from pathlib import Path

from data.errors import Refusal

SHELTER = Path("/var/lib/sharpeyes")
# Bytes of a unix socket's address, without the closing zero: the limit of Linux.
SOCKET_PATH_BYTES = 107


class HomeError(Refusal):
    """The folder of all state cannot be used; the message says why and what to do."""


def settle(home: Path) -> Path:
    """Make the folder `home` if it is missing and return where it really is.

    Raises HomeError when the folder cannot be made or cannot be handed to an unprivileged user.
    """
    real = home.resolve()
    if os.geteuid() == 0 and not others_may_enter(real.parent):
        real = _move_to_shelter(real)
    try:
        real.mkdir(parents=True, exist_ok=True)
        if real.stat().st_uid == os.geteuid():
            # Root's database belongs to another user, who needs to pass through but not to look around.
            real.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise HomeError(
            f"The folder {real} cannot be used: {error.strerror}. Set SHARPEYES_HOME to another."
        ) from error
    return real


def others_may_enter(folder: Path) -> bool:
    """Return whether every user may walk into `folder`; parts that do not exist yet will be made so."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents) if step.exists())


def unprivileged_user(database: Path) -> str | None:
    """Return the user to run the database as, or None for the caller itself.

    Root uses whoever owns the database already, else Debian's postgres.
    """
    if os.geteuid() != 0:
        return None
    if database.exists() and database.stat().st_uid != 0:
        return pwd.getpwuid(database.stat().st_uid).pw_name
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise HomeError(
            "There is no user postgres to run the database as. Install postgresql, or start as an ordinary user."
        ) from None


def private_folder(folder: Path, user: str | None) -> Path:
    """Make `folder` for `user` alone (0700) and return it; refuse one that somebody else made."""
    wanted = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (wanted, os.geteuid()):
        raise HomeError(f"{folder} belongs to somebody else. Remove it, or set SHARPEYES_HOME to another folder.")
    if found.st_uid != wanted:
        os.chown(folder, wanted, -1)
    folder.chmod(0o700)
    return folder


def socket_folder(home: Path, socket_name: str) -> Path:
    """Return a folder for sockets of `home` whose paths fit into a socket address."""
    inside = home / "run"
    if len(os.fsencode(inside / socket_name)) <= SOCKET_PATH_BYTES:
        return inside
    return Path("/tmp") / f"sharpeyes-{short_hash(home)}"  # noqa: S108  made 0700 and its owner is checked


def short_hash(path: Path) -> str:
    """Return 12 hex digits that stand for `path`."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _move_to_shelter(home: Path) -> Path:
    shelter = SHELTER / short_hash(home)
    if home.is_dir() and any(home.iterdir()):
        raise HomeError(
            f"{home} holds files but lies where only root may enter, and a database never runs as root. "
            f"Move it to {shelter} and put a link to it in its place."
        )
    shelter.mkdir(parents=True, exist_ok=True)
    if home.is_dir():
        home.rmdir()
    home.parent.mkdir(parents=True, exist_ok=True)
    home.symlink_to(shelter)
    return shelter
