"""Settlement: CDRs that nobody changes, what they bill and what became of them, waivers, providers' lines, invoices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
ONLY_CONTRACT = "repeat(translate(upper(contract_ids[1]), '-*', ''), 2 - cardinality(contract_ids))"
NEW_TABLES = (
    "waiver",
    "cdr",
    "cdr_numbering",
    "invoice",
    "invoice_line",
    "billed",
    "cdr_payment",
    "refund",
    "provider_line",
)
IMMUTABLE = """
CREATE FUNCTION cdr_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'CDR % is issued and stays as it is; credit it', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cdr_immutable';
END $$
"""
ON_CDR = "CREATE TRIGGER cdr_immutable BEFORE UPDATE OR DELETE ON cdr FOR EACH ROW EXECUTE FUNCTION cdr_stays()"


def upgrade() -> None:
    """Apply the change. What was booked before and is still to come, or in use, is billed; what is over is not.

    The tables come first: their foreign keys lock `party` and `location`, which every writer locks before bookings.
    """
    _waiver()
    _cdr()
    _cdr_numbering()
    _invoice()
    _invoice_line()
    _billed()
    _cdr_payment()
    _refund()
    _provider_line()
    op.execute(IMMUTABLE)
    op.execute(ON_CDR)
    _columns()
    op.execute(
        "UPDATE booking SET unsettled_at = last_updated WHERE status IN ('RESERVED', 'FULFILLED') "
        "AND upper(during) > now()"
    )


def downgrade() -> None:
    """Take the change back; what was billed is lost."""
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION cdr_stays()")
    op.drop_constraint("provider_fee_per_month_not_negative", "provider_fee")
    op.drop_column("provider_fee", "per_month")
    op.drop_column("provider_fee", "taken_until")
    op.drop_column("booking", "provider_settled_at")
    op.drop_column("booking", "endangered_since")
    op.drop_column("booking", "kept_waiting_until")
    op.drop_column("booking_request", "revision")
    op.drop_column("booking_request", "priced_by")
    for table in ("booking", "session"):
        op.drop_index(f"{table}_unsettled", table)
        op.drop_column(table, "unsettled_at")
    op.execute("DELETE FROM event WHERE kind = 'CDR_ISSUED'")
    op.execute("UPDATE event_floor SET xid = pg_current_xact_id(), id = 0")  # whoever followed has lost some


def _columns() -> None:
    op.add_column("booking", sa.Column("unsettled_at", MOMENT, nullable=True))
    op.create_index(
        "booking_unsettled",
        "booking",
        ["unsettled_at"],
        unique=False,
        postgresql_where=sa.text("unsettled_at IS NOT NULL"),
    )
    op.add_column("provider_fee", sa.Column("per_month", sa.Numeric(), server_default=sa.text("0"), nullable=False))
    op.add_column("provider_fee", sa.Column("taken_until", MOMENT, nullable=True))
    op.add_column("booking", sa.Column("provider_settled_at", MOMENT, nullable=True))
    op.add_column("booking", sa.Column("endangered_since", MOMENT, nullable=True))
    op.add_column("booking", sa.Column("kept_waiting_until", MOMENT, nullable=True))
    op.add_column("booking_request", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column("booking_request", sa.Column("priced_by", JSON, nullable=True))
    op.add_column("session", sa.Column("unsettled_at", MOMENT, nullable=True))
    op.create_index(
        "session_unsettled",
        "session",
        ["unsettled_at"],
        unique=False,
        postgresql_where=sa.text("unsettled_at IS NOT NULL"),
    )
    op.create_check_constraint(
        op.f("provider_fee_per_month_not_negative"),
        "provider_fee",
        "per_month >= 0 AND per_month < 'Infinity'::numeric",
    )


def _waiver() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "fee IN ('RESERVATION', 'MODIFICATION', 'CANCELLATION', 'NO_SHOW', 'LATE_ARRIVAL', 'BLOCKING', 'OVERTIME')",
            name=op.f("waiver_fee_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("waiver_pkey")),
    )
    op.create_index("waiver_of_booking", "waiver", ["booking_id"], unique=False)
    op.create_index(
        "waiver_one_per_fee",
        "waiver",
        ["booking_id", "fee"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _cdr() -> None:
    op.create_table(
        "cdr",
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("emsp_id", sa.Text(), nullable=True),
        sa.Column("booker_id", sa.Text(), nullable=True),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=True),
        sa.Column("license_plate", sa.Text(), nullable=True),
        sa.Column("contract_key", sa.Text(), nullable=True),
        sa.Column("vehicle_key", sa.Text(), nullable=True),
        sa.Column("authorization_reference", sa.Text(), nullable=True),
        sa.Column("token", JSON, nullable=True),
        sa.Column("auth_method", sa.Text(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("timed_until", MOMENT, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("before_taxes", sa.Numeric(), nullable=False),
        sa.Column("after_taxes", sa.Numeric(), nullable=False),
        sa.Column("total", JSON, nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("energy", sa.Numeric(), nullable=False),
        sa.Column("green_share", sa.Numeric(), nullable=True),
        sa.Column("readings", JSON, nullable=False),
        sa.Column("place", JSON, nullable=False),
        sa.Column("tariffs", JSON, nullable=False),
        sa.Column("booking_terms", JSON, nullable=True),
        sa.Column("credits", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('BOOKING', 'MODIFICATION', 'CANCELLATION', 'NO_SHOW', 'SESSION')", name=op.f("cdr_kind_known")
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("cdr_during_bounded"),
        ),
        sa.CheckConstraint("credits IS NOT NULL OR after_taxes >= 0", name=op.f("cdr_negative_only_as_credit")),
        sa.CheckConstraint("credits IS NULL OR after_taxes <= 0", name=op.f("cdr_credit_not_positive")),
        sa.CheckConstraint("energy >= 0", name=op.f("cdr_energy_positive")),
        sa.CheckConstraint("number > 0", name=op.f("cdr_number_positive")),
        sa.ForeignKeyConstraint(["booker_id"], ["party.id"], name=op.f("cdr_booker_id_fkey")),
        sa.ForeignKeyConstraint(
            ["cpo_id", "credits"], ["cdr.cpo_id", "cdr.id"], name=op.f("cdr_cpo_id_credits_fkey")
        ),
        sa.ForeignKeyConstraint(["cpo_id"], ["party.id"], name=op.f("cdr_cpo_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("cdr_emsp_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("cdr_location_id_fkey")),
        sa.PrimaryKeyConstraint("cpo_id", "id", name=op.f("cdr_pkey")),
    )
    op.create_index(
        "cdr_credited_once",
        "cdr",
        ["cpo_id", "credits"],
        unique=True,
        postgresql_where=sa.text("credits IS NOT NULL"),
    )
    op.create_index(
        "cdr_number_once", "cdr", ["cpo_id", "number"], unique=True, postgresql_where=sa.text("number IS NOT NULL")
    )
    op.create_index("cdr_of_booker", "cdr", ["booker_id", "issued_at", "position"], unique=False)
    op.create_index(
        "cdr_of_booking", "cdr", ["booking_id"], unique=False, postgresql_where=sa.text("booking_id IS NOT NULL")
    )
    op.create_index("cdr_of_contract", "cdr", ["emsp_id", "contract_key", "issued_at", "position"], unique=False)
    op.create_index("cdr_of_cpo", "cdr", ["cpo_id", "issued_at", "position"], unique=False)
    op.create_index("cdr_of_emsp", "cdr", ["emsp_id", "issued_at", "position"], unique=False)
    op.create_index(
        "cdr_of_session", "cdr", ["session_id"], unique=False, postgresql_where=sa.text("session_id IS NOT NULL")
    )
    op.create_index(
        "cdr_under_contract",
        "cdr",
        ["emsp_id", sa.literal_column(ONLY_CONTRACT), "issued_at", "position"],
        unique=False,
    )


def _cdr_numbering() -> None:
    op.create_table(
        "cdr_numbering",
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("cdr_numbering_counts")),
        sa.ForeignKeyConstraint(["cpo_id"], ["party.id"], name=op.f("cdr_numbering_cpo_id_fkey")),
        sa.PrimaryKeyConstraint("cpo_id", name=op.f("cdr_numbering_pkey")),
    )


def _invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("given_id", sa.Text(), nullable=False),
        sa.Column("first_received_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.CheckConstraint("lines > 0", name=op.f("invoice_has_lines")),
        sa.CheckConstraint("received_at >= first_received_at", name=op.f("invoice_first_received_first")),
        sa.ForeignKeyConstraint(["cpo_id"], ["party.id"], name=op.f("invoice_cpo_id_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("invoice_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("emsp_id", "cpo_id", "id", name=op.f("invoice_pkey")),
    )
    op.create_index("invoice_of_emsp", "invoice", ["emsp_id", "first_received_at", "cpo_id", "id"], unique=False)


def _invoice_line() -> None:
    op.create_table(
        "invoice_line",
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("given_cdr_id", sa.Text(), nullable=False),
        sa.Column("cdr_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("after_taxes", sa.Numeric(), nullable=False),
        sa.ForeignKeyConstraint(
            ["emsp_id", "cpo_id", "invoice_id"],
            ["invoice.emsp_id", "invoice.cpo_id", "invoice.id"],
            name=op.f("invoice_line_emsp_id_cpo_id_invoice_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("emsp_id", "cpo_id", "invoice_id", "position", name=op.f("invoice_line_pkey")),
    )
    op.create_index("invoice_line_of_cdr", "invoice_line", ["emsp_id", "cpo_id", "cdr_id"], unique=False)


def _billed() -> None:
    op.create_table(
        "billed",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("cdr_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cpo_id", "cdr_id"], ["cdr.cpo_id", "cdr.id"], name=op.f("billed_cpo_id_cdr_id_fkey")
        ),
        sa.PrimaryKeyConstraint("holder_id", "subject", name=op.f("billed_pkey")),
    )
    op.create_index("billed_by", "billed", ["cpo_id", "cdr_id"], unique=True)


def _cdr_payment() -> None:
    op.create_table(
        "cdr_payment",
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("cdr_id", sa.Text(), nullable=False),
        sa.Column("creditor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("last_updated", MOMENT, nullable=False),
        sa.CheckConstraint("creditor IN ('CPO', 'EMSP')", name=op.f("cdr_payment_creditor_known")),
        sa.CheckConstraint("state = 'DUE' OR invoice_id IS NOT NULL", name=op.f("cdr_payment_invoiced_by_something")),
        sa.CheckConstraint("state IN ('DUE', 'INVOICED', 'PAID')", name=op.f("cdr_payment_state_known")),
        sa.ForeignKeyConstraint(
            ["cpo_id", "cdr_id"], ["cdr.cpo_id", "cdr.id"], name=op.f("cdr_payment_cpo_id_cdr_id_fkey")
        ),
        sa.PrimaryKeyConstraint("cpo_id", "cdr_id", "creditor", name=op.f("cdr_payment_pkey")),
    )
    op.create_index(
        "cdr_payment_of_invoice",
        "cdr_payment",
        ["cpo_id", sa.literal_column("upper(invoice_id)")],
        unique=False,
        postgresql_where=sa.text("creditor = 'CPO'"),
    )


def _refund() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cpo_id", sa.Text(), nullable=False),
        sa.Column("cdr_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("before_taxes", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refunded_at", MOMENT, nullable=False),
        sa.CheckConstraint("before_taxes > 0 AND before_taxes < 'Infinity'::numeric", name=op.f("refund_positive")),
        sa.ForeignKeyConstraint(
            ["cpo_id", "cdr_id"], ["cdr.cpo_id", "cdr.id"], name=op.f("refund_cpo_id_cdr_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_pkey")),
    )
    op.create_index("refund_of_holder", "refund", ["holder_id"], unique=False)


def _provider_line() -> None:
    op.create_table(
        "provider_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emsp_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fee_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contract_ids", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=True),
        sa.Column("license_plate", sa.Text(), nullable=True),
        sa.Column("contract_key", sa.Text(), nullable=True),
        sa.Column("vehicle_key", sa.Text(), nullable=True),
        sa.Column("location_id", sa.Text(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("cpo_id", sa.Text(), nullable=True),
        sa.Column("cdr_id", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price", JSON, nullable=False),
        sa.Column("credits", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.CheckConstraint("(kind = 'MARKUP') = (cdr_id IS NOT NULL)", name=op.f("provider_line_markup_on_cdr")),
        sa.CheckConstraint("(kind = 'MONTHLY') = (month IS NOT NULL)", name=op.f("provider_line_monthly_of_month")),
        sa.CheckConstraint(
            "kind <> 'PER_BOOKING' OR (booking_id IS NOT NULL AND revision IS NOT NULL)",
            name=op.f("provider_line_per_booking_of_one"),
        ),
        sa.CheckConstraint("kind IN ('PER_BOOKING', 'MARKUP', 'MONTHLY')", name=op.f("provider_line_kind_known")),
        sa.CheckConstraint(
            "state = 'DUE' OR invoice_id IS NOT NULL", name=op.f("provider_line_invoiced_by_something")
        ),
        sa.CheckConstraint("state IN ('DUE', 'INVOICED', 'PAID')", name=op.f("provider_line_state_known")),
        sa.ForeignKeyConstraint(
            ["cpo_id", "cdr_id"], ["cdr.cpo_id", "cdr.id"], name=op.f("provider_line_cpo_id_cdr_id_fkey")
        ),
        sa.ForeignKeyConstraint(["credits"], ["provider_line.id"], name=op.f("provider_line_credits_fkey")),
        sa.ForeignKeyConstraint(["emsp_id"], ["party.id"], name=op.f("provider_line_emsp_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_line_pkey")),
    )
    op.create_index(
        "provider_line_credited_once",
        "provider_line",
        ["credits"],
        unique=True,
        postgresql_where=sa.text("credits IS NOT NULL"),
    )
    op.create_index(
        "provider_line_of_booking",
        "provider_line",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "provider_line_of_cdr",
        "provider_line",
        ["cpo_id", "cdr_id"],
        unique=False,
        postgresql_where=sa.text("cdr_id IS NOT NULL"),
    )
    op.create_index("provider_line_of_emsp", "provider_line", ["emsp_id", "issued_at", "id"], unique=False)
    op.create_index(
        "provider_line_once_a_booking",
        "provider_line",
        ["emsp_id", "fee_id", "booking_id", "revision"],
        unique=True,
        postgresql_where=sa.text("kind = 'PER_BOOKING' AND credits IS NULL"),
    )
    op.create_index(
        "provider_line_once_a_month", "provider_line", ["emsp_id", "fee_id", "contract_id", "month"], unique=True
    )
    op.create_index(
        "provider_line_once_on_cdr", "provider_line", ["emsp_id", "fee_id", "cpo_id", "cdr_id"], unique=True
    )
    op.create_index(
        "provider_line_under_contract",
        "provider_line",
        ["emsp_id", sa.literal_column(ONLY_CONTRACT), "issued_at", "id"],
        unique=False,
    )
