"""The vehicles of fleets, and the fees of their providers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shared_with_emsp", sa.Boolean(), nullable=False),
        sa.Column("license_plate", sa.Text(), nullable=True),
        sa.Column("vehicle_type", sa.Text(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("trailer", sa.Boolean(), nullable=False),
        sa.Column("dangerous_goods", sa.Boolean(), nullable=False),
        sa.Column("refrigeration", sa.Boolean(), nullable=False),
        sa.Column("drive_through", sa.Boolean(), nullable=False),
        sa.Column("inlet_side", sa.Text(), nullable=True),
        sa.Column("connector_types", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("max_power", sa.Integer(), nullable=True),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(contract_ids) > 0", name=op.f("vehicle_has_contracts")),
        sa.CheckConstraint("inlet_side IN ('LEFT', 'RIGHT', 'FRONT', 'REAR')", name=op.f("vehicle_inlet_side_known")),
        sa.CheckConstraint(
            "length > 0 AND height > 0 AND width > 0 AND weight > 0 AND max_power > 0",
            name=op.f("vehicle_sizes_positive"),
        ),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("vehicle_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("vehicle_pkey")),
    )
    op.create_index("vehicle_of_emsp", "vehicle", ["emsp_id", "name", "id"], unique=False)
    op.create_table(
        "provider_fee",
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per_booking", sa.Numeric(), nullable=False),
        sa.Column("percentage", sa.Numeric(), nullable=False),
        sa.Column("vat", sa.Numeric(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("provider_fee_currency_is_code")),
        sa.CheckConstraint(
            "per_booking >= 0 AND per_booking < 'Infinity'::numeric",
            name=op.f("provider_fee_per_booking_not_negative"),
        ),
        sa.CheckConstraint(
            "percentage >= 0 AND percentage < 'Infinity'::numeric",
            name=op.f("provider_fee_percentage_not_negative"),
        ),
        sa.CheckConstraint("vat >= 0 AND vat < 'Infinity'::numeric", name=op.f("provider_fee_vat_not_negative")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("provider_fee_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("emsp_id", "id", name=op.f("provider_fee_pkey")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("provider_fee")
    op.drop_index("vehicle_of_emsp", table_name="vehicle")
    op.drop_table("vehicle")
