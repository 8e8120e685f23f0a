"""The root fields by which an operator's CDRs are numbered without a gap (BUC 4.1)."""

from typing import Annotated

import strawberry

from models.rules import cdr as rules
from resolvers import cdr_numbering
from resolvers.cdr_numbering import Numbering
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.inputs import text

LONGEST_PREFIX = 20


@strawberry.type(description="How the operator's CDRs are numbered without a gap.")
class CdrNumbering:
    """How CDRs are numbered."""

    prefix: str = strawberry.field(description="What is put before a number of at least nine digits.")
    last_number: int = strawberry.field(description="The last that was given; 0 before the first.")

    @classmethod
    def of(cls, one: rules.CdrNumbering) -> "CdrNumbering":
        """Return a numbering as callers see it."""
        return cls(prefix=one.prefix, last_number=one.last_number)


@strawberry.input(description="What is put before the numbers of CDRs.")
class CdrNumberingSetInput:
    """What is put before the numbers."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    prefix: str = strawberry.field(
        description="1 to 20 letters, digits, points, hyphens and underscores, the last of them no digit; such as "
        "`2026-`."
    )


CdrNumberingSetResult = Annotated[
    CdrNumbering | problems.IdempotencyConflict, strawberry.union("CdrNumberingSetResult")
]


@strawberry.type
class CdrNumberingQuery:
    """The root field that reads how CDRs are numbered."""

    @strawberry.field(description="How your CDRs are numbered without a gap; null if they are not. For the CPO.")
    async def cdr_numbering(self, info: Info) -> CdrNumbering | None:
        """Return how CDRs are numbered."""
        found = await cdr_numbering.get(await info.context.call())
        return CdrNumbering.of(found) if found else None


@strawberry.type
class CdrNumberingMutation:
    """The root field that numbers CDRs."""

    @strawberry.mutation(
        description="Number your CDRs without a gap from now on; numbers are their ids then. Once set that stays: "
        "another prefix may be set, and the numbers go on. For the CPO."
    )
    async def cdr_numbering_set(self, info: Info, input: CdrNumberingSetInput) -> CdrNumberingSetResult:
        """Number CDRs."""
        call = await info.context.call()
        wanted = Numbering(text(input.prefix, "prefix", LONGEST_PREFIX))
        return CdrNumbering.of(await cdr_numbering.set(call, input.idempotency_key, wanted))
