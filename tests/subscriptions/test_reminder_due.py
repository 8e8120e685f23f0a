"""Reminders as they fall due (BUC 2.10), and asking for them through the contract."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from models.rules.booking import Booking
from resolvers import mandates, reminders
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.reminding import by_workers, sent
from tests.subscriptions.streams import REMINDERS, subscribed
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
HOURLY = ForWhom(reminders=(60,))

SET = """
mutation ($input: BookingRemindersSetInput!) {
  bookingRemindersSet(input: $input) {
    __typename
    ... on BookingReminders { booking { id } reminders { minutesBefore dueAt } }
    ... on Problem { message }
  }
}
"""
READ = "query ($id: ID!) { bookingReminders(bookingId: $id) { booking { id } reminders { minutesBefore dueAt } } }"
PREFER = """
mutation ($input: ReminderPreferenceSetInput!) {
  reminderPreferenceSet(input: $input) {
    __typename
    ... on ReminderPreferences { reminderPreferences { contractId minutesBefore } }
    ... on Problem { message }
  }
}
"""
PREFERRED = "{ reminderPreferences { contractId minutesBefore } }"


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site of two chargers."""
    await world.publish(SITE, OFFER)


async def begun(world: World, caller: str = "emsp") -> str:
    """Have one reminder sent to a caller, and return the cursor of its event."""
    async with subscribed(world, caller, REMINDERS) as stream:
        waiting = asyncio.create_task(stream.next())
        while not world.feed.hub:
            await asyncio.sleep(0)
        await booked(world, OFFER, hours(7, 8), caller, whom=HOURLY)
        await sent(world, world.now)
        return str((await waiting)["cursor"])


def told(message: dict[str, Any]) -> tuple[str, int, str]:
    return message["booking"]["id"], message["minutesBefore"], message["at"]


def as_told(one: Booking, minutes: int, moment: str) -> tuple[str, int, str]:
    return one.object_id, minutes, f"2026-12-01T{moment}:00Z"


async def test_the_holder_is_told_so_many_minutes_before_the_start(world: World) -> None:
    after = await begun(world)
    one = await booked(world, OFFER, whom=ForWhom(reminders=(120, 30)))

    async with subscribed(world, "emsp", REMINDERS, after=after) as stream:
        await sent(world, at(8))
        first = await stream.next()
        await sent(world, at(9))
        await sent(world, at(9.5))
        second = await stream.next()

    assert told(first) == as_told(one, 120, "08:00")
    assert told(second) == as_told(one, 30, "09:30")
    assert first["booking"]["timeslot"]["startDateTime"] == "2026-12-01T10:00:00Z"


async def test_every_party_is_told_of_its_own_bookings_and_never_of_anothers(world: World) -> None:
    after = {name: await begun(world, name) for name in ("emsp", "other_emsp")}
    of_fleet = await booked(world, OFFER, hours(9, 10), whom=ForWhom(contract_id=FLEET_CONTRACT, reminders=(60,)))
    of_other = await booked(world, OFFER, hours(9, 10), "other_emsp", whom=HOURLY)
    of_emsp = await booked(world, OFFER, hours(10, 11), whom=HOURLY)
    await sent(world, at(8))
    await sent(world, at(9))
    heard: dict[str, list[str]] = {}

    for caller, number in {"emsp": 2, "fleet": 1, "other_emsp": 1}.items():
        async with subscribed(world, caller, REMINDERS, after=after.get(caller, after["emsp"])) as stream:
            heard[caller] = [told(await stream.next())[0] for _ in range(number)]

    assert heard == {
        "emsp": [of_fleet.object_id, of_emsp.object_id],
        "fleet": [of_fleet.object_id],
        "other_emsp": [of_other.object_id],
    }


async def test_whoever_books_on_behalf_of_another_is_reminded_beside_it(world: World) -> None:
    await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    after = await begun(world, "other_emsp")
    on_behalf = ForWhom(on_behalf_of="NL*EMS", reminders=(60,))
    one = await booked(world, OFFER, hours(9, 10), "other_emsp", whom=on_behalf)
    await sent(world, at(8))

    for caller in ("emsp", "other_emsp"):
        async with subscribed(world, caller, REMINDERS, after=after) as stream:
            assert told(await stream.next()) == as_told(one, 60, "08:00")


async def test_changing_a_booking_moves_its_reminder(world: World) -> None:
    after = await begun(world)
    one = await booked(world, OFFER, whom=HOURLY)
    await changed(world, await change_quoted(world, one, period=hours(12, 13)))

    async with subscribed(world, "emsp", REMINDERS, after=after) as stream:
        await sent(world, at(9))
        await sent(world, at(11))
        reminder = await stream.next()

    assert told(reminder) == as_told(one, 60, "11:00")
    assert reminder["booking"]["reference"] != one.reference


async def test_several_workers_at_once_tell_once_and_whoever_resumes_misses_none(world: World, dsn: str) -> None:
    after = await begun(world)
    made = [await booked(world, OFFER, hours(9, 10), whom=ForWhom(reminders=(50, 55, 60))) for _ in range(2)]
    world.later(at(8.5))
    async with AsyncExitStack() as stack:
        calls = await by_workers(world, dsn, 4, stack)
        crashed = asyncio.create_task(reminders.send(calls[0]))
        await asyncio.wait([crashed], timeout=0.003)
        crashed.cancel()
        await asyncio.gather(crashed, *(reminders.send(call) for call in calls[1:]), return_exceptions=True)
        await reminders.send(calls[1])

    heard: list[tuple[str, int, str]] = []
    cursor = after
    while len(heard) < 6:  # every connection is lost after one reminder
        async with subscribed(world, "emsp", REMINDERS, after=cursor) as stream:
            message = await stream.next()
        cursor = message["cursor"]
        heard.append(told(message))
    last = await booked(world, OFFER, hours(10, 11), whom=HOURLY)
    await sent(world, at(9))
    async with subscribed(world, "emsp", REMINDERS, after=cursor) as stream:
        following = await stream.next()

    assert sorted(heard) == sorted(as_told(one, minutes, "08:30") for one in made for minutes in (50, 55, 60))
    assert told(following) == as_told(last, 60, "09:00")


@pytest.mark.parametrize(("caller", "code"), [(None, "UNAUTHENTICATED"), ("cpo", "FORBIDDEN"), ("nsp", "FORBIDDEN")])
async def test_reminders_are_for_holders_alone(world: World, caller: str | None, code: str) -> None:
    async with subscribed(world, caller, REMINDERS) as stream:
        assert (await stream.refusal())[0] == code
    answer = await world.execute(caller, PREFERRED)
    assert [one for one, _ in answer.errors] == [code]


async def test_the_reminders_of_a_booking_are_set_and_read_through_the_contract(world: World) -> None:
    one = await booked(world, OFFER)
    wanted = {"idempotencyKey": a_key(), "bookingId": one.object_id, "minutesBefore": [30, 120]}

    made = await world.execute("emsp", SET, input=wanted)
    again = await world.execute("emsp", SET, input=wanted)
    other = await world.execute("emsp", SET, input={**wanted, "minutesBefore": [15]})
    foreign = await world.execute("other_emsp", SET, input={**wanted, "idempotencyKey": a_key()})
    read = await world.execute("emsp", READ, id=one.object_id)
    unseen = await world.execute("other_emsp", READ, id=one.object_id)
    wrong = {**wanted, "idempotencyKey": a_key(), "minutesBefore": [0]}
    refused = await world.execute("emsp", SET, input=wrong)

    stored = {
        "booking": {"id": one.object_id},
        "reminders": [
            {"minutesBefore": 120, "dueAt": "2026-12-01T08:00:00Z"},
            {"minutesBefore": 30, "dueAt": "2026-12-01T09:30:00Z"},
        ],
    }
    assert made.data["bookingRemindersSet"] == {"__typename": "BookingReminders", **stored}
    assert again.data == made.data
    assert other.data["bookingRemindersSet"]["__typename"] == "IdempotencyConflict"
    assert foreign.data["bookingRemindersSet"]["__typename"] == "NotFound"
    assert read.data["bookingReminders"] == stored
    assert [code for code, _ in unseen.errors] == ["NOT_FOUND"]
    assert [code for code, _ in refused.errors] == ["BAD_USER_INPUT"]


async def test_what_a_party_prefers_is_set_and_read_through_the_contract(world: World) -> None:
    for_all = {"idempotencyKey": a_key(), "minutesBefore": [60, 1440]}
    of_fleet = {"idempotencyKey": a_key(), "contractId": FLEET_CONTRACT, "minutesBefore": []}

    await world.execute("emsp", PREFER, input=for_all)
    made = await world.execute("fleet", PREFER, input=of_fleet)
    foreign = await world.execute("other_fleet", PREFER, input={**of_fleet, "idempotencyKey": a_key()})
    read = await world.execute("emsp", PREFERRED)
    given_up = {"idempotencyKey": a_key(), "contractId": FLEET_CONTRACT}
    left = await world.execute("emsp", PREFER, input=given_up)

    both = [
        {"contractId": None, "minutesBefore": [1440, 60]},
        {"contractId": FLEET_CONTRACT, "minutesBefore": []},
    ]
    assert made.data["reminderPreferenceSet"]["reminderPreferences"] == both
    assert foreign.data["reminderPreferenceSet"]["__typename"] == "NotAllowed"
    assert read.data["reminderPreferences"] == both
    assert left.data["reminderPreferenceSet"]["reminderPreferences"] == both[:1]
