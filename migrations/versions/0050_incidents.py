"""Draw the heat of incidents again when incidents change."""

from pathlib import Path

from alembic import op

revision = "0050"
down_revision = "0030"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0050_incidents.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0050_incidents_down.sql").read_text().replace("%", "%%"))
