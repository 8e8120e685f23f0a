"""What an operator offers by its calendars, before what is taken is subtracted, and why something is not offered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from models.rules.booking_location import BookingLocation, Calendar, Timeslot
from models.rules.energy import is_of
from models.rules.energy_mix import EnergyMix
from models.rules.fit import Demand
from models.rules.grid import Grid
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.site import ALWAYS_OPEN, Site
from models.rules.spot import Spot

LONGEST_ALLOCATION = timedelta(hours=48)
"""No charger is taken for longer at once, so that what is busy in a window is found by a bounded index range."""

ANY_MINUTE = 1
"""The grid of a calendar that names no increment, in minutes (OCPI Calendar.timeslot_increment)."""

MINUTE = timedelta(minutes=1)
WATT_MINUTES = 60_000
"""In a kWh."""

KEPT_MINUTES = 4096


def refusal(offer: BookingLocation, period: Interval, now: datetime, site: Site = ALWAYS_OPEN) -> str | None:
    """Return why `period` is not offered, in words, or None if it is (BUC 2.1)."""
    if period.start < now:
        return "it starts in the past"
    terms = offer.terms
    if terms.min_booking_duration is not None and period.duration < terms.min_booking_duration * MINUTE:
        return f"the shortest booking takes {terms.min_booking_duration} minutes"
    if terms.max_booking_duration is not None and period.duration > terms.max_booking_duration * MINUTE:
        return f"the longest booking takes {terms.max_booking_duration} minutes"
    if period.duration > LONGEST_ALLOCATION:
        return f"the longest booking takes {LONGEST_ALLOCATION // MINUTE} minutes"
    if not site.is_open(period):
        return "the site is closed for some of it"
    if timeslots_for(offer, period):
        return None
    holding = [
        calendar
        for calendar in offer.calendars
        for _, offered in offered_timeslots(calendar)
        if offered.contains(period)
    ]
    if not holding:
        return "the operator offers no timeslot that holds it"
    return f"start and end lie on steps of {step(holding[0]) // MINUTE} minutes from the start of the timeslot"


def timeslots_for(offer: BookingLocation, period: Interval) -> list[Timeslot]:
    """Return the published timeslots that hold `period` on their grid."""
    return [
        timeslot
        for calendar in offer.calendars
        for timeslot, offered in offered_timeslots(calendar)
        if offered.contains(period) and Grid(timeslot.period.start, step(calendar)).holds(period)
    ]


def timeslot_misfits(timeslot: Timeslot, demand: Demand, mix: EnergyMix | None) -> list[Misfit]:
    """Return why a timeslot's power or energy does not meet `demand`.

    One that states no available power leaves it to the connector; a guarantee that is not given is unknown.
    """
    found = []
    if None not in (demand.min_power, timeslot.max_power) and timeslot.max_power < demand.min_power:  # type: ignore[operator]
        found.append(Misfit.POWER_TOO_LOW)
    if demand.guaranteed_power is not None:
        if timeslot.min_power is None:
            found.append(Misfit.GUARANTEED_POWER_UNKNOWN)
        elif timeslot.min_power < demand.guaranteed_power:
            found.append(Misfit.GUARANTEED_POWER_TOO_LOW)
    right = is_of(demand.energy_type, timeslot.green_energy_support, mix)
    if not right:
        found.append(Misfit.ENERGY_TYPE_UNKNOWN if right is None else Misfit.ENERGY_TYPE)
    return found


def power_within(spot: Spot, available: int | None, demand: Demand) -> int:
    """Return the power in W that a vehicle can count on: of plug, vehicle and what is `available` the least."""
    limits = (spot.connector.power, available, demand.vehicle.max_power)
    return min(limit for limit in limits if limit is not None)


def needed(spot: Spot, available: int | None, demand: Demand) -> timedelta | None:
    """Return how long a vehicle must stay for the minutes and the energy asked; None if no time would do."""
    minutes = demand.minutes or 0
    if demand.energy is not None:
        power = power_within(spot, available, demand)
        if power <= 0:
            return None
        minutes = max(minutes, _minutes_for(demand.energy, power))
    return minutes * MINUTE


def suffices(spot: Spot, available: int | None, demand: Demand, time: timedelta) -> bool:
    """Whether the time is long enough for the energy and the minutes asked."""
    least = needed(spot, available, demand)
    return least is not None and least <= time


def shortest(offer: BookingLocation, grid: Grid, least: timedelta) -> timedelta | None:
    """Return the shortest booking that lasts `least` on the grid and that the terms allow, or None if none does."""
    terms = offer.terms
    found = grid.rounded_up(max((terms.min_booking_duration or 0) * MINUTE, least, grid.step))
    longest = LONGEST_ALLOCATION
    if terms.max_booking_duration is not None:
        longest = min(longest, terms.max_booking_duration * MINUTE)
    return found if found <= longest else None


def offered_timeslots(calendar: Calendar, within: Interval | None = None) -> Iterable[tuple[Timeslot, Interval]]:
    """Yield each timeslot with the part of it that lies in its calendar, and `within` another stretch if given."""
    bounds = calendar.covers if within is None else calendar.covers.clipped(within)
    if bounds is None:
        return
    for timeslot in calendar.available_timeslots:
        offered = timeslot.period.clipped(bounds)
        if offered is not None:
            yield timeslot, offered


@lru_cache(KEPT_MINUTES)
def _minutes_for(energy: Decimal, power: int) -> int:
    """Return in how many whole minutes so many W give so many kWh; every spot of a search asks the same."""
    return int((energy * WATT_MINUTES / power).to_integral_value(ROUND_CEILING))


def step(calendar: Calendar) -> timedelta:
    """Return the smallest step of starts and lengths."""
    return (calendar.timeslot_increment or ANY_MINUTE) * MINUTE
