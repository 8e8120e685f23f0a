"""Recording that what CDRs bill was invoiced, and that it was paid; no money is moved (BUC 4.1, 4.4, 4.5).

There are two records of a CDR: what its operator is owed by the EMSP, and what that EMSP is owed by its fleet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import cdr_payments as stored
from models.queries import cdrs
from models.rules.cdr import Cdr, Creditor, named
from models.rules.identity import normalized
from models.rules.payment import PAID, PaymentStep, invoiced_on
from models.rules.role import Role
from models.settling_errors import PaymentStateDiffers
from resolvers import cdr_reading
from resolvers.call import Call
from resolvers.cdr_reading import KnownCdr
from resolvers.once import once

MOST_CDRS = 500
CREDITORS = {Role.CPO: Creditor.CPO, Role.EMSP: Creditor.EMSP}


@dataclass(frozen=True, slots=True)
class Invoicing:
    """Which CDRs are on which invoice."""

    cdr_ids: tuple[str, ...]
    invoice_id: str


@dataclass(frozen=True, slots=True)
class Paying:
    """Which CDRs were paid."""

    cdr_ids: tuple[str, ...]


async def invoice(call: Call, idempotency_key: str, wanted: Invoicing) -> list[KnownCdr]:
    """Note on which invoice of the caller's CDRs that are due were put, all or none of them, and return them.

    An operator notes it of its own CDRs, an EMSP of those that it is to be paid for by its fleet, as its own record.
    Raise NotFound or PaymentStateDiffers.
    """
    return await _moved(call, idempotency_key, "cdrsInvoice", wanted, invoiced_on(wanted.invoice_id))


async def pay(call: Call, idempotency_key: str, wanted: Paying) -> list[KnownCdr]:
    """Note that CDRs that the caller invoiced are paid, all or none of them, and return them; whose, as by `invoice`.

    Raise NotFound or PaymentStateDiffers.
    """
    return await _moved(call, idempotency_key, "cdrsPay", wanted, PAID)


async def _moved(
    call: Call, idempotency_key: str, mutation: str, wanted: Invoicing | Paying, step: PaymentStep
) -> list[KnownCdr]:
    """Note a step of all CDRs that are named, or of none, as the caller's record, and return the CDRs."""
    caller = call.acting_as(*CREDITORS)
    creditor, party_id = CREDITORS[caller.role], caller.party_id
    ids = list(dict.fromkeys(normalized(one) for one in wanted.cdr_ids))
    if not 1 <= len(ids) <= MOST_CDRS:
        raise BadInput(f"`cdrIds` names 1 to {MOST_CDRS} CDRs.")

    async def first(connection: Connection) -> None:
        await stored.lock(connection, creditor, party_id, _keys(ids))

    async def work(connection: Connection) -> None:
        found = await _found(connection, creditor, party_id, ids)
        records = await stored.records(connection, [one.key for one in found])
        new = []
        for one in found:
            old = records[one.key].of[creditor]
            payment = step.taken(old)
            if payment is None:
                raise PaymentStateDiffers("Cdr", one.object_id, old.state, step.before)
            new.append((one.key, payment))
        await stored.put(connection, creditor, new, call.now)

    await once(call, idempotency_key, mutation, wanted, {"cdrs": ids}, work, first=first)
    return [one for one in await cdr_reading.many(call, ids) if one is not None]


async def _found(connection: Connection, creditor: Creditor, party_id: str, ids: Sequence[str]) -> list[Cdr]:
    """Return the CDRs by which a party is owed something, in the order of their ids, or raise NotFound."""
    known = await cdrs.many(connection, _keys(ids))
    own = {one.object_id: one for one in known.values() if one.owed_to(creditor) == party_id}
    for cdr_id in ids:
        if cdr_id not in own:
            raise NotFound("Cdr", cdr_id)
    return [own[cdr_id] for cdr_id in ids]


def _keys(ids: Sequence[str]) -> list[tuple[str, str]]:
    return [key for key in map(named, ids) if key is not None]
