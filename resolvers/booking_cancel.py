"""Canceling a booking: by its holder, free or at the fee that was quoted, or by its operator (BUC 2.3.3, 2.7)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from models.db import Connection
from models.errors import BadInput, CutOffPassed, FeeDue, LostUpdate, NotFound, QuoteExpired, QuoteUsed, Refusal
from models.events import AvailabilityCause
from models.queries import bookings as stored
from models.queries import cancel_quotes
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import (
    HOLDER_REASONS,
    OPERATOR_REASONS,
    CanceledReason,
    RequestKind,
    RequestStatus,
    ReservationStatus,
)
from models.rules.cancel_quote import CancelQuote
from models.rules.charge import Charge, cancellation_charge
from models.rules.identity import uuid_of
from models.rules.role import Role
from resolvers import ending
from resolvers.alternative_offering import offer_soon
from resolvers.booking_reading import get
from resolvers.call import Call, Caller
from resolvers.locked_booking import check_changeable, lock_places, locked
from resolvers.once import once
from resolvers.quotes import HOLD_MINUTES


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Which booking to cancel, why, and by which quote if it costs a fee."""

    booking_id: str
    reason: CanceledReason
    quote_id: str | None = None


@dataclass(frozen=True, slots=True)
class ToQuote:
    """Which booking a cancellation is priced of."""

    booking_id: str


async def quote(call: Call, idempotency_key: str, booking_id: str) -> tuple[CancelQuote, Booking]:
    """Price the cancellation of a booking, and return that with the booking, which stays as it is.

    Raise NotFound, NotAllowed, AlreadyFinal or CutOffPassed.
    """
    call.acting_as(Role.EMSP, Role.TO)
    quote_id = uuid4()

    async def first(connection: Connection) -> None:
        await lock_places(connection, booking_id)

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, booking_id)
        check_changeable(call, old)
        new = CancelQuote(
            id=quote_id,
            location_id=old.location_id,
            booking_id=old.id,
            revision=old.revision,
            fee=fee_of(call, old),
            made_at=call.now,
            expires_at=call.now + timedelta(minutes=HOLD_MINUTES),
        )
        await cancel_quotes.add(connection, new)

    wanted = ToQuote(booking_id)
    outcome = {"cancel_quote": str(quote_id)}
    came = await once(call, idempotency_key, "bookingCancelQuote", wanted, outcome, work, first=first)
    booking = await get(call, booking_id)
    async with call.database.reading() as connection:
        found = await cancel_quotes.get(connection, UUID(came["cancel_quote"]))
    if found is None:
        raise NotFound("CancelQuote", came["cancel_quote"])
    return found, booking


async def cancel(call: Call, idempotency_key: str, wanted: Cancellation) -> Booking:
    """Cancel a booking, free its slot at once, and return it.

    A holder pays nothing before the cut-off, or while its charger fails; later the fee of a quote, or raise FeeDue.
    If no fee is priced raise CutOffPassed, and keep the declined request in the history. An operator cancels without
    a fee, and alternatives are looked for. Raise NotFound, NotAllowed, AlreadyFinal, QuoteExpired, QuoteUsed or
    LostUpdate otherwise.
    """
    caller = call.acting_as(Role.EMSP, Role.TO, Role.CPO)
    _check_reason(caller, wanted.reason)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> Refusal | None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        declined = await decided(call, connection, old, wanted)
        if declined is not None:
            return declined
        await ending.end(
            connection,
            old,
            call.now,
            ReservationStatus.CANCELED,
            AvailabilityCause.CANCELLATION,
            reason="The booking was canceled.",
            canceled=(wanted.reason, caller.role),
            looks_elsewhere=caller.role is Role.CPO and old.status is ReservationStatus.RESERVED,
        )
        return None

    outcome = {"booking": wanted.booking_id}
    await once(call, idempotency_key, "bookingCancel", wanted, outcome, work, first=first)
    over = await get(call, wanted.booking_id)
    if caller.role is Role.CPO:
        await offer_soon(call, [over.location_id])
    return over


def fee_of(call: Call, old: Booking) -> Charge | None:
    """Return what a cancellation that is asked for now costs; None costs nothing (BUC 2.9).

    Raise CutOffPassed after the cut-off if no tariff of the booking prices it. What the operator has not confirmed,
    and what its charger fails, is free to go.
    """
    period = old.timeslot.period
    if old.status is ReservationStatus.PENDING or (old.hazard is not None and call.now < period.end):
        return None
    if call.now <= old.cancel_until and call.now < period.end:
        return None
    fee = cancellation_charge(old.tariffs, period, _zone(call, old))
    if fee is None or call.now >= period.end:
        raise CutOffPassed(old.cancel_until)
    return fee


async def decided(call: Call, connection: Connection, old: Booking, wanted: Cancellation) -> CutOffPassed | None:
    """Keep a cancellation of a locked booking in its history, accepted at its fee; return why, if it is declined.

    It is declined after the cut-off if no fee is priced; else whoever asks ends the booking. Raise FeeDue, or of a
    quote NotFound, QuoteUsed, QuoteExpired or LostUpdate.
    """
    asked = {"canceled_reason": wanted.reason.value}
    try:
        free = call.authenticated().role is Role.CPO
        fee = None if free else await _accepted_fee(call, connection, old, wanted)
    except CutOffPassed as refusal:
        await note(call, connection, old, asked, declined=str(refusal))
        return refusal
    await note(call, connection, old, asked, fee)
    return None


async def note(
    call: Call,
    connection: Connection,
    old: Booking,
    asked: dict[str, str],
    fee: Charge | None = None,
    declined: str | None = None,
) -> None:
    """Append a cancellation by the caller to the history: accepted at a fee, or `declined` for a reason."""
    caller = call.authenticated()
    request = BookingRequest(
        RequestKind.CANCEL,
        RequestStatus.ACCEPTED if declined is None else RequestStatus.DECLINED,
        call.now,
        call.now,
        caller.role,
        caller.party_id,
        reason=declined,
        fee=fee,
        position=len(old.booking_requests),
    )
    await stored.add_request(connection, old, request, asked)


async def _accepted_fee(call: Call, connection: Connection, old: Booking, wanted: Cancellation) -> Charge | None:
    """Return the fee of the quote, which is used from now on; without a quote raise FeeDue if there is a fee.

    Raise CutOffPassed as `fee_of` does; of a quote NotFound, QuoteUsed, QuoteExpired or LostUpdate.
    """
    if wanted.quote_id is None:
        fee = fee_of(call, old)
        if fee is not None:
            raise FeeDue(fee.price.after_taxes, fee.currency)
        return None
    uuid = uuid_of(wanted.quote_id.strip())
    found = await cancel_quotes.locked(connection, uuid) if uuid else None
    if found is None or found.booking_id != old.id:
        raise NotFound("CancelQuote", wanted.quote_id)
    if found.used_at is not None:
        raise QuoteUsed(wanted.quote_id, old.object_id)
    if found.expires_at <= call.now:
        raise QuoteExpired(wanted.quote_id, found.expires_at)
    if found.revision != old.revision:
        raise LostUpdate("Booking", old.object_id, old.last_updated)
    await cancel_quotes.use(connection, found, call.now)
    return None if old.hazard is not None else found.fee


def _check_reason(caller: Caller, reason: CanceledReason) -> None:
    if caller.role is Role.CPO:
        if reason not in OPERATOR_REASONS:
            named = ", ".join(sorted(OPERATOR_REASONS))
            raise BadInput(f"{reason} is for holders; an operator cancels for {named}.")
    elif reason not in HOLDER_REASONS:
        raise BadInput(f"{reason} is for operators; a holder cancels for {', '.join(sorted(HOLDER_REASONS))}.")


def _zone(call: Call, old: Booking) -> ZoneInfo:
    entry = call.catalogue.get(old.location_id)
    return ZoneInfo(entry.published.location.time_zone if entry else "UTC")
