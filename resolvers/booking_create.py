"""Booking a charger or any of a group (BUC 2.1, 2.2): checked and taken in the database, in one transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, ChargerUnusable, DoesNotFit, NotAllowed, NotFound, OutsideCalendar, SlotTaken
from models.events import AvailabilityCause, Event, EventKind
from models.queries import allocations, catalogue, events, locks
from models.queries import bookings as stored
from models.rules.availability import refusal, seating, timeslot_for
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_location import AccessMethod, BookingLocation, Confirmation, Timeslot
from models.rules.booking_state import RequestKind, RequestStatus, ReservationStatus
from models.rules.fit import Demand, Misfit, Spot, fitting, misfits, spots
from models.rules.identity import normalized
from models.rules.interval import Interval
from models.rules.published import PublishedLocation
from models.rules.reference import reference
from models.rules.role import Role
from resolvers import access
from resolvers.call import Call, Caller
from resolvers.catalogue import remember
from resolvers.once import once


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


async def create(call: Call, idempotency_key: str, wanted: NewBooking) -> Booking:
    """Book, and return the booking.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, SlotTaken or NotAllowed.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    contract_ids = _contracts(caller, wanted)
    booking_id = uuid4()
    made: list[Booking] = []

    async def work(connection: Connection) -> None:
        published, offer = await _offered(call, connection, wanted.booking_location_id)
        timeslot = _timeslot(call, offer, wanted)
        candidates = _candidates(published, offer, wanted)
        taken = await _take(connection, offer, candidates, wanted.period, booking_id)
        new = _booking(call, caller, booking_id, idempotency_key, wanted, published, offer, taken, timeslot)
        made[:] = [replace(new, contract_ids=contract_ids)]
        await stored.add(connection, made[0], _asked(wanted))
        await events.add(connection, _told(new), call.now)

    came = await once(call, idempotency_key, "bookingCreate", wanted, {"booking": str(booking_id)}, work)
    if came["booking"] == str(booking_id):
        return made[0]
    async with call.database.reading() as connection:
        first = (await stored.many(connection, [UUID(came["booking"])]))[UUID(came["booking"])]
    await remember(call, [first.location_id])
    return first


async def _offered(
    call: Call, connection: Connection, booking_location_id: str
) -> tuple[PublishedLocation, BookingLocation]:
    """Return what is asked for as the database has it; its Location stays so until the transaction ends."""
    wanted = normalized(booking_location_id)
    location_id = await catalogue.location_of_booking_location(connection, wanted)
    if location_id is not None:
        await locks.share(connection, location_id)
        published = await _as_stored(call, connection, location_id)
        offer = published.booking_location(wanted)
        if offer is not None and access.sees_location(call, published.location):
            return published, offer
    raise NotFound("BookingLocation", booking_location_id)


async def _as_stored(call: Call, connection: Connection, location_id: str) -> PublishedLocation:
    """Return a locked Location as the database has it: from memory if that is the version stored, else read now."""
    version = await catalogue.version(connection, location_id)
    entry = call.catalogue.get(location_id)
    if entry is not None and entry.published.version == version:
        return entry.published
    (published,) = await catalogue.published(connection, [location_id])
    call.catalogue.refresh([location_id], [published])
    return published


def _timeslot(call: Call, offer: BookingLocation, wanted: NewBooking) -> Timeslot:
    reason = refusal(offer, wanted.period, call.now)
    if reason is not None:
        raise OutsideCalendar(offer.id, wanted.period, reason)
    timeslot = timeslot_for(offer, wanted.period, wanted.demand.min_power)
    if timeslot is None:
        raise DoesNotFit(offer.id, [Misfit.POWER_TOO_LOW])
    if offer.terms.supported_access_methods == (AccessMethod.LICENSE_PLATE,) and not wanted.license_plate:
        raise NotAllowed("This site opens its gate by licence plate only; give `licensePlate`.")
    return replace(timeslot, period=wanted.period)


def _candidates(published: PublishedLocation, offer: BookingLocation, wanted: NewBooking) -> Sequence[Spot]:
    """Return the spots that fit and work, or raise DoesNotFit or ChargerUnusable."""
    complying = spots(published.location, offer.booking_option)
    if wanted.evse_id is not None:
        complying = tuple(spot for spot in complying if spot.evse.id == normalized(wanted.evse_id))
        if not complying:
            raise NotFound("Evse", wanted.evse_id)
    fit = fitting(complying, offer.booking_option, wanted.demand)
    if not fit:
        reasons = {why for spot in complying for why in misfits(spot, offer.booking_option, wanted.demand)}
        raise DoesNotFit(offer.id, sorted(reasons))
    working = [spot for spot in fit if spot.evse.usable_at(wanted.period.start)]
    if not working:
        raise ChargerUnusable(offer.id)
    return working


async def _take(
    connection: Connection, offer: BookingLocation, candidates: Sequence[Spot], period: Interval, holder_id: UUID
) -> Spot:
    """Take the first spot that is free, beginning anywhere, so that requests at one moment do not queue for one."""
    begin = holder_id.int % len(candidates)
    wanted = [*candidates[begin:], *candidates[:begin]]
    if len(seating(wanted)) < len(wanted):
        wanted = await _roomiest_first(connection, offer, wanted, period)
    for spot in wanted:
        if await allocations.take(connection, offer.location_id, spot.key, period, holder_id):
            return spot
    raise SlotTaken(offer.id, period)


async def _roomiest_first(
    connection: Connection, offer: BookingLocation, candidates: Sequence[Spot], period: Interval
) -> list[Spot]:
    """Return the candidates so that taking the first free one leaves room for all others that a search shows.

    Where chargers share bays, the wrong pair would take the only bay of another charger.
    """
    taken = (await allocations.busy(connection, [offer.location_id], period)).get(offer.location_id, {})
    best = seating([spot for spot in candidates if taken.keys().isdisjoint(spot.key)])
    return [*best, *(spot for spot in candidates if spot not in best)]


def _contracts(caller: Caller, wanted: NewBooking) -> tuple[str, ...]:
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
    wanted: NewBooking,
    published: PublishedLocation,
    offer: BookingLocation,
    taken: Spot,
    timeslot: Timeslot,
) -> Booking:
    instant = offer.confirmation is Confirmation.INSTANT
    request = BookingRequest(
        RequestKind.CREATE,
        RequestStatus.ACCEPTED if instant else RequestStatus.PENDING,
        call.now,
        call.now if instant else None,
        caller.role,
        caller.party_id,
    )
    tariff_ids = tuple(dict.fromkeys((*offer.tariff_ids, *taken.connector.tariff_ids)))
    pinned = wanted.evse_id is not None or offer.booking_option.evse_uid is not None
    return Booking(
        id=booking_id,
        location_id=offer.location_id,
        booking_location_id=offer.id,
        cpo_id=f"{offer.country_code}*{offer.party_id}".upper(),
        emsp_id=caller.party_id,
        contract_ids=(),
        request_id=request_id,
        authorization_reference=str(uuid4()),
        reference=reference(secrets.randbits(50)),
        revision=1,
        status=ReservationStatus.RESERVED if instant else ReservationStatus.PENDING,
        canceled_reason=None,
        who_canceled=None,
        timeslot=timeslot,
        evse_id=taken.evse.id,
        connector_id=taken.connector.id,
        parking_bay_id=taken.key[1],
        evse_pinned=pinned,
        evse_revealed_at=call.now if pinned else None,
        power_required=wanted.demand.min_power,
        vehicle_length=wanted.demand.vehicle_length,
        license_plate=wanted.license_plate,
        booking_option=offer.booking_option,
        booking_terms=offer.terms,
        tariffs=published.tariffs_of(tariff_ids),
        reserved_at=call.now,
        last_updated=call.now,
        tokens=wanted.tokens,
        booking_requests=(request,),
    )


def _asked(wanted: NewBooking) -> dict[str, object]:
    """Return the request as the history keeps it."""
    return {
        "booking_location_id": wanted.booking_location_id,
        "start_date_time": wanted.period.start.isoformat(),
        "end_date_time": wanted.period.end.isoformat(),
        "evse_id": wanted.evse_id,
        "connector_type": wanted.demand.connector_type,
        "min_power": wanted.demand.min_power,
        "vehicle_length": wanted.demand.vehicle_length,
    }


def _told(new: Booking) -> list[Event]:
    period = new.timeslot.period
    cause = AvailabilityCause.BOOKING
    return [
        Event(EventKind.BOOKING_CHANGED, new.object_id, new.location_id, new.emsp_id),
        Event(EventKind.AVAILABILITY_CHANGED, new.location_id, new.location_id, new.cpo_id, cause, period),
    ]
