"""What to tell where nothing is free: the closest slots before and after, and what stands in the way (BUC 1.2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from models.rules.availability import Busy, FreeOf, FreeTimeslot, Search, free_of, in_order, taken_by, unusable
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.offered import offered_timeslots, timeslot_misfits
from models.rules.site import Site
from models.rules.spot import Spot

CLOSE_BY = timedelta(hours=12)
"""How long before and after the time asked for a slot counts as close."""


class Closeness(StrEnum):
    """On which side of the time asked for the closest free timeslot lies."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"


def around(window: Interval) -> Interval:
    """Return the window with all that is close to it."""
    return Interval(window.start - CLOSE_BY, window.end + CLOSE_BY)


def closest(
    offer: BookingLocation, spots: Sequence[Spot], busy: Busy, search: Search, demand: Demand, site: Site
) -> dict[Closeness, FreeTimeslot]:
    """Return the last bookable slot that starts before the window, and the first one after nothing was free in it.

    Each is as short as `demand` and the terms allow.
    """
    wide = Search(around(search.window), search.now)
    before: list[FreeTimeslot] = []
    after: list[FreeTimeslot] = []
    for free in free_of(offer, spots, wide, demand, site, taken_by(busy, site)):
        before += _at(free, [_last(free, search, number) for number in range(len(free.cuts))])
        after += _at(free, [_first(free, search, number) for number in range(len(free.cuts))])
    found = {}
    if before:
        found[Closeness.BEFORE] = max(before, key=lambda slot: (slot.period.start, -slot.period.duration))
    if after:
        found[Closeness.AFTER] = in_order(after)[0]
    return found


def why_not(
    offer: BookingLocation, spots: Sequence[Spot], busy: Busy, search: Search, demand: Demand, site: Site
) -> tuple[Misfit, ...]:
    """Return why nothing is free at spots that fit: the first hindrance without which something would be."""
    anytime = replace(demand, min_power=None, guaranteed_power=None, energy_type=Demand().energy_type)
    openly = replace(site, open=None)

    def none(asked: Demand, place: Site, *, works: bool, worked_on: bool) -> bool:
        def taken(spot: Spot, within: Interval) -> list[Interval]:
            return [
                *(unusable(spot, within) if works else ()),
                *(site.worked_on(spot.evse.id) if worked_on else ()),
            ]

        return not any(free_of(offer, spots, search, asked, place, taken))

    if none(anytime, openly, works=False, worked_on=False):
        return (Misfit.NOT_OFFERED,)
    if none(demand, openly, works=False, worked_on=False):
        return _misfits_in(offer, search, demand, site)
    if none(demand, site, works=False, worked_on=False):
        return (Misfit.CLOSED,)
    if none(demand, site, works=True, worked_on=False):
        return (Misfit.CHARGER_UNUSABLE,)
    if none(demand, site, works=True, worked_on=True):
        return (Misfit.MAINTENANCE,)
    return (Misfit.FULLY_BOOKED,)


def _misfits_in(offer: BookingLocation, search: Search, demand: Demand, site: Site) -> tuple[Misfit, ...]:
    """Return why the timeslots in the window do not meet `demand`, each reason once."""
    found = {
        why
        for calendar in offer.calendars
        for timeslot, offered in offered_timeslots(calendar)
        if search.clipped(offered) is not None
        for why in timeslot_misfits(timeslot, demand, site.energy_mix)
    }
    return tuple(sorted(found))


def _at(free: FreeOf, periods: Sequence[Interval | None]) -> list[FreeTimeslot]:
    return [free.slot(period) for period in set(periods) if period is not None]


def _last(free: FreeOf, search: Search, number: int) -> Interval | None:
    """Return the last booking in a cut that starts before the window."""
    cut = free.cuts[number]
    start = min(free.grid.last_before(search.window.start), cut.period.end - cut.shortest)
    return Interval(start, start + cut.shortest) if start >= cut.period.start else None


def _first(free: FreeOf, search: Search, number: int) -> Interval | None:
    """Return the first booking in a cut that starts in the window or after it."""
    cut = free.cuts[number]
    start = max(free.grid.first_from(search.window.start), cut.period.start)
    return Interval(start, start + cut.shortest) if start + cut.shortest <= cut.period.end else None
