"""Reminders of bookings: asked for with the booking or by what the party prefers, moved with it (BUC 2.10).

A reminder is the event REMINDER_DUE, whose object is the booking's composite id with `#` and the minutes. Those of
bookings that are over or have begun are settled, as if they were sent, without an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput, NotAllowed
from models.queries import events
from models.queries import reminders as stored
from models.rules import reminder as rules
from models.rules.booking import Booking
from models.rules.reminder import LONGEST_MINUTES, MOST_REMINDERS, Reminder, ReminderPreference
from models.rules.role import Role
from resolvers import told
from resolvers.booking_reading import get
from resolvers.call import Call, Caller
from resolvers.locked_booking import check_changeable, lock_places, locked
from resolvers.once import once

BATCH = 100


@dataclass(frozen=True, slots=True)
class ReminderChange:
    """When the holder of a booking is reminded of it from now on, in minutes before it begins; empty is never."""

    booking_id: str
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """When a party is reminded of bookings that do not say: those of a contract, or all if None is named.

    Empty minutes are never; None gives up what was preferred, so that what is preferred for all holds again.
    """

    contract_id: str | None
    minutes: tuple[int, ...] | None


async def ask(call: Call, connection: Connection, new: Booking, minutes: tuple[int, ...] | None) -> None:
    """Ask for the reminders of a new booking: so many minutes before it starts, or as the party prefers if None.

    Raise BadInput for too many, or for minutes that are no such time.
    """
    wanted = await _preferred(connection, new) if minutes is None else checked(minutes)
    await stored.put(connection, new, rules.asked((), wanted, new.timeslot.period.start, call.now))


async def moved(call: Call, connection: Connection, booking: Booking) -> None:
    """Let the reminders of a booking fall due by its new start; one that was sent is sent again if it lies ahead."""
    known = await stored.of(connection, booking)
    if known:
        await stored.put(connection, booking, rules.moved(known, booking.timeslot.period.start, call.now))


async def set(call: Call, idempotency_key: str, wanted: ReminderChange) -> Booking:
    """Have the holder of a booking reminded at other times, and return the booking; what was sent stays sent.

    Raise NotFound, NotAllowed, AlreadyFinal or BadInput.
    """
    call.acting_as(Role.EMSP, Role.TO)
    minutes = checked(wanted.minutes)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        one = await locked(call, connection, wanted.booking_id)
        check_changeable(call, one)
        known = await stored.of(connection, one)
        await stored.put(connection, one, rules.asked(known, minutes, one.timeslot.period.start, call.now))

    outcome = {"booking": wanted.booking_id}
    await once(call, idempotency_key, "bookingRemindersSet", wanted, outcome, work, first=first)
    return await get(call, wanted.booking_id)


async def of(call: Call, booking_id: str) -> tuple[Booking, list[Reminder]]:
    """Return a booking of the caller's with its reminders, the earliest first, or raise NotFound."""
    call.acting_as(Role.EMSP, Role.TO)
    found = await get(call, booking_id)
    async with call.database.reading() as connection:
        return found, await stored.of(connection, found)


async def prefer(call: Call, idempotency_key: str, wanted: Preference) -> list[ReminderPreference]:
    """Store when the caller is reminded of bookings that are made from now on, and return all that it prefers.

    A fleet says so for contracts of its token. Raise NotAllowed or BadInput.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    contract_id = _contract(caller, wanted.contract_id)
    minutes = None if wanted.minutes is None else checked(wanted.minutes)

    async def work(connection: Connection) -> None:
        if caller.role is Role.TO and contract_id not in caller.contract_ids:
            raise NotAllowed("Your token does not cover that contract.")
        if minutes is None:
            await stored.forget_preference(connection, caller.party_id, contract_id)
        else:
            await stored.prefer(connection, caller.party_id, ReminderPreference(contract_id, minutes), call.now)

    outcome = {"contract": contract_id}
    await once(call, idempotency_key, "reminderPreferenceSet", wanted, outcome, work)
    return await preferences(call)


async def preferences(call: Call) -> list[ReminderPreference]:
    """Return what the caller prefers: for all, which comes first, and by contract; a fleet's of its own contracts."""
    caller = call.acting_as(Role.EMSP, Role.TO)
    seen = caller.contract_ids if caller.role is Role.TO else None
    async with call.database.reading() as connection:
        return await stored.preferences(connection, caller.party_id, seen)


async def send(call: Call) -> int:
    """Send the reminders that are due, and return how many there were.

    Any number of workers may do so at once; each reminder is sent once. One whose booking others have locked at this
    moment waits for the next round.
    """
    sent = 0
    while (some := await call.database.write(lambda connection: _send_some(call, connection))) is not None:
        sent += some
    return sent


def checked(minutes: Sequence[int]) -> tuple[int, ...]:
    """Return for how many minutes before the start reminders are asked, the earliest first, or raise BadInput."""
    wanted = sorted({*minutes}, reverse=True)
    if len(wanted) > MOST_REMINDERS:
        raise BadInput(f"A booking has at most {MOST_REMINDERS} reminders; you ask for {len(wanted)}.")
    if wanted and not 1 <= wanted[-1] <= wanted[0] <= LONGEST_MINUTES:
        raise BadInput(f"A reminder is 1 to {LONGEST_MINUTES} minutes before the start.")
    return tuple(wanted)


async def _send_some(call: Call, connection: Connection) -> int | None:
    """Settle some reminders that are due, tell of those whose booking is still to begin, and return how many."""
    due = await stored.settle_due(connection, call.now, BATCH)
    if due is None:
        return None
    wanted = [one for one in due if one.is_wanted(call.now)]
    await events.add(connection, [told.reminder(one) for one in wanted], call.now)
    return len(wanted)


async def _preferred(connection: Connection, new: Booking) -> tuple[int, ...]:
    """Return what is preferred for the contracts of a booking, of several all of it; else what is for all."""
    found = await stored.preferences(connection, new.emsp_id, new.contract_ids)
    named = [one for one in found if one.contract_id is not None]
    return tuple({minutes for one in named or found for minutes in one.minutes_before})


def _contract(caller: Caller, wanted: str | None) -> str | None:
    if caller.role is not Role.TO or wanted is not None:
        return wanted
    if len(caller.contract_ids) == 1:
        return caller.contract_ids[0]
    raise BadInput("Your token covers several contracts; give `contractId`.")
