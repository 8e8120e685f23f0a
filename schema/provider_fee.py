"""What an EMSP takes from its fleets: its fees as it sees them, and the root fields by which it publishes them."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.rules import provider_fee as rules
from resolvers import provider_fees
from resolvers.provider_fees import FeesToPublish, FeesToWithdraw, FeeToPublish
from schema import problems
from schema.booking_fields import IDEMPOTENCY_KEY, LONGEST_TOKEN_PART
from schema.context import Info
from schema.inputs import money, text, to_four_decimals

LONGEST_NAME = 100
MOST_CONTRACTS = 500
NOTHING = Decimal(0)
MOST_A_TIME = Decimal(1_000_000)
MOST_PERCENT = Decimal(1000)
CURRENCY = re.compile("[A-Z]{3}")


@strawberry.type(description="What an EMSP takes from its fleets, beside what the operator charges.")
class ProviderFee:
    """What an EMSP takes from its fleets."""

    id: strawberry.ID = strawberry.field(description="As the EMSP chose it.")
    name: str
    currency: str = strawberry.field(description="ISO 4217.")
    per_booking: Decimal = strawberry.field(description="Before taxes.")
    percentage: Decimal = strawberry.field(description="Of the operator's price before taxes, if in this currency.")
    per_month: Decimal = strawberry.field(
        description="Before taxes, for each contract with a booking or session in that month."
    )
    vat: Decimal | None = strawberry.field(description="Value added tax in percent.")
    contract_ids: list[str] = strawberry.field(description="The contracts it is for; all, if empty.")
    last_updated: datetime

    @classmethod
    def of(cls, fee: rules.ProviderFee) -> "ProviderFee":
        """Return a fee as its EMSP sees it."""
        return cls(
            id=strawberry.ID(fee.id),
            name=fee.name,
            currency=fee.currency,
            per_booking=fee.per_booking,
            percentage=fee.percentage,
            per_month=fee.per_month,
            vat=fee.vat,
            contract_ids=list(fee.contract_ids),
            last_updated=fee.last_updated,
        )


@strawberry.type(description="The fees that were published, as they are now.")
class ProviderFeesPublished:
    """The fees that were published."""

    provider_fees: list[ProviderFee]


@strawberry.type(description="That fees are taken no more; bookings keep what they were priced with.")
class ProviderFeesWithdrawn:
    """That fees are taken no more."""

    ids: list[strawberry.ID]


@strawberry.input(description="A fee as it shall be, whole.")
class ProviderFeeInput:
    """A fee as it shall be."""

    id: strawberry.ID = strawberry.field(description="Yours to choose; the fee that has it is replaced.")
    name: str
    currency: str = strawberry.field(description="ISO 4217, such as EUR.")
    per_booking: Decimal = strawberry.field(default=Decimal(0), description="Before taxes.")
    percentage: Decimal = strawberry.field(default=Decimal(0), description="Of the operator's price before taxes.")
    per_month: Decimal = strawberry.field(
        default=Decimal(0),
        description="Before taxes, for each contract with a booking or session in that month (UTC); taken when it is "
        "over, as the fee is then.",
    )
    vat: Decimal | None = strawberry.field(default=None, description="Value added tax in percent; none, if absent.")
    contract_ids: list[str] = strawberry.field(default_factory=list, description="For which fleets; all, if empty.")
    expected_last_updated: datetime | None = strawberry.field(
        default=None, description="`lastUpdated` as you read it: if it was changed since, no fee is published."
    )


@strawberry.input(description="Fees to publish, all or none; those that are not named stay.")
class ProviderFeesPublishInput:
    """Fees to publish."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    provider_fees: list[ProviderFeeInput] = strawberry.field(description="1 to 500.")


@strawberry.input(description="Fees to withdraw, all or none.")
class ProviderFeesWithdrawInput:
    """Fees to withdraw."""

    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    ids: list[strawberry.ID] = strawberry.field(description="1 to 500.")


ProviderFeesPublishResult = Annotated[
    ProviderFeesPublished | problems.LostUpdate | problems.NotAllowed | problems.IdempotencyConflict,
    strawberry.union("ProviderFeesPublishResult"),
]
ProviderFeesWithdrawResult = Annotated[
    ProviderFeesWithdrawn | problems.NotFound | problems.IdempotencyConflict,
    strawberry.union("ProviderFeesWithdrawResult"),
]


@strawberry.type
class ProviderFeeQuery:
    """The root fields that read fees of EMSPs."""

    @strawberry.field(description="The fees that the caller takes from its fleets. For EMSP.")
    async def provider_fees(self, info: Info) -> list[ProviderFee]:
        """Return the caller's fees."""
        return [ProviderFee.of(fee) for fee in await provider_fees.mine(await info.context.call())]


@strawberry.type
class ProviderFeeMutation:
    """The root fields that publish fees of EMSPs."""

    @strawberry.mutation(
        description="Publish fees that your fleets see as lines of their own beside the operator's price. For EMSP."
    )
    async def provider_fees_publish(self, info: Info, input: ProviderFeesPublishInput) -> ProviderFeesPublishResult:
        """Publish fees."""
        wanted = FeesToPublish(tuple(_wanted(one) for one in input.provider_fees))
        published = await provider_fees.publish(await info.context.call(), input.idempotency_key, wanted)
        return ProviderFeesPublished(provider_fees=[ProviderFee.of(fee) for fee in published])

    @strawberry.mutation(description="Take fees no more. For EMSP.")
    async def provider_fees_withdraw(
        self, info: Info, input: ProviderFeesWithdrawInput
    ) -> ProviderFeesWithdrawResult:
        """Withdraw fees."""
        wanted = FeesToWithdraw(tuple(text(one, "ids", LONGEST_TOKEN_PART) for one in input.ids))
        withdrawn = await provider_fees.withdraw(await info.context.call(), input.idempotency_key, wanted)
        return ProviderFeesWithdrawn(ids=[strawberry.ID(one) for one in withdrawn])


def _wanted(one: ProviderFeeInput) -> FeeToPublish:
    if not CURRENCY.fullmatch(one.currency):
        raise BadInput("`currency` is a code of three capital letters (ISO 4217), such as EUR.")
    if len(one.contract_ids) > MOST_CONTRACTS:
        raise BadInput(f"`contractIds` has at most {MOST_CONTRACTS} entries.")
    return FeeToPublish(
        id=text(one.id, "id", LONGEST_TOKEN_PART),
        name=text(one.name, "name", LONGEST_NAME),
        currency=one.currency,
        per_booking=money(one.per_booking, "perBooking", NOTHING, MOST_A_TIME),
        percentage=to_four_decimals(one.percentage, "percentage", NOTHING, MOST_PERCENT),
        per_month=money(one.per_month, "perMonth", NOTHING, MOST_A_TIME),
        vat=None if one.vat is None else to_four_decimals(one.vat, "vat", NOTHING, MOST_PERCENT),
        contract_ids=tuple(text(each, "contractIds", LONGEST_TOKEN_PART) for each in one.contract_ids),
        expected_last_updated=one.expected_last_updated,
    )
