"""Mark cells whose cameras began or ceased to show a picture: they are computed before all others."""

import sqlalchemy as sa
from alembic import op

revision = "0240"
down_revision = "0230"


def upgrade() -> None:
    op.add_column("cell_coverage", sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    op.drop_column("cell_coverage", "urgent")
