"""Which Tariff prices what, and what booking a slot and charging in it will cost, before it happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from models.rules.interval import Interval
from models.rules.local_clock import EPOCH
from models.rules.price import ZERO, Price
from models.rules.pricing import booking, charging
from models.rules.pricing_rules import CHARGING, Purpose, Same, rules_of
from models.rules.tariff import BookingRestriction, Tariff
from models.rules.usage import HOUR, MICROSECOND, Stretch

RANKS = {None: 0, "REGULAR": 0, "AD_HOC_PAYMENT": 2}
PROFILE = 1
"""What every other type ranks as: a profile, which a driver must ask for."""

WATTS = 1000
KEPT_PRICES = 16_384
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a slot will cost, each part with its currency; None is not known, or was not asked.

    There is a total only of parts that are both known and in one currency.
    """

    booking: Price | None
    booking_currency: str | None
    charging: Price | None
    charging_currency: str | None
    total: Price | None

    @property
    def currency(self) -> str | None:
        """The currency of all that is known, or None if nothing is, or there are two."""
        known = {self.booking_currency, self.charging_currency} - {None}
        return known.pop() if len(known) == 1 else None


NOT_KNOWN = Estimate(None, None, None, None, None)


def valid(tariff: Tariff, moment: datetime) -> bool:
    """Whether a tariff is in force (OCPI Tariff, start_date_time and end_date_time)."""
    return (tariff.start_date_time is None or tariff.start_date_time <= moment) and (
        tariff.end_date_time is None or moment < tariff.end_date_time
    )


def rank(tariff: Tariff) -> int:
    """Return how late a tariff is chosen: those for all sessions, then profiles, then ad hoc payment (TariffType)."""
    return RANKS.get(tariff.type, PROFILE)


def chosen(tariffs: Sequence[Tariff], moment: datetime, purpose: Purpose) -> Tariff | None:
    """Return the first tariff in force that prices `purpose` (None: charging), by rank, or None if no tariff does."""
    found: Tariff | None = None
    for tariff in tariffs:
        if purpose not in rules_of(tariff) or not valid(tariff, moment):
            continue
        if rank(tariff) == 0:
            return tariff
        if found is None or rank(tariff) < rank(found):
            found = tariff
    return found


def estimate(
    offer_tariffs: Sequence[Tariff],
    connector_tariffs: Sequence[Tariff],
    slot: Interval,
    energy: Decimal | None,
    power: int,
    zone: tzinfo,
) -> Estimate:
    """Return what `slot` will cost, with `energy` in kWh charged from its start at `power` in W.

    The offer's tariffs are searched first, then the connector's; those in force at the start of the slot count. If
    known tariffs price no booking, booking is free; if no tariff is known, no price is. Once the energy is delivered
    the vehicle stays parked to the end of the slot. Without `energy` only booking is priced.
    """
    known = [tariff for tariff in (*offer_tariffs, *connector_tariffs) if valid(tariff, slot.start)]
    if not known:
        return NOT_KNOWN
    of_booking = _first(offer_tariffs, connector_tariffs, slot.start, BookingRestriction.BOOKING)
    booked = ZERO if of_booking is None else _booked(of_booking, slot, zone)
    charged: Price | None = None
    of_charging = _first(offer_tariffs, connector_tariffs, slot.start, CHARGING)
    if energy is not None and of_charging is not None:
        charged = _charged(of_charging, slot, energy, power, zone)
    if charged is None or of_charging is None:
        return Estimate(booked, (of_booking or known[0]).currency, None, None, None)
    currency = of_charging.currency
    if of_booking is not None and of_booking.currency != currency:
        return Estimate(booked, of_booking.currency, charged, currency, None)
    return Estimate(booked, currency, charged, currency, booked + charged)


def charged_at(power: int, energy: Decimal, slot: Interval) -> list[Stretch]:
    """Return a session of constant power in W that delivers `energy` in kWh, or what of it the slot holds.

    It ends on the nearest microsecond, so its power is stated, not derived.
    """
    numerator, denominator = energy.as_integer_ratio()
    needed = (2 * numerator * HOUR * WATTS // (denominator * power) + 1) // 2
    length, kilowatts = slot.duration // MICROSECOND, Decimal(power) / WATTS
    if needed <= 0:
        return [Stretch(slot, NOTHING, charging=False)]
    if needed > length:
        return [Stretch(slot, Fraction(power * length, HOUR * WATTS), charging=True, power=kilowatts)]
    if needed == length:
        return [Stretch(slot, energy, charging=True, power=kilowatts)]
    full = slot.start + timedelta(microseconds=needed)
    return [
        Stretch(Interval(slot.start, full), energy, charging=True, power=kilowatts),
        Stretch(Interval(full, slot.end), NOTHING, charging=False),
    ]


def _first(
    offer_tariffs: Sequence[Tariff], connector_tariffs: Sequence[Tariff], moment: datetime, purpose: Purpose
) -> Tariff | None:
    return chosen(offer_tariffs, moment, purpose) or chosen(connector_tariffs, moment, purpose)


def _booked(tariff: Tariff, slot: Interval, zone: tzinfo) -> Price:
    if rules_of(tariff)[BookingRestriction.BOOKING].cuts.minutes:
        return booking(tariff, slot, zone).total
    return _booked_whenever(Same(tariff), slot.duration)


def _charged(tariff: Tariff, slot: Interval, energy: Decimal, power: int, zone: tzinfo) -> Price | None:
    """Return what charging costs, or None where nobody knows: without power, or by a current not yet drawn."""
    rules = rules_of(tariff)[CHARGING]
    if power <= 0 or rules.by_current:
        return None
    if rules.cuts.minutes:
        return charging(tariff, charged_at(power, energy, slot), zone).total
    return _charged_whenever(Same(tariff), slot.duration, energy, power)


@lru_cache(KEPT_PRICES)
def _booked_whenever(key: Same, length: timedelta) -> Price:
    """Return what booking costs under a tariff that never looks at the clock: the same for all slots of a length."""
    return booking(key.tariff, Interval(EPOCH, EPOCH + length), UTC).total


@lru_cache(KEPT_PRICES)
def _charged_whenever(key: Same, length: timedelta, energy: Decimal, power: int) -> Price:
    """Return what charging costs under such a tariff."""
    return charging(key.tariff, charged_at(power, energy, Interval(EPOCH, EPOCH + length)), UTC).total
