"""End the sessions of an account when its password, roles or grants change."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0060"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0011_end_sign_ins.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0011_end_sign_ins_down.sql").read_text().replace("%", "%%"))
