"""Planned maintenance, what operators take back, and calendars that grow by weekly hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change. Whether a Location was once for all is not known, so that none is told as hidden."""
    op.create_table(
        "maintenance",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("evse_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("maintenance_during_bounded"),
        ),
        sa.CheckConstraint("id = upper(id)", name=op.f("maintenance_id_normalized")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("maintenance_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("maintenance_pkey")),
    )
    op.create_index("maintenance_id_key", "maintenance", ["id"], unique=True)
    op.create_index("maintenance_ended", "maintenance", [sa.literal_column("upper(during)")], unique=False)
    op.add_column("location", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("location", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tariff", sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("calendar", sa.Column("weekly_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("calendar", sa.Column("grows_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("calendar_grows_by_weekly_hours"), "calendar", "(weekly_hours IS NULL) = (grows_at IS NULL)"
    )
    op.create_index(
        "calendar_growing", "calendar", ["grows_at"], unique=False, postgresql_where=sa.text("grows_at IS NOT NULL")
    )


def downgrade() -> None:
    """Take the change back. What was withdrawn goes on being hidden, and calendars keep the timeslots they have.

    Events that earlier code cannot read go, and whoever follows the feed reads afresh.
    """
    op.execute("DELETE FROM event WHERE kind = 'MAINTENANCE_CHANGED' OR cause IN ('MAINTENANCE', 'WITHDRAWAL')")
    op.execute("UPDATE event_floor SET xid = pg_current_xact_id(), id = 0")
    op.execute("UPDATE location SET publish = false, version = version + 1 WHERE withdrawn_at IS NOT NULL")
    op.drop_index("calendar_growing", table_name="calendar", postgresql_where=sa.text("grows_at IS NOT NULL"))
    op.drop_constraint("calendar_grows_by_weekly_hours", "calendar")
    op.drop_column("calendar", "grows_at")
    op.drop_column("calendar", "weekly_hours")
    op.drop_column("tariff", "withdrawn")
    op.drop_column("location", "hidden_at")
    op.drop_column("location", "withdrawn_at")
    op.drop_index("maintenance_ended", table_name="maintenance")
    op.drop_table("maintenance")
