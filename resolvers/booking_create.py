"""Booking a charger or any of a group (BUC 2.1, 2.2), directly or by the quote that holds it, in one transaction."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, ChargerUnusable, NotAllowed
from models.events import AvailabilityCause, Event, EventKind
from models.queries import allocations, events
from models.queries import bookings as stored
from models.queries import quotes as stored_quotes
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_location import AccessMethod, BookingTerms, Confirmation
from models.rules.booking_state import RequestKind, RequestStatus, ReservationStatus
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.quote import Grant, Quote, QuoteOutcome
from models.rules.reference import reference
from models.rules.role import Role
from resolvers import quotes
from resolvers.asked import MostPrice
from resolvers.call import Call, Caller
from resolvers.catalogue import remember
from resolvers.granting import Holder, WantedSlot, grant, once_cleared, own_place, usable


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What is asked for; `evse_id` pins one charger of a group."""

    booking_location_id: str
    period: Interval
    demand: Demand
    evse_id: str | None
    tokens: tuple[BookingToken, ...]
    contract_id: str | None
    license_plate: str | None
    max_price: MostPrice | None = None

    @property
    def slot(self) -> WantedSlot:
        """The slot alone, without whom it is for."""
        return WantedSlot(self.booking_location_id, self.period, self.demand, self.evse_id, self.max_price)


@dataclass(frozen=True, slots=True)
class QuotedBooking:
    """A quote to book, and for whom."""

    quote_id: str
    tokens: tuple[BookingToken, ...] = ()
    contract_id: str | None = None
    license_plate: str | None = None


async def create(call: Call, idempotency_key: str, wanted: NewBooking | QuotedBooking) -> Booking:
    """Book, and return the booking.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, PriceChanged, SlotTaken or NotAllowed; of a quote
    NotFound, QuoteExpired, QuoteUsed, ChargerUnusable or NotAllowed.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    contract_ids = _contracts(caller, wanted)
    booking_id = uuid4()
    made: list[Booking] = []

    async def alone(connection: Connection, clear: bool) -> None:
        if clear and isinstance(wanted, NewBooking):
            await own_place(connection, wanted.slot)

    async def work(connection: Connection, clear: bool) -> None:
        quote: Quote | None = None
        if isinstance(wanted, QuotedBooking):
            quote = await _taken_over(call, connection, wanted, booking_id)
            granted = quote.grant
        else:
            granted = await grant(call, connection, wanted.slot, Holder(booking_id, clear=clear))
        _check_plate(granted.booking_terms, wanted.license_plate)
        new = _booking(call, caller, booking_id, idempotency_key, granted, wanted, contract_ids)
        made[:] = [new]
        await stored.add(connection, new, _asked(granted, wanted))
        if quote is not None:
            await stored_quotes.settle(connection, quote.held, QuoteOutcome.BOOKED, call.now, booking_id)
        await events.add(connection, _told(new), call.now)

    outcome = {"booking": str(booking_id)}
    came = await once_cleared(call, idempotency_key, "bookingCreate", wanted, outcome, work, alone)
    if came["booking"] == str(booking_id):
        await remember(call, [made[0].location_id])
        return made[0]
    async with call.database.reading() as connection:
        first = (await stored.many(connection, [UUID(came["booking"])]))[UUID(came["booking"])]
    await remember(call, [first.location_id])
    return first


async def _taken_over(call: Call, connection: Connection, wanted: QuotedBooking, booking_id: UUID) -> Quote:
    """Make what a live quote holds the booking's, if its charger still works."""
    quote = await quotes.locked(call, connection, wanted.quote_id)
    quotes.check_live(quote, call.now)
    if not await usable(call, connection, quote.grant):
        raise ChargerUnusable(quote.grant.booking_location_id)
    await allocations.book(connection, quote.grant.location_id, quote.id, booking_id)
    return quote


def _check_plate(terms: BookingTerms, license_plate: str | None) -> None:
    if terms.supported_access_methods == (AccessMethod.LICENSE_PLATE,) and not license_plate:
        raise NotAllowed("This site opens its gate by licence plate only; give `licensePlate`.")


def _contracts(caller: Caller, wanted: NewBooking | QuotedBooking) -> tuple[str, ...]:
    """Return the contracts that the booking is made under, or raise NotAllowed or BadInput."""
    for token in wanted.tokens:
        if f"{token.country_code}*{token.party_id}".upper() != caller.party_id:
            raise NotAllowed(f"Token {token.uid} is not one of {caller.party_id}.")
    named = {token.contract_id for token in wanted.tokens}
    if wanted.contract_id is not None:
        named.add(wanted.contract_id)
    if caller.role is Role.TO:
        if not named and len(caller.contract_ids) == 1:
            named = set(caller.contract_ids)
        if not named:
            raise BadInput("Your token covers several contracts; give `contractId` or tokens.")
        if not named <= set(caller.contract_ids):
            raise NotAllowed("Your token does not cover all contracts that the booking names.")
    return tuple(sorted(named))


def _booking(
    call: Call,
    caller: Caller,
    booking_id: UUID,
    request_id: str,
    granted: Grant,
    wanted: NewBooking | QuotedBooking,
    contract_ids: tuple[str, ...],
) -> Booking:
    instant = granted.confirmation is Confirmation.INSTANT
    request = BookingRequest(
        RequestKind.CREATE,
        RequestStatus.ACCEPTED if instant else RequestStatus.PENDING,
        call.now,
        call.now if instant else None,
        caller.role,
        caller.party_id,
    )
    return Booking(
        id=booking_id,
        location_id=granted.location_id,
        booking_location_id=granted.booking_location_id,
        cpo_id=granted.cpo_id,
        emsp_id=caller.party_id,
        contract_ids=contract_ids,
        request_id=request_id,
        authorization_reference=str(uuid4()),
        reference=reference(secrets.randbits(50)),
        revision=1,
        status=ReservationStatus.RESERVED if instant else ReservationStatus.PENDING,
        canceled_reason=None,
        who_canceled=None,
        timeslot=granted.timeslot,
        evse_id=granted.evse_id,
        connector_id=granted.connector_id,
        parking_bay_id=granted.parking_bay_id,
        evse_pinned=granted.evse_pinned,
        evse_revealed_at=call.now if granted.evse_pinned else None,
        power_required=granted.demand.min_power,
        vehicle_length=granted.demand.vehicle.length,
        license_plate=wanted.license_plate,
        booking_option=granted.booking_option,
        booking_terms=granted.booking_terms,
        tariffs=granted.tariffs,
        reserved_at=call.now,
        last_updated=call.now,
        tokens=wanted.tokens,
        booking_requests=(request,),
        price=granted.price,
    )


def _asked(granted: Grant, wanted: NewBooking | QuotedBooking) -> dict[str, Any]:
    """Return the request as the history keeps it."""
    period, demand = granted.timeslot.period, granted.demand
    return {
        "quote_id": wanted.quote_id if isinstance(wanted, QuotedBooking) else None,
        "booking_location_id": granted.booking_location_id,
        "start_date_time": period.start.isoformat(),
        "end_date_time": period.end.isoformat(),
        "evse_id": granted.evse_id if granted.evse_pinned else None,
        "connector_type": demand.connector_type,
        "min_power": demand.min_power,
        "vehicle": {name: value for name, value in asdict(demand.vehicle).items() if value},
    }


def _told(new: Booking) -> list[Event]:
    period = new.timeslot.period
    cause = AvailabilityCause.BOOKING
    return [
        Event(EventKind.BOOKING_CHANGED, new.object_id, new.location_id, new.emsp_id),
        Event(EventKind.AVAILABILITY_CHANGED, new.location_id, new.location_id, new.cpo_id, cause, period),
    ]
