"""BUC 2.10: a provider reminds its transport operators of upcoming bookings, when and if they want it."""

import asyncio
from typing import Any

import pytest

from server import worker
from tests.subscriptions.streams import REMINDERS, subscribed
from tests.use_cases.booking_documents import CANCEL, booked, change_quoted, changed
from tests.use_cases.documents import do, period
from tests.use_cases.following_documents import (
    HOLDERS,
    REMINDERS_OF,
    REMINDERS_SET,
    by_worker,
    clock,
    cursor_now,
    prefer,
    reminded,
    round_of_worker,
    to_come,
)
from tests.use_cases.operators import DEPOT_ANY, HUB_CCS, HUB_MCS, MIXED_FREE, MIXED_ONLY
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

OTHERS = {"other_emsp": MIXED_FREE, "other_fleet": MIXED_ONLY}
"""Holders of other bookings, and what they book."""

SPOKEN = """
subscription ($after: EventCursor) {
  reminderDue(after: $after) {
    ... on ReminderDue {
      minutesBefore at
      booking { reference contractIds location { name } timeslot { startDateTime endDateTime } parkingBay { ocpiId } }
    }
  }
}
"""


async def at_ten(world: World, caller: str, offer_id: str = HUB_MCS, **asked: Any) -> Any:
    """Book the hour from ten to eleven."""
    return await booked(world, caller, offer_id, "10:00", "11:00", **HOLDERS.get(caller, {}), **asked)


async def passing(world: World, *moments: str) -> None:
    """Let time pass, with a round of a worker at each of the moments."""
    for moment in moments:
        world.later(clock(moment))
        await round_of_worker(world)


async def marked(world: World, caller: str = "emsp", moment: str = "20:00") -> str:
    """Have a caller sent a last reminder, an hour before a booking at `moment`, and return the booking's id."""
    start = clock(moment)
    last = await booked(world, caller, DEPOT_ANY, moment, f"{start.hour + 1}:00", reminders=[60])
    await passing(world, f"{start.hour - 1:02}:00")
    return str(last["id"])


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_10_the_provider_is_told_what_to_remind_its_transport_operator_of_x_hours_before(
    changing: World, caller: str
) -> None:
    one = await at_ten(changing, caller, reminders=[180])
    after = await cursor_now(changing, "emsp", one["id"])
    await passing(changing, "06:59", "07:00")

    async with subscribed(changing, "emsp", SPOKEN, after=after) as stream:
        told = await stream.next()

    assert told == {
        "minutesBefore": 180,
        "at": "2026-12-01T07:00:00Z",
        "booking": {
            "reference": one["reference"],
            "contractIds": [FLEET_CONTRACT],
            "location": {"name": "Site NL*ABC*HUB"},
            "timeslot": period("10:00", "11:00"),
            "parkingBay": {"ocpiId": "B1"},
        },
    }


async def test_buc_2_10_each_reminder_comes_once_to_the_provider_and_its_operator_and_to_nobody_else(
    changing: World,
) -> None:
    one = await at_ten(changing, "emsp", reminders=[180, 60])
    beside = {name: await at_ten(changing, name, offer_id, reminders=[]) for name, offer_id in OTHERS.items()}
    after = {name: await cursor_now(changing, name, one["id"]) for name in HOLDERS}
    after |= {name: await cursor_now(changing, name, made["id"]) for name, made in beside.items()}
    changing.later(clock("07:00"))
    await asyncio.gather(*(worker.due(by_worker(changing)) for _ in range(4)))
    await passing(changing, "07:01", "09:00", "09:01", "10:00", "12:00")

    lasts = {
        name: await marked(changing, name, moment)
        for name, moment in (("fleet", "14:00"), ("other_emsp", "15:00"), ("other_fleet", "16:00"))
    }
    heard = {name: await reminded(changing, name, after[name], last) for name, last in lasts.items()}
    heard["emsp"] = await reminded(changing, "emsp", after["emsp"], lasts["fleet"])

    both = [(one["id"], 180, "07:00"), (one["id"], 60, "09:00")]
    assert heard == {"emsp": both, "fleet": both, "other_emsp": [], "other_fleet": []}


@pytest.mark.parametrize("caller", ["cpo", "other_cpo", "nsp", "nap", None])
async def test_buc_2_10_reminders_are_between_provider_and_transport_operator_alone(
    changing: World, caller: str | None
) -> None:
    one = await at_ten(changing, "emsp", reminders=[180])
    code = "FORBIDDEN" if caller else "UNAUTHENTICATED"

    async with subscribed(changing, caller, REMINDERS) as stream:
        assert (await stream.refusal())[0] == code
    answer = await changing.execute(caller, REMINDERS_OF, id=one["id"])
    assert [refused for refused, _ in answer.errors] == [code]


async def test_buc_2_10_a_transport_operator_asks_for_reminders_of_a_booking_later_or_for_none(
    changing: World,
) -> None:
    one = await at_ten(changing, "emsp")
    silent = await at_ten(changing, "emsp", HUB_CCS, reminders=[60])
    after = await cursor_now(changing, "fleet", one["id"])
    asked = await do(changing, "fleet", REMINDERS_SET, bookingId=one["id"], minutesBefore=[60, 120])
    await do(changing, "fleet", REMINDERS_SET, bookingId=silent["id"], minutesBefore=[])
    await passing(changing, "08:00", "09:00")

    for caller in OTHERS:
        refused = await do(changing, caller, REMINDERS_SET, bookingId=one["id"], minutesBefore=[])
        assert refused["__typename"] == "NotFound"
    last = await marked(changing, "fleet")
    assert [reminder["minutesBefore"] for reminder in asked["reminders"]] == [120, 60]
    assert await to_come(changing, "emsp", silent) == []
    for caller in HOLDERS:
        assert await reminded(changing, caller, after, last) == [(one["id"], 120, "08:00"), (one["id"], 60, "09:00")]


async def test_buc_2_10_a_reminder_asked_for_when_its_moment_has_passed_comes_at_once(changing: World) -> None:
    changing.later(clock("08:30"))
    one = await at_ten(changing, "fleet", reminders=[1440, 120, 60])
    after = await cursor_now(changing, "fleet", one["id"])
    await passing(changing, "08:30", "08:40", "09:00")

    told = await reminded(changing, "fleet", after, await marked(changing, "fleet"))

    assert told == [(one["id"], 120, "08:30"), (one["id"], 60, "09:00")]


async def test_buc_2_10_a_transport_operator_says_once_for_all_whether_and_when_it_wants_reminders(
    changing: World,
) -> None:
    before = await at_ten(changing, "fleet", HUB_CCS)
    await prefer(changing, "fleet", [120])
    await prefer(changing, "other_fleet", [])
    yes, no = await at_ten(changing, "fleet"), await at_ten(changing, "other_fleet", MIXED_ONLY)
    own = await at_ten(changing, "fleet", MIXED_FREE, reminders=[30])
    after = await cursor_now(changing, "emsp", yes["id"])
    await passing(changing, "08:00", "09:30")

    told = await reminded(changing, "emsp", after, await marked(changing))

    assert told == [(yes["id"], 120, "08:00"), (own["id"], 30, "09:30")]
    assert [await to_come(changing, "emsp", one) for one in (before, no)] == [[], []]


async def test_buc_2_10_yes_or_no_without_saying_when_is_answered_by_what_the_provider_prefers(
    changing: World,
) -> None:
    """ "Leave it to the CPO when it is sent" is the second question of the pre-conditions.

    Nothing in the standard lets an operator say when, and the one who sends is the provider. So a booking that does
    not say is reminded of as its provider prefers: for one contract, or for all; a fleet may say no to that.
    """
    await prefer(changing, "emsp", [1200, 240])
    await prefer(changing, "emsp", [], OTHER_CONTRACT)
    await prefer(changing, "emsp", [90], FLEET_CONTRACT)
    of_contract = await at_ten(changing, "fleet")
    of_silent = await at_ten(changing, "other_fleet", MIXED_ONLY)
    of_nobody = await booked(changing, "emsp", MIXED_FREE, "13:00", "14:00")
    await prefer(changing, "fleet", None)
    of_all = await booked(changing, "fleet", HUB_CCS, "13:00", "14:00")

    assert await to_come(changing, "fleet", of_contract) == [(90, "08:30")]
    assert await to_come(changing, "other_fleet", of_silent) == []
    for one in (of_nobody, of_all):
        assert await to_come(changing, "emsp", one) == [(1200, "17:00"), (240, "09:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_10_a_reminder_moves_with_its_booking(changing: World, caller: str) -> None:
    one = await at_ten(changing, caller, reminders=[60])
    after = await cursor_now(changing, caller, one["id"])
    quote = await change_quoted(changing, caller, one, period=period("13:00", "14:00"), bookingLocationId=DEPOT_ANY)
    await passing(changing, "06:01")
    moved = await changed(changing, caller, quote)
    planned = await to_come(changing, caller, moved)
    await passing(changing, "09:00", "12:00")

    told = await reminded(changing, caller, after, await marked(changing, caller))

    assert planned == [(60, "12:00")]
    assert told == [(one["id"], 60, "12:00")]


async def test_buc_2_10_what_was_sent_for_the_old_time_is_sent_again_for_the_new_one(changing: World) -> None:
    one = await at_ten(changing, "emsp", reminders=[210])
    after = await cursor_now(changing, "emsp", one["id"])
    await passing(changing, "06:30")
    await changed(changing, "emsp", await change_quoted(changing, "emsp", one, period=period("13:00", "14:00")))
    await passing(changing, "06:31", "09:30", "09:31")

    told = await reminded(changing, "emsp", after, await marked(changing))

    assert told == [(one["id"], 210, "06:30"), (one["id"], 210, "09:30")]


async def test_buc_2_10_nobody_is_reminded_of_a_booking_that_was_canceled(changing: World) -> None:
    by_holder = await at_ten(changing, "emsp", reminders=[60])
    by_operator = await at_ten(changing, "emsp", HUB_CCS, reminders=[60])
    after = await cursor_now(changing, "emsp", by_holder["id"])
    for caller, one, reason in (("fleet", by_holder, "TRAFFIC"), ("cpo", by_operator, "FULL")):
        gone = await do(changing, caller, CANCEL, bookingId=one["id"], cancellationReason=reason)
        assert gone["status"] == "CANCELED"
    await passing(changing, "08:59", "09:00", "10:00")

    told = await reminded(changing, "emsp", after, await marked(changing))

    assert told == []
    late = await do(changing, "emsp", REMINDERS_SET, bookingId=by_holder["id"], minutesBefore=[30])
    assert late["__typename"] == "AlreadyFinal"
