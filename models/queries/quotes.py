"""Reading and writing Quotes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.documents import from_document, optional, to_document, to_interval, to_range
from models.queries.writing import insert
from models.rules.booking_location import BookingOption, BookingTerms, Confirmation, Timeslot
from models.rules.charge import Charge
from models.rules.estimate import Estimate
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.provider_fee import ProviderFeeLine
from models.rules.quote import Changes, Grant, Held, Quote, QuoteOutcome, QuotePurpose
from models.rules.role import Role
from models.rules.tariff import Tariff

_MANY = "SELECT * FROM quote WHERE id = ANY($1)"
_LOCATION_OF = "SELECT location_id FROM quote WHERE id = $1"
_LOCKED = "SELECT * FROM quote WHERE location_id = $1 AND id = $2 FOR UPDATE"
_LIVE = """
SELECT count(*) FROM quote
WHERE emsp_id = $1 AND role = $2 AND contract_ids = $3 AND outcome = 'OPEN' AND expires_at > $4
  AND purpose IN ('BOOKING', 'CHANGE')
"""
_DUE = "SELECT id FROM quote WHERE outcome = 'OPEN' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"
_STILL_DUE = """
SELECT id, location_id, during, expires_at FROM quote
WHERE id = $1 AND outcome = 'OPEN' AND expires_at <= $2
FOR UPDATE SKIP LOCKED
"""
_EXPIRED_AT = """
SELECT id, location_id, during, expires_at FROM quote
WHERE outcome = 'OPEN' AND expires_at <= $1 AND location_id = $2 AND during && $3
ORDER BY id
"""
_OPEN_FOR = """
SELECT id, location_id, during, expires_at FROM quote
WHERE changes_id = $1 AND outcome = 'OPEN' AND ($2::text IS NULL OR purpose = $2)
ORDER BY id FOR UPDATE
"""
_SETTLE = """
UPDATE quote SET outcome = $3, settled_at = $4, booking_id = $5 WHERE location_id = $1 AND id = $2
"""
_PRUNE = """
DELETE FROM quote WHERE (location_id, id) IN (
    SELECT location_id, id FROM quote
    WHERE outcome IN ('RELEASED', 'EXPIRED') AND settled_at < $1
    ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
_GRANTED = (
    "location_id",
    "booking_location_id",
    "cpo_id",
    "evse_id",
    "connector_id",
    "parking_bay_id",
    "evse_pinned",
    "license_plate",
)


async def many(connection: Connection, quote_ids: Sequence[UUID]) -> dict[UUID, Quote]:
    """Return the quotes of those ids that exist; one statement."""
    return {row["id"]: _quote(row) for row in await connection.fetch(_MANY, list(quote_ids))}


async def location_of(connection: Connection, quote_id: UUID) -> str | None:
    """Return the id of the Location that a quote is at, or None if there is no such quote."""
    found: str | None = await connection.fetchval(_LOCATION_OF, quote_id)
    return found


async def locked(connection: Connection, location_id: str, quote_id: UUID) -> Quote | None:
    """Return a quote that nobody else settles until the transaction ends."""
    row = await connection.fetchrow(_LOCKED, location_id, quote_id)
    return _quote(row) if row else None


async def live(connection: Connection, emsp_id: str, role: Role, contract_ids: Sequence[str], now: datetime) -> int:
    """Return how many holds a party has in that role and under those contracts."""
    return int(await connection.fetchval(_LIVE, emsp_id, role.value, list(contract_ids), now))


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Return at most `limit` expired quotes that nobody has noted, the oldest first."""
    return [row["id"] for row in await connection.fetch(_DUE, now, limit)]


async def still_due(connection: Connection, quote_id: UUID, now: datetime) -> Held | None:
    """Return an expired quote, locked, or None if that was noted meanwhile, or is being noted."""
    row = await connection.fetchrow(_STILL_DUE, quote_id, now)
    return _held(row) if row else None


async def expired_at(
    connection: Connection, location_id: str, period: Interval, now: datetime, *, lock: bool
) -> list[Held]:
    """Return the expired quotes at a Location that still hold some of `period`."""
    statement = f"{_EXPIRED_AT} FOR UPDATE" if lock else _EXPIRED_AT
    return [_held(row) for row in await connection.fetch(statement, now, location_id, to_range(period))]


async def open_for(connection: Connection, booking_id: UUID, purpose: QuotePurpose | None = None) -> list[Held]:
    """Return the open quotes that would change a booking, locked; of one purpose only, if given."""
    wanted = purpose.value if purpose else None
    return [_held(row) for row in await connection.fetch(_OPEN_FOR, booking_id, wanted)]


async def add(connection: Connection, new: Quote) -> None:
    """Store a new quote."""
    await insert(connection, "quote", [_row(new)])


async def settle(
    connection: Connection, one: Held, outcome: QuoteOutcome, now: datetime, booking_id: UUID | None = None
) -> None:
    """Note what became of a quote."""
    await connection.execute(_SETTLE, one.location_id, one.id, outcome.value, now, booking_id)


async def prune(connection: Connection, now: datetime, keep: timedelta, limit: int) -> int:
    """Delete at most `limit` quotes that ended unused longer ago than `keep`, and return how many there were."""
    return int((await connection.execute(_PRUNE, now - keep, limit)).split()[-1])


def _row(one: Quote) -> dict[str, Any]:
    grant = one.grant
    return {
        **{name: getattr(grant, name) for name in _GRANTED},
        "id": one.id,
        "emsp_id": one.emsp_id,
        "role": one.role.value,
        "contract_ids": list(one.contract_ids),
        "during": to_range(grant.timeslot.period),
        "min_power": grant.timeslot.min_power,
        "max_power": grant.timeslot.max_power,
        "green_energy_support": grant.timeslot.green_energy_support,
        "demand": to_document(Demand, grant.demand),
        "booking_option": to_document(BookingOption, grant.booking_option),
        "booking_terms": to_document(BookingTerms, grant.booking_terms),
        "confirmation": grant.confirmation.value,
        "tariffs": to_document(tuple[Tariff, ...], grant.tariffs),
        "price": to_document(Estimate, grant.price),
        "provider_fees": to_document(tuple[ProviderFeeLine, ...], one.provider_fees),
        "made_at": one.made_at,
        "expires_at": one.expires_at,
        "settled_at": one.settled_at,
        "outcome": one.outcome.value,
        "booking_id": one.booking_id,
        "purpose": one.purpose.value,
        "changes_id": one.changes.booking_id if one.changes else None,
        "changes_revision": one.changes.revision if one.changes else None,
        "fee": to_document(Charge, one.fee),
    }


def _held(row: Any) -> Held:
    return Held(row["id"], row["location_id"], to_interval(row["during"]), row["expires_at"])


def _quote(row: Any) -> Quote:
    return Quote(
        id=row["id"],
        emsp_id=row["emsp_id"],
        role=Role(row["role"]),
        contract_ids=tuple(row["contract_ids"]),
        grant=_grant(row),
        provider_fees=from_document(tuple[ProviderFeeLine, ...], row["provider_fees"]),
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        settled_at=row["settled_at"],
        outcome=QuoteOutcome(row["outcome"]),
        booking_id=row["booking_id"],
        purpose=QuotePurpose(row["purpose"]),
        changes=Changes(row["changes_id"], row["changes_revision"]) if row["changes_id"] else None,
        fee=optional(Charge, row["fee"]),
    )


def _grant(row: Any) -> Grant:
    return Grant(
        **{name: row[name] for name in _GRANTED},
        timeslot=Timeslot(
            to_interval(row["during"]), row["min_power"], row["max_power"], row["green_energy_support"]
        ),
        demand=from_document(Demand, row["demand"]),
        booking_option=from_document(BookingOption, row["booking_option"]),
        booking_terms=from_document(BookingTerms, row["booking_terms"]),
        confirmation=Confirmation(row["confirmation"]),
        tariffs=from_document(tuple[Tariff, ...], row["tariffs"]),
        price=from_document(Estimate, row["price"]),
    )
