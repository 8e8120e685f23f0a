"""The root fields that read CDRs (BUC 4.1, 4.4)."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from models.rules.bill import BillKind
from models.rules.payment import PaymentState
from resolvers import cdrs
from resolvers.cdrs import CdrFilter
from schema.cdr import Cdr, cdr
from schema.context import Info
from schema.inputs import LONGEST_ID, PeriodInput, interval, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor

OF_BOOKINGS = "Those of these bookings; at most 100."
OF_SESSIONS = "Those of these sessions; at most 100."
CREDITS = "Credits alone, or all but those; both, if absent."
ISSUED = "When they were issued."
STATES = "Those with one of these as `state`, which is how you stand to them."


@strawberry.type
class CdrQuery:
    """The root fields that read CDRs."""

    @strawberry.field(description="A CDR by its id; an error with code NOT_FOUND else.")
    async def cdr(self, info: Info, id: strawberry.ID) -> Cdr | None:
        """Return one CDR."""
        call = await info.context.call()
        return cdr(await cdrs.get(call, text(id, "id", LONGEST_ID)), call)

    @strawberry.field(description="The CDRs that concern the caller, in the order in which they were issued.")
    async def cdrs(
        self,
        info: Info,
        booking_ids: Annotated[list[strawberry.ID] | None, strawberry.argument(description=OF_BOOKINGS)] = None,
        session_ids: Annotated[list[strawberry.ID] | None, strawberry.argument(description=OF_SESSIONS)] = None,
        location_id: strawberry.ID | None = None,
        kinds: list[BillKind] | None = None,
        credits: Annotated[bool | None, strawberry.argument(description=CREDITS)] = None,
        contract_id: str | None = None,
        states: Annotated[list[PaymentState] | None, strawberry.argument(description=STATES)] = None,
        issued: Annotated[PeriodInput | None, strawberry.argument(description=ISSUED)] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Cdr]:
        """Return a page of CDRs."""
        call = await info.context.call()
        wanted = wanted_cdrs(booking_ids, session_ids, location_id, kinds, credits, contract_id, states, issued)
        page = await cdrs.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(cdr(one, call), key) for one, key in page.items], page.has_next, after)


def wanted_cdrs(
    booking_ids: Sequence[str] | None,
    session_ids: Sequence[str] | None,
    location_id: str | None,
    kinds: Sequence[BillKind] | None,
    credits: bool | None,
    contract_id: str | None,
    states: Sequence[PaymentState] | None,
    issued: PeriodInput | None,
) -> CdrFilter:
    """Return which CDRs the arguments of a root field ask for, or raise BadInput."""
    return CdrFilter(
        booking_ids=None if booking_ids is None else tuple(booking_ids),
        session_ids=None if session_ids is None else tuple(session_ids),
        location_id=location_id,
        kinds=tuple(kinds or ()),
        credits=credits,
        contract_id=contract_id,
        states=tuple(states or ()),
        issued=interval(issued, "issued") if issued else None,
    )
