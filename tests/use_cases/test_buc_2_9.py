"""BUC 2.9: changes and cancellations are free until X hours before a booking, later at a fee that is told before."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.api.publications import a_tariff_input
from tests.use_cases.booking_documents import (
    CANCEL,
    CANCEL_QUOTE,
    CHANGE,
    CHANGE_QUOTE,
    booked,
    change_quoted,
    changed,
    found,
    history,
    when,
)
from tests.use_cases.documents import RELEASE, do, period
from tests.use_cases.following_documents import ACCEPT, BY_ID, HOLDERS, clock, decided, state
from tests.use_cases.operators import (
    DEPOT,
    DEPOT_ANY,
    HUB,
    HUB_CCS,
    HUB_MCS,
    MIXED_FREE,
    MIXED_ONLY,
    a_day,
    a_slot,
    an_offer,
    done,
)
from tests.use_cases.prices import TERMS, element
from tests.world import World

pytestmark = pytest.mark.anyio

MODIFICATION = {"currency": "EUR", "beforeTaxes": "5.0000", "afterTaxes": "5.9500"}
"""The fee of the terms."""

LORRY = {"vehicleType": "TRUCK_WITH_TRAILER", "length": 1875}


async def nine_to_ten(world: World, caller: str = "emsp", offer_id: str = HUB_MCS, **asked: Any) -> Any:
    """Book an hour that may be changed free until 7 and canceled free until 8."""
    whom = HOLDERS.get(caller, {})
    return await booked(world, caller, offer_id, "09:00", "10:00", **whom, **asked)


async def unpriced(world: World, **terms: Any) -> None:
    """Let the operator price neither changes nor cancellations of the megawatt charger."""
    await done(
        world, "tariffsPublish", a_tariff_input("PLAIN", elements=[element("FLAT", "2.50", booking="BOOKING")])
    )
    offer = an_offer(HUB_MCS, bookingOption={"evseUid": "E1"}, tariffIds=["PLAIN"])
    await done(world, "bookingLocationsPublish", offer | {"bookingTerms": {**TERMS, "fees": [], **terms}})


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_9_a_change_is_free_until_x_hours_before_and_its_deadline_is_told(
    changing: World, caller: str
) -> None:
    one = await nine_to_ten(changing, caller)
    changing.later(clock("07:00"))

    quote = await change_quoted(changing, caller, one, period=period("09:30", "10:30"))
    new = await changed(changing, caller, quote)

    assert (one["changeUntil"], one["cancelUntil"]) == ("2026-12-01T07:00:00Z", "2026-12-01T08:00:00Z")
    assert (quote["fee"], quote["changeUntil"]) == (None, one["changeUntil"])
    assert (when(new), new["revision"], new["bookingRequests"][-1]["fee"]) == (("09:30", "10:30"), 2, None)
    assert (new["changeUntil"], new["cancelUntil"]) == ("2026-12-01T07:30:00Z", "2026-12-01T08:30:00Z")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_9_a_later_change_costs_a_fee_that_is_told_before_and_billed_by_the_operator_to_the_provider(
    changing: World, caller: str
) -> None:
    """The invoice itself is part of settling; what it will show is kept with the request, for all three to see."""
    one = await nine_to_ten(changing, caller)
    changing.later(clock("07:00:01"))

    quote = await change_quoted(changing, caller, one, period=period("09:30", "10:30"))
    untouched = await found(changing, caller, one["reference"])
    new = await changed(changing, caller, quote)

    assert (quote["fee"], quote["changeUntil"]) == (MODIFICATION, "2026-12-01T07:00:00Z")
    assert (untouched["reference"], when(untouched), len(untouched["bookingRequests"])) == (
        one["reference"],
        ("09:00", "10:00"),
        1,
    )
    for party in ("emsp", "fleet", "cpo"):
        seen = await found(changing, party, new["reference"])
        assert (when(seen), seen["bookingRequests"][-1]["fee"]) == (("09:30", "10:30"), MODIFICATION)
        assert history(seen)[-1] == ("CHANGE", "ACCEPTED", "EMSP" if caller == "emsp" else "TO", "NL*EMS")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_9_the_transport_operator_may_leave_it_at_that_once_it_was_told(
    changing: World, caller: str
) -> None:
    one = await nine_to_ten(changing, caller)
    changing.later(clock("07:30"))
    declined = await change_quoted(changing, caller, one, period=period("10:00", "11:00"))
    given_back = await do(changing, caller, RELEASE, quoteId=declined["quote"]["id"])
    ignored = await change_quoted(changing, caller, one, period=period("11:00", "12:00"))
    changing.later(clock("07:40"))

    late = await do(changing, caller, CHANGE, quoteId=ignored["quote"]["id"])
    after = await found(changing, caller, one["reference"])

    assert (given_back["__typename"], late["__typename"]) == ("BookingQuoteReleased", "QuoteExpired")
    assert {"__typename": "Booking", **after} == one


@dataclass(frozen=True)
class Modification:
    """What shall be different, of which booking, and what the transport operator is told of it before."""

    different: dict[str, Any]
    price: str
    min_power: int | None = 0
    max_power: int = 0
    offer_id: str = HUB_MCS
    asked: dict[str, Any] = field(default_factory=dict)
    plate: str | None = None
    place: str = HUB
    tariff: str = "NL*ABC*BOOK"


MODIFICATIONS = {
    "a later timeslot": Modification({"period": period("14:00", "15:00")}, "0.0000"),
    "a longer timeslot": Modification({"period": period("09:00", "11:00")}, "6.0000"),
    "a shorter timeslot": Modification({"period": period("09:15", "09:45")}, "-3.0000"),
    "another truck": Modification({"needs": {"vehicle": LORRY}}, "0.0000", plate="98-XYZ-7"),
    "another charger of a group": Modification(
        {"evseId": f"{HUB}*E3"}, "0.0000", min_power=None, offer_id=HUB_CCS, asked={"evseId": f"{HUB}*E2"}
    ),
    "another charger": Modification({"bookingLocationId": HUB_CCS}, "0.0000", min_power=None, max_power=-600_000),
    "another location": Modification(
        {"bookingLocationId": DEPOT_ANY}, "2.5000", -200_000, -300_000, place=DEPOT, tariff="NL*ABC*DEAR"
    ),
}


@pytest.mark.parametrize("late", [False, True], ids=["free", "at a fee"])
@pytest.mark.parametrize("name", MODIFICATIONS)
async def test_buc_2_9_the_different_price_and_power_are_told_before_whatever_is_changed(
    changing: World, name: str, late: bool
) -> None:
    kind = MODIFICATIONS[name]
    dear = [element("FLAT", "5.00", booking="BOOKING"), element("TIME", "6.00", 900, booking="BOOKING")]
    await done(changing, "tariffsPublish", a_tariff_input("DEAR", elements=dear))
    weaker = a_day(a_slot(minPower=300_000, maxPower=700_000))
    await done(changing, "bookingLocationsPublish", an_offer(DEPOT_ANY, tariffIds=["DEAR"], calendars=weaker))
    one = await nine_to_ten(changing, offer_id=kind.offer_id, licensePlate="12-ABC-3", **kind.asked)
    changing.later(clock("07:30" if late else "06:30"))

    quote = await change_quoted(changing, "emsp", one, **kind.different)
    told = quote["quote"]
    new = await changed(changing, "emsp", quote, licensePlate=kind.plate)

    assert quote["fee"] == (MODIFICATION if late else None)
    assert (quote["priceDifference"]["beforeTaxes"], quote["priceDifference"]["currency"]) == (kind.price, "EUR")
    assert (quote["minPowerDifference"], quote["maxPowerDifference"]) == (kind.min_power, kind.max_power)
    assert (told["location"]["id"], told["tariffs"][0]["tariffId"]) == (kind.place, kind.tariff)
    assert (new["id"], new["revision"], new["status"]) == (one["id"], 2, "RESERVED")
    for part in ("timeslot", "price", "tariffs", "bookingLocation", "evse", "compliantEvses"):
        assert new[part] == told[part]
    assert new["location"]["id"] == kind.place
    assert new["licensePlate"] == (kind.plate or "12-ABC-3")


async def test_buc_2_9_another_truck_must_fit_the_charger_and_its_bay(changing: World) -> None:
    one = await nine_to_ten(changing)

    refused = await do(
        changing, "emsp", CHANGE_QUOTE, bookingId=one["id"], needs={"vehicle": {**LORRY, "length": 2525}}
    )

    assert refused["__typename"] == "DoesNotFit", refused


async def test_buc_2_9_a_fee_is_that_of_the_moment_of_the_request_for_as_long_as_its_quote_holds(
    changing: World,
) -> None:
    one, other = await nine_to_ten(changing), await nine_to_ten(changing, offer_id=HUB_CCS)
    changing.later(clock("07:00"))
    change = await change_quoted(changing, "emsp", one, period=period("10:00", "11:00"))
    changing.later(clock("07:09"))
    moved = await changed(changing, "emsp", change)
    changing.later(clock("08:00"))
    cancel = await do(changing, "emsp", CANCEL_QUOTE, bookingId=other["id"])
    stale = await do(changing, "emsp", CANCEL_QUOTE, bookingId=other["id"])
    changing.later(clock("08:09"))
    gone = await do(changing, "emsp", CANCEL, bookingId=other["id"], cancelQuoteId=cancel["id"])
    over = await do(changing, "emsp", CANCEL, bookingId=other["id"], cancelQuoteId=stale["id"])

    assert (moved["revision"], moved["bookingRequests"][-1]["fee"]) == (2, None)
    assert (gone["status"], gone["bookingRequests"][-1]["fee"]) == ("CANCELED", None)
    assert (over["__typename"], over["finally"]) == ("AlreadyFinal", "CANCELED")


@pytest.mark.parametrize(("asked_at", "fee"), [("06:55", None), ("07:05", MODIFICATION)])
async def test_buc_2_9_how_long_the_operator_takes_to_confirm_changes_nothing_of_the_fee(
    changing: World, asked_at: str, fee: Any
) -> None:
    one = await nine_to_ten(changing)
    await done(changing, "confirmationSet", {"bookingLocationId": "HUB-MCS", "confirmation": "OPERATOR"})
    changing.later(clock(asked_at))
    quote = await change_quoted(changing, "emsp", one, period=period("10:00", "11:00"))
    asked = await changed(changing, "emsp", quote)
    changing.later(changing.now + timedelta(minutes=20))

    await decided(changing, ACCEPT, one)
    granted = await found(changing, "emsp", one["reference"])

    assert (asked["phase"], when(asked), asked["bookingRequests"][-1]["fee"]) == (
        "CHANGE_PENDING",
        ("09:00", "10:00"),
        fee,
    )
    assert (when(granted), granted["bookingRequests"][-1]["requestStatus"]) == (("10:00", "11:00"), "ACCEPTED")
    assert granted["bookingRequests"][-1]["fee"] == fee


async def test_buc_2_9_where_no_fee_is_priced_changes_and_cancellations_are_refused_x_hours_before(
    changing: World,
) -> None:
    await unpriced(changing)
    one = await nine_to_ten(changing)
    changing.later(clock("07:00"))
    free = await change_quoted(changing, "emsp", one, period=period("10:00", "11:00"))
    changing.later(clock("07:00:01"))
    change = await do(changing, "emsp", CHANGE_QUOTE, bookingId=one["id"], period=period("11:00", "12:00"))
    early = await do(changing, "emsp", CANCEL_QUOTE, bookingId=one["id"])
    changing.later(clock("08:00:01"))
    quote = await do(changing, "emsp", CANCEL_QUOTE, bookingId=one["id"])
    cancel = await do(changing, "emsp", CANCEL, bookingId=one["id"])
    after = await found(changing, "emsp", one["reference"])

    assert (free["fee"], early["fee"]) == (None, None)
    assert [refused["__typename"] for refused in (change, quote, cancel)] == ["CutOffPassed"] * 3
    assert cancel["cutOff"] == "2026-12-01T08:00:00Z"
    assert (after["status"], when(after)) == ("RESERVED", ("09:00", "10:00"))


async def test_buc_2_9_an_operator_may_allow_no_change_at_all(changing: World) -> None:
    await unpriced(changing, changeNotAllowed=True)
    one = await nine_to_ten(changing)

    change = await do(changing, "emsp", CHANGE_QUOTE, bookingId=one["id"], period=period("11:00", "12:00"))
    cancel = await do(changing, "emsp", CANCEL, bookingId=one["id"])

    assert (change["__typename"], cancel["status"]) == ("NotAllowed", "CANCELED")


async def test_buc_2_9_the_operator_sets_x_for_each_booking_location_and_what_is_booked_keeps_its_own(
    changing: World,
) -> None:
    before = await nine_to_ten(changing, offer_id=MIXED_ONLY)
    hours = {"changeUntilMinutes": 150, "cancelUntilMinutes": 90}
    offer = an_offer(MIXED_ONLY, bookingOption={"evseUid": "E1"}, bookingTerms={**TERMS, **hours})
    await done(changing, "bookingLocationsPublish", offer)
    after = await booked(changing, "emsp", MIXED_ONLY, "10:00", "11:00")
    beside = await booked(changing, "emsp", MIXED_FREE, "10:00", "11:00")
    changing.later(clock("07:45"))

    fees = {
        one["id"]: (await change_quoted(changing, "emsp", one, period=period(start, end)))["fee"]
        for one, start, end in ((after, "12:00", "13:00"), (beside, "12:00", "13:00"))
    }

    assert [(one["changeUntil"][11:16], one["cancelUntil"][11:16]) for one in (before, after, beside)] == [
        ("07:00", "08:00"),
        ("07:30", "08:30"),
        ("08:00", "09:00"),
    ]
    assert fees == {after["id"]: MODIFICATION, beside["id"]: None}


async def test_buc_2_9_of_a_booking_of_another_nobody_is_told_a_fee(changing: World) -> None:
    one = await nine_to_ten(changing)

    for caller in ("other_emsp", "other_fleet"):
        change = await do(changing, caller, CHANGE_QUOTE, bookingId=one["id"], period=period("11:00", "12:00"))
        cancel = await do(changing, caller, CANCEL_QUOTE, bookingId=one["id"])
        assert [refused["__typename"] for refused in (change, cancel)] == ["NotFound"] * 2
    assert (await state(changing, "emsp", one))["revision"] == 1
    hidden = await changing.execute("other_fleet", BY_ID, id=one["id"])
    assert [code for code, _ in hidden.errors] == ["NOT_FOUND"]
