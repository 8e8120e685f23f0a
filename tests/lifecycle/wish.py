"""One request of a party: what is asked of the product, and how the model judges the answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from models.errors import Refusal
from models.queries import quotes
from models.rules.booking import Booking as Booked
from models.rules.quote import Grant
from resolvers.call import Call
from tests.lifecycle.model import Booking, Edition, Model, Request, Slot
from tests.lifecycle.site import offer_of, span_of

T = TypeVar("T")
EVERY_OTHER = 5
"""So often a booking is chosen from all there ever were, else from those that are live."""


@dataclass(frozen=True)
class Wish:
    """`ask` sends it with an idempotency key; `judge` asserts that the answer is right, and has the model follow."""

    caller: str
    ask: Callable[[Call, str], Awaitable[Any]]
    judge: Callable[[Model, Any], None]


class Step(Protocol):
    """Something that a party may wish for."""

    def wish(self, model: Model) -> Wish | None:
        """Return the wish as things are, or None if there is nothing to wish for."""


def pick(found: Sequence[T], which: int) -> T | None:
    """Return one of those that were found, the newest for 0."""
    return found[-1 - which % len(found)] if found else None


def chosen(model: Model, which: int) -> Booking | None:
    """Return one of the bookings, most often a live one."""
    pool = list(model.bookings.values()) if which % EVERY_OTHER == EVERY_OTHER - 1 else model.live()
    return pick(pool or list(model.bookings.values()), which // EVERY_OTHER)


def is_granted(answer: object, against: set[str]) -> bool:
    """Return whether a wish was granted, and assert that it was exactly if nothing was against it."""
    if isinstance(answer, Refusal):
        assert type(answer).__name__ in against, f"refused by {answer!r}; expected {against or 'a grant'}"
        return False
    assert not against, f"granted as {answer}; expected {against}"
    return True


def slot_of(value: Booked | Grant, edition: Edition) -> Slot:
    """Return the slot that the product granted."""
    offer = offer_of(value.booking_location_id)
    assert value.location_id == f"NL*ABC*{offer.place}"
    assert value.evse_id.startswith(value.location_id)
    assert value.parking_bay_id is not None
    spot = value.evse_id.split("*")[-1], value.parking_bay_id.split("*")[-1]
    return Slot(offer, spot, span_of(value.timeslot.period), edition, value.evse_pinned)


def booked(model: Model, answer: Booked, caller: str, slot: Slot) -> None:
    """Have the model follow a booking that was made, of a slot."""
    instant = slot.offer.instant
    pending = None if instant else model.decide_until(slot.span)
    request = Request("CREATE", "ACCEPTED" if instant else "PENDING", "holder", pending)
    assert str(answer.id) not in model.bookings
    model.bookings[str(answer.id)] = Booking(
        id=str(answer.id),
        caller=caller,
        status="RESERVED" if instant else "PENDING",
        slot=slot,
        references=[answer.reference],
        requests=[request],
        revealed=model.revealed(slot),
    )


async def granted_by(call: Call, quote_id: UUID | None) -> Grant:
    """Return what a quote grants that its operator made."""
    assert quote_id is not None
    async with call.database.reading() as connection:
        return (await quotes.many(connection, [quote_id]))[quote_id].grant


def object_id(booking_id: str) -> str:
    return f"NL*ABC*{booking_id}"
