"""Comparing operators' invoices with CDRs, as an EMSP receives them (BUC 4.4; OCPI Invoice Reconciliation)."""

from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import invoices as stored
from models.rules.identity import normalized
from models.rules.interval import Interval
from models.rules.reconciliation import InvoiceLine, ReceivedInvoice, Reconciliation, compared
from models.rules.role import Role
from resolvers.call import Call
from resolvers.once import once
from resolvers.pages import Page, checked_first, cut, foreign, moment_of

MOST_LINES = 10_000
MOST_MISSING = 1_000
KEY = 3


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as it was received from an operator, in the place of what was known of it.

    With `issued`, CDRs that were issued then and stand in no invoice are missing too.
    """

    cpo_id: str
    invoice_id: str
    lines: tuple[InvoiceLine, ...]
    issued: Interval | None = None


async def reconcile(call: Call, idempotency_key: str, invoice: Invoice) -> Reconciliation:
    """Store an operator's invoice and return how it compares with its CDRs; money is not moved.

    Raise BadInput, or NotFound for what is no operator.
    """
    caller = call.acting_as(Role.EMSP)
    if not 1 <= len(invoice.lines) <= MOST_LINES:
        raise BadInput(f"An invoice has 1 to {MOST_LINES} lines; this one has {len(invoice.lines)}.")
    cpo_id = normalized(invoice.cpo_id)

    async def work(connection: Connection) -> None:
        if not await stored.is_operator(connection, cpo_id):
            raise NotFound("Party", invoice.cpo_id)
        await stored.put(connection, caller.party_id, cpo_id, invoice.invoice_id, invoice.lines, call.now)

    outcome = {"invoice": invoice.invoice_id}
    await once(call, idempotency_key, "invoiceReconcile", invoice, outcome, work)
    return await get(call, cpo_id, invoice.invoice_id, invoice.issued)


async def get(call: Call, cpo_id: str, invoice_id: str, issued: Interval | None) -> Reconciliation:
    """Return how an invoice that was received compares with CDRs as they are now, or raise NotFound."""
    emsp_id, cpo_id = call.acting_as(Role.EMSP).party_id, normalized(cpo_id)
    async with call.database.snapshot() as connection:
        received = await stored.get(connection, emsp_id, cpo_id, invoice_id)
        if received is None:
            raise NotFound("Invoice", invoice_id)
        lines = await stored.lines(connection, emsp_id, cpo_id, invoice_id)
        own_ids = [one for one in (line.own_id(cpo_id) for line in lines) if one is not None]
        known = await stored.known(connection, emsp_id, cpo_id, own_ids)
        elsewhere = await stored.elsewhere(connection, emsp_id, cpo_id, invoice_id)
        expected = await stored.expected(connection, emsp_id, cpo_id, invoice_id, issued, MOST_MISSING)
    found = compared(cpo_id, lines, known, elsewhere)
    return Reconciliation(cpo_id, received.invoice_id, tuple(found), tuple(expected))


async def page(call: Call, cpo_id: str | None, *, first: int, after: tuple[str, ...] | None) -> Page[ReceivedInvoice]:
    """Return the invoices that the caller received, in the order in which they came first; one statement."""
    emsp_id, limit = call.acting_as(Role.EMSP).party_id, checked_first(first)
    if after is not None and len(after) != KEY:
        raise foreign()
    position = (moment_of(after[0]), after[1], after[2]) if after is not None else None
    wanted = normalized(cpo_id) if cpo_id is not None else None
    async with call.database.reading() as connection:
        found = await stored.page(connection, emsp_id, wanted, after=position, limit=limit + 1)
    return cut([(one, (one.first_received_at.isoformat(), one.cpo_id, one.invoice_id)) for one in found], limit)
