"""Find the months there are, and their days, without reading every camera."""

from pathlib import Path

from alembic import op

revision = "0162"
down_revision = "0161"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0162_months.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0162_months_down.sql").read_text().replace("%", "%%"))
