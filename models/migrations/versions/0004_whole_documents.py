"""The fields of the standard that were not kept: pictures, planned states, providers accepted, a tariff's energy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOCUMENTS = (
    ("location", "images"),
    ("evse", "status_schedule"),
    ("evse", "images"),
    ("parking_bay", "images"),
    ("tariff", "energy_mix"),
)


def upgrade() -> None:
    """Apply the change."""
    for table, column in DOCUMENTS:
        op.add_column(table, sa.Column(column, postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(
        "evse",
        sa.Column("accepted_service_providers", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("evse", "accepted_service_providers")
    for table, column in reversed(DOCUMENTS):
        op.drop_column(table, column)
