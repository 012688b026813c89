"""Keep whom to tell, by which rules, and everything that was told."""

from pathlib import Path

from alembic import op

revision = "0170"
down_revision = "0160"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0170_notices.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0170_notices_down.sql").read_text().replace("%", "%%"))
