"""Remember which views a cell was computed from, and read who sees a place through an index."""

from pathlib import Path

from alembic import op

revision = "0070"
down_revision = "0011"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0070_seen_now.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0070_seen_now_down.sql").read_text().replace("%", "%%"))
