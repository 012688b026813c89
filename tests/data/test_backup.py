"""What a backup holds comes back the same, and a bad one touches nothing."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from data import backup, certificates, cluster, migrate, secrets, settings

AT = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of its own, with its database running."""

    chosen: settings.Settings

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect("postgresql://" + cluster.owner_url(self.chosen).split("://", 1)[1])

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with self.connect() as connection:
            return connection.execute(query.encode()).fetchall()

    def tell(self, command: str, *values: object) -> None:
        with self.connect() as connection:
            connection.execute(command.encode(), values)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder that an unprivileged user may enter."""
    made = Path(tempfile.mkdtemp(prefix="sharpeyes-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def installation(home: Path) -> Installation:
    return Installation(settings.read({"SHARPEYES_HOME": str(home)}, code_folder=home))


@pytest.fixture(scope="module")
def original(folder: Path) -> Iterator[Installation]:
    """Return an installation with a camera, its password and two pictures."""
    made = installation(folder / "original")
    cluster.ensure_running(made.chosen)
    engine = create_engine(cluster.owner_url(made.chosen))
    migrate.upgrade(engine)
    engine.dispose()
    certificates.ensure(made.chosen.home, ["localhost"], at=AT)
    sealed = secrets.encrypt("geheim", purpose="test", folder=made.chosen.keys)
    made.tell("CREATE TABLE kept (name text PRIMARY KEY, sealed bytea, place geometry(Point, 4326), path ltree)")
    made.tell("GRANT SELECT ON kept TO sharpeyes_web")
    made.tell("INSERT INTO kept VALUES ('摄像机', %s, ST_SetSRID(ST_Point(120, 30), 4326), 'a.b')", sealed)
    pictures = Path(made.chosen.pictures)
    (pictures / "2026" / "05").mkdir(parents=True)
    (pictures / "2026" / "05" / "a.jpg").write_bytes(b"one" * 1000)
    (pictures / "b.jpg").write_bytes(b"two")
    (pictures / "c.jpg.part").write_bytes(b"half")
    yield made
    cluster.stop(cluster.of_home(made.chosen.home))


@pytest.fixture
def file(original: Installation, tmp_path: Path) -> Path:
    """Return a fresh backup of the original."""
    backup.backup(original.chosen, tmp_path / "all.tar", at=AT)
    return tmp_path / "all.tar"


@pytest.fixture
def empty(folder: Path) -> Iterator[Installation]:
    """Return a home where nothing is yet."""
    home = Path(tempfile.mkdtemp(dir=folder))
    home.chmod(0o755)
    yield installation(home)
    cluster.stop(cluster.of_home(home))
    shutil.rmtree(home)


def contents(of: Installation) -> dict[str, bytes]:
    """Return every key and picture file by its place in the home."""
    home = of.chosen.home
    found = [*of.chosen.keys.rglob("*"), *Path(of.chosen.pictures).rglob("*")]
    return {
        str(path.relative_to(home)): path.read_bytes() for path in found if path.is_file() and path.suffix != ".part"
    }


def test_an_empty_home_gets_rows_rights_pictures_and_keys_back(
    original: Installation, empty: Installation, file: Path
) -> None:
    held = backup.restore(empty.chosen, file)
    assert held.tables["public.kept"] == 1
    assert held.pictures == 2
    kept = "SELECT name, sealed, ST_AsText(place), path::text FROM kept"
    assert empty.ask(kept) == original.ask(kept)
    assert empty.ask("SELECT has_table_privilege('sharpeyes_web', 'kept', 'SELECT')") == [(True,)]
    every = (
        "SELECT relname, relkind, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    assert empty.ask(every) == original.ask(every)
    assert contents(empty) == contents(original)


def test_sealed_passwords_open_after_a_restore(empty: Installation, file: Path) -> None:
    backup.restore(empty.chosen, file)
    sealed = empty.ask("SELECT sealed FROM kept")[0][0]
    assert isinstance(sealed, bytes)
    assert secrets.decrypt(sealed, purpose="test", folder=empty.chosen.keys) == "geheim"
    modes = {path.stat().st_mode & 0o077 for path in (empty.chosen.keys, *empty.chosen.keys.rglob("*"))}
    assert modes == {0}


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(file.parent) == [file.name]


def test_data_that_is_there_is_not_lost_without_being_asked(original: Installation, file: Path) -> None:
    before = contents(original)
    with pytest.raises(backup.BackupError, match="--replace"):
        backup.restore(original.chosen, file)
    assert contents(original) == before
    assert original.ask("SELECT count(*) FROM kept") == [(1,)]


def test_with_replace_the_backup_wins(empty: Installation, file: Path) -> None:
    backup.restore(empty.chosen, file)
    empty.tell("DELETE FROM kept")
    (Path(empty.chosen.pictures) / "later.jpg").write_bytes(b"later")
    backup.restore(empty.chosen, file, replace=True)
    assert empty.ask("SELECT count(*) FROM kept") == [(1,)]
    assert not (Path(empty.chosen.pictures) / "later.jpg").exists()
    databases = empty.ask("SELECT datname FROM pg_database WHERE datname LIKE 'sharpeyes%%'")
    assert databases == [("sharpeyes",)]


def test_a_running_system_is_not_overwritten(empty: Installation, file: Path) -> None:
    backup.restore(empty.chosen, file)
    with empty.connect() as open_page:
        open_page.execute("SELECT 1")
        with pytest.raises(backup.BackupError, match=r"run\.sh stop"):
            backup.restore(empty.chosen, file, replace=True)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"oneone")] ^= 1
    file.write_bytes(content)


def take_a_picture_out(file: Path) -> None:
    with tarfile.open(file) as source, tarfile.open(file.with_suffix(".new"), "w") as target:
        for member in source:
            if member.name != "pictures/b.jpg":
                target.addfile(member, source.extractfile(member))
    file.with_suffix(".new").rename(file)


def climb_out(file: Path) -> None:
    with tarfile.open(file, "a") as tar:
        tar.addfile(tarfile.TarInfo("keys/../../escaped"))


def become_a_text(file: Path) -> None:
    file.write_text("hello")


@pytest.mark.parametrize("damage", [cut, flip_a_byte, take_a_picture_out, climb_out, become_a_text])
def test_a_damaged_file_touches_nothing(damage: object, empty: Installation, file: Path) -> None:
    assert callable(damage)
    damage(file)
    with pytest.raises(backup.BackupError):
        backup.restore(empty.chosen, file)
    assert not list(empty.chosen.home.iterdir())


def test_a_missing_file_or_folder_is_one_sentence(original: Installation, empty: Installation, tmp_path: Path) -> None:
    with pytest.raises(backup.BackupError, match="Choose another file"):
        backup.restore(empty.chosen, tmp_path / "none.tar")
    with pytest.raises(backup.BackupError, match="There is no folder"):
        backup.backup(original.chosen, tmp_path / "none" / "all.tar", at=AT)
