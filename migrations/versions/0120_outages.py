"""Keep outages with their members, links, maintenance windows and limits per class of cameras."""

from pathlib import Path

from alembic import op

revision = "0120"
down_revision = "0031"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0120_outages.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0120_outages_down.sql").read_text().replace("%", "%%"))
