"""Mandates as callers see them, and the root fields that give, end and read them (BUC 2.2)."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules import mandate as rules
from resolvers import mandates
from resolvers.mandates import MandateToGrant, MandateToRevoke
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import LONGEST_ID, text
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor


@strawberry.type(description="That a party books on behalf of a provider, for all or some of its contracts.")
class Mandate:
    """That a party books on behalf of a provider."""

    id: strawberry.ID
    emsp_id: strawberry.ID = strawberry.field(description="The provider for whom is booked, such as NL*EMS.")
    booker_id: strawberry.ID = strawberry.field(description="The party that books for it.")
    contract_ids: list[str] = strawberry.field(description="For these contracts only; for all, if empty.")
    granted_at: datetime
    valid_until: datetime | None = strawberry.field(description="Null if it is valid until it is revoked.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, one: rules.Mandate) -> "Mandate":
        """Return a mandate as callers see it."""
        return cls(
            id=strawberry.ID(str(one.id)),
            emsp_id=strawberry.ID(one.emsp_id),
            booker_id=strawberry.ID(one.booker_id),
            contract_ids=list(one.contract_ids),
            granted_at=one.granted_at,
            valid_until=one.valid_until,
            revoked_at=one.revoked_at,
        )


@strawberry.input(description="Who may book for the caller; this is instead of what it was granted before.")
class MandateGrantInput:
    """Who may book for the caller."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    booker_id: strawberry.ID = strawberry.field(description="A party of role EMSP, such as DE*EMO.")
    contract_ids: list[str] = strawberry.field(
        default_factory=list, description="For bookings under these contracts only; under any or none, if empty."
    )
    valid_until: datetime | None = strawberry.field(default=None, description="Until it is revoked, if absent.")


@strawberry.input(description="Which mandate to end.")
class MandateRevokeInput:
    """Which mandate to end."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    mandate_id: strawberry.ID


MandateGrantResult = Annotated[
    Mandate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("MandateGrantResult"),
]
MandateRevokeResult = Annotated[
    Mandate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("MandateRevokeResult"),
]


@strawberry.type
class MandateQuery:
    """The root field that reads mandates."""

    @strawberry.field(
        description="The mandates that the caller gave and those it holds, also ended ones, in the order they were "
        "granted. For EMSP."
    )
    async def mandates(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> Connection[Mandate]:
        """Return a page of mandates."""
        page = await mandates.page(await info.context.call(), first=first, after=from_cursor(after))
        return connection([(Mandate.of(one), key) for one, key in page.items], page.has_next, after)


@strawberry.type
class MandateMutation:
    """The root fields that give and end mandates."""

    @strawberry.mutation(
        description="Let another party book on your behalf (`onBehalfOf`). It sees the bookings that it made, and "
        "may change and cancel them, while the mandate is valid and covers all their contracts; you see and change "
        "them as your own. For EMSP."
    )
    async def mandate_grant(self, info: Info, input: MandateGrantInput) -> MandateGrantResult:
        """Give a mandate."""
        call = await info.context.call()
        if len(input.contract_ids) > mandates.MOST_CONTRACTS:
            raise BadInput(f"`contractIds` has at most {mandates.MOST_CONTRACTS} entries.")
        wanted = MandateToGrant(
            booker_id=text(input.booker_id, "bookerId", LONGEST_ID),
            contract_ids=tuple(text(one, "contractIds", LONGEST_TOKEN_PART) for one in input.contract_ids),
            valid_until=input.valid_until,
        )
        return Mandate.of(await mandates.grant(call, input.idempotency_key, wanted))

    @strawberry.mutation(
        description="End a mandate; once this answers nothing more is booked under it. What was booked stays, and "
        "the party that booked it sees it no more. For EMSP."
    )
    async def mandate_revoke(self, info: Info, input: MandateRevokeInput) -> MandateRevokeResult:
        """End a mandate."""
        call = await info.context.call()
        wanted = MandateToRevoke(text(input.mandate_id, "mandateId", LONGEST_ID))
        return Mandate.of(await mandates.revoke(call, input.idempotency_key, wanted))
