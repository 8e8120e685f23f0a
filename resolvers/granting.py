"""Granting a slot, to be booked or to be held: checked and taken in the database, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models.db import Connection
from models.errors import ChargerUnusable, DoesNotFit, NotFound, OutsideCalendar, PriceChanged, Refusal, SlotTaken
from models.queries import allocations, catalogue, locks
from models.rules.booking_location import BookingLocation, Timeslot
from models.rules.fit import Demand, fitting, misfits
from models.rules.identity import normalized
from models.rules.interval import Interval
from models.rules.misfit import Misfit
from models.rules.offered import needed, refusal, timeslot_misfits, timeslots_for
from models.rules.price import Price
from models.rules.published import PublishedLocation
from models.rules.quote import Grant
from models.rules.seating import seating
from models.rules.site import Site, site_of
from models.rules.spot import Spot, spots
from models.tables.allocation import AllocationKind
from resolvers import access, holds
from resolvers.asked import Asked, MostPrice
from resolvers.call import Call
from resolvers.once import Outcome, once
from resolvers.pricing import Pricing, too_dear


@dataclass(frozen=True, slots=True)
class WantedSlot:
    """The slot that is asked for, and what it may cost; `evse_id` pins one charger of a group."""

    booking_location_id: str
    period: Interval
    demand: Demand
    evse_id: str | None = None
    max_price: MostPrice | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A booking, or a quote that holds what it is granted until `expires_at`.

    With `clear`, expired holds that are in its way are freed first.
    """

    id: UUID
    expires_at: datetime | None = None
    clear: bool = False


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
) -> Outcome:
    """Do `work` once as `once` does, and anew with True for `Holder.clear` if an expired hold is in its way.

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
        )

    try:
        return await attempt(False)
    except holds.ExpiredHold:
        return await attempt(True)


async def own_place(connection: Connection, wanted: WantedSlot) -> None:
    """Keep the Location of what is asked for alone, so that a grant may clear it of expired holds."""
    location_id = await catalogue.location_of_booking_location(connection, normalized(wanted.booking_location_id))
    if location_id is not None:
        await locks.own(connection, location_id)


async def grant(call: Call, connection: Connection, wanted: WantedSlot, holder: Holder) -> Grant:
    """Take what is asked for and return it, priced.

    Raise NotFound, OutsideCalendar, DoesNotFit, ChargerUnusable, PriceChanged or SlotTaken.
    """
    place = await _offered(call, connection, wanted, clear=holder.clear)
    timeslot = _timeslot(call, place, wanted)
    pricing = Pricing(place.published, Asked(demand=wanted.demand), ())
    candidates = _affordable(pricing, place.offer, timeslot, wanted.max_price, _candidates(place, wanted, timeslot))
    taken = await _take(call, connection, place.offer, candidates, wanted.period, holder)
    offer = place.offer
    tariff_ids = tuple(dict.fromkeys((*offer.tariff_ids, *taken.connector.tariff_ids)))
    return Grant(
        location_id=offer.location_id,
        booking_location_id=offer.id,
        cpo_id=f"{offer.country_code}*{offer.party_id}".upper(),
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
    )


async def usable(call: Call, connection: Connection, granted: Grant) -> bool:
    """Whether charger, plug and bay of a grant are there and work, or are expected to by then.

    Its Location is locked.
    """
    published = await _as_stored(call, connection, granted.location_id)
    evse = published.location.evse(granted.evse_id) if published else None
    if published is None or evse is None:
        return False
    plugs = {plug.id for plug in evse.connectors}
    bays = {bay.id for bay in published.location.parking_bays}
    if granted.connector_id not in plugs or granted.parking_bay_id not in {None, *bays}:
        return False
    period = granted.timeslot.period
    return site_of(published, period).serves(evse, period)


async def _offered(call: Call, connection: Connection, wanted: WantedSlot, *, clear: bool) -> Offered:
    """Return what is asked for as the database has it; its Location stays so until the transaction ends."""
    offer_id = normalized(wanted.booking_location_id)
    location_id = await catalogue.location_of_booking_location(connection, offer_id)
    if location_id is not None:
        await (locks.own if clear else locks.share)(connection, location_id)
        if clear:
            await holds.clear(connection, location_id, wanted.period, call.now)
        published = await _as_stored(call, connection, location_id)
        offer = published.booking_location(offer_id) if published else None
        if published is not None and offer is not None and access.sees_location(call, published.location):
            return Offered(published, offer, site_of(published, wanted.period))
    raise NotFound("BookingLocation", wanted.booking_location_id)


async def _as_stored(call: Call, connection: Connection, location_id: str) -> PublishedLocation | None:
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
    reason = refusal(offer, wanted.period, call.now, place.site)
    if reason is not None:
        raise OutsideCalendar(offer.id, wanted.period, reason)
    holding = timeslots_for(offer, wanted.period)
    against = [timeslot_misfits(one, wanted.demand, place.site.energy_mix) for one in holding]
    if all(against):
        raise DoesNotFit(offer.id, [*min(against, key=len)])
    return replace(holding[against.index([])], period=wanted.period)


def _candidates(place: Offered, wanted: WantedSlot, timeslot: Timeslot) -> Sequence[Spot]:
    """Return the spots that fit, give enough within the timeslot, and work.

    Raise NotFound, DoesNotFit or ChargerUnusable.
    """
    offer = place.offer
    complying = spots(place.published.location, offer.booking_option)
    if wanted.evse_id is not None:
        complying = tuple(spot for spot in complying if spot.evse.id == normalized(wanted.evse_id))
        if not complying:
            raise NotFound("Evse", wanted.evse_id)
    fit = fitting(complying, offer.booking_option, wanted.demand)
    if not fit:
        reasons = {why for spot in complying for why in misfits(spot, offer.booking_option, wanted.demand)}
        raise DoesNotFit(offer.id, sorted(reasons))
    quick = [spot for spot in fit if _suffices(spot, timeslot, wanted.demand)]
    if not quick:
        raise DoesNotFit(offer.id, [Misfit.TOO_SHORT])
    working = [spot for spot in quick if place.site.serves(spot.evse, wanted.period)]
    if not working:
        raise ChargerUnusable(offer.id)
    return working


def _suffices(spot: Spot, timeslot: Timeslot, demand: Demand) -> bool:
    """Whether the timeslot is long enough for the energy and the minutes asked."""
    least = needed(spot, timeslot.max_power, demand)
    return least is not None and least <= timeslot.period.duration


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


async def _take(
    call: Call,
    connection: Connection,
    offer: BookingLocation,
    candidates: Sequence[Spot],
    period: Interval,
    holder: Holder,
) -> Spot:
    """Take the first spot that is free, beginning anywhere, so that requests at one moment do not queue for one.

    Raise SlotTaken, or ExpiredHold if that may be due to a hold that has expired.
    """
    begin = holder.id.int % len(candidates)
    wanted = [*candidates[begin:], *candidates[:begin]]
    if len(seating(wanted)) < len(wanted):
        await _check_holds(call, connection, offer, period, holder)
        wanted = await _roomiest_first(call, connection, offer, wanted, period)
    kind = AllocationKind.HOLD if holder.expires_at else AllocationKind.BOOKING
    for spot in wanted:
        if await allocations.take(
            connection, offer.location_id, spot.key, period, holder.id, kind, holder.expires_at
        ):
            return spot
    await _check_holds(call, connection, offer, period, holder)
    raise SlotTaken(offer.id, period)


async def _check_holds(
    call: Call, connection: Connection, offer: BookingLocation, period: Interval, holder: Holder
) -> None:
    """Raise ExpiredHold if an expired hold may be in the way and none was cleared away yet."""
    if not holder.clear and await holds.in_the_way(connection, offer.location_id, period, call.now):
        raise holds.ExpiredHold


async def _roomiest_first(
    call: Call, connection: Connection, offer: BookingLocation, candidates: Sequence[Spot], period: Interval
) -> list[Spot]:
    """Return the candidates so that taking the first free one leaves room for all others that a search shows.

    Where chargers share bays, the wrong pair would take the only bay of another charger.
    """
    taken = (await allocations.busy(connection, [offer.location_id], period, call.now)).get(offer.location_id, {})
    best = seating([spot for spot in candidates if taken.keys().isdisjoint(spot.key)])
    return [*best, *(spot for spot in candidates if spot not in best)]
