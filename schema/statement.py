"""Statements as people read them, and the root fields that give them (BUC 4.1, 4.4, 4.5)."""

from decimal import Decimal
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules import statement as rules
from models.rules.statement import StatementGroup
from resolvers import statements
from resolvers.statements import WantedStatement
from schema.booking_location import Period
from schema.context import Info
from schema.inputs import PeriodInput, interval
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor

MOST_GROUPS = 4
GROUP_BY = "By nothing but the currency, if absent."


@strawberry.type(
    description="What one group comes to in one currency; amounts to two decimals, credits taken off (BUC 4.1)."
)
class StatementLine:
    """What one group comes to."""

    vehicle: str | None = strawberry.field(
        description="The licence plate, in one of its spellings; null if unknown, or not grouped by it."
    )
    contract_id: str | None = strawberry.field(
        description="In one of its spellings; null of what several contracts share, or of none. What they share "
        "stands in the statement of each of their fleets; their EMSP owes it."
    )
    location_id: strawberry.ID | None
    month: str | None = strawberry.field(description="In which it was issued, such as 2026-12, in UTC.")
    currency: str = strawberry.field(description="ISO 4217.")
    bookings: int
    sessions: int
    cdrs: int = strawberry.field(description="Credits included.")
    energy: Decimal = strawberry.field(description="kWh.")
    green_energy: Decimal = strawberry.field(description="How much of it is known to be green, in kWh.")
    green_share: Decimal | None = strawberry.field(description="The same in percent; null without energy.")
    before_taxes: Decimal = strawberry.field(description="What operators charge.")
    after_taxes: Decimal
    due: Decimal = strawberry.field(
        description="What of `afterTaxes` was not invoiced yet: to a fleet by its EMSP, else by the operators, each "
        "CDR in its `state`."
    )
    invoiced: Decimal = strawberry.field(description="What of it was invoiced and is not paid.")
    paid: Decimal = strawberry.field(description="What of it is paid.")
    fleet_due: Decimal | None = strawberry.field(
        description="What of `afterTaxes` the EMSP has not invoiced its fleets yet, each CDR in its `fleetState`, "
        "without what it booked on behalf of another provider. To a fleet it is `due`; null to operators."
    )
    fleet_invoiced: Decimal | None = strawberry.field(
        description="What of it the EMSP invoiced its fleets, and they have not paid."
    )
    fleet_paid: Decimal | None = strawberry.field(description="What of it the fleets paid their EMSP.")
    provider_after_taxes: Decimal | None = strawberry.field(
        description="What the fleet's own EMSP adds, after taxes; null to operators."
    )
    provider_due: Decimal | None = strawberry.field(
        description="What of `providerAfterTaxes` the EMSP has not invoiced yet; null to operators."
    )
    provider_invoiced: Decimal | None = strawberry.field(description="What of it was invoiced and is not paid.")
    provider_paid: Decimal | None = strawberry.field(description="What of it is paid.")

    @classmethod
    def of(cls, one: rules.StatementLine, *, provider: bool) -> "StatementLine":
        """Return a line as callers see it."""
        return cls(
            vehicle=one.vehicle,
            contract_id=one.contract_id,
            location_id=strawberry.ID(one.location_id) if one.location_id else None,
            month=one.month,
            currency=one.currency,
            bookings=one.bookings,
            sessions=one.sessions,
            cdrs=one.cdrs,
            energy=one.energy,
            green_energy=one.green_energy,
            green_share=one.green_share,
            before_taxes=one.before_taxes,
            after_taxes=one.after_taxes,
            due=one.due,
            invoiced=one.invoiced,
            paid=one.paid,
            fleet_due=one.fleet_due if provider else None,
            fleet_invoiced=one.fleet_invoiced if provider else None,
            fleet_paid=one.fleet_paid if provider else None,
            provider_after_taxes=one.provider if provider else None,
            provider_due=one.provider_due if provider else None,
            provider_invoiced=one.provider_invoiced if provider else None,
            provider_paid=one.provider_paid if provider else None,
        )


@strawberry.type(description="What was issued in a time, group by group, and all of it together by currency.")
class Statement:
    """What was issued in a time."""

    period: Period
    lines: Connection[StatementLine] = strawberry.field(
        description="In the order of vehicle, contract, place, month."
    )
    totals: list[StatementLine] = strawberry.field(description="All of it, one for each currency.")


@strawberry.type
class StatementQuery:
    """The root field that gives statements."""

    @strawberry.field(
        description="What fleets and EMSPs owe, and EMSPs and operators are owed, for what was issued within "
        "`period`. For TO, EMSP and CPO."
    )
    async def statement(
        self,
        info: Info,
        period: PeriodInput,
        group_by: Annotated[list[StatementGroup] | None, strawberry.argument(description=GROUP_BY)] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 100,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Statement:
        """Return a statement."""
        call = await info.context.call()
        wanted = WantedStatement(interval(period, "period"), groups(group_by))
        found = await statements.read(call, wanted, first=first, after=from_cursor(after))
        provider = statements.sees_provider(call)
        lines = [(StatementLine.of(one, provider=provider), key) for one, key in found.page.items]
        return Statement(
            period=Period.of(wanted.period),
            lines=connection(lines, found.page.has_next, after),
            totals=[StatementLine.of(one, provider=provider) for one in found.totals],
        )


def groups(given: list[StatementGroup] | None) -> tuple[StatementGroup, ...]:
    """Return by what a statement is divided, each once, or raise BadInput."""
    wanted = tuple(dict.fromkeys(given or ()))
    if len(given or ()) > MOST_GROUPS:
        raise BadInput(f"`groupBy` has at most {MOST_GROUPS} entries.")
    return wanted
