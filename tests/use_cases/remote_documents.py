"""How charging is tried in these use cases, at the charger and from afar: documents, and how they are put."""

from typing import Any

from tests.subscriptions.streams import subscribed
from tests.use_cases.documents import ask, do
from tests.use_cases.operators import done, hub
from tests.world import World, a_key

REFUSED = "... on ChargingRefused { reason message from evseId } ... on Problem { message }"
REQUEST = """
id command status location { id } evse { id } bookingId sessionId token { uid type contractId }
role requesterId statusReason requestedAt answerUntil answeredAt
"""
AUTHORIZE = f"""
mutation ($input: ChargingAuthorizeInput!) {{
  chargingAuthorize(input: $input) {{
    __typename {REFUSED}
    ... on ChargingAuthorized {{ authorization {{ basis until bookingId }} booking {{ id }} }}
  }}
}}
"""
START = f"""
mutation ($input: SessionStartInput!) {{
  sessionStart(input: $input) {{ __typename {REFUSED} ... on SessionRequest {{ {REQUEST} }} }}
}}
"""
STOP = f"""
mutation ($input: SessionStopInput!) {{
  sessionStop(input: $input) {{
    __typename ... on Problem {{ message }} ... on SessionRequest {{ {REQUEST} }} ... on SessionOver {{ endedAt }}
  }}
}}
"""
ANSWER = f"""
mutation ($input: SessionRequestAnswerInput!) {{
  sessionRequestAnswer(input: $input) {{
    __typename ... on Problem {{ message }} ... on SessionRequest {{ {REQUEST} }} ... on NothingToAnswer {{ until }}
  }}
}}
"""
BEGUN = f"""
mutation ($input: SessionStartReportInput!) {{
  sessionStartReport(input: $input) {{
    __typename {REFUSED} ... on Session {{ id status authMethod basis bookingId startDateTime }}
  }}
}}
"""
ENDED = """
mutation ($input: SessionStopReportInput!) {
  sessionStopReport(input: $input) { __typename ... on Session { id status stopReason } ... on Problem { message } }
}
"""
BY_ID = f"query ($id: ID!) {{ sessionRequest(id: $id) {{ {REQUEST} }} }}"
LISTED = f"""
query ($statuses: [SessionRequestStatus!], $first: Int! = 50, $after: String) {{
  sessionRequests(statuses: $statuses, first: $first, after: $after) {{
    edges {{ cursor node {{ {REQUEST} }} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
FOLLOW = f"""
subscription ($after: EventCursor) {{
  sessionRequestUpdated(after: $after) {{
    __typename ... on SessionRequestUpdated {{ cursor at request {{ {REQUEST} }} }}
  }}
}}
"""
TOLD = """
subscription ($after: EventCursor) {
  chargingRefused(after: $after) {
    __typename ... on ChargingRefusedEvent { cursor authorization { evseId method reason message bookingId at } }
  }
}
"""
DECIDED = """
query ($evseId: ID) {
  chargingAuthorizations(evseId: $evseId) { edges { node { evseId method basis reason message bookingId } } }
}
"""


async def takes_commands(world: World) -> None:
    """Let the chargers of the first site take commands from afar, as their operator publishes."""
    site = hub()
    for charger in site["evses"]:
        charger["capabilities"] = [*charger["capabilities"], "REMOTE_START_STOP_CAPABLE"]
    await done(world, "locationsPublish", site)
    await world.feed.synced()


async def tried(world: World, evse_id: str, caller: str = "cpo", **by: Any) -> Any:
    """Return what a charger is answered where somebody presents a token or types a reference."""
    return await do(world, caller, AUTHORIZE, evseId=evse_id, **by)


async def from_afar(world: World, caller: str, **wanted: Any) -> Any:
    """Return what an app is answered that asks to start charging."""
    return await do(world, caller, START, **wanted)


async def decided(world: World, caller: str, evse_id: str) -> list[tuple[str, str | None]]:
    """Return by what method somebody tried to charge at a charger, and why that was refused, as a caller reads it."""
    shown = await ask(world, caller, DECIDED, evseId=evse_id)
    return [(edge["node"]["method"], edge["node"]["reason"]) for edge in shown["edges"]]


async def told_of(world: World, caller: str, after: str | None = None) -> Any:
    """Return the next refusal that a caller is told of, after a place of the feed."""
    async with subscribed(world, caller, TOLD, after=after) as stream:
        return await stream.next()


async def listed(world: World, caller: str, *statuses: str) -> list[str]:
    """Return the ids of the requests of those statuses that a caller reads."""
    shown = await ask(world, caller, LISTED, statuses=list(statuses) or None)
    return [edge["node"]["id"] for edge in shown["edges"]]


async def again(world: World, caller: str, document: str, wanted: dict[str, Any]) -> list[Any]:
    """Return what is answered to a request that is sent twice under one key."""
    sent = {"idempotencyKey": a_key(), **wanted}
    return [await ask(world, caller, document, input=sent) for _ in range(2)]
