"""Let coverage follow changes of cameras, buildings, boundaries and health."""

from pathlib import Path

from alembic import op

revision = "0040"
down_revision = "0020"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0040_coverage.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0040_coverage_down.sql").read_text().replace("%", "%%"))
