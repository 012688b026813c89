"""The database the migrations make is the one the tables describe, and every step can go back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from data import db, migrate, settings
from data.tables import Base


def ours(kind: str, name: str | None) -> bool:
    return not (
        kind == "table" and str(name).startswith(("procrastinate", "spatial_ref_sys", "alembic", "observations_"))
    )


def test_the_migrated_database_is_the_one_the_tables_describe(database: Path) -> None:
    with db.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, parents: ours(kind, name), "compare_type": False}
        )
        differences = [str(found) for found in compare_metadata(context, Base.metadata)]
    # Indexes on expressions, operator classes and descending columns cannot be read back by name and column.
    assert [found for found in differences if "search" not in found] == []


@pytest.fixture
def spare(database: Path) -> str:
    """Return the address of an empty database beside the one of the tests."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS spare"))
        connection.execute(text("CREATE DATABASE spare"))
    return make_url(db.url_for("owner")).set(database="spare").render_as_string(hide_password=False)


def test_every_migration_can_go_back_and_forth(spare: str) -> None:
    engine = create_engine(spare)
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        ).scalars()
        assert set(left) <= {"alembic_version", "spatial_ref_sys"}
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert migrate.is_current(connection)
    engine.dispose()


def test_the_restricted_roles_get_a_password_on_a_server_of_its_own(database: Path) -> None:
    theirs = settings.read({"DATABASE_URL": "postgresql://owner:a%20secret@db.county/grid"}, code_folder=database)
    stored = text("SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256%'")
    with db.engine().connect() as connection:
        migrate.give_passwords(connection, theirs)
        assert set(connection.execute(stored).scalars()) == {"sharpeyes_web", "sharpeyes_push"}
        connection.rollback()


def test_the_private_database_needs_no_password(database: Path) -> None:
    with db.engine().connect() as connection:
        migrate.give_passwords(connection, settings.get())
        assert connection.execute(text("SELECT count(rolpassword) FROM pg_authid")).scalar_one() == 0
