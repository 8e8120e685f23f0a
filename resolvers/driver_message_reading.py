"""Reading the messages of operators to drivers, each only by whom it concerns (BUC 3.11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.errors import NotFound
from models.queries import driver_messages as stored
from models.queries.concerning import Condition
from models.rules.driver_message import REACHED_AFTERWARDS, DriverMessage
from models.rules.identity import own_uuid
from resolvers import access
from resolvers.call import Call
from resolvers.pages import Page, checked_first, cut, moment_and_id

BATCH = 500


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are asked for; None asks nothing."""

    booking_id: str | None = None
    session_id: str | None = None
    unacknowledged: bool | None = None


async def many(call: Call, message_ids: Sequence[str]) -> list[DriverMessage | None]:
    """Return the messages of composite ids, in order; None for one that the caller may not see; three statements."""
    wanted = [uuid for uuid in map(own_uuid, message_ids) if uuid is not None]
    async with call.database.reading() as connection:
        found = await stored.many(connection, wanted)
    return [seen(call, found, one) for one in message_ids]


async def get(call: Call, message_id: str) -> DriverMessage:
    """Return the message of a composite id, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [message_id])
    if found is None:
        raise NotFound("DriverMessage", message_id)
    return found


async def page(
    call: Call, wanted: MessageFilter, *, first: int, after: tuple[str, ...] | None
) -> Page[DriverMessage]:
    """Return the messages that concern the caller, as they were sent; three statements."""
    holder, limit, position = access.holder(call), checked_first(first), moment_and_id(after)
    if holder is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.listed(connection, holder, _conditions(wanted), after=position, limit=limit + 1)
    return cut([(one, (one.sent_at.isoformat(), str(one.id))) for one in found], limit)


async def waiting(call: Call) -> list[DriverMessage]:
    """Return the messages of the last day that concern the caller and nobody acknowledged, the oldest first."""
    holder = access.holder(call)
    if holder is None:
        return []
    wanted = _conditions(MessageFilter(unacknowledged=True))
    wanted.append(("sent_at > {}", call.now - REACHED_AFTERWARDS))
    found: list[DriverMessage] = []
    async with call.database.reading() as connection:
        while True:
            after = (found[-1].sent_at, found[-1].id) if found else None
            some = await stored.listed(connection, holder, wanted, after=after, limit=BATCH)
            found += some
            if len(some) < BATCH:
                return found


def seen(call: Call, found: Mapping[UUID, DriverMessage], message_id: str) -> DriverMessage | None:
    """Return the message of a composite id of those `found`, or None if the caller may not see it."""
    uuid = own_uuid(message_id)
    return access.seen(call, found.get(uuid) if uuid is not None else None, message_id)


def _conditions(wanted: MessageFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.booking_id is not None:
        found.append(("booking_id = {}", own_uuid(wanted.booking_id)))
    if wanted.session_id is not None:
        found.append(("session_id = {}", own_uuid(wanted.session_id)))
    if wanted.unacknowledged is not None:
        found.append(("(acknowledged_at IS NULL) = {}", wanted.unacknowledged))
    return found
