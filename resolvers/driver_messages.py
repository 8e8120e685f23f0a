"""What can be done with messages to drivers, one function for each use case (BUC 3.11)."""

from dataclasses import dataclass

from models.db import Connection
from models.errors import NotFound
from models.queries import driver_messages as stored
from models.queries import events
from models.rules.driver_message import TEXT_KEPT, DriverMessage
from models.rules.identity import normalized, own_uuid
from models.rules.role import Role
from resolvers import told
from resolvers.call import Call
from resolvers.driver_message_reading import get, many, page, seen, waiting
from resolvers.driver_message_sending import send
from resolvers.once import once

__all__ = ["acknowledge", "forget", "get", "many", "page", "send", "waiting"]

BATCH = 500


@dataclass(frozen=True, slots=True)
class MessageToAcknowledge:
    """Which message was taken, to be passed on to the driver."""

    message_id: str


async def acknowledge(call: Call, idempotency_key: str, wanted: MessageToAcknowledge) -> DriverMessage:
    """Tell the operator that its message is passed on to the driver, and return the message.

    One that was acknowledged before stays as it is. Raise NotFound.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    uuid = own_uuid(wanted.message_id)

    async def first(connection: Connection) -> None:
        if uuid is not None:
            await stored.lock(connection, uuid)

    async def work(connection: Connection) -> None:
        old = seen(call, await stored.many(connection, [uuid] if uuid else []), wanted.message_id)
        if old is None:
            raise NotFound("DriverMessage", wanted.message_id)
        if old.acknowledged_at is None:
            await stored.acknowledge(connection, old.id, call.now, caller.party_id)
            await events.add(connection, [told.message(old)], call.now)

    outcome = {"message": normalized(wanted.message_id)}
    came = await once(call, idempotency_key, "driverMessageAcknowledge", wanted, outcome, work, first=first)
    return await get(call, came["message"])


async def forget(call: Call) -> int:
    """Forget the text of messages that were sent long ago, and return of how many; workers may do so at once."""
    gone, batch = 0, -1
    while batch:
        batch = await call.database.write(lambda connection: stored.forget(connection, call.now - TEXT_KEPT, BATCH))
        gone += batch
    return gone
