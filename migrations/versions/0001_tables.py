"""Make the extensions and every table of the first version."""

from pathlib import Path

from alembic import op

from data.tables import Base

revision = "0001"
down_revision = None

SQL = Path(__file__).resolve().parent.parent / "sql"
EXTENSIONS = ("postgis", "ltree", "btree_gist", "pg_trgm")
ROLES = ("sharpeyes_web", "sharpeyes_push")
FIRST_TABLES = (SQL / "0001_tables.sql").read_text()


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for role in ROLES:
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
            f" THEN CREATE ROLE {role} LOGIN; END IF; END $$"
        )
    op.get_bind().exec_driver_sql(FIRST_TABLES)


def downgrade() -> None:
    for table in reversed(Base.metadata.sorted_tables):
        op.execute(f"DROP TABLE IF EXISTS {table.name} CASCADE")
