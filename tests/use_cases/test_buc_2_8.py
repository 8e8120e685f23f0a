"""BUC 2.8: whose charger fails is offered others, at the same site and near it, some minutes before until after."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.subscriptions.streams import subscribed
from tests.use_cases.booking_documents import BY_ID, booked, canceled, history, when
from tests.use_cases.documents import ask, at, do, period
from tests.use_cases.lifecycle_documents import (
    E1,
    E2,
    E3,
    HOLDERS,
    NINE_TO_TEN,
    OFFERED,
    POLICY,
    POLICY_SET,
    STRANGERS,
    SUGGEST,
    TAKE,
    TEN_TO_ELEVEN,
    alternatives,
    breaks,
    following,
    forbidden,
    free,
    granted,
    passes,
    repaired,
    told,
    where,
    work,
)
from tests.use_cases.operators import (
    DEPOT_ANY,
    HUB_CCS,
    HUB_MCS,
    KM_PER_DEGREE,
    MIXED_FREE,
    MIXED_ONLY,
    PARK_ANY,
    done,
)
from tests.world import FLEET_CONTRACT, World

pytestmark = pytest.mark.anyio

RIGID = {"vehicleType": "RIGID", "length": 1100}
LORRY = {"vehicleType": "SEMI_TRACTOR", "length": 1650}
USUAL = {"withinKm": 25, "shiftMinutes": 120, "holdMinutes": 15}
TO_THE_DEPOT, EVERYWHERE = 80, 300
"""km from the green site, which booking is of here."""


async def by(world: World, caller: str, offer_id: str = HUB_MCS, vehicle: Any = LORRY, **asked: Any) -> Any:
    """Book for the fleet: by itself at the operator (BUC 2.1), or by its provider on its behalf (BUC 2.2)."""
    return await booked(world, caller, offer_id, *NINE_TO_TEN, contractId=FLEET_CONTRACT, vehicle=vehicle, **asked)


async def looking(world: World, **policy: int) -> None:
    """Let the operator define what is close by, and how many minutes before and after."""
    came = await do(world, "cpo", POLICY_SET, **policy)
    assert came == {"__typename": "AlternativesPolicy", **USUAL, **policy}


async def failed(world: World, booking: Any) -> list[Any]:
    """Let the charger of a booking fail, and return what is offered in its place."""
    await breaks(world, (await ask(world, "cpo", BY_ID, id=booking["id"]))["evse"]["id"])
    return await alternatives(world, "fleet", booking)


@pytest.mark.parametrize("way", ["outage", "work", "canceled"])
@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_8_both_are_told_what_is_free_instead_at_the_site_and_near_it(
    changing: World, caller: str, way: str
) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, caller, vehicle=None)

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(subscribed(changing, one, OFFERED)) for one in HOLDERS]
        if way == "outage":
            await breaks(changing, E1)
        elif way == "work":
            await done(changing, "maintenancePublish", work("E1", *NINE_TO_TEN))
            await passes(changing, changing.now)
        else:
            await canceled(changing, "cpo", booking, cancellationReason="BROKEN_CHARGER")
        heard = [await stream.next() for stream in streams]

    offers = heard[0]["alternatives"]
    assert heard == [heard[0]] * 2
    assert heard[0]["booking"] == {"id": booking["id"], "status": "CANCELED" if way == "canceled" else "RESERVED"}
    at_the_site = [one for one in where(offers) if one[0] in (HUB_CCS, HUB_MCS)]
    assert where(offers) == [*at_the_site, (DEPOT_ANY, "09:00")]
    assert (HUB_CCS, "09:00") in at_the_site
    assert [one["rank"] for one in offers] == list(range(1, len(offers) + 1))
    near = offers[-1]
    assert abs(near["distance"] - 1000 * KM_PER_DEGREE) < 1000
    assert (near["shiftMinutes"], near["price"]["booking"]) == (0, {"beforeTaxes": "8.5000", "afterTaxes": "10.1150"})
    assert [await alternatives(changing, one, booking) for one in (*HOLDERS, "cpo")] == [offers] * 3


async def test_buc_2_8_only_what_fits_the_same_vehicle_and_is_published_is_offered(changing: World) -> None:
    await looking(changing, withinKm=EVERYWHERE)
    lorry, rigid = await by(changing, "fleet"), await by(changing, "fleet", HUB_CCS, RIGID, evseId=E2)

    of_lorry, of_rigid = await failed(changing, lorry), await failed(changing, rigid)

    assert {name for name, _ in where(of_lorry)} == {DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY}
    assert where(of_rigid) == [(HUB_CCS, "09:00")]


@pytest.mark.parametrize(("minutes", "found"), [(59, []), (60, ["08:00"]), (120, ["08:00"])])
async def test_buc_2_8_the_operator_says_how_many_minutes_before_until_after(
    changing: World, minutes: int, found: list[str]
) -> None:
    await looking(changing, shiftMinutes=minutes)
    booking = await by(changing, "fleet", HUB_CCS, RIGID, evseId=E2)
    await booked(changing, "other_emsp", HUB_CCS, *NINE_TO_TEN, evseId=E3)

    offers = await failed(changing, booking)

    assert [start for _, start in where(offers)] == found
    assert [one["shiftMinutes"] for one in offers] == [-60] * len(found)


@pytest.mark.parametrize(
    ("km", "found"),
    [(25, set()), (TO_THE_DEPOT, {DEPOT_ANY}), (EVERYWHERE, {DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY})],
)
async def test_buc_2_8_the_operator_says_what_is_close_by(changing: World, km: int, found: set[str]) -> None:
    await looking(changing, withinKm=km)
    booking = await by(changing, "fleet")

    assert {name for name, _ in where(await failed(changing, booking))} == found


async def test_buc_2_8_each_operator_has_its_own_policy_which_nobody_else_reads_or_sets(changing: World) -> None:
    assert await ask(changing, "cpo", POLICY) == USUAL
    await looking(changing, withinKm=50, shiftMinutes=30, holdMinutes=5)

    assert await ask(changing, "cpo", POLICY) == {"withinKm": 50, "shiftMinutes": 30, "holdMinutes": 5}
    assert await ask(changing, "other_cpo", POLICY) == USUAL
    for caller in (*HOLDERS, "nsp", "nap", None):
        assert await forbidden(changing, caller, POLICY_SET, withinKm=1), caller
        read = await changing.execute(caller, POLICY)
        assert {code for code, _ in read.errors} <= {"FORBIDDEN", "UNAUTHENTICATED"}
        assert read.errors
    for wrong in ({"withinKm": 301}, {"shiftMinutes": 721}, {"holdMinutes": 0}):
        answer = await changing.execute("cpo", POLICY_SET, input={"idempotencyKey": "wrong", **wrong})
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_8_the_to_looks_as_far_and_as_long_as_it_likes_itself(changing: World, caller: str) -> None:
    booking = await by(changing, caller)
    for offer in (DEPOT_ANY, MIXED_ONLY):
        await booked(changing, "other_emsp", offer, *NINE_TO_TEN)

    assert await failed(changing, booking) == []
    near = await alternatives(changing, caller, booking, withinKm=TO_THE_DEPOT, shiftMinutes=59)
    longer = await alternatives(changing, caller, booking, withinKm=TO_THE_DEPOT, shiftMinutes=60)
    far = await alternatives(changing, caller, booking, withinKm=EVERYWHERE)

    assert near == []
    assert where(longer) == [(DEPOT_ANY, "08:00")]
    assert {name for name, _ in where(far)} == {DEPOT_ANY, MIXED_ONLY, MIXED_FREE, PARK_ANY}
    assert {(one["id"], one["heldUntil"]) for one in (*longer, *far)} == {(None, None)}
    assert await free(changing, MIXED_FREE) == [("08:00", "12:00")]


async def test_buc_2_8_the_best_one_is_held_for_the_holder_and_then_free_again(changing: World) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT, holdMinutes=20)
    booking = await by(changing, "fleet")

    (offer,) = await failed(changing, booking)
    held = await free(changing, DEPOT_ANY, "other_emsp")
    await passes(changing, moment(6 + 20 / 60))
    (later,) = await alternatives(changing, "fleet", booking)

    assert offer["heldUntil"][:19] == "2026-12-01T06:20:00"
    assert held == [("08:00", "09:00"), ("10:00", "12:00")]
    assert (later["id"], later["heldUntil"]) == (offer["id"], None)
    assert await free(changing, DEPOT_ANY, "other_emsp") == [("08:00", "12:00")]
    taken = await granted(changing, "fleet", TAKE, alternativeId=offer["id"])
    assert taken["bookingLocation"]["id"] == DEPOT_ANY


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_8_one_of_the_operator_is_taken_free_of_fees_and_both_are_told(
    changing: World, caller: str
) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, caller)
    changing.later(moment(8))  # from seven on a change that the holder wants costs a fee
    (offer,) = await failed(changing, booking)

    async with following(changing, booking) as streams:
        now = await granted(changing, caller, TAKE, alternativeId=offer["id"])
        heard = await told(streams, "id", "reference", "revision", "hazard", "bookingLocation")

    assert heard == (booking["id"], now["reference"], 2, None, {"id": DEPOT_ANY})
    assert when(now) == NINE_TO_TEN
    assert [one["fee"] for one in now["bookingRequests"]] == [None, None]
    assert history(now)[-1][:2] == ("CHANGE", "ACCEPTED")
    (taken,) = await alternatives(changing, caller, booking)
    assert taken["takenAt"][:19] == "2026-12-01T08:00:00"
    await repaired(changing, E1)
    assert await free(changing) == [("08:00", "12:00")]


async def test_buc_2_8_one_of_another_operator_takes_the_place_of_the_booking_for_no_fee(changing: World) -> None:
    await looking(changing, withinKm=EVERYWHERE)
    booking = await by(changing, "fleet", licensePlate="12-BCD-3")
    changing.later(moment(8.5))  # from eight on a cancellation costs a fee
    offers = await failed(changing, booking)
    (abroad,) = [one for one in offers if one["bookingLocation"]["id"] == PARK_ANY]

    async with following(changing, booking) as streams:
        now = await granted(changing, "fleet", TAKE, alternativeId=abroad["id"])
        status, why, requests = await told(streams, "status", "canceled", "bookingRequests")

    assert booking["id"] == now["replacesId"]
    assert (now["bookingLocation"]["id"], now["status"], when(now)) == (PARK_ANY, "RESERVED", NINE_TO_TEN)
    assert (now["contractIds"], now["licensePlate"]) == ([FLEET_CONTRACT], "12-BCD-3")
    assert (status, why) == ("CANCELED", {"cancellationReason": "BROKEN_CHARGER", "whoCanceled": "CPO"})
    assert {one["fee"] for one in (*requests, *now["bookingRequests"])} == {None}
    for caller in (*HOLDERS, "other_cpo"):
        assert (await ask(changing, caller, BY_ID, id=now["id"]))["status"] == "RESERVED"


async def test_buc_2_8_the_operator_suggests_a_place_of_its_own_ahead_of_what_was_found(changing: World) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, "fleet")
    (found,) = await failed(changing, booking)
    slot = {"bookingId": booking["id"], "period": period(*TEN_TO_ELEVEN)}

    async with subscribed(changing, "emsp", OFFERED) as stream:
        await stream.next()
        await granted(changing, "cpo", SUGGEST, bookingLocationId=MIXED_ONLY, **slot)
        heard = (await stream.next())["alternatives"]
    of_others = await forbidden(changing, "cpo", SUGGEST, bookingLocationId=PARK_ANY, **slot)

    assert where(heard) == [(MIXED_ONLY, "10:00"), (DEPOT_ANY, "09:00")]
    assert [one["suggestedBy"] for one in heard] == ["NL*ABC", None]
    assert [one["rank"] for one in heard] == [1, 2]
    assert heard[1]["id"] == found["id"]
    assert of_others
    assert await free(changing, MIXED_ONLY, "other_emsp") == [("08:00", "10:00"), ("11:00", "12:00")]


async def test_buc_2_8_what_is_offered_can_be_found_by_everybody_by_a_search_too(changing: World) -> None:
    await looking(changing, withinKm=EVERYWHERE)
    booking = await by(changing, "fleet")

    offers = await failed(changing, booking)

    names = [name.rsplit("-", 1)[0] for name, _ in where(offers)]
    nodes = await at(changing, "fleet", *dict.fromkeys(names), vehicle=LORRY)
    assert {one["bookingLocation"]["id"] for node in nodes for one in node["bookingLocations"]} >= set(
        dict(where(offers))
    )


async def test_buc_2_8_once_the_charger_works_again_nothing_is_offered_or_held_any_more(changing: World) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, "fleet")
    (offer,) = await failed(changing, booking)

    await repaired(changing, E1)

    assert await alternatives(changing, "fleet", booking) == []
    assert (await do(changing, "fleet", TAKE, alternativeId=offer["id"]))["__typename"] == "NotAllowed"
    assert await free(changing, DEPOT_ANY) == [("08:00", "12:00")]


@pytest.mark.parametrize("caller", [*STRANGERS, None])
async def test_buc_2_8_nobody_else_sees_takes_or_suggests_one(changing: World, caller: str | None) -> None:
    await looking(changing, withinKm=TO_THE_DEPOT)
    booking = await by(changing, "fleet")
    (offer,) = await failed(changing, booking)
    slot = {"bookingLocationId": DEPOT_ANY, "period": period(*TEN_TO_ELEVEN)}

    read = await changing.execute(
        caller, "query ($id: ID!) { bookingAlternatives(bookingId: $id) { id } }", id=booking["id"]
    )

    assert {code for code, _ in read.errors} <= {"NOT_FOUND", "UNAUTHENTICATED"}
    assert read.errors
    assert await forbidden(changing, caller, TAKE, alternativeId=offer["id"])
    assert await forbidden(changing, caller, SUGGEST, bookingId=booking["id"], **slot)
    if caller not in ("other_emsp", "other_fleet"):
        async with subscribed(changing, caller, OFFERED) as stream:
            assert (await stream.refusal())[0] in ("FORBIDDEN", "UNAUTHENTICATED")
