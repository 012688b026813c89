"""Fixtures that every test may use."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import cluster, db, migrate, settings
from data.tables import Base

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the checkout, or skip and say why."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data of ../shared/data is not here")
    return folder


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Return an empty SHARPEYES_HOME for this run, which every setting of the process points to.

    It lies where the user of the database may walk in, which pytest's own folders do not allow.
    """
    folder = Path(tempfile.mkdtemp(prefix="sharpeyes-test-"))
    folder.chmod(0o711)
    os.environ["SHARPEYES_HOME"] = str(folder)
    settings.get.cache_clear()
    yield folder
    del os.environ["SHARPEYES_HOME"]
    settings.get.cache_clear()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database(home: Path) -> Iterator[Path]:
    """Run a real private PostGIS with every migration applied; yields its home."""
    mine = cluster.of_home(home, options={"fsync": "off"})
    cluster.start(mine)
    migrate.upgrade(db.engine())
    yield home
    for who in ("owner", "web", "push"):
        db.engine(who).dispose()
    cluster.stop(mine)


@pytest.fixture
def session(database: Path) -> Iterator[Session]:
    """Return an owner's session whose work is rolled back after the test."""
    with db.engine().connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        transaction.rollback()


@pytest.fixture
def committed(database: Path) -> Iterator[Path]:
    """Let a test commit, as other processes and roles must see it; every table is empty again afterwards."""
    yield database
    kept = {"stream_templates", "tile_versions", "options", "networks", "forbidden_kinds"}
    names = [table.name for table in Base.metadata.sorted_tables if table.name not in kept]
    with db.transaction() as session:
        session.execute(text(f"TRUNCATE {', '.join(names)}, procrastinate_jobs RESTART IDENTITY CASCADE"))
