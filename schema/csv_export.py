"""The root fields that give CDRs and statements as CSV (BUC 4.1, 4.4)."""

from typing import Annotated

import strawberry

from models.rules.bill import BillKind
from models.rules.payment import PaymentState
from models.rules.statement import StatementGroup
from resolvers import csv_export
from resolvers.csv_export import CsvPage
from resolvers.statements import WantedStatement
from schema.cdr_fields import CREDITS, ISSUED, OF_BOOKINGS, OF_SESSIONS, STATES, wanted_cdrs
from schema.context import Info
from schema.inputs import PeriodInput, interval
from schema.pages import from_cursor, to_cursor
from schema.statement import GROUP_BY, groups

AFTER = "The `cursor` of the page before; without it the text begins with a heading."
CDRS = "How many CDRs, 1 to 500."
GROUPS = "How many groups, 1 to 500."


@strawberry.type(description="A page of rows as CSV (RFC 4180). The texts of all pages, one after another, are one.")
class Csv:
    """A page of rows as CSV."""

    text: str
    cursor: str | None = strawberry.field(description="Behind which to continue; null without a row.")
    has_next: bool = strawberry.field(description="Whether more follow behind `cursor`.")

    @classmethod
    def of(cls, page: CsvPage) -> "Csv":
        """Return a page as callers see it."""
        cursor = to_cursor(page.position) if page.position is not None else None
        return cls(text=page.text, cursor=cursor, has_next=page.has_next)


@strawberry.type
class CsvQuery:
    """The root fields that give CSV."""

    @strawberry.field(
        description="What `cdrs` gives, as CSV: a row for each line of each CDR, amounts to four decimals. The lines "
        "of a credit are negative in it, so that every column adds up. What you are not told is empty."
    )
    async def cdrs_csv(
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
        first: Annotated[int, strawberry.argument(description=CDRS)] = 500,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Csv:
        """Return a page of CDRs as CSV."""
        wanted = wanted_cdrs(booking_ids, session_ids, location_id, kinds, credits, contract_id, states, issued)
        call = await info.context.call()
        return Csv.of(await csv_export.cdrs_csv(call, wanted, first=first, after=from_cursor(after)))

    @strawberry.field(
        description="The lines of `statement` as CSV: a row for each group, amounts to two decimals. What you are "
        "not told is empty. For TO, EMSP and CPO."
    )
    async def statement_csv(
        self,
        info: Info,
        period: PeriodInput,
        group_by: Annotated[list[StatementGroup] | None, strawberry.argument(description=GROUP_BY)] = None,
        first: Annotated[int, strawberry.argument(description=GROUPS)] = 500,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Csv:
        """Return a page of a statement as CSV."""
        wanted = WantedStatement(interval(period, "period"), groups(group_by))
        call = await info.context.call()
        return Csv.of(await csv_export.statement_csv(call, wanted, first=first, after=from_cursor(after)))
