"""Keep what cells lose and what matters in them, and answer who sees a place."""

from pathlib import Path

from alembic import op

revision = "0180"
down_revision = "0200"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0180_gaps.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0180_gaps_down.sql").read_text().replace("%", "%%"))
