"""What is free at one Location for what is asked, and why the rest of it is not for the asker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.catalogue import Entry
from models.rules.availability import Busy, FreeTimeslot, Search, free_starts, free_timeslots
from models.rules.booking_location import BookingLocation, BookingOption, Timeslot
from models.rules.booking_mode import BookingMode, mode_of
from models.rules.fit import fitting, misfits
from models.rules.identity import normalized, party
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.nearby_times import around, closest, why_not
from models.rules.offered import MINUTE, needed, timeslot_misfits
from models.rules.provider_fee import ProviderFee
from models.rules.published import PublishedLocation
from models.rules.site import Site, site_of
from models.rules.spot import Spot, spots
from resolvers.asked import BOOKABLE, MOST_STARTS, Asked, SlotForm
from resolvers.pricing import PricedTimeslot, Pricing, SlotPrice, too_dear

ANY = BookingOption()


@dataclass(frozen=True, slots=True)
class Free:
    """What is free of one BookingLocation; `spots` are those that comply, whether free or not.

    `closest` is what comes before and after the time asked for, where nothing is free in it.
    """

    booking_location: BookingLocation
    spots: tuple[Spot, ...]
    timeslots: tuple[PricedTimeslot, ...]
    closest: tuple[PricedTimeslot, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A BookingLocation that is not for the asker, and why."""

    booking_location: BookingLocation
    reasons: tuple[Misfit, ...]


@dataclass(frozen=True, slots=True)
class WalkUp:
    """A charger that nobody can book, and what charging at it costs."""

    spot: Spot
    price: SlotPrice | None


@dataclass(frozen=True, slots=True)
class Available:
    """What is free at one Location."""

    published: PublishedLocation
    free: tuple[Free, ...]
    near_misses: tuple[NearMiss, ...] = ()
    walk_up: tuple[WalkUp, ...] = ()

    @property
    def is_worth_telling(self) -> bool:
        """Whether there is anything for the asker here."""
        return bool(self.free or self.near_misses or self.walk_up)


@dataclass(frozen=True, slots=True)
class Place:
    """One Location with all that decides what is free there."""

    entry: Entry
    asked: Asked
    search: Search
    site: Site
    busy: Busy
    pricing: Pricing

    @classmethod
    def of(
        cls,
        entry: Entry,
        asked: Asked,
        search: Search,
        busy: Mapping[str, Sequence[Interval]],
        fees: Sequence[ProviderFee] = (),
    ) -> "Place":
        """Return a Location as it is over the time of a search and what is close to it."""
        site = site_of(entry.published, around(search.window) if asked.closest else search.window)
        return cls(entry, asked, search, site, busy, Pricing(entry.published, asked, fees))

    def spots(self, offer: BookingLocation) -> Sequence[Spot]:
        """Return where the offer is to be had in a mode that is asked for; a group may have bays of both."""
        modes = self.asked.wishes.booking_modes
        found = self.entry.spots[offer.id]
        return found if modes >= BOOKABLE else [spot for spot in found if mode_of(offer, (spot,)) in modes]


def available(place: Place) -> Available:
    """Return what is free at a Location, with near misses and walk-up chargers if asked for (BUC 1.1, 1.2)."""
    published, asked = place.entry.published, place.asked
    free, missed = [], []
    if _of_operator(place):
        for offer in published.booking_locations:
            if place.spots(offer) or mode_of(offer, ()) in asked.wishes.booking_modes:
                one, why = look(place, offer)
                if one.timeslots or one.closest:
                    free.append(one)
                if why and asked.near_misses:
                    missed.append(NearMiss(offer, why))
    return Available(published, tuple(free), tuple(missed), _walk_up(place))


def look(place: Place, offer: BookingLocation) -> tuple[Free, tuple[Misfit, ...]]:
    """Return what is free of one BookingLocation, and if nothing is, why; what hinders is told with near misses."""
    candidates = fitting(place.spots(offer), offer.booking_option, place.asked.demand)
    nothing = Free(offer, candidates, ())
    why = _misfits(place, offer, candidates)
    if why:
        return nothing, why
    limit = place.asked.wishes.max_price
    priced = [place.pricing.priced(offer, slot) for slot in _slots(place, offer, candidates)]
    cheap = tuple(one for one in priced if not too_dear(one.price, limit))
    if cheap:
        return Free(offer, candidates, cheap), ()
    if priced and place.asked.form is SlotForm.WINDOWS:
        cheap = _cheap_later(place, offer, candidates, priced)
        if cheap:
            return Free(offer, candidates, cheap), ()
    if priced:
        return nothing, tuple(sorted({reason for one in priced if (reason := too_dear(one.price, limit))}))
    near = _closest(place, offer, candidates) if place.asked.closest else ()
    return Free(offer, candidates, (), near), _hindrance(place, offer, candidates)


def _cheap_later(
    place: Place, offer: BookingLocation, candidates: Sequence[Spot], dear: Sequence[PricedTimeslot]
) -> tuple[PricedTimeslot, ...]:
    """Return the windows from their first start that is within the price limit, where the clock changes prices."""
    what = (offer, candidates, place.busy, place.search, place.asked.demand, place.site)
    starts = [place.pricing.priced(offer, slot) for slot in free_starts(*what, most=MOST_STARTS)]
    cheap = [one for one in starts if not too_dear(one.price, place.asked.wishes.max_price)]
    found = []
    for window in dear:
        first = next((one for one in cheap if window.slot.period.contains(one.slot.period)), None)
        if first is not None:
            period = Interval(first.slot.period.start, window.slot.period.end)
            found.append(replace(window, slot=replace(window.slot, period=period), price=first.price))
    return tuple(found)


def _misfits(place: Place, offer: BookingLocation, candidates: Sequence[Spot]) -> tuple[Misfit, ...]:
    """Return why nothing here is for the asker at any time: what is missing at the spot that lacks least."""
    found = []
    if not set(place.asked.wishes.facilities) <= set(place.entry.published.location.facilities):
        found.append(Misfit.FACILITIES)
    if not candidates:
        lacking = [misfits(spot, offer.booking_option, place.asked.demand) for spot in place.spots(offer)]
        least: list[Misfit] = min(lacking, key=len) if lacking else [Misfit.NOT_OFFERED]
        found += least
    return tuple(found)


def _hindrance(place: Place, offer: BookingLocation, candidates: Sequence[Spot]) -> tuple[Misfit, ...]:
    """Return what stands in the way at spots that fit, if anybody asks; to find out takes long."""
    if not place.asked.near_misses:
        return ()
    return why_not(offer, candidates, place.busy, place.search, place.asked.demand, place.site)


def _slots(place: Place, offer: BookingLocation, candidates: Sequence[Spot]) -> list[FreeTimeslot]:
    what = (offer, candidates, place.busy, place.search, place.asked.demand, place.site)
    if place.asked.form is SlotForm.STARTS:
        return free_starts(*what, most=place.asked.most_starts)
    return free_timeslots(*what, counted=place.asked.counted)


def _closest(place: Place, offer: BookingLocation, candidates: Sequence[Spot]) -> tuple[PricedTimeslot, ...]:
    found = closest(offer, candidates, place.busy, place.search, place.asked.demand, place.site)
    priced = [place.pricing.priced(offer, slot, side) for side, slot in found.items()]
    return tuple(one for one in priced if not too_dear(one.price, place.asked.wishes.max_price))


def _of_operator(place: Place) -> bool:
    location = place.entry.published.location
    operator_ids = {normalized(one) for one in place.asked.wishes.operator_ids}
    return not operator_ids or party(location.country_code, location.party_id) in operator_ids


def _walk_up(place: Place) -> tuple[WalkUp, ...]:
    """Return the chargers that fit, work and are not for booking, if such are asked for."""
    location, wishes = place.entry.published.location, place.asked.wishes
    if BookingMode.NONE not in wishes.booking_modes or not _of_operator(place):
        return ()
    if not set(wishes.facilities) <= set(location.facilities):
        return ()
    offered = {spot.evse.id for found in place.entry.spots.values() for spot in found}
    found: dict[str, WalkUp] = {}
    for spot in fitting(spots(location, ANY), ANY, place.asked.demand):
        stay = _stay(place, spot)
        if spot.evse.id not in offered and spot.evse.id not in found and stay is not None:
            price = place.pricing.walk_up(spot, stay)
            if not too_dear(price, wishes.max_price):
                found[spot.evse.id] = WalkUp(spot, price)
    return tuple(found.values())


def _stay(place: Place, spot: Spot) -> Interval | None:
    """Return how long charging takes from the arrival on, or None if the charger is not for use then.

    As a booking would, it lies in the time asked for, and starts no later than asked.
    """
    arrival = max(place.search.arrival or place.search.window.start, place.search.window.start, place.search.now)
    least = needed(spot, None, place.asked.demand)
    if least is None:
        return None
    stay = Interval(arrival, arrival + max(least, MINUTE))
    latest = place.search.latest_start
    if not place.search.window.contains(stay) or (latest is not None and arrival > latest):
        return None
    for_booked = spot.parking_bay is not None and spot.parking_bay.reservation_required
    other_energy = timeslot_misfits(Timeslot(stay), place.asked.demand, place.site.energy_mix)
    serves = place.site.serves(spot.evse, stay) and place.site.is_open(stay)
    return stay if serves and not for_booked and not other_energy else None
