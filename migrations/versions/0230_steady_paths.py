"""Bring paths up to date as fast while statistics are out of date."""

from pathlib import Path

from alembic import op

revision = "0230"
down_revision = "0220"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0230_steady_paths.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0230_steady_paths_down.sql").read_text().replace("%", "%%"))
