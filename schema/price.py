"""What something costs, as callers see it."""

from decimal import Decimal

import strawberry

from models.rules import estimate, provider_fee
from models.rules import price as rules
from resolvers import pricing


@strawberry.type(description="A tax of a percentage.")
class TaxAmount:
    """A tax of a percentage."""

    name: str
    percentage: Decimal
    amount: Decimal


@strawberry.type(description="An amount with its taxes; no tax line if none is known, or none applies.")
class Price:
    """An amount with its taxes."""

    before_taxes: Decimal
    taxes: list[TaxAmount]
    after_taxes: Decimal

    @classmethod
    def of(cls, price: rules.Price) -> "Price":
        """Return a price as callers see it."""
        return cls(
            before_taxes=price.before_taxes,
            taxes=[TaxAmount(name=one.name, percentage=one.percentage, amount=one.amount) for one in price.taxes],
            after_taxes=price.after_taxes,
        )


@strawberry.type(description="What the caller's own EMSP adds; nobody else is told.")
class ProviderFeeLine:
    """What the caller's own EMSP adds."""

    name: str
    currency: str
    price: Price
    complete: bool = strawberry.field(
        description="Whether this is all of it; a percentage of a price that is not known is still to come."
    )

    @classmethod
    def of(cls, one: provider_fee.ProviderFeeLine) -> "ProviderFeeLine":
        """Return a line as callers see it."""
        return cls(name=one.name, currency=one.currency, price=Price.of(one.price), complete=one.complete)


@strawberry.type(
    description="What a booking costs by its operator's tariffs, frozen when it was quoted, or made without a quote. "
    "Absent parts are unknown: no tariff, or no energy asked."
)
class BookingPrice:
    """What a booking costs."""

    currency: str | None = strawberry.field(description="ISO 4217; absent if the parts differ in it.")
    booking: Price | None = strawberry.field(description="For the booking itself.")
    charging: Price | None = strawberry.field(description="For the energy asked, and all of the timeslot.")
    total: Price | None = strawberry.field(description="Booking and charging together.")

    @classmethod
    def of(cls, one: estimate.Estimate) -> "BookingPrice":
        """Return a frozen price as callers see it."""
        return cls(
            currency=one.currency,
            booking=Price.of(one.booking) if one.booking else None,
            charging=Price.of(one.charging) if one.charging else None,
            total=Price.of(one.total) if one.total else None,
        )


@strawberry.type(
    description="What the shortest booking from the slot's start costs that gives what was asked, where it is "
    "dearest. Absent parts are unknown: no tariff, or no energy asked."
)
class SlotPrice:
    """What a booking costs."""

    currency: str | None = strawberry.field(description="ISO 4217; absent if the parts differ in it.")
    booking: Price | None = strawberry.field(description="For the booking itself.")
    charging: Price | None = strawberry.field(description="For the energy asked, and the time it takes.")
    total: Price | None = strawberry.field(description="Booking and charging together, without `providerFees`.")
    provider_fees: list[ProviderFeeLine]

    @classmethod
    def of(cls, one: pricing.SlotPrice | None) -> "SlotPrice | None":
        """Return a slot's price as callers see it."""
        if one is None:
            return None
        found = one.estimate
        return cls(
            currency=found.currency,
            booking=Price.of(found.booking) if found.booking else None,
            charging=Price.of(found.charging) if found.charging else None,
            total=Price.of(found.total) if found.total else None,
            provider_fees=[ProviderFeeLine.of(line) for line in one.provider_fees],
        )
