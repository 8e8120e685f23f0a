"""What something costs, as callers see it."""

from decimal import Decimal
from typing import Any

import strawberry

from models.rules import estimate, provider_fee
from models.rules import price as rules
from models.rules.charge import Charge
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

    currency: str = strawberry.field(description="ISO 4217.")
    before_taxes: Decimal
    taxes: list[TaxAmount]
    after_taxes: Decimal

    @classmethod
    def of(cls, price: rules.Price, currency: str) -> "Price":
        """Return a price as callers see it."""
        return cls(
            currency=currency,
            before_taxes=price.before_taxes,
            taxes=[TaxAmount(name=one.name, percentage=one.percentage, amount=one.amount) for one in price.taxes],
            after_taxes=price.after_taxes,
        )


def charge(one: Charge | None) -> Price | None:
    """Return a fee as callers see it; none is absent."""
    return Price.of(one.price, one.currency) if one else None


def parts_of(one: estimate.Estimate) -> dict[str, Any]:
    """Return the parts of an estimate as callers see them; none is absent without its currency."""
    return {
        "currency": one.currency,
        "booking": _known(one.booking, one.booking_currency),
        "charging": _known(one.charging, one.charging_currency),
        "total": _known(one.total, one.currency),
    }


def _known(price: rules.Price | None, currency: str | None) -> Price | None:
    return Price.of(price, currency) if price is not None and currency is not None else None


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
        return cls(
            name=one.name, currency=one.currency, price=Price.of(one.price, one.currency), complete=one.complete
        )


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
        return cls(**parts_of(one))


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
        return cls(
            **parts_of(one.estimate),
            provider_fees=[ProviderFeeLine.of(line) for line in one.provider_fees],
        )
