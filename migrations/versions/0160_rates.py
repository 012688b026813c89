"""Count health by days and months, keep submitted months and lists of superiors."""

from pathlib import Path

from alembic import op

revision = "0160"
down_revision = "0150"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0160_rates.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0160_rates_down.sql").read_text().replace("%", "%%"))
