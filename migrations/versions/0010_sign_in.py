"""Say how long a refused sign-in must wait, and what pages show before anybody has signed in."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0002"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0010_sign_in.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0010_sign_in_down.sql").read_text().replace("%", "%%"))
