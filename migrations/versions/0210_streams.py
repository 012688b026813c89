"""Keep what the record says of a stream: frame rate, bit rate and key frames."""

from alembic import op

revision = "0210"
down_revision = "0180"

UP = """
ALTER TABLE cameras ADD COLUMN frame_rate DOUBLE PRECISION, ADD COLUMN bit_rate_kbps BIGINT,
    ADD COLUMN key_frame_every BIGINT;
GRANT SELECT (frame_rate, bit_rate_kbps, key_frame_every) ON cameras TO sharpeyes_web;
"""
DOWN = "ALTER TABLE cameras DROP COLUMN frame_rate, DROP COLUMN bit_rate_kbps, DROP COLUMN key_frame_every"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
