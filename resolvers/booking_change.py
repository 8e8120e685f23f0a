"""Changing a booking: quoted first, which holds the next slot beside the present one, then done (BUC 2.3, 2.4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import ChargerUnusable, CutOffPassed, LostUpdate, NotAllowed, NotFound
from models.queries import bookings as stored
from models.queries import events, locks
from models.queries import quotes as stored_quotes
from models.queries.allocations import Holder
from models.rules.booking import Booking, BookingRequest, BookingToken
from models.rules.booking_location import Confirmation
from models.rules.booking_state import RequestKind, RequestStatus, ReservationStatus
from models.rules.charge import Charge, modification_charge
from models.rules.decision import decide_until
from models.rules.fit import Demand
from models.rules.identity import normalized, owner
from models.rules.interval import Interval
from models.rules.quote import Changes, Quote, QuoteOutcome, QuotePurpose
from models.rules.role import Role
from resolvers import applying, mandates, provider_fees, quotes, told
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.for_whom import check_plate, check_tokens, contracts_covered
from resolvers.granting import WantedSlot, grant, once_cleared, place_of, usable
from resolvers.locked_booking import check_changeable, check_undecided, lock_places, locked
from resolvers.once import once
from resolvers.pricing import provider_lines


@dataclass(frozen=True, slots=True)
class WantedChange:
    """What shall be different of a booking; None leaves it as it is.

    `evse_id` pins one charger, and `any_evse` gives up the one that was asked for. `vehicle_id` names a vehicle that
    its fleet stored; its licence plate is the booking's from then on, unless another is given with the change.
    """

    booking_id: str
    booking_location_id: str | None = None
    period: Interval | None = None
    evse_id: str | None = None
    any_evse: bool = False
    demand: Demand | None = None
    vehicle_id: str | None = None

    def slot(self, old: Booking) -> WantedSlot:
        """Return the slot that is asked for, as a whole."""
        place = old.booking_location_id if self.booking_location_id is None else normalized(self.booking_location_id)
        stays = place == old.booking_location_id and old.evse_pinned and not self.any_evse
        present = old.timeslot.period
        period = self.period or present
        return WantedSlot(
            booking_location_id=place,
            period=period,
            demand=self.demand or old.demand,
            evse_id=self.evse_id or (old.evse_id if stays else None),
            begun=present.start if period.start == present.start else None,
            vehicle_id=self.vehicle_id,
        )


@dataclass(frozen=True, slots=True)
class QuotedChange:
    """A change that was quoted, and who may use the booking from then on; None leaves that as it is."""

    quote_id: str
    tokens: tuple[BookingToken, ...] | None = None
    license_plate: str | None = None


async def quote(call: Call, idempotency_key: str, wanted: WantedChange) -> Quote:
    """Price a change of a booking, hold its next slot, and return the quote; the booking stays as it is.

    The slot may overlap the present one, on the same charger and bay. Raise NotFound, NotAllowed, AlreadyFinal,
    CutOffPassed, and whatever `grant` raises.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    fees = await provider_fees.seen(call)
    quote_id = uuid4()

    async def first(connection: Connection, clear: bool) -> None:
        await locks.own_holds(connection, caller.scope)
        place = await place_of(connection, wanted.booking_location_id)
        await lock_places(connection, wanted.booking_id, [place], alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        await quotes.check_limit(connection, caller, call.now)
        old = await locked(call, connection, wanted.booking_id)
        _check_may(call, old, wanted)
        slot = wanted.slot(old)
        expires_at = min(call.now + timedelta(minutes=quotes.HOLD_MINUTES), slot.period.end)
        current = (old.evse_id, old.parking_bay_id)
        granted = await grant(call, connection, slot, Holder(old.id, quote_id, expires_at, clear, current))
        new = Quote(
            id=quote_id,
            emsp_id=caller.party_id,
            role=caller.role,
            contract_ids=caller.contract_ids,
            grant=granted,
            provider_fees=provider_lines(fees, granted.price),
            made_at=call.now,
            expires_at=expires_at,
            purpose=QuotePurpose.CHANGE,
            changes=Changes(old.id, old.revision),
            fee=fee_of(old, call.now),
        )
        await quotes.store(connection, new, call.now)

    outcome = {"quote": str(quote_id)}
    came = await once_cleared(call, idempotency_key, "bookingChangeQuote", wanted, outcome, work, first)
    return await quotes.get(call, came["quote"])


async def change(call: Call, idempotency_key: str, wanted: QuotedChange) -> Booking:
    """Change a booking as quoted, or ask its operator to, and return it.

    Raise NotFound, NotAllowed, AlreadyFinal, QuoteExpired, QuoteUsed, LostUpdate or ChargerUnusable.
    """
    call.acting_as(Role.EMSP, Role.TO)
    found = await quotes.get(call, wanted.quote_id)
    if found.changes is None or found.purpose is not QuotePurpose.CHANGE:
        raise NotFound("Quote", wanted.quote_id)
    (booking_id,) = await _composite(call, found.changes.booking_id)

    async def first(connection: Connection) -> None:
        await lock_places(connection, booking_id, [found.grant.location_id])

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, booking_id)
        one = await quotes.locked(call, connection, wanted.quote_id, QuotePurpose.CHANGE)
        quotes.check_live(one, call.now)
        check_changeable(call, old)
        check_undecided(old)
        await check_current(call, connection, old, one)
        _check_whom(call, old, one, wanted)
        named = {token.contract_id for token in wanted.tokens or ()}
        await mandates.check_booker(call, connection, old, {*old.contract_ids, *named})
        await ask_or_apply(call, connection, old, one, wanted)

    await once(call, idempotency_key, "bookingChange", wanted, {"booking": booking_id}, work, first=first)
    return await get(call, booking_id)


def fee_of(old: Booking, now: datetime) -> Charge | None:
    """Return what a change asked for now costs; None costs nothing (BUC 2.9).

    Raise CutOffPassed after the cut-off if its terms price no fee. A booking that its charger fails is free to go.
    """
    if now <= old.change_until or old.hazard is not None:
        return None
    fee = modification_charge(old.booking_terms)
    if fee is None:
        raise CutOffPassed(old.change_until)
    return fee


async def check_current(call: Call, connection: Connection, old: Booking, one: Quote) -> None:
    """Raise LostUpdate if the booking was changed since the quote, ChargerUnusable if its charger fails by now."""
    if one.changes is None or one.changes.revision != old.revision:
        raise LostUpdate("Booking", old.object_id, old.last_updated)
    if not await usable(call, connection, one.grant):
        raise ChargerUnusable(one.grant.booking_location_id)


def _check_may(call: Call, old: Booking, wanted: WantedChange) -> None:
    check_changeable(call, old)
    if old.status is not ReservationStatus.RESERVED:
        raise NotAllowed("The operator has not decided on the booking yet; cancel it, or wait.")
    check_undecided(old)
    if old.booking_terms.change_not_allowed and old.hazard is None:
        raise NotAllowed("The terms of the booking allow no change; cancel it and book anew.")
    if call.now >= old.timeslot.period.end:
        raise CutOffPassed(old.change_until)
    place = wanted.booking_location_id
    if place is not None and owner(normalized(place)) != old.cpo_id:
        raise NotAllowed("That is another operator's: `bookingMove` books there first and then cancels here.")


def _check_whom(call: Call, old: Booking, one: Quote, wanted: QuotedChange) -> None:
    check_plate(one.grant.booking_terms, wanted.license_plate or one.grant.license_plate or old.license_plate)
    if wanted.tokens is not None:
        check_tokens(old.emsp_id, wanted.tokens)
        contracts_covered(call.authenticated(), {token.contract_id for token in wanted.tokens})


async def ask_or_apply(call: Call, connection: Connection, old: Booking, one: Quote, wanted: QuotedChange) -> None:
    """Give a locked booking what a live quote holds for it, or ask its operator to where that one confirms."""
    caller, granted = call.authenticated(), one.grant
    instant = granted.confirmation is Confirmation.INSTANT
    request = BookingRequest(
        RequestKind.CHANGE,
        RequestStatus.ACCEPTED if instant else RequestStatus.PENDING,
        call.now,
        call.now if instant else None,
        caller.role,
        caller.party_id,
        None if instant else decide_until(granted.booking_terms, granted.timeslot.period, call.now, old.lapses_at),
        quote_id=one.id,
        fee=one.fee if old.hazard is None else None,
        position=len(old.booking_requests),
        period=granted.timeslot.period,
    )
    asked = {
        "quote_id": str(one.id),
        "tokens": None if wanted.tokens is None else [_token(token) for token in wanted.tokens],
        "license_plate": wanted.license_plate,
    }
    await stored.add_request(connection, old, request, asked)
    await applying.keep(connection, old, granted, one.id)
    await stored_quotes.settle(connection, one.held, QuoteOutcome.BOOKED, call.now, old.id)
    if instant:
        await applying.apply(call, connection, old, granted, tokens=wanted.tokens, license_plate=wanted.license_plate)
        return
    await stored.put(connection, old, replace(old, last_updated=call.now))
    await events.add(connection, [told.booking(old), told.requested(old)], call.now)


def _token(one: BookingToken) -> dict[str, str]:
    return {name: getattr(one, name) for name in ("country_code", "party_id", "uid", "type", "contract_id")}


async def _composite(call: Call, booking_id: UUID) -> list[str]:
    async with call.database.reading() as connection:
        return [one.object_id for one in (await stored.many(connection, [booking_id])).values()]
