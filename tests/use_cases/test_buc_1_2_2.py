"""BUC 1.2.2: an operator states when its chargers can be booked, and providers and fleets can book exactly that."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import a_calendar_input, a_weekly_calendar_input, operation, sent, work_input
from tests.factories.catalogue import NOW
from tests.use_cases.documents import BOOK, OPERATORS, PROVIDERS, at, do, hours, offers, period, slots
from tests.use_cases.operators import (
    DAY,
    HUB,
    HUB_CCS,
    HUB_MCS,
    MIXED,
    MIXED_FREE,
    PARK,
    YARD,
    a_day,
    a_slot,
    an_offer,
    done,
    hub,
)
from tests.use_cases.prices import TERMS
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

TO_ALL = (*PROVIDERS, *OPERATORS)
WHOLE_DAY: dict[str, Any] = {
    "window": {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}
}


async def free(
    world: World, caller: str | None = "emsp", offer_id: str = HUB_MCS, **asked: Any
) -> list[tuple[str, str]]:
    """Return the hours at which something is free of the whole day."""
    return [hours(slot) for slot in slots(await at(world, caller, HUB, **WHOLE_DAY | asked), offer_id)]


async def offer(world: World, **changes: Any) -> None:
    """Let the megawatt charger be booked in another way."""
    await done(world, "bookingLocationsPublish", an_offer(HUB_MCS, bookingOption={"evseUid": "E1"}, **changes))


async def book_mcs(world: World, start: str, end: str) -> str:
    """Return what came of an EMSP's wish to book."""
    came = await do(world, "emsp", BOOK, bookingLocationId=HUB_MCS, period=period(start, end))
    kind: str = came["__typename"]
    return kind


async def test_buc_1_2_2_windows_are_offered_to_all_as_the_operator_states_them(changing: World) -> None:
    morning = a_slot(**period("07:00", "10:00"), minPower=800_000)
    evening = a_slot(**period("16:00", "20:00"), minPower=None, maxPower=300_000, greenEnergySupport=False)

    await offer(changing, calendars=a_day(morning, evening))

    for caller in TO_ALL:
        found = slots(await at(changing, caller, HUB, **WHOLE_DAY), HUB_MCS)
        assert [hours(slot) for slot in found] == [("07:00", "10:00"), ("16:00", "20:00")]
        assert [(slot["minPower"], slot["maxPower"], slot["greenEnergySupport"]) for slot in found] == [
            (800_000, 1_000_000, True),
            (None, 300_000, False),
        ]


async def test_buc_1_2_2_hours_of_the_week_are_offered_by_the_clock_of_the_site_as_far_as_the_horizon(
    changing: World,
) -> None:
    days = [{"weekday": day, "periodBegin": "08:00", "periodEnd": "12:00"} for day in (2, 3)]
    weekly = a_weekly_calendar_input(regularHours=days, horizonDays=7, minPower=400_000, greenEnergySupport=True)
    week = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-20T00:00:00Z"}

    await offer(changing, calendars=[weekly])

    for caller in TO_ALL:
        found = slots(await at(changing, caller, HUB, window=week), HUB_MCS)
        assert [slot["startDateTime"] for slot in found] == [f"2026-12-{day}T07:00:00Z" for day in ("01", "02", "08")]
        assert [hours(slot) for slot in found] == [("07:00", "11:00")] * 3
        assert {(slot["minPower"], slot["greenEnergySupport"]) for slot in found} == {(400_000, True)}


async def test_buc_1_2_2_bookings_begin_on_the_steps_of_the_calendar_and_are_as_long_as_the_terms_allow(
    changing: World,
) -> None:
    calendar = a_calendar_input(
        period=DAY, availableTimeslots=[a_slot(**period("08:10", "12:10"))], timeslotIncrement=20
    )
    await offer(
        changing, calendars=[calendar], bookingTerms=TERMS | {"minBookingDuration": 40, "maxBookingDuration": 60}
    )

    assert await free(changing, window=period("08:00", "10:00"), minutesNeeded=45, slots="STARTS") == [
        ("08:10", "09:10"),
        ("08:30", "09:30"),
        ("08:50", "09:50"),
    ]
    assert await free(changing, minutesNeeded=10, slots="STARTS", mostStarts=1) == [("08:10", "08:50")]
    assert await free(changing, minutesNeeded=61) == []
    for start, end, came in (
        ("08:00", "08:40", "OutsideCalendar"),
        ("08:15", "09:15", "OutsideCalendar"),
        ("08:10", "08:30", "OutsideCalendar"),
        ("08:10", "09:30", "OutsideCalendar"),
        ("11:50", "12:30", "OutsideCalendar"),
        ("08:10", "09:10", "Booking"),
        ("08:50", "09:30", "SlotTaken"),
        ("11:30", "12:10", "Booking"),
    ):
        assert await book_mcs(changing, start, end) == came, (start, end)


async def test_buc_1_2_2_one_charger_is_offered_or_any_of_a_group_with_how_many_are_free(changing: World) -> None:
    first = await do(changing, "emsp", BOOK, bookingLocationId=HUB_CCS, period=period("09:00", "10:00"))
    (node,) = await at(changing, "nsp", HUB, minutesNeeded=60, slots="STARTS", mostStarts=9)

    group, one = node["bookingLocations"]
    assert first["__typename"] == "Booking"
    assert ([evse["uid"] for evse in group["compliantEvses"]], [evse["uid"] for evse in one["compliantEvses"]]) == (
        ["E2", "E3"],
        ["E1"],
    )
    free_at = {hours(slot)[0]: slot["available"] for slot in group["timeslots"]}
    assert free_at == {f"08:{minute}": 1 if minute != "00" else 2 for minute in ("00", "15", "30", "45")} | {
        **dict.fromkeys(("09:00", "09:15", "09:30", "09:45"), 1),
        "10:00": 2,
    }
    assert {slot["available"] for slot in one["timeslots"]} == {1}


async def test_buc_1_2_2_an_operator_says_that_it_is_fully_booked_and_takes_calendars_back(changing: World) -> None:
    change = {"bookingLocationId": "HUB-MCS"}
    noon = a_calendar_input("C2", period=DAY, availableTimeslots=[a_slot(**period("11:00", "13:00"))])

    await done(
        changing, "calendarsPublish", change | {"calendar": a_calendar_input(period=DAY, availableTimeslots=[])}
    )
    assert await free(changing) == []
    await done(changing, "calendarsPublish", change | {"calendar": noon})
    assert await free(changing) == [("11:00", "13:00")]
    await done(changing, "calendarsWithdraw", change | {"calendarId": "C2"})
    assert await free(changing) == []


async def test_buc_1_2_2_what_is_worked_on_or_closed_is_not_offered(changing: World) -> None:
    night = {"periodBegin": "2026-12-01T05:00:00Z", "periodEnd": "2026-12-01T07:00:00Z"}
    closed = {"twentyfourseven": True, "exceptionalClosings": [night]}

    await done(changing, "maintenancePublish", work_input("W", HUB, evseUids=["E1"], period=period("12:00", "14:00")))
    await done(changing, "locationsPublish", hub() | {"openingTimes": closed})

    for caller in TO_ALL:
        assert await free(changing, caller) == [("07:00", "12:00"), ("14:00", "21:00")]
        assert await free(changing, caller, HUB_CCS) == [("07:00", "21:00")]


async def test_buc_1_2_2_what_is_offered_can_be_booked_by_providers_and_fleets_until_it_is_taken(
    changing: World,
) -> None:
    for caller, start in (("emsp", "08:00"), ("fleet", "09:00"), ("other_emsp", "10:00"), ("other_fleet", "11:00")):
        (slot, *_) = await free(changing, caller, window=period("08:00", "12:00"), minutesNeeded=60, slots="STARTS")
        assert slot[0] == start
        wanted = {"bookingLocationId": HUB_MCS, "period": period(*slot)}
        assert (await do(changing, caller, BOOK, **wanted))["__typename"] == "Booking"

    for one in TO_ALL:
        assert await free(changing, one, window=period("08:00", "12:00")) == []


async def test_buc_1_2_2_only_the_operator_of_a_site_says_what_can_be_booked_there(changing: World) -> None:
    given = {"idempotencyKey": a_key(), "bookingLocations": [an_offer(f"{PARK}-MINE")]}
    for caller in (*TO_ALL, "admin"):
        answer = await changing.execute(caller, operation("bookingLocationsPublish"), input=given)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]

    refused = await sent(changing, "bookingLocationsPublish", an_offer(f"{PARK}-MINE"), caller="cpo")

    assert refused["__typename"] == "NotAllowed"
    assert offers(await at(changing, "emsp", PARK)) == [f"{PARK}-ANY"]


async def test_buc_1_2_2_whether_a_booking_is_granted_at_once_is_told_with_the_slots(changing: World) -> None:
    await done(changing, "confirmationSet", {"bookingLocationId": "MIXED-FREE", "confirmation": "OPERATOR"})

    for caller in TO_ALL:
        (node,) = await at(changing, caller, MIXED, whole=True)
        told = {
            one["bookingLocation"]["id"]: one["bookingLocation"]["confirmation"] for one in node["bookingLocations"]
        }
        assert told[MIXED_FREE] == "OPERATOR"
        assert len(told) == 2


async def test_buc_1_2_2_slots_at_a_site_that_is_not_published_are_for_its_operator_alone(changing: World) -> None:
    changing.later(NOW + timedelta(minutes=1))
    wanted = {"bookingLocationId": f"{YARD}-ANY", "period": period("09:00", "10:00")}

    assert offers(await at(changing, "cpo", YARD)) == [f"{YARD}-ANY"]
    for caller in ("emsp", "fleet"):
        assert (await do(changing, caller, BOOK, **wanted))["__typename"] == "NotFound"
