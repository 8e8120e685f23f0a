"""Giving a booking another slot, of which its allocation is kept already: one transaction, at no moment neither."""

from dataclasses import replace
from uuid import UUID

from models.db import Connection
from models.events import AvailabilityCause
from models.queries import allocations, alternatives, events
from models.queries import bookings as stored
from models.rules.booking import Booking, BookingToken, relieved
from models.rules.booking_state import lapses_at, revealed_at
from models.rules.quote import Grant
from models.tables.allocation import AllocationKind
from resolvers import driver_contacts, holds, reminders, told
from resolvers.booking_making import access_code, new_reference
from resolvers.call import Call


async def keep(connection: Connection, old: Booking, granted: Grant, quote_id: UUID) -> None:
    """Make what a quote holds the slot that is kept while somebody decides whether the booking gets it."""
    await allocations.book(connection, granted.location_id, quote_id, old.id, AllocationKind.CHANGE)


async def apply(
    call: Call,
    connection: Connection,
    old: Booking,
    granted: Grant,
    *,
    tokens: tuple[BookingToken, ...] | None = None,
    license_plate: str | None = None,
    but: UUID | None = None,
) -> Booking:
    """Give a locked booking the slot that is kept for it, as `keep` does, free its old one, and return it.

    It gets another reference and revision; the old reference still finds it. Whatever else was quoted or offered for
    it is given back, save the quote `but`; its reminders and how its driver is reached move with it.
    """
    await allocations.release(connection, old.location_id, old.id, call.now, allocations.BOOKED)
    await allocations.changed(connection, granted.location_id, old.id)
    new = regranted(call, old, granted, tokens=tokens, license_plate=license_plate)
    await stored.put(connection, old, new)
    await holds.end_for(connection, old.id, call.now, but=but)
    await alternatives.withdraw(connection, old.id, call.now)
    await reminders.moved(call, connection, new)
    await driver_contacts.moved(connection, old, new)
    cause = AvailabilityCause.CHANGE
    freed = told.available([old.location_id], cause, old.timeslot.period)
    taken = told.available([new.location_id], cause, new.timeslot.period)
    await events.add(connection, [told.booking(new), *freed, *taken], call.now)
    return new


def regranted(
    call: Call,
    old: Booking,
    granted: Grant,
    *,
    tokens: tuple[BookingToken, ...] | None = None,
    license_plate: str | None = None,
) -> Booking:
    """Return the booking with another slot, on the terms and at the price that this was granted at."""
    period = granted.timeslot.period
    same = (old.location_id, old.evse_id) == (granted.location_id, granted.evse_id)
    known = same and old.evse_revealed_at is not None and old.evse_revealed_at <= call.now
    shown_at = revealed_at(period, granted.booking_terms, call.now)
    if granted.evse_pinned or known:
        shown_at = call.now
    return replace(
        relieved(old, call.now),
        contract_ids=old.contract_ids if tokens is None else _contracts(old, tokens),
        location_id=granted.location_id,
        booking_location_id=granted.booking_location_id,
        reference=new_reference(),
        revision=old.revision + 1,
        timeslot=granted.timeslot,
        evse_id=granted.evse_id,
        connector_id=granted.connector_id,
        parking_bay_id=granted.parking_bay_id,
        evse_pinned=granted.evse_pinned,
        evse_revealed_at=shown_at,
        reveal_due_at=shown_at if shown_at > call.now else None,
        demand=granted.demand,
        license_plate=license_plate or granted.license_plate or old.license_plate,
        tokens=old.tokens if tokens is None else tokens,
        booking_option=granted.booking_option,
        booking_terms=granted.booking_terms,
        confirmation=granted.confirmation,
        tariffs=granted.tariffs,
        price=granted.price,
        access_code=(old.access_code if old.location_id == granted.location_id else None) or access_code(granted),
        lapses_at=lapses_at(period, granted.booking_terms),
    )


def _contracts(old: Booking, tokens: tuple[BookingToken, ...]) -> tuple[str, ...]:
    """Return the contracts of the new tokens, beside what was named with none; at least those it was made under."""
    named = set(old.contract_ids) - {token.contract_id for token in old.tokens}
    return tuple(sorted(named | {token.contract_id for token in tokens})) or old.contract_ids
