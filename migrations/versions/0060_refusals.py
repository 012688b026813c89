"""Remember a password that only ONVIF refused, and the last frame."""

from pathlib import Path

from alembic import op

revision = "0060"
down_revision = "0050"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0060_refusals.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0060_refusals_down.sql").read_text().replace("%", "%%"))
