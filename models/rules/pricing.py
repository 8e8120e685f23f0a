"""What charging, an immediate reservation and a booking cost under one Tariff (OCPI Tariffs; Bookings 1.1)."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from models.rules.interval import Interval, shifted
from models.rules.pricing_limit import difference, limited
from models.rules.pricing_lines import Line, Priced, lines, priced
from models.rules.pricing_rules import CHARGING, Purpose, compiled, rules_of
from models.rules.tariff import BookingRestriction, ReservationRestriction, Tariff, TariffDimension
from models.rules.usage import Stretch, pieces

NOTHING = Decimal(0)


def charging(tariff: Tariff, stretches: Sequence[Stretch], zone: tzinfo) -> Priced:
    """Return the price of a session at a place of that time zone; a session of no time costs nothing.

    Of each dimension the first element that applies at the moment bills; where none does, the dimension is free. Only
    here the tariff's minimum and maximum price hold: they limit a session, not what a booking costs.
    """
    rules = rules_of(tariff).get(CHARGING)
    if not stretches:
        return priced(tariff.currency, ())
    found = [] if rules is None else lines(rules, pieces(stretches, rules, zone), tariff.tax_included)
    bill = priced(tariff.currency, found)
    within = limited(tariff, bill.total)
    if within is bill.total:
        return bill
    change = difference(within, bill.total)
    found.append(Line(None, None, Decimal(1), change.before_taxes, None, change))
    return Priced(tariff.currency, tuple(found), within)


def booking(
    tariff: Tariff, period: Interval, zone: tzinfo, fee: BookingRestriction = BookingRestriction.BOOKING
) -> Priced:
    """Return a fee of a booking: its flat amount once, and its time over the length of `period`.

    The period is the booked slot, whenever it was booked; for BOOKING_OVERTIME it is the time of overtime.
    """
    return priced(tariff.currency, _fee(tariff, fee, period, zone))


def reservation(tariff: Tariff, period: Interval, zone: tzinfo, *, expired: bool) -> Priced:
    """Return the price of an immediate reservation from its making to the start of charging, or its expiry.

    One that expired costs what RESERVATION_EXPIRES says on top; but if that prices time, then that time only.
    """
    made, expires = ReservationRestriction.RESERVATION, ReservationRestriction.RESERVATION_EXPIRES
    if not expired:
        return priced(tariff.currency, _fee(tariff, made, period, zone))
    rules = rules_of(tariff).get(expires)
    timed = rules is not None and TariffDimension.TIME in rules.by_dimension
    found = _fee(tariff, made, period, zone, only=TariffDimension.FLAT if timed else None)
    return priced(tariff.currency, [*found, *_fee(tariff, expires, period, zone)])


def overtime_from(slot_end: datetime, late_stop_time: int | None) -> datetime:
    """Return when overtime begins: after the end of the slot and the minutes that the terms grant."""
    return shifted(slot_end, late_stop_time or 0)


def _fee(
    tariff: Tariff, purpose: Purpose, period: Interval, zone: tzinfo, *, only: TariffDimension | None = None
) -> list[Line]:
    rules = rules_of(tariff).get(purpose)
    if rules is None:
        return []
    if only is not None:
        rules = compiled(rules.by_dimension.get(only, ()))
    held = Stretch(period, NOTHING, charging=True, current=NOTHING)
    return lines(rules, pieces((held,), rules, zone), tariff.tax_included)
