"""What is stored of reminders, and what was sent of them."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

from models.db import connected
from models.rules.booking import Booking
from resolvers import reminders
from resolvers.call import Call
from resolvers.reminders import ReminderChange
from tests.models.databases import run
from tests.world import World, a_key

SENT = "SELECT object_id FROM event WHERE kind = 'REMINDER_DUE' ORDER BY xid, id"
TO_COME = "SELECT minutes_before, due_at FROM reminder WHERE sent_at IS NULL ORDER BY due_at, minutes_before"


def by_worker(world: World) -> Call:
    """Return the call of a worker's round."""
    return Call(None, world.now, world.database, world.catalogue)


async def by_workers(world: World, dsn: str, number: int, stack: AsyncExitStack) -> list[Call]:
    """Return the calls of so many workers' rounds, each with connections of its own until the stack is closed."""
    databases = [await stack.enter_async_context(connected(dsn, connections=2)) for _ in range(number)]
    return [replace(by_worker(world), database=database) for database in databases]


async def sent(world: World, when: datetime) -> int:
    """Let it be later, do a worker's round, and return how many reminders were sent."""
    world.later(when)
    return await reminders.send(by_worker(world))


async def told(dsn: str) -> list[str]:
    """Return every reminder that was sent, in order, as events name it."""
    return [str(name) for (name,) in await run(dsn, SENT)]


async def to_come(dsn: str) -> list[tuple[object, ...]]:
    """Return the minutes and moments of all reminders that are to be sent."""
    return await run(dsn, TO_COME)


async def asked_again(world: World, one: Booking, *minutes: int, caller: str = "emsp") -> Booking:
    """Ask for the reminders of a booking, in the place of those it has; a refusal is raised."""
    return await reminders.set(await world.call(caller), a_key(), ReminderChange(one.object_id, minutes))
