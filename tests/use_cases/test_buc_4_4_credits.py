"""BUC 4.4: what does not stand any more of a bill is credited as a whole, and what stands instead is billed anew."""

from typing import Any

import pytest

from tests.factories.catalogue import at as moment
from tests.use_cases.booking_documents import (
    CANCEL,
    CANCEL_QUOTE,
    booked,
    canceled,
    change_quoted,
    changed,
)
from tests.use_cases.charging_documents import E2, E3
from tests.use_cases.documents import do, period
from tests.use_cases.following_documents import HOLDERS, clock, round_of_worker
from tests.use_cases.operators import DEPOT, DEPOT_ANY, HUB, HUB_CCS, HUB_MCS
from tests.use_cases.settlement_documents import (
    CONCERNED,
    REFUND,
    adds_up,
    billed,
    bills,
    invoiced,
    lines,
    paid,
    refunded,
    standing,
    statement,
    sums,
    the,
    together,
    used,
)
from tests.use_cases.test_buc_3_10 import CONTEST, RESOLVE, TWO_DAYS_LATER, WITHDRAW, at_nine, reported
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

FEE = {"BOOKING": "8.5000"}


async def nine_to_ten(world: World, caller: str = "fleet") -> Any:
    """Book an hour that may be changed free until 7 and canceled free until 8; its fee is billed."""
    one = await booked(world, caller, HUB_MCS, "09:00", "10:00", **HOLDERS[caller])
    assert standing(await billed(world, one)) == FEE
    return one


def credited(found: list[Any]) -> list[tuple[str, str]]:
    """Return what was credited, each after what it takes back as a whole: kind, and amount before taxes."""
    by_id = {cdr["id"]: cdr for cdr in found}
    credits = [cdr for cdr in found if cdr["credit"]]
    for credit in credits:
        original = by_id[credit["creditReferenceId"]]
        same = ("kind", "lines", "bookingId", "sessionId", "revision", "period", "energy", "tariffs", "bookingTerms")
        assert [credit[name] for name in same] == [original[name] for name in same]
        assert (original["creditedBy"], original["credit"], credit["creditedBy"]) == (credit["id"], False, None)
        assert (bool(credit["remark"]), original["remark"]) == (True, None)
        for part in ("beforeTaxes", "afterTaxes"):
            assert credit["total"][part] == f"-{original['total'][part]}"
    assert len({credit["creditReferenceId"] for credit in credits}) == len(credits)
    assert all(adds_up(cdr) for cdr in found)
    return sorted((credit["kind"], credit["total"]["beforeTaxes"]) for credit in credits)


@pytest.mark.parametrize("caller", HOLDERS)
async def test_buc_4_4_a_changed_booking_is_credited_and_billed_as_it_is_now(changing: World, caller: str) -> None:
    one = await nine_to_ten(changing, caller)
    await changed(changing, caller, await change_quoted(changing, caller, one, period=period("09:00", "11:00")))

    found = await billed(changing, one)

    new = the(found, "BOOKING")
    assert (credited(found), standing(found)) == ([("BOOKING", "-8.5000")], {"BOOKING": "14.5000"})
    assert (new["revision"], {line["revision"] for line in new["lines"]}) == (2, {2})
    assert new["period"]["endDateTime"] == "2026-12-01T11:00:00Z"
    for party in CONCERNED:
        assert await bills(changing, party, bookingIds=[one["id"]]) == found


async def test_buc_4_4_a_late_change_is_billed_its_own_fee_besides(changing: World) -> None:
    one = await nine_to_ten(changing)
    changing.later(clock("07:30"))
    await changed(changing, "fleet", await change_quoted(changing, "fleet", one, period=period("09:30", "10:30")))

    found = await billed(changing, one)

    assert credited(found) == [("BOOKING", "-8.5000")]
    assert standing(found) == {**FEE, "MODIFICATION": "5.0000"}
    (line,) = the(found, "MODIFICATION")["lines"]
    assert (line["kind"], line["tariffId"], line["element"]) == ("MODIFICATION", None, None)
    assert line["price"]["afterTaxes"] == "5.9500"


async def test_buc_4_4_a_change_that_changes_nothing_of_the_bill_is_not_billed_anew(changing: World) -> None:
    one = await booked(changing, "fleet", HUB_CCS, "09:00", "10:00", evseId=E2)
    before = await billed(changing, one)
    await changed(changing, "fleet", await change_quoted(changing, "fleet", one, evseId=E3))

    assert (await billed(changing, one), credited(before), standing(before)) == (before, [], FEE)


@pytest.mark.parametrize(("caller", "why"), [("fleet", "TRAFFIC"), ("emsp", "TRAFFIC"), ("cpo", "POWER_OUTAGE")])
async def test_buc_4_4_a_booking_that_is_canceled_in_time_or_by_its_operator_costs_nothing(
    changing: World, caller: str, why: str
) -> None:
    one = await nine_to_ten(changing)
    changing.later(clock("08:30" if caller == "cpo" else "08:00"))
    await canceled(changing, caller, one, cancellationReason=why)

    found = await billed(changing, one)

    assert (credited(found), standing(found)) == ([("BOOKING", "-8.5000")], {})
    assert together(found) == together(found, "afterTaxes") == 0


async def test_buc_4_4_a_late_cancellation_costs_the_fee_for_that_in_place_of_the_one_for_the_slot(
    changing: World,
) -> None:
    one = await nine_to_ten(changing)
    changing.later(clock("08:30"))
    quote = await do(changing, "fleet", CANCEL_QUOTE, bookingId=one["id"])
    await do(changing, "fleet", CANCEL, bookingId=one["id"], cancelQuoteId=quote["id"])

    found = await billed(changing, one)

    assert (credited(found), standing(found)) == ([("BOOKING", "-8.5000")], {"CANCELLATION": "7.5000"})
    cancellation = the(found, "CANCELLATION")
    assert cancellation["total"]["afterTaxes"] == quote["fee"]["afterTaxes"] == "8.9250"
    assert (cancellation["sessionId"], cancellation["energy"]) == (None, "0")


async def test_buc_4_4_what_was_booked_and_canceled_before_it_was_billed_is_not_billed(changing: World) -> None:
    one = await booked(changing, "fleet", HUB_MCS, "09:00", "10:00")
    await canceled(changing, "fleet", one)

    assert await billed(changing, one) == []


@pytest.mark.parametrize("outcome", ["upheld", "not contested", "contested and upheld"])
async def test_buc_4_4_a_report_of_a_charger_that_is_upheld_gives_the_fee_back(changing: World, outcome: str) -> None:
    one = await nine_to_ten(changing)
    changing.later(moment(9.1))
    report = await reported(changing, "fleet", one)
    waiting = await billed(changing, one)
    if outcome == "contested and upheld":
        await do(changing, "cpo", CONTEST, reportId=report["id"], reason="The bay was free.")
    if outcome == "not contested":
        changing.later(TWO_DAYS_LATER)
        await round_of_worker(changing)
    else:
        await do(changing, "cpo", RESOLVE, reportId=report["id"], upheld=True, explanation="We saw it.")

    found = await billed(changing, one)

    assert (standing(waiting), credited(waiting)) == (FEE, [])
    assert (standing(found), credited(found)) == ({}, [("BOOKING", "-8.5000")])
    (credit,) = [cdr for cdr in found if cdr["credit"]]
    assert credit["total"]["afterTaxes"] == f"-{report['fee']['afterTaxes']}"


@pytest.mark.parametrize("outcome", ["contested", "dismissed", "withdrawn", "withdrawn when contested"])
async def test_buc_4_4_a_report_that_is_not_upheld_gives_nothing_back(changing: World, outcome: str) -> None:
    one = await at_nine(changing)
    before = await billed(changing, one)
    report = await reported(changing, "fleet", one)
    if outcome != "withdrawn":
        await do(changing, "cpo", CONTEST, reportId=report["id"], reason="The bay was free.")
    if outcome == "dismissed":
        await do(changing, "cpo", RESOLVE, reportId=report["id"], upheld=False, explanation="We saw it.")
    if outcome.startswith("withdrawn"):
        await do(changing, "fleet", WITHDRAW, reportId=report["id"])
    changing.later(TWO_DAYS_LATER)
    await round_of_worker(changing)

    assert (standing(before), await billed(changing, one)) == (FEE, before)


async def test_buc_4_4_of_a_no_show_whose_report_is_upheld_the_penalty_is_given_back_too(changing: World) -> None:
    one = await nine_to_ten(changing)
    changing.later(clock("09:30"))
    await round_of_worker(changing)
    report = await reported(changing, "fleet", one)
    before = await billed(changing, one)

    await do(changing, "cpo", RESOLVE, reportId=report["id"], upheld=True, explanation="We saw it.")

    assert standing(before) == {**FEE, "NO_SHOW": "15.0000"}
    assert credited(await billed(changing, one)) == [("BOOKING", "-8.5000"), ("NO_SHOW", "-15.0000")]


async def test_buc_4_4_a_part_that_is_given_back_is_a_credit_and_a_bill_for_what_is_left(changing: World) -> None:
    booking, _ = await used(changing)
    old = the(await bills(changing, "cpo", bookingIds=[booking["id"]]), "SESSION")

    came = await refunded(changing, old, "12.50")
    found = await billed(changing, booking)

    new = the(found, "SESSION")
    assert (came["cdr"]["id"], credited(found)) == (old["id"], [("SESSION", "-50.0000")])
    assert lines(new) == [("ENERGY", "100.0000", "50.0000"), ("REFUND", "1", "-12.5000")]
    assert new["total"]["beforeTaxes"] == "37.5000"
    assert new["total"]["afterTaxes"] == "44.6250"
    assert (new["energy"], new["sessionId"], new["lines"][-1]["tariffId"]) == ("100", old["sessionId"], None)
    (line,) = (await statement(changing, "fleet"))["totals"]
    assert (line["beforeTaxes"], line["energy"], line["cdrs"]) == ("46.00", "100", 4)


async def test_buc_4_4_no_more_is_given_back_than_was_billed_and_only_of_what_is_billed_now(changing: World) -> None:
    booking, _ = await used(changing)
    old = the(await bills(changing, "cpo", bookingIds=[booking["id"]]), "SESSION")
    await refunded(changing, old, "40.00")
    found = await billed(changing, booking)
    (credit,) = [cdr for cdr in found if cdr["credit"]]

    too_much = await refunded(changing, the(found, "SESSION"), "10.01")
    stale = [await refunded(changing, cdr, "1.00") for cdr in (old, credit)]
    foreign = await do(changing, "other_cpo", REFUND, cdrId=old["id"], beforeTaxes="1.00", reason="Mine.")

    assert (too_much["__typename"], [one["__typename"] for one in stale]) == ("NotAllowed", ["NotAllowed"] * 2)
    assert (foreign["__typename"], await billed(changing, booking)) == ("NotFound", found)
    for caller in ("emsp", "fleet"):
        sent = {"idempotencyKey": a_key(), "cdrId": old["id"], "beforeTaxes": "1.00", "reason": "Mine."}
        answer = await changing.execute(caller, REFUND, input=sent)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
    for amount in ("0", "-1.00", "0.00001"):
        sent = {"idempotencyKey": a_key(), "cdrId": old["id"], "beforeTaxes": amount, "reason": "Odd."}
        answer = await changing.execute("cpo", REFUND, input=sent)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


async def test_buc_4_4_what_was_given_back_stays_so_whatever_else_changes(changing: World) -> None:
    one = await nine_to_ten(changing)
    await refunded(changing, the(await bills(changing, "cpo"), "BOOKING"), "3.00")
    assert standing(await billed(changing, one)) == {"BOOKING": "5.5000"}

    await changed(changing, "fleet", await change_quoted(changing, "fleet", one, period=period("09:00", "11:00")))

    assert standing(await billed(changing, one)) == {"BOOKING": "11.5000"}


async def test_buc_4_4_what_was_paid_is_credited_as_well_and_stays_on_its_invoice(changing: World) -> None:
    one = await nine_to_ten(changing)
    due = await bills(changing, "cpo")
    await invoiced(changing, due)
    await paid(changing, due)

    await canceled(changing, "fleet", one)
    found = await billed(changing, one, "emsp")

    assert {cdr["credit"]: (cdr["state"], cdr["invoiceId"]) for cdr in found} == {
        False: ("PAID", "INV-1"),
        True: ("DUE", None),
    }
    (line,) = (await statement(changing, "emsp"))["totals"]
    assert (line["afterTaxes"], line["paid"], line["due"]) == ("0.00", "10.12", "-10.12")


async def test_buc_4_4_a_booking_that_moves_to_another_site_is_billed_there(changing: World) -> None:
    one = await nine_to_ten(changing)
    quote = await change_quoted(changing, "fleet", one, bookingLocationId=DEPOT_ANY)
    await changed(changing, "fleet", quote)

    found = await billed(changing, one)

    assert (standing(found), credited(found)) == (FEE, [("BOOKING", "-8.5000")])
    assert (the(found, "BOOKING")["location"]["id"], the(found, "BOOKING")["revision"]) == (DEPOT, 2)
    assert {cdr["location"]["id"] for cdr in found if cdr["credit"]} == {HUB}
    by_place = await sums(changing, "fleet", "LOCATION")
    assert [(line["locationId"], line["beforeTaxes"]) for line in by_place] == [(DEPOT, "8.50"), (HUB, "0.00")]
