"""What the database says at one moment, read past the product, and what must be true of it at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.resolvers.lifecycle import HELD_TWICE, UNLIKE_THEIR_BOOKING

WATCH = """
CREATE TABLE watched_booking (xid xid8, location_id text, booking_id uuid);
CREATE TABLE watched_slot (xid xid8, location_id text, during tstzrange);

CREATE FUNCTION watch_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO watched_booking VALUES (pg_current_xact_id(), NEW.location_id, NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION watch_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO watched_booking VALUES (pg_current_xact_id(), NEW.location_id, NEW.booking_id);
    RETURN NULL;
END $$;
CREATE FUNCTION watch_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO watched_slot VALUES (pg_current_xact_id(), NEW.location_id, NEW.during);
    RETURN NULL;
END $$;

CREATE TRIGGER watch AFTER INSERT ON booking FOR EACH ROW EXECUTE FUNCTION watch_booking();
CREATE TRIGGER watch_again AFTER UPDATE ON booking FOR EACH ROW
    WHEN (to_jsonb(OLD) - ARRAY['alternatives_due_at', 'unsettled_at', 'provider_settled_at']
        IS DISTINCT FROM to_jsonb(NEW) - ARRAY['alternatives_due_at', 'unsettled_at', 'provider_settled_at'])
    EXECUTE FUNCTION watch_booking();
CREATE TRIGGER watch AFTER INSERT OR UPDATE OF status ON booking_request FOR EACH ROW
    WHEN (NEW.kind <> 'CANCEL' OR NEW.status <> 'DECLINED') EXECUTE FUNCTION watch_request();
CREATE TRIGGER watch AFTER INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION watch_slot();
CREATE TRIGGER watch_again AFTER UPDATE ON allocation FOR EACH ROW
    WHEN (NEW.released_at IS DISTINCT FROM OLD.released_at) EXECUTE FUNCTION watch_slot();
"""
"""Notes each transaction that touches a booking, its history, or what is taken, whatever the product tells of it."""

TOLD_UNLIKE_DONE = """
SELECT coalesce(d.xid, t.xid)::text, coalesce(d.id, t.id), coalesce(d.times, 0), coalesce(t.times, 0)
FROM (
    SELECT xid, split_part(location_id, '*', 1) || '*' || split_part(location_id, '*', 2) || '*'
        || booking_id AS id, 1 AS times
    FROM watched_booking GROUP BY 1, 2
) d FULL JOIN (
    SELECT xid, object_id AS id, count(*) AS times FROM event
    WHERE kind = 'BOOKING_CHANGED' AND xid >= $1::text::xid8 GROUP BY 1, 2
) t ON d.xid = t.xid AND upper(d.id) = upper(t.id)
WHERE d.times IS DISTINCT FROM t.times
"""
SLOTS_NOT_TOLD = """
SELECT w.xid::text, w.location_id, w.during FROM watched_slot w WHERE NOT EXISTS (
    SELECT 1 FROM event e WHERE e.xid = w.xid AND e.kind = 'AVAILABILITY_CHANGED' AND e.location_id = w.location_id
        AND (e.during IS NULL OR e.during @> w.during)
)
"""
KEPT_WITHOUT_REQUEST = """
SELECT count(*) FROM (SELECT DISTINCT booking_id FROM booking_request WHERE status = 'PENDING' AND kind = 'CHANGE') r
FULL JOIN (SELECT holder_id FROM allocation WHERE released_at IS NULL AND kind = 'CHANGE') a
    ON a.holder_id = r.booking_id
WHERE r.booking_id IS NULL OR a.holder_id IS NULL
"""
HOLDS_WITHOUT_QUOTE = """
SELECT count(*) FROM (SELECT * FROM quote WHERE outcome = 'OPEN') q
FULL JOIN (SELECT * FROM allocation WHERE released_at IS NULL AND kind = 'HOLD') a ON a.quote_id = q.id
WHERE (q.location_id, q.evse_id, q.parking_bay_id, q.during, coalesce(q.changes_id, q.id), q.expires_at)
    IS DISTINCT FROM (a.location_id, a.evse_id, a.parking_bay_id, a.during, a.holder_id, a.expires_at)
"""
NEVER = {
    "held twice": HELD_TWICE,
    "allocated unlike its booking": UNLIKE_THEIR_BOOKING,
    "kept for a change that nobody decides on": KEPT_WITHOUT_REQUEST,
    "held unlike its quote": HOLDS_WITHOUT_QUOTE,
}
EMPTIED = (
    "alternative, reminder, cancel_quote, booking_request, booking_reference, booking_token, allocation, quote, "
    "session_reading, session_alert, session_request, session, alert_wish, charging_authorization, site_entry, "
    "failed_attempt, problem_report, driver_message, driver_contact, cdr_payment, billed, provider_line, cdr, "
    "refund, waiver, "
    "booking, idempotency, fault, maintenance, watched_booking, watched_slot"
)


@dataclass(frozen=True)
class Truth:
    """Rows as the database has them, by column."""

    bookings: Sequence[Any]
    references: Sequence[Any]
    quotes: Sequence[Any]
    alternatives: Sequence[Any]
    allocations: Sequence[Any]


async def truth(connection: "asyncpg.Connection[Any]") -> Truth:
    """Return what is stored of bookings, and what is taken."""
    return Truth(
        await connection.fetch("SELECT id::text, evse_id, parking_bay_id, hazard, reference, revision FROM booking"),
        await connection.fetch("SELECT booking_id::text AS id, reference FROM booking_reference ORDER BY revision"),
        await connection.fetch("SELECT *, id::text AS name, changes_id::text AS changes FROM quote"),
        await connection.fetch(
            "SELECT id::text, booking_id::text AS booking, quote_id::text AS quote FROM alternative "
            "WHERE taken_at IS NULL AND withdrawn_at IS NULL ORDER BY offered_at, rank, id"
        ),
        await connection.fetch(
            "SELECT kind, location_id, evse_id, parking_bay_id, during, holder_id::text AS holder FROM allocation "
            "WHERE released_at IS NULL AND kind <> 'HOLD'"
        ),
    )


async def assert_never(connection: "asyncpg.Connection[Any]", since: int) -> None:
    """Assert what must be true at any moment; `since` is the transaction at which all this began."""
    for name, statement in NEVER.items():
        assert await connection.fetchval(statement) == 0, name
    wrong = await connection.fetch(TOLD_UNLIKE_DONE, str(since))
    assert not wrong, f"(transaction, booking, times changed, times told): {[tuple(row) for row in wrong]}"
    wrong = await connection.fetch(SLOTS_NOT_TOLD)
    assert not wrong, f"(transaction, Location, period) of which nobody was told: {[tuple(row) for row in wrong]}"
