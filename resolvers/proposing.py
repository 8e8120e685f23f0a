"""Another time, or another place of its own, that an operator proposes and the holder consents to (BUC 2.7)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import CutOffPassed, NotAllowed
from models.events import AvailabilityCause
from models.queries import bookings as stored
from models.queries import events
from models.queries import quotes as stored_quotes
from models.queries.allocations import Holder
from models.rules.booking import Booking, BookingRequest
from models.rules.booking_state import RequestKind, RequestStatus
from models.rules.decision import answer_until
from models.rules.identity import own_uuid, owner
from models.rules.interval import Interval
from models.rules.quote import Changes, Grant, Quote, QuoteOutcome, QuotePurpose
from models.rules.role import Role
from resolvers import applying, told, undecided
from resolvers.booking_change import WantedChange
from resolvers.booking_reading import get
from resolvers.call import Call
from resolvers.for_whom import check_plate
from resolvers.granting import grant, once_cleared, place_of
from resolvers.locked_booking import check_changeable, check_undecided, lock_places, locked
from resolvers.once import once

WITHDRAWN = "The operator withdrew it."


@dataclass(frozen=True, slots=True)
class Proposal:
    """The slot that a booking shall get instead; None leaves the place, and the choice of the charger, as it is.

    The holder has `decide_minutes`, or as many as is usual.
    """

    booking_id: str
    period: Interval
    booking_location_id: str | None = None
    evse_id: str | None = None
    decide_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of the proposal for a booking, and why."""

    booking_id: str
    reason: str | None = None


async def propose(call: Call, idempotency_key: str, wanted: Proposal) -> Booking:
    """Keep another slot for a booking, which stays as it is until its holder has decided, and return the booking.

    The slot may overlap the present one, on the same charger and bay. Raise NotFound, NotAllowed, AlreadyFinal,
    CutOffPassed, and whatever `grant` raises.
    """
    call.acting_as(Role.CPO)
    quote_id = uuid4()

    async def first(connection: Connection, clear: bool) -> None:
        place = await place_of(connection, wanted.booking_location_id)
        await lock_places(connection, wanted.booking_id, [place], alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        check_undecided(old)
        slot = WantedChange(old.object_id, wanted.booking_location_id, wanted.period, wanted.evse_id).slot(old)
        if owner(slot.booking_location_id) != old.cpo_id:
            raise NotAllowed("That is another operator's; propose a place of your own.")
        present = old.timeslot.period
        until = answer_until(wanted.decide_minutes, present, slot.period, call.now)
        if until <= call.now:
            raise CutOffPassed(min(present.start, slot.period.start))
        holder = Holder(old.id, quote_id, until, clear, current=(old.evse_id, old.parking_bay_id))
        granted = await grant(call, connection, slot, holder)
        _check_opens(old, granted)
        quote = _settled(call, old, granted, quote_id, until)
        await stored_quotes.add(connection, quote)
        await applying.keep(connection, old, granted, quote_id)
        await stored.add_request(connection, old, _request(call, old, quote), {"quote_id": str(quote_id)})
        await stored.put(connection, old, replace(old, last_updated=call.now))
        taken = told.available([granted.location_id], AvailabilityCause.HOLD, granted.timeslot.period)
        await events.add(connection, [told.booking(old), *taken], call.now)

    outcome = {"booking": wanted.booking_id}
    await once_cleared(call, idempotency_key, "bookingPropose", wanted, outcome, work, first)
    return await get(call, wanted.booking_id)


async def proposal_accept(call: Call, idempotency_key: str, booking_id: str) -> Booking:
    """Give a booking the slot that its operator proposes, free of fees, and return it.

    Raise NotFound, NothingToDecide, NotAllowed, AlreadyFinal, LostUpdate, or ChargerUnusable if it fails by now.
    """
    call.acting_as(Role.EMSP, Role.TO)

    async def work(connection: Connection) -> None:
        old = await locked(call, connection, booking_id)
        check_changeable(call, old)
        await undecided.grant(call, connection, old, undecided.to_decide(call, old, proposed=True))

    return await _answered(call, idempotency_key, "bookingProposalAccept", Answer(booking_id), work)


async def proposal_decline(call: Call, idempotency_key: str, booking_id: str, reason: str | None = None) -> Booking:
    """Decline what the operator of a booking proposes, and return the booking, which stays as it is.

    Raise NotFound, NothingToDecide, NotAllowed or AlreadyFinal.
    """
    call.acting_as(Role.EMSP, Role.TO)

    async def work(connection: Connection) -> None:
        await _give_back(call, connection, booking_id, RequestStatus.DECLINED, reason)

    return await _answered(call, idempotency_key, "bookingProposalDecline", Answer(booking_id, reason), work)


async def proposal_withdraw(call: Call, idempotency_key: str, booking_id: str) -> Booking:
    """Take back what the operator proposes for its booking, and return the booking, which stays as it is.

    Raise NotFound, NothingToDecide, NotAllowed or AlreadyFinal.
    """
    call.acting_as(Role.CPO)

    async def work(connection: Connection) -> None:
        await _give_back(call, connection, booking_id, RequestStatus.FAILED, WITHDRAWN)

    return await _answered(call, idempotency_key, "bookingProposalWithdraw", Answer(booking_id), work)


async def _answered(
    call: Call,
    idempotency_key: str,
    mutation: str,
    answer: Answer,
    work: Callable[[Connection], Awaitable[None]],
) -> Booking:
    async def first(connection: Connection) -> None:
        await undecided.share_places(connection, own_uuid(answer.booking_id))

    await once(call, idempotency_key, mutation, answer, {"booking": answer.booking_id}, work, first=first)
    return await get(call, answer.booking_id)


async def _give_back(
    call: Call, connection: Connection, booking_id: str, status: RequestStatus, reason: str | None
) -> None:
    old = await locked(call, connection, booking_id)
    check_changeable(call, old)
    pending = undecided.to_decide(call, old, proposed=True)
    cause = AvailabilityCause.CANCELLATION
    await undecided.give_back(call, connection, old, pending, status, reason, cause)


def _check_opens(old: Booking, granted: Grant) -> None:
    """Raise NotAllowed where the gate opens by plate only and the booking has none: its holder could not get in."""
    try:
        check_plate(granted.booking_terms, old.license_plate)
    except NotAllowed as refusal:
        raise NotAllowed(
            "That site opens its gate by licence plate only, and the booking has none; propose another place."
        ) from refusal


def _settled(call: Call, old: Booking, granted: Grant, quote_id: UUID, until: datetime) -> Quote:
    """Return the quote that keeps what is proposed; nobody has to ask for it any more."""
    return Quote(
        id=quote_id,
        emsp_id=old.emsp_id,
        role=Role.CPO,
        contract_ids=(),
        grant=granted,
        provider_fees=(),
        made_at=call.now,
        expires_at=until,
        settled_at=call.now,
        outcome=QuoteOutcome.BOOKED,
        booking_id=old.id,
        purpose=QuotePurpose.PROPOSAL,
        changes=Changes(old.id, old.revision),
    )


def _request(call: Call, old: Booking, quote: Quote) -> BookingRequest:
    return BookingRequest(
        RequestKind.CHANGE,
        RequestStatus.PENDING,
        call.now,
        None,
        Role.CPO,
        old.cpo_id,
        quote.expires_at,
        quote_id=quote.id,
        position=len(old.booking_requests),
        period=quote.grant.timeslot.period,
    )
