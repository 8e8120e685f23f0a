"""How holders are reminded of bookings and follow them in these use cases: the documents, and how they are put."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from resolvers.call import Call
from server import worker
from tests.subscriptions.streams import REMINDERS, subscribed
from tests.use_cases.documents import ask, do
from tests.world import FLEET_CONTRACT, World

HOLDERS = {"emsp": {"contractId": FLEET_CONTRACT}, "fleet": {}}
"""Whoever books, and for whom: a provider for a specific transport operator, or that one itself."""

STATE = """
id reference revision requestId authorizationReference status phase outcome hazard
reservedAt reservationExpiresAt changeUntil cancelUntil lastUpdated
location { id } timeslot { startDateTime endDateTime }
canceled { cancellationReason whoCanceled }
bookingRequests {
  kind requestStatus requestReceived decidedAt decideUntil reason role requesterId
  period { startDateTime } fee { currency afterTaxes }
}
"""
BY_ID = f"query ($id: ID!) {{ booking(id: $id) {{ {STATE} }} }}"
BY_REFERENCE = f"query ($reference: String!) {{ booking(reference: $reference) {{ {STATE} }} }}"
SEVERAL = f"""
query ($references: [String!], $outcomes: [Outcome!]) {{
  bookings(references: $references, outcomes: $outcomes) {{ edges {{ node {{ {STATE} }} }} }}
}}
"""
STORED = f"""
query ($ids: [ID!], $outcomes: [Outcome!]) {{
  bookings(ids: $ids, outcomes: $outcomes) {{ edges {{ node {{ {STATE} }} }} }}
}}
"""
FOLLOW = f"""
subscription ($bookingIds: [ID!], $references: [String!]) {{
  bookingUpdated(bookingIds: $bookingIds, references: $references) {{
    __typename ... on BookingUpdated {{ cursor at booking {{ {STATE} }} }}
  }}
}}
"""
ACCEPT = """
mutation ($input: BookingAcceptInput!) {
  bookingAccept(input: $input) { __typename ... on Problem { message } }
}
"""
DECLINE = """
mutation ($input: BookingDeclineInput!) {
  bookingDecline(input: $input) { __typename ... on Problem { message } }
}
"""
ASKED = "booking { id } reminders { minutesBefore dueAt }"
REMINDERS_OF = f"query ($id: ID!) {{ bookingReminders(bookingId: $id) {{ {ASKED} }} }}"
REMINDERS_SET = f"""
mutation ($input: BookingRemindersSetInput!) {{
  bookingRemindersSet(input: $input) {{
    __typename ... on BookingReminders {{ {ASKED} }} ... on Problem {{ message }}
  }}
}}
"""
PREFER = """
mutation ($input: ReminderPreferenceSetInput!) {
  reminderPreferenceSet(input: $input) {
    __typename
    ... on ReminderPreferences { reminderPreferences { contractId minutesBefore } }
    ... on Problem { message }
  }
}
"""


def clock(moment: str) -> datetime:
    """Return a moment of the day of these tests, from its HH:MM or HH:MM:SS in UTC."""
    return datetime.fromisoformat(f"2026-12-01T{moment}").replace(tzinfo=UTC)


def by_worker(world: World) -> Call:
    """Return the call of a worker's round."""
    return Call(None, world.now, world.database, world.catalogue)


async def round_of_worker(world: World) -> None:
    """Let a worker do all that is due, and everybody hear of it."""
    assert await worker.due(by_worker(world))
    await world.feed.synced()


async def cursor_now(world: World, caller: str, booking_id: str) -> str:
    """Return the place of the feed up to which everything is told to a caller who has that booking."""
    async with subscribed(world, caller, FOLLOW, bookingIds=[booking_id]) as stream:
        return str((await stream.next())["cursor"])


async def reminded(world: World, caller: str, after: str, last: str) -> list[tuple[str, int, str]]:
    """Return every reminder a caller was sent after a place of the feed: booking, minutes, when; up to one of `last`.

    That one is a booking's id; its reminder is not returned.
    """
    told: list[tuple[str, int, str]] = []
    async with subscribed(world, caller, REMINDERS, after=after) as stream:
        while (message := await stream.next())["booking"]["id"] != last:
            told.append((message["booking"]["id"], message["minutesBefore"], message["at"][11:16]))
    return told


async def to_come(world: World, caller: str, booking: Any) -> list[tuple[int, str]]:
    """Return the reminders of a booking: so many minutes before, and at HH:MM of its day, UTC."""
    shown = await ask(world, caller, REMINDERS_OF, id=booking["id"])
    return [(one["minutesBefore"], one["dueAt"][11:16]) for one in shown["reminders"]]


async def prefer(world: World, caller: str, minutes: Sequence[int] | None, contract_id: str | None = None) -> None:
    """Let a party say when it is reminded of bookings that do not say; None gives up what it said."""
    wanted = None if minutes is None else list(minutes)
    came = await do(world, caller, PREFER, contractId=contract_id, minutesBefore=wanted)
    assert came["__typename"] == "ReminderPreferences", came


async def state(world: World, caller: str, booking: Any) -> Any:
    """Return where a booking stands, asked by its id."""
    return await ask(world, caller, BY_ID, id=booking["id"])


async def decided(world: World, document: str, booking: Any, caller: str = "cpo", **why: Any) -> None:
    """Let an operator decide on what is asked for."""
    came = await do(world, caller, document, bookingId=booking["id"], **why)
    assert came["__typename"] == "Booking", came
