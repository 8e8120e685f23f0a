"""What of a calendar is still free: published timeslots minus what is taken, on the calendar's grid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.booking_location import BookingLocation, Calendar, Timeslot
from models.rules.fit import Spot
from models.rules.interval import Interval, gaps, outermost

LONGEST_ALLOCATION = timedelta(hours=48)
"""No charger is taken for longer at once, so that what is busy in a window is found by a bounded index range."""

ANY_MINUTE = 1
"""The grid of a calendar that names no increment, in minutes (OCPI Calendar.timeslot_increment)."""


@dataclass(frozen=True, slots=True)
class FreeTimeslot:
    """A free window to cut a booking from; power in W; `available` tells how many bookings of all of it fit."""

    period: Interval
    min_power: int | None
    max_power: int | None
    green_energy_support: bool | None
    available: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Where bookings of one timeslot may start and end: every `step` from `origin`."""

    origin: datetime
    step: timedelta

    def holds(self, period: Interval) -> bool:
        """Whether both ends lie on the grid."""
        return not (period.start - self.origin) % self.step and not (period.end - self.origin) % self.step

    def within(self, period: Interval) -> Interval | None:
        """Return the longest stretch of the grid inside `period`, or None."""
        start = self.origin - (self.origin - period.start) // self.step * self.step
        end = self.origin + (period.end - self.origin) // self.step * self.step
        return Interval(start, end) if start < end else None

    def rounded_up(self, duration: timedelta) -> timedelta:
        """Return the shortest stretch of the grid that is at least `duration` long."""
        return -(-duration // self.step) * self.step


def free_timeslots(
    offer: BookingLocation,
    spots: Sequence[Spot],
    busy: Mapping[str, Sequence[Interval]],
    window: Interval,
    *,
    now: datetime,
    needed: timedelta = timedelta(0),
    min_power: int | None = None,
) -> list[FreeTimeslot]:
    """Return what of `offer` is free in `window`, from `now` on, for at least `needed` and `min_power` (BUC 1.2).

    `busy` maps the id of a charger or bay to when it is taken. An interval on the grid can be booked exactly if one
    of the returned windows holds it; windows of different chargers may overlap, and none lies inside another.
    """
    if now >= window.end:
        return []
    open_window = Interval(max(window.start, now), window.end)
    found = []
    for calendar in offer.calendars:
        for timeslot, offered in offered_timeslots(calendar):
            within = offered.clipped(open_window)
            if within is not None and gives(timeslot, min_power):
                grid = Grid(timeslot.period.start, step(calendar))
                shortest = _shortest(offer, grid, needed)
                if shortest is not None:
                    found.extend(_free_of(timeslot, within, grid, shortest, spots, busy))
    return sorted(found, key=lambda slot: (slot.period, slot.available))


def refusal(offer: BookingLocation, period: Interval, now: datetime) -> str | None:
    """Return why `period` is not offered, in words, or None if it is (BUC 2.1)."""
    if period.start < now:
        return "it starts in the past"
    terms = offer.terms
    if terms.min_booking_duration is not None and period.duration < timedelta(minutes=terms.min_booking_duration):
        return f"the shortest booking takes {terms.min_booking_duration} minutes"
    if terms.max_booking_duration is not None and period.duration > timedelta(minutes=terms.max_booking_duration):
        return f"the longest booking takes {terms.max_booking_duration} minutes"
    if period.duration > LONGEST_ALLOCATION:
        return f"the longest booking takes {LONGEST_ALLOCATION // timedelta(minutes=1)} minutes"
    if timeslot_for(offer, period) is not None:
        return None
    holding = [
        calendar
        for calendar in offer.calendars
        for _, offered in offered_timeslots(calendar)
        if offered.contains(period)
    ]
    if not holding:
        return "the operator offers no timeslot that holds it"
    minutes = step(holding[0]) // timedelta(minutes=1)
    return f"start and end lie on steps of {minutes} minutes from the start of the timeslot"


def timeslot_for(offer: BookingLocation, period: Interval, min_power: int | None = None) -> Timeslot | None:
    """Return the published timeslot that holds `period` on its grid and gives `min_power` in W, or None."""
    for calendar in offer.calendars:
        for timeslot, offered in offered_timeslots(calendar):
            on_grid = Grid(timeslot.period.start, step(calendar)).holds(period)
            if on_grid and offered.contains(period) and gives(timeslot, min_power):
                return timeslot
    return None


def gives(timeslot: Timeslot, min_power: int | None) -> bool:
    """Whether the timeslot's available power reaches `min_power`; one that states none leaves it to the connector."""
    return min_power is None or timeslot.max_power is None or timeslot.max_power >= min_power


def offered_timeslots(calendar: Calendar) -> Iterable[tuple[Timeslot, Interval]]:
    """Yield each timeslot with the part of it that lies in its calendar."""
    for timeslot in calendar.available_timeslots:
        offered = timeslot.period.clipped(calendar.covers)
        if offered is not None:
            yield timeslot, offered


def step(calendar: Calendar) -> timedelta:
    """Return the smallest step of starts and lengths."""
    return timedelta(minutes=calendar.timeslot_increment or ANY_MINUTE)


def _shortest(offer: BookingLocation, grid: Grid, needed: timedelta) -> timedelta | None:
    """Return how long a free window must be to be of use, or None if no booking could be as long as needed."""
    least = timedelta(minutes=offer.terms.min_booking_duration or 0)
    shortest = grid.rounded_up(max(least, needed, grid.step))
    longest = LONGEST_ALLOCATION
    if offer.terms.max_booking_duration is not None:
        longest = min(longest, timedelta(minutes=offer.terms.max_booking_duration))
    return shortest if shortest <= longest else None


def _free_of(
    timeslot: Timeslot,
    within: Interval,
    grid: Grid,
    shortest: timedelta,
    spots: Sequence[Spot],
    busy: Mapping[str, Sequence[Interval]],
) -> list[FreeTimeslot]:
    free: list[tuple[Spot, Interval]] = []
    for spot in spots:
        for gap in gaps(within, taken(spot, busy, within)):
            snapped = grid.within(gap)
            if snapped is not None and snapped.duration >= shortest:
                free.append((spot, snapped))
    return [
        FreeTimeslot(
            window,
            timeslot.min_power,
            timeslot.max_power,
            timeslot.green_energy_support,
            vehicles([spot for spot, gap in free if gap.contains(window)]),
        )
        for window in outermost(gap for _, gap in free)
    ]


def taken(spot: Spot, busy: Mapping[str, Sequence[Interval]], within: Interval) -> list[Interval]:
    """Return when the spot's charger or bay is taken or out of use, as far as it concerns `within`."""
    found = list(busy.get(spot.evse.id, ()))
    if spot.parking_bay is not None:
        found += busy.get(spot.parking_bay.id, ())
    if not spot.evse.usable_at(within.start):
        back = spot.evse.fault_expected_end
        usable_from = back if back is not None and spot.evse.usable_at(back) else within.end
        found.append(Interval(within.start, usable_from))
    return found


def vehicles(spots: Sequence[Spot]) -> int:
    """Return how many vehicles the spots hold at once."""
    return len(seating(spots))


def seating(spots: Sequence[Spot]) -> list[Spot]:
    """Return as many of the spots as can be in use at once, no charger and no bay twice (a bipartite matching)."""
    if len({spot.evse.id for spot in spots}) == len({spot.key[1] for spot in spots}) == len(spots):
        return list(spots)
    of_evse: dict[str, list[Spot]] = {}
    for spot in spots:
        of_evse.setdefault(spot.evse.id, []).append(spot)
    seated: dict[str, Spot] = {}

    def seat(evse_id: str, tried: set[str]) -> bool:
        for spot in of_evse[evse_id]:
            bay = spot.key[1] or f"no bay of {evse_id}"
            if bay not in tried:
                tried.add(bay)
                if bay not in seated or seat(seated[bay].evse.id, tried):
                    seated[bay] = spot
                    return True
        return False

    for evse_id in of_evse:
        seat(evse_id, set())
    return list(seated.values())
