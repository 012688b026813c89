"""Keep plans of more cameras, forbidden places, and the computations of where the next ones go."""

from pathlib import Path

from alembic import op

revision = "0200"
down_revision = "0190"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0200_plans.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0200_plans_down.sql").read_text().replace("%", "%%"))
