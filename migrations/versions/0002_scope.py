"""Keep the area scope, the audit trail and the queue of jobs in the database."""

from pathlib import Path

from alembic import op

from data import queue

revision = "0002"
down_revision = "0001"

SQL = Path(__file__).resolve().parent.parent / "sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(queue.schema().replace("%", "%%"))
    op.get_bind().exec_driver_sql((SQL / "0002_scope.sql").read_text().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql((SQL / "0002_scope_down.sql").read_text().replace("%", "%%"))
