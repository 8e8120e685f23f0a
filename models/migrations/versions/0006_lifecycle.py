"""What a booking goes through: changes decided on, cancellation quotes, alternatives, reminders, mandates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LIVE = "released_at IS NULL"
REASONS = "'POWER_OUTAGE', 'BROKEN_CHARGER', 'FULL', 'BLOCKED', 'TRAFFIC', 'BROKEN_VEHICLE', 'NO_CANCELED', "
OUR_REASONS = "'MAINTENANCE', 'CHANGED', "
MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Apply the change. What earlier bookings asked for is in their first request, or was power and length alone."""
    _allocations()
    _bookings()
    _requests()
    _quotes()
    _new_tables()
    op.add_column("event", sa.Column("booker_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the change back; what is being decided on is given up, and what earlier code cannot read goes."""
    for table in ("mandate", "reminder_preference", "reminder", "alternatives_policy", "alternative", "cancel_quote"):
        op.drop_table(table)
    op.drop_column("event", "booker_id")
    _give_up()
    _drop("quote", ["purpose", "changes_id", "changes_revision", "fee", "license_plate"])
    op.drop_index("quote_given_back", "quote")
    op.drop_constraint("quote_role_known", "quote")
    op.create_check_constraint(op.f("quote_role_known"), "quote", "role IN ('EMSP', 'TO')")
    op.drop_constraint("quote_booking_id_fkey", "quote")
    op.create_foreign_key(
        op.f("quote_location_id_booking_id_fkey"),
        "quote",
        "booking",
        ["location_id", "booking_id"],
        ["location_id", "id"],
        onupdate="CASCADE",
    )
    op.drop_constraint("booking_request_decided_unless_pending", "booking_request")
    _drop("booking_request", ["decide_until", "reason", "quote_id", "fee", "during"])
    op.drop_index("booking_request_one_pending", "booking_request")
    _kinds("booking_request", "booking_request_kind_known", "'CREATE', 'CHANGE', 'CANCEL'")
    op.add_column("booking", sa.Column("power_required", sa.Integer(), nullable=True))
    op.add_column("booking", sa.Column("vehicle_length", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE booking SET power_required = (demand->>'min_power')::int, "
        "vehicle_length = (demand->'vehicle'->>'length')::int, "
        "evse_revealed_at = CASE WHEN reveal_due_at IS NULL THEN evse_revealed_at END"
    )
    _drop(
        "booking",
        [
            "demand",
            "confirmation",
            "lapses_at",
            "reveal_due_at",
            "hazard",
            "alternatives_due_at",
            "access_code",
            "booker_id",
            "mission_id",
            "replaces_id",
        ],
    )
    _reasons(f"{REASONS}'UNKNOWN'")
    op.drop_constraint("allocation_hold_of_quote", "allocation")
    op.drop_column("allocation", "quote_id")
    _kinds("allocation", "allocation_kind_known", "'BOOKING', 'HOLD', 'WALK_UP', 'OVERTIME'")


def _allocations() -> None:
    op.add_column("allocation", sa.Column("quote_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE allocation SET quote_id = holder_id WHERE kind = 'HOLD'")
    op.create_check_constraint(
        op.f("allocation_hold_of_quote"), "allocation", "(kind = 'HOLD') = (quote_id IS NOT NULL)"
    )
    _kinds("allocation", "allocation_kind_known", "'BOOKING', 'CHANGE', 'HOLD', 'WALK_UP', 'OVERTIME'")
    op.create_index(
        "allocation_of_quote",
        "allocation",
        ["quote_id"],
        postgresql_where=sa.text(f"{LIVE} AND quote_id IS NOT NULL"),
    )


def _bookings() -> None:
    for name, kind in (
        ("demand", JSON),
        ("confirmation", sa.Text()),
        ("lapses_at", MOMENT),
        ("reveal_due_at", MOMENT),
        ("hazard", sa.Text()),
        ("alternatives_due_at", MOMENT),
        ("access_code", sa.Text()),
        ("booker_id", sa.Text()),
        ("mission_id", sa.Uuid()),
        ("replaces_id", sa.Text()),
    ):
        op.add_column("booking", sa.Column(name, kind, nullable=True))
    op.execute(
        """
        UPDATE booking b SET
            demand = jsonb_strip_nulls(jsonb_build_object(
                'connector_type', r.input->'connector_type',
                'min_power', b.power_required,
                'vehicle', coalesce(r.input->'vehicle', jsonb_build_object('length', b.vehicle_length))
            )),
            confirmation = CASE WHEN b.status IN ('PENDING', 'REJECTED') THEN 'OPERATOR' ELSE 'INSTANT' END,
            lapses_at = least(
                upper(b.during),
                lower(b.during) + coalesce((b.booking_terms->>'noshow_timeout')::int, 525600) * interval '1 minute'
            ),
            reveal_due_at = CASE WHEN b.evse_revealed_at IS NULL AND b.status IN ('PENDING', 'RESERVED') THEN early.at END,
            evse_revealed_at = coalesce(b.evse_revealed_at, early.at)
        FROM booking o
        LEFT JOIN booking_request r ON r.location_id = o.location_id AND r.booking_id = o.id AND r.position = 0
        CROSS JOIN LATERAL (
            SELECT lower(o.during) - interval '1 minute' * CASE
                WHEN (o.booking_terms->>'early_start_allowed')::boolean
                THEN coalesce((o.booking_terms->>'early_start_time')::int, 0)
                ELSE 0
            END
        ) early (at)
        WHERE o.location_id = b.location_id AND o.id = b.id
        """
    )
    for name in ("demand", "confirmation", "lapses_at"):
        op.alter_column("booking", name, nullable=False)
    op.drop_column("booking", "power_required")
    op.drop_column("booking", "vehicle_length")
    _reasons(f"{REASONS}{OUR_REASONS}'UNKNOWN'")
    for name, rule in (
        ("booking_confirmation_known", "confirmation IN ('INSTANT', 'OPERATOR')"),
        ("booking_hazard_known", "hazard IN ('FAULT', 'MAINTENANCE')"),
        ("booking_lapses_after_start", "lapses_at >= lower(during)"),
    ):
        op.create_check_constraint(op.f(name), "booking", rule)
    op.create_foreign_key(op.f("booking_booker_id_fkey"), "booking", "party", ["booker_id"], ["id"])
    op.create_index("booking_access_code_key", "booking", ["location_id", "access_code"], unique=True)
    op.create_index("booking_of_booker", "booking", ["booker_id", sa.literal_column("lower(during)"), "id"])
    for party in ("emsp", "cpo", "booker"):
        op.create_index(
            f"booking_endangered_of_{party}",
            "booking",
            [f"{party}_id", sa.literal_column("lower(during)"), "id"],
            postgresql_where=sa.text("hazard IS NOT NULL"),
        )
    for name, column, where in (
        ("booking_of_mission", "mission_id", "mission_id IS NOT NULL"),
        ("booking_lapsing", "lapses_at", "status = 'RESERVED'"),
        ("booking_revealing", "reveal_due_at", "reveal_due_at IS NOT NULL"),
        ("booking_alternatives_due", "alternatives_due_at", "alternatives_due_at IS NOT NULL"),
    ):
        op.create_index(name, "booking", [column], postgresql_where=sa.text(where))


def _requests() -> None:
    op.add_column("booking_request", sa.Column("decide_until", MOMENT, nullable=True))
    op.add_column("booking_request", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("booking_request", sa.Column("quote_id", sa.Uuid(), nullable=True))
    op.add_column("booking_request", sa.Column("fee", JSON, nullable=True))
    op.add_column("booking_request", sa.Column("during", postgresql.TSTZRANGE(), nullable=True))
    op.execute(
        """
        UPDATE booking_request r SET
            during = CASE WHEN kind = 'CREATE' THEN tstzrange(
                (input->>'start_date_time')::timestamptz, (input->>'end_date_time')::timestamptz
            ) END,
            quote_id = CASE WHEN kind = 'CREATE' THEN (input->>'quote_id')::uuid END,
            decide_until = CASE WHEN r.status = 'PENDING' THEN lower(b.during) END,
            decided_at = CASE WHEN r.status <> 'PENDING' THEN coalesce(decided_at, request_received) END
        FROM booking b WHERE b.location_id = r.location_id AND b.id = r.booking_id
        """
    )
    _kinds("booking_request", "booking_request_kind_known", "'CREATE', 'CHANGE', 'CANCEL', 'REASSIGN'")
    pending = "status = 'PENDING'"
    op.create_check_constraint(
        op.f("booking_request_decided_unless_pending"), "booking_request", f"({pending}) = (decided_at IS NULL)"
    )
    op.create_check_constraint(
        op.f("booking_request_until_while_pending"), "booking_request", f"{pending} OR decide_until IS NULL"
    )
    op.create_index(
        "booking_request_one_pending",
        "booking_request",
        ["location_id", "booking_id"],
        unique=True,
        postgresql_where=sa.text(pending),
    )
    op.create_index("booking_request_due", "booking_request", ["decide_until"], postgresql_where=sa.text(pending))


def _quotes() -> None:
    op.add_column("quote", sa.Column("purpose", sa.Text(), server_default="BOOKING", nullable=False))
    op.alter_column("quote", "purpose", server_default=None)  # so that no row is written
    op.add_column("quote", sa.Column("changes_id", sa.Uuid(), nullable=True))
    op.add_column("quote", sa.Column("changes_revision", sa.Integer(), nullable=True))
    op.add_column("quote", sa.Column("fee", JSON, nullable=True))
    op.add_column("quote", sa.Column("license_plate", sa.Text(), nullable=True))
    op.drop_constraint("quote_role_known", "quote")
    for name, rule in (
        ("quote_role_known", "role IN ('EMSP', 'TO', 'CPO')"),
        ("quote_purpose_known", "purpose IN ('BOOKING', 'CHANGE', 'PROPOSAL', 'ALTERNATIVE')"),
        ("quote_changes_unless_booking", "(purpose = 'BOOKING') = (changes_id IS NULL)"),
        ("quote_changes_a_revision", "(changes_id IS NULL) = (changes_revision IS NULL)"),
    ):
        op.create_check_constraint(op.f(name), "quote", rule)
    op.drop_constraint("quote_location_id_booking_id_fkey", "quote")
    op.create_foreign_key(op.f("quote_booking_id_fkey"), "quote", "booking", ["booking_id"], ["id"])
    op.create_foreign_key(op.f("quote_changes_id_fkey"), "quote", "booking", ["changes_id"], ["id"])
    op.create_index(
        "quote_given_back",
        "quote",
        ["settled_at"],
        postgresql_where=sa.text("outcome IN ('RELEASED', 'EXPIRED')"),
    )
    op.create_index(
        "quote_open_for_booking",
        "quote",
        ["changes_id"],
        postgresql_where=sa.text("outcome = 'OPEN' AND changes_id IS NOT NULL"),
    )


def _new_tables() -> None:
    of_booking = ["booking.location_id", "booking.id"]
    op.create_table(
        "cancel_quote",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fee", JSON, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("cancel_quote_expires_after_made")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            of_booking,
            name=op.f("cancel_quote_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("cancel_quote_pkey")),
    )
    op.create_index("cancel_quote_id_key", "cancel_quote", ["id"], unique=True)
    op.create_index("cancel_quote_expired", "cancel_quote", ["expires_at"])
    op.create_index("cancel_quote_of_booking", "cancel_quote", ["location_id", "booking_id"])
    _alternatives()
    op.create_table(
        "reminder",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint("minutes_before > 0", name=op.f("reminder_before_start")),
        sa.ForeignKeyConstraint(
            ["location_id", "booking_id"],
            of_booking,
            name=op.f("reminder_location_id_booking_id_fkey"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", "booking_id", "minutes_before", name=op.f("reminder_pkey")),
    )
    op.create_index("reminder_due", "reminder", ["due_at"], postgresql_where=sa.text("sent_at IS NULL"))
    op.create_table(
        "reminder_preference",
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("minutes_before", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("reminder_preference_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("emsp_id", "contract_id", name=op.f("reminder_preference_pkey")),
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("booker_id", sa.Text(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint("booker_id <> emsp_id", name=op.f("mandate_for_another")),
        sa.CheckConstraint("valid_until > granted_at", name=op.f("mandate_ends_after_grant")),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("mandate_booker_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("mandate_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mandate_pkey")),
    )
    op.create_index(
        "mandate_one_live_per_booker",
        "mandate",
        ["emsp_id", "booker_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("mandate_of_booker", "mandate", ["booker_id"])


def _alternatives() -> None:
    op.create_table(
        "alternative",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("booking_location_id", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("shift_minutes", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("price", JSON, nullable=False),
        sa.Column("suggested_by", sa.Text(), nullable=True),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) "
            "AND NOT upper_inf(during)",
            name=op.f("alternative_during_bounded"),
        ),
        sa.CheckConstraint("rank > 0", name=op.f("alternative_rank_counts")),
        sa.CheckConstraint("taken_at IS NULL OR withdrawn_at IS NULL", name=op.f("alternative_taken_or_withdrawn")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("alternative_booking_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("alternative_location_id_fkey")),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("alternative_pkey")),
    )
    op.create_index("alternative_id_key", "alternative", ["id"], unique=True)
    op.create_index(
        "alternative_of_booking",
        "alternative",
        ["booking_id", "rank"],
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "alternatives_policy",
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("within_km", sa.Integer(), nullable=False),
        sa.Column("shift_minutes", sa.Integer(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint("within_km >= 0 AND shift_minutes >= 0", name=op.f("alternatives_policy_reach_positive")),
        sa.CheckConstraint("hold_minutes > 0", name=op.f("alternatives_policy_hold_positive")),
        sa.ForeignKeyConstraint(["cpo_id"], ["party.id"], name=op.f("alternatives_policy_cpo_id_fkey")),
        sa.PrimaryKeyConstraint("cpo_id", name=op.f("alternatives_policy_pkey")),
    )


def _give_up() -> None:
    """End what changes bookings: holds for them go with their quotes, and requests for changes are declined."""
    op.execute(
        "DELETE FROM allocation WHERE kind = 'CHANGE' OR quote_id IN (SELECT id FROM quote WHERE purpose <> 'BOOKING')"
    )
    op.execute("DELETE FROM quote WHERE purpose <> 'BOOKING'")
    op.execute("UPDATE quote q SET location_id = b.location_id FROM booking b WHERE b.id = q.booking_id")
    op.execute(
        "UPDATE booking_request SET status = 'DECLINED', decided_at = request_received, decide_until = NULL "
        "WHERE status = 'PENDING' AND kind = 'CHANGE'"
    )
    op.execute("DELETE FROM booking_request WHERE kind = 'REASSIGN'")
    op.execute("UPDATE booking SET canceled_reason = 'UNKNOWN' WHERE canceled_reason IN ('MAINTENANCE', 'CHANGED')")
    op.execute(
        "DELETE FROM event WHERE cause IN ('CHANGE', 'NO_SHOW') "
        "OR kind IN ('BOOKING_REQUESTED', 'ALTERNATIVES_OFFERED', 'REMINDER_DUE')"
    )
    op.execute("UPDATE event_floor SET xid = pg_current_xact_id(), id = 0")  # whoever followed has lost some


def _reasons(known: str) -> None:
    op.drop_constraint("booking_canceled_reason_known", "booking")
    op.create_check_constraint(op.f("booking_canceled_reason_known"), "booking", f"canceled_reason IN ({known})")


def _kinds(table: str, constraint: str, known: str) -> None:
    op.drop_constraint(constraint, table)
    op.create_check_constraint(op.f(constraint), table, f"kind IN ({known})")


def _drop(table: str, columns: list[str]) -> None:
    """Drop columns, with the indexes and rules on them."""
    for name in columns:
        op.drop_column(table, name)
