"""Keep the networks whose devices may be contacted, and what was found in them."""

from pathlib import Path

from alembic import op

revision = "0150"
down_revision = "0130"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0150_networks.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0150_networks_down.sql").read_text().replace("%", "%%"))
