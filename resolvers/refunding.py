"""Giving back a part of what a CDR billed, or all of it, with a reason (OCPI CDR, credit; BUC 4.4)."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.queries import cdrs, locks, refunds, sessions, unsettled
from models.rules.cdr import Cdr, named
from models.rules.refund import Refund, refundable
from models.rules.role import Role
from resolvers import access, cdr_reading
from resolvers.call import Call
from resolvers.cdr_reading import KnownCdr
from resolvers.locked_booking import lock_places, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """How much of what a CDR billed is given back, before taxes and in its currency, and why."""

    cdr_id: str
    before_taxes: Decimal
    reason: str


async def refund(call: Call, idempotency_key: str, wanted: WantedRefund) -> KnownCdr:
    """Give back so much of what a CDR billed, and return that CDR.

    It is credited as a whole, and one for what is left takes its place, within seconds. The refund belongs to what
    was billed: whatever else changes of that, it stays given back while that is billed in the same currency.
    Raise NotFound or NotAllowed.
    """
    call.acting_as(Role.CPO)
    refund_id = uuid4()

    async def first(connection: Connection) -> None:
        one = await _own(call, connection, wanted.cdr_id)
        if one.booking_object_id is not None:
            await lock_places(connection, one.booking_object_id)
        else:
            await locks.share(connection, one.location_id)

    async def work(connection: Connection) -> None:
        one = await _own(call, connection, wanted.cdr_id)
        holder_id = await _hold(call, connection, one)
        await _check(connection, holder_id, one, wanted.before_taxes)
        new = Refund(
            id=refund_id,
            holder_id=holder_id,
            subject=one.bill.subject,
            cpo_id=one.parties.cpo_id,
            cdr_id=one.local_id,
            currency=one.currency,
            before_taxes=wanted.before_taxes,
            reason=wanted.reason,
            refunded_at=call.now,
        )
        await refunds.add(connection, new)
        mark = unsettled.mark if one.booking_id is not None else unsettled.mark_walk_up
        await mark(connection, holder_id, call.now)

    await once(call, idempotency_key, "cdrRefund", wanted, {"cdr": wanted.cdr_id}, work, first=first)
    return await cdr_reading.get(call, wanted.cdr_id)


async def _own(call: Call, connection: Connection, cdr_id: str) -> Cdr:
    """Return a CDR of the caller's, or raise NotFound."""
    key = named(cdr_id)
    found = (await cdrs.many(connection, [key])).get(key) if key else None
    if found is None or not access.concerns(call, found.parties):
        raise NotFound("Cdr", cdr_id)
    return found


async def _hold(call: Call, connection: Connection, one: Cdr) -> UUID:
    """Let nobody settle what a CDR is of until the transaction ends, and return what that is."""
    if one.booking_object_id is not None:
        await locked(call, connection, one.booking_object_id)
    else:
        await sessions.locked(connection, one.location_id, one.holder_id)
    return one.holder_id


async def _check(connection: Connection, holder_id: UUID, one: Cdr, before_taxes: Decimal) -> None:
    """Raise NotAllowed unless a CDR bills what it is of now, and so much of that was not given back."""
    billing = await cdrs.billed(connection, holder_id)
    if one.credit or one.local_id not in {known.local_id for known in billing}:
        raise NotAllowed("The CDR is a credit, or was credited; refund the one that bills this now.")
    left = refundable(one.bill, await refunds.of(connection, holder_id))
    if before_taxes > left:
        raise NotAllowed(f"At most {left} {one.currency} before taxes of it are left to be refunded.")
