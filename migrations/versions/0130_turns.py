"""Keep the turns of looks apart from what is known of cameras, unlogged and narrow."""

from pathlib import Path

from alembic import op

revision = "0130"
down_revision = "0140"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0130_turns.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0130_turns_down.sql").read_text().replace("%", "%%"))
