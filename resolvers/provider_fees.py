"""The fees that an EMSP takes from its fleets: published by it, and seen by nobody but the fleets they are for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import provider_fees as stored
from models.rules.provider_fee import ProviderFee
from models.rules.role import Role
from resolvers.call import Call
from resolvers.once import once
from resolvers.provider_line_months import take_until_now
from resolvers.versions import renewed

MOST_FEES = 500
"""In one call, and of one EMSP: each is a line of every price that its fleets see."""


@dataclass(frozen=True, slots=True)
class FeeToPublish:
    """A fee as it shall be; `expected_last_updated` is that of the version which the caller read."""

    id: str
    name: str
    currency: str
    per_booking: Decimal
    percentage: Decimal
    per_month: Decimal
    vat: Decimal | None
    contract_ids: tuple[str, ...]
    expected_last_updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeesToPublish:
    """Fees that are published all or not at all."""

    fees: tuple[FeeToPublish, ...]


@dataclass(frozen=True, slots=True)
class FeesToWithdraw:
    """Which fees are taken no more, all or none of them."""

    ids: tuple[str, ...]


async def publish(call: Call, idempotency_key: str, wanted: FeesToPublish) -> list[ProviderFee]:
    """Publish fees of the caller and return them; others of its fees stay. Raise LostUpdate or NotAllowed."""
    emsp_id = call.acting_as(Role.EMSP).party_id
    ids = _checked([fee.id for fee in wanted.fees])

    async def first(connection: Connection) -> None:
        await stored.own(connection, emsp_id)

    async def work(connection: Connection) -> None:
        old = {fee.id: fee.last_updated for fee in await stored.of_emsp(connection, emsp_id)}
        if len({*old, *ids}) > MOST_FEES:
            raise NotAllowed(f"An EMSP has at most {MOST_FEES} fees; withdraw those that are taken no more.")
        await take_until_now(call, connection, emsp_id)
        await stored.put(connection, [_new(call, emsp_id, fee, old.get(fee.id)) for fee in wanted.fees])

    came = await once(call, idempotency_key, "providerFeesPublish", wanted, {"fees": ids}, work, first=first)
    known = {fee.id: fee for fee in await mine(call)}
    return [known[name] for name in came["fees"] if name in known]


async def withdraw(call: Call, idempotency_key: str, wanted: FeesToWithdraw) -> list[str]:
    """Withdraw fees of the caller and return their ids; bookings keep what was priced. Raise NotFound."""
    emsp_id = call.acting_as(Role.EMSP).party_id
    ids = _checked(wanted.ids)

    async def first(connection: Connection) -> None:
        await stored.own(connection, emsp_id)

    async def work(connection: Connection) -> None:
        known = {fee.id for fee in await stored.of_emsp(connection, emsp_id)}
        for name in ids:
            if name not in known:
                raise NotFound("ProviderFee", name)
        await take_until_now(call, connection, emsp_id)
        await stored.remove(connection, emsp_id, ids)

    came = await once(call, idempotency_key, "providerFeesWithdraw", wanted, {"fees": ids}, work, first=first)
    return list(came["fees"])


async def mine(call: Call) -> list[ProviderFee]:
    """Return all fees of the caller, an EMSP, by their ids; one statement."""
    caller = call.acting_as(Role.EMSP)
    async with call.database.reading() as connection:
        return await stored.of_emsp(connection, caller.party_id)


async def seen(call: Call) -> Sequence[ProviderFee]:
    """Return the fees that stand beside the prices which the caller is shown: a fleet's, of its EMSP.

    One statement for a fleet; nobody else sees any, and none is asked.
    """
    caller = call.caller
    if caller is None or caller.role is not Role.TO:
        return ()
    async with call.database.reading() as connection:
        return await stored.seen(connection, caller.party_id, caller.contract_ids)


def _checked(ids: Sequence[str]) -> list[str]:
    if not 1 <= len(ids) <= MOST_FEES:
        raise BadInput(f"One call takes 1 to {MOST_FEES} fees; this one names {len(ids)}.")
    ((name, times),) = Counter(ids).most_common(1)
    if times > 1:
        raise BadInput(f"Name each fee once; {name} is named {times} times.")
    return list(ids)


def _new(call: Call, emsp_id: str, fee: FeeToPublish, changed: datetime | None) -> ProviderFee:
    return ProviderFee(
        emsp_id=emsp_id,
        id=fee.id,
        name=fee.name,
        currency=fee.currency,
        per_booking=fee.per_booking,
        percentage=fee.percentage,
        per_month=fee.per_month,
        vat=fee.vat,
        contract_ids=tuple(dict.fromkeys(fee.contract_ids)),
        last_updated=renewed(call, "ProviderFee", fee.id, changed, fee.expected_last_updated),
    )
