"""What of a simulated day's books leaves: as CSV, as messages, and as an operator's invoice that is reconciled."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.day_asking import Asking
from benchmarks.day_chargers import CPO
from benchmarks.day_log import Log, Told
from benchmarks.day_plan import PROVIDERS
from benchmarks.day_tables import Row
from models.events import Cursor
from schema.live import write_cursor
from tests.server.served import Served
from tests.subscriptions.streams import subscribed

CSV = "query ($after: String) { cdrsCsv(first: 100, after: $after) { text cursor hasNext } }"
ISSUED = "subscription ($after: EventCursor) { cdrIssued(after: $after) { ... on CdrIssued { cdr { id } } } }"
PAYMENTS = "SELECT cpo_id || '*' || cdr_id, creditor, state, coalesce(invoice_id, '') FROM cdr_payment"
BEGIN = "SELECT epoch, xid::text, id FROM event_floor"
INVOICED, OPERATOR = "emsp", "NL*ABC"
"""The provider that is told of CDRs and gets the invoice, and whose that is."""

CENT = Decimal("0.01")
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """An invoice as it was sent, which of the CDRs are in it otherwise or not at all, and what was answered."""

    lines: Sequence[Told]
    changed: Sequence[str]
    left_out: Sequence[str]
    answer: Told


async def payments(target: Served) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return what was noted of CDRs by whom: the operator, or the provider of its fleet; state and invoice."""
    rows = await Asking(target, Log(), 0).stored(PAYMENTS)
    return {(cdr_id, creditor): (state, invoice_id) for cdr_id, creditor, state, invoice_id in rows}


async def exported(target: Served, caller: str) -> Sequence[Cells]:
    """Return the rows of all pages of a caller's CSV."""
    pages: list[str] = []
    after: str | None = None
    while True:
        answer: dict[str, Any] = (await target.ask(CSV, caller, after=after)).json()
        if "errors" in answer:
            raise RuntimeError(f"{caller} {CSV}: {answer['errors']}")
        page = answer["data"]["cdrsCsv"]
        pages.append(page["text"])
        if not page["hasNext"]:
            return list(csv.DictReader(io.StringIO("".join(pages), newline=""), restkey="beyond"))
        after = page["cursor"]


async def told(target: Served, cdrs: Sequence[Row]) -> Sequence[str]:
    """Return of which CDRs the provider is told who listens afterwards, from before the day on: as many as it has."""
    ((epoch, xid, number),) = await Asking(target, Log(), 0).stored(BEGIN)
    begin = write_cursor(Cursor(epoch, int(xid), number))
    async with subscribed(target.world, INVOICED, ISSUED, after=begin) as stream:
        return [(await stream.next())["cdr"]["id"] for _ in _own(cdrs)]


async def reconciled(target: Served, cdrs: Sequence[Row], period: Told) -> Sequence[Reconciled]:
    """Return how two invoices of all CDRs of a provider compare: one that is right, and the same with two mistakes.

    Every other amount is to the cent. One line is a cent dearer in the second, and one is left out.
    """
    asking = Asking(target, Log(), 0)
    right = [_line(one, to_cents=bool(number % 2)) for number, one in enumerate(_own(cdrs))]
    dearer, *between, left_out = right
    wrong = [{**dearer, "afterTaxes": str(Decimal(dearer["afterTaxes"]) + CENT)}, *between]
    found: list[Reconciled] = []
    for lines, changed, missing in ((right, [], []), (wrong, [dearer["cdrId"]], [left_out["cdrId"]])):
        wanted: Told = {"cpoId": OPERATOR, "invoiceId": "ALL-OF-IT", "lines": lines, "issued": period}
        wanted["idempotencyKey"] = f"invoice-{len(found)}"
        deed = await asking.send(INVOICED, "invoiceReconcile", CPO, **wanted)
        found.append(Reconciled(lines, changed, missing, deed.told))
    return found


def _own(cdrs: Sequence[Row]) -> list[Row]:
    return [one for one in cdrs if one["emsp_id"] == PROVIDERS[INVOICED]]


def _line(one: Row, *, to_cents: bool) -> Told:
    amount = one["after_taxes"].quantize(CENT, ROUND_HALF_UP) if to_cents else one["after_taxes"]
    return {"cdrId": one["id"], "afterTaxes": str(amount), "currency": one["currency"]}
