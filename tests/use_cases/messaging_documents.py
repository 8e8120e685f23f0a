"""How operators write to drivers in these use cases, and reach them: the documents, and how they are put."""

from typing import Any

from tests.subscriptions.streams import Stream
from tests.use_cases.documents import ask, do
from tests.world import World

MESSAGE = """
id locationId bookingId sessionId emspId contractIds text language sentAt acknowledgedAt acknowledgedBy
tokens { countryCode partyId uid type contractId }
"""
SEND = f"""
mutation ($input: DriverMessageSendInput!) {{
  driverMessageSend(input: $input) {{ __typename ... on DriverMessage {{ {MESSAGE} }} ... on Problem {{ message }} }}
}}
"""
ACKNOWLEDGE = f"""
mutation ($input: DriverMessageAcknowledgeInput!) {{
  driverMessageAcknowledge(input: $input) {{
    __typename ... on DriverMessage {{ {MESSAGE} }} ... on Problem {{ message }}
  }}
}}
"""
LISTED = f"""
query ($bookingId: ID, $sessionId: ID, $unacknowledged: Boolean, $first: Int! = 50, $after: String) {{
  driverMessages(
    bookingId: $bookingId sessionId: $sessionId unacknowledged: $unacknowledged first: $first after: $after
  ) {{ edges {{ node {{ {MESSAGE} }} }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""
RECEIVED = f"""
subscription ($after: EventCursor) {{
  driverMessageReceived(after: $after) {{
    __typename ... on DriverMessageReceived {{ cursor at message {{ {MESSAGE} }} }}
  }}
}}
"""
CONTACT = "phone name language consentedAt eraseAt"
SHARE = f"""
mutation ($input: DriverContactShareInput!) {{
  driverContactShare(input: $input) {{
    __typename
    ... on DriverContactShared {{ booking {{ id }} contact {{ {CONTACT} }} }}
    ... on Problem {{ message }}
  }}
}}
"""
WITHDRAW = """
mutation ($input: DriverContactWithdrawInput!) {
  driverContactWithdraw(input: $input) {
    __typename ... on DriverContactWithdrawn { booking { id } } ... on Problem { message }
  }
}
"""
REACHED = f"query ($id: ID!) {{ driverContact(bookingId: $id) {{ {CONTACT} }} }}"
SESSION = "id status bookingId emspId token { uid contractId } evse { id }"
START = f"""
mutation ($input: SessionStartReportInput!) {{
  sessionStartReport(input: $input) {{ __typename ... on Session {{ {SESSION} }} ... on Problem {{ message }} }}
}}
"""
STOP = f"""
mutation ($input: SessionStopReportInput!) {{
  sessionStopReport(input: $input) {{ __typename ... on Session {{ {SESSION} }} ... on Problem {{ message }} }}
}}
"""


async def charging(world: World, evse_id: str, **by: Any) -> Any:
    """Let charging begin at a charger with a token or a reference, and return the session."""
    session = await do(world, "cpo", START, evseId=evse_id, **by)
    assert session["__typename"] == "Session", session
    return session


async def done_charging(world: World, session: Any) -> None:
    """Let a session end."""
    came = await do(world, "cpo", STOP, sessionId=session["id"], reason="DRIVER")
    assert came["status"] == "COMPLETED", came


async def written(world: World, **to: Any) -> Any:
    """Let the operator write to a driver, and return the message."""
    message = await do(world, "cpo", SEND, **to)
    assert message["__typename"] == "DriverMessage", message
    return {name: value for name, value in message.items() if name != "__typename"}


async def refused(world: World, document: str, caller: str | None, **wanted: Any) -> str:
    """Return the type of the refusal that something is answered with."""
    came = await do(world, caller, document, **wanted)
    assert "message" in came, came
    return str(came["__typename"])


async def listed(world: World, caller: str, **wanted: Any) -> list[Any]:
    """Return the messages that a caller lists."""
    return [edge["node"] for edge in (await ask(world, caller, LISTED, **wanted))["edges"]]


async def heard(stream: Stream) -> Any:
    """Return the message that a subscriber is told of next."""
    return (await stream.next())["message"]


async def reached(world: World, caller: str, booking: Any) -> Any:
    """Return how a caller learns to reach the driver of a booking, or None."""
    return await ask(world, caller, REACHED, id=booking["id"])
