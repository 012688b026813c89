"""Let monitoring read how the prober and the queue are doing."""

from pathlib import Path

from alembic import op

revision = "0161"
down_revision = "0121"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0161_metrics.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0161_metrics_down.sql").read_text().replace("%", "%%"))
