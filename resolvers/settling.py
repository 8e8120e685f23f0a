"""Billing what stands of a booking and crediting what does not any more, whatever led to it (BUC 4.1 to 4.4).

What changed is settled by the worker within seconds, each booking in a transaction of its own, with all of it locked:
what it comes to now is compared with what was billed. So nothing is billed twice or forgotten, after any crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from models.db import Connection
from models.events import EventKind
from models.queries import cdr_numbering, cdrs, events, locks, refunds, sessions, unsettled
from models.rules.bill import Bill, BillKind, Charged
from models.rules.booking import Booking
from models.rules.cdr import CREDIT, Cdr, as_billed, credit_of
from models.rules.cdr_making import cdr_of
from models.rules.published import PublishedLocation
from models.rules.refund import less
from models.rules.token import contract_keys
from resolvers import locked_booking, to_bill, told
from resolvers.call import Call
from resolvers.each import all_due
from resolvers.granting import as_stored
from resolvers.provider_line_issuing import for_booking, for_cdr

CHANGED = "What it bills was changed."
OVER = "What it bills does not stand any more."


@dataclass(frozen=True, slots=True)
class Settling:
    """A booking, or a session without one, that is being settled.

    It is locked, and its Location shared, so that no session ends there meanwhile; one that goes on bills nothing.
    """

    call: Call
    connection: Connection
    published: PublishedLocation
    holder_id: UUID
    booking: Booking | None
    charged: Sequence[Charged]


async def settle(call: Call) -> int:
    """Settle whatever is unsettled, and return how many bookings and walk-ups that was.

    Any number of workers may do so at once; each is settled once.
    """
    bookings = await all_due(call.database, call.now, unsettled.bookings, lambda one: _settle_booking(call, one))
    walk_ups = await all_due(call.database, call.now, unsettled.walk_ups, lambda one: _settle_walk_up(call, one))
    return bookings + walk_ups


async def _settle_booking(call: Call, uuid: UUID) -> bool:
    """Settle a booking unless that is not due any more; return whether it was."""

    async def work(connection: Connection) -> bool:
        one = await locked_booking.at_once(connection, uuid)
        if one is None or not await unsettled.booking_due(connection, one.location_id, one.id):
            return False
        published = await _place(call, connection, one.location_id)
        found = await to_bill.of_booking(connection, one, _zone(published))
        await _bring_about(Settling(call, connection, published, one.id, one, found.charged), found.bills)
        await for_booking(call, connection, one, found.report)
        return True

    return await call.database.write(work)


async def _settle_walk_up(call: Call, uuid: UUID) -> bool:
    """Settle a session without a booking unless that is not due any more; return whether it was."""

    async def work(connection: Connection) -> bool:
        location_id = await sessions.location_of(connection, uuid)
        if location_id is None or not await locks.try_share(connection, [location_id]):
            return False
        one = await sessions.locked(connection, location_id, uuid, waits=False)
        if one is None or not await unsettled.walk_up_due(connection, one.location_id, one.id):
            return False
        published = await _place(call, connection, one.location_id)
        found = await to_bill.of_walk_up(connection, one, _zone(published))
        await _bring_about(Settling(call, connection, published, one.id, None, found.charged), found.bills)
        return True

    return await call.database.write(work)


async def _bring_about(at: Settling, bills: Sequence[Bill]) -> None:
    """Credit what was billed otherwise than it stands, and issue what is not billed as it stands."""
    given_back = await refunds.of(at.connection, at.holder_id)
    wanted = {bill.subject: bill for bill in less(bills, given_back)}
    for known in await cdrs.billed(at.connection, at.holder_id):
        bill = wanted.get(known.bill.subject)
        if bill is not None and as_billed(bill) == known.billed_as and not _moved(at, known):
            del wanted[bill.subject]
        else:
            await _credit(at, known, CHANGED if bill is not None else OVER)
    for bill in wanted.values():
        local_id, number = await _numbered(at)
        await _issue(at, cdr_of(bill, at.published, at.booking, _session(at, bill), local_id, number, at.call.now))
    await unsettled.clear(at.connection, at.published.location.id, at.holder_id)


async def _credit(at: Settling, known: Cdr, remark: str) -> None:
    local_id, number = await _numbered(at)
    if number is None:
        local_id = f"{known.local_id}{CREDIT}"
    await _issue(at, credit_of(known, number, local_id, at.call.now, remark), known)


async def _issue(at: Settling, new: Cdr, credited: Cdr | None = None) -> None:
    await cdrs.issue(at.connection, at.holder_id, new)
    await for_cdr(at.call, at.connection, new, credited)
    issued = told.concerning(EventKind.CDR_ISSUED, new.object_id, new.location_id, new.parties)
    await events.add(at.connection, [issued], at.call.now)


async def _numbered(at: Settling) -> tuple[str, int | None]:
    """Return the id of the operator's next CDR, with its number if they are numbered."""
    found = await cdr_numbering.next_number(at.connection, _operator(at))
    if found is None:
        return str(uuid4()).upper(), None  # ids are compared without case
    prefix, number = found
    return f"{prefix}{number:09}", number


def _moved(at: Settling, known: Cdr) -> bool:
    """Whether a slot was billed at a Location, or to a contract, where it is not booked any more."""
    if at.booking is None or known.kind is not BillKind.BOOKING:
        return False
    left = contract_keys(known.parties.contract_ids) - contract_keys(at.booking.contract_ids)
    return known.location_id != at.published.location.id or bool(left)


def _operator(at: Settling) -> str:
    return at.booking.cpo_id if at.booking is not None else at.charged[0].session.parties.cpo_id


def _session(at: Settling, bill: Bill) -> Charged | None:
    return next((one for one in at.charged if one.session.id == bill.session_id), None)


async def _place(call: Call, connection: Connection, location_id: str) -> PublishedLocation:
    published = await as_stored(call, connection, location_id)
    if published is None:
        raise RuntimeError(f"{location_id} is not there, and something happened there")
    return published


def _zone(published: PublishedLocation) -> ZoneInfo:
    return ZoneInfo(published.location.time_zone)
