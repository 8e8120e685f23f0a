"""Reading CDRs with what became of them, each only by whom it concerns (BUC 4.1, 4.4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.db import Connection
from models.errors import BadInput, NotFound
from models.queries import cdr_payments
from models.queries import cdrs as stored
from models.queries.concerning import Condition
from models.rules.bill import BillKind
from models.rules.cdr import Cdr, CdrRecords, CdrStanding, Creditor, named
from models.rules.identity import normalized, own_uuid, part_id
from models.rules.interval import Interval
from models.rules.payment import PaymentState
from models.rules.token import contract_key
from resolvers import access
from resolvers.call import Call
from resolvers.pages import Page, checked_first, cut, moment_and_position

MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class KnownCdr:
    """A CDR, and what became of it since, as its reader is told."""

    cdr: Cdr
    standing: CdrStanding

    @property
    def credited_by_object_id(self) -> str | None:
        """The composite id of the CDR that took it back; None if none did."""
        by = self.standing.credited_by
        return part_id(self.cdr.parties.cpo_id, by) if by is not None else None


@dataclass(frozen=True, slots=True)
class CdrFilter:
    """Which CDRs are asked for; empty fields ask nothing, and None does neither. `credits` asks for those alone."""

    booking_ids: tuple[str, ...] | None = None
    session_ids: tuple[str, ...] | None = None
    location_id: str | None = None
    kinds: tuple[BillKind, ...] = ()
    credits: bool | None = None
    contract_id: str | None = None
    states: tuple[PaymentState, ...] = ()
    issued: Interval | None = None


async def many(call: Call, cdr_ids: Sequence[str]) -> list[KnownCdr | None]:
    """Return the CDRs of composite ids, in order; None for one that the caller may not see; two statements."""
    wanted = [named(one) for one in cdr_ids]
    async with call.database.reading() as connection:
        found = await stored.many(connection, [one for one in wanted if one is not None])
        seen = {one.cdr.object_id: one for one in await _known(call, connection, _seen(call, found.values()))}
    return [seen.get(normalized(one)) for one in cdr_ids]


async def get(call: Call, cdr_id: str) -> KnownCdr:
    """Return the CDR of a composite id, or raise NotFound."""
    call.authenticated()
    (found,) = await many(call, [cdr_id])
    if found is None:
        raise NotFound("Cdr", cdr_id)
    return found


async def of_bookings(call: Call, booking_ids: Sequence[str]) -> list[list[KnownCdr]]:
    """Return the CDRs of each of the bookings of composite ids, as they were issued; two statements."""
    wanted = [own_uuid(one) for one in booking_ids]
    async with call.database.reading() as connection:
        found = await stored.of_bookings(connection, [one for one in wanted if one is not None])
        known = await _known(call, connection, _seen(call, found))
    return _grouped(wanted, [(one.cdr.booking_id, one) for one in known])


async def of_sessions(call: Call, session_ids: Sequence[str]) -> list[list[KnownCdr]]:
    """Return the CDRs of each of the sessions of composite ids, as they were issued; two statements."""
    wanted = [own_uuid(one) for one in session_ids]
    async with call.database.reading() as connection:
        found = await stored.of_sessions(connection, [one for one in wanted if one is not None])
        known = await _known(call, connection, _seen(call, found))
    return _grouped(wanted, [(one.cdr.bill.session_id, one) for one in known])


async def page(call: Call, wanted: CdrFilter, *, first: int, after: tuple[str, ...] | None) -> Page[KnownCdr]:
    """Return the CDRs that concern the caller in the order in which they were issued; two statements."""
    holder, limit, position = access.holder(call), checked_first(first), moment_and_position(after)
    for name, given in (("bookingIds", wanted.booking_ids), ("sessionIds", wanted.session_ids)):
        if len(given or ()) > MOST_NAMED:
            raise BadInput(f"`{name}` names at most {MOST_NAMED}.")
    if holder is None or (wanted.contract_id is not None and not access.sees_contract(call, wanted.contract_id)):
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        conditions = _conditions(wanted, access.creditor(call))
        found = await stored.listed(connection, holder, conditions, after=position, limit=limit + 1)
        known = await _known(call, connection, [one for one, _ in found])
    keyed = zip(known, (key for _, key in found), strict=True)
    return cut([(one, (one.cdr.issued_at.isoformat(), str(key))) for one, key in keyed], limit)


def _conditions(wanted: CdrFilter, creditor: Creditor) -> list[Condition]:
    found: list[Condition] = []
    if wanted.booking_ids is not None:
        found.append(("booking_id = ANY({}::uuid[])", _uuids(map(own_uuid, wanted.booking_ids))))
    if wanted.session_ids is not None:
        found.append(("session_id = ANY({}::uuid[])", _uuids(map(own_uuid, wanted.session_ids))))
    if wanted.location_id is not None:
        found.append(("location_id = {}", normalized(wanted.location_id)))
    if wanted.kinds:
        found.append(("kind = ANY({}::text[])", [one.value for one in wanted.kinds]))
    if wanted.credits is not None:
        found.append(("(credits IS NOT NULL) = {}", wanted.credits))
    if wanted.contract_id is not None:
        found.append(("contract_key = {}", contract_key(wanted.contract_id)))
    if wanted.states:
        found.append((f"{cdr_payments.state(creditor)} = ANY({{}}::text[])", [one.value for one in wanted.states]))
    if wanted.issued is not None:
        found.append(("issued_at >= {}", wanted.issued.start))
        found.append(("issued_at < {}", wanted.issued.end))
    return found


def _uuids(found: Iterable[UUID | None]) -> list[UUID]:
    return [one for one in found if one is not None]


def _seen(call: Call, found: Iterable[Cdr]) -> list[Cdr]:
    return [one for one in found if access.concerns(call, one.parties)]


async def _known(call: Call, connection: Connection, found: Sequence[Cdr]) -> list[KnownCdr]:
    """Return CDRs with what became of them, in order."""
    records = await cdr_payments.records(connection, [one.key for one in found]) if found else {}
    return [KnownCdr(one, _told(call, one, records[one.key])) for one in found]


def _told(call: Call, one: Cdr, records: CdrRecords) -> CdrStanding:
    """Return what a caller is told of what became of a CDR."""
    of_fleet = records.of[Creditor.EMSP] if access.sees_owed_by_fleet(call, one.parties) else None
    return CdrStanding(records.of[access.creditor(call)], of_fleet, records.credited_by)


def _grouped(wanted: Sequence[UUID | None], known: Sequence[tuple[UUID | None, KnownCdr]]) -> list[list[KnownCdr]]:
    groups: dict[UUID | None, list[KnownCdr]] = defaultdict(list)
    for uuid, one in known:
        groups[uuid].append(one)
    return [groups[uuid] if uuid is not None else [] for uuid in wanted]
