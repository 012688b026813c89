"""Everything an installation knows in one file, and back: database, pictures, keys.

The file is a plain tar, for what it holds is compressed already (a pg_dump, JPEG pictures). Its last member lists
every other with its checksum and every table with its rows, so a restore can tell a whole backup from a damaged one
before it touches anything.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

import fsspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from data import cluster, postgres
from data.errors import Refusal
from data.settings import Settings

VERSION = 1
DUMP, KEYS, PICTURES, MANIFEST = "database.dump", "keys/", "pictures/", "manifest.json"
_BLOCK = 2**20
_SESSIONS_END_WITHIN_S = 2.0
_ROWS_OF_OURS = """
SELECT format('%I.%I', schema.nspname, class.relname)
FROM pg_class class JOIN pg_namespace schema ON schema.oid = class.relnamespace
WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition
  AND schema.nspname NOT IN ('pg_catalog', 'information_schema') AND schema.nspname NOT LIKE 'pg_%'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = class.oid AND deptype = 'e')
ORDER BY 1
"""


class BackupError(Refusal):
    """A backup cannot be made or restored; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds: rows by table, and checksum (SHA-256) and bytes by member."""

    version: int
    made_at: str
    roles: list[str]
    tables: dict[str, int]
    files: dict[str, tuple[str, int]]

    @property
    def rows(self) -> int:
        """Count the rows of all tables."""
        return sum(self.tables.values())

    @property
    def pictures(self) -> int:
        """Count the pictures, thumbnails included."""
        return sum(name.startswith(PICTURES) for name in self.files)


def backup(chosen: Settings, file: Path, *, at: datetime) -> Manifest:
    """Write everything into `file` (0600), which appears whole or not at all; the system may run meanwhile.

    Pictures that the retention removes meanwhile are left out.
    """
    cluster.ensure_running(chosen)
    if not file.parent.is_dir():
        raise BackupError(f"There is no folder {file.parent}. Make it, or write the backup elsewhere.")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        draft, dump = Path(folder) / "draft.tar", Path(folder) / DUMP
        tables, roles = _dump(cluster.owner_url(chosen), dump)
        with tarfile.open(draft, "x") as tar:
            files = dict(_add_all(tar, chosen, dump))
            manifest = Manifest(version=VERSION, made_at=at.isoformat(), roles=roles, tables=tables, files=files)
            _add(tar, MANIFEST, io.BytesIO(json.dumps(asdict(manifest), indent=1).encode()))
        draft.chmod(0o600)
        _keep(draft)
        draft.replace(file)
    return manifest


def verify(file: Path) -> Manifest:
    """Read the whole backup and return what it holds; raise BackupError if anything is missing or changed."""
    found: dict[str, tuple[str, int]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or ".." in Path(member.name).parts or member.name.startswith("/"):
                    raise BackupError(f"{file} holds {member.name!r}, which no backup of ours does.")
                if member.name == MANIFEST:
                    manifest = _read_manifest(content)
                else:
                    found[member.name] = _checksum(content), member.size
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} cannot be read as a backup ({error}). Choose another file.") from error
    if manifest is None or manifest.files != found:
        raise BackupError(f"{file} is damaged or cut short: its list of contents does not fit. Choose another file.")
    if manifest.version != VERSION:
        raise BackupError(
            f"{file} has version {manifest.version}, this program reads {VERSION}. Use the one it was made with."
        )
    return manifest


def restore(chosen: Settings, file: Path, *, replace: bool = False) -> Manifest:
    """Put back everything that `file` holds, into an empty installation or, with `replace`, over what is there.

    The backup is read whole before anything is touched, the new database is complete before the old one goes.
    The system must be stopped; only its database may run.
    """
    manifest = verify(file)
    cluster.ensure_running(chosen)
    target = _Target(cluster.owner_url(chosen))
    if not replace and (target.has_tables() or _has_files(chosen)):
        raise BackupError(
            "There is data here already. Restore into an empty SHARPEYES_HOME, or add --replace to lose it."
        )
    target.refuse_when_in_use()
    with tempfile.TemporaryDirectory(dir=chosen.home, prefix=".restore-") as folder:
        drafts = Path(folder)
        _unpack(file, drafts)
        target.fill_draft(drafts / DUMP, manifest)
        target.take_over_draft()
        _replace_keys(chosen, drafts / KEYS)
        _replace_pictures(chosen, drafts / PICTURES)
    return manifest


def _unpack(file: Path, folder: Path) -> None:
    """Write the files of a backup that was verified into `folder`; only contents, no rights and no links."""
    with tarfile.open(file) as tar:
        for member in tar:
            content = tar.extractfile(member)
            place = folder / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as written:
                shutil.copyfileobj(cast(IO[bytes], content), written)


class _Target:
    """The database a backup is restored into, and the draft beside it that becomes it."""

    def __init__(self, url: str) -> None:
        self.address = _address(url)
        self.name = str(conninfo_to_dict(self.address)["dbname"])
        self.draft = f"{self.name}_restoring"
        self.before = f"{self.name}_before"

    def has_tables(self) -> bool:
        with psycopg.connect(self.address) as connection:
            return connection.execute(_ROWS_OF_OURS).fetchone() is not None

    def refuse_when_in_use(self) -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        # A session that was just closed is still counted for a moment.
        deadline = time.monotonic() + _SESSIONS_END_WITHIN_S
        with self._maintenance() as connection:
            while connection.execute(query, [self.name]).fetchone() != (0,):
                if time.monotonic() > deadline:
                    raise BackupError("The system is running. Stop it with ./run.sh stop, then restore.")
                time.sleep(0.05)

    def fill_draft(self, dump: Path, manifest: Manifest) -> None:
        """Make the draft and check its rows; it is removed again if anything is wrong."""
        with self._maintenance() as connection:
            for role in manifest.roles:
                if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            self._drop(connection, self.draft)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self.draft)))
        try:
            _call_on(make_conninfo(self.address, dbname=self.draft), "pg_restore", "--no-owner", "-1", str(dump))
            with psycopg.connect(self.address, dbname=self.draft) as connection:
                counted = _count(connection)
            if counted != manifest.tables:
                raise BackupError("The restored rows are not those of the backup. Nothing was changed here.")
        except BaseException:
            with self._maintenance() as connection:
                self._drop(connection, self.draft)
            raise

    def take_over_draft(self) -> None:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with self._maintenance() as connection:
            self._drop(connection, self.before)
            connection.execute(rename.format(sql.Identifier(self.name), sql.Identifier(self.before)))
            connection.execute(rename.format(sql.Identifier(self.draft), sql.Identifier(self.name)))
            self._drop(connection, self.before)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self.address, dbname="postgres", autocommit=True) as connection:
                yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                f"The owner named in DATABASE_URL may not do this ({error}). Give it CREATEDB, CREATEROLE, BYPASSRLS."
            ) from error

    @staticmethod
    def _drop(connection: psycopg.Connection[Any], name: str) -> None:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _dump(url: str, file: Path) -> tuple[dict[str, int], list[str]]:
    """Dump the database into `file`; return rows by table as of the same moment, and the roles it grants to."""
    address = _address(url)
    with psycopg.connect(address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row  # noqa: S101  an aggregate always gives a row
        _call_on(address, "pg_dump", "--format=custom", f"--snapshot={row[0]}", f"--file={file}")
        roles = connection.execute(r"SELECT rolname FROM pg_roles WHERE rolname LIKE 'sharpeyes\_%' ORDER BY 1")
        return _count(connection), [name for (name,) in roles]


def _count(connection: psycopg.Connection[Any]) -> dict[str, int]:
    names = [str(name) for (name,) in connection.execute(_ROWS_OF_OURS).fetchall()]
    # The names come quoted out of format('%I').
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone() for name in names}  # noqa: S608
    return {name: row[0] for name, row in counts.items() if row}


def _address(url: str) -> str:
    return make_conninfo("postgresql://" + url.split("://", 1)[1])


def _call_on(address: str, name: str, *words: str) -> None:
    password = str(conninfo_to_dict(address).get("password") or "")
    shown = make_conninfo(address, password=None)
    try:
        postgres.call(
            postgres.find(name), f"--dbname={shown}", *words, secrets={"PGPASSWORD": password} if password else {}
        )
    except postgres.ProgramError as error:
        raise BackupError(f"The database could not be copied. {error}") from error


def _add_all(tar: tarfile.TarFile, chosen: Settings, dump: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    with dump.open("rb") as content:
        yield DUMP, _add(tar, DUMP, content)
    for path in sorted(path for path in chosen.keys.rglob("*") if path.is_file()):
        name = KEYS + path.relative_to(chosen.keys).as_posix()
        with path.open("rb") as content:
            yield name, _add(tar, name, content)
    files, root = fsspec.core.url_to_fs(chosen.pictures)
    for place in files.find(root):
        if place.endswith(".part"):
            continue
        name = PICTURES + place.removeprefix(root.rstrip("/")).lstrip("/")
        try:
            with files.open(place, "rb") as content:
                yield name, _add(tar, name, content)
        except FileNotFoundError:
            continue


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes]) -> tuple[str, int]:
    """Add a member; return its checksum and size."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = content.seek(0, os.SEEK_END), 0o600
    content.seek(0)
    checksum = _checksum(content)
    content.seek(0)
    tar.addfile(member, content)
    return checksum, member.size


def _checksum(content: IO[bytes]) -> str:
    summed = hashlib.sha256()
    while block := content.read(_BLOCK):
        summed.update(block)
    return summed.hexdigest()


def _read_manifest(content: IO[bytes]) -> Manifest:
    read = json.load(content)
    return Manifest(**{**read, "files": {name: (entry[0], entry[1]) for name, entry in read["files"].items()}})


def _keep(file: Path) -> None:
    with file.open("rb") as content:
        os.fsync(content.fileno())


def _has_files(chosen: Settings) -> bool:
    files, root = fsspec.core.url_to_fs(chosen.pictures)
    return (chosen.keys / "secrets.key").exists() or (files.exists(root) and bool(files.find(root)))


def _replace_keys(chosen: Settings, draft: Path) -> None:
    draft.mkdir(exist_ok=True)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    shutil.rmtree(chosen.keys, ignore_errors=True)
    draft.rename(chosen.keys)


def _replace_pictures(chosen: Settings, draft: Path) -> None:
    draft.mkdir(exist_ok=True)
    files, root = fsspec.core.url_to_fs(chosen.pictures)
    if files.exists(root):
        files.rm(root, recursive=True)
    if any(draft.iterdir()):
        files.put(f"{draft}/", root, recursive=True)
