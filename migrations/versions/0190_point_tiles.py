"""Cut tiles of cameras and incidents, and keep the counts that groups of them show."""

from pathlib import Path

from alembic import op

revision = "0190"
down_revision = "0110"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    for name in ("0190_spots.sql", "0190_point_tiles.sql"):
        op.get_bind().exec_driver_sql((SQL / name).read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0190_point_tiles_down.sql").read_text().replace("%", "%%"))
