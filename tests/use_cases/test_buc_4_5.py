"""BUC 4.5: an MSP tells its transport operators what charging costs with it, and gets paid for slots and charging."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.use_cases.booking_documents import CREATE, MANDATE, booked, canceled, quoted
from tests.use_cases.booking_documents import a_token as of_booking
from tests.use_cases.documents import ONE_FEE, ask, do, fees_of_the_emsp
from tests.use_cases.following_documents import round_of_worker
from tests.use_cases.operators import HUB, HUB_MCS
from tests.use_cases.provider_documents import (
    DAY,
    FEE_OF_10_PERCENT,
    INVOICE,
    LINES,
    MONTHLY,
    PAY,
    STATEMENT,
    amounts,
    cdrs,
    charged,
    invoiced,
    lines,
    paid,
    total,
    used,
)
from tests.use_cases.settlement_documents import INVOICE as INVOICE_CDRS
from tests.use_cases.settlement_documents import PAY as PAY_CDRS
from tests.use_cases.settlement_documents import bills, owed, stood, sums
from tests.use_cases.settlement_documents import invoiced as cdrs_invoiced
from tests.use_cases.settlement_documents import paid as cdrs_paid
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("caller", ["fleet", "emsp"])
async def test_buc_4_5_the_transport_operator_is_told_the_price_of_the_session_with_what_the_msp_adds(
    changing: World, caller: str
) -> None:
    booking = await charged(changing, caller)

    theirs, added = await cdrs(changing, "fleet", booking), await lines(changing, "fleet")

    assert [(one["kind"], one["total"]["beforeTaxes"]) for one in theirs] == [
        ("BOOKING", "8.5000"),
        ("SESSION", "50.0000"),
    ]
    assert (theirs[1]["energy"], theirs[1]["greenShare"]) == ("100", "100")
    assert amounts(added) == FEE_OF_10_PERCENT
    shares = {one["cdrId"]: one["price"]["beforeTaxes"] for one in added if one["kind"] == "MARKUP"}
    assert shares == {theirs[0]["id"]: "0.8500", theirs[1]["id"]: "5.0000"}
    for one in added:
        assert (one["emspId"], one["feeId"], one["name"]) == ("NL*EMS", "SERVICE", "Service")
        assert (one["bookingId"], one["locationId"], one["contractId"]) == (booking["id"], HUB, FLEET_CONTRACT)
        assert (one["licensePlate"], one["state"], one["price"]["currency"]) == ("12-BCD-3", "DUE", "EUR")
    assert added == await lines(changing, "emsp")


async def test_buc_4_5_what_it_was_told_before_it_booked_is_what_it_pays(changing: World) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)

    quote = await quoted(changing, "fleet", HUB_MCS, "10:00", "11:00", energyNeeded="100")
    await do(changing, "fleet", CREATE, quoteId=quote["id"], tokens=[of_booking(FLEET_CONTRACT)])
    await used(changing, full="10:06", until="11:00")

    (told,) = quote["providerFees"]
    assert (told["complete"], told["price"]["beforeTaxes"]) == (True, "7.9500")
    added = await lines(changing, "fleet")
    assert total(added) == Decimal("7.95")
    assert total(added, "afterTaxes") == Decimal(told["price"]["afterTaxes"])


async def test_buc_4_5_a_slot_that_was_booked_and_not_used_is_paid_for_too(changing: World) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)
    booking = await booked(changing, "fleet", HUB_MCS, "10:00", "11:00")
    await round_of_worker(changing)
    assert amounts(await lines(changing, "fleet")) == [("MARKUP", "0.8500"), ("PER_BOOKING", "1.0000")]

    changing.later(datetime(2026, 12, 1, 12, tzinfo=UTC))
    await round_of_worker(changing)
    await round_of_worker(changing)

    kinds = [one["kind"] for one in await cdrs(changing, "fleet", booking)]
    assert kinds == ["BOOKING", "NO_SHOW"]
    assert amounts(await lines(changing, "fleet")) == [
        ("MARKUP", "0.8500"),
        ("MARKUP", "1.5000"),
        ("PER_BOOKING", "1.0000"),
    ]


async def test_buc_4_5_a_slot_that_the_operator_cancels_is_not_paid_for(changing: World) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)
    booking = await booked(changing, "fleet", HUB_MCS, "10:00", "11:00")
    await round_of_worker(changing)

    await canceled(changing, "cpo", booking, cancellationReason="POWER_OUTAGE")
    await round_of_worker(changing)

    added = await lines(changing, "fleet")
    assert total(added) == total(added, "afterTaxes") == 0
    back = {one["creditReferenceId"] for one in added if one["credit"]}
    assert back == {one["id"] for one in added if not one["credit"]}


async def test_buc_4_5_the_msp_gets_paid_by_its_own_invoice(changing: World) -> None:
    await charged(changing)
    due = await lines(changing, "emsp", states=["DUE"])
    assert len(due) == 3

    came = await invoiced(changing, due)
    assert (came["__typename"], came["providerLines"]) == ("ProviderLinesInvoiced", await lines(changing, "fleet"))
    assert {(one["state"], one["invoiceId"]) for one in came["providerLines"]} == {("INVOICED", "2026-1")}
    assert await lines(changing, "emsp", states=["DUE"]) == []
    again = await invoiced(changing, due[:1], "2026-2")
    assert (again["__typename"], again["id"], again["paymentState"]) == (
        "PaymentStateDiffers",
        due[0]["id"],
        "INVOICED",
    )

    came = await paid(changing, due)
    assert (came["__typename"], came["providerLines"]) == ("ProviderLinesPaid", await lines(changing, "fleet"))
    assert {(one["state"], one["invoiceId"]) for one in came["providerLines"]} == {("PAID", "2026-1")}
    assert (await paid(changing, due))["__typename"] == "PaymentStateDiffers"


async def test_buc_4_5_the_msp_gets_paid_for_slot_and_charging_by_the_transport_operator(changing: World) -> None:
    await charged(changing)
    due, added = await bills(changing, "emsp"), await lines(changing, "emsp")
    assert await stood(changing, "emsp") == dict.fromkeys(("BOOKING", "SESSION"), ("DUE", None, "DUE", None))

    # The operator invoices the MSP, which pays it; the transport operator owes the MSP all of it still.
    await cdrs_invoiced(changing, due, "OPERATOR-1")
    await cdrs_paid(changing, due)
    to_operator = ("PAID", "OPERATOR-1")
    assert await stood(changing, "cpo") == dict.fromkeys(("BOOKING", "SESSION"), (*to_operator, None, None))
    assert await stood(changing, "emsp") == dict.fromkeys(("BOOKING", "SESSION"), (*to_operator, "DUE", None))
    assert await stood(changing, "fleet") == dict.fromkeys(("BOOKING", "SESSION"), ("DUE", None, "DUE", None))

    # The MSP invoices the transport operator: slot, charging and what it adds.
    came = await cdrs_invoiced(changing, due, "MSP-1", caller="emsp")
    await invoiced(changing, added, "MSP-1")
    assert (came["__typename"], {one["state"] for one in came["cdrs"]}) == ("CdrsInvoiced", {"PAID"})
    assert await stood(changing, "fleet", states=["INVOICED"]) == dict.fromkeys(
        ("BOOKING", "SESSION"), ("INVOICED", "MSP-1", "INVOICED", "MSP-1")
    )
    (told,) = await sums(changing, "fleet")
    assert owed(told) == ("0.00", "69.62", "0.00")
    assert owed(told, "provider") == ("0.00", told["providerAfterTaxes"], "0.00")

    # The transport operator pays the slot, then the rest.
    slot, charging = due
    await cdrs_paid(changing, [slot], "emsp")
    assert await stood(changing, "fleet", states=["PAID"]) == {"BOOKING": ("PAID", "MSP-1", "PAID", "MSP-1")}
    (told,) = await sums(changing, "emsp")
    assert (owed(told), owed(told, "fleet")) == (("0.00", "0.00", "69.62"), ("0.00", "59.50", "10.12"))
    await cdrs_paid(changing, [charging], "emsp")
    await paid(changing, added)

    for caller in ("fleet", "emsp"):
        (told,) = await sums(changing, caller)
        assert owed(told) == owed(told, "fleet") == ("0.00", "0.00", "69.62")
        assert owed(told, "provider") == ("0.00", "0.00", told["providerAfterTaxes"])
    (told,) = await sums(changing, "cpo")
    assert owed(told) == ("0.00", "0.00", "69.62")
    assert {*owed(told, "fleet"), *owed(told, "provider")} == {None}
    assert "MSP-1" not in str(await bills(changing, "cpo")) + str(await stood(changing, "cpo"))


async def test_buc_4_5_the_msp_invoices_its_transport_operator_before_it_is_invoiced_itself(changing: World) -> None:
    await charged(changing)
    due = await bills(changing, "emsp")

    early = await cdrs_paid(changing, due, "emsp")
    await cdrs_invoiced(changing, due, "MSP-1", caller="emsp")
    twice = await cdrs_invoiced(changing, due, "MSP-2", caller="emsp")
    done = await cdrs_paid(changing, due, "emsp")

    for refused, state in ((early, "DUE"), (twice, "INVOICED")):
        assert (refused["__typename"], refused["kind"]) == ("PaymentStateDiffers", "Cdr")
        assert (refused["id"], refused["paymentState"]) == (due[0]["id"], state)
    assert (done["__typename"], {one["state"] for one in done["cdrs"]}) == ("CdrsPaid", {"DUE"})
    assert {one["state"] for one in await bills(changing, "cpo")} == {"DUE"}
    assert {one["state"] for one in await bills(changing, "fleet")} == {"PAID"}


async def test_buc_4_5_nobody_but_the_msp_says_what_its_transport_operator_paid(changing: World) -> None:
    await charged(changing)
    due = await bills(changing, "emsp")

    await cdrs_invoiced(changing, due, "OPERATOR-1")
    for document, more in ((INVOICE_CDRS, {"invoiceId": "MINE"}), (PAY_CDRS, {})):
        sent = {"idempotencyKey": a_key(), "cdrIds": [due[0]["id"]], **more}
        answer = await changing.execute("fleet", document, input=sent)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]
    assert (await cdrs_invoiced(changing, due, caller="other_emsp"))["__typename"] == "NotFound"

    assert {one[0] for one in (await stood(changing, "fleet")).values()} == {"DUE"}


async def test_buc_4_5_nothing_is_paid_that_was_not_invoiced(changing: World) -> None:
    await charged(changing)
    due = await lines(changing, "emsp")

    refused = await paid(changing, due)

    assert (refused["__typename"], refused["kind"], refused["paymentState"]) == (
        "PaymentStateDiffers",
        "ProviderLine",
        "DUE",
    )
    assert {one["state"] for one in await lines(changing, "emsp")} == {"DUE"}


async def test_buc_4_5_the_operators_bill_stays_what_it_is_without_the_msp(changing: World) -> None:
    booking = await charged(changing)

    for caller in ("cpo", "emsp"):
        assert [one["total"]["beforeTaxes"] for one in await cdrs(changing, caller, booking)] == ["8.5000", "50.0000"]
    assert "SERVICE" not in str(await cdrs(changing, "cpo", booking))


@pytest.mark.parametrize("caller", ["cpo", "other_cpo", "nsp", "nap", None])
async def test_buc_4_5_nobody_but_the_msp_and_its_transport_operators_is_told(
    changing: World, caller: str | None
) -> None:
    await charged(changing)
    due = await lines(changing, "emsp")

    documents = [
        (LINES, {}),
        (INVOICE, {"input": {"idempotencyKey": "1", "lineIds": [due[0]["id"]], "invoiceId": "MINE"}}),
        (PAY, {"input": {"idempotencyKey": "2", "lineIds": [due[0]["id"]]}}),
    ]
    answers = [await changing.execute(caller, document, **sent) for document, sent in documents]

    assert {code for one in answers for code, _ in one.errors} == {"FORBIDDEN" if caller else "UNAUTHENTICATED"}
    assert await lines(changing, "emsp") == due


async def test_buc_4_5_another_msp_and_another_transport_operator_see_none_of_it(changing: World) -> None:
    await charged(changing)
    due = await lines(changing, "emsp")

    for caller in ("other_emsp", "other_fleet"):
        assert await lines(changing, caller) == []
    assert (await invoiced(changing, due, caller="other_emsp"))["__typename"] == "NotFound"
    for document, more in ((INVOICE, {"invoiceId": "MINE"}), (PAY, {})):
        sent = {"idempotencyKey": "1", "lineIds": [due[0]["id"]], **more}
        answer = await changing.execute("fleet", document, input=sent)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]


async def test_buc_4_5_who_books_for_the_msp_by_a_mandate_is_not_told_what_it_adds(changing: World) -> None:
    await fees_of_the_emsp(changing, ONE_FEE)
    await fees_of_the_emsp(changing, ONE_FEE | {"id": "BOOKERS"}, caller="other_emsp")
    await do(changing, "emsp", MANDATE, bookerId="DE*EMO")
    whom = {"onBehalfOf": "NL*EMS", "contractId": FLEET_CONTRACT}
    booking = await booked(changing, "other_emsp", HUB_MCS, "10:00", "11:00", **whom)
    await round_of_worker(changing)

    assert len(await cdrs(changing, "other_emsp", booking)) == 1
    assert await lines(changing, "other_emsp") == []
    assert {one["feeId"] for one in await lines(changing, "fleet")} == {"SERVICE"}
    assert amounts(await lines(changing, "emsp")) == [("MARKUP", "0.8500"), ("PER_BOOKING", "1.0000")]


async def test_buc_4_5_a_fee_per_month_is_paid_once_for_each_contract_that_was_used(changing: World) -> None:
    await fees_of_the_emsp(changing, MONTHLY)
    for caller, start, end in (
        ("fleet", "10:00", "11:00"),
        ("fleet", "12:00", "13:00"),
        ("other_fleet", "14:00", "15:00"),
    ):
        await booked(changing, caller, HUB_MCS, start, end)
    await round_of_worker(changing)
    assert await lines(changing, "emsp") == []

    changing.later(datetime(2027, 1, 1, tzinfo=UTC))
    for _ in range(2):
        await round_of_worker(changing)

    found = await lines(changing, "emsp", kinds=["MONTHLY"])
    assert sorted((one["contractId"], one["month"], one["price"]["afterTaxes"]) for one in found) == [
        (FLEET_CONTRACT, "2026-12", "11.9790"),
        (OTHER_CONTRACT, "2026-12", "11.9790"),
    ]
    for caller, contract in (("fleet", FLEET_CONTRACT), ("other_fleet", OTHER_CONTRACT)):
        assert [one["contractIds"] for one in await lines(changing, caller)] == [[contract]]


async def test_buc_4_5_a_fee_that_changes_changes_nothing_that_was_taken(changing: World) -> None:
    await charged(changing)
    before = await lines(changing, "fleet")

    await fees_of_the_emsp(changing, ONE_FEE | {"perBooking": "99", "percentage": "99"})
    await round_of_worker(changing)

    assert await lines(changing, "fleet") == before


async def test_buc_4_5_the_transport_operator_reads_all_of_it_in_one_statement(changing: World) -> None:
    await charged(changing)
    added = await lines(changing, "fleet", issued=DAY)

    for caller in ("fleet", "emsp", "cpo"):
        shown = await ask(changing, caller, STATEMENT, period=DAY)
        (line,) = [edge["node"] for edge in shown["lines"]["edges"]]
        assert (line["contractId"], line["currency"]) == (FLEET_CONTRACT, "EUR")
        assert Decimal(line["afterTaxes"]) == Decimal("69.62")  # 10.115 and 59.50
        told = line["providerAfterTaxes"]
        assert told is None if caller == "cpo" else Decimal(told) == round(total(added, "afterTaxes"), 2)
