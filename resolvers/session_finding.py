"""Reading Sessions, each only by whom it concerns (BUC 2.11, 3.8)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.errors import BadInput, NotFound
from models.queries import sessions as stored
from models.queries.concerning import Condition
from models.rules.identity import normalized, own_uuid
from models.rules.interval import Interval
from models.rules.session import Session, SessionStatus
from resolvers import access
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.pages import Page, checked_first, cut, moment_and_id

MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions are asked for; empty fields ask nothing, and None as bookings does."""

    location_id: str | None = None
    booking_ids: tuple[str, ...] | None = None
    statuses: tuple[SessionStatus, ...] = ()
    starting: Interval | None = None


async def many(call: Call, session_ids: Sequence[str]) -> list[Session | None]:
    """Return the sessions of composite ids, in order; None for one that the caller may not see; one statement."""
    wanted = [own_uuid(one) for one in session_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
    await remember(call, (one.location_id for one in found.values()))
    return [
        access.seen(call, found.get(uuid) if uuid else None, session_id)
        for uuid, session_id in zip(wanted, session_ids, strict=True)
    ]


async def get(call: Call, session_id: str) -> Session:
    """Return the session of a composite id, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [session_id])
    if found is None:
        raise NotFound("Session", session_id)
    return found


async def of_bookings(call: Call, booking_ids: Sequence[str]) -> list[list[Session]]:
    """Return the sessions of each of the bookings of composite ids that the caller sees, in order; one statement."""
    wanted = [own_uuid(one) for one in booking_ids]
    async with call.database.reading() as connection:
        found = await stored.of_bookings(connection, [one for one in wanted if one is not None])
    by_booking: dict[UUID | None, list[Session]] = defaultdict(list)
    for one in found:
        if access.concerns(call, one.parties):
            by_booking[one.booking_id].append(one)
    return [by_booking[uuid] if uuid is not None else [] for uuid in wanted]


async def page(call: Call, wanted: SessionFilter, *, first: int, after: tuple[str, ...] | None) -> Page[Session]:
    """Return the caller's sessions in the order of their starts; one statement."""
    holder, limit, position = access.holder(call), checked_first(first), moment_and_id(after)
    if len(wanted.booking_ids or ()) > MOST_NAMED:
        raise BadInput(f"`bookingIds` names at most {MOST_NAMED} bookings.")
    if holder is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.listed(connection, holder, _conditions(wanted), after=position, limit=limit + 1)
    await remember(call, (one.location_id for one in found))
    return cut([(one, (one.start_date_time.isoformat(), str(one.id))) for one in found], limit)


def _conditions(wanted: SessionFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.location_id is not None:
        found.append(("location_id = {}", normalized(wanted.location_id)))
    if wanted.booking_ids is not None:
        uuids = [uuid for uuid in map(own_uuid, wanted.booking_ids) if uuid is not None]
        found.append(("booking_id = ANY({})", uuids))
    if wanted.statuses:
        found.append(("status = ANY({})", [one.value for one in wanted.statuses]))
    if wanted.starting is not None:
        found.append(("start_date_time >= {}", wanted.starting.start))
        found.append(("start_date_time < {}", wanted.starting.end))
    return found
