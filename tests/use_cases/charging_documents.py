"""How charging begins, goes on and ends in these use cases: the documents, and how they are put."""

from typing import Any

from tests.subscriptions.streams import SLOTS, Stream, subscribed
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.booking_documents import booked
from tests.use_cases.documents import WINDOW, ask, do, hours
from tests.use_cases.following_documents import clock, state
from tests.use_cases.operators import HUB, HUB_MCS, an_offer, done
from tests.use_cases.prices import TERMS
from tests.use_cases.token_documents import a_token, published
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

E1, E2, E3 = (f"{HUB}*E{number}" for number in (1, 2, 3))
CARD, CARD_2 = {"uid": "CARD-1", "type": "RFID"}, {"uid": "CARD-2", "type": "RFID"}
APP, EMAID = {"uid": "app-1", "type": "APP_USER"}, {"uid": FLEET_CONTRACT, "type": "EMAID"}
OTHERS_CARD = {"uid": "CARD-9", "type": "RFID"}
OTHERS_CONTRACT = "DE-EMO-C00000009-X"
PAIR = ("emsp", "fleet")
"""The provider and the transport operator that it provides for."""

STRANGERS = ("other_emsp", "other_fleet", "other_cpo")

MONEY = "currency beforeTaxes afterTaxes"
SESSION = f"""
id status basis bookingId location {{ id }} evse {{ id }} connectorId token {{ uid type contractId }} emspId
authMethod authorizationReference startDateTime endDateTime stopReason stoppedBy kwh power stateOfCharge readAt
meterId cost {{ {MONEY} }} slotEnd allowedUntil minutesLeft overtimeMinutes endedEarly irregularity lastUpdated
"""
REFUSED = "... on ChargingRefused { reason message from evseId } ... on TooManyAttempts { until }"
AUTHORIZE = f"""
mutation ($input: ChargingAuthorizeInput!) {{
  chargingAuthorize(input: $input) {{
    __typename {REFUSED} ... on Problem {{ message }}
    ... on ChargingAuthorized {{ authorization {{ evseId method basis until bookingId }} booking {{ id phase }} }}
  }}
}}
"""
START = f"""
mutation ($input: SessionStartReportInput!) {{
  sessionStartReport(input: $input) {{
    __typename {REFUSED} ... on Problem {{ message }} ... on Session {{ {SESSION} }}
  }}
}}
"""
READ = f"""
mutation ($input: SessionReadingsReportInput!) {{
  sessionReadingsReport(input: $input) {{
    __typename ... on Problem {{ message }}
    ... on SessionReadings {{ session {{ {SESSION} }} outcomes {{ at outcome }} }}
  }}
}}
"""
STOP = f"""
mutation ($input: SessionStopReportInput!) {{
  sessionStopReport(input: $input) {{
    __typename ... on Problem {{ message }} ... on Session {{ {SESSION} }} ... on SessionOver {{ endedAt }}
  }}
}}
"""
BY_ID = f"query ($id: ID!) {{ session(id: $id) {{ {SESSION} }} }}"
LISTED = f"""
query (
  $locationId: ID, $bookingIds: [ID!], $statuses: [SessionStatus!], $starting: PeriodInput
  $first: Int! = 50, $after: String
) {{
  sessions(
    locationId: $locationId bookingIds: $bookingIds statuses: $statuses starting: $starting
    first: $first after: $after
  ) {{ edges {{ node {{ {SESSION} }} }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""
FOLLOW = f"""
subscription ($sessionIds: [ID!], $bookingIds: [ID!], $after: EventCursor) {{
  sessionUpdated(sessionIds: $sessionIds, bookingIds: $bookingIds, after: $after) {{
    __typename ... on SessionUpdated {{ cursor at session {{ {SESSION} }} }}
  }}
}}
"""


async def tokens_of_all(world: World) -> None:
    """Let two providers publish cards, an app and a contract of their drivers; CARD-2 is under another contract."""
    own = [a_token(str(one["uid"]), str(one["type"])) for one in (CARD, APP, EMAID)]
    await published(world, *own, a_token("CARD-2", contractId=OTHER_CONTRACT))
    await published(world, a_token("CARD-9", contractId=OTHERS_CONTRACT), caller="other_emsp")


async def on_terms(
    world: World, offer_id: str = HUB_MCS, *, offer: dict[str, Any] | None = None, **terms: Any
) -> None:
    """Let something be booked on other terms from now on."""
    await done(world, "bookingLocationsPublish", an_offer(offer_id, bookingTerms={**TERMS, **terms}, **offer or {}))


async def with_card(
    world: World,
    caller: str = "fleet",
    offer_id: str = HUB_MCS,
    start: str = "10:00",
    end: str = "11:00",
    **more: Any,
) -> Any:
    """Book for one card of the first fleet, by itself or by its provider; an hour of the morning unless told."""
    return await booked(world, caller, offer_id, start, end, tokens=[of_booking(FLEET_CONTRACT)], **more)


async def authorized(world: World, evse_id: str, **by: Any) -> Any:
    """Return what a charger is answered where somebody presents a token or types a reference."""
    return await do(world, "cpo", AUTHORIZE, evseId=evse_id, **by)


async def refusal(world: World, evse_id: str, **by: Any) -> tuple[str, str | None]:
    """Return why nobody may charge with that, and from when one may, HH:MM; deciding and starting agree."""
    decided = await authorized(world, evse_id, **by)
    tried = await do(world, "cpo", START, evseId=evse_id, **by)
    assert decided == tried
    assert (decided["__typename"], bool(decided["message"])) == ("ChargingRefused", True), decided
    return decided["reason"], decided["from"] and decided["from"][11:16]


async def begun(world: World, evse_id: str, moment: str | None = None, **by: Any) -> Any:
    """Let charging begin, at a moment if that is given, and return the session."""
    if moment is not None:
        world.later(clock(moment))
    came = await do(world, "cpo", START, evseId=evse_id, **by)
    return _session(came)


def reading(moment: str, kwh: str, **more: Any) -> dict[str, Any]:
    """Return what a charger measured at a moment of the day: the energy since the start."""
    return {"at": clock(moment).isoformat(), "kwh": kwh, **more}


async def measured(world: World, session: Any, *readings: dict[str, Any]) -> tuple[Any, list[tuple[str, str]]]:
    """Let a charger tell what it measured; return the session, and what became of each reading, by HH:MM."""
    came = await do(world, "cpo", READ, sessionId=session["id"], readings=list(readings))
    assert came["__typename"] == "SessionReadings", came
    return came["session"], [(one["at"][11:16], one["outcome"]) for one in came["outcomes"]]


async def ended(world: World, session: Any, moment: str, reason: str = "DRIVER", **last: Any) -> Any:
    """Let charging end at a moment, and return the session."""
    world.later(clock(moment))
    came = await do(world, "cpo", STOP, sessionId=session["id"], reason=reason, **last)
    return _session(came)


async def read(world: World, caller: str, session: Any) -> Any:
    """Return a session as a caller reads it."""
    return await ask(world, caller, BY_ID, id=session["id"])


async def listed(world: World, caller: str, **wanted: Any) -> list[str]:
    """Return the ids of the sessions that a caller lists, in order."""
    return [edge["node"]["id"] for edge in (await ask(world, caller, LISTED, **wanted))["edges"]]


async def phase(world: World, booking: Any, caller: str = "fleet") -> tuple[str, str, str]:
    """Return status, phase and outcome of a booking now."""
    now = await state(world, caller, booking)
    return now["status"], now["phase"], now["outcome"]


def following(world: World, caller: str, session: Any, after: str | None = None) -> Any:
    """Return how a caller is told of a session, from now on or after a place of the feed."""
    return subscribed(world, caller, FOLLOW, sessionIds=[session["id"]], after=after)


def watching(world: World, offer_id: str = HUB_MCS, caller: str | None = "nsp") -> Any:
    """Return how anybody is told what is free of what can be booked, from 8 to 12."""
    return subscribed(world, caller, SLOTS, input={"bookingLocationIds": [offer_id], "window": WINDOW})


async def change(stream: Stream) -> tuple[str | None, list[tuple[str, str]]]:
    """Return why what is free changed, and what is free now, as HH:MM."""
    message = await stream.next()
    assert message["__typename"] == "SlotAvailabilityChange", message
    return message["cause"], [hours(slot) for slot in message["timeslots"]]


def _session(came: Any) -> Any:
    assert came.pop("__typename") == "Session", came
    return came
