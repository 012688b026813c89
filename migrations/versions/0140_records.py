"""Keep the rest of the camera record: further fields, photos and documents, and what each class must have."""

from pathlib import Path

from alembic import op

revision = "0140"
down_revision = "0120"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0140_records.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0140_records_down.sql").read_text().replace("%", "%%"))
