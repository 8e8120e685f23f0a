"""Reading what EMSPs add: each its own, and its fleets what is under their contracts; nobody else (BUC 4.5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from models.queries import provider_lines as stored
from models.queries.concerning import Condition
from models.rules.cdr import named
from models.rules.interval import Interval
from models.rules.payment import PaymentState
from models.rules.provider_line import ProviderLine, ProviderLineKind
from models.rules.role import Role
from resolvers import access
from resolvers.call import Call
from resolvers.pages import Page, checked_first, cut, moment_and_id


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are asked for; empty fields ask nothing."""

    contract_id: str | None = None
    kinds: tuple[ProviderLineKind, ...] = ()
    states: tuple[PaymentState, ...] = ()
    issued: Interval | None = None


async def page(call: Call, wanted: LineFilter, *, first: int, after: tuple[str, ...] | None) -> Page[ProviderLine]:
    """Return lines of the caller, an EMSP or a fleet of one, in the order in which they were issued; one statement.

    Who booked for an EMSP sees none of its lines.
    """
    caller = call.acting_as(Role.EMSP, Role.TO)
    limit, position, conditions = checked_first(first), moment_and_id(after), _conditions(wanted)
    if wanted.contract_id is not None and not access.sees_contract(call, wanted.contract_id):
        return Page((), has_next=False)  # or it would tell with which contracts a booking was shared
    under = caller.contract_ids if caller.role is Role.TO else None
    if wanted.contract_id is not None:
        under = (wanted.contract_id,)  # one of a fleet's own
    async with call.database.reading() as connection:
        found = await stored.listed(connection, caller.party_id, under, conditions, after=position, limit=limit + 1)
    return cut([(one, (one.issued_at.isoformat(), str(one.id))) for one in found], limit)


async def of_cdrs(call: Call, cdr_ids: Sequence[str]) -> list[list[ProviderLine]]:
    """Return what the caller's EMSP, or the caller as one, adds to each of the CDRs of composite ids, in order.

    One statement; for anybody else there is nothing to see, and none is asked.
    """
    caller = call.caller
    if caller is None or caller.role not in (Role.EMSP, Role.TO):
        return [[] for _ in cdr_ids]
    wanted = [named(one) for one in cdr_ids]
    async with call.database.reading() as connection:
        found = await stored.of_cdrs(connection, caller.party_id, [one for one in wanted if one is not None])
    by_cdr: dict[object, list[ProviderLine]] = defaultdict(list)
    for one in found:
        if access.sees_provider_line(call, one):
            by_cdr[one.cpo_id, one.cdr_id].append(one)
    return [by_cdr[name] for name in wanted]


def _conditions(wanted: LineFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.kinds:
        found.append(("kind = ANY({}::text[])", [one.value for one in wanted.kinds]))
    if wanted.states:
        found.append(("state = ANY({}::text[])", [one.value for one in wanted.states]))
    if wanted.issued is not None:
        found.append(("issued_at >= {}", wanted.issued.start))
        found.append(("issued_at < {}", wanted.issued.end))
    return found
