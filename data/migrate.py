"""Bring the database to the version this code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from data import cluster, db, settings
from data.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply every missing step, each in its own transaction."""
    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()
        give_passwords(connection, settings.get())
        connection.commit()


def give_passwords(connection: Connection, chosen: Settings) -> None:
    """Give the restricted roles the password that follows from the owner's, where DATABASE_URL has one.

    The private cluster needs none, since nobody but its own user reaches its socket.
    """
    password = cluster.web_password(chosen)
    if password is None or chosen.database_web_url:
        return
    for role in db.ROLES.values():
        words = text("SELECT format('ALTER ROLE %I PASSWORD %L', CAST(:role AS text), CAST(:password AS text))")
        connection.exec_driver_sql(connection.execute(words, {"role": role, "password": password}).scalar_one())


def downgrade(engine: Engine, revision: str) -> None:
    """Take steps back down to `revision`, for example "base"."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def is_current(connection: Connection) -> bool:
    """Say whether the database has the version this code expects."""
    return MigrationContext.configure(connection).get_current_revision() == newest()


def newest() -> str | None:
    """Return the revision this code expects."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
