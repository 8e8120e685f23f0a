"""BUC 2.3.2: a transport operator changes what it booked: the charger, the plug or the power it asks for."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import (
    BY_ID,
    CHANGE_QUOTE,
    booked,
    change_quoted,
    changed,
    found,
    history,
    options,
    when,
)
from tests.use_cases.documents import ask, at, do, hours, period, slots
from tests.use_cases.operators import HUB, HUB_CCS, HUB_MCS, a_day, a_slot, an_offer, done
from tests.world import World

pytestmark = pytest.mark.anyio

RIGID = {"vehicleType": "RIGID", "length": 1100, "inletSide": "RIGHT"}
SLOW = f"{HUB}-SLOW"


async def slow_is_offered(world: World) -> None:
    """Let the charger for megawatts be offered at less too, as its operator may."""
    less = a_slot(minPower=300_000, maxPower=800_000)
    await done(
        world, "bookingLocationsPublish", an_offer(SLOW, bookingOption={"evseUid": "E1"}, calendars=a_day(less))
    )


async def refused(world: World, booking: Any, **different: Any) -> list[str]:
    """Return why a change does not fit; the booking is as it was."""
    came = await do(world, "fleet", CHANGE_QUOTE, bookingId=booking["id"], **different)
    assert came["__typename"] == "DoesNotFit", came
    seen = await found(world, "fleet", booking["reference"])
    assert [seen[one] for one in ("reference", "revision", "timeslot")] == [
        booking[one] for one in ("reference", "revision", "timeslot")
    ]
    reasons: list[str] = came["reasons"]
    return reasons


async def test_buc_2_3_2_one_charger_of_the_group_is_asked_for_instead_of_any(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", vehicle=RIGID)

    quote = await change_quoted(changing, "fleet", made, evseId=f"{HUB}*E3")
    after = await changed(changing, "fleet", quote)

    assert (made["evse"], after["evse"]["id"], after["parkingBay"]["ocpiId"]) == (None, f"{HUB}*E3", "B3")
    assert [one["id"] for one in after["compliantEvses"]] == [f"{HUB}*E3"]
    assert (when(after), after["inletSide"], after["revision"]) == (("09:00", "10:00"), "RIGHT", 2)


async def test_buc_2_3_2_any_charger_of_the_group_is_asked_for_instead_of_one(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", evseId=f"{HUB}*E3")
    await booked(changing, "other_emsp", HUB_CCS, "11:00", "12:00", evseId=f"{HUB}*E3")
    later = period("11:00", "12:00")

    that_one = await do(changing, "fleet", CHANGE_QUOTE, bookingId=made["id"], period=later)
    after = await changed(changing, "fleet", await change_quoted(changing, "fleet", made, period=later, anyEvse=True))

    assert that_one["__typename"] == "SlotTaken"
    assert (made["evse"]["id"], after["evse"], after["evseRevealedAt"]) == (f"{HUB}*E3", None, "2026-12-01T11:00:00Z")
    assert [one["id"] for one in after["compliantEvses"]] == [f"{HUB}*E2", f"{HUB}*E3"]
    assert (await ask(changing, "cpo", BY_ID, id=made["id"]))["evse"]["id"] == f"{HUB}*E2"


async def test_buc_2_3_2_another_charger_frees_the_first_one_with_its_bay(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", evseId=f"{HUB}*E2")

    after = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", made, evseId=f"{HUB}*E3", needs={"vehicle": RIGID})
    )
    taken = await booked(changing, "other_emsp", HUB_CCS, "09:00", "10:00", evseId=f"{HUB}*E2")

    assert (after["evse"]["id"], taken["evse"]["id"]) == (f"{HUB}*E3", f"{HUB}*E2")


async def test_buc_2_3_2_another_plug_is_asked_for_at_the_same_time_and_site(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", connectorType="IEC_62196_T2_COMBO")
    shown = await options(changing, "fleet", made, needs={"connectorType": "MCS", "minutesNeeded": 60})

    quote = await change_quoted(changing, "fleet", made, bookingLocationId=HUB_MCS, needs={"connectorType": "MCS"})
    after = await changed(changing, "fleet", quote)

    assert list(shown) == [HUB_MCS]
    assert (quote["minPowerDifference"], quote["maxPowerDifference"]) == (None, 600_000)
    assert (after["bookingLocation"]["id"], after["evse"]["id"]) == (HUB_MCS, f"{HUB}*E1")
    assert (when(after), after["timeslot"]["minPower"]) == (("09:00", "10:00"), 500_000)
    (left,) = slots(await at(changing, "other_fleet", HUB, window=period("09:00", "10:00")), HUB_CCS)
    assert left["available"] == 2
    assert await refused(changing, after, needs={"connectorType": "IEC_62196_T2_COMBO"}) == ["CONNECTOR_TYPE"]


async def test_buc_2_3_2_more_or_less_power_is_asked_for_and_the_difference_is_told(changing: World) -> None:
    await slow_is_offered(changing)
    made = await booked(changing, "fleet", SLOW, "09:00", "10:00", minPower=700_000, guaranteedPower=300_000)
    more = {"minPower": 900_000, "guaranteedPower": 500_000}
    assert await refused(changing, made, needs=more) == ["POWER_TOO_LOW", "GUARANTEED_POWER_TOO_LOW"]
    shown = await options(changing, "fleet", made, needs=more, window=period("09:00", "10:00"))

    quote = await change_quoted(changing, "fleet", made, bookingLocationId=HUB_MCS, needs=more)
    after = await changed(changing, "fleet", quote)

    assert list(shown) == [HUB_MCS]
    assert (quote["minPowerDifference"], quote["maxPowerDifference"]) == (200_000, 200_000)
    assert (made["powerRequired"], after["powerRequired"]) == (700_000, 900_000)
    assert (after["timeslot"]["minPower"], after["timeslot"]["maxPower"]) == (500_000, 1_000_000)


async def test_buc_2_3_2_what_is_not_named_stays_and_needs_are_given_whole(changing: World) -> None:
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00", energyNeeded="100", minPower=600_000)

    later = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", made, period=period("10:00", "11:00"))
    )
    other = await changed(
        changing, "fleet", await change_quoted(changing, "fleet", made, needs={"energyNeeded": "50"})
    )

    assert (later["energyNeeded"], later["powerRequired"]) == ("100", 600_000)
    assert (other["energyNeeded"], other["powerRequired"], when(other)) == ("50", None, ("10:00", "11:00"))
    assert other["price"]["charging"]["beforeTaxes"] != later["price"]["charging"]["beforeTaxes"]


async def test_buc_2_3_2_all_else_is_as_for_another_time(changing: World) -> None:
    await slow_is_offered(changing)
    made = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    changing.later(moment(7.5))
    fee = {"currency": "EUR", "beforeTaxes": "5.0000", "afterTaxes": "5.9500"}

    quote = await change_quoted(changing, "fleet", made, bookingLocationId=SLOW)
    kept = slots(await at(changing, "other_fleet", HUB), HUB_MCS)
    after = await changed(changing, "fleet", quote)

    assert quote["fee"] == fee
    assert [hours(one) for one in kept] == [("08:00", "09:00"), ("10:00", "12:00")]
    assert after["reference"] != made["reference"]
    for caller, reference in (("emsp", made["reference"]), ("fleet", after["reference"])):
        assert (await found(changing, caller, reference))["reference"] == after["reference"]
    told = await ask(changing, "cpo", BY_ID, id=made["id"])
    assert history(told) == [("CREATE", "ACCEPTED", "TO", "NL*EMS"), ("CHANGE", "ACCEPTED", "TO", "NL*EMS")]
    assert [one["fee"] for one in told["bookingRequests"]] == [None, fee]
