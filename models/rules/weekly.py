"""Weekly hours that an operator offers, from which the timeslots of a Calendar are generated for some time ahead."""

from dataclasses import dataclass

from models.rules.location import RegularHours

LONGEST_HORIZON_DAYS = 190


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours on the Location's clock that are offered in each week, and for how many days ahead; power in W."""

    regular_hours: tuple[RegularHours, ...]
    horizon_days: int
    min_power: int | None = None
    max_power: int | None = None
    green_energy_support: bool | None = None
