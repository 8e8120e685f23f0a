"""Reading bookings, each only by whom it concerns."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from models.errors import BadInput, NotFound
from models.queries import bookings as stored
from models.rules.booking import Booking
from models.rules.booking_filter import BookingFilter
from models.rules.identity import normalized, own_uuid
from models.rules.reference import read
from resolvers import access
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.pages import Page, checked_first, cut, moment_and_id

MOST_NAMED = 100


async def many(call: Call, booking_ids: Sequence[str]) -> list[Booking | None]:
    """Return the bookings of those composite ids, in order; None for one that the caller may not see."""
    wanted = [own_uuid(one) for one in booking_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
    await remember(call, (one.location_id for one in found.values()))
    return [
        access.seen(call, found.get(uuid) if uuid else None, booking_id)
        for uuid, booking_id in zip(wanted, booking_ids, strict=True)
    ]


async def get(call: Call, booking_id: str) -> Booking:
    """Return the booking of a composite id, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [booking_id])
    if found is None:
        raise NotFound("Booking", booking_id)
    return found


async def made(call: Call, uuids: Sequence[UUID]) -> list[Booking]:
    """Return the bookings that the caller made, in order, or raise NotFound for one that it may not see any more."""
    async with call.database.reading() as connection:
        found = await stored.many(connection, uuids)
    await remember(call, (one.location_id for one in found.values()))
    for one in found.values():
        if not access.sees_booking(call, one):
            raise NotFound("Booking", one.object_id)
    return [found[uuid] for uuid in uuids]


async def by_reference(call: Call, typed: str) -> Booking:
    """Return the booking that has, or once had, a reference as people type it, or raise NotFound (BUC 2.3)."""
    call.authenticated()
    async with call.database.reading() as connection:
        ids = await stored.ids_by_reference(connection, [read(typed)])
        found = await stored.many(connection, list(ids.values()))
    await remember(call, (one.location_id for one in found.values()))
    for booking in found.values():
        if access.sees_booking(call, booking):
            return booking
    raise NotFound("Booking", typed)


async def named(call: Call, booking_ids: Sequence[str], references: Sequence[str]) -> list[Booking]:
    """Return the bookings of composite ids, and those that have or once had references as people type them.

    Each is there once. Raise BadInput for too many, NotFound for one that the caller may not see (BUC 2.11).
    """
    call.authenticated()
    if len(booking_ids) + len(references) > MOST_NAMED:
        raise BadInput(f"Name at most {MOST_NAMED} bookings at once.")
    async with call.database.reading() as connection:
        referred = await stored.ids_by_reference(connection, [read(one) for one in references])
        known = await stored.many(connection, [*_uuids(booking_ids), *referred.values()])
    await remember(call, (one.location_id for one in known.values()))
    by_id = {one.object_id: one for one in known.values() if access.sees_booking(call, one)}
    by_name = {name: by_id.get(known[uuid].object_id) for name, uuid in referred.items()}
    asked = [(one, by_id.get(normalized(one))) for one in booking_ids]
    asked += [(one, by_name.get(read(one))) for one in references]
    found: dict[UUID, Booking] = {}
    for name, one in asked:
        if one is None:
            raise NotFound("Booking", name)
        found[one.id] = one
    return list(found.values())


async def page(call: Call, wanted: BookingFilter, *, first: int, after: tuple[str, ...] | None) -> Page[Booking]:
    """Return the caller's bookings in the order of their starts; three statements."""
    limit = checked_first(first)
    for name, given in (("ids", wanted.named), ("references", wanted.references)):
        if len(given or ()) > MOST_NAMED:
            raise BadInput(f"`{name}` names at most {MOST_NAMED} bookings.")
    if wanted.references is not None:
        wanted = replace(wanted, references=tuple(read(one) for one in wanted.references))
    holder = access.holder(call)
    if holder is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.page(connection, holder, wanted, after=moment_and_id(after), limit=limit + 1)
    await remember(call, (one.location_id for one in found))
    return cut([(one, (one.timeslot.period.start.isoformat(), str(one.id))) for one in found], limit)


def _uuids(booking_ids: Sequence[str]) -> list[UUID]:
    return [uuid for uuid in map(own_uuid, booking_ids) if uuid is not None]
