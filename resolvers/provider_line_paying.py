"""What became of what an EMSP adds: invoiced to its fleets, and paid; only noted, no money is moved (BUC 4.5)."""

from dataclasses import dataclass
from uuid import UUID

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import provider_lines as stored
from models.rules.identity import normalized, uuid_of
from models.rules.payment import PAID, Payment, PaymentStep, invoiced_on
from models.rules.provider_line import ProviderLine
from models.rules.role import Role
from models.settling_errors import PaymentStateDiffers
from resolvers.call import Call
from resolvers.once import once

MOST_LINES = 500
"""In one call."""


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
    return await _noted(call, idempotency_key, "providerLinesInvoice", wanted, invoiced_on(wanted.invoice_id))


async def pay(call: Call, idempotency_key: str, wanted: LinesToPay) -> list[ProviderLine]:
    """Note that lines of the caller that are invoiced are paid, and return them.

    Raise NotFound or PaymentStateDiffers.
    """
    return await _noted(call, idempotency_key, "providerLinesPay", wanted, PAID)


async def _noted(
    call: Call, idempotency_key: str, mutation: str, wanted: LinesToInvoice | LinesToPay, step: PaymentStep
) -> list[ProviderLine]:
    """Note a step of all lines that are named, or of none, and return them as they are."""
    emsp_id = call.acting_as(Role.EMSP).party_id
    ids = list(dict.fromkeys(normalized(one) for one in wanted.line_ids))
    if not 1 <= len(ids) <= MOST_LINES:
        raise BadInput(f"`lineIds` names 1 to {MOST_LINES} lines.")
    uuids = [uuid for uuid in map(uuid_of, ids) if uuid is not None]

    async def first(connection: Connection) -> None:
        await stored.lock(connection, emsp_id, uuids)

    async def work(connection: Connection) -> None:
        found = await stored.many(connection, emsp_id, uuids)
        new = []
        for line_id in ids:
            uuid = uuid_of(line_id)
            new.append(_taken(line_id, found.get(uuid) if uuid else None, step))
        await stored.put(connection, new)

    await once(call, idempotency_key, mutation, wanted, {"lines": ids}, work, first=first)
    async with call.database.reading() as connection:
        known = await stored.many(connection, emsp_id, uuids)
    return [known[uuid] for uuid in uuids if uuid in known]


def _taken(line_id: str, one: ProviderLine | None, step: PaymentStep) -> tuple[UUID, Payment]:
    if one is None:
        raise NotFound("ProviderLine", line_id)
    payment = step.taken(Payment(one.state, one.invoice_id))
    if payment is None:
        raise PaymentStateDiffers("ProviderLine", str(one.id), one.state, step.before)
    return one.id, payment
