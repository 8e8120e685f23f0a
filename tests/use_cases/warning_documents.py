"""How sessions go on and warn in these use cases: the documents, and how they are put."""

from typing import Any

from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import BY_ID
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import clock, round_of_worker
from tests.world import World

SESSION = """
id status evse { id } bookingId kwh power stateOfCharge targetStateOfCharge slotEnd allowedUntil minutesLeft
endDateTime stopReason stoppedBy
"""
START = f"""
mutation ($input: SessionStartReportInput!) {{
  sessionStartReport(input: $input) {{ __typename ... on Session {{ {SESSION} }} ... on Problem {{ message }} }}
}}
"""
READINGS = f"""
mutation ($input: SessionReadingsReportInput!) {{
  sessionReadingsReport(input: $input) {{
    __typename ... on SessionReadings {{ session {{ {SESSION} }} }} ... on Problem {{ message }}
  }}
}}
"""
STOP = f"""
mutation ($input: SessionStopReportInput!) {{
  sessionStopReport(input: $input) {{ __typename ... on Session {{ {SESSION} }} ... on Problem {{ message }} }}
}}
"""
ONE = f"query ($id: ID!) {{ session(id: $id) {{ {SESSION} }} }}"
WISHED = """
bookingId session { id } minutesBeforeEnd targetStateOfCharge minutesBeforeTarget
alerts { kind minutesBefore dueAt settledAt }
"""
ALERTS_SET = f"""
mutation ($input: SessionAlertsSetInput!) {{
  sessionAlertsSet(input: $input) {{ __typename ... on SessionAlerts {{ {WISHED} }} ... on Problem {{ message }} }}
}}
"""
ALERTS = (
    f"query ($booking: ID, $session: ID) {{ sessionAlerts(bookingId: $booking, sessionId: $session) {{ {WISHED} }} }}"
)
ALERT_DUE = f"""
subscription ($after: EventCursor) {{
  sessionAlertDue(after: $after) {{
    __typename ... on SessionAlertDue {{ kind minutesBefore at session {{ {SESSION} }} }}
  }}
}}
"""
FAULT = """
mutation ($input: EvseStatusReportInput!) {
  evseStatusReport(input: $input) { __typename ... on Problem { message } }
}
"""
Warned = tuple[str, int, str]
"""Of what somebody was warned, how many minutes before, and when, as HH:MM."""


async def charger_of(world: World, booking: Any) -> str:
    """Return the charger that a booking has, as its operator sees it."""
    return str((await ask(world, "cpo", BY_ID, id=booking["id"]))["evse"]["id"])


async def begun(world: World, evse_id: str, moment: str, **by: Any) -> Any:
    """Let charging begin at a moment, and return the session."""
    world.later(clock(moment))
    came = await do(world, "cpo", START, evseId=evse_id, meterStart="1000", **by)
    assert came["__typename"] == "Session", came
    return came


async def measured(world: World, session: Any, moment: str, percent: int | None, kwh: str = "1") -> Any:
    """Let a charger tell what it measured at a moment, and return the session."""
    world.later(clock(moment))
    reading = {"at": clock(moment).isoformat(), "kwh": kwh, "power": 300_000, "stateOfCharge": percent}
    came = await do(world, "cpo", READINGS, sessionId=session["id"], readings=[reading])
    assert came["__typename"] == "SessionReadings", came
    return came["session"]


async def ended(world: World, session: Any, moment: str, reason: str) -> Any:
    """Let charging end at a moment, and return the session."""
    world.later(clock(moment))
    came = await do(world, "cpo", STOP, sessionId=session["id"], reason=reason)
    assert came["__typename"] == "Session", came
    return came


async def wished(world: World, caller: str, **wanted: Any) -> Any:
    """Let a holder say when it wants to be warned, and return what is stored."""
    came = await do(world, caller, ALERTS_SET, **wanted)
    assert came["__typename"] == "SessionAlerts", came
    return came


async def passing(world: World, *moments: str) -> None:
    """Let time pass, with a round of a worker at each of the moments."""
    for moment in moments:
        world.later(clock(moment))
        await round_of_worker(world)


async def warned(world: World, caller: str, after: str, last: Any) -> list[Warned]:
    """Return all that a caller was warned of in any session after a place of the feed.

    It ends with a fault of the charger of the session `last`, of which the caller is told at any rate, and which is
    repaired at once; that is not returned.
    """
    await _faulty(world, last["evse"]["id"])
    told: list[Warned] = []
    async with subscribed(world, caller, ALERT_DUE, after=after) as stream:
        while (message := await stream.next())["kind"] != "CHARGER_FAULT" or message["session"]["id"] != last["id"]:
            told.append((message["kind"], message["minutesBefore"], message["at"][11:16]))
    return told


async def read(world: World, caller: str, session: Any) -> Any:
    """Return a session as a caller reads it."""
    return await ask(world, caller, ONE, id=session["id"])


async def _faulty(world: World, evse_id: str) -> None:
    await do(world, "cpo", FAULT, evseId=evse_id, status="CHARGING", fault={"severity": "WARNING"})
    await do(world, "cpo", FAULT, evseId=evse_id, status="CHARGING")
