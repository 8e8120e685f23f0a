"""Warnings of sessions as they fall due (BUC 3.5, 3.6), and asking for them through the contract."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from models.rules.fault import Severity
from models.rules.location import Status
from models.rules.session import Session
from resolvers import evses, mandates, session_alerts
from resolvers.evses import FaultReport, StatusReport
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.resolvers.lifecycle import E1, booked
from tests.resolvers.reminding import by_workers
from tests.resolvers.warning import begun, stopped, warned, wished
from tests.subscriptions.streams import subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
ALERTS = """
subscription ($after: EventCursor) {
  sessionAlertDue(after: $after) {
    __typename
    ... on SessionAlertDue { cursor at kind minutesBefore session { id status allowedUntil } }
    ... on ResyncRequired { reason }
  }
}
"""
SHOWN = """
bookingId session { id targetStateOfCharge } minutesBeforeEnd targetStateOfCharge minutesBeforeTarget
alerts { kind minutesBefore dueAt settledAt }
"""
SET = f"""
mutation ($input: SessionAlertsSetInput!) {{
  sessionAlertsSet(input: $input) {{ __typename ... on SessionAlerts {{ {SHOWN} }} ... on Problem {{ message }} }}
}}
"""
READ = (
    f"query ($booking: ID, $session: ID) {{ sessionAlerts(bookingId: $booking, sessionId: $session) {{ {SHOWN} }} }}"
)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site of two chargers."""
    await world.publish(SITE, OFFER)


async def charging(world: World, caller: str = "emsp", **changes: Any) -> Session:
    """Book E1 for the hour at which it is next free, and begin to charge on that."""
    start = world.now.hour + 1
    one = await booked(world, OFFER, hours(start, start + 1), caller, evse_id=E1, **changes)
    world.later(at(start))
    return await begun(world, one)


async def broken(world: World, severity: Severity) -> None:
    status = Status.CHARGING if severity is Severity.WARNING else Status.INOPERATIVE
    report = StatusReport(E1, status, FaultReport("E042", severity, None, None))
    await evses.report_status(await world.call("cpo"), a_key(), report)


async def beginning(world: World, caller: str) -> str:
    """Have one warning sent that all who are concerned are told of, and return the cursor that a caller gets."""
    async with subscribed(world, caller, ALERTS) as stream:
        waiting = asyncio.create_task(stream.next())
        while not world.feed.hub:
            await asyncio.sleep(0)
        await broken(world, Severity.WARNING)
        return str((await waiting)["cursor"])


def told(message: dict[str, Any]) -> tuple[str, str, int, str]:
    return message["session"]["id"], message["kind"], message["minutesBefore"], message["at"][11:16]


async def heard(world: World, caller: str, after: str, number: int) -> list[tuple[str, str, int, str]]:
    async with subscribed(world, caller, ALERTS, after=after) as stream:
        return [told(await stream.next()) for _ in range(number)]


async def test_the_holder_is_told_before_the_end_and_holder_and_operator_at_it_and_of_faults(world: World) -> None:
    one = await charging(world)
    after = await beginning(world, "emsp")
    await warned(world, at(7.75))
    await broken(world, Severity.OUT_OF_USE)
    await warned(world, at(8))

    ending = (one.object_id, "SLOT_ENDING", 15, "07:45")
    both = [(one.object_id, "CHARGER_FAULT", 0, "07:45"), (one.object_id, "NO_LONGER_ALLOWED", 0, "08:00")]
    assert await heard(world, "emsp", after, 3) == [ending, *both]
    assert await heard(world, "cpo", after, 2) == both


async def test_each_is_told_of_its_own_sessions_and_never_of_anothers(world: World) -> None:
    await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    found = []
    cursor = ""
    for caller, whom in (("fleet", None), ("other_emsp", None), ("other_emsp", ForWhom(on_behalf_of="NL*EMS"))):
        one = await charging(world, caller, whom=whom)
        cursor = cursor or await beginning(world, "emsp")
        await warned(world, one.start_date_time + timedelta(minutes=45))
        found.append(one.object_id)
        await stopped(world, one)

    of_fleet, of_other, on_behalf = found
    expected = {"emsp": [of_fleet, on_behalf], "fleet": [of_fleet], "other_emsp": [of_other, on_behalf]}
    for caller, ids in expected.items():
        came = await heard(world, caller, cursor, len(ids))
        assert [(one, kind) for one, kind, *_ in came] == [(one, "SLOT_ENDING") for one in ids]


async def test_several_workers_at_once_tell_once_and_whoever_resumes_misses_none(world: World, dsn: str) -> None:
    one = await charging(world)
    cursor = await beginning(world, "emsp")
    await wished(world, one, 30, 20, 10)
    world.later(at(7.9))
    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, 4, stack)
        crashed = asyncio.create_task(session_alerts.send(calls[0]))
        await asyncio.wait([crashed], timeout=0.003)
        crashed.cancel()
        await asyncio.gather(crashed, *(session_alerts.send(call) for call in calls[1:]), return_exceptions=True)
        await session_alerts.send(calls[1])
    await warned(world, at(8))

    minutes: list[int] = []
    while len(minutes) < 4:  # every connection is lost after one warning
        async with subscribed(world, "emsp", ALERTS, after=cursor) as stream:
            message = await stream.next()
        cursor = message["cursor"]
        minutes.append(message["minutesBefore"])

    assert sorted(minutes[:3]) == [10, 20, 30]
    assert minutes[3] == 0


@pytest.mark.parametrize(("caller", "code"), [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN")])
async def test_warnings_are_for_holders_and_operators_alone(world: World, caller: str | None, code: str) -> None:
    async with subscribed(world, caller, ALERTS) as stream:
        assert (await stream.refusal())[0] == code


async def test_warnings_are_asked_for_and_read_through_the_contract(world: World) -> None:
    one = await charging(world)
    wanted = {"idempotencyKey": a_key(), "sessionId": one.object_id, "minutesBeforeEnd": [5, 30]}
    targeted = {**wanted, "targetStateOfCharge": 80}

    made = await world.execute("emsp", SET, input=targeted)
    again = await world.execute("emsp", SET, input=targeted)
    other = await world.execute("emsp", SET, input=wanted)
    foreign = await world.execute("other_emsp", SET, input={**wanted, "idempotencyKey": a_key()})
    read = await world.execute("emsp", READ, booking=one.booking_object_id)
    unseen = await world.execute("other_emsp", READ, session=one.object_id)
    by_operator = await world.execute("cpo", READ, session=one.object_id)
    both = await world.execute("emsp", READ, session=one.object_id, booking=one.booking_object_id)
    wrong = {**wanted, "idempotencyKey": a_key(), "minutesBeforeEnd": [0]}
    refused = await world.execute("emsp", SET, input=wrong)

    shown = {
        "bookingId": one.booking_object_id,
        "session": {"id": one.object_id, "targetStateOfCharge": 80},
        "minutesBeforeEnd": [30, 5],
        "targetStateOfCharge": 80,
        "minutesBeforeTarget": [15],
        "alerts": [
            alert("SLOT_ENDING", 30, "2026-12-01T07:30:00Z"),
            alert("SLOT_ENDING", 5, "2026-12-01T07:55:00Z"),
            alert("NO_LONGER_ALLOWED", 0, "2026-12-01T08:00:00Z"),
            alert("TARGET_REACHED", 15, None),
        ],
    }
    assert made.data["sessionAlertsSet"] == {"__typename": "SessionAlerts", **shown}
    assert again.data == made.data
    assert other.data["sessionAlertsSet"]["__typename"] == "IdempotencyConflict"
    assert foreign.data["sessionAlertsSet"]["__typename"] == "NotFound"
    assert read.data["sessionAlerts"] == shown
    codes = [[code for code, _ in answer.errors] for answer in (unseen, by_operator, both, refused)]
    assert codes == [["NOT_FOUND"], ["FORBIDDEN"], ["BAD_USER_INPUT"], ["BAD_USER_INPUT"]]


def alert(kind: str, minutes: int, due_at: str | None) -> dict[str, Any]:
    return {"kind": kind, "minutesBefore": minutes, "dueAt": due_at, "settledAt": None}


async def test_a_session_that_is_over_is_refused_in_the_contracts_own_words(world: World) -> None:
    one = await charging(world)
    await stopped(world, one)

    came = await world.execute(
        "emsp", SET, input={"idempotencyKey": a_key(), "sessionId": one.object_id, "minutesBeforeEnd": [5]}
    )

    assert came.data["sessionAlertsSet"]["__typename"] == "SessionOver"
