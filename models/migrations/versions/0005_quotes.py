"""Quotes that hold what they price, and the price that a booking was made at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LIVE = sa.text("released_at IS NULL")
BUSY = ["evse_id", "parking_bay_id", "during"]


def upgrade() -> None:
    """Apply the change. What earlier bookings cost is not known."""
    op.create_table(
        "quote",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_location_id", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("min_power", sa.Integer(), nullable=True),
        sa.Column("max_power", sa.Integer(), nullable=True),
        sa.Column("green_energy_support", sa.Boolean(), nullable=True),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Text(), nullable=False),
        sa.Column("parking_bay_id", sa.Text(), nullable=True),
        sa.Column("evse_pinned", sa.Boolean(), nullable=False),
        sa.Column("demand", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("booking_option", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("booking_terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confirmation", sa.Text(), nullable=False),
        sa.Column("tariffs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("price", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provider_fees", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("outcome IN ('OPEN', 'BOOKED', 'RELEASED', 'EXPIRED')", name=op.f("quote_outcome_known")),
        sa.CheckConstraint("role IN ('EMSP', 'TO')", name=op.f("quote_role_known")),
        sa.CheckConstraint("confirmation IN ('INSTANT', 'OPERATOR')", name=op.f("quote_confirmation_known")),
        sa.CheckConstraint("(role = 'TO') = (cardinality(contract_ids) > 0)", name=op.f("quote_fleet_has_contracts")),
        sa.CheckConstraint("(outcome = 'OPEN') = (settled_at IS NULL)", name=op.f("quote_settled_with_outcome")),
        sa.CheckConstraint("(outcome = 'BOOKED') = (booking_id IS NOT NULL)", name=op.f("quote_booked_with_booking")),
        sa.CheckConstraint("expires_at > made_at", name=op.f("quote_expires_after_made")),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("quote_during_bounded"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("quote_location_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("quote_emsp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("quote_location_id_booking_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("quote_pkey")),
    )
    op.create_index("quote_id_key", "quote", ["id"], unique=True)
    op.create_index("quote_due", "quote", ["expires_at"], postgresql_where=sa.text("outcome = 'OPEN'"))
    op.create_index("quote_open_of_emsp", "quote", ["emsp_id", "role"], postgresql_where=sa.text("outcome = 'OPEN'"))
    op.add_column("booking", sa.Column("price", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("allocation", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("allocation_hold_expires"), "allocation", "(kind = 'HOLD') = (expires_at IS NOT NULL)"
    )
    _index_busy([*BUSY, "expires_at"])


def downgrade() -> None:
    """Take the change back; nothing would ever end the holds, so that they go, and what earlier code cannot read."""
    op.execute("DELETE FROM allocation WHERE kind = 'HOLD'")
    op.execute("DELETE FROM event WHERE cause IN ('HOLD', 'EXPIRY')")
    op.execute("UPDATE event_floor SET xid = pg_current_xact_id(), id = 0")  # whoever followed has lost some
    op.drop_constraint("allocation_hold_expires", "allocation")
    _index_busy(BUSY)
    op.drop_column("allocation", "expires_at")
    op.drop_column("booking", "price")
    op.drop_table("quote")


def _index_busy(included: list[str]) -> None:
    """Make the index anew by which a search finds what is busy without reading the table."""
    op.drop_index("allocation_busy", table_name="allocation")
    op.create_index(
        "allocation_busy",
        "allocation",
        ["location_id", sa.literal_column("upper(during)")],
        unique=False,
        postgresql_include=included,
        postgresql_where=LIVE,
    )
