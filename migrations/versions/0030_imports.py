"""Let imports number areas, name codes used elsewhere and place devices anew; seed how recorders name streams."""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0040"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0030_imports.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0030_imports_down.sql").read_text().replace("%", "%%"))
