"""Operators take back what they published, up to 500 objects a call; bookings that were made stay."""

from collections.abc import Iterable, Sequence

from models.db import Connection
from models.errors import NotFound
from models.events import AvailabilityCause, EventKind
from models.queries import calendars, events, locks, maintenance, publishing
from models.queries import withdrawing as stored
from models.queries.publishing import Stored
from models.queries.publishing_rows import PlacedCalendar
from models.rules.identity import normalized
from resolvers import hazards, told
from resolvers.bulk import TABLES, Kept, checked, done, own
from resolvers.bulk_calendars import offers_touched, owned_offers
from resolvers.call import Call
from resolvers.changes import CalendarWithdrawal, Withdrawal
from resolvers.versions import renewed


async def locations_withdraw(call: Call, idempotency_key: str, withdrawals: Sequence[Withdrawal]) -> list[str]:
    """Take back Locations with all that can be booked there: nobody finds them, and only who holds a quote books.

    Raise as `bulk.done`, LostUpdate, NotAllowed, or NotFound also for what was taken back before.
    """
    ids = _ids(call, withdrawals)

    async def first(connection: Connection) -> None:
        await locks.own_many(connection, ids)

    async def work(connection: Connection) -> list[str]:
        _owned(call, "Location", ids, withdrawals, await publishing.stored(connection, "location", ids))
        await stored.locations(connection, ids, call.now)
        await publishing.changed(connection, ids, call.now)
        kind, cause = EventKind.LOCATION_PUBLISHED, AvailabilityCause.WITHDRAWAL
        await events.add(connection, told.published(kind, {one: one for one in ids}, cause), call.now)
        return ids

    return await done(call, idempotency_key, "locationsWithdraw", withdrawals, ids, work, first=first)


async def tariffs_withdraw(call: Call, idempotency_key: str, withdrawals: Sequence[Withdrawal]) -> list[str]:
    """Take back Tariffs: whatever names them has them no longer. Raise as `locations_withdraw`."""
    ids = _ids(call, withdrawals)

    async def first(connection: Connection) -> None:
        await locks.own_tariffs(connection, ids)

    async def work(connection: Connection) -> list[str]:
        _owned(call, "Tariff", ids, withdrawals, await publishing.stored(connection, "tariff", ids))
        await stored.objects(connection, TABLES["Tariff"], ids, call.now)
        await publishing.tariffs_changed(connection, ids, call.now)
        await events.add(connection, told.tariffs(ids), call.now)
        return []

    return await done(call, idempotency_key, "tariffsWithdraw", withdrawals, ids, work, first=first)


async def booking_locations_withdraw(
    call: Call, idempotency_key: str, withdrawals: Sequence[Withdrawal]
) -> list[str]:
    """Take back BookingLocations: they are not bookable any more. Raise as `locations_withdraw`."""
    return await _at_locations(call, idempotency_key, "bookingLocationsWithdraw", "BookingLocation", withdrawals)


async def maintenance_withdraw(call: Call, idempotency_key: str, withdrawals: Sequence[Withdrawal]) -> list[str]:
    """Call off Maintenance: its chargers are offered again, and bookings that it endangered are told so.

    Raise as `locations_withdraw`.
    """
    return await _at_locations(call, idempotency_key, "maintenanceWithdraw", "Maintenance", withdrawals)


async def calendars_withdraw(
    call: Call, idempotency_key: str, withdrawals: Sequence[CalendarWithdrawal]
) -> list[str]:
    """Take Calendars from BookingLocations, and return these. Raise as `calendars_publish`."""
    offer_ids = [normalized(one.booking_location_id) for one in withdrawals]
    keys = [f"{offer_id}*{one.calendar_id.upper()}" for offer_id, one in zip(offer_ids, withdrawals, strict=True)]
    checked(call, withdrawals, keys)
    kept = Kept("booking_location", offer_ids)

    async def work(connection: Connection) -> list[str]:
        known = await owned_offers(call, connection, kept, offer_ids)
        places = {one: (known[one].location_id, one) for one in offer_ids}
        there = await calendars.at(connection, list(places.values()))
        gone = [
            _calendar(call, one, offer_id, there[places[offer_id]])
            for offer_id, one in zip(offer_ids, withdrawals, strict=True)
        ]
        await calendars.remove(connection, gone)
        await offers_touched(call, connection, list(places.values()))
        return [place[0] for place in places.values()]

    return await done(call, idempotency_key, "calendarsWithdraw", withdrawals, offer_ids, work, first=kept.lock)


async def _at_locations(
    call: Call, idempotency_key: str, mutation: str, kind: str, withdrawals: Sequence[Withdrawal]
) -> list[str]:
    """Take back objects that belong to Locations."""
    ids = _ids(call, withdrawals)
    kept = Kept(TABLES[kind], ids)

    async def work(connection: Connection) -> list[str]:
        at = _owned(call, kind, ids, withdrawals, await kept.stored(connection))
        periods = await maintenance.periods(connection, ids) if kind == "Maintenance" else {}
        await stored.objects(connection, TABLES[kind], ids, call.now)
        await publishing.changed(connection, at.values(), call.now)
        if kind == "Maintenance":
            await events.add(connection, told.worked_on((one, at[one], periods[one]) for one in ids), call.now)
            await hazards.assess_works(call, connection, [(at[one], periods[one]) for one in ids])
        else:
            event, cause = EventKind.BOOKING_LOCATION_PUBLISHED, AvailabilityCause.WITHDRAWAL
            await events.add(connection, told.published(event, at, cause), call.now)
        return list(at.values())

    return await done(call, idempotency_key, mutation, withdrawals, ids, work, first=kept.lock)


def _ids(call: Call, withdrawals: Sequence[Withdrawal]) -> list[str]:
    ids = [normalized(one.id) for one in withdrawals]
    checked(call, withdrawals, ids)
    return ids


def _owned(
    call: Call, kind: str, ids: Iterable[str], withdrawals: Sequence[Withdrawal], known: dict[str, Stored]
) -> dict[str, str]:
    """Return at which Location each of the caller's objects is, or raise LostUpdate, NotAllowed or NotFound."""
    for one, withdrawal in zip(ids, withdrawals, strict=True):
        before = own(call, kind, one, known)
        renewed(call, kind, one, before.last_updated, withdrawal.expected_last_updated)
    return {one: known[one].location_id for one in ids}


def _calendar(
    call: Call, withdrawal: CalendarWithdrawal, offer_id: str, there: Sequence[PlacedCalendar]
) -> PlacedCalendar:
    wanted, named = withdrawal.calendar_id.upper(), f"{offer_id}*{withdrawal.calendar_id}"
    found = next((one for one in there if one.calendar.id.upper() == wanted), None)
    if found is None:
        raise NotFound("Calendar", named)
    renewed(call, "Calendar", named, found.calendar.last_updated, withdrawal.expected_last_updated)
    return found
