"""Statements: what fleets, EMSPs and operators owe and are owed, and what was charged for it (BUC 4.1, 4.4, 4.5)."""

from dataclasses import dataclass
from datetime import timedelta

from models.errors import BadInput
from models.queries import statements as stored
from models.rules.interval import Interval
from models.rules.role import Role
from models.rules.statement import StatementGroup, StatementLine
from resolvers import access
from resolvers.call import Call
from resolvers.pages import Page, checked_first, cut, foreign

LONGEST = timedelta(days=5 * 366)
KEYS = 5


@dataclass(frozen=True, slots=True)
class WantedStatement:
    """What was issued within `period`, divided by `groups`; by nothing but the currency if there are none."""

    period: Interval
    groups: tuple[StatementGroup, ...]


async def page(
    call: Call, wanted: WantedStatement, *, first: int, after: tuple[str, ...] | None
) -> Page[StatementLine]:
    """Return a statement of what the caller may see, group by group; one statement of SQL.

    What a fleet's EMSP adds is shown to both of them only. Raise Forbidden or BadInput.
    """
    call.acting_as(Role.CPO, Role.EMSP, Role.TO)
    limit, holder = checked_first(first), access.holder(call)
    if wanted.period.duration > LONGEST:
        raise BadInput("`period` is at most five years.")
    if after is not None and len(after) != KEYS:
        raise foreign()
    if holder is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.lines(
            connection,
            holder,
            wanted.period,
            wanted.groups,
            provider=sees_provider(call),
            after=after,
            limit=limit + 1,
        )
    return cut([(one, one.key) for one in found], limit)


async def totals(call: Call, wanted: WantedStatement) -> list[StatementLine]:
    """Return what all of a statement comes to, by currency; one statement of SQL."""
    found = await page(call, WantedStatement(wanted.period, ()), first=100, after=None)
    return [one for one, _ in found.items]


def sees_provider(call: Call) -> bool:
    """Whether a caller is told what EMSPs add: they and their fleets, each of their own, and no operator."""
    return call.caller is not None and call.caller.role in (Role.EMSP, Role.TO)
