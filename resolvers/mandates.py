"""Mandates: that a party may book on behalf of a provider, given, taken back and asked for (BUC 2.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from models.db import Connection
from models.errors import BadInput, NotAllowed, NotFound
from models.queries import mandates as stored
from models.rules.booking import Booking
from models.rules.identity import normalized, uuid_of
from models.rules.mandate import Mandate
from models.rules.role import Role
from resolvers.call import Call, Caller
from resolvers.for_whom import ForWhom
from resolvers.once import once
from resolvers.pages import Page, checked_first, cut, moment_and_id

MOST_CONTRACTS = 500


@dataclass(frozen=True, slots=True)
class MandateToGrant:
    """Who may book for the caller, under which of its contracts (any, if none is named), and until when."""

    booker_id: str
    contract_ids: tuple[str, ...] = ()
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MandateToRevoke:
    """Which mandate to end."""

    mandate_id: str


async def grant(call: Call, idempotency_key: str, wanted: MandateToGrant) -> Mandate:
    """Let another provider book for the caller, instead of what it was allowed before, and return the mandate.

    Raise NotFound or NotAllowed.
    """
    caller = call.acting_as(Role.EMSP)
    booker_id = normalized(wanted.booker_id)
    if len(wanted.contract_ids) > MOST_CONTRACTS:
        raise BadInput(f"A mandate names at most {MOST_CONTRACTS} contracts; name none for all.")
    if wanted.valid_until is not None and wanted.valid_until <= call.now:
        raise BadInput("`validUntil` is over; give a moment that lies ahead, or none.")
    if booker_id == caller.party_id:
        raise BadInput("You book for yourself without a mandate; `bookerId` is another party.")
    new = Mandate(
        id=uuid4(),
        emsp_id=caller.party_id,
        booker_id=booker_id,
        contract_ids=tuple(dict.fromkeys(wanted.contract_ids)),
        granted_at=call.now,
        valid_until=wanted.valid_until,
    )

    async def work(connection: Connection) -> None:
        known = await stored.is_provider(connection, booker_id)
        if known is None:
            raise NotFound("Party", wanted.booker_id)
        if not known:
            raise NotAllowed(f"{booker_id} is not an EMSP here, and only an EMSP books on behalf of another.")
        await stored.replace(connection, new)

    came = await once(call, idempotency_key, "mandateGrant", wanted, {"mandate": str(new.id)}, work)
    return await _get(call, came["mandate"])


async def revoke(call: Call, idempotency_key: str, wanted: MandateToRevoke) -> Mandate:
    """End a mandate that the caller gave, once nobody is booking under it any more, and return it.

    What was booked under it stays. One that was ended before stays as it is. Raise NotFound, or NotAllowed for the
    party that holds it.
    """
    caller = call.acting_as(Role.EMSP)
    uuid = uuid_of(wanted.mandate_id.strip())

    async def first(connection: Connection) -> None:
        if uuid is not None:
            await stored.locked(connection, uuid)

    async def work(connection: Connection) -> None:
        old = await stored.locked(connection, uuid) if uuid else None
        if old is None or not _sees(caller, old):
            raise NotFound("Mandate", wanted.mandate_id)
        if old.emsp_id != caller.party_id:
            raise NotAllowed(f"Only {old.emsp_id}, which gave the mandate, can revoke it.")
        if old.revoked_at is None:
            await stored.revoke(connection, old.id, call.now)

    outcome = {"mandate": str(uuid)}
    came = await once(call, idempotency_key, "mandateRevoke", wanted, outcome, work, first=first)
    return await _get(call, came["mandate"])


async def page(call: Call, *, first: int, after: tuple[str, ...] | None) -> Page[Mandate]:
    """Return the mandates that the caller gave and holds, in the order they were granted; one statement."""
    caller = call.acting_as(Role.EMSP)
    limit = checked_first(first)
    async with call.database.reading() as connection:
        found = await stored.page(connection, caller.party_id, after=moment_and_id(after), limit=limit + 1)
    return cut([(one, (one.granted_at.isoformat(), str(one.id))) for one in found], limit)


async def provider(
    call: Call, connection: Connection, caller: Caller, wanted: ForWhom, contracts: tuple[str, ...]
) -> str:
    """Return the provider that a booking is made for: the caller's party, or the one whose mandate it has.

    Raise NotAllowed without a mandate that is valid now and covers the contracts. It stays valid until the
    transaction ends.
    """
    if wanted.on_behalf_of is None:
        return caller.party_id
    if caller.role is not Role.EMSP:
        raise NotAllowed("A fleet books for itself; leave `onBehalfOf` out.")
    emsp_id = normalized(wanted.on_behalf_of)
    if emsp_id != caller.party_id:
        await _check(call, connection, emsp_id, caller.party_id, contracts)
    return emsp_id


async def check_booker(call: Call, connection: Connection, one: Booking, contracts: Iterable[str]) -> None:
    """Raise NotAllowed if the caller made a booking under a mandate that is not valid any more, or for less.

    Whoever else may change the booking needs no mandate.
    """
    caller = call.authenticated()
    if caller.role is Role.EMSP and caller.party_id != one.emsp_id:
        await _check(call, connection, one.emsp_id, caller.party_id, contracts)


async def _check(call: Call, connection: Connection, emsp_id: str, booker_id: str, contracts: Iterable[str]) -> None:
    mandate = await stored.kept(connection, emsp_id, booker_id)
    if mandate is None or not mandate.valid(call.now):
        raise NotAllowed(f"{emsp_id} has given you no mandate that is valid now; ask it for one.")
    if not mandate.covers(contracts):
        raise NotAllowed(
            f"The mandate of {emsp_id} is for some of its contracts; name one of those, and none that it lacks."
        )


async def _get(call: Call, mandate_id: str) -> Mandate:
    """Return a mandate that the caller gave."""
    async with call.database.reading() as connection:
        found = await stored.get(connection, UUID(mandate_id))
    if found is None:
        raise NotFound("Mandate", mandate_id)
    return found


def _sees(caller: Caller, one: Mandate) -> bool:
    return caller.party_id in (one.emsp_id, one.booker_id)
