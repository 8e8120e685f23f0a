"""Whether the restrictions of a tariff element hold at a moment of a session (OCPI TariffRestrictions)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from models.rules.opening_hours import minutes_of
from models.rules.tariff import DayOfWeek, TariffRestrictions

DAY_MINUTES = 24 * 60
Exact = int | Fraction
"""An exact number; a session may be cut at a third."""

SECOND = 1_000_000
"""A second in the microseconds that durations are counted in."""

WEEKDAYS = {name.value: number for number, name in enumerate(DayOfWeek)}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What restrictions look at: the local clock, and energy in kWh and time in µs since the session began.

    Power is in kW, current in A over all phases; a current of None is not known.
    """

    local: datetime | None
    consumed: Exact
    elapsed: Exact
    power: Exact
    current: Exact | None


@dataclass(frozen=True, slots=True)
class Range:
    """From `low`, inclusive, to `high`, exclusive; None is open."""

    low: Fraction | None
    high: Fraction | None

    def holds(self, value: Exact | None) -> bool:
        """Whether the value lies inside; of one that is not known nobody can say so."""
        if value is None:
            return False
        return (self.low is None or self.low <= value) and (self.high is None or value < self.high)


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """When an element applies on the local clock: minutes of the day, days, weekdays (0 = Monday)."""

    start: int
    end: int
    first_day: date | None
    end_day: date | None
    weekdays: frozenset[int]

    def holds(self, local: datetime) -> bool:
        """Whether the clock stands inside; times that end before they start run over midnight.

        The weekday and the date are those that the clock shows, also after midnight.
        """
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            in_time = self.start <= minute < self.end
        else:
            in_time = minute >= self.start or minute < self.end
        day = local.date()
        return (
            in_time
            and (self.first_day is None or self.first_day <= day)
            and (self.end_day is None or day < self.end_day)
            and (not self.weekdays or day.weekday() in self.weekdays)
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """The restrictions of one element, ready to be asked; None restricts nothing."""

    local_times: LocalTimes | None
    energy: Range | None
    duration: Range | None
    power: Range | None
    current: Range | None

    def holds(self, now: Circumstances) -> bool:
        """Whether all restrictions hold."""
        return (
            (self.duration is None or self.duration.holds(now.elapsed))
            and (self.energy is None or self.energy.holds(now.consumed))
            and (self.power is None or self.power.holds(now.power))
            and (self.current is None or self.current.holds(now.current))
            and (self.local_times is None or (now.local is not None and self.local_times.holds(now.local)))
        )


UNRESTRICTED = Condition(None, None, None, None, None)


def condition(restrictions: TariffRestrictions | None) -> Condition:
    """Return restrictions ready to be asked, save for the fee they may stand for."""
    if restrictions is None:
        return UNRESTRICTED
    found = Condition(
        local_times=_local_times(restrictions),
        energy=_range(restrictions.min_kwh, restrictions.max_kwh),
        duration=_range(restrictions.min_duration, restrictions.max_duration, SECOND),
        power=_range(restrictions.min_power, restrictions.max_power),
        current=_range(restrictions.min_current, restrictions.max_current),
    )
    return UNRESTRICTED if found == UNRESTRICTED else found


def _range(low: Decimal | int | None, high: Decimal | int | None, unit: int = 1) -> Range | None:
    if low is None and high is None:
        return None
    return Range(None if low is None else Fraction(low) * unit, None if high is None else Fraction(high) * unit)


def _local_times(given: TariffRestrictions) -> LocalTimes | None:
    """Return the restrictions on the local clock; an end of 00:00 is the end of the day, equal times a whole day."""
    if not (given.start_time or given.end_time or given.start_date or given.end_date or given.day_of_week):
        return None
    start = minutes_of(given.start_time) if given.start_time else 0
    end = minutes_of(given.end_time) if given.end_time else 0
    return LocalTimes(
        start=start,
        end=end or DAY_MINUTES,
        first_day=date.fromisoformat(given.start_date) if given.start_date else None,
        end_day=date.fromisoformat(given.end_date) if given.end_date else None,
        weekdays=frozenset(WEEKDAYS[day] for day in given.day_of_week),
    )
