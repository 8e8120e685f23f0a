"""Quotes: pricing a slot and holding it for some minutes, giving it back, and letting it go when its time is up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from models.db import Connection, Database
from models.errors import NotFound, QuoteExpired, QuoteUsed, TooManyHolds
from models.events import AvailabilityCause
from models.queries import bookings as stored_bookings
from models.queries import cancel_quotes, events, locks
from models.queries import quotes as stored
from models.queries.allocations import Holder
from models.rules.identity import part_id, uuid_of
from models.rules.quote import Quote, QuoteOutcome, QuotePurpose
from models.rules.role import Role
from resolvers import access, granting, holds, provider_fees, told
from resolvers.call import Call, Caller
from resolvers.catalogue import remember
from resolvers.each import all_due
from resolvers.granting import WantedSlot, grant, once_cleared
from resolvers.once import once
from resolvers.pricing import provider_lines

HOLD_MINUTES = 10
MOST_HOLDS = 20
"""Of one party in one role and, of a fleet, under the contracts of its token."""

KEEP = timedelta(days=30)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Release:
    """Which quote to give back."""

    quote_id: str


async def quote(call: Call, idempotency_key: str, wanted: WantedSlot) -> Quote:
    """Price a slot, hold it, and return the quote.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, PriceChanged, SlotTaken or TooManyHolds.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    fees = await provider_fees.seen(call)
    quote_id = uuid4()
    expires_at = min(call.now + timedelta(minutes=HOLD_MINUTES), wanted.period.end)

    async def first(connection: Connection, clear: bool) -> None:
        await locks.own_holds(connection, caller.scope)
        await granting.keep_place(connection, wanted, alone=clear)

    async def work(connection: Connection, clear: bool) -> None:
        await check_limit(connection, caller, call.now)
        granted = await grant(call, connection, wanted, Holder(quote_id, quote_id, expires_at, clear))
        new = Quote(
            id=quote_id,
            emsp_id=caller.party_id,
            role=caller.role,
            contract_ids=caller.contract_ids,
            grant=granted,
            provider_fees=provider_lines(fees, granted.price),
            made_at=call.now,
            expires_at=expires_at,
        )
        await store(connection, new, call.now)

    outcome = {"quote": str(quote_id)}
    came = await once_cleared(call, idempotency_key, "bookingQuote", wanted, outcome, work, first)
    return await get(call, came["quote"])


async def store(connection: Connection, new: Quote, now: datetime) -> None:
    """Store a quote of what was just granted, and tell that it is held."""
    await stored.add(connection, new)
    held = told.available([new.grant.location_id], AvailabilityCause.HOLD, new.grant.timeslot.period)
    await events.add(connection, held, now)


async def release(call: Call, idempotency_key: str, quote_id: str) -> Quote:
    """Give back what a quote holds and return it; one that is over stays as it is. Raise NotFound or QuoteUsed."""
    call.acting_as(Role.EMSP, Role.TO)
    wanted = Release(quote_id)

    async def first(connection: Connection) -> None:
        await keep_place(connection, quote_id)

    async def work(connection: Connection) -> None:
        one = await locked(call, connection, quote_id)
        _check_unused(one)
        if one.outcome is QuoteOutcome.OPEN:
            await holds.end(connection, one.held, call.now)

    await once(call, idempotency_key, "bookingQuoteRelease", wanted, {"quote": quote_id}, work, first=first)
    return await get(call, quote_id)


async def keep_place(connection: Connection, quote_id: str) -> None:
    """Keep the Location of a quote as it is; before the first write."""
    location_id = await place_of(connection, quote_id)
    if location_id is not None:
        await locks.share(connection, location_id)


async def place_of(connection: Connection, quote_id: str) -> str | None:
    """Return the Location of a quote, or None if there is no such quote."""
    uuid = uuid_of(quote_id.strip())
    return await stored.location_of(connection, uuid) if uuid else None


async def many(call: Call, quote_ids: Sequence[str]) -> list[Quote | None]:
    """Return the quotes of those ids, in order; None for one that the caller may not see."""
    wanted = [uuid_of(one.strip()) for one in quote_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
        proposed = [one.changes.booking_id for one in found.values() if one.changes and one.is_proposal]
        bookings = await stored_bookings.many(connection, proposed) if proposed else {}
    await remember(call, (one.grant.location_id for one in found.values()))
    seen = {
        one.id: one
        for one in found.values()
        if access.sees_quote(call, one, bookings.get(one.changes.booking_id) if one.changes else None)
    }
    return [seen.get(one) if one is not None else None for one in wanted]


async def get(call: Call, quote_id: str) -> Quote:
    """Return a quote of the caller's, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [quote_id])
    if found is None:
        raise NotFound("Quote", quote_id)
    return found


async def locked(call: Call, connection: Connection, quote_id: str, purpose: QuotePurpose | None = None) -> Quote:
    """Return a quote of the caller's that nobody else settles, its Location as it is, or raise NotFound.

    With `purpose`, one for something else is not found.
    """
    uuid, location_id = uuid_of(quote_id.strip()), await place_of(connection, quote_id)
    if uuid is not None and location_id is not None:
        await locks.share(connection, location_id)
        found = await stored.locked(connection, location_id, uuid)
        if found is not None and access.sees_quote(call, found) and purpose in (None, found.purpose):
            return found
    raise NotFound("Quote", quote_id)


def check_live(one: Quote, now: datetime) -> None:
    """Raise QuoteUsed or QuoteExpired unless a quote still holds its slot."""
    _check_unused(one)
    if one.outcome_at(now) is not QuoteOutcome.OPEN:
        raise QuoteExpired(str(one.id), min(one.settled_at or one.expires_at, one.expires_at))


async def expire(database: Database, now: datetime) -> int:
    """Let go of the holds whose time is up, each in a transaction of its own, and return how many there were.

    Any number of workers may do so at once; each hold is let go, and told of, once.
    """
    return await all_due(database, now, stored.due, lambda quote_id: _expire(database, quote_id, now), BATCH)


async def forget(database: Database, now: datetime) -> int:
    """Delete the quotes that ended unused long ago, in batches, and return how many there were.

    Those that were used stay with their bookings.
    """
    gone = 0
    for prune in (stored.prune, cancel_quotes.prune):
        batch = -1
        while batch:
            batch = await database.write(lambda connection: prune(connection, now, KEEP, BATCH))  # noqa: B023
            gone += batch
    return gone


async def _expire(database: Database, quote_id: UUID, now: datetime) -> bool:
    """Let go of an expired hold, unless somebody else does; return whether it was let go."""

    async def work(connection: Connection) -> bool:
        one = await stored.still_due(connection, quote_id, now)
        if one is None:
            return False
        await holds.end(connection, one, now)
        return True

    return await database.write(work)


async def check_limit(connection: Connection, caller: Caller, now: datetime) -> None:
    """Raise TooManyHolds if the party may hold no more; its holds are locked."""
    if await stored.live(connection, caller.party_id, caller.role, caller.contract_ids, now) >= MOST_HOLDS:
        raise TooManyHolds(MOST_HOLDS)


def _check_unused(one: Quote) -> None:
    if one.booking_id is not None:
        raise QuoteUsed(str(one.id), part_id(one.grant.cpo_id, str(one.booking_id)))
