"""Granting a slot, to be booked or to be held: checked and taken in the database, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.db import Connection
from models.errors import ChargerUnusable, DoesNotFit, NotFound, OutsideCalendar, PriceChanged, Refusal
from models.queries import catalogue, locks
from models.queries.allocations import Holder
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, BookingOption, Timeslot
from models.rules.fit import Demand, fitting, misfits
from models.rules.identity import normalized, party
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.offered import refusal, suffices, timeslot_misfits, timeslots_for
from models.rules.price import Price
from models.rules.published import PublishedLocation
from models.rules.quote import Grant
from models.rules.site import Site, site_of
from models.rules.spot import Spot, spots
from resolvers import access, holds, vehicles
from resolvers.asked import Asked, MostPrice
from resolvers.call import Call
from resolvers.once import Outcome, once
from resolvers.pricing import Pricing, too_dear
from resolvers.taking import take


@dataclass(frozen=True, slots=True)
class WantedSlot:
    """The slot that is asked for, and what it may cost; `evse_id` pins one charger of a group.

    `vehicle_id` names a vehicle that its fleet stored, in the place of the one in `demand`.
    `begun` is when the slot began that it takes the place of, so that one that is under way may be made longer.
    """

    booking_location_id: str
    period: Interval
    demand: Demand
    evse_id: str | None = None
    max_price: MostPrice | None = None
    begun: datetime | None = None
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What is asked for as the database has it, at its site, for the time asked."""

    published: PublishedLocation
    offer: BookingLocation
    site: Site


Work = Callable[[Connection, bool], Awaitable[Refusal | None]]
Locks = Callable[[Connection, bool], Awaitable[None]]


async def once_cleared(
    call: Call,
    idempotency_key: str,
    mutation: str,
    asked: Any,
    outcome: Outcome,
    work: Work,
    first: Locks,
    *,
    learned: Callable[[], Outcome] | None = None,
) -> Outcome:
    """Do `work` once as `once` does, and anew with True for `Holder.clear` if what is in its way may give room.

    `first` is told the same, and takes the locks that are waited for.
    """

    async def attempt(clear: bool) -> Outcome:
        return await once(
            call,
            idempotency_key,
            mutation,
            asked,
            outcome,
            lambda connection: work(connection, clear),
            first=lambda connection: first(connection, clear),
            learned=learned,
        )

    try:
        return await attempt(False)
    except holds.InTheWay:
        return await attempt(True)


async def keep_place(connection: Connection, wanted: WantedSlot, *, alone: bool) -> None:
    """Keep the Location of what is asked for as it is, or `alone`, so that a grant may clear it.

    It is for before the first write, the claim of the key included: who waits for a Location and has a key would
    wait in a circle with a repeat of the same request that has the Location.
    """
    location_id = await place_of(connection, wanted.booking_location_id)
    if location_id is not None:
        await (locks.own if alone else locks.share)(connection, location_id)


async def place_of(connection: Connection, booking_location_id: str | None) -> str | None:
    """Return the Location of a BookingLocation; None if there is none, or none is named."""
    if booking_location_id is None:
        return None
    return await catalogue.location_of_booking_location(connection, normalized(booking_location_id))


async def grant(call: Call, connection: Connection, wanted: WantedSlot, holder: Holder) -> Grant:
    """Take what is asked for and return it, priced.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, PriceChanged or SlotTaken.
    """
    wanted, license_plate = await _with_vehicle(call, connection, wanted)
    place = await _offered(call, connection, wanted, clear=holder.clear)
    timeslot = _timeslot(call, place, wanted)
    pricing = Pricing(place.published, Asked(demand=wanted.demand), ())
    candidates = _affordable(pricing, place.offer, timeslot, wanted.max_price, _candidates(place, wanted, timeslot))
    taken = await take(
        call, connection, place.published, place.offer, candidates, wanted.period, holder, wanted.demand
    )
    offer = place.offer
    tariff_ids = tuple(dict.fromkeys((*offer.tariff_ids, *taken.connector.tariff_ids)))
    return Grant(
        location_id=offer.location_id,
        booking_location_id=offer.id,
        cpo_id=party(offer.country_code, offer.party_id),
        timeslot=timeslot,
        evse_id=taken.evse.id,
        connector_id=taken.connector.id,
        parking_bay_id=taken.key[1],
        evse_pinned=wanted.evse_id is not None or offer.booking_option.evse_uid is not None,
        demand=wanted.demand,
        booking_option=offer.booking_option,
        booking_terms=offer.terms,
        confirmation=offer.confirmation,
        tariffs=place.published.tariffs_of(tariff_ids),
        price=pricing.booked(offer, taken, timeslot).estimate,
        license_plate=license_plate,
    )


async def usable(call: Call, connection: Connection, granted: Grant | Booking) -> bool:
    """Whether charger, plug and bay of what was granted are there and work, or are expected to by then.

    Its Location is locked.
    """
    published = await as_stored(call, connection, granted.location_id)
    evse = published.location.evse(granted.evse_id) if published else None
    if published is None or evse is None:
        return False
    plugs = {plug.id for plug in evse.connectors}
    bays = {bay.id for bay in published.location.parking_bays}
    if granted.connector_id not in plugs or granted.parking_bay_id not in {None, *bays}:
        return False
    period = granted.timeslot.period
    return site_of(published, period).serves(evse, period)


async def _with_vehicle(call: Call, connection: Connection, wanted: WantedSlot) -> tuple[WantedSlot, str | None]:
    """Return what is asked for with the stored vehicle in it, and the plate of that; raise NotFound."""
    if wanted.vehicle_id is None:
        return wanted, None
    known = await vehicles.found_by(call, connection, wanted.vehicle_id)
    return replace(wanted, demand=replace(wanted.demand, vehicle=known.vehicle)), known.license_plate


async def _offered(call: Call, connection: Connection, wanted: WantedSlot, *, clear: bool) -> Offered:
    """Return what is asked for as the database has it; its Location stays so until the transaction ends."""
    offer_id = normalized(wanted.booking_location_id)
    location_id = await catalogue.location_of_booking_location(connection, offer_id)
    if location_id is not None:
        await (locks.own if clear else locks.share)(connection, location_id)
        if clear:
            await holds.clear(connection, location_id, wanted.period, call.now)
        published = await as_stored(call, connection, location_id)
        offer = published.booking_location(offer_id) if published else None
        if published is not None and offer is not None and access.sees_location(call, published.location):
            return Offered(published, offer, site_of(published, wanted.period))
    raise NotFound("BookingLocation", wanted.booking_location_id)


async def as_stored(call: Call, connection: Connection, location_id: str) -> PublishedLocation | None:
    """Return a locked Location as the database has it: from memory if that version is stored, else read now."""
    version = await catalogue.version(connection, location_id)
    entry = call.catalogue.get(location_id)
    if entry is not None and entry.published.version == version:
        return entry.published
    found = await catalogue.published(connection, [location_id])
    call.catalogue.refresh([location_id], found)
    return found[0] if found else None


def _timeslot(call: Call, place: Offered, wanted: WantedSlot) -> Timeslot:
    offer = place.offer
    since = call.now if wanted.begun is None else min(call.now, wanted.begun)
    over = wanted.period.end <= call.now
    reason = "it is over by now" if over else refusal(offer, wanted.period, since, place.site)
    if reason is not None:
        raise OutsideCalendar(offer.id, wanted.period, reason)
    holding = timeslots_for(offer, wanted.period)
    against = [timeslot_misfits(one, wanted.demand, place.site.energy_mix) for one in holding]
    if all(against):
        raise DoesNotFit(offer.id, [*min(against, key=len)])
    return replace(holding[against.index([])], period=wanted.period)


def _candidates(place: Offered, wanted: WantedSlot, timeslot: Timeslot) -> Sequence[Spot]:
    """Return the spots that are suitable, of the charger that is named or of all.

    Raise NotFound, DoesNotFit or ChargerUnusable.
    """
    offer = place.offer
    complying = spots(place.published.location, offer.booking_option)
    if wanted.evse_id is not None:
        complying = tuple(spot for spot in complying if spot.evse.id == normalized(wanted.evse_id))
        if not complying:
            raise NotFound("Evse", wanted.evse_id)
    return suitable(complying, offer.id, offer.booking_option, wanted.demand, timeslot, place.site)


def suitable(
    complying: Sequence[Spot],
    booking_location_id: str,
    option: BookingOption,
    demand: Demand,
    timeslot: Timeslot,
    site: Site,
) -> Sequence[Spot]:
    """Return those of the complying spots that fit, give enough within the timeslot, and work.

    Raise DoesNotFit or ChargerUnusable.
    """
    fit = fitting(complying, option, demand)
    if not fit:
        reasons = {why for spot in complying for why in misfits(spot, option, demand)}
        raise DoesNotFit(booking_location_id, sorted(reasons))
    quick = [spot for spot in fit if suffices(spot, timeslot.max_power, demand, timeslot.period.duration)]
    if not quick:
        raise DoesNotFit(booking_location_id, [Misfit.TOO_SHORT])
    working = [spot for spot in quick if site.serves(spot.evse, timeslot.period)]
    if not working:
        raise ChargerUnusable(booking_location_id)
    return working


def _affordable(
    pricing: Pricing, offer: BookingLocation, timeslot: Timeslot, limit: MostPrice | None, candidates: Sequence[Spot]
) -> Sequence[Spot]:
    """Return the spots that cost no more than `limit`, or raise PriceChanged with what the cheapest costs."""
    if limit is None:
        return candidates
    prices = [pricing.booked(offer, spot, timeslot) for spot in candidates]
    cheap = [spot for spot, price in zip(candidates, prices, strict=True) if not too_dear(price, limit)]
    if cheap:
        return cheap
    known: list[tuple[Price, str]] = [
        (price.compared, price.estimate.currency)
        for price in prices
        if price.compared is not None and price.estimate.currency is not None
    ]
    if not known:
        raise PriceChanged(offer.id, None, None)
    least, currency = min(known, key=lambda one: one[0].after_taxes)
    raise PriceChanged(offer.id, least.after_taxes, currency)
