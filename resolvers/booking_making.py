"""Making a booking of what was granted, and storing it with all that goes with it, in one transaction."""

import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import ChargerUnusable
from models.events import AvailabilityCause, Event
from models.queries import allocations, events
from models.queries import bookings as stored
from models.queries import quotes as stored_quotes
from models.queries import reminders as stored_reminders
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_state import LIVE, RequestKind, RequestStatus, ReservationStatus, lapses_at, revealed_at
from models.rules.decision import decide_until
from models.rules.quote import Grant, Quote, QuoteOutcome, QuotePurpose
from models.rules.reference import reference
from resolvers import quotes, reminders, told
from resolvers.call import Call, Caller
from resolvers.for_whom import ForWhom, check_plate
from resolvers.granting import usable

CODE_DIGITS = 8
FIRST = 1
"""The revision of a booking that nobody has changed."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes bookings, for which provider and contracts, and for whom."""

    call: Call
    caller: Caller
    emsp_id: str
    contract_ids: tuple[str, ...]
    whom: ForWhom
    mission_id: UUID | None = None
    replaces_id: str | None = None

    def booking(self, booking_id: UUID, request_id: str, granted: Grant, quote_id: UUID | None = None) -> Booking:
        """Return a booking of what was granted."""
        call, period = self.call, granted.timeslot.period
        instant = granted.confirmation is Confirmation.INSTANT
        request = BookingRequest(
            RequestKind.CREATE,
            RequestStatus.ACCEPTED if instant else RequestStatus.PENDING,
            call.now,
            call.now if instant else None,
            self.caller.role,
            self.caller.party_id,
            None if instant else decide_until(granted.booking_terms, period, call.now),
            quote_id=quote_id,
            period=period,
            revision=FIRST,
        )
        shown_at = call.now if granted.evse_pinned else revealed_at(period, granted.booking_terms, call.now)
        return Booking(
            id=booking_id,
            location_id=granted.location_id,
            booking_location_id=granted.booking_location_id,
            cpo_id=granted.cpo_id,
            emsp_id=self.emsp_id,
            contract_ids=self.contract_ids,
            request_id=request_id,
            authorization_reference=str(uuid4()),
            reference=new_reference(),
            revision=FIRST,
            status=ReservationStatus.RESERVED if instant else ReservationStatus.PENDING,
            canceled_reason=None,
            who_canceled=None,
            timeslot=granted.timeslot,
            evse_id=granted.evse_id,
            connector_id=granted.connector_id,
            parking_bay_id=granted.parking_bay_id,
            evse_pinned=granted.evse_pinned,
            evse_revealed_at=shown_at,
            demand=granted.demand,
            license_plate=self.whom.license_plate or granted.license_plate,
            booking_option=granted.booking_option,
            booking_terms=granted.booking_terms,
            confirmation=granted.confirmation,
            tariffs=granted.tariffs,
            reserved_at=call.now,
            lapses_at=lapses_at(period, granted.booking_terms),
            last_updated=call.now,
            tokens=self.whom.tokens,
            booking_requests=(request,),
            price=granted.price,
            access_code=access_code(granted),
            reveal_due_at=shown_at if shown_at > call.now else None,
            booker_id=self.caller.party_id if self.caller.party_id != self.emsp_id else None,
            mission_id=self.mission_id,
            replaces_id=self.replaces_id,
        )


async def taken_over(call: Call, connection: Connection, quote_id: str, booking_id: UUID) -> Quote:
    """Make what a live quote of the caller's holds a new booking's, if its charger still works.

    Raise NotFound, QuoteExpired, QuoteUsed or ChargerUnusable.
    """
    quote = await quotes.locked(call, connection, quote_id, QuotePurpose.BOOKING)
    quotes.check_live(quote, call.now)
    if not await usable(call, connection, quote.grant):
        raise ChargerUnusable(quote.grant.booking_location_id)
    await allocations.book(connection, quote.grant.location_id, quote.id, booking_id)
    return quote


async def store(call: Call, connection: Connection, new: Booking, whom: ForWhom, quote: Quote | None) -> Booking:
    """Store a new booking, settle the quote it was made by, ask for its reminders, tell of it, and return it.

    Raise NotAllowed where access is by plate and there is none.
    """
    check_plate(new.booking_terms, new.license_plate)
    await stored.add(connection, new, asked(new, quote))
    if quote is not None:
        await stored_quotes.settle(connection, quote.held, QuoteOutcome.BOOKED, call.now, new.id)
    await reminders.ask(call, connection, new, whom.reminders)
    await events.add(connection, _told(new), call.now)
    return new


async def store_instead(
    call: Call,
    connection: Connection,
    old: Booking,
    quote: Quote,
    booking_id: UUID,
    request_id: str,
    license_plate: str | None,
) -> None:
    """Store, as `store` does, a booking of what a quote holds in place of another one, for whom and by whom that was.

    Without `license_plate` it has the one that was quoted, or the old one's. Its holder is reminded as of the old
    one; if that is over and had no reminders, as the party prefers.
    """
    reminded = tuple(one.minutes_before for one in await stored_reminders.of(connection, old))
    as_before = bool(reminded) or old.status in LIVE
    plate = license_plate or quote.grant.license_plate or old.license_plate
    whom = ForWhom(old.tokens, license_plate=plate, reminders=reminded if as_before else None)
    maker = Maker(call, call.authenticated(), old.emsp_id, old.contract_ids, whom, old.mission_id, old.object_id)
    new = replace(maker.booking(booking_id, request_id, quote.grant, quote.id), booker_id=old.booker_id)
    await store(call, connection, new, whom, quote)


def new_reference() -> str:
    """Return a reference that nobody can guess."""
    return reference(secrets.randbits(50))


def access_code(granted: Grant) -> str | None:
    """Return a new code for the gate, where codes open it; no two bookings of a Location have the same."""
    if AccessMethod.ACCESS_CODE not in granted.booking_terms.supported_access_methods:
        return None
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def asked(new: Booking, quote: Quote | None) -> dict[str, Any]:
    """Return a request for a slot as the history keeps it."""
    period, demand = new.timeslot.period, new.demand
    return {
        "quote_id": str(quote.id) if quote else None,
        "booking_location_id": new.booking_location_id,
        "start_date_time": period.start.isoformat(),
        "end_date_time": period.end.isoformat(),
        "evse_id": new.evse_id if new.evse_pinned else None,
        "connector_type": demand.connector_type,
        "min_power": demand.min_power,
        "vehicle": {name: value for name, value in asdict(demand.vehicle).items() if value},
    }


def _told(new: Booking) -> list[Event]:
    period = new.timeslot.period
    found = [told.booking(new), *told.available([new.location_id], AvailabilityCause.BOOKING, period)]
    return found if new.pending is None else [*found, told.requested(new)]
