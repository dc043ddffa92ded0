"""Since when a counter has had nobody in hand; and for which service a ticket was given out."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("counter", sa.Column("free_since", sa.BigInteger(), nullable=True))
    op.add_column("ticket", sa.Column("first_service", sa.String(length=60), nullable=True))
    op.execute("UPDATE ticket SET first_service = service")
    op.execute("UPDATE counter SET free_since = since WHERE state = 'open'")


def downgrade() -> None:
    op.drop_column("ticket", "first_service")
    op.drop_column("counter", "free_since")
