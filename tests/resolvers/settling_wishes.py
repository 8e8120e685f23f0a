"""The mutations by which an operator settles what it billed, and its EMSP compares it, where they are granted."""

from models.rules.cdr import Cdr
from resolvers import cdrs
from resolvers.cdrs import Invoicing
from tests.resolvers.lifecycle import booked
from tests.resolvers.settling import issued, settle, waived
from tests.resolvers.wishes import AT_PAIR, UNKNOWN, Sent, Wish, of_booking, of_nothing
from tests.world import World, a_key

WAIVER = "... on FeeWaiver { id fee reason waivedAt revokedAt revokedReason }"


async def billed(world: World) -> Cdr:
    """Return the CDR of a booking."""
    await booked(world, AT_PAIR)
    await settle(world)
    (one,) = await issued(world)
    return one


async def of_waiver(world: World) -> Sent:
    """Do without a fee of a booking."""
    return {
        "waiverId": (await waived(world, await booked(world, AT_PAIR))).object_id,
        "reason": "It was free.",
    }


async def of_due(world: World) -> Sent:
    """Let a CDR be due."""
    return {"cdrIds": [(await billed(world)).object_id], "invoiceId": "INV-1"}


async def of_invoiced(world: World) -> Sent:
    """Let a CDR be on an invoice."""
    one = await billed(world)
    await cdrs.invoice(await world.call("cpo"), a_key(), Invoicing((one.object_id,), "INV-1"))
    return {"cdrIds": [one.object_id]}


async def of_refund(world: World) -> Sent:
    """Let a booking be billed."""
    return {"cdrId": (await billed(world)).object_id, "beforeTaxes": "1.00", "reason": "The bay was dirty."}


async def of_invoice(world: World) -> Sent:
    """Let an EMSP receive an invoice of what was billed."""
    line = {"cdrId": (await billed(world)).object_id, "afterTaxes": "1.00", "currency": "EUR"}
    return {"cpoId": "NL*ABC", "invoiceId": "INV-1", "lines": [line]}


SETTLING_WISHES: dict[str, Wish] = {
    "feeWaive": Wish(
        of_booking(fee="NO_SHOW", reason="A road closed."), {"fee": "OVERTIME"}, {"waiver": 1}, "cpo", WAIVER
    ),
    "feeWaiverRevoke": Wish(of_waiver, {"waiverId": UNKNOWN["bookingId"]}, {}, "cpo", WAIVER),
    "cdrNumberingSet": Wish(
        of_nothing(prefix="A-"),
        {"prefix": "B-"},
        {"cdr_numbering": 1},
        "cpo",
        "... on CdrNumbering { prefix lastNumber }",
    ),
    "cdrsInvoice": Wish(
        of_due,
        {"invoiceId": "INV-2"},
        {"cdr_payment": 1},
        "cpo",
        "... on CdrsInvoiced { cdrs { id state invoiceId } }",
    ),
    "cdrsPay": Wish(
        of_invoiced,
        {"cdrIds": [UNKNOWN["bookingId"]]},
        {},
        "cpo",
        "... on CdrsPaid { cdrs { id state invoiceId } }",
    ),
    "invoiceReconcile": Wish(
        of_invoice,
        {"invoiceId": "INV-2"},
        {"invoice": 1, "invoice_line": 1},
        shown="... on Reconciliation { invoiceId matches differences invoiceLines { outcome expectedAfterTaxes } }",
    ),
    "cdrRefund": Wish(
        of_refund, {"beforeTaxes": "0.50"}, {"refund": 1}, "cpo", "... on CdrRefunded { cdr { id kind } }"
    ),
}
"""By the mutation's name."""
