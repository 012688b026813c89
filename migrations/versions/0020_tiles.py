"""Serve maps from functions that repeat the area scope, and count the changes of every tile layer."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0010"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0020_tiles.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0020_tiles_down.sql").read_text().replace("%", "%%"))
