"""How a charger was used, as ChargingPeriods that add up to the totals, to the last decimal (OCPI CDRs)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from models.ocpi.values import Document, given, moment, number
from models.rules.interval import Interval
from models.rules.price import EXACT, rounded
from models.rules.session import Reading
from models.rules.usage import HOUR, MICROSECOND, Stretch, cut_at

ENERGY, TIME, PARKING_TIME = "ENERGY", "TIME", "PARKING_TIME"
STATE_OF_CHARGE, RESERVATION_OVERTIME = "STATE_OF_CHARGE", "RESERVATION_OVERTIME"
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Overtime:
    """From when on a session was in overtime; if that is `timed`, its minutes are billed as nothing else.

    One that is billed `apart`, in another document, is not told in this one.
    """

    start: datetime
    timed: bool
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """A ChargingPeriod: when it began, and what of each dimension it holds, in kWh, hours or percent."""

    start: datetime
    volumes: dict[str, Decimal]

    def document(self, tariff_id: str | None) -> Document:
        """Return it as the standard writes it."""
        dimensions = [{"type": name, "volume": number(volume)} for name, volume in self.volumes.items()]
        return given({"start_date_time": moment(self.start), "dimensions": dimensions, "tariff_id": tariff_id})


def used(stretches: Iterable[Stretch], overtime: Overtime | None = None) -> Iterator[Used]:
    """Yield the periods of a session, cut where overtime begins.

    What has been rounded is how far the meter and the clock had come, so that no rounding adds up.
    """
    drawn, begun = Fraction(0), None
    for one in _cut(stretches, overtime):
        begun = begun or one.period.start
        before, drawn = drawn, drawn + Fraction(one.energy)
        energy = _told(drawn) - _told(before)
        time = hours(one.period.end - begun) - hours(one.period.start - begun)
        volumes = {ENERGY: energy} if one.charging else {}
        if one.timed:
            volumes[TIME if one.charging else PARKING_TIME] = time
        if overtime is not None and not overtime.apart and one.period.start >= overtime.start:
            volumes[RESERVATION_OVERTIME] = time
        yield Used(one.period.start, volumes or {ENERGY: NOTHING})


def held_over(session: Interval, overtime: Interval) -> Used:
    """Return overtime as the one period of it, told apart from its session: with that it adds up to the decimal."""
    lasted = hours(overtime.end - session.start) - hours(overtime.start - session.start)
    return Used(overtime.start, {RESERVATION_OVERTIME: lasted})


def charged(periods: Sequence[Used], readings: Sequence[Reading], end: datetime | None) -> list[Used]:
    """Return the periods of a session with the state of charge at the end of each, where the vehicle told it."""
    ends = [*(one.start for one in periods[1:]), end]
    return [_with_state(one, until, readings) for one, until in zip(periods, ends, strict=True)] if periods else []


def hours(duration: timedelta) -> Decimal:
    """Return a duration in hours, to four decimals."""
    return _told(Fraction(duration // MICROSECOND, HOUR))


def _with_state(one: Used, until: datetime | None, readings: Sequence[Reading]) -> Used:
    told = [
        reading.state_of_charge
        for reading in readings
        if reading.state_of_charge is not None and one.start < reading.at and (until is None or reading.at <= until)
    ]
    return replace(one, volumes={**one.volumes, STATE_OF_CHARGE: Decimal(told[-1])}) if told else one


def _cut(stretches: Iterable[Stretch], overtime: Overtime | None) -> Iterable[Stretch]:
    """Return stretches, cut where overtime begins; if that is billed by time, what lies in it is not."""
    if overtime is None:
        return stretches
    found = cut_at(stretches, overtime.start)
    return [replace(one, timed=one.period.start < overtime.start or not overtime.timed) for one in found]


def _told(exact: Fraction) -> Decimal:
    return rounded(EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)))
