"""What an operator does with bookings in these use cases, and how their holders follow it: documents and steps."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from resolvers.call import Call
from server import worker
from tests.api.publications import work_input
from tests.subscriptions.streams import Stream, subscribed
from tests.use_cases.booking_documents import BOOKING
from tests.use_cases.documents import PRICE, REPORT, ask, at, do, hours, period, slots
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS, done
from tests.world import World, a_key

HOLDERS = ("emsp", "fleet")
"""The provider of a booking, which books for its fleet, and the fleet."""

STRANGERS = ("other_emsp", "other_fleet", "other_cpo", "nsp", "nap")
E1, E2, E3 = (f"{HUB}*E{number}" for number in (1, 2, 3))
NINE_TO_TEN, TEN_TO_ELEVEN = ("09:00", "10:00"), ("10:00", "11:00")
CHARGER = {HUB_MCS: E1, HUB_CCS: E2}

FOLLOWED = f"{BOOKING} hazard missionId"
FOLLOW = f"""
subscription ($references: [String!], $after: EventCursor) {{
  bookingUpdated(references: $references, after: $after) {{
    __typename ... on BookingUpdated {{ cursor booking {{ {FOLLOWED} }} }}
  }}
}}
"""
RECEIVED = """
subscription {
  bookingRequestReceived {
    __typename ... on BookingRequestReceived {
      booking { id reference status phase }
      request { kind requestStatus role requesterId decideUntil period { startDateTime endDateTime } }
    }
  }
}
"""
ALTERNATIVE = f"""
id rank distance shiftMinutes suggestedBy heldUntil takenAt
location {{ id }} bookingLocation {{ id }} timeslot {{ startDateTime endDateTime }}
price {{ booking {{ {PRICE} }} }} priceDifference {{ {PRICE} }}
"""
OFFERED = f"""
subscription {{
  alternativesOffered {{
    __typename ... on AlternativesOffered {{ booking {{ id status }} alternatives {{ {ALTERNATIVE} }} }}
  }}
}}
"""
ALTERNATIVES = f"""
query ($bookingId: ID!, $withinKm: Int, $shiftMinutes: Int) {{
  bookingAlternatives(bookingId: $bookingId, withinKm: $withinKm, shiftMinutes: $shiftMinutes) {{ {ALTERNATIVE} }}
}}
"""
POLICY = "{ alternativesPolicy { withinKm shiftMinutes holdMinutes } }"
POLICY_SET = """
mutation ($input: AlternativesPolicySetInput!) {
  alternativesPolicySet(input: $input) {
    __typename ... on AlternativesPolicy { withinKm shiftMinutes holdMinutes } ... on Problem { message }
  }
}
"""
IMPACT = """
query ($maintenance: [MaintenanceInput!]!) {
  maintenanceImpact(maintenance: $maintenance) {
    __typename
    ... on MaintenanceImpact { movable endangered bookings { movable booking { id } } }
    ... on Problem { message }
  }
}
"""


def _of_booking(mutation: str, kind: str | None = None) -> str:
    name = kind or f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"""
    mutation ($input: {name}!) {{
      {mutation}(input: $input) {{ __typename ... on Booking {{ {FOLLOWED} }} ... on Problem {{ message }} }}
    }}
    """


ACCEPT, DECLINE, PROPOSE = (_of_booking(f"booking{what}") for what in ("Accept", "Decline", "Propose"))
PROPOSAL_ACCEPT, PROPOSAL_DECLINE, PROPOSAL_WITHDRAW = (
    _of_booking(f"bookingProposal{what}") for what in ("Accept", "Decline", "Withdraw")
)
REASSIGN, TAKE, SUGGEST = (
    _of_booking(name) for name in ("bookingReassign", "alternativeTake", "alternativesSuggest")
)


async def granted(world: World, caller: str, document: str, **wanted: Any) -> Any:
    """Return the booking that a mutation answers, once everybody has heard; it must be granted."""
    came = await do(world, caller, document, **wanted)
    assert came["__typename"] == "Booking", came
    return came


async def forbidden(world: World, caller: str | None, document: str, **wanted: Any) -> bool:
    """Whether a mutation is refused because of who the caller is; what it may not see is not found."""
    answer = await world.execute(caller, document, input={"idempotencyKey": a_key(), **wanted})
    if answer.errors:
        return {code for code, _ in answer.errors} <= {"FORBIDDEN", "UNAUTHENTICATED"}
    (came,) = answer.data.values()
    return came["__typename"] in ("NotFound", "NotAllowed")


async def confirming(world: World, *offer_ids: str) -> None:
    """Let the operator confirm each request from now on."""
    wanted = [{"bookingLocationId": one, "confirmation": "OPERATOR"} for one in offer_ids]
    await done(world, "confirmationSet", *wanted)


async def breaks(world: World, evse_id: str, **known: Any) -> None:
    """Let the operator report that a charger is out of order."""
    await do(world, "cpo", REPORT, evseId=evse_id, status="OUTOFORDER", fault=known or None)


async def repaired(world: World, evse_id: str) -> None:
    """Let the operator report that a charger works again."""
    await do(world, "cpo", REPORT, evseId=evse_id, status="AVAILABLE")


def work(uid: str, start: str, end: str) -> dict[str, Any]:
    """Return planned work on one charger of the green site."""
    return work_input("WORK", HUB, evseUids=[uid], period=period(start, end))


async def passes(world: World, moment: Any) -> None:
    """Let the time pass, and a worker do what has fallen due by then."""
    world.later(moment)
    assert await worker.due(Call(None, world.now, world.database, world.catalogue))
    await world.feed.synced()


@asynccontextmanager
async def following(world: World, booking: Any, callers: Sequence[str] = HOLDERS) -> AsyncIterator[list[Stream]]:
    """Yield how each of the callers is told of a booking, who have heard how it is."""
    async with AsyncExitStack() as stack:
        references = [booking["reference"]]
        streams = [
            await stack.enter_async_context(subscribed(world, one, FOLLOW, references=references)) for one in callers
        ]
        for stream in streams:
            assert (await stream.next())["booking"]["status"] == booking["status"]
        yield streams


@asynccontextmanager
async def following_all(world: World, seen: Any) -> AsyncIterator[list[Stream]]:
    """Yield how MSP and TO are told of all that they booked, from what they heard of the booking `seen` on."""
    async with AsyncExitStack() as stack:
        streams = []
        for caller in HOLDERS:
            async with subscribed(world, caller, FOLLOW, references=[seen["reference"]]) as earlier:
                after = (await earlier.next())["cursor"]
            streams.append(await stack.enter_async_context(subscribed(world, caller, FOLLOW, after=after)))
        yield streams


async def told(streams: Sequence[Stream], *names: str) -> Any:
    """Return those fields of the next message on a booking, or the only one; all must be told the same."""
    heard = [(await stream.next())["booking"] for stream in streams]
    seen = [tuple(one[name] for name in names) for one in heard]
    assert seen == [seen[0]] * len(seen)
    return seen[0] if len(names) > 1 else seen[0][0]


async def free(world: World, offer_id: str = HUB_MCS, caller: str | None = "nsp") -> list[tuple[str, str]]:
    """Return what is free from 8 to 12 of what can be booked, as a provider of navigation sees it."""
    nodes = await at(world, caller, offer_id.rsplit("-", 1)[0])
    return [hours(slot) for slot in slots(nodes, offer_id)]


async def alternatives(world: World, caller: str, booking: Any, **reach: int) -> list[Any]:
    """Return what is offered in place of a booking, or what is free within a reach of the caller's own."""
    found: list[Any] = await ask(world, caller, ALTERNATIVES, bookingId=booking["id"], **reach)
    return found


def where(found: Sequence[Any]) -> list[tuple[str, str]]:
    """Return of what alternatives are, and when they begin, as HH:MM in UTC."""
    return [(one["bookingLocation"]["id"], one["timeslot"]["startDateTime"][11:16]) for one in found]
