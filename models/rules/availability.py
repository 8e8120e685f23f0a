"""What of a calendar is still free: published timeslots minus what is taken, on the calendar's grid."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

from models.rules.booking_location import BookingLocation, Timeslot
from models.rules.fit import Demand
from models.rules.grid import Grid
from models.rules.interval import Interval, gaps, outermost
from models.rules.offered import needed, offered_timeslots, shortest, step, timeslot_misfits
from models.rules.seating import vehicles
from models.rules.site import ALWAYS_OPEN, Site
from models.rules.spot import Spot

Busy = Mapping[str, Sequence[Interval]]
"""When chargers and bays, by their ids, are taken."""

ANYTHING = Demand()


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch on the grid in which a spot is free, and the shortest booking there that is of use."""

    spot: Spot
    period: Interval
    shortest: timedelta


@dataclass(frozen=True, slots=True)
class FreeCount:
    """How many vehicles could book a part of a window."""

    period: Interval
    available: int


@dataclass(frozen=True, slots=True)
class FreeTimeslot:
    """A free window to cut a booking from; power in W; `available` tells how many bookings of all of it fit.

    `cuts` are the spots where it can be booked, with what is free there. `counts`, if asked for, tell part by part
    how many could be booked, for a charger may be free in some of the window only.
    """

    period: Interval
    min_power: int | None
    max_power: int | None
    green_energy_support: bool | None
    available: int
    cuts: tuple[Cut, ...] = field(default=(), compare=False, repr=False)
    counts: tuple[FreeCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """When to look: in `window`, from `now` on, for bookings that start at `latest_start` at the latest.

    `arrival` is when the vehicle is expected, if anybody knows.
    """

    window: Interval
    now: datetime
    latest_start: datetime | None = None
    arrival: datetime | None = None

    def clipped(self, offered: Interval) -> Interval | None:
        """Return the part of what is offered that is asked for."""
        return offered.clipped(self.ahead) if self.ahead else None

    @property
    def ahead(self) -> Interval | None:
        """What of the window is still to come, or None if it is over."""
        start = max(self.window.start, self.now)
        return Interval(start, self.window.end) if start < self.window.end else None


@dataclass(frozen=True, slots=True)
class FreeOf:
    """What is free of one published timeslot."""

    timeslot: Timeslot
    grid: Grid
    cuts: Sequence[Cut]

    def slot(self, period: Interval) -> FreeTimeslot:
        """Return `period` as a free timeslot."""
        duration = period.duration
        cuts = tuple(cut for cut in self.cuts if cut.shortest <= duration and cut.period.contains(period))
        count = vehicles([cut.spot for cut in cuts]) if len(cuts) > 1 else len(cuts)
        of = self.timeslot
        return FreeTimeslot(period, of.min_power, of.max_power, of.green_energy_support, count, cuts)

    def counted(self, slot: FreeTimeslot) -> FreeTimeslot:
        """Return a slot with how many vehicles could book each part of it (BUC 1.2.3)."""
        window = slot.period
        inside = [cut for cut in self.cuts if cut.period.overlaps(window)]
        edges = {edge for cut in inside for edge in (cut.period.start, cut.period.end)}
        ends = sorted({window.start, window.end, *(edge for edge in edges if window.start < edge < window.end)})
        parts = [Interval(start, end) for start, end in pairwise(ends)]
        counts = (FreeCount(part, vehicles([c.spot for c in inside if c.period.contains(part)])) for part in parts)
        return replace(slot, counts=tuple(counts))


def free_timeslots(
    offer: BookingLocation,
    spots: Sequence[Spot],
    busy: Busy,
    search: Search,
    demand: Demand = ANYTHING,
    site: Site = ALWAYS_OPEN,
    *,
    counted: bool = False,
) -> list[FreeTimeslot]:
    """Return the free windows of `offer` in which a booking that meets `demand` fits (BUC 1.2).

    An interval on the grid that is long enough can be booked exactly if one of the returned windows holds it;
    windows of different chargers may overlap, and none lies inside another.
    """
    found = [
        free.counted(free.slot(window)) if counted else free.slot(window)
        for free in free_of(offer, spots, search, demand, site, taken_by(busy, site))
        for window in outermost(cut.period for cut in free.cuts)
    ]
    return in_order(found)


def free_starts(
    offer: BookingLocation,
    spots: Sequence[Spot],
    busy: Busy,
    search: Search,
    demand: Demand,
    site: Site = ALWAYS_OPEN,
    *,
    most: int,
) -> list[FreeTimeslot]:
    """Return the first `most` bookable starts for as long as `demand` needs, on the grid, each as a timeslot."""
    found: list[FreeTimeslot] = []
    for free in free_of(offer, spots, search, demand, site, taken_by(busy, site)):
        periods = {period for cut in free.cuts for period in islice(_starts(cut, free.grid, search), most)}
        found += [free.slot(period) for period in sorted(periods)[:most]]
    return in_order(found)[:most]


def in_order(slots: Sequence[FreeTimeslot]) -> list[FreeTimeslot]:
    """Return the slots in order of time."""
    return sorted(slots, key=lambda slot: (slot.period, slot.available))


Taken = Callable[[Spot, Interval], list[Interval]]
"""When a spot cannot be booked, as far as it concerns a stretch of time."""


def free_of(
    offer: BookingLocation, spots: Sequence[Spot], search: Search, demand: Demand, site: Site, taken: Taken
) -> Iterator[FreeOf]:
    """Yield what is free of each published timeslot that meets `demand`."""
    ahead = search.ahead
    for calendar in offer.calendars if ahead else ():
        for timeslot, offered in offered_timeslots(calendar, ahead):
            if timeslot_misfits(timeslot, demand, site.energy_mix):
                continue
            grid = Grid(timeslot.period.start, step(calendar))
            opened = site.opened(offered)
            cuts = [
                cut
                for spot, length in _lengths(offer, spots, timeslot, grid, demand)
                for part in opened
                for cut in _cuts(spot, length, grid, gaps(part, taken(spot, part)))
                if search.latest_start is None or cut.period.start <= search.latest_start
            ]
            if cuts:
                yield FreeOf(timeslot, grid, cuts)


def taken_by(busy: Busy, site: Site) -> Taken:
    """Return what tells when a spot is booked, out of use or worked on."""

    def taken(spot: Spot, within: Interval) -> list[Interval]:
        return [*booked(spot, busy), *site.worked_on(spot.evse.id), *unusable(spot, within)]

    return taken


def booked(spot: Spot, busy: Busy) -> list[Interval]:
    """Return when the spot's charger or bay is taken by someone."""
    at_charger = busy.get(spot.evse.id, ())
    in_bay = () if spot.parking_bay is None else busy.get(spot.parking_bay.id, ())
    return [*at_charger] if at_charger == in_bay else [*at_charger, *in_bay]  # mostly taken together


def unusable(spot: Spot, within: Interval) -> list[Interval]:
    """Return when the spot's charger cannot be promised (BUC 2.5)."""
    if spot.evse.usable_at(within.start):
        return []
    back = spot.evse.fault_expected_end
    usable_from = back if back is not None and spot.evse.usable_at(back) else within.end
    return [Interval(within.start, usable_from)]


def _lengths(
    offer: BookingLocation, spots: Sequence[Spot], timeslot: Timeslot, grid: Grid, demand: Demand
) -> Iterator[tuple[Spot, timedelta]]:
    """Yield the spots where a booking is of use, with the shortest; it is the same for all plugs of one power."""
    known: dict[int, timedelta | None] = {}
    for spot in spots:
        power = spot.connector.power
        if power not in known:
            least = needed(spot, timeslot.max_power, demand)
            known[power] = None if least is None else shortest(offer, grid, least)
        length = known[power]
        if length is not None:
            yield spot, length


def _cuts(spot: Spot, length: timedelta, grid: Grid, free: Iterator[Interval]) -> Iterator[Cut]:
    for gap in free:
        snapped = grid.within(gap)
        if snapped is not None and snapped.duration >= length:
            yield Cut(spot, snapped, length)


def _starts(cut: Cut, grid: Grid, search: Search) -> Iterator[Interval]:
    start = cut.period.start
    last = cut.period.end - cut.shortest
    if search.latest_start is not None:
        last = min(last, search.latest_start)
    while start <= last:
        yield Interval(start, start + cut.shortest)
        start += grid.step
