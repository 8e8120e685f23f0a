"""Doing without a fee of a booking, with a reason that stays on record (BUC 4.2, 4.3)."""

from dataclasses import dataclass, replace
from uuid import uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import unsettled
from models.queries import waivers as stored
from models.rules.bill import WAIVABLE
from models.rules.identity import normalized, own_uuid, owner, part_id
from models.rules.role import Role
from models.rules.terms_fee import FeeKind
from models.rules.waiver import Waiver
from models.settling_errors import AlreadyWaived
from resolvers import bookings
from resolvers.call import Call
from resolvers.locked_booking import lock_places, locked
from resolvers.once import once


@dataclass(frozen=True, slots=True)
class WantedWaiver:
    """Which fee of which booking is not billed, and why."""

    booking_id: str
    fee: FeeKind
    reason: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """Which waiver is taken back, and why."""

    waiver_id: str
    reason: str


async def waive(call: Call, idempotency_key: str, wanted: WantedWaiver) -> Waiver:
    """Do without a fee of a booking, billed already or not yet, and return the waiver.

    What was billed with it is credited, and billed again without it. Raise NotFound or AlreadyWaived.
    """
    caller = call.acting_as(Role.CPO)
    if wanted.fee not in WAIVABLE:
        raise BadInput(f"`fee` is one of {', '.join(sorted(WAIVABLE))}; of others, refund a CDR or a part of it.")
    waiver_id = uuid4()

    async def first(connection: Connection) -> None:
        await lock_places(connection, wanted.booking_id)

    async def work(connection: Connection) -> None:
        one = await locked(call, connection, wanted.booking_id)
        for known in await stored.of_booking(connection, one.id):
            if known.fee is wanted.fee and known.revoked_at is None:
                raise AlreadyWaived(known.object_id)
        new = Waiver(waiver_id, one.id, caller.party_id, wanted.fee, wanted.reason, call.now)
        await stored.add(connection, new)
        await unsettled.mark(connection, one.id, call.now)

    outcome = {"waiver": part_id(owner(normalized(wanted.booking_id)), str(waiver_id))}
    came = await once(call, idempotency_key, "feeWaive", wanted, outcome, work, first=first)
    return await _get(call, came["waiver"])


async def revoke(call: Call, idempotency_key: str, wanted: Revocation) -> Waiver:
    """Take a waiver back, so that its fee is billed after all, and return it. Raise NotFound or NotAllowed."""
    call.acting_as(Role.CPO)

    async def first(connection: Connection) -> None:
        one = await _found(connection, wanted.waiver_id)
        if one is not None:
            await lock_places(connection, one.booking_object_id)

    async def work(connection: Connection) -> None:
        one = await _own(call, connection, wanted.waiver_id)
        await locked(call, connection, one.booking_object_id)
        old = await _own(call, connection, wanted.waiver_id)
        if old.revoked_at is not None:
            raise NotAllowed(f"The waiver was revoked before, at {old.revoked_at.isoformat()}.")
        await stored.put(connection, replace(old, revoked_at=call.now, revoked_reason=wanted.reason))
        await unsettled.mark(connection, old.booking_id, call.now)

    outcome = {"waiver": wanted.waiver_id}
    await once(call, idempotency_key, "feeWaiverRevoke", wanted, outcome, work, first=first)
    return await _get(call, wanted.waiver_id)


async def of_booking(call: Call, booking_id: str) -> list[Waiver]:
    """Return the waivers of a booking that the caller sees, those that were taken back too, or raise NotFound."""
    one = await bookings.get(call, booking_id)
    async with call.database.reading() as connection:
        return await stored.of_booking(connection, one.id)


async def _get(call: Call, waiver_id: str) -> Waiver:
    async with call.database.reading() as connection:
        return await _own(call, connection, waiver_id)


async def _own(call: Call, connection: Connection, waiver_id: str) -> Waiver:
    """Return a waiver of the caller's, or raise NotFound."""
    found = await _found(connection, waiver_id)
    if found is None or found.cpo_id != call.authenticated().party_id:
        raise NotFound("FeeWaiver", waiver_id)
    return found


async def _found(connection: Connection, waiver_id: str) -> Waiver | None:
    uuid = own_uuid(waiver_id)
    found = (await stored.many(connection, [uuid])).get(uuid) if uuid else None
    return found if found is not None and found.object_id == normalized(waiver_id) else None
