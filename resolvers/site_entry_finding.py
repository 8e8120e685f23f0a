"""Which bookings a vehicle at a gate may mean, and what is decided by them (BUC 3.12)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from models.db import Connection
from models.queries import bookings as stored_bookings
from models.queries import charging, tokens
from models.queries import site_entries as stored
from models.rules.booking import Booking
from models.rules.charging_match import Published, id_of
from models.rules.interval import Interval
from models.rules.license_plate import folded
from models.rules.site_entry_decision import Entering, Verdict, decide
from resolvers.call import Call

AROUND = timedelta(hours=24)
"""So far from now a booking may be for its plate or Token to be known at the gate."""


async def verdict_on(call: Call, connection: Connection, location_id: str, asked: Entering) -> Verdict:
    """Return the verdict; the booking that admits stays locked, and is as it was when it was."""
    meant = {one.id: one for one in await _meant(call, connection, location_id, asked)}
    published = await _published(connection, asked, list(meant.values()))
    sure: set[UUID] = set()
    while True:
        verdict = decide(asked, meant.values(), published, call.now)
        one = verdict.booking
        if one is None or verdict.reason is not None or one.id in sure:
            return verdict
        locked = await stored_bookings.locked(connection, location_id, one.id)
        sure.add(one.id)
        if locked is None:
            del meant[one.id]
        else:
            meant[one.id] = locked


async def _meant(call: Call, connection: Connection, location_id: str, asked: Entering) -> list[Booking]:
    """Return the bookings of a Location that may be meant."""
    window = Interval(call.now - AROUND, call.now + AROUND)
    if asked.token is not None:
        return await charging.meant(connection, location_id, window, asked.token, call.now)
    ids: Sequence[UUID]
    if asked.license_plate is not None:
        plate = folded(asked.license_plate)
        known = await stored.plates(connection, location_id, window)
        ids = [uuid for uuid, other in known if folded(other) == plate]
    elif asked.access_code is not None:
        ids = await stored.by_code(connection, location_id, asked.access_code)
    else:
        ids = list((await stored_bookings.ids_by_reference(connection, [asked.reference or ""])).values())
    found = await stored_bookings.many(connection, ids) if ids else {}
    return [one for one in found.values() if one.location_id == location_id]


async def _published(connection: Connection, asked: Entering, meant: Sequence[Booking]) -> Published:
    """Return what EMSPs published of the Tokens that bookings name, if a Token is presented."""
    named = {id_of(token) for one in meant for token in one.tokens} if asked.token else set()
    return await tokens.many(connection, sorted(named)) if named else {}
