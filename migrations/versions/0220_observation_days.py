"""Make the partition of a day also when observations of that day were written before it was there."""

from pathlib import Path

from alembic import op

revision = "0220"
down_revision = "0210"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0220_observation_days.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0220_observation_days_down.sql").read_text().replace("%", "%%"))
