"""Reading and writing Waivers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.db import Connection
from models.queries.writing import insert, update
from models.rules.terms_fee import FeeKind
from models.rules.waiver import Waiver

Record = Any
_MANY = "SELECT * FROM waiver WHERE id = ANY($1)"
_OF_BOOKING = "SELECT * FROM waiver WHERE booking_id = $1 ORDER BY waived_at, id"
_STANDING = "SELECT fee FROM waiver WHERE booking_id = $1 AND revoked_at IS NULL"
_PLAIN = ("id", "booking_id", "cpo_id", "reason", "waived_at", "revoked_at", "revoked_reason")


async def many(connection: Connection, waiver_ids: Sequence[UUID]) -> dict[UUID, Waiver]:
    """Return the waivers of those ids that exist; one statement."""
    return {row["id"]: _waiver(row) for row in await connection.fetch(_MANY, list(waiver_ids))}


async def of_booking(connection: Connection, booking_id: UUID) -> list[Waiver]:
    """Return the waivers of a booking, those that were taken back too, in the order in which they were made."""
    return [_waiver(row) for row in await connection.fetch(_OF_BOOKING, booking_id)]


async def waived(connection: Connection, booking_id: UUID) -> frozenset[FeeKind]:
    """Return the fees of a booking that its operator does without."""
    return frozenset(FeeKind(row["fee"]) for row in await connection.fetch(_STANDING, booking_id))


async def add(connection: Connection, new: Waiver) -> None:
    """Store a new waiver."""
    await insert(connection, "waiver", [_row(new)])


async def put(connection: Connection, new: Waiver) -> None:
    """Store what became of a waiver, whose booking is locked."""
    await update(connection, "waiver", {"id": new.id}, _row(new))


def _row(one: Waiver) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _PLAIN}, "fee": one.fee.value}


def _waiver(row: Record) -> Waiver:
    return Waiver(**{name: row[name] for name in _PLAIN}, fee=FeeKind(row["fee"]))
