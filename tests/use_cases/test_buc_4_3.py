"""BUC 4.3: an operator charges a penalty for overtime: still plugged though the reservation no longer allows it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.use_cases.charging_documents import (
    CARD,
    E1,
    begun,
    ended,
    measured,
    on_terms,
    reading,
    tokens_of_all,
    with_card,
)
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.prices import element
from tests.use_cases.settlement_documents import (
    CONCERNED,
    OF_SESSION,
    REVOKE,
    WAIVERS,
    adds_up,
    billed,
    bills,
    lines,
    priced,
    session,
    standing,
    the,
    together,
    used,
    waived,
)
from tests.world import World

pytestmark = pytest.mark.anyio

BOOKED = element("FLAT", "2.50", booking="BOOKING")
PER_HOUR = element("TIME", "30.00", 300, booking="BOOKING_OVERTIME")
ONCE = element("FLAT", "8.00", booking="BOOKING_OVERTIME")
ENERGY_LINE = ("ENERGY", "100.0000", "50.0000")
"""Of the 100 kWh that each truck here charges until half past ten; then it is parked at 12.00 an hour, to 11:15."""


async def overstayed(world: World, until: str = "11:45") -> tuple[Any, Any]:
    """Return a booking from ten to eleven whose truck stays plugged until then, and what its session is billed."""
    booking, _ = await used(world, until=until)
    return booking, the(await bills(world, "fleet", bookingIds=[booking["id"]]), "SESSION")


def of(cdr: Any, kind: str) -> list[tuple[str, str]]:
    """Return the lines of a kind: how much of it, and what it costs before taxes."""
    return [(quantity, price) for what, quantity, price in lines(cdr) if what == kind]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_4_3_a_truck_that_is_still_plugged_pays_overtime_by_the_tariff_of_its_booking(
    changing: World, caller: str
) -> None:
    booking, over = await used(changing, until="11:45", caller=caller)

    found = await bills(changing, "fleet", bookingIds=[booking["id"]])
    charged = the(found, "SESSION")

    assert lines(charged) == [ENERGY_LINE, ("PARKING_TIME", "0.7500", "9.0000"), ("OVERTIME", "0.5000", "15.0000")]
    line = charged["lines"][-1]
    (tariff,) = [one for one in charged["tariffs"] if one["tariffId"] == line["tariffId"]]
    assert tariff["elements"][line["element"]]["restrictions"]["booking"] == "BOOKING_OVERTIME"
    assert (line["bookingId"], line["revision"], line["unitPrice"], line["vat"]) == (booking["id"], 1, "30.00", "19")
    assert line["price"] == {"currency": "EUR", "beforeTaxes": "15.0000", "afterTaxes": "17.8500"}
    assert line["words"] == (
        "Fee for staying longer than booked: 0.5 hours at 30.00 EUR per hour, 15.00 EUR before and 17.85 EUR after "
        "19 % VAT."
    )
    assert (charged["sessionId"], over["overtimeMinutes"]) == (over["id"], 45)
    terms = charged["bookingTerms"]
    assert (terms["lateStopAllowed"], terms["lateStopTime"]) == (True, 15)
    assert adds_up(charged)
    for party in CONCERNED:
        assert await bills(changing, party, bookingIds=[booking["id"]]) == found


@pytest.mark.parametrize(
    ("until", "overtime"),
    [
        ("10:50", []),
        ("11:00", []),
        ("11:15", []),
        ("11:15:01", [("0.0833", "2.5000")]),
        ("11:20", [("0.0833", "2.5000")]),
        ("11:22", [("0.1667", "5.0000")]),
        ("12:15", [("1.0000", "30.0000")]),
    ],
)
async def test_buc_4_3_it_runs_from_the_end_of_the_slot_and_the_late_stop_time_in_the_steps_of_the_tariff(
    changing: World, until: str, overtime: list[tuple[str, str]]
) -> None:
    _, charged = await overstayed(changing, until)

    assert of(charged, "OVERTIME") == overtime


@pytest.mark.parametrize(
    ("terms", "overtime"),
    [
        ({"lateStopAllowed": True, "lateStopTime": 30}, ("0.2500", "7.5000")),
        ({"lateStopAllowed": False, "lateStopTime": 15}, ("0.7500", "22.5000")),
        ({"lateStopAllowed": False, "lateStopTime": None}, ("0.7500", "22.5000")),
        ({"lateStopAllowed": True, "lateStopTime": None}, ("0.7500", "22.5000")),
    ],
    ids=["half an hour more", "none although a time is stated", "none", "allowed, with no time that is free"],
)
async def test_buc_4_3_how_long_it_may_stay_is_for_the_terms_of_the_booking_to_say(
    changing: World, terms: dict[str, Any], overtime: tuple[str, str]
) -> None:
    await on_terms(changing, offer={"bookingOption": {"evseUid": "E1"}}, **terms)

    _, charged = await overstayed(changing)

    assert of(charged, "OVERTIME") == [overtime]


@pytest.mark.parametrize(
    ("elements", "fees", "parking"),
    [
        ((PER_HOUR,), [("0.5000", "15.0000")], ("0.7500", "9.0000")),
        ((ONCE,), [("1.0000", "8.0000")], ("1.2500", "15.0000")),
        ((ONCE, PER_HOUR), [("1.0000", "8.0000"), ("0.5000", "15.0000")], ("0.7500", "9.0000")),
        ((), [], ("1.2500", "15.0000")),
    ],
    ids=["by the hour", "once", "both", "not priced"],
)
async def test_buc_4_3_it_costs_what_its_elements_say_and_each_minute_is_billed_once(
    changing: World, elements: tuple[Any, ...], fees: list[tuple[str, str]], parking: tuple[str, str]
) -> None:
    """What only a flat amount prices goes on as parking: its minutes are in no other line."""
    await priced(changing, BOOKED, *elements)

    _, charged = await overstayed(changing)

    assert of(charged, "OVERTIME") == fees
    assert of(charged, "PARKING_TIME") == [parking]
    hours = sum(
        Decimal(line["quantity"])
        for line in charged["lines"]
        if (line["kind"], line["unitPrice"]) in (("PARKING_TIME", "12.00"), ("OVERTIME", "30.00"))
    )
    assert hours == Decimal("1.25")  # from half past ten to a quarter to twelve
    assert (of(charged, "ENERGY"), adds_up(charged)) == ([ENERGY_LINE[1:]], True)


async def test_buc_4_3_similar_to_a_rotation_tariff_it_may_cost_more_at_some_hours(changing: World) -> None:
    dear = element("TIME", "60.00", 300, booking="BOOKING_OVERTIME", startTime="12:30", endTime="14:00")
    await priced(changing, BOOKED, dear, PER_HOUR)

    _, charged = await overstayed(changing)

    # on the site's clock a quarter of an hour before half past twelve, and one after it
    assert sorted(of(charged, "OVERTIME")) == [("0.2500", "15.0000"), ("0.2500", "7.5000")]


async def test_buc_4_3_who_goes_on_charging_pays_its_energy_too_and_no_minute_twice(changing: World) -> None:
    timed = element("TIME", "6.00", 60)
    await priced(changing, BOOKED, PER_HOUR, timed, element("ENERGY", "0.50"), element("PARKING_TIME", "12.00", 60))
    await tokens_of_all(changing)
    booking = await with_card(changing)
    one = await begun(changing, E1, "10:00", token=CARD)
    await measured(changing, one, reading("10:00", "0"))
    await ended(changing, one, "11:30", kwh="180")

    charged = the(await billed(changing, booking), "SESSION")

    assert sorted(lines(charged)) == [
        ("ENERGY", "180.0000", "90.0000"),
        ("OVERTIME", "0.2500", "7.5000"),
        ("TIME", "1.2500", "7.5000"),
    ]


async def test_buc_4_3_pre_condition_without_a_booking_there_is_no_overtime(changing: World) -> None:
    await tokens_of_all(changing)

    one = await session(changing, "10:30", "12:30", token=CARD)

    (cdr,) = await bills(changing, "fleet", sessionIds=[one["id"]])
    assert lines(cdr) == [ENERGY_LINE, ("PARKING_TIME", "2.0000", "24.0000")]


async def test_buc_4_3_pre_condition_nothing_is_billed_while_the_truck_is_still_plugged(changing: World) -> None:
    await tokens_of_all(changing)
    booking = await with_card(changing)
    one = await begun(changing, E1, "10:00", token=CARD)
    changing.later(clock("11:40"))
    before = await billed(changing, booking)
    await ended(changing, one, "11:45", kwh="100")
    after = await billed(changing, booking)

    assert (standing(before), set(standing(after))) == ({"BOOKING": "8.5000"}, {"BOOKING", "SESSION"})
    assert of(the(after, "SESSION"), "OVERTIME") == [("0.5000", "15.0000")]


@pytest.mark.parametrize("before", [True, False], ids=["before it is billed", "after it was billed"])
async def test_buc_4_3_the_operator_waives_it_with_a_reason_that_stays_on_record(
    changing: World, before: bool
) -> None:
    """What is not billed as overtime is parking, as without a booking."""
    await tokens_of_all(changing)
    booking = await with_card(changing)
    await round_of_worker(changing)
    waiver = await waived(changing, booking, "OVERTIME", "The exit was blocked.") if before else None
    one = await session(changing, "10:30", "11:45")
    first = await bills(changing, "fleet", bookingIds=[booking["id"]])
    waiver = waiver or await waived(changing, booking, "OVERTIME", "The exit was blocked.")

    found = await billed(changing, booking)

    now = the(found, "SESSION")
    assert lines(now) == [ENERGY_LINE, ("PARKING_TIME", "1.2500", "15.0000")]
    credits = [cdr for cdr in found if cdr["credit"]]
    if before:
        assert (credits, found) == ([], first)
    else:
        (credit,) = credits
        old = the(first, "SESSION")
        assert (credit["creditReferenceId"], lines(credit)) == (old["id"], lines(old))
        assert (old["total"]["beforeTaxes"], credit["total"]["beforeTaxes"]) == ("74.0000", "-74.0000")
        assert bool(credit["remark"])
    assert together(found) == Decimal("73.50")  # 8.50 booked, 65.00 charged and parked
    assert now in (await ask(changing, "fleet", OF_SESSION, id=one["id"]))["cdrs"]
    for party in CONCERNED:
        (shown,) = await ask(changing, party, WAIVERS, bookingId=booking["id"])
        assert {"__typename": "FeeWaiver", **shown} == waiver
    assert (waiver["fee"], waiver["reason"]) == ("OVERTIME", "The exit was blocked.")


async def test_buc_4_3_what_was_waived_is_billed_again_when_the_operator_takes_that_back(changing: World) -> None:
    booking, charged = await overstayed(changing)
    waiver = await waived(changing, booking, "OVERTIME")
    await round_of_worker(changing)

    await do(changing, "cpo", REVOKE, waiverId=waiver["id"], reason="The exit was free.")
    found = await billed(changing, booking)

    assert lines(the(found, "SESSION")) == lines(charged)
    assert together(found) == Decimal("82.50")
    assert [cdr["kind"] for cdr in found if cdr["credit"]] == ["SESSION", "SESSION"]


async def test_buc_4_3_a_waiver_of_another_fee_leaves_it_as_it_is(changing: World) -> None:
    booking, charged = await overstayed(changing)

    await waived(changing, booking, "NO_SHOW")

    assert the(await billed(changing, booking), "SESSION") == charged
