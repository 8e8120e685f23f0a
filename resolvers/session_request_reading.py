"""Reading what operators are asked to start and to stop, each only by whom it concerns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.errors import NotFound
from models.queries import session_requests as stored
from models.queries.concerning import standing
from models.rules.identity import own_uuid
from models.rules.session_request import SessionRequest, SessionRequestStatus
from resolvers import access
from resolvers.call import Call
from resolvers.catalogue import remember
from resolvers.pages import LARGEST, Page, checked_first, cut, moment_and_id

Position = tuple[datetime, UUID]


async def many(call: Call, request_ids: Sequence[str]) -> list[SessionRequest | None]:
    """Return the requests of those composite ids, in order; None for one that the caller may not see."""
    wanted = [own_uuid(one) for one in request_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
    await remember(call, (one.location_id for one in found.values()))
    return [
        access.seen(call, found.get(uuid) if uuid else None, request_id)
        for uuid, request_id in zip(wanted, request_ids, strict=True)
    ]


async def get(call: Call, request_id: str) -> SessionRequest:
    """Return the request of a composite id, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [request_id])
    if found is None:
        raise NotFound("SessionRequest", request_id)
    return found


async def page(
    call: Call, statuses: Sequence[SessionRequestStatus], *, first: int, after: tuple[str, ...] | None
) -> Page[SessionRequest]:
    """Return the caller's requests in the order in which they were made, of those statuses if any are named."""
    limit = checked_first(first)
    holder = access.holder(call)
    if holder is None:
        return Page((), has_next=False)
    passing = SessionRequestStatus.PENDING, SessionRequestStatus.TIMED_OUT
    wanted = standing(statuses, "answer_until", passing, call.now)
    async with call.database.reading() as connection:
        found = await stored.listed(connection, holder, wanted, after=moment_and_id(after), limit=limit + 1)
    await remember(call, (one.location_id for one in found))
    return cut([(one, (one.requested_at.isoformat(), str(one.id))) for one in found], limit)


async def waiting(call: Call) -> list[SessionRequest]:
    """Return the caller's requests that may still be answered, in the order in which they were made."""
    holder = access.holder(call)
    if holder is None:
        return []
    wanted = [("status = {}", SessionRequestStatus.PENDING.value), ("answer_until > {}", call.now)]
    found: list[SessionRequest] = []
    after: Position | None = None
    async with call.database.reading() as connection:
        while True:
            more = await stored.listed(connection, holder, wanted, after=after, limit=LARGEST)
            found += more
            if len(more) < LARGEST:
                break
            after = more[-1].requested_at, more[-1].id
    await remember(call, (one.location_id for one in found))
    return found
