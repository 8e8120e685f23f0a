"""Subscriptions through the contract, as the server executes them, and their messages one by one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from strawberry.types import ExecutionResult

from schema.build import schema
from tests.world import World

DEADLINE_SECONDS = 10.0

SLOTS = """
subscription ($input: SlotAvailabilityInput!, $after: EventCursor) {
  slotAvailabilityChanged(input: $input, after: $after) {
    __typename
    ... on SlotAvailabilityChange {
      cursor at cause location { id } bookingLocation { id } timeslots { startDateTime endDateTime available }
    }
    ... on ResyncRequired { reason }
  }
}
"""
FAULTS = """
subscription ($locationIds: [ID!], $onlyOwnBookings: Boolean! = false, $after: EventCursor) {
  chargerFaultAlert(locationIds: $locationIds, onlyOwnBookings: $onlyOwnBookings, after: $after) {
    __typename
    ... on ChargerFaultAlert {
      cursor at bookings { id }
      fault { id evse { id status } status code severity description expectedEnd repairedAt }
    }
    ... on ResyncRequired { reason }
  }
}
"""
BOOKINGS = """
subscription ($bookingIds: [ID!], $references: [String!], $after: EventCursor) {
  bookingUpdated(bookingIds: $bookingIds, references: $references, after: $after) {
    __typename
    ... on BookingUpdated { cursor at booking { id status reference revision phase } }
    ... on ResyncRequired { reason }
  }
}
"""
REMINDERS = """
subscription ($after: EventCursor) {
  reminderDue(after: $after) {
    __typename
    ... on ReminderDue { cursor at minutesBefore booking { id reference timeslot { startDateTime } } }
    ... on ResyncRequired { reason }
  }
}
"""


class Stream:
    """One subscription; whatever it is sent is taken in order."""

    def __init__(self, results: AsyncGenerator[ExecutionResult, None]) -> None:
        """Take what the schema returned."""
        self._results = results

    async def next(self) -> dict[str, Any]:
        """Return the next message, which is no error."""
        result = await self._result()
        assert result.errors is None, result.errors
        assert result.data is not None
        (message,) = result.data.values()
        return cast(dict[str, Any], message)

    async def refusal(self) -> tuple[str, str]:
        """Return the code and the text of the error that comes next, behind which nothing comes."""
        result = await self._result()
        assert result.errors is not None, result.data
        (error,) = result.errors
        assert await self.ended()
        return str((error.extensions or {})["code"]), error.message

    async def ended(self) -> bool:
        """Whether nothing more comes; wait for it."""
        try:
            await self._result()
        except StopAsyncIteration:
            return True
        return False

    async def _result(self) -> ExecutionResult:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await anext(self._results)


@asynccontextmanager
async def subscribed(world: World, caller: str | None, document: str, **variables: Any) -> AsyncIterator[Stream]:
    """Yield a subscription; it begins when its first message is asked for."""
    context = world.context(caller, lasting=True)
    results = await schema.subscribe(document, variable_values=variables, context_value=context)
    try:
        yield Stream(results)
    finally:
        await results.aclose()
