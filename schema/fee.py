"""The fees of what can be booked, as callers see them: as data and in words."""

from datetime import datetime
from decimal import Decimal

import strawberry

from models.rules.fee_schedule import ScheduledFee
from models.rules.tariff import TaxIncluded
from models.rules.terms_fee import FeeKind
from schema.tariff import TariffRestrictions, restrictions_of


@strawberry.type(
    description="What booking, or not keeping to it, costs as published; no known tariff prices an absent kind."
)
class Fee:
    """What booking, or not keeping to it, costs."""

    kind: FeeKind
    currency: str = strawberry.field(description="ISO 4217.")
    flat: Decimal | None = strawberry.field(description="Once.")
    per_hour: Decimal | None
    vat: Decimal | None = strawberry.field(description="Value added tax in percent.")
    step_size: int = strawberry.field(description="The smallest time billed, in seconds; 0 is none.")
    tax_included: TaxIncluded
    restrictions: TariffRestrictions | None = strawberry.field(description="When it applies; always, if absent.")
    words: str = strawberry.field(description="All of this as a sentence in English.")
    start_date_time: datetime | None = strawberry.field(description="For bookings that begin from then on.")
    end_date_time: datetime | None = strawberry.field(description="For bookings that begin before.")

    @classmethod
    def of(cls, one: ScheduledFee) -> "Fee":
        """Return a fee as callers see it."""
        fee = one.fee
        return cls(
            kind=fee.kind,
            currency=fee.currency,
            flat=fee.flat,
            per_hour=fee.per_hour,
            vat=fee.vat,
            step_size=fee.step_size,
            tax_included=fee.tax_included,
            restrictions=restrictions_of(fee.restrictions) if fee.restrictions else None,
            words=fee.words,
            start_date_time=one.start,
            end_date_time=one.end,
        )
