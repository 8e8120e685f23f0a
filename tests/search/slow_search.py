"""A second opinion on what a search tells of one Location, for tests only: wishes, prices, near misses, walk-ups."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from models.rules.booking_location import BookingLocation, BookingOption
from models.rules.booking_mode import BookingMode
from models.rules.location import USABLE
from models.rules.misfit import Misfit
from models.rules.spot import Spot
from resolvers.asked import Asked, SlotForm
from tests.search.slow_fit import Reasons, all_spots, lacking
from tests.search.slow_hours import MINUTE
from tests.search.slow_needs import is_of, minutes_needed, most_vehicles, place_of
from tests.search.slow_scene import Scene, owner_of, price_of, too_dear
from tests.search.slow_slots import (
    ALL,
    POWER_AND_ENERGY,
    Bookable,
    Run,
    When,
    is_worked_on,
)

CLOSE = timedelta(hours=12)
ANYTHING = BookingOption()


class Slot(NamedTuple):
    """A slot as it should be shown."""

    start: datetime
    end: datetime
    available: int
    powers: tuple[int | None, int | None, bool | None]


class Expected(NamedTuple):
    """What should be told of one offer; where reasons or closest slots are equally good, any of them."""

    compliant: frozenset[str] = frozenset()
    slots: Sequence[Slot] = ()
    most: int | None = None
    before: frozenset[Slot] = frozenset()
    after: frozenset[Slot] = frozenset()
    reasons: frozenset[Reasons] = frozenset()

    @property
    def is_free(self) -> bool:
        return bool(self.slots or self.before or self.after)


class Answer(NamedTuple):
    """What should be told of one Location."""

    free: dict[str, Expected]
    missed: dict[str, Expected]
    walk_up: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.free or self.missed or self.walk_up)


def answer(scene: Scene, asked: Asked, when: When) -> Answer:
    """Return all that should be told of a Location."""
    free, missed = {}, {}
    wishes = asked.wishes
    if not wishes.operator_ids or owner_of(scene.published) in [one.upper() for one in wishes.operator_ids]:
        for offer in scene.published.booking_locations:
            if _spots(scene, offer, asked) or _mode(offer, None) in wishes.booking_modes:
                told = _told(scene, offer, asked, when)
                if told.is_free:
                    free[offer.id] = told
                if told.reasons and asked.near_misses:
                    missed[offer.id] = told
        return Answer(free, missed, _walk_up(scene, asked, when))
    return Answer(free, missed, frozenset())


def _mode(offer: BookingLocation, spot: Spot | None) -> BookingMode:
    bay = spot.parking_bay if spot else None
    required = offer.reservation_required or (bay is not None and bay.reservation_required)
    return BookingMode.REQUIRED if required else BookingMode.OPTIONAL


def _spots(scene: Scene, offer: BookingLocation, asked: Asked) -> list[Spot]:
    """Return the spots of an offer in a mode that is asked for."""
    every = all_spots(scene.published.location, offer.booking_option)
    return [spot for spot in every if _mode(offer, spot) in asked.wishes.booking_modes]


def _told(scene: Scene, offer: BookingLocation, asked: Asked, when: When) -> Expected:
    lacks = [(spot, lacking(spot, offer.booking_option, asked.demand)) for spot in _spots(scene, offer, asked)]
    spots = [spot for spot, reasons in lacks if not reasons]
    missing = _never(scene, asked, [reasons for _, reasons in lacks])
    if missing:
        return Expected(reasons=missing)
    compliant = frozenset(spot.evse.id for spot in spots)
    bookable = scene.bookable(offer, spots, asked.demand)
    runs = bookable.runs(when)
    dear = too_dear(asked, price_of(scene, [*offer.tariff_ids, *_plug_tariffs(spots)], asked.demand))
    if runs and dear:
        return Expected(reasons=frozenset([frozenset([dear])]))
    if runs and asked.form == SlotForm.STARTS:
        return Expected(compliant, _starts(runs, when.last)[: asked.most_starts], asked.most_starts)
    if runs:
        return Expected(compliant, _windows(runs))
    reasons = frozenset([_hindrance(bookable, when)])
    if dear or not asked.closest:
        return Expected(reasons=reasons)
    wide = When(when.first - CLOSE, when.end + CLOSE, when.end + CLOSE, when.now)
    starts = _starts(bookable.runs(wide), wide.last)
    before = [one for one in starts if one.start < when.first]
    after = [one for one in starts if one.start >= when.first]
    last = max(((one.start, one.start - one.end) for one in before), default=None)
    first = min(((one.start, one.end) for one in after), default=None)
    return Expected(
        compliant,
        before=frozenset(one for one in before if (one.start, one.start - one.end) == last),
        after=frozenset(one for one in after if (one.start, one.end) == first),
        reasons=reasons,
    )


def _never(scene: Scene, asked: Asked, lacks: Sequence[Reasons]) -> frozenset[Reasons]:
    """Return why nothing fits at any time: what any of the spots lacks that lack least."""
    wanted, has = asked.wishes.facilities, scene.published.location.facilities
    place = frozenset([Misfit.FACILITIES] if any(one not in has for one in wanted) else [])
    if not lacks:
        return frozenset([place | {Misfit.NOT_OFFERED}])
    fewest = min(len(one) for one in lacks)
    return frozenset(place | one for one in lacks if len(one) == fewest and (one or place))


def _windows(runs: Sequence[Run]) -> list[Slot]:
    """Return the stretches of each timeslot that lie in no longer one."""
    found = []
    for slot in {run.slot for run in runs}:
        of_slot = [run for run in runs if run.slot is slot]
        stretches = {(run.start, run.end) for run in of_slot}
        for start, end in stretches:
            if not any(one <= start and end <= other for one, other in stretches - {(start, end)}):
                found.append(_slot(of_slot, start, end))
    return sorted(found, key=_in_time)


def _starts(runs: Sequence[Run], last: datetime) -> list[Slot]:
    """Return the shortest booking at each step of each run."""
    found = []
    for slot in {run.slot for run in runs}:
        of_slot = [run for run in runs if run.slot is slot]
        periods = {
            (start, start + run.least)
            for run in of_slot
            for start in slot.steps
            if run.start <= start <= last and start + run.least <= run.end
        }
        found += [_slot(of_slot, start, end) for start, end in periods]
    return sorted(found, key=_in_time)


def _slot(runs: Sequence[Run], start: datetime, end: datetime) -> Slot:
    of = runs[0].slot.timeslot
    places = {place_of(run.spot) for run in runs if run.holds(start, end)}
    return Slot(
        start, end, most_vehicles(sorted(places, key=str)), (of.min_power, of.max_power, of.green_energy_support)
    )


def _in_time(slot: Slot) -> tuple[datetime, datetime, int]:
    return slot.start, slot.end, slot.available


def _hindrance(bookable: Bookable, when: When) -> Reasons:
    """Return the first thing without which something would be free."""
    heeded: set[Misfit] = set()
    if not bookable.runs(when, heeded):
        return frozenset([Misfit.NOT_OFFERED])
    heeded |= POWER_AND_ENERGY
    if not bookable.runs(when, heeded):
        return frozenset(bookable.misfits(when))
    for one in (Misfit.CLOSED, Misfit.CHARGER_UNUSABLE, Misfit.MAINTENANCE):
        heeded.add(one)
        if not bookable.runs(when, heeded):
            return frozenset([one])
    assert heeded | {Misfit.FULLY_BOOKED} == ALL | POWER_AND_ENERGY
    return frozenset([Misfit.FULLY_BOOKED])


def _plug_tariffs(spots: Sequence[Spot]) -> list[str]:
    """All plugs of a random Location name the same tariffs."""
    return list(spots[0].connector.tariff_ids)


def _walk_up(scene: Scene, asked: Asked, when: When) -> frozenset[str]:
    """Return the chargers that nobody can book and that can be used from the arrival on."""
    location, wishes = scene.published.location, asked.wishes
    arrival = max(when.eta or when.first, when.first, when.now)
    if BookingMode.NONE not in wishes.booking_modes or arrival > when.last:
        return frozenset()
    if any(one not in location.facilities for one in wishes.facilities):
        return frozenset()
    offers = [all_spots(location, offer.booking_option) for offer in scene.published.booking_locations]
    bookable = {spot.evse.id for spots in offers for spot in spots}
    demand = replace(asked.demand, minutes=max(asked.demand.minutes or 0, 1))
    found = set()
    for spot in all_spots(location, ANYTHING):
        minutes = minutes_needed(spot, None, demand)
        back = spot.evse.fault_expected_end
        if minutes is None or lacking(spot, ANYTHING, demand) or spot.evse.id in bookable:
            continue
        leaving = arrival + minutes * MINUTE
        works = spot.evse.status in USABLE or (back is not None and back <= arrival)
        worked_on = any(is_worked_on(one, spot.evse.id, arrival, leaving) for one in scene.published.maintenance)
        for_booked = spot.parking_bay is not None and spot.parking_bay.reservation_required
        price = price_of(scene, spot.connector.tariff_ids, demand) if demand.energy is not None else None
        dear = too_dear(asked, price)
        is_open = leaving <= when.end and scene.doors.open_all(arrival, leaving)
        energy = is_of(demand.energy_type, None, location.energy_mix) and demand.guaranteed_power is None
        if is_open and works and not worked_on and not for_booked and not dear and energy:
            found.add(spot.evse.id)
    return frozenset(found)
