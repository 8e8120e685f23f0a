"""BUC 3.3.2: a transport operator initiates charging earlier than its booked time, if that is possible."""

import pytest

from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.booking_documents import booked
from tests.use_cases.charging_documents import (
    CARD,
    CARD_2,
    E1,
    OTHERS_CARD,
    authorized,
    begun,
    change,
    ended,
    on_terms,
    phase,
    read,
    refusal,
    tokens_of_all,
    watching,
    with_card,
)
from tests.use_cases.following_documents import HOLDERS, clock
from tests.use_cases.operators import DEPOT, DEPOT_ANY, a_day, a_slot
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

DEPOT_E1 = f"{DEPOT}*E1"
ONLY_BOOKED = {"reservationRequired": True, "adHoc": 0, "calendars": a_day(a_slot(greenEnergySupport=False))}


async def early_at_depot(world: World, minutes: int | None = 30, *, allowed: bool | None = True) -> None:
    """Let a station that can only be used with reservations be used so many minutes before them."""
    await on_terms(world, DEPOT_ANY, offer=ONLY_BOOKED, earlyStartAllowed=allowed, earlyStartTime=minutes)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_3_3_2_it_begins_before_its_slot_as_the_terms_allow(changing: World, caller: str) -> None:
    await early_at_depot(changing)
    one = await with_card(changing, caller, DEPOT_ANY)
    changing.later(clock("09:30"))
    decided = await authorized(changing, DEPOT_E1, token=CARD)
    session = await begun(changing, DEPOT_E1, token=CARD)

    assert decided["authorization"] == {
        "evseId": DEPOT_E1,
        "method": "RFID",
        "basis": "EARLY_START",
        "until": "2026-12-01T11:15:00Z",
        "bookingId": one["id"],
    }
    assert (session["basis"], session["bookingId"]) == ("EARLY_START", one["id"])
    assert (session["startDateTime"], session["slotEnd"]) == ("2026-12-01T09:30:00Z", "2026-12-01T11:00:00Z")
    assert session["minutesLeft"] == 105
    assert await phase(changing, one, caller) == ("FULFILLED", "CHARGING", "CHARGED")
    over = await ended(changing, session, "11:00")
    assert over["endedEarly"] is False


@pytest.mark.parametrize(("minutes", "allowed"), [(None, None), (30, False), (0, True)])
async def test_buc_3_3_2_remark_a_station_with_reservations_only_opens_with_the_slot_unless_the_terms_say_so(
    changing: World, minutes: int | None, allowed: bool | None
) -> None:
    await tokens_of_all(changing)
    await early_at_depot(changing, minutes, allowed=allowed)
    one = await with_card(changing, offer_id=DEPOT_ANY)
    changing.later(clock("09:59"))

    assert await refusal(changing, DEPOT_E1, token=CARD) == ("TOO_EARLY", "10:00")
    assert await phase(changing, one) == ("RESERVED", "CONFIRMED", "OPEN")


async def test_buc_3_3_2_remark_a_station_with_reservations_only_checks_for_a_booking_of_the_token(
    changing: World,
) -> None:
    await tokens_of_all(changing)
    await early_at_depot(changing)
    one = await with_card(changing, offer_id=DEPOT_ANY)

    changing.later(clock("09:29"))
    assert await refusal(changing, DEPOT_E1, token=CARD) == ("TOO_EARLY", "09:30")
    changing.later(clock("09:30"))
    for stranger in (CARD_2, OTHERS_CARD):
        assert await refusal(changing, DEPOT_E1, token=stranger) == ("BOOKING_REQUIRED", None)
    assert (await begun(changing, DEPOT_E1, token=CARD))["bookingId"] == one["id"]


async def test_buc_3_3_2_remark_at_a_station_usable_without_reservation_it_begins_when_that_is_free(
    changing: World,
) -> None:
    await tokens_of_all(changing)
    one = await with_card(changing)
    changing.later(clock("09:15"))

    session = await begun(changing, E1, token=CARD)

    assert (session["basis"], session["bookingId"]) == ("EARLY_START", one["id"])
    assert (session["allowedUntil"], session["minutesLeft"]) == ("2026-12-01T11:15:00Z", 120)


async def test_buc_3_3_2_remark_long_before_its_slot_it_charges_there_as_anybody_and_keeps_the_slot(
    changing: World,
) -> None:
    await tokens_of_all(changing)
    one = await with_card(changing)

    session = await begun(changing, E1, "08:30", token=CARD)
    await ended(changing, session, "09:30")
    now = await phase(changing, one)
    again = await begun(changing, E1, "10:05", token=CARD)

    assert (session["basis"], session["bookingId"]) == ("WALK_UP", None)
    assert session["allowedUntil"] == "2026-12-01T10:00:00Z"
    assert now == ("RESERVED", "CONFIRMED", "OPEN")
    assert again["bookingId"] == one["id"]


async def test_buc_3_3_2_it_does_not_begin_early_while_somebody_elses_slot_lasts(changing: World) -> None:
    await tokens_of_all(changing)
    await early_at_depot(changing)
    others = [of_booking(OTHER_CONTRACT, "CARD-2")]
    await booked(changing, "other_fleet", DEPOT_ANY, "09:15", "09:45", tokens=others)
    one = await with_card(changing, offer_id=DEPOT_ANY)
    changing.later(clock("09:35"))

    assert await refusal(changing, DEPOT_E1, token=CARD) == ("TOO_EARLY", "09:45")
    changing.later(clock("09:45"))
    assert (await begun(changing, DEPOT_E1, token=CARD))["bookingId"] == one["id"]


async def test_buc_3_3_2_it_does_not_begin_early_while_somebody_else_charges(changing: World) -> None:
    await tokens_of_all(changing)
    await with_card(changing)
    other = await begun(changing, E1, "09:00", token=OTHERS_CARD)
    changing.later(clock("09:30"))

    assert await refusal(changing, E1, token=CARD) == ("CHARGER_IN_USE", None)
    await ended(changing, other, "09:40")
    assert (await begun(changing, E1, token=CARD))["basis"] == "EARLY_START"


async def test_buc_3_3_2_once_it_has_begun_nobody_books_the_time_before_its_slot(changing: World) -> None:
    await on_terms(changing, offer={"bookingOption": {"evseUid": "E1"}}, earlyStartAllowed=True, earlyStartTime=45)
    await with_card(changing)
    changing.later(clock("09:15"))

    async with watching(changing) as stream:
        seen = [await change(stream)]
        session = await begun(changing, E1, token=CARD)
        seen.append(await change(stream))
        await ended(changing, session, "09:45")
        seen.append(await change(stream))

    assert seen == [
        (None, [("09:15", "10:00"), ("11:00", "12:00")]),
        ("EARLY_START", [("11:00", "12:00")]),
        ("EARLY_STOP", [("09:45", "12:00")]),
    ]


async def test_buc_3_3_2_it_keeps_its_whole_slot_and_the_limit_of_the_next_booking(changing: World) -> None:
    await early_at_depot(changing)
    await with_card(changing, offer_id=DEPOT_ANY)
    following = await booked(
        changing, "emsp", DEPOT_ANY, "11:00", "12:00", tokens=[of_booking(FLEET_CONTRACT, "CARD-7")]
    )

    session = await begun(changing, DEPOT_E1, "09:40", token=CARD)

    assert session["allowedUntil"] == session["slotEnd"] == "2026-12-01T11:00:00Z"
    assert await phase(changing, following, "emsp") == ("RESERVED", "CONFIRMED", "OPEN")
    assert (await read(changing, "cpo", session))["basis"] == "EARLY_START"
