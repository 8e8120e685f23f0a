"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class XID8(UserDefinedType[int]):
    """A transaction's id that does not wrap round."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    """Apply the change."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "event",
        sa.Column("xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=True),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("xid", "id", name=op.f("event_pkey")),
    )
    op.create_table(
        "event_floor",
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("xid", XID8(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("single", name=op.f("event_floor_is_one_row")),
        sa.PrimaryKeyConstraint("single", name=op.f("event_floor_pkey")),
    )
    op.execute("INSERT INTO event_floor (single, epoch, xid, id) VALUES (true, '', '0', 0)")
    op.create_index("event_at_idx", "event", ["at"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "idempotency_key", name=op.f("idempotency_pkey")),
    )
    op.create_index("idempotency_used_at_idx", "idempotency", ["used_at"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Numeric(), nullable=False),
        sa.Column("longitude", sa.Numeric(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("parking_type", sa.Text(), nullable=True),
        sa.Column("facilities", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("help_phone", sa.Text(), nullable=True),
        sa.Column("charging_when_closed", sa.Boolean(), nullable=False),
        sa.Column("operator", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("suboperator", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("owner", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opening_times", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("energy_mix", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("directions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("related_locations", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("publish_allowed_to", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = upper(id)", name=op.f("location_id_normalized")),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("location_on_the_globe")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("location_pkey")),
    )
    op.create_index("location_published_at_idx", "location", ["published_at", "id"], unique=False)
    op.create_table(
        "party",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cardinality(roles) >= 1 AND roles <@ ARRAY['CPO', 'EMSP', 'NSP', 'NAP', 'ADMIN']::text[]",
            name=op.f("party_roles_known"),
        ),
        sa.CheckConstraint("id = upper(country_code || '*' || party_id)", name=op.f("party_id_is_composite")),
        sa.PrimaryKeyConstraint("id", name=op.f("party_pkey")),
    )
    op.create_table(
        "tariff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("tax_included", sa.Text(), nullable=False),
        sa.Column("tariff_alt_text", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("tariff_alt_url", sa.Text(), nullable=True),
        sa.Column("min_price", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("max_price", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("elements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("start_date_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_date_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tax_included IN ('YES', 'NO', 'NOT_APPLICABLE')", name=op.f("tariff_tax_included_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("tariff_pkey")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'TO') = (cardinality(contract_ids) > 0)", name=op.f("api_token_fleet_has_contracts")
        ),
        sa.CheckConstraint("role IN ('CPO', 'EMSP', 'NSP', 'NAP', 'TO', 'ADMIN')", name=op.f("api_token_role_known")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("api_token_party_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_token_pkey")),
    )
    op.create_index("api_token_hash_key", "api_token", ["token_hash"], unique=True)
    op.create_table(
        "booking",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_location_id", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("authorization_reference", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("canceled_reason", sa.Text(), nullable=True),
        sa.Column("who_canceled", sa.Text(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Text(), nullable=False),
        sa.Column("parking_bay_id", sa.Text(), nullable=True),
        sa.Column("evse_pinned", sa.Boolean(), nullable=False),
        sa.Column("evse_revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("min_power", sa.Integer(), nullable=True),
        sa.Column("max_power", sa.Integer(), nullable=True),
        sa.Column("green_energy_support", sa.Boolean(), nullable=True),
        sa.Column("power_required", sa.Integer(), nullable=True),
        sa.Column("vehicle_length", sa.Integer(), nullable=True),
        sa.Column("license_plate", sa.Text(), nullable=True),
        sa.Column("booking_option", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("booking_terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tariffs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'CANCELED') = (canceled_reason IS NOT NULL)", name=op.f("booking_canceled_with_reason")
        ),
        sa.CheckConstraint(
            "canceled_reason IN ('POWER_OUTAGE', 'BROKEN_CHARGER', 'FULL', 'BLOCKED', 'TRAFFIC', 'BROKEN_VEHICLE', 'NO_CANCELED', 'UNKNOWN')",
            name=op.f("booking_canceled_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RESERVED', 'REJECTED', 'FAILED', 'CANCELED', 'NO_SHOW', 'FULFILLED')",
            name=op.f("booking_status_known"),
        ),
        sa.CheckConstraint(
            "(canceled_reason IS NULL) = (who_canceled IS NULL)", name=op.f("booking_canceled_by_someone")
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("booking_during_bounded"),
        ),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("booking_emsp_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("booking_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("booking_pkey")),
    )
    op.create_index("booking_id_key", "booking", ["id"], unique=True)
    op.create_index("booking_of_cpo", "booking", ["cpo_id", sa.literal_column("lower(during)"), "id"], unique=False)
    op.create_index("booking_of_emsp", "booking", ["emsp_id", sa.literal_column("lower(during)"), "id"], unique=False)
    op.create_index(
        "booking_on_evse", "booking", ["location_id", "evse_id", sa.literal_column("upper(during)")], unique=False
    )
    op.create_table(
        "booking_location",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("booking_option", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reservation_required", sa.Boolean(), nullable=False),
        sa.Column("ad_hoc", sa.Integer(), nullable=True),
        sa.Column("tariff_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("booking_terms", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("confirmation", sa.Text(), server_default=sa.text("'INSTANT'"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "confirmation IN ('INSTANT', 'OPERATOR')", name=op.f("booking_location_confirmation_known")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("booking_location_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("booking_location_pkey")),
    )
    op.create_index("booking_location_id_key", "booking_location", ["id"], unique=True)
    op.create_table(
        "evse",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("capabilities", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("floor_level", sa.Text(), nullable=True),
        sa.Column("physical_reference", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Numeric(), nullable=True),
        sa.Column("longitude", sa.Numeric(), nullable=True),
        sa.Column("directions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("parking_restrictions", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('AVAILABLE', 'BLOCKED', 'CHARGING', 'INOPERATIVE', 'OUTOFORDER', 'PLANNED', 'REMOVED', 'RESERVED', 'UNKNOWN')",
            name=op.f("evse_status_known"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("evse_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("evse_pkey")),
    )
    op.create_index("evse_id_idx", "evse", ["id"], unique=False)
    op.create_table(
        "parking_bay",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("physical_reference", sa.Text(), nullable=True),
        sa.Column("vehicle_types", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("max_vehicle_weight", sa.Integer(), nullable=True),
        sa.Column("max_vehicle_height", sa.Integer(), nullable=True),
        sa.Column("max_vehicle_length", sa.Integer(), nullable=True),
        sa.Column("max_vehicle_width", sa.Integer(), nullable=True),
        sa.Column("parking_space_length", sa.Integer(), nullable=True),
        sa.Column("parking_space_width", sa.Integer(), nullable=True),
        sa.Column("dangerous_goods_allowed", sa.Boolean(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("drive_through", sa.Boolean(), nullable=True),
        sa.Column("restricted_to_type", sa.Boolean(), nullable=False),
        sa.Column("reservation_required", sa.Boolean(), nullable=False),
        sa.Column("time_limit", sa.Integer(), nullable=True),
        sa.Column("roofed", sa.Boolean(), nullable=True),
        sa.Column("lighting", sa.Boolean(), nullable=True),
        sa.Column("refrigeration_outlet", sa.Boolean(), nullable=True),
        sa.Column("standards", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("apds_reference", sa.Text(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("parking_bay_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("parking_bay_pkey")),
    )
    op.create_table(
        "allocation",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("parking_bay_id", sa.Text(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("location_id"), "="),
            (sa.column("evse_id"), "="),
            (sa.column("during"), "&&"),
            (sa.column("holder_id"), "<>"),
            where=sa.text("released_at IS NULL"),
            using="gist",
            name="allocation_one_holder_per_evse",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("location_id"), "="),
            (sa.column("parking_bay_id"), "="),
            (sa.column("during"), "&&"),
            (sa.column("holder_id"), "<>"),
            where=sa.text("released_at IS NULL"),
            using="gist",
            name="allocation_one_holder_per_bay",
        ),
        sa.CheckConstraint("kind IN ('BOOKING', 'HOLD', 'WALK_UP', 'OVERTIME')", name=op.f("allocation_kind_known")),
        sa.CheckConstraint(
            "upper(during) - lower(during) <= interval '2880 minutes'", name=op.f("allocation_not_too_long")
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("allocation_during_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"],
            ["evse.location_id", "evse.id"],
            name=op.f("allocation_location_id_evse_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "parking_bay_id"],
            ["parking_bay.location_id", "parking_bay.id"],
            name=op.f("allocation_location_id_parking_bay_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("allocation_pkey")),
    )
    op.create_index(
        "allocation_busy",
        "allocation",
        ["location_id", sa.literal_column("upper(during)")],
        unique=False,
        postgresql_include=["evse_id", "parking_bay_id", "during"],
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "allocation_holder",
        "allocation",
        ["holder_id"],
        unique=False,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "booking_reference",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("reference = upper(reference)", name=op.f("booking_reference_normalized")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("booking_reference_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("booking_reference_pkey")),
    )
    op.create_index(
        "booking_reference_of_booking", "booking_reference", ["location_id", "booking_id", "revision"], unique=True
    )
    op.create_table(
        "booking_request",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("request_received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('CREATE', 'CHANGE', 'CANCEL')", name=op.f("booking_request_kind_known")),
        sa.CheckConstraint(
            "status IN ('PENDING', 'ACCEPTED', 'DECLINED', 'FAILED')", name=op.f("booking_request_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("booking_request_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "booking_id", "position", name=op.f("booking_request_pkey")),
    )
    op.create_index("booking_request_of_booking", "booking_request", ["booking_id", "position"], unique=False)
    op.create_table(
        "booking_token",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("booking_token_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "booking_id", "position", name=op.f("booking_token_pkey")),
    )
    op.create_index("booking_token_of_booking", "booking_token", ["booking_id", "position"], unique=False)
    op.create_table(
        "calendar",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("covers", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("timeslot_increment", sa.Integer(), nullable=True),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(covers) AND lower_inc(covers) AND NOT upper_inc(covers) AND NOT lower_inf(covers) AND NOT upper_inf(covers)",
            name=op.f("calendar_covers_bounded"),
        ),
        sa.CheckConstraint("timeslot_increment > 0", name=op.f("calendar_increment_positive")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_location_id"],
            ["booking_location.location_id", "booking_location.id"],
            name=op.f("calendar_location_id_booking_location_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "booking_location_id", "id", name=op.f("calendar_pkey")),
    )
    op.create_table(
        "connector",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ocpi_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("power_type", sa.Text(), nullable=False),
        sa.Column("max_voltage", sa.Integer(), nullable=False),
        sa.Column("max_amperage", sa.Integer(), nullable=False),
        sa.Column("max_electric_power", sa.Integer(), nullable=True),
        sa.Column("tariff_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("capabilities", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("terms_and_conditions", sa.Text(), nullable=True),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("format IN ('SOCKET', 'CABLE')", name=op.f("connector_format_known")),
        sa.CheckConstraint(
            "power_type IN ('AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC')",
            name=op.f("connector_power_type_known"),
        ),
        sa.CheckConstraint(
            "max_voltage >= 0 AND max_amperage >= 0 AND max_electric_power >= 0", name=op.f("connector_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"],
            ["evse.location_id", "evse.id"],
            name=op.f("connector_location_id_evse_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "evse_id", "id", name=op.f("connector_pkey")),
    )
    op.create_table(
        "evse_parking",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("parking_bay_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("evse_position", sa.Text(), nullable=True),
        sa.CheckConstraint("evse_position IN ('LEFT', 'RIGHT', 'CENTER')", name=op.f("evse_parking_position_known")),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"],
            ["evse.location_id", "evse.id"],
            name=op.f("evse_parking_location_id_evse_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "parking_bay_id"],
            ["parking_bay.location_id", "parking_bay.id"],
            name=op.f("evse_parking_location_id_parking_bay_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "evse_id", "parking_bay_id", name=op.f("evse_parking_pkey")),
    )
    op.create_table(
        "fault",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("severity IN ('WARNING', 'DEGRADED', 'OUT_OF_USE')", name=op.f("fault_severity_known")),
        sa.CheckConstraint(
            "status IN ('AVAILABLE', 'BLOCKED', 'CHARGING', 'INOPERATIVE', 'OUTOFORDER', 'PLANNED', 'REMOVED', 'RESERVED', 'UNKNOWN')",
            name=op.f("fault_status_known"),
        ),
        sa.CheckConstraint("repaired_at >= reported_at", name=op.f("fault_repaired_after_report")),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"], ["evse.location_id", "evse.id"], name=op.f("fault_location_id_evse_id_fkey")
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("fault_pkey")),
    )
    op.create_index("fault_id_idx", "fault", ["id"], unique=False)
    op.create_index(
        "fault_one_open_per_evse",
        "fault",
        ["location_id", "evse_id"],
        unique=True,
        postgresql_where=sa.text("repaired_at IS NULL"),
    )
    op.create_table(
        "timeslot",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_location_id", sa.Text(), nullable=False),
        sa.Column("calendar_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("min_power", sa.Integer(), nullable=True),
        sa.Column("max_power", sa.Integer(), nullable=True),
        sa.Column("green_energy_support", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("timeslot_during_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_location_id", "calendar_id"],
            ["calendar.location_id", "calendar.booking_location_id", "calendar.id"],
            name=op.f("timeslot_location_id_booking_location_id_calendar_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "location_id", "booking_location_id", "calendar_id", "position", name=op.f("timeslot_pkey")
        ),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("timeslot")
    op.drop_index("fault_one_open_per_evse", table_name="fault", postgresql_where=sa.text("repaired_at IS NULL"))
    op.drop_table("fault")
    op.drop_table("evse_parking")
    op.drop_table("connector")
    op.drop_table("calendar")
    op.drop_table("booking_token")
    op.drop_table("booking_request")
    op.drop_index("booking_reference_of_booking", table_name="booking_reference")
    op.drop_table("booking_reference")
    op.drop_index("allocation_holder", table_name="allocation", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_index(
        "allocation_busy",
        table_name="allocation",
        postgresql_include=["evse_id", "parking_bay_id", "during"],
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_table("allocation")
    op.drop_table("parking_bay")
    op.drop_table("evse")
    op.drop_index("booking_location_id_key", table_name="booking_location")
    op.drop_table("booking_location")
    op.drop_index("booking_on_evse", table_name="booking")
    op.drop_index("booking_of_emsp", table_name="booking")
    op.drop_index("booking_of_cpo", table_name="booking")
    op.drop_index("booking_id_key", table_name="booking")
    op.drop_table("booking")
    op.drop_index("api_token_hash_key", table_name="api_token")
    op.drop_table("api_token")
    op.drop_table("tariff")
    op.drop_table("party")
    op.drop_index("location_published_at_idx", table_name="location")
    op.drop_table("location")
    op.drop_index("idempotency_used_at_idx", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index("event_at_idx", table_name="event")
    op.drop_table("event_floor")
    op.drop_table("event")
