"""Charging: tokens, who may enter and charge, sessions and what is told in them, problems, messages to drivers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
NEW_TABLES = (
    "alert_wish",
    "charging_authorization",
    "failed_attempt",
    "site_entry",
    "token",
    "driver_contact",
    "problem_report",
    "session",
    "driver_message",
    "session_alert",
    "session_reading",
    "session_request",
)
NEW_COLUMNS = ("charging_started_at", "charging_ended_at", "interrupted_at")


def upgrade() -> None:
    """Apply the change; nothing in any row changes."""
    _bookings()
    _alert_wish()
    _charging_authorization()
    _failed_attempt()
    _site_entry()
    _token()
    _driver_contact()
    _problem_report()
    _session()
    _driver_message()
    _session_alert()
    _session_reading()
    _session_request()


def downgrade() -> None:
    """Take the change back; sessions and all that belongs to them are lost, and whoever followed is told so."""
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    for constraint in ("booking_charged_if_fulfilled", "booking_charging_ended_after_start"):
        op.drop_constraint(constraint, "booking")
    for name in NEW_COLUMNS:
        op.drop_column("booking", name)
    op.execute("DELETE FROM allocation WHERE kind IN ('WALK_UP', 'OVERTIME')")
    op.execute("UPDATE booking SET hazard = NULL, alternatives_due_at = NULL WHERE hazard = 'OVERSTAY'")
    op.drop_constraint("booking_hazard_known", "booking")
    op.create_check_constraint(op.f("booking_hazard_known"), "booking", "hazard IN ('FAULT', 'MAINTENANCE')")
    op.execute(
        "DELETE FROM event WHERE cause IN ('EARLY_START', 'EARLY_STOP', 'WALK_UP', 'OVERTIME') OR kind IN "
        "('SESSION_CHANGED', 'SESSION_REQUESTED', 'SESSION_ALERT', 'CHARGING_REFUSED', 'DRIVER_MESSAGE_SENT', "
        "'PROBLEM_REPORTED')"
    )
    op.execute("UPDATE event_floor SET xid = pg_current_xact_id(), id = 0")  # whoever followed has lost some


def _bookings() -> None:
    columns = [f"ADD COLUMN {name} timestamptz" for name in NEW_COLUMNS]
    rules = (
        "DROP CONSTRAINT booking_hazard_known",
        "ADD CONSTRAINT booking_hazard_known CHECK (hazard IN ('FAULT', 'MAINTENANCE', 'OVERSTAY'))",
        "ADD CONSTRAINT booking_charged_if_fulfilled CHECK (charging_started_at IS NULL OR status = 'FULFILLED')",
        "ADD CONSTRAINT booking_charging_ended_after_start CHECK (charging_ended_at >= charging_started_at)",
    )
    op.execute(f"ALTER TABLE booking {', '.join((*columns, *rules))}")  # in one, so that the rows are read once


def _alert_wish() -> None:
    op.create_table(
        "alert_wish",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_before_end", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("target_state_of_charge", sa.Integer(), nullable=True),
        sa.Column("minutes_before_target", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint("target_state_of_charge BETWEEN 1 AND 100", name=op.f("alert_wish_target_percent")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("alert_wish_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "holder_id", name=op.f("alert_wish_pkey")),
    )
    op.create_index("alert_wish_holder_key", "alert_wish", ["holder_id"], unique=True)


def _charging_authorization() -> None:
    op.create_table(
        "charging_authorization",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=True),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "basis IN ('BOOKING', 'EARLY_START', 'WALK_UP')", name=op.f("charging_authorization_basis_known")
        ),
        sa.CheckConstraint(
            "method IN ('RFID', 'APP', 'PLUG_AND_CHARGE', 'REFERENCE', 'REMOTE', 'OTHER')",
            name=op.f("charging_authorization_method_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('BOOKED_BY_OTHER', 'CHARGER_IN_USE', 'CHARGER_UNUSABLE', 'LOCATION_CLOSED', 'BOOKING_REQUIRED', 'BOOKING_PENDING', 'BOOKING_OVER', 'TOO_EARLY', 'TOO_LATE', 'WRONG_CHARGER', 'METHOD_NOT_ACCEPTED', 'REFERENCE_UNKNOWN', 'REFERENCE_REPLACED', 'TOKEN_UNKNOWN', 'TOKEN_BLOCKED', 'TOKEN_EXPIRED')",
            name=op.f("charging_authorization_reason_known"),
        ),
        sa.CheckConstraint(
            "(basis IS NULL) <> (reason IS NULL)", name=op.f("charging_authorization_allowed_or_refused")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("charging_authorization_location_id_fkey")
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("charging_authorization_pkey")),
    )
    op.create_index("charging_authorization_at", "charging_authorization", ["at"], unique=False)
    op.create_index("charging_authorization_id_key", "charging_authorization", ["id"], unique=True)
    op.create_index(
        "charging_authorization_of_booking",
        "charging_authorization",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index("charging_authorization_of_cpo", "charging_authorization", ["cpo_id", "at", "id"], unique=False)
    op.create_index("charging_authorization_of_emsp", "charging_authorization", ["emsp_id", "at", "id"], unique=False)
    op.create_index(
        "charging_authorization_of_booker", "charging_authorization", ["booker_id", "at", "id"], unique=False
    )


def _failed_attempt() -> None:
    op.create_table(
        "failed_attempt",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("failed_attempt_counts")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("failed_attempt_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "door", name=op.f("failed_attempt_pkey")),
    )


def _site_entry() -> None:
    op.create_table(
        "site_entry",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=True),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "method IN ('LICENSE_PLATE', 'ACCESS_CODE', 'TOKEN', 'REFERENCE')", name=op.f("site_entry_method_known")
        ),
        sa.CheckConstraint(
            "reason IN ('NO_BOOKING', 'TOO_EARLY', 'TOO_LATE', 'BOOKING_OVER', 'BOOKING_PENDING', 'REFERENCE_REPLACED', 'METHOD_NOT_ACCEPTED', 'TOKEN_BLOCKED', 'TOKEN_EXPIRED')",
            name=op.f("site_entry_reason_known"),
        ),
        sa.CheckConstraint("(reason IS NULL) = admitted", name=op.f("site_entry_refused_with_reason")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("site_entry_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("site_entry_pkey")),
    )
    op.create_index("site_entry_at", "site_entry", ["at"], unique=False)
    op.create_index("site_entry_id_key", "site_entry", ["id"], unique=True)
    op.create_index("site_entry_of_booking", "site_entry", ["booking_id"], unique=False)
    op.create_index("site_entry_of_cpo", "site_entry", ["cpo_id", "at", "id"], unique=False)
    op.create_index("site_entry_of_emsp", "site_entry", ["emsp_id", "at", "id"], unique=False)
    op.create_index("site_entry_of_booker", "site_entry", ["booker_id", "at", "id"], unique=False)


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("uid_key", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("contract_key", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("visual_number", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("whitelist", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint(
            "type IN ('RFID', 'APP_USER', 'EMAID', 'AD_HOC_USER', 'OTHER')", name=op.f("token_type_known")
        ),
        sa.CheckConstraint(
            "whitelist IN ('ALWAYS', 'ALLOWED', 'ALLOWED_OFFLINE', 'NEVER')", name=op.f("token_whitelist_known")
        ),
        sa.CheckConstraint("NOT valid OR blocked_reason IS NULL", name=op.f("token_blocked_with_reason")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("token_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("token_pkey")),
    )
    op.create_index("token_by_contract", "token", ["contract_key"], unique=False)
    op.create_index("token_by_uid", "token", ["uid_key", "type"], unique=False)
    op.create_index("token_of_emsp", "token", ["emsp_id", "id"], unique=False)
    op.create_index("token_of_emsp_updated", "token", ["emsp_id", "last_updated", "id"], unique=False)


def _driver_contact() -> None:
    op.create_table(
        "driver_contact",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("consented_at", MOMENT, nullable=False),
        sa.Column("erase_at", MOMENT, nullable=False),
        sa.CheckConstraint("erase_at > consented_at", name=op.f("driver_contact_erased_later")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("driver_contact_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "booking_id", name=op.f("driver_contact_pkey")),
    )
    op.create_index("driver_contact_due", "driver_contact", ["erase_at"], unique=False)


def _problem_report() -> None:
    op.create_table(
        "problem_report",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Text(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("contest_until", MOMENT, nullable=False),
        sa.Column("contested_at", MOMENT, nullable=True),
        sa.Column("contest_reason", sa.Text(), nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("fee", JSON, nullable=True),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(status IN ('OPEN', 'CONTESTED')) = (resolved_at IS NULL)",
            name=op.f("problem_report_open_until_resolved"),
        ),
        sa.CheckConstraint("problem IN ('BLOCKED', 'BROKEN')", name=op.f("problem_report_problem_known")),
        sa.CheckConstraint(
            "role IN ('CPO', 'EMSP', 'NSP', 'NAP', 'TO', 'ADMIN')", name=op.f("problem_report_role_known")
        ),
        sa.CheckConstraint(
            "status <> 'CONTESTED' OR contested_at IS NOT NULL", name=op.f("problem_report_contested_sometime")
        ),
        sa.CheckConstraint(
            "status IN ('OPEN', 'CONTESTED', 'UPHELD', 'DISMISSED', 'WITHDRAWN')",
            name=op.f("problem_report_status_known"),
        ),
        sa.CheckConstraint(
            "(contested_at IS NULL) = (contest_reason IS NULL)", name=op.f("problem_report_contested_with_reason")
        ),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("problem_report_booker_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("problem_report_emsp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("problem_report_location_id_booking_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("problem_report_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("problem_report_pkey")),
    )
    op.create_index(
        "problem_report_due",
        "problem_report",
        ["contest_until"],
        unique=False,
        postgresql_where=sa.text("status = 'OPEN'"),
    )
    op.create_index("problem_report_id_key", "problem_report", ["id"], unique=True)
    op.create_index("problem_report_of_booker", "problem_report", ["booker_id", "reported_at", "id"], unique=False)
    op.create_index("problem_report_of_booking", "problem_report", ["booking_id"], unique=False)
    op.create_index("problem_report_of_cpo", "problem_report", ["cpo_id", "reported_at", "id"], unique=False)
    op.create_index("problem_report_of_emsp", "problem_report", ["emsp_id", "reported_at", "id"], unique=False)
    op.create_index(
        "problem_report_one_per_booking",
        "problem_report",
        ["location_id", "booking_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'WITHDRAWN'"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Text(), nullable=True),
        sa.Column("parking_bay_id", sa.Text(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=True),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("token", JSON, nullable=True),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("authorization_reference", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start_date_time", MOMENT, nullable=False),
        sa.Column("end_date_time", MOMENT, nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("meter_id", sa.Text(), nullable=True),
        sa.Column("meter_start", sa.Numeric(), nullable=True),
        sa.Column("kwh", sa.Numeric(), nullable=False),
        sa.Column("power", sa.Integer(), nullable=True),
        sa.Column("state_of_charge", sa.Integer(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("tariffs", JSON, nullable=False),
        sa.Column("cost", JSON, nullable=True),
        sa.Column("slot_end", MOMENT, nullable=True),
        sa.Column("allowed_until", MOMENT, nullable=True),
        sa.Column("occupied_until", MOMENT, nullable=True),
        sa.Column("target_state_of_charge", sa.Integer(), nullable=True),
        sa.Column("irregularity", sa.Text(), nullable=True),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint("(status = 'ACTIVE') = (end_date_time IS NULL)", name=op.f("session_active_until_ended")),
        sa.CheckConstraint(
            "auth_method IN ('AUTH_REQUEST', 'COMMAND', 'WHITELIST')", name=op.f("session_auth_method_known")
        ),
        sa.CheckConstraint("basis IN ('BOOKING', 'EARLY_START', 'WALK_UP')", name=op.f("session_basis_known")),
        sa.CheckConstraint(
            "irregularity IN ('BOOKED_BY_OTHER', 'CHARGER_IN_USE', 'CHARGER_UNUSABLE', 'LOCATION_CLOSED', 'BOOKING_REQUIRED', 'BOOKING_PENDING', 'BOOKING_OVER', 'TOO_EARLY', 'TOO_LATE', 'WRONG_CHARGER', 'METHOD_NOT_ACCEPTED', 'REFERENCE_UNKNOWN', 'REFERENCE_REPLACED', 'TOKEN_UNKNOWN', 'TOKEN_BLOCKED', 'TOKEN_EXPIRED')",
            name=op.f("session_irregularity_known"),
        ),
        sa.CheckConstraint(
            "status = 'ACTIVE' OR occupied_until IS NULL", name=op.f("session_occupying_while_active")
        ),
        sa.CheckConstraint("status IN ('ACTIVE', 'COMPLETED', 'INVALID')", name=op.f("session_status_known")),
        sa.CheckConstraint(
            "stop_reason IN ('DRIVER', 'REMOTE', 'VEHICLE', 'OPERATOR', 'NO_LONGER_ALLOWED', 'TARGET_REACHED', 'CHARGER_FAULT', 'POWER_LOSS', 'OTHER')",
            name=op.f("session_stop_reason_known"),
        ),
        sa.CheckConstraint(
            "stopped_by IN ('CPO', 'EMSP', 'NSP', 'NAP', 'TO', 'ADMIN')", name=op.f("session_stopped_by_known")
        ),
        sa.CheckConstraint("(end_date_time IS NULL) = (stop_reason IS NULL)", name=op.f("session_ended_with_reason")),
        sa.CheckConstraint("end_date_time >= start_date_time", name=op.f("session_ended_after_start")),
        sa.CheckConstraint("kwh >= 0", name=op.f("session_energy_positive")),
        sa.CheckConstraint("state_of_charge BETWEEN 0 AND 100", name=op.f("session_state_of_charge_percent")),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("session_booker_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("session_emsp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("session_location_id_booking_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"], ["evse.location_id", "evse.id"], name=op.f("session_location_id_evse_id_fkey")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("session_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("session_pkey")),
    )
    op.create_index("session_id_key", "session", ["id"], unique=True)
    op.create_index(
        "session_occupying",
        "session",
        ["occupied_until"],
        unique=False,
        postgresql_where=sa.text("status = 'ACTIVE'"),
    )
    op.create_index("session_of_booker", "session", ["booker_id", "start_date_time", "id"], unique=False)
    op.create_index(
        "session_of_booking",
        "session",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index("session_of_cpo", "session", ["cpo_id", "start_date_time", "id"], unique=False)
    op.create_index("session_of_emsp", "session", ["emsp_id", "start_date_time", "id"], unique=False)
    op.create_index(
        "session_one_active_per_booking",
        "session",
        ["location_id", "booking_id"],
        unique=True,
        postgresql_where=sa.text("status = 'ACTIVE' AND booking_id IS NOT NULL"),
    )
    op.create_index(
        "session_one_active_per_evse",
        "session",
        ["location_id", "evse_id"],
        unique=True,
        postgresql_where=sa.text("status = 'ACTIVE'"),
    )


def _driver_message() -> None:
    op.create_table(
        "driver_message",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("driver_message_acknowledged_by_someone"),
        ),
        sa.CheckConstraint(
            "booking_id IS NOT NULL OR session_id IS NOT NULL", name=op.f("driver_message_about_something")
        ),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("driver_message_booker_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("driver_message_emsp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            ["booking.location_id", "booking.id"],
            name=op.f("driver_message_location_id_booking_id_fkey"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "session_id"],
            ["session.location_id", "session.id"],
            name=op.f("driver_message_location_id_session_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("driver_message_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("driver_message_pkey")),
    )
    op.create_index("driver_message_id_key", "driver_message", ["id"], unique=True)
    op.create_index("driver_message_of_booker", "driver_message", ["booker_id", "sent_at", "id"], unique=False)
    op.create_index("driver_message_of_booking", "driver_message", ["booking_id", "sent_at", "id"], unique=False)
    op.create_index("driver_message_of_cpo", "driver_message", ["cpo_id", "sent_at", "id"], unique=False)
    op.create_index("driver_message_of_emsp", "driver_message", ["emsp_id", "sent_at", "id"], unique=False)
    op.create_index("driver_message_of_session", "driver_message", ["session_id", "sent_at", "id"], unique=False)
    op.create_index(
        "driver_message_to_forget",
        "driver_message",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("text <> ''"),
    )


def _session_alert() -> None:
    op.create_table(
        "session_alert",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('SLOT_ENDING', 'TARGET_REACHED', 'NO_LONGER_ALLOWED', 'CHARGER_FAULT')",
            name=op.f("session_alert_kind_known"),
        ),
        sa.CheckConstraint("minutes_before >= 0", name=op.f("session_alert_not_afterwards")),
        sa.ForeignKeyConstraint(
            ["location_id", "session_id"],
            ["session.location_id", "session.id"],
            name=op.f("session_alert_location_id_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "location_id", "session_id", "kind", "minutes_before", name=op.f("session_alert_pkey")
        ),
    )
    op.create_index(
        "session_alert_due",
        "session_alert",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND due_at IS NOT NULL"),
    )


def _session_reading() -> None:
    op.create_table(
        "session_reading",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kwh", sa.Numeric(), nullable=True),
        sa.Column("power", sa.Integer(), nullable=True),
        sa.Column("state_of_charge", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("NOT counts OR kwh >= 0", name=op.f("session_reading_energy_positive")),
        sa.CheckConstraint("state_of_charge BETWEEN 0 AND 100", name=op.f("session_reading_state_of_charge_percent")),
        sa.ForeignKeyConstraint(
            ["location_id", "session_id"],
            ["session.location_id", "session.id"],
            name=op.f("session_reading_location_id_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "session_id", "position", name=op.f("session_reading_pkey")),
    )
    op.create_index(
        "session_reading_one_counts",
        "session_reading",
        ["location_id", "session_id", "at"],
        unique=True,
        postgresql_where=sa.text("counts"),
    )


def _session_request() -> None:
    op.create_table(
        "session_request",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("evse_id", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Text(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("token", JSON, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("answer_until", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(status = 'PENDING') = (answered_at IS NULL)", name=op.f("session_request_answered_unless_pending")
        ),
        sa.CheckConstraint("kind = 'START' OR session_id IS NOT NULL", name=op.f("session_request_stops_a_session")),
        sa.CheckConstraint("kind IN ('START', 'STOP')", name=op.f("session_request_kind_known")),
        sa.CheckConstraint(
            "status IN ('PENDING', 'ACCEPTED', 'REJECTED', 'TIMED_OUT')", name=op.f("session_request_status_known")
        ),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("session_request_booker_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("session_request_emsp_id_fkey")),
        sa.ForeignKeyConstraint(
            ["location_id", "evse_id"],
            ["evse.location_id", "evse.id"],
            name=op.f("session_request_location_id_evse_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id", "session_id"],
            ["session.location_id", "session.id"],
            name=op.f("session_request_location_id_session_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("session_request_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("session_request_pkey")),
    )
    op.create_index(
        "session_request_due",
        "session_request",
        ["answer_until"],
        unique=False,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_index("session_request_id_key", "session_request", ["id"], unique=True)
    op.create_index("session_request_of_booker", "session_request", ["booker_id", "requested_at", "id"], unique=False)
    op.create_index("session_request_of_cpo", "session_request", ["cpo_id", "requested_at", "id"], unique=False)
    op.create_index("session_request_of_emsp", "session_request", ["emsp_id", "requested_at", "id"], unique=False)
    op.create_index(
        "session_request_on_evse", "session_request", ["location_id", "evse_id", "requested_at"], unique=False
    )
    op.create_index(
        "session_request_one_pending",
        "session_request",
        ["location_id", "evse_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
