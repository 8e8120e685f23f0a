"""What became of what an EMSP adds: invoiced to its fleets, and paid; only noted, no money is moved (BUC 4.5)."""

from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import provider_lines as stored
from models.rules.cdr import PaymentState
from models.rules.identity import normalized, uuid_of
from models.rules.provider_line import ProviderLine
from models.rules.role import Role
from models.settling_errors import PaymentStateDiffers
from resolvers.call import Call
from resolvers.once import once

MOST_LINES = 500
"""In one call."""

BEFORE = {PaymentState.INVOICED: PaymentState.DUE, PaymentState.PAID: PaymentState.INVOICED}


@dataclass(frozen=True, slots=True)
class LinesToInvoice:
    """Which lines, all or none, are on which invoice to their fleet."""

    line_ids: tuple[str, ...]
    invoice_id: str


@dataclass(frozen=True, slots=True)
class LinesToPay:
    """Which lines, all or none, their fleet paid."""

    line_ids: tuple[str, ...]


async def invoice(call: Call, idempotency_key: str, wanted: LinesToInvoice) -> list[ProviderLine]:
    """Note that lines of the caller that are due are invoiced, and return them.

    Raise NotFound or PaymentStateDiffers.
    """
    to = PaymentState.INVOICED
    return await _noted(call, idempotency_key, "providerLinesInvoice", wanted, to, wanted.invoice_id)


async def pay(call: Call, idempotency_key: str, wanted: LinesToPay) -> list[ProviderLine]:
    """Note that lines of the caller that are invoiced are paid, and return them.

    Raise NotFound or PaymentStateDiffers.
    """
    return await _noted(call, idempotency_key, "providerLinesPay", wanted, PaymentState.PAID)


async def _noted(
    call: Call,
    idempotency_key: str,
    mutation: str,
    wanted: LinesToInvoice | LinesToPay,
    to: PaymentState,
    invoice_id: str | None = None,
) -> list[ProviderLine]:
    """Let all lines that are named become that, or none of them, and return them as they are."""
    emsp_id = call.acting_as(Role.EMSP).party_id
    ids = list(dict.fromkeys(normalized(one) for one in wanted.line_ids))
    if not 1 <= len(ids) <= MOST_LINES:
        raise BadInput(f"`lineIds` names 1 to {MOST_LINES} lines.")
    uuids = [uuid for uuid in map(uuid_of, ids) if uuid is not None]

    async def first(connection: Connection) -> None:
        await stored.locked(connection, emsp_id, uuids)

    async def work(connection: Connection) -> None:
        found = await stored.locked(connection, emsp_id, uuids)
        for line_id in ids:
            uuid = uuid_of(line_id)
            _check(line_id, found.get(uuid) if uuid else None, to)
        await stored.pay(connection, uuids, to, invoice_id)

    await once(call, idempotency_key, mutation, wanted, {"lines": ids}, work, first=first)
    async with call.database.reading() as connection:
        known = await stored.many(connection, emsp_id, uuids)
    return [known[uuid] for uuid in uuids if uuid in known]


def _check(line_id: str, one: ProviderLine | None, to: PaymentState) -> None:
    if one is None:
        raise NotFound("ProviderLine", line_id)
    if one.state is not BEFORE[to]:
        raise PaymentStateDiffers("ProviderLine", str(one.id), one.state, BEFORE[to])
