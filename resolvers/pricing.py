"""What the slots of a search cost, and which are within a price limit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.rules.availability import FreeTimeslot
from models.rules.booking_location import BookingLocation, Timeslot
from models.rules.estimate import NOT_KNOWN, Estimate, estimate
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.nearby_times import Closeness
from models.rules.offered import MINUTE, power_within
from models.rules.price import Price
from models.rules.provider_fee import ProviderFee, ProviderFeeLine, line
from models.rules.published import PublishedLocation
from models.rules.spot import Spot
from models.rules.tariff import Tariff
from resolvers.asked import Asked, MostPrice


@dataclass(frozen=True, slots=True)
class SlotPrice:
    """What the shortest booking from a slot's start costs that gives what was asked, where it is dearest.

    `compared` is what a price limit is compared with: all of it, or the booking alone if no energy was asked.
    `provider_fees` are what the caller's own EMSP adds; a fleet alone is told.
    """

    estimate: Estimate
    compared: Price | None
    provider_fees: tuple[ProviderFeeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PricedTimeslot:
    """A free timeslot with its price, if that was asked, and on which side of the time asked it is if not in it."""

    slot: FreeTimeslot
    price: SlotPrice | None
    closeness: Closeness | None = None


@dataclass(frozen=True, slots=True)
class Pricing:
    """How slots of one Location are priced for one search."""

    published: PublishedLocation
    asked: Asked
    fees: Sequence[ProviderFee]

    def priced(
        self, offer: BookingLocation, slot: FreeTimeslot, closeness: Closeness | None = None
    ) -> PricedTimeslot:
        """Return a slot with its price, if anybody looks at it."""
        return PricedTimeslot(slot, self._price(offer, slot) if self._is_wanted else None, closeness)

    def walk_up(self, spot: Spot, period: Interval) -> SlotPrice | None:
        """Return what charging without a booking costs, if anybody looks at it; an EMSP's fees are for bookings."""
        if not self._is_wanted:
            return None
        found = self._estimate((), spot, period, None)
        alone = replace(found, booking=None, booking_currency=None, total=found.charging)
        return SlotPrice(alone, self._compared(alone))

    @property
    def _is_wanted(self) -> bool:
        return self.asked.priced or self.asked.wishes.max_price is not None

    def booked(self, offer: BookingLocation, spot: Spot, timeslot: Timeslot) -> SlotPrice:
        """Return what all of a timeslot costs at a spot."""
        tariffs = self.published.tariffs_of(offer.tariff_ids)
        return self._with_fees(self._estimate(tariffs, spot, timeslot.period, timeslot.max_power))

    def _price(self, offer: BookingLocation, slot: FreeTimeslot) -> SlotPrice:
        tariffs = self.published.tariffs_of(offer.tariff_ids)
        found: dict[tuple[object, ...], Estimate] = {}
        for cut in slot.cuts:
            key = (cut.spot.connector.tariff_ids, cut.spot.connector.power, cut.shortest)
            if key not in found:
                period = Interval(slot.period.start, slot.period.start + max(cut.shortest, MINUTE))
                found[key] = self._estimate(tariffs, cut.spot, period, slot.max_power)
        return self._with_fees(max(found.values(), key=self._dearness, default=NOT_KNOWN))

    def _estimate(self, tariffs: Sequence[Tariff], spot: Spot, period: Interval, available: int | None) -> Estimate:
        demand = self.asked.demand
        power = power_within(spot, available, demand)
        own = self.published.tariffs_of(spot.connector.tariff_ids)
        return estimate(tariffs, own, period, demand.energy, power, ZoneInfo(self.published.location.time_zone))

    def _with_fees(self, found: Estimate) -> SlotPrice:
        return SlotPrice(found, self._compared(found), provider_lines(self.fees, found))

    def _compared(self, found: Estimate) -> Price | None:
        return found.booking if self.asked.demand.energy is None else found.total

    def _dearness(self, found: Estimate) -> tuple[bool, Decimal]:
        """Order estimates by what they may come to; one that is unknown counts as the dearest."""
        known = self._compared(found)
        return (known is None, known.after_taxes if known else Decimal(0))


def provider_lines(fees: Sequence[ProviderFee], found: Estimate) -> tuple[ProviderFeeLine, ...]:
    """Return what an EMSP's fees come to beside an operator's price."""
    lines = (line(fee, found.total or found.booking, found.currency) for fee in fees)
    # A percentage of the booking alone is not all of it: charging is still to come.
    whole = found.total is not None
    return tuple(
        one if whole or not fee.percentage else replace(one, complete=False)
        for fee, one in zip(fees, lines, strict=True)
    )


def too_dear(price: SlotPrice | None, limit: MostPrice | None) -> Misfit | None:
    """Return why a price is not within the limit; one in another currency, or not known, is never within."""
    if limit is None:
        return None
    known = price.compared if price else None
    if known is None or price is None or price.estimate.currency != limit.currency:
        return Misfit.PRICE_UNKNOWN
    return Misfit.PRICE_TOO_HIGH if known.after_taxes > limit.amount else None
