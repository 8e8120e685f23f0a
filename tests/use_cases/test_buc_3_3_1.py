"""BUC 3.3.1: a transport operator initiates, performs and ends charging within its booked time."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.booking_documents import booked
from tests.use_cases.charging_documents import (
    APP,
    CARD,
    CARD_2,
    E1,
    EMAID,
    OTHERS_CARD,
    authorized,
    begun,
    change,
    ended,
    phase,
    read,
    refusal,
    tokens_of_all,
    watching,
    with_card,
)
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB_MCS
from tests.world import OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

DEPOT_E1 = f"{DEPOT}*E1"


@pytest.mark.parametrize("by", [CARD, APP, EMAID], ids=lambda one: one["type"])
@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_3_1_it_charges_within_its_slot_by_app_or_physical_token_or_the_vehicle_itself(
    changing: World, caller: str, by: dict[str, Any]
) -> None:
    await tokens_of_all(changing)
    one = await booked(changing, caller, DEPOT_ANY, "10:00", "11:00", **HOLDERS[caller])

    session = await begun(changing, DEPOT_E1, "10:00", token=by)
    over = await ended(changing, session, "11:00")

    assert (session["bookingId"], session["basis"]) == (one["id"], "BOOKING")
    assert (session["slotEnd"], session["minutesLeft"]) == ("2026-12-01T11:00:00Z", 75)
    assert (over["endedEarly"], over["overtimeMinutes"]) == (False, 0)
    assert await phase(changing, one, caller) == ("FULFILLED", "COMPLETED", "CHARGED")


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("09:00", ("TOO_EARLY", "10:00")),
        ("09:59", ("TOO_EARLY", "10:00")),
        ("10:00", None),
        ("10:29", None),
        ("10:30", ("TOO_LATE", None)),
        ("11:00", ("TOO_LATE", None)),
    ],
)
async def test_buc_3_3_1_remark_the_token_of_a_booking_is_accepted_at_its_time_and_refused_else(
    changing: World, moment: str, reason: tuple[str, str | None] | None
) -> None:
    one = await with_card(changing, offer_id=DEPOT_ANY)
    changing.later(clock(moment))

    if reason is None:
        assert (await begun(changing, DEPOT_E1, token=CARD))["bookingId"] == one["id"]
    else:
        assert await refusal(changing, DEPOT_E1, token=CARD) == reason


async def test_buc_3_3_1_remark_a_token_that_is_not_connected_to_a_booking_of_that_time_is_refused(
    changing: World,
) -> None:
    await tokens_of_all(changing)
    mine = await with_card(changing, offer_id=DEPOT_ANY)
    others = [of_booking(OTHER_CONTRACT, "CARD-2")]
    later = await booked(changing, "other_fleet", DEPOT_ANY, "14:00", "15:00", tokens=others)
    changing.later(clock("10:05"))

    assert await refusal(changing, DEPOT_E1, token=CARD_2) == ("TOO_EARLY", "14:00")
    assert await refusal(changing, DEPOT_E1, token=OTHERS_CARD) == ("BOOKING_REQUIRED", None)
    session = await begun(changing, DEPOT_E1, token=CARD)
    await ended(changing, session, "10:50")
    changing.later(clock("14:05"))
    assert await refusal(changing, DEPOT_E1, token=CARD) == ("BOOKING_OVER", None)
    assert (await begun(changing, DEPOT_E1, token=CARD_2))["bookingId"] == later["id"]
    assert await phase(changing, mine) == ("FULFILLED", "COMPLETED", "CHARGED")


async def test_buc_3_3_1_of_several_bookings_of_one_token_that_of_the_time_is_used(changing: World) -> None:
    first, second = [
        await with_card(changing, offer_id=DEPOT_ANY, start=start, end=end)
        for start, end in (("10:00", "11:00"), ("11:00", "12:00"))
    ]

    one = await begun(changing, DEPOT_E1, "10:05", token=CARD)
    await ended(changing, one, "11:00")
    other = await begun(changing, DEPOT_E1, "11:00", token=CARD)

    assert (one["bookingId"], other["bookingId"]) == (first["id"], second["id"])


async def test_buc_3_3_1_whoever_has_not_booked_charges_until_the_next_booking(changing: World) -> None:
    await tokens_of_all(changing)
    await with_card(changing, "emsp")
    changing.later(clock("09:20"))

    decided = await authorized(changing, E1, token=OTHERS_CARD)
    session = await begun(changing, E1, token=OTHERS_CARD)

    assert decided["authorization"]["until"] == session["allowedUntil"] == "2026-12-01T10:00:00Z"
    assert (session["bookingId"], session["slotEnd"], session["minutesLeft"]) == (None, None, 40)
    await ended(changing, session, "09:50", "NO_LONGER_ALLOWED")
    changing.later(clock("09:56"))
    assert await refusal(changing, E1, token=OTHERS_CARD) == ("BOOKED_BY_OTHER", None)


async def test_buc_3_3_1_what_is_used_without_a_booking_cannot_be_booked_meanwhile(changing: World) -> None:
    await tokens_of_all(changing)
    changing.later(clock("08:00"))
    async with watching(changing) as stream:
        seen = [await change(stream)]
        session = await begun(changing, E1, token=OTHERS_CARD)
        seen.append(await change(stream))
        await with_card(changing)
        seen.append(await change(stream))
        changing.later(clock("08:50"))
        await round_of_worker(changing)
        seen.append(await change(stream))
        changing.later(clock("09:10"))
        await round_of_worker(changing)
        seen.append(await change(stream))
        await ended(changing, session, "09:15")
        seen.append(await change(stream))

    assert seen == [
        (None, [("08:00", "12:00")]),
        ("WALK_UP", [("09:00", "12:00")]),
        ("BOOKING", [("09:00", "10:00"), ("11:00", "12:00")]),
        ("WALK_UP", [("09:15", "10:00"), ("11:00", "12:00")]),
        ("WALK_UP", [("09:30", "10:00"), ("11:00", "12:00")]),
        ("WALK_UP", [("09:15", "10:00"), ("11:00", "12:00")]),
    ]


async def test_buc_3_3_1_who_uses_a_charger_without_a_booking_is_told_when_somebody_books_it(changing: World) -> None:
    await tokens_of_all(changing)
    session = await begun(changing, E1, "08:00", token=OTHERS_CARD)
    await with_card(changing, "emsp", HUB_MCS, "09:00", "10:00")
    changing.later(clock("08:50"))
    await round_of_worker(changing)

    shown = await read(changing, "other_emsp", session)

    assert session["allowedUntil"] is None
    assert (shown["allowedUntil"], shown["minutesLeft"]) == ("2026-12-01T09:00:00Z", 10)
