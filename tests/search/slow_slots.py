"""A second opinion on what can be booked when, for tests only: every step of every calendar at every spot."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from models.rules.booking_location import BookingLocation, Calendar, Timeslot
from models.rules.energy_mix import EnergyMix
from models.rules.fit import Demand
from models.rules.interval import Interval
from models.rules.location import USABLE, Status
from models.rules.maintenance import Maintenance
from models.rules.misfit import Misfit
from models.rules.spot import Spot
from tests.search.slow_hours import MINUTE, Doors, overlap
from tests.search.slow_needs import Place, is_of, minutes_needed, place_of

LONGEST = timedelta(hours=48)
ALL = frozenset({Misfit.CLOSED, Misfit.CHARGER_UNUSABLE, Misfit.MAINTENANCE, Misfit.FULLY_BOOKED})
POWER_AND_ENERGY = frozenset(
    {
        Misfit.POWER_TOO_LOW,
        Misfit.GUARANTEED_POWER_TOO_LOW,
        Misfit.GUARANTEED_POWER_UNKNOWN,
        Misfit.ENERGY_TYPE,
        Misfit.ENERGY_TYPE_UNKNOWN,
    }
)


@dataclass(frozen=True)
class Taken:
    """That someone has a charger and perhaps a bay, or had it; a hold only until it expires."""

    evse_id: str
    bay_id: str | None
    period: Interval
    released: bool = False
    expires_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return not self.released and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class When:
    """The time asked: starts from `first` to `last`, ends until `end`; nothing begins before now.

    `eta` is when the vehicle is there, if it is on its way.
    """

    first: datetime
    end: datetime
    last: datetime
    now: datetime
    eta: datetime | None = None


@dataclass(frozen=True)
class Run:
    """A stretch of a timeslot that is free at one spot, and the shortest booking there."""

    slot: "Slot"
    spot: Spot
    start: datetime
    end: datetime
    least: timedelta

    def holds(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end and self.least <= end - start


@dataclass(frozen=True, eq=False)
class Site:
    """What decides at one Location: its hours, planned work, who has what, and where its energy comes from."""

    doors: Doors
    works: Sequence[Maintenance]
    taken: Sequence[Taken]
    mix: EnergyMix | None


@dataclass(frozen=True, eq=False)
class Slot:
    """One published timeslot of an offer with its grid, as it is for one demand."""

    offer: BookingLocation
    calendar: Calendar
    timeslot: Timeslot
    site: Site
    demand: Demand

    @property
    def step(self) -> timedelta:
        return (self.calendar.timeslot_increment or 1) * MINUTE

    @cached_property
    def steps(self) -> list[datetime]:
        """When each step begins that lies in the timeslot and in its calendar."""
        period, covers, step = self.timeslot.period, self.calendar.covers, self.step
        every = (period.start + number * step for number in range((period.end - period.start) // step))
        return [one for one in every if covers.start <= one and one + step <= covers.end]

    @cached_property
    def misfits(self) -> frozenset[Misfit]:
        """Why its power and energy are not those asked."""
        slot, demand, found = self.timeslot, self.demand, set()
        if demand.min_power is not None and slot.max_power is not None and slot.max_power < demand.min_power:
            found.add(Misfit.POWER_TOO_LOW)
        if demand.guaranteed_power is not None and slot.min_power is None:
            found.add(Misfit.GUARANTEED_POWER_UNKNOWN)
        if (slot.min_power or demand.guaranteed_power or 0) < (demand.guaranteed_power or 0):
            found.add(Misfit.GUARANTEED_POWER_TOO_LOW)
        match is_of(demand.energy_type, slot.green_energy_support, self.site.mix):
            case None:
                found.add(Misfit.ENERGY_TYPE_UNKNOWN)
            case False:
                found.add(Misfit.ENERGY_TYPE)
        return frozenset(found)

    def least(self, spot: Spot) -> timedelta | None:
        """Return the shortest booking that the terms allow and the demand can do with, counted up step by step."""
        terms = self.offer.booking_terms
        least = (terms.min_booking_duration if terms else None) or 0
        most = (terms.max_booking_duration if terms else None) or LONGEST // MINUTE
        minutes = minutes_needed(spot, self.timeslot.max_power, self.demand)
        if minutes is None:
            return None
        length = self.step
        while length < max(least, minutes) * MINUTE:
            length += self.step
        return length if length <= min(most * MINUTE, LONGEST) else None

    def hindrances(self, spot: Spot, start: datetime) -> frozenset[Misfit]:
        """Return what stands in the way of booking one step at a spot."""
        end, site, evse = start + self.step, self.site, spot.evse
        bay_id = spot.parking_bay.id if spot.parking_bay else None
        found = set()
        if not site.doors.open_all(start, end):
            found.add(Misfit.CLOSED)
        back = evse.fault_expected_end
        if evse.status not in USABLE and (evse.status == Status.REMOVED or back is None or start < back):
            found.add(Misfit.CHARGER_UNUSABLE)
        if any(is_worked_on(work, evse.id, start, end) for work in site.works):
            found.add(Misfit.MAINTENANCE)
        for one in site.taken:
            same = one.evse_id == evse.id or (bay_id is not None and one.bay_id == bay_id)
            if same and overlap(one.period, start, end):
                found.add(Misfit.FULLY_BOOKED)
        return frozenset(found)


def is_worked_on(work: Maintenance, evse_id: str, start: datetime, end: datetime) -> bool:
    return (work.evse_ids == () or evse_id in work.evse_ids) and overlap(work.period, start, end)


class Bookable:
    """Every stretch at every spot of one offer, whatever stands in the way of it."""

    def __init__(self, offer: BookingLocation, spots: Sequence[Spot], site: Site, demand: Demand) -> None:
        self.slots = [
            Slot(offer, calendar, one, site, demand)
            for calendar in offer.calendars
            for one in calendar.available_timeslots
        ]
        self.table = [
            (slot, spot, length, [(start, slot.hindrances(spot, start)) for start in slot.steps])
            for slot in self.slots
            for spot, length in quickest(slot, spots)
        ]

    def runs(self, when: When, heeded: Collection[Misfit] = ALL | POWER_AND_ENERGY) -> list[Run]:
        """Return the longest stretches where a booking fits and nothing that is `heeded` stands in the way."""
        found = []
        for slot, spot, least, steps in self.table:
            if slot.misfits & set(heeded):
                continue
            for start, end in _stretches(slot, steps, when, set(heeded)):
                if end - start >= least and start <= when.last:
                    found.append(Run(slot, spot, start, end, least))
        return found

    def misfits(self, when: When) -> set[Misfit]:
        """Return why the timeslots that share a moment with the time asked do not do."""
        begin = max(when.first, when.now)
        return {
            why
            for slot in self.slots
            if begin < when.end
            and max(begin, slot.timeslot.period.start, slot.calendar.covers.start)
            < min(when.end, slot.timeslot.period.end, slot.calendar.covers.end)
            for why in slot.misfits
        }


def quickest(slot: Slot, spots: Sequence[Spot]) -> Iterator[tuple[Spot, timedelta]]:
    """Yield each charger and bay where a booking is long enough, with the plug that takes the least time."""
    found: dict[Place, list[tuple[timedelta, int]]] = {}
    for number, spot in enumerate(spots):
        length = slot.least(spot)
        if length is not None:
            found.setdefault(place_of(spot), []).append((length, number))
    for times in found.values():
        length, number = min(times)
        yield spots[number], length


def _stretches(
    slot: Slot, steps: Sequence[tuple[datetime, frozenset[Misfit]]], when: When, heeded: set[Misfit]
) -> Iterator[tuple[datetime, datetime]]:
    begin: datetime | None = None
    for start, hindrances in steps:
        inside = max(when.first, when.now) <= start and start + slot.step <= when.end
        if inside and not hindrances & heeded:
            begin = begin or start
        elif begin:
            yield begin, start
            begin = None
    if begin:
        yield begin, steps[-1][0] + slot.step
