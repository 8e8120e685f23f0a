"""Recording that CDRs were invoiced, and that they were paid; no money is moved (BUC 4.1, 4.4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import cdr_payments as stored
from models.queries import cdrs
from models.rules.cdr import Cdr, CdrStanding, PaymentState, named
from models.rules.identity import normalized
from models.rules.role import Role
from models.settling_errors import PaymentStateDiffers
from resolvers import access, cdr_reading
from resolvers.call import Call
from resolvers.cdr_reading import KnownCdr
from resolvers.once import once

MOST_CDRS = 500


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
    """Note on which invoice the caller's CDRs that are due were put, all or none of them, and return them.

    Raise NotFound or PaymentStateDiffers.
    """

    def become(_: CdrStanding) -> CdrStanding:
        return CdrStanding(PaymentState.INVOICED, wanted.invoice_id)

    return await _moved(call, idempotency_key, "cdrsInvoice", wanted, PaymentState.DUE, become)


async def pay(call: Call, idempotency_key: str, wanted: Paying) -> list[KnownCdr]:
    """Note that the caller's CDRs that were invoiced are paid, all or none of them, and return them.

    Raise NotFound or PaymentStateDiffers.
    """

    def become(old: CdrStanding) -> CdrStanding:
        return CdrStanding(PaymentState.PAID, old.invoice_id)

    return await _moved(call, idempotency_key, "cdrsPay", wanted, PaymentState.INVOICED, become)


async def _moved(
    call: Call,
    idempotency_key: str,
    mutation: str,
    wanted: Invoicing | Paying,
    before: PaymentState,
    become: Callable[[CdrStanding], CdrStanding],
) -> list[KnownCdr]:
    """Let CDRs in the state `before` become what `become` makes of them, and return them in order."""
    caller = call.acting_as(Role.CPO)
    ids = list(dict.fromkeys(normalized(one) for one in wanted.cdr_ids))
    if not 1 <= len(ids) <= MOST_CDRS:
        raise BadInput(f"`cdrIds` names 1 to {MOST_CDRS} CDRs.")
    own = [local_id for cpo_id, local_id in _keys(ids) if cpo_id == caller.party_id]

    async def first(connection: Connection) -> None:
        await stored.lock(connection, caller.party_id, own)

    async def work(connection: Connection) -> None:
        found = await _found(call, connection, ids)
        standing = await stored.standing(connection, [(one.parties.cpo_id, one.local_id) for one in found])
        new = []
        for one in found:
            old = standing[one.parties.cpo_id, one.local_id]
            if old.state is not before:
                raise PaymentStateDiffers("Cdr", one.object_id, old.state, before)
            after = become(old)
            new.append((one.local_id, after.state, after.invoice_id))
        await stored.put(connection, caller.party_id, new, call.now)

    await once(call, idempotency_key, mutation, wanted, {"cdrs": ids}, work, first=first)
    return [one for one in await cdr_reading.many(call, ids) if one is not None]


async def _found(call: Call, connection: Connection, ids: Sequence[str]) -> list[Cdr]:
    """Return CDRs of the caller's in the order of their ids, or raise NotFound."""
    known = await cdrs.many(connection, _keys(ids))
    seen = {one.object_id: one for one in known.values() if access.concerns(call, one.parties)}
    for cdr_id in ids:
        if cdr_id not in seen:
            raise NotFound("Cdr", cdr_id)
    return [seen[cdr_id] for cdr_id in ids]


def _keys(ids: Sequence[str]) -> list[tuple[str, str]]:
    return [key for key in map(named, ids) if key is not None]
