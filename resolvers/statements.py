"""Statements: what fleets, EMSPs and operators owe and are owed, and what was charged for it (BUC 4.1, 4.4, 4.5)."""

from dataclasses import dataclass
from datetime import timedelta

from models.errors import BadInput
from models.queries import statements as stored
from models.queries.statements import Asked
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


@dataclass(frozen=True, slots=True)
class Statement:
    """Some groups of a statement, and what all of it comes to, by currency; of one moment."""

    page: Page[StatementLine]
    totals: tuple[StatementLine, ...]


async def read(call: Call, wanted: WantedStatement, *, first: int, after: tuple[str, ...] | None) -> Statement:
    """Return a statement of what the caller may see: a page as `page` does, and what all of it comes to.

    One statement of SQL, so both are of one moment.
    """
    limit, asked = _checked(call, wanted, first, after)
    if asked is None:
        return Statement(Page((), has_next=False), ())
    async with call.database.reading() as connection:
        found, totals = await stored.lines_and_totals(connection, asked, after=after, limit=limit + 1)
    return Statement(cut([(one, one.key) for one in found], limit), tuple(totals))


async def page(
    call: Call, wanted: WantedStatement, *, first: int, after: tuple[str, ...] | None
) -> Page[StatementLine]:
    """Return a statement of what the caller may see, group by group; one statement of SQL.

    What a fleet's EMSP adds, and noted of what the fleet owes, is shown to the two only. Raise Forbidden or BadInput.
    """
    limit, asked = _checked(call, wanted, first, after)
    if asked is None:
        return Page((), has_next=False)
    async with call.database.reading() as connection:
        found = await stored.lines(connection, asked, after=after, limit=limit + 1)
    return cut([(one, one.key) for one in found], limit)


def sees_provider(call: Call) -> bool:
    """Whether a caller is told what EMSPs add, and are owed by fleets: the two, each of its own, and no operator."""
    return call.caller is not None and call.caller.role in (Role.EMSP, Role.TO)


def _checked(
    call: Call, wanted: WantedStatement, first: int, after: tuple[str, ...] | None
) -> tuple[int, Asked | None]:
    """Return how many groups are asked for, and of whose; None sees nothing. Raise Forbidden or BadInput."""
    call.acting_as(Role.CPO, Role.EMSP, Role.TO)
    if wanted.period.duration > LONGEST:
        raise BadInput("`period` is at most five years.")
    if after is not None and len(after) != KEYS:
        raise foreign()
    limit, holder = checked_first(first), access.holder(call)
    if holder is None:
        return limit, None
    return limit, Asked(holder, wanted.period, wanted.groups, access.creditor(call), sees_provider(call))
