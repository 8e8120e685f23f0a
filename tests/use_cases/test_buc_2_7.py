"""BUC 2.7: an operator changes or cancels bookings because of an outage or of work, and MSP and TO are told."""

from typing import Any

import pytest

from models.rules.booking_state import HOLDER_REASONS, OPERATOR_REASONS, CanceledReason
from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import BY_ID, CANCEL, REVEAL, booked, canceled, found, history, when
from tests.use_cases.documents import ask, period
from tests.use_cases.lifecycle_documents import (
    E2,
    E3,
    HOLDERS,
    IMPACT,
    NINE_TO_TEN,
    PROPOSAL_ACCEPT,
    PROPOSAL_DECLINE,
    PROPOSAL_WITHDRAW,
    PROPOSE,
    REASSIGN,
    STRANGERS,
    TEN_TO_ELEVEN,
    breaks,
    following,
    forbidden,
    free,
    granted,
    passes,
    told,
    work,
)
from tests.use_cases.operators import DEPOT_ANY, HUB_CCS, HUB_MCS, PARK_ANY, done
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

OPERATOR = ("CPO", "NL*ABC")


async def by(world: World, caller: str, offer_id: str = HUB_MCS, **asked: Any) -> Any:
    """Book for the fleet: by itself at the operator (BUC 2.1), or by its provider on its behalf (BUC 2.2)."""
    return await booked(world, caller, offer_id, *NINE_TO_TEN, contractId=FLEET_CONTRACT, **asked)


async def charger(world: World, booking: Any, caller: str = "cpo") -> Any:
    """Return the charger of a booking as a caller is told it, None if it is not told yet."""
    evse = (await ask(world, caller, BY_ID, id=booking["id"]))["evse"]
    return evse["id"] if evse else None


@pytest.mark.parametrize("caller", HOLDERS)
@pytest.mark.parametrize("reason", sorted(OPERATOR_REASONS))
async def test_buc_2_7_the_operator_cancels_for_each_of_its_reasons_and_both_are_told(
    changing: World, reason: CanceledReason, caller: str
) -> None:
    booking = await by(changing, caller)

    async with following(changing, booking) as streams:
        await canceled(changing, "cpo", booking, cancellationReason=reason.value)
        status, outcome, why, requests = await told(streams, "status", "outcome", "canceled", "bookingRequests")

    assert (status, outcome) == ("CANCELED", "CANCELED_BY_OPERATOR")
    assert why == {"cancellationReason": reason.value, "whoCanceled": "CPO"}
    last = requests[-1]
    assert (last["kind"], last["requestStatus"], last["role"], last["fee"]) == ("CANCEL", "ACCEPTED", "CPO", None)
    assert await free(changing) == [("08:00", "12:00")]


@pytest.mark.parametrize("reason", sorted(set(CanceledReason) - OPERATOR_REASONS))
async def test_buc_2_7_no_reason_of_a_holder_or_of_the_product_is_the_operators(
    changing: World, reason: CanceledReason
) -> None:
    booking = await by(changing, "fleet")
    wanted = {"idempotencyKey": a_key(), "bookingId": booking["id"], "cancellationReason": reason.value}

    answer = await changing.execute("cpo", CANCEL, input=wanted)

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
    assert reason in HOLDER_REASONS | {CanceledReason.CHANGED}
    assert (await found(changing, "fleet", booking["reference"]))["status"] == "RESERVED"


async def test_buc_2_7_the_operator_cancels_without_a_fee_up_to_the_last_moment(changing: World) -> None:
    booking = await by(changing, "fleet")
    changing.later(moment(9.25))

    async with following(changing, booking) as streams:
        await canceled(changing, "cpo", booking, cancellationReason="POWER_OUTAGE")
        status, requests = await told(streams, "status", "bookingRequests")

    assert (status, requests[-1]["fee"]) == ("CANCELED", None)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_7_another_charger_of_the_group_needs_no_consent_and_both_are_told(
    changing: World, caller: str
) -> None:
    booking = await by(changing, caller, HUB_CCS)
    had = await charger(changing, booking)
    other = ({E2, E3} - {had}).pop()
    await granted(changing, "cpo", REVEAL, bookingId=booking["id"])
    assert await charger(changing, booking, caller) == had

    async with following(changing, booking) as streams:
        now = await granted(changing, "cpo", REASSIGN, bookingId=booking["id"], evseId=other)
        heard = await told(streams, "reference", "revision", "evse", "timeslot", "price")

    assert heard == (booking["reference"], 1, {"id": other}, booking["timeslot"], booking["price"])
    assert history(now)[-1] == ("REASSIGN", "ACCEPTED", *OPERATOR)


async def test_buc_2_7_whoever_asked_for_a_charger_gets_another_only_if_that_fails(changing: World) -> None:
    booking = await by(changing, "fleet", HUB_CCS, evseId=E2)
    works = await forbidden(changing, "cpo", REASSIGN, bookingId=booking["id"])
    await breaks(changing, E2)

    async with following(changing, booking) as streams:
        await granted(changing, "cpo", REASSIGN, bookingId=booking["id"])
        heard = await told(streams, "evse", "hazard", "status")

    assert works
    assert heard == ({"id": E3}, None, "RESERVED")


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_7_another_time_is_proposed_kept_and_taken_free_of_fees(changing: World, caller: str) -> None:
    booking = await by(changing, caller)
    changing.later(moment(8))  # from seven on a change that the holder wants costs a fee

    async with following(changing, booking) as streams:
        await granted(changing, "cpo", PROPOSE, bookingId=booking["id"], period=period(*TEN_TO_ELEVEN))
        proposed = await told(streams, "reference", "revision", "phase", "timeslot", "bookingRequests")
        meanwhile = await free(changing)
        now = await granted(changing, caller, PROPOSAL_ACCEPT, bookingId=booking["id"])
        heard = await told(streams, "reference", "revision", "phase", "bookingRequests")

    assert proposed[:4] == (booking["reference"], 1, "CHANGE_PENDING", booking["timeslot"])
    asked = proposed[4][-1]
    assert (asked["kind"], asked["requestStatus"], asked["role"]) == ("CHANGE", "PENDING", "CPO")
    assert when({"timeslot": asked["period"]}) == TEN_TO_ELEVEN
    assert meanwhile == [("08:00", "09:00"), ("11:00", "12:00")]
    assert heard[:3] == (now["reference"], 2, "CONFIRMED")
    assert when(now) == TEN_TO_ELEVEN
    assert [(one["requestStatus"], one["fee"]) for one in heard[3]] == [("ACCEPTED", None)] * 2
    assert await free(changing) == [("08:00", "10:00"), ("11:00", "12:00")]


@pytest.mark.parametrize("how", ["declined", "withdrawn", "not answered"])
async def test_buc_2_7_a_proposal_that_is_not_taken_leaves_the_booking_as_it_is(changing: World, how: str) -> None:
    booking = await by(changing, "fleet")

    async with following(changing, booking) as streams:
        await granted(changing, "cpo", PROPOSE, bookingId=booking["id"], period=period(*TEN_TO_ELEVEN))
        assert await told(streams, "phase") == "CHANGE_PENDING"
        if how == "declined":
            await granted(changing, "emsp", PROPOSAL_DECLINE, bookingId=booking["id"], reason="Too late.")
        elif how == "withdrawn":
            await granted(changing, "cpo", PROPOSAL_WITHDRAW, bookingId=booking["id"])
        else:
            await passes(changing, moment(7.5))
        heard = await told(streams, "reference", "revision", "phase", "timeslot")

    assert heard == (booking["reference"], 1, "CONFIRMED", booking["timeslot"])
    assert await free(changing) == [("08:00", "09:00"), ("10:00", "12:00")]


async def test_buc_2_7_another_place_of_its_own_is_proposed_and_none_of_another_operator(changing: World) -> None:
    booking = await by(changing, "fleet")
    slot = {"bookingId": booking["id"], "period": period(*NINE_TO_TEN)}

    elsewhere = await forbidden(changing, "cpo", PROPOSE, bookingLocationId=PARK_ANY, **slot)
    await granted(changing, "cpo", PROPOSE, bookingLocationId=DEPOT_ANY, **slot)
    now = await granted(changing, "emsp", PROPOSAL_ACCEPT, bookingId=booking["id"])

    assert elsewhere
    assert (now["id"], now["bookingLocation"]["id"], when(now)) == (booking["id"], DEPOT_ANY, NINE_TO_TEN)


async def test_buc_2_7_the_operator_sees_what_work_would_do_to_bookings_before_it_plans_it(changing: World) -> None:
    pinned, movable = await by(changing, "fleet"), await by(changing, "emsp", HUB_CCS)
    had = (await charger(changing, movable)).rsplit("*", 1)[1]
    works = {"E1": work("E1", *NINE_TO_TEN), had: work(had, *NINE_TO_TEN)}

    seen = {uid: await ask(changing, "cpo", IMPACT, maintenance=[one]) for uid, one in works.items()}
    before = await ask(changing, "cpo", BY_ID, id=pinned["id"])
    free_before = await free(changing)

    assert (seen["E1"]["movable"], seen["E1"]["endangered"]) == (0, 1)
    assert seen["E1"]["bookings"] == [{"movable": False, "booking": {"id": pinned["id"]}}]
    assert (seen[had]["movable"], seen[had]["endangered"]) == (1, 0)
    assert seen[had]["bookings"] == [{"movable": True, "booking": {"id": movable["id"]}}]
    assert before["status"] == "RESERVED"
    assert free_before == [("08:00", "09:00"), ("10:00", "12:00")]


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_2_7_work_is_told_to_both_and_they_may_leave_without_a_fee(changing: World, caller: str) -> None:
    booking = await by(changing, caller)
    changing.later(moment(8.5))  # from eight on a cancellation costs a fee

    async with following(changing, booking) as streams:
        await done(changing, "maintenancePublish", work("E1", "08:30", "11:00"))
        assert await told(streams, "hazard", "status") == ("MAINTENANCE", "RESERVED")
        over = await canceled(changing, caller, booking)
        heard = await told(streams, "status", "outcome")

    assert heard == ("CANCELED", "CANCELED_BY_HOLDER")
    assert over["bookingRequests"][-1]["fee"] is None
    assert await free(changing) == [("11:00", "12:00")]


async def test_buc_2_7_work_moves_whom_it_can_and_nobody_loses_a_slot(changing: World) -> None:
    booking = await by(changing, "fleet", HUB_CCS)
    had = await charger(changing, booking)

    await done(changing, "maintenancePublish", work(had.rsplit("*", 1)[1], *NINE_TO_TEN))

    assert await charger(changing, booking) in {E2, E3} - {had}
    assert (await found(changing, "emsp", booking["reference"]))["status"] == "RESERVED"
    assert await free(changing, HUB_CCS) == [("08:00", "09:00"), ("10:00", "12:00")]


async def test_buc_2_7_nobody_but_the_operator_of_the_site_does_so(changing: World) -> None:
    booking = await by(changing, "fleet", HUB_CCS)
    slot = {"period": period(*TEN_TO_ELEVEN)}

    for caller in (*HOLDERS, *STRANGERS, None):
        assert await forbidden(changing, caller, REASSIGN, bookingId=booking["id"]), caller
        assert await forbidden(changing, caller, PROPOSE, bookingId=booking["id"], **slot), caller
        answer = await changing.execute(caller, IMPACT, maintenance=[work("E1", *NINE_TO_TEN)])
        if caller == "other_cpo":
            assert answer.data["maintenanceImpact"]["__typename"] in ("NotFound", "NotAllowed")
        else:
            assert {code for code, _ in answer.errors} <= {"FORBIDDEN", "UNAUTHENTICATED"}
            assert answer.errors
    for caller in ("other_emsp", "other_fleet", "nsp", "nap", None):
        assert await forbidden(changing, caller, CANCEL, bookingId=booking["id"]), caller
    reason = {"cancellationReason": "FULL"}
    assert await forbidden(changing, "other_cpo", CANCEL, bookingId=booking["id"], **reason)
    now = await found(changing, "fleet", booking["reference"])
    assert (now["status"], now["revision"]) == ("RESERVED", 1)
