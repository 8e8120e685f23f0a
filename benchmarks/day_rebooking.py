"""How a booking of a simulated day is moved or given up, at the fee that is quoted where there is one."""

from datetime import datetime
from random import Random
from typing import Any

from benchmarks.day_asking import SEEN, Asking
from benchmarks.day_log import Deed, Granted, Log, Made
from benchmarks.day_plan import GRID, MINUTE, Truck

MOVING = 0.4
"""So many bookings are moved."""

LATER = GRID * MINUTE
"""So much later a slot is that was moved."""


def moved_at(truck: Truck) -> datetime | None:
    """Return when a truck moves its booking, in good time or late, if it does; drawn by its own chance."""
    chance, booked_at, start = Random(truck.seed), truck.visit.booked_at, truck.visit.start
    if booked_at is None or chance.random() >= MOVING:
        return None
    return booked_at + (start - booked_at) * chance.choice((0.3, 0.75, 0.95))


async def change(asking: Asking, log: Log, truck: Truck, booking: Made) -> Deed | None:
    """Move a booking, and return what came of that; None if it could not be moved."""
    start, end = booking.start + LATER, booking.end + LATER
    wanted: dict[str, Any] = {"period": {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}}
    endangered = await _endangered(asking, truck, booking)
    quote = await asking.send(truck.caller, "bookingChangeQuote", truck.name, bookingId=booking.id, **wanted)
    if quote.kind != "ChangeQuote":
        return None
    deed = await asking.send(truck.caller, "bookingChange", truck.name, quoteId=quote.told["quote"]["id"])
    if deed.kind != "Booking":
        return None
    _note(asking, log, booking, "MODIFICATION", endangered=endangered)
    booking.start, booking.end = start, end
    return deed


async def cancel(asking: Asking, log: Log, truck: Truck, booking: Made) -> bool:
    """Give a booking up, at a fee if there is one, and return whether that could be done."""
    wanted = {"bookingId": booking.id, "cancellationReason": "TRAFFIC"}
    endangered = await _endangered(asking, truck, booking)
    deed = await asking.send(truck.caller, "bookingCancel", truck.name, **wanted)
    if deed.kind == "FeeDue":
        quote = await asking.send(truck.caller, "bookingCancelQuote", truck.name, bookingId=booking.id)
        priced = {"cancelQuoteId": quote.told["id"]}
        deed = await asking.send(truck.caller, "bookingCancel", truck.name, **wanted, **priced)
    if deed.kind != "Booking":
        return False
    _note(asking, log, booking, "CANCELLATION", endangered=endangered)
    return True


async def _endangered(asking: Asking, truck: Truck, booking: Made) -> bool:
    """Whether its charger fails it, as whoever acts for the truck is told."""
    return (await asking.read(truck.caller, SEEN, id=booking.id))["booking"]["hazard"] is not None


def _note(asking: Asking, log: Log, booking: Made, kind: str, *, endangered: bool) -> None:
    one = Granted(kind, asking.now, booking.start, booking.end, endangered)
    log.accounts.granted.setdefault(booking.id, []).append(one)
