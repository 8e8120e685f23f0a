"""What is offered in place of bookings, the holder's own search, and how an operator looks for it (BUC 2.8)."""

from collections.abc import Sequence
from dataclasses import replace

from models.db import Connection
from models.errors import BadInput
from models.queries import alternatives as stored
from models.rules.alternative import (
    MOST_HOLD_MINUTES,
    MOST_KM,
    MOST_SHIFT_MINUTES,
    USUAL,
    Alternative,
    AlternativesPolicy,
    looks_elsewhere,
)
from models.rules.booking import Booking
from models.rules.booking_state import LIVE
from models.rules.role import Role
from resolvers import booking_reading
from resolvers.alternative_finding import find
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.once import once

Offer = tuple[Booking, list[Alternative]]


async def offered(call: Call, booking_id: str) -> Offer:
    """Return a booking with what is offered in its place, or was taken, by rank; raise NotFound."""
    one = await booking_reading.get(call, booking_id)
    (found,) = await _with_offers(call, [one])
    return found


async def offered_now(call: Call, booking_ids: Sequence[str]) -> list[Offer]:
    """Return those of the bookings that the caller may see, with what is offered in the place of each."""
    seen = [one for one in await booking_reading.many(call, booking_ids) if one is not None]
    return await _with_offers(call, seen)


async def open_offers(call: Call) -> list[Offer]:
    """Return the caller's bookings for which something is offered that can still be taken."""
    caller = call.acting_as(Role.EMSP, Role.TO)
    async with call.database.reading() as connection:
        booking_ids = await stored.open_of(connection, caller.party_id, call.now)
    return [one for one in await offered_now(call, booking_ids) if looks_elsewhere(one[0])]


async def look(call: Call, booking_id: str, within_km: int | None, shift_minutes: int | None) -> Offer:
    """Return a booking with what is free in its place now, as far off as asked; nothing of it is held.

    What is not given is as its operator has it (BUC 2.8, 4a and 4b). Raise NotFound or BadInput.
    """
    one = await booking_reading.get(call, booking_id)
    wanted = await reach(call, one.cpo_id, within_km, shift_minutes)
    if one.status not in LIVE and not looks_elsewhere(one):
        return one, []
    return one, await find(call, one, wanted)


async def reach(call: Call, cpo_id: str, within_km: int | None, shift_minutes: int | None) -> AlternativesPolicy:
    """Return how far somebody looks in the place of an operator's bookings, as that one does where nothing is given.

    Raise BadInput.
    """
    usual = await _policy_of(call, cpo_id)
    wanted = replace(
        usual,
        within_km=usual.within_km if within_km is None else within_km,
        shift_minutes=usual.shift_minutes if shift_minutes is None else shift_minutes,
    )
    _check(wanted)
    return wanted


async def policy(call: Call) -> AlternativesPolicy:
    """Return how the caller, an operator, looks for alternatives; what is usual, if it has not said."""
    return await _policy_of(call, call.acting_as(Role.CPO).party_id)


async def policy_set(call: Call, idempotency_key: str, wanted: AlternativesPolicy) -> AlternativesPolicy:
    """Set how the caller, an operator, looks for alternatives from now on, and return that. Raise BadInput."""
    cpo_id = call.acting_as(Role.CPO).party_id
    _check(wanted)

    async def work(connection: Connection) -> None:
        await stored.put_policy(connection, cpo_id, wanted, call.now)

    await once(call, idempotency_key, "alternativesPolicySet", wanted, {"cpo": cpo_id}, work)
    return await _policy_of(call, cpo_id)


async def _policy_of(call: Call, cpo_id: str) -> AlternativesPolicy:
    async with call.database.reading() as connection:
        return (await stored.policies(connection, [cpo_id])).get(cpo_id, USUAL)


async def _with_offers(call: Call, bookings: Sequence[Booking]) -> list[Offer]:
    async with call.database.reading() as connection:
        found = await stored.of_bookings(connection, [one.id for one in bookings])
    await remember(call, (each.location_id for offers in found.values() for each in offers))
    return [(one, found.get(one.id, [])) for one in bookings]


def _check(wanted: AlternativesPolicy) -> None:
    for name, value, least, most in (
        ("withinKm", wanted.within_km, 0, MOST_KM),
        ("shiftMinutes", wanted.shift_minutes, 0, MOST_SHIFT_MINUTES),
        ("holdMinutes", wanted.hold_minutes, 1, MOST_HOLD_MINUTES),
    ):
        if not least <= value <= most:
            raise BadInput(f"`{name}` is between {least} and {most}.")
