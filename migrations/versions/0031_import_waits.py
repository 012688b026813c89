"""Tell a page whether its import is still waiting for a worker."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0070"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0031_import_waits.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0031_import_waits_down.sql").read_text().replace("%", "%%"))
