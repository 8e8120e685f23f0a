"""BUC 4.2 (optional): an operator charges a penalty for an active booking that nobody used, by its tariff."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import booked, canceled
from tests.use_cases.charging_documents import CARD, E1, begun, ended, tokens_of_all, with_card
from tests.use_cases.documents import ask, do
from tests.use_cases.following_documents import DECLINE as DECLINE_REQUEST
from tests.use_cases.following_documents import HOLDERS, clock, decided, round_of_worker, state
from tests.use_cases.lifecycle_documents import breaks, confirming
from tests.use_cases.operators import HUB, HUB_MCS
from tests.use_cases.prices import element
from tests.use_cases.settlement_documents import (
    CONCERNED,
    PLATE,
    REVOKE,
    STRANGERS,
    WAIVE,
    WAIVERS,
    adds_up,
    billed,
    bills,
    lines,
    priced,
    standing,
    the,
    together,
    waived,
)
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

BOOKED = element("FLAT", "2.50", booking="BOOKING")
EXPIRES = element("FLAT", "15.00", booking="BOOKING_EXPIRES")
PENALTY = {"BOOKING": "8.5000", "NO_SHOW": "15.0000"}
"""What an hour costs that nobody used: its fee, and the penalty."""


async def ten_to_eleven(world: World, caller: str = "fleet") -> Any:
    """Book an hour of which the fee is billed, free of a penalty until half past ten."""
    await tokens_of_all(world)
    one = await with_card(world, caller, licensePlate=PLATE)
    await round_of_worker(world)
    return one


async def no_show(world: World, caller: str = "fleet") -> Any:
    """Return a booking that nobody used, once that is noted and billed."""
    one = await ten_to_eleven(world, caller)
    world.later(clock("10:30"))
    await round_of_worker(world)
    return one


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_4_2_a_booking_that_nobody_used_in_time_costs_the_penalty_of_the_tariff(
    changing: World, caller: str
) -> None:
    one = await ten_to_eleven(changing, caller)
    changing.later(clock("10:29"))
    before = await billed(changing, one)
    changing.later(clock("10:30"))

    after = await billed(changing, one)

    assert standing(before) == {"BOOKING": "8.5000"}
    assert (standing(after), after[:1]) == (PENALTY, before)
    assert (await state(changing, "fleet", one))["status"] == "NO_SHOW"
    for party in CONCERNED:
        assert await bills(changing, party, bookingIds=[one["id"]]) == after


async def test_buc_4_2_the_penalty_has_a_bill_of_its_own_with_the_element_and_the_terms_that_ask_for_it(
    changing: World,
) -> None:
    one = await no_show(changing)

    penalty = the(await bills(changing, "emsp", bookingIds=[one["id"]]), "NO_SHOW")

    (line,) = penalty["lines"]
    assert (line["kind"], line["quantity"], line["unitPrice"], line["vat"]) == ("NO_SHOW", "1.0000", "15.00", "19")
    assert line["price"] == {"currency": "EUR", "beforeTaxes": "15.0000", "afterTaxes": "17.8500"}
    assert line["words"] == "Fee because nobody came: 15.00 EUR before and 17.85 EUR after 19 % VAT."
    (tariff,) = penalty["tariffs"]
    element_of_line = tariff["elements"][line["element"]]
    assert (tariff["tariffId"], element_of_line["restrictions"]["booking"]) == (line["tariffId"], "BOOKING_EXPIRES")
    assert (penalty["bookingTerms"]["noshowTimeout"], penalty["bookingTerms"]["noshowFee"]) == (30, True)
    assert (penalty["bookingId"], penalty["revision"], penalty["sessionId"]) == (one["id"], 1, None)
    assert (penalty["energy"], penalty["authMethod"], penalty["location"]["evseUid"]) == ("0", None, None)
    assert (penalty["emspId"], penalty["contractId"], penalty["licensePlate"]) == ("NL*EMS", FLEET_CONTRACT, PLATE)
    assert penalty["period"] == {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00Z"}
    assert adds_up(penalty)


async def test_buc_4_2_the_penalty_was_told_with_the_booking(changing: World) -> None:
    one = await ten_to_eleven(changing)

    told = [
        component
        for tariff in one["tariffs"]
        for part in tariff["elements"]
        if (part["restrictions"] or {}).get("booking") == "BOOKING_EXPIRES"
        for component in part["priceComponents"]
    ]

    assert told == [{"type": "FLAT", "price": "15.00"}]
    assert one["reservationExpiresAt"] == "2026-12-01T10:30:00Z"


async def test_buc_4_2_it_is_billed_once_however_often_workers_come_by(changing: World) -> None:
    one = await no_show(changing)
    once = await bills(changing, "cpo", bookingIds=[one["id"]])

    for moment in ("10:31", "11:00", "12:00"):
        changing.later(clock(moment))
        await round_of_worker(changing)

    assert await bills(changing, "cpo", bookingIds=[one["id"]]) == once


@pytest.mark.parametrize(
    ("elements", "noshow_fee", "penalty"),
    [
        ((BOOKED, EXPIRES), True, {"NO_SHOW": "15.0000"}),
        ((BOOKED, EXPIRES), None, {"NO_SHOW": "15.0000"}),
        ((BOOKED, EXPIRES), False, {}),
        ((BOOKED,), True, {}),
        ((BOOKED, element("TIME", "18.00", 900, booking="BOOKING_EXPIRES")), True, {"NO_SHOW": "18.0000"}),
    ],
    ids=["priced", "terms say nothing", "not by the terms", "not by the tariff", "by the length of the slot"],
)
async def test_buc_4_2_optional_whether_and_how_much_is_for_the_tariff_and_the_terms_to_say(
    changing: World, elements: Any, noshow_fee: bool | None, penalty: dict[str, str]
) -> None:
    await priced(changing, *elements, noshowFee=noshow_fee)
    one = await no_show(changing)

    found = await bills(changing, "fleet", bookingIds=[one["id"]])

    assert (await state(changing, "fleet", one))["status"] == "NO_SHOW"
    assert standing(found) == {"BOOKING": "2.5000", **penalty}


async def test_buc_4_2_what_was_published_after_the_booking_changes_no_penalty(changing: World) -> None:
    one = await ten_to_eleven(changing)
    await priced(changing, BOOKED, element("FLAT", "99.00", booking="BOOKING_EXPIRES"), noshowFee=False)
    changing.later(clock("10:30"))

    assert standing(await billed(changing, one)) == PENALTY


async def test_buc_4_2_pre_condition_only_an_active_booking_that_was_not_used_costs_it(changing: World) -> None:
    gone, used = await ten_to_eleven(changing), None
    await canceled(changing, "fleet", gone)
    used = await ten_to_eleven(changing)
    await confirming(changing, HUB_MCS)
    undecided = await booked(changing, "fleet", HUB_MCS, "11:00", "12:00")
    declined = await booked(changing, "fleet", HUB_MCS, "12:00", "13:00")
    await decided(changing, DECLINE_REQUEST, declined, reason="The charger is full.")
    session = await begun(changing, E1, "10:29", token=CARD)
    await ended(changing, session, "10:45", kwh="10")

    changing.later(clock("14:00"))
    await round_of_worker(changing)

    assert standing(await bills(changing, "cpo", bookingIds=[gone["id"]])) == {}
    for one in (undecided, declined):
        assert await bills(changing, "cpo", bookingIds=[one["id"]]) == []
    assert set(standing(await bills(changing, "cpo", bookingIds=[used["id"]]))) == {"BOOKING", "SESSION"}


@pytest.mark.parametrize("before", [True, False], ids=["before it is billed", "after it was billed"])
async def test_buc_4_2_the_operator_waives_it_with_a_reason_that_stays_on_record(
    changing: World, before: bool
) -> None:
    one = await ten_to_eleven(changing)
    waiver = await waived(changing, one, "NO_SHOW") if before else None
    changing.later(clock("10:30"))
    first = await billed(changing, one)
    waiver = waiver or await waived(changing, one, "NO_SHOW")

    found = await billed(changing, one)

    assert standing(first) == ({"BOOKING": "8.5000"} if before else PENALTY)
    assert standing(found) == {"BOOKING": "8.5000"}
    credits = [cdr for cdr in found if cdr["credit"]]
    assert [(cdr["kind"], cdr["total"]["beforeTaxes"]) for cdr in credits] == (
        [] if before else [("NO_SHOW", "-15.0000")]
    )
    for party in CONCERNED:
        (shown,) = await ask(changing, party, WAIVERS, bookingId=one["id"])
        assert {"__typename": "FeeWaiver", **shown} == waiver
    assert (waiver["fee"], waiver["reason"], waiver["revokedAt"]) == ("NO_SHOW", "A road was closed.", None)
    assert (waiver["bookingId"], (await state(changing, "fleet", one))["status"]) == (one["id"], "NO_SHOW")


async def test_buc_4_2_a_waiver_is_given_once_and_taken_back_with_a_reason_on_record(changing: World) -> None:
    one = await no_show(changing)
    waiver = await waived(changing, one, "NO_SHOW")
    again = await do(changing, "cpo", WAIVE, bookingId=one["id"], fee="NO_SHOW", reason="Twice.")
    await round_of_worker(changing)

    revoked = await do(changing, "cpo", REVOKE, waiverId=waiver["id"], reason="The road was open.")
    twice = await do(changing, "cpo", REVOKE, waiverId=waiver["id"], reason="Twice.")
    found = await billed(changing, one)

    assert (again["__typename"], again["waiverId"]) == ("AlreadyWaived", waiver["id"])
    assert (revoked["reason"], revoked["revokedReason"]) == ("A road was closed.", "The road was open.")
    assert (revoked["revokedAt"], twice["__typename"]) == ("2026-12-01T10:30:00Z", "NotAllowed")
    assert (standing(found), [cdr["kind"] for cdr in found if cdr["credit"]]) == (PENALTY, ["NO_SHOW"])
    assert [
        {"__typename": "FeeWaiver", **shown} for shown in await ask(changing, "fleet", WAIVERS, bookingId=one["id"])
    ] == [revoked]


async def test_buc_4_2_nobody_but_the_operator_of_the_booking_waives_it(changing: World) -> None:
    one = await no_show(changing)
    waiver = await waived(changing, one, "NO_SHOW")
    wanted = {"bookingId": one["id"], "fee": "OVERTIME", "reason": "Mine."}

    for caller in ("emsp", "fleet", "other_emsp", "other_fleet", "nsp", "nap", None):
        for document, more in ((WAIVE, wanted), (REVOKE, {"waiverId": waiver["id"], "reason": "Mine."})):
            answer = await changing.execute(caller, document, input={"idempotencyKey": a_key(), **more})
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
    assert (await do(changing, "other_cpo", WAIVE, **wanted))["__typename"] == "NotFound"
    assert (await do(changing, "other_cpo", REVOKE, waiverId=waiver["id"], reason="Mine."))[
        "__typename"
    ] == "NotFound"
    for caller in STRANGERS:
        hidden = await changing.execute(caller, WAIVERS, bookingId=one["id"])
        assert [code for code, _ in hidden.errors] == ["NOT_FOUND"]
    blank = {"idempotencyKey": a_key(), **wanted, "reason": ""}
    answer = await changing.execute("cpo", WAIVE, input=blank)
    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_buc_4_2_it_is_taken_back_when_a_late_report_shows_that_the_truck_charged(changing: World) -> None:
    one = await no_show(changing)
    changing.later(clock("10:50"))

    session = await begun(changing, E1, token=CARD, startedAt=clock("10:05").isoformat())
    await ended(changing, session, "10:55", kwh="100")
    found = await billed(changing, one)

    assert session["bookingId"] == one["id"]
    assert (await state(changing, "fleet", one))["status"] == "FULFILLED"
    (credit,) = [cdr for cdr in found if cdr["credit"]]
    (penalty,) = [cdr for cdr in found if cdr["id"] == credit["creditReferenceId"]]
    assert (credit["kind"], credit["total"]["afterTaxes"]) == ("NO_SHOW", "-17.8500")
    assert (penalty["creditedBy"], lines(penalty)) == (credit["id"], lines(credit))
    assert standing(found) == {"BOOKING": "8.5000", "SESSION": "50.0000"}


async def test_buc_4_2_a_late_report_of_who_came_too_late_takes_nothing_back(changing: World) -> None:
    one = await no_show(changing)
    changing.later(clock("10:50"))

    session = await begun(changing, E1, token=CARD, startedAt=clock("10:40").isoformat())
    await ended(changing, session, "10:55", kwh="100")

    assert session["bookingId"] is None
    assert standing(await billed(changing, one)) == PENALTY
    assert (await state(changing, "fleet", one))["status"] == "NO_SHOW"


async def test_buc_4_2_a_booking_that_its_charger_failed_costs_none_and_no_fee(changing: World) -> None:
    one = await ten_to_eleven(changing)
    await breaks(changing, f"{HUB}*E1")
    changing.later(clock("11:00"))

    found = await billed(changing, one)
    found = await billed(changing, one)

    assert (await state(changing, "fleet", one))["status"] == "CANCELED"
    assert standing(found) == {}
    assert together(found) == together(found, "afterTaxes") == 0
    assert {cdr["kind"] for cdr in found} == {"BOOKING"}
