"""BUC 3.5: a provider tells its transport operator in time that charging is to end: by slot, or by battery."""

import asyncio
from typing import Any

import pytest

from server import worker
from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import booked
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import HOLDERS, by_worker, clock, cursor_now
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS
from tests.use_cases.warning_documents import (
    ALERT_DUE,
    ALERTS,
    ALERTS_SET,
    begun,
    charger_of,
    ended,
    measured,
    passing,
    read,
    warned,
    wished,
)
from tests.world import World

pytestmark = pytest.mark.anyio


async def at_ten(world: World, caller: str, offer_id: str = HUB_MCS) -> Any:
    """Book the hour from ten to eleven; charging is allowed until a quarter past."""
    return await booked(world, caller, offer_id, "10:00", "11:00", **HOLDERS.get(caller, {}))


async def charging(world: World, one: Any, moment: str = "10:00") -> Any:
    """Begin to charge on a booking."""
    return await begun(world, await charger_of(world, one), moment, reference=one["reference"])


def due(kind: str, minutes: int, moment: str | None) -> dict[str, Any]:
    """Return a warning as it is shown before it is sent."""
    due_at = moment and f"2026-12-01T{moment}:00Z"
    return {"kind": kind, "minutesBefore": minutes, "dueAt": due_at, "settledAt": None}


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_5_provider_and_transport_operator_are_told_x_minutes_before_the_slot_ends(
    changing: World, caller: str
) -> None:
    one = await at_ten(changing, caller)
    await wished(changing, caller, bookingId=one["id"], minutesBeforeEnd=[30, 5])
    session = await charging(changing, one)
    after = await cursor_now(changing, caller, one["id"])
    await passing(changing, "10:29", "10:30", "10:31", "10:55")

    for holder in HOLDERS:
        told = await warned(changing, holder, after, session)
        assert [each for each in told if each[0] != "CHARGER_FAULT"] == [
            ("SLOT_ENDING", 30, "10:30"),
            ("SLOT_ENDING", 5, "10:55"),
        ]


async def test_buc_3_5_a_warning_carries_the_charging_status_and_the_booked_slot(changing: World) -> None:
    one = await at_ten(changing, "fleet")
    session = await charging(changing, one)
    after = await cursor_now(changing, "emsp", one["id"])
    await measured(changing, session, "10:40", 62, "180.5")
    await passing(changing, "10:45")

    async with subscribed(changing, "emsp", ALERT_DUE, after=after) as stream:
        told = await stream.next()

    assert (told["kind"], told["minutesBefore"], told["at"]) == ("SLOT_ENDING", 15, "2026-12-01T10:45:00Z")
    assert told["session"] == {
        "id": session["id"],
        "status": "ACTIVE",
        "evse": {"id": f"{HUB}*E1"},
        "bookingId": one["id"],
        "kwh": "180.5",
        "power": 300_000,
        "stateOfCharge": 62,
        "targetStateOfCharge": None,
        "slotEnd": "2026-12-01T11:00:00Z",
        "allowedUntil": "2026-12-01T11:15:00Z",
        "minutesLeft": 30,
        "endDateTime": None,
        "stopReason": None,
        "stoppedBy": None,
    }


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_5_they_are_told_x_minutes_before_the_vehicle_reaches_a_set_state_of_charge(
    changing: World, caller: str
) -> None:
    one = await at_ten(changing, caller)
    wanted = {"targetStateOfCharge": 80, "minutesBeforeTarget": [10]}
    await wished(changing, caller, bookingId=one["id"], minutesBeforeEnd=[], **wanted)
    session = await charging(changing, one)
    after = await cursor_now(changing, caller, one["id"])
    for moment, percent in (("10:05", 50), ("10:10", 55), ("10:15", 60)):
        await measured(changing, session, moment, percent)
    planned = await ask(changing, caller, ALERTS, session=session["id"])
    await passing(changing, "10:24", "10:25")
    await measured(changing, session, "10:35", 80)
    await passing(changing, "10:35")

    assert session["targetStateOfCharge"] == 80
    assert due("TARGET_REACHED", 10, "10:25") in planned["alerts"]
    for holder in HOLDERS:
        assert await warned(changing, holder, after, session) == [("TARGET_REACHED", 10, "10:25")]


async def test_buc_3_5_the_moment_of_a_state_of_charge_is_projected_anew_at_each_reading(changing: World) -> None:
    one = await at_ten(changing, "emsp")
    session = await charging(changing, one)
    wanted = {"targetStateOfCharge": 80, "minutesBeforeTarget": [10]}
    await wished(changing, "emsp", sessionId=session["id"], minutesBeforeEnd=[], **wanted)
    planned = []
    for moment, percent in (("10:05", 60), ("10:10", 62), ("10:15", 70), ("10:30", 70), ("10:35", 85)):
        await measured(changing, session, moment, percent)
        shown = await ask(changing, "emsp", ALERTS, session=session["id"])
        (target,) = [each["dueAt"] for each in shown["alerts"] if each["kind"] == "TARGET_REACHED"]
        planned.append(target and target[11:16])

    assert planned == [None, "10:45", "10:15", None, "10:25"]


async def test_buc_3_5_remark_without_a_state_of_charge_from_the_station_no_target_is_warned_of(
    changing: World,
) -> None:
    one = await at_ten(changing, "emsp")
    session = await charging(changing, one)
    after = await cursor_now(changing, "emsp", one["id"])
    wanted = {"targetStateOfCharge": 80, "minutesBeforeTarget": [10]}
    await wished(changing, "emsp", bookingId=one["id"], minutesBeforeEnd=[10], **wanted)
    for moment in ("10:10", "10:20", "10:30", "10:40"):
        await measured(changing, session, moment, None)
    await passing(changing, "10:50", "11:14")

    shown = await ask(changing, "emsp", ALERTS, booking=one["id"])
    told = await warned(changing, "emsp", after, session)

    assert due("TARGET_REACHED", 10, None) in shown["alerts"]
    assert told == [("SLOT_ENDING", 10, "10:50")]


async def test_buc_3_5_note_the_information_is_there_during_the_session_besides(changing: World) -> None:
    one = await at_ten(changing, "emsp")
    session = await charging(changing, one)
    await measured(changing, session, "10:30", 55)
    changing.later(clock("10:40"))

    for caller in ("emsp", "cpo"):
        shown = await read(changing, caller, session)
        assert (shown["stateOfCharge"], shown["power"], shown["minutesLeft"]) == (55, 300_000, 35)


async def test_buc_3_5_pre_condition_before_the_session_begins_nobody_is_warned(changing: World) -> None:
    one = await at_ten(changing, "emsp")
    stored = await wished(changing, "emsp", bookingId=one["id"], minutesBeforeEnd=[45, 15])
    after = await cursor_now(changing, "emsp", one["id"])
    await passing(changing, "10:15", "10:20")
    session = await charging(changing, one, moment="10:25")
    await passing(changing, "10:25")

    told = await warned(changing, "emsp", after, session)

    assert (stored["session"], stored["alerts"]) == (None, [])
    assert told == [("SLOT_ENDING", 45, "10:25")]


async def test_buc_3_5_pre_condition_once_the_session_is_over_nobody_is_warned(changing: World) -> None:
    one, beside = await at_ten(changing, "emsp"), await at_ten(changing, "emsp", HUB_CCS)
    session = await charging(changing, one)
    await wished(changing, "emsp", bookingId=beside["id"], minutesBeforeEnd=[])
    last = await charging(changing, beside)
    after = await cursor_now(changing, "emsp", one["id"])
    await ended(changing, session, "10:30", "DRIVER")
    await passing(changing, "10:45", "11:00", "11:10")

    told = await warned(changing, "emsp", after, last)
    late = await do(changing, "emsp", ALERTS_SET, sessionId=session["id"], minutesBeforeEnd=[5])

    assert told == []
    assert late["__typename"] == "SessionOver"


async def test_buc_3_5_whoever_never_said_is_warned_a_quarter_of_an_hour_before_and_may_say_never(
    changing: World,
) -> None:
    one, silent = await at_ten(changing, "emsp"), await at_ten(changing, "emsp", HUB_CCS)
    session, quiet = await charging(changing, one), await charging(changing, silent)
    after = await cursor_now(changing, "emsp", one["id"])
    stored = await ask(changing, "emsp", ALERTS, session=session["id"])
    await wished(changing, "emsp", sessionId=quiet["id"], minutesBeforeEnd=[])
    await passing(changing, "10:45", "11:00")

    assert stored["minutesBeforeEnd"] == [15]
    assert await warned(changing, "emsp", after, session) == [("SLOT_ENDING", 15, "10:45")]


async def test_buc_3_5_each_warning_comes_once_and_to_nobody_else(changing: World) -> None:
    one, beside = await at_ten(changing, "fleet"), await at_ten(changing, "other_emsp", HUB_CCS)
    session = await charging(changing, one)
    await wished(changing, "other_emsp", bookingId=beside["id"], minutesBeforeEnd=[])
    others = await charging(changing, beside)
    after = {name: await cursor_now(changing, name, one["id"]) for name in ("emsp", "fleet", "cpo")}
    after["other_emsp"] = await cursor_now(changing, "other_emsp", beside["id"])
    changing.later(clock("10:45"))
    await asyncio.gather(*(worker.due(by_worker(changing)) for _ in range(4)))
    await passing(changing, "10:46")

    lasts = {"emsp": session, "fleet": session, "cpo": session, "other_emsp": others}
    heard = {name: await warned(changing, name, after[name], last) for name, last in lasts.items()}

    once = [("SLOT_ENDING", 15, "10:45")]
    assert heard == {"emsp": once, "fleet": once, "cpo": [], "other_emsp": []}


@pytest.mark.parametrize("caller", ["nsp", "nap", None])
async def test_buc_3_5_warnings_are_for_those_who_charge_and_the_operator(
    changing: World, caller: str | None
) -> None:
    async with subscribed(changing, caller, ALERT_DUE) as stream:
        assert (await stream.refusal())[0] == ("FORBIDDEN" if caller else "UNAUTHENTICATED")
