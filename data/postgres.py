"""PostgreSQL's own programs: where they are, and how they are called as an unprivileged user."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from data.errors import Refusal

OLDEST_VERSION = 15


class ProgramError(Refusal):
    """One of PostgreSQL's programs is missing or failed; the message holds what it said."""


def find(name: str, *, data: Path | None = None) -> str:
    """Return the path of the program `name` that fits the cluster in `data`, else of the newest one with PostGIS.

    Looks where Debian keeps them, then on PATH; raises ProgramError when there is none.
    """
    version_file = data / "PG_VERSION" if data else None
    wanted = int(version_file.read_text()) if version_file and version_file.exists() else None
    debian = {
        int(path.parent.name): path
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdecimal() and _has_postgis(path.parent.name)
    }
    version = wanted or max(debian, default=0)
    if version >= OLDEST_VERSION and version in debian:
        return str(debian[version] / name)
    for folder in map(Path, os.get_exec_path()):
        if (folder / "postgres").exists() and (folder / name).exists():
            return str(folder / name)
    raise ProgramError(
        f"PostgreSQL {wanted or f'{OLDEST_VERSION} or later'} with PostGIS is not installed here. "
        "Run ./run.sh setup, or set DATABASE_URL to a server that has it."
    )


def call(*words: str, user: str | None = None, secrets: Mapping[str, str] | None = None) -> None:
    """Run a program as `user` (None is the caller) and wait; raise ProgramError with what it said if it fails.

    `secrets` are environment variables such as PGPASSWORD, which must not stand in the list of processes.
    """
    # A server inherits the output of what starts it, so a pipe would never end; a file does.
    with tempfile.TemporaryFile() as said:
        ended = subprocess.run(  # noqa: S603  the words are ours
            words,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd="/",
            env=environment() | dict(secrets or {}),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        if ended.returncode:
            raise ProgramError(f"{Path(words[0]).name} failed: {said.read().decode(errors='replace').strip()}")


def become(program: str, *options: str, user: str | None = None) -> None:
    """Replace this process by `program`, run as `user`."""
    os.chdir("/")
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    os.execve(program, [program, *options], environment())  # noqa: S606  no shell is wanted


def environment() -> dict[str, str]:
    """Return a clean environment: PGHOST, PGDATA and their like of the caller must not reach our server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _has_postgis(version: str) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()
