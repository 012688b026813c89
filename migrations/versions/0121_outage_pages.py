"""Let pages read turns of maintenance windows and what stands behind links."""

from pathlib import Path

from alembic import op

revision = "0121"
down_revision = "0170"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0121_outage_pages.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0121_outage_pages_down.sql").read_text().replace("%", "%%"))
