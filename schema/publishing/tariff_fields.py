"""The root fields by which operators publish and withdraw Tariffs."""

from typing import Annotated

import strawberry

from resolvers import bulk_publishing, withdrawing
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY
from schema.context import Info
from schema.publishing.building import large
from schema.publishing.changing import OBJECTS_EACH_CALL, WithdrawalInput, as_ids, changes
from schema.publishing.reading import objects
from schema.publishing.tariff import TariffInput
from schema.tariff import Tariff


@large
@strawberry.input(description="Tariffs to publish.")
class TariffsPublishInput:
    """Tariffs to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    tariffs: list[TariffInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.input(description="Tariffs to withdraw.")
class TariffsWithdrawInput:
    """Tariffs to withdraw."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    tariffs: list[WithdrawalInput] = strawberry.field(description=OBJECTS_EACH_CALL)


@strawberry.type(description="The Tariffs that were published, as they are now.")
class TariffsPublished:
    """The Tariffs that were published."""

    tariffs: list[Tariff]


@strawberry.type(description="That Tariffs are published no more; bookings keep those they were made under.")
class TariffsWithdrawn:
    """That Tariffs are published no more."""

    ids: list[strawberry.ID]


TariffsPublishResult = Annotated[
    TariffsPublished | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("TariffsPublishResult"),
]
TariffsWithdrawResult = Annotated[
    TariffsWithdrawn | problems.LostUpdate | problems.NotFound | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("TariffsWithdrawResult"),
]


@strawberry.type
class TariffMutation:
    """The root fields that publish and withdraw Tariffs."""

    @strawberry.mutation(
        description="Publish Tariffs in place of what was there; bookings keep those they were made under. For CPO."
    )
    async def tariffs_publish(self, info: Info, input: TariffsPublishInput) -> TariffsPublishResult:
        """Publish Tariffs."""
        call = await info.context.call()
        wanted = await changes(call, "tariffs", input.tariffs)
        ids = await bulk_publishing.tariffs_publish(call, input.idempotency_key, wanted)
        published = await bulk_publishing.published_tariffs(call, ids)
        return TariffsPublished(tariffs=[Tariff.of(one) for one in published])

    @strawberry.mutation(description="Take Tariffs back; nothing is priced by them any more. For CPO.")
    async def tariffs_withdraw(self, info: Info, input: TariffsWithdrawInput) -> TariffsWithdrawResult:
        """Withdraw Tariffs."""
        call = await info.context.call()
        wanted = await objects(call, "tariffs", input.tariffs)
        return TariffsWithdrawn(ids=as_ids(await withdrawing.tariffs_withdraw(call, input.idempotency_key, wanted)))
