"""Moving a booking anywhere, to another operator too: booked there, then canceled here, at no moment neither."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import NotAllowed, Refusal
from models.events import AvailabilityCause
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.role import Role
from resolvers import booking_reading, ending, quotes
from resolvers.booking_cancel import Cancellation, decided
from resolvers.booking_making import store_instead, taken_over
from resolvers.call import Call
from resolvers.locked_booking import check_changeable, lock_places, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class Move:
    """Which booking to give up for what a quote holds; `cancel_quote_id` accepts the fee if that costs one by now.

    Without `license_plate` it stays what it was.
    """

    booking_id: str
    quote_id: str
    cancel_quote_id: str | None = None
    license_plate: str | None = None


async def move(call: Call, idempotency_key: str, wanted: Move) -> Booking:
    """Book what a quote holds, for whom the old booking was, cancel that, and return the new one.

    Both are done or none. What canceling costs is as of `bookingCancel`; after the cut-off, where no fee is priced,
    raise CutOffPassed, keep the declined request in the history, and the booking too. Raise NotAllowed for a place
    that its operator confirms. Raise NotFound, NotAllowed, AlreadyFinal, FeeDue, QuoteExpired, QuoteUsed, LostUpdate
    or ChargerUnusable otherwise.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    booking_id = uuid4()
    cancellation = Cancellation(wanted.booking_id, CanceledReason.CHANGED, wanted.cancel_quote_id)

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id, [await quotes.place_of(connection, wanted.quote_id)])

    async def work(connection: Connection) -> Refusal | None:
        old = await locked(call, connection, wanted.booking_id)
        check_changeable(call, old)
        declined = await decided(call, connection, old, cancellation)
        if declined is not None:
            return declined
        await _book(call, connection, idempotency_key, old, wanted, booking_id)
        await ending.end(
            connection,
            old,
            call.now,
            ReservationStatus.CANCELED,
            AvailabilityCause.CANCELLATION,
            reason="The booking was moved elsewhere.",
            canceled=(CanceledReason.CHANGED, caller.role),
        )
        return None

    outcome = {"booking": str(booking_id)}
    came = await once(call, idempotency_key, "bookingMove", wanted, outcome, work, first=first)
    (new,) = await booking_reading.made(call, [UUID(came["booking"])])
    return new


async def _book(
    call: Call, connection: Connection, idempotency_key: str, old: Booking, wanted: Move, booking_id: UUID
) -> None:
    """Book what the quote holds in place of the old booking."""
    quote = await taken_over(call, connection, wanted.quote_id, booking_id)
    if quote.grant.confirmation is Confirmation.OPERATOR:
        raise NotAllowed(
            f"The operator of {quote.grant.booking_location_id} confirms each booking first: book there by "
            "`bookingCreate`, and cancel this booking once that one is accepted."
        )
    await store_instead(call, connection, old, quote, booking_id, idempotency_key, wanted.license_plate)
