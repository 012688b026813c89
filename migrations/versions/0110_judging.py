"""Keep what pictures are judged by: thresholds of cameras, and the scenes they should show."""

from pathlib import Path

from alembic import op

revision = "0110"
down_revision = "0162"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0110_judging.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0110_judging_down.sql").read_text().replace("%", "%%"))
