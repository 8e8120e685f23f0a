"""BUC 4.4: an operator gets paid by invoices, which the provider compares with what was billed."""

from typing import Any

import pytest

from tests.use_cases.booking_documents import booked
from tests.use_cases.documents import ask, do
from tests.use_cases.operators import DEPOT_ANY
from tests.use_cases.settlement_documents import (
    INVOICE,
    PAY,
    RECONCILE,
    RECONCILIATION,
    billed,
    bills,
    invoiced,
    paid,
    used,
)
from tests.world import World, a_key

pytestmark = pytest.mark.anyio


def invoice_line(cdr: Any, **changes: Any) -> dict[str, Any]:
    """Return the line of an invoice for a CDR, as an operator would write it."""
    return {"cdrId": cdr["id"], "afterTaxes": cdr["total"]["afterTaxes"], "currency": cdr["currency"], **changes}


async def reconciled(world: World, *of: dict[str, Any], invoice_id: str = "INV-1", caller: str = "emsp") -> Any:
    """Let a provider compare an invoice of the operator's, and return how it compares."""
    came = await do(world, caller, RECONCILE, cpoId="NL*ABC", invoiceId=invoice_id, lines=list(of))
    assert came["__typename"] == "Reconciliation", came
    return came


async def test_buc_4_4_the_operator_gets_paid_by_an_invoice_that_the_provider_checks_against_what_was_billed(
    changing: World,
) -> None:
    await used(changing)
    slot, charged = due = await bills(changing, "cpo", states=["DUE"])

    put = await invoiced(changing, due)
    exact = await reconciled(changing, *map(invoice_line, due))
    done = await paid(changing, due)

    assert (put["__typename"], [cdr["state"] for cdr in put["cdrs"]]) == ("CdrsInvoiced", ["INVOICED"] * 2)
    assert {cdr["invoiceId"] for cdr in put["cdrs"]} == {"INV-1"}
    assert (exact["matches"], exact["differences"], exact["doubles"], exact["unknown"]) == (2, 0, 0, 0)
    assert (exact["missing"], exact["invoiceId"], exact["cpoId"]) == ([], "INV-1", "NL*ABC")
    assert (done["__typename"], [cdr["state"] for cdr in done["cdrs"]]) == ("CdrsPaid", ["PAID"] * 2)
    for caller in ("cpo", "emsp"):
        assert await bills(changing, caller) == done["cdrs"]
    assert await bills(changing, "fleet") == due
    for before, after in zip((slot, charged), done["cdrs"], strict=True):
        same = ("state", "invoiceId")
        assert {key: one for key, one in after.items() if key not in same} == {
            key: one for key, one in before.items() if key not in same
        }


async def test_buc_4_4_an_invoice_that_differs_lacks_something_or_asks_twice_is_found_out(changing: World) -> None:
    booking, _ = await used(changing)
    beside = await booked(changing, "fleet", DEPOT_ANY, "14:00", "15:00")
    await billed(changing, beside)
    slot, charged = await bills(changing, "emsp", bookingIds=[booking["id"]])
    (other,) = await bills(changing, "emsp", bookingIds=[beside["id"]])
    await invoiced(changing, [slot, charged, other])
    await reconciled(changing, invoice_line(other), invoice_id="INV-0")

    found = await reconciled(
        changing,
        invoice_line(slot, afterTaxes="10.12"),
        invoice_line(slot),
        invoice_line(charged, afterTaxes="60.00"),
        invoice_line(slot, cdrId="NL*ABC*NONE"),
        invoice_line(other),
    )
    short = await reconciled(changing, invoice_line(slot))

    outcomes = [(line["outcome"], line["expectedAfterTaxes"]) for line in found["invoiceLines"]]
    assert outcomes == [
        ("MATCH", slot["total"]["afterTaxes"]),
        ("DOUBLE", slot["total"]["afterTaxes"]),
        ("DIFFERENCE", "59.5000"),
        ("UNKNOWN", None),
        ("DOUBLE", other["total"]["afterTaxes"]),
    ]
    assert found["invoiceLines"][-1]["otherInvoiceId"] == "INV-0"
    assert (found["matches"], found["differences"], found["doubles"], found["unknown"]) == (1, 1, 2, 1)
    assert set(short["missing"]) == {charged["id"], other["id"]}
    shown = await ask(changing, "emsp", RECONCILIATION, cpoId="NL*ABC", invoiceId="INV-1")
    assert {"__typename": "Reconciliation", **shown} == short
    foreign = await reconciled(changing, invoice_line(charged), caller="other_emsp")
    assert [line["outcome"] for line in foreign["invoiceLines"]] == ["UNKNOWN"]


async def test_buc_4_4_an_invoice_names_the_operator_whose_it_is(changing: World) -> None:
    await used(changing)
    slot, _ = await bills(changing, "emsp")
    wanted = {"invoiceId": "INV-1", "lines": [invoice_line(slot)]}

    for party in ("NL*NONE", "NL*EMS"):
        refused = await do(changing, "emsp", RECONCILE, cpoId=party, **wanted)
        assert refused == {"__typename": "NotFound", "message": f"There is no Party {party}."}
    of_another = await do(changing, "emsp", RECONCILE, cpoId="DE*XYZ", **wanted)

    assert [(line["cdrId"], line["outcome"]) for line in of_another["invoiceLines"]] == [(slot["id"], "UNKNOWN")]


async def test_buc_4_4_an_invoice_may_have_a_longer_id_than_a_cdr_may_name_it_by(changing: World) -> None:
    await used(changing)
    slot, charged = await bills(changing, "cpo")
    long = "I" * 255

    due = {"idempotencyKey": a_key(), "cdrIds": [slot["id"]]}
    named = await changing.execute("cpo", INVOICE, input={**due, "invoiceId": long[:40]})
    assert named.errors == [("BAD_USER_INPUT", "`invoiceId` has 1 to 39 characters; this one has 40.")]
    assert (await reconciled(changing, invoice_line(slot), invoice_id=long))["invoiceId"] == long
    wanted = {"idempotencyKey": a_key(), "cpoId": "NL*ABC", "lines": [invoice_line(charged)]}
    longer = await changing.execute("emsp", RECONCILE, input={**wanted, "invoiceId": f"{long}I"})
    assert [code for code, _ in longer.errors] == ["BAD_USER_INPUT"]


async def test_buc_4_4_nothing_is_invoiced_twice_or_paid_before_it_is_invoiced(changing: World) -> None:
    await used(changing)
    slot, charged = await bills(changing, "cpo")

    early = await paid(changing, [slot])
    await invoiced(changing, [slot])
    both = await invoiced(changing, [charged, slot], "INV-2")

    for refused, state in ((early, "DUE"), (both, "INVOICED")):
        assert (refused["__typename"], refused["kind"]) == ("PaymentStateDiffers", "Cdr")
        assert (refused["id"], refused["paymentState"]) == (slot["id"], state)
    assert [cdr["state"] for cdr in await bills(changing, "cpo")] == ["INVOICED", "DUE"]


async def test_buc_4_4_only_the_operator_that_billed_says_what_was_invoiced_and_paid(changing: World) -> None:
    await used(changing)
    found = await bills(changing, "cpo")
    ids = [cdr["id"] for cdr in found]

    for caller in ("fleet", "other_fleet", "nsp", "nap", None):
        for document, more in ((INVOICE, {"invoiceId": "MINE"}), (PAY, {})):
            answer = await changing.execute(
                caller, document, input={"idempotencyKey": a_key(), "cdrIds": ids, **more}
            )
            assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
    for stranger in ("other_cpo", "other_emsp"):
        for refused in (await invoiced(changing, found, caller=stranger), await paid(changing, found, stranger)):
            assert refused["__typename"] == "NotFound"
    await invoiced(changing, found, "MINE", caller="emsp")
    for caller in ("cpo", "fleet", "nsp", None):
        wanted = {
            "idempotencyKey": a_key(),
            "cpoId": "NL*ABC",
            "invoiceId": "INV-1",
            "lines": [invoice_line(found[0])],
        }
        answer = await changing.execute(caller, RECONCILE, input=wanted)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN" if caller else "UNAUTHENTICATED"]
    assert await bills(changing, "cpo") == found
