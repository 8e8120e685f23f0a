"""What a request on a booking costs, or what it changes of the price: an amount with its currency."""

from dataclasses import dataclass
from datetime import tzinfo

from models.rules.booking_location import BookingTerms
from models.rules.estimate import Estimate, chosen
from models.rules.interval import Interval
from models.rules.price import Price
from models.rules.pricing import booking
from models.rules.pricing_limit import difference as less
from models.rules.tariff import BookingRestriction, Tariff
from models.rules.terms_fee import FeeKind


@dataclass(frozen=True, slots=True)
class Charge:
    """A fee, in its currency."""

    price: Price
    currency: str


def cancellation_charge(tariffs: tuple[Tariff, ...], period: Interval, zone: tzinfo) -> Charge | None:
    """Return what a late cancellation costs under the tariffs of a booking; None if none prices it (BUC 2.9)."""
    purpose = BookingRestriction.BOOKING_CANCELLATION_FEES
    tariff = chosen(tariffs, period.start, purpose)
    return Charge(booking(tariff, period, zone, purpose).total, tariff.currency) if tariff else None


def modification_charge(terms: BookingTerms) -> Charge | None:
    """Return what a late change costs under the terms of a booking; None if they price it not (BUC 2.9)."""
    fee = next((one for one in terms.fees if one.kind is FeeKind.MODIFICATION), None)
    return Charge(fee.price, fee.currency) if fee else None


def difference(before: Estimate | None, after: Estimate) -> Charge | None:
    """Return how much more `after` costs, less than nothing if it is cheaper; None if either is not known.

    All of a price is compared with all of the other; where energy was not asked, booking with booking.
    """
    if before is None or before.currency is None or before.currency != after.currency:
        return None
    old, new = (before.total, after.total) if before.total and after.total else (before.booking, after.booking)
    if old is None or new is None:
        return None
    return Charge(less(new, old), before.currency)
