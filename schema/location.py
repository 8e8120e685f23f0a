"""Locations as callers see them, with the root fields that read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from weakref import WeakKeyDictionary

import strawberry
import strawberry.federation

from models.errors import NotFound
from models.rules import location as rules
from models.rules.booking_location import BookingLocation as BookingLocationValue
from models.rules.booking_mode import BookingMode, mode_of_evse, mode_of_location, offered_in
from models.rules.fee_schedule import ScheduledFee, fee_schedule
from models.rules.location import Evse as EvseValue
from models.rules.location import Status
from models.rules.published import PublishedLocation
from models.rules.published import WithdrawnLocation as WithdrawnLocationValue
from models.rules.spot import Spot, spots
from resolvers import locations
from resolvers.locations import LocationFilter
from resolvers.pages import Page
from schema.booking_location import BookingLocation, booking_location
from schema.context import Info
from schema.energy_mix import EnergyMix, energy_mix
from schema.evse import Evse, GeoLocation, ParkingBay, bay, evse
from schema.image import Image, images
from schema.maintenance import Maintenance, maintenance
from schema.opening_times import OpeningTimes, opening_times
from schema.pages import AFTER, FIRST, Edge, PageInfo, from_cursor, page_info, to_cursor
from schema.tariff import DisplayText, Tariff


@strawberry.type(description="Who operates or owns a Location.")
class BusinessDetails:
    """Who operates or owns a Location."""

    name: str
    website: str | None
    logo: Image | None


@strawberry.type(description="A further point of a Location, such as its entrance.")
class AdditionalGeoLocation:
    """A further point of a Location."""

    latitude: float
    longitude: float
    name: DisplayText | None


@strawberry.type(description="Whose drivers may see a Location that is not published.")
class PublishToken:
    """Whose drivers may see an unpublished Location."""

    uid: str | None
    type: str | None
    visual_number: str | None
    issuer: str | None
    group_id: str | None


@strawberry.federation.type(keys=["id"], description="A charging site of one operator.")
class Location:
    """A charging site of one operator."""

    id: strawberry.ID = strawberry.field(description="Country code, party and the operator's id: NL*ABC*LOC1.")
    country_code: str
    party_id: str
    ocpi_id: str = strawberry.field(description="Its id with the operator.")
    publish: bool = strawberry.field(description="Whether others than the operator may see it.")
    publish_allowed_to: list[PublishToken] = strawberry.field(
        description="Whose drivers may see it though it is not published; empty for one that is."
    )
    name: str | None
    address: str
    city: str
    postal_code: str | None
    state: str | None
    country: str = strawberry.field(description="ISO 3166-1 alpha-3.")
    coordinates: GeoLocation
    related_locations: list[AdditionalGeoLocation]
    time_zone: str = strawberry.field(description="The IANA name by which opening hours and tariffs are read.")
    parking_type: str | None
    operator: BusinessDetails | None
    suboperator: BusinessDetails | None
    owner: BusinessDetails | None
    facilities: list[str]
    help_phone: str | None
    opening_times: OpeningTimes | None
    charging_when_closed: bool
    energy_mix: EnergyMix | None
    directions: list[DisplayText]
    images: list[Image]
    booking_mode: BookingMode = strawberry.field(
        description="NONE if nothing can be booked here, REQUIRED if no charger can be used without a booking."
    )
    evses: list[Evse]
    parking_bays: list[ParkingBay]
    booking_locations: list[BookingLocation] = strawberry.field(description="What can be booked here.")
    tariffs: list[Tariff] = strawberry.field(description="Every tariff that is named here.")
    maintenance: list[Maintenance] = strawberry.field(description="Planned work on the chargers.")
    last_updated: datetime


@strawberry.type(description="That a Location is not to be seen any more: withdrawn, or no longer for all.")
class WithdrawnLocation:
    """That a Location is not to be seen any more."""

    id: strawberry.ID
    at: datetime


@strawberry.type(description="One page of Locations; those that are withdrawn count too.")
class LocationConnection:
    """One page of Locations."""

    edges: list[Edge[Location]]
    withdrawn: list[WithdrawnLocation] = strawberry.field(
        description="Those to delete, if `updatedSince` is given; in the same order as the edges."
    )
    page_info: PageInfo = strawberry.field(description="Cursors are of edges and withdrawn ones alike.")


_made: "WeakKeyDictionary[PublishedLocation, Location]" = WeakKeyDictionary()


def of(published: PublishedLocation) -> Location:
    """Return a Location as callers see it; made once for as long as nothing of it changes."""
    known = _made.get(published)
    if known is None:
        known = _made[published] = _make(published)
    return known


def evse_of(published: PublishedLocation, one: EvseValue) -> Evse:
    """Return a charger as callers see it."""
    return next(found for found in of(published).evses if found.id == one.id)


def booking_location_of(published: PublishedLocation, one: BookingLocationValue) -> BookingLocation:
    """Return what can be booked as callers see it."""
    return next(found for found in of(published).booking_locations if found.id == one.id)


@strawberry.type
class LocationQuery:
    """The root fields that read Locations."""

    @strawberry.field(description="The Location of an id; an error with code NOT_FOUND if there is none to see.")
    async def location(self, info: Info, id: strawberry.ID) -> Location | None:
        """Return one Location."""
        (found,) = await locations.many(await info.context.call(), [id])
        if found is None:
            raise NotFound("Location", id)
        return of(found)

    @strawberry.field(
        description="Published Locations by id, or by last update, with those that are withdrawn, if `updatedSince` "
        "is given (BUC 1.1.1)."
    )
    async def locations(
        self,
        info: Info,
        country: Annotated[str | None, strawberry.argument(description="ISO 3166-1 alpha-3.")] = None,
        operator_id: Annotated[strawberry.ID | None, strawberry.argument(description="Such as NL*ABC.")] = None,
        updated_since: datetime | None = None,
        bookable: Annotated[
            bool | None, strawberry.argument(description="Whether anything can be booked there.")
        ] = None,
        first: Annotated[int, strawberry.argument(description=FIRST)] = 50,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
    ) -> LocationConnection:
        """Return a page of Locations."""
        wanted = LocationFilter(country, operator_id, updated_since, bookable)
        call = await info.context.call()
        page = await locations.collected(call, wanted, first=first, after=from_cursor(after))
        return _connection(page, after)


def _connection(page: Page[PublishedLocation | WithdrawnLocationValue], after: str | None) -> LocationConnection:
    edges: list[Edge[Location]] = []
    withdrawn: list[WithdrawnLocation] = []
    for one, key in page.items:
        if isinstance(one, PublishedLocation):
            edges.append(Edge(cursor=to_cursor(key), node=of(one)))
        else:
            withdrawn.append(WithdrawnLocation(id=strawberry.ID(one.location_id), at=one.at))
    info = page_info([key for _, key in page.items], page.has_next, after)
    return LocationConnection(edges=edges, withdrawn=withdrawn, page_info=info)


def _make(published: PublishedLocation) -> Location:
    one = published.location
    bays = {each.id: bay(each) for each in one.parking_bays}
    tariffs = {name: Tariff.of(each) for name, each in published.tariffs.items()}
    offers = [(offer, spots(one, offer.booking_option)) for offer in published.booking_locations]
    offered = offered_in(offers)
    made = Location(
        id=strawberry.ID(one.id),
        country_code=one.country_code,
        party_id=one.party_id,
        ocpi_id=one.ocpi_id,
        publish=one.publish,
        # Who does not see an unpublished Location does not see this either.
        publish_allowed_to=[] if one.publish else [_publish_token(token) for token in one.publish_allowed_to],
        name=one.name,
        address=one.address,
        city=one.city,
        postal_code=one.postal_code,
        state=one.state,
        country=one.country,
        coordinates=GeoLocation(latitude=float(one.latitude), longitude=float(one.longitude)),
        related_locations=[_additional(point) for point in one.related_locations],
        time_zone=one.time_zone,
        parking_type=one.parking_type,
        operator=_business(one.operator),
        suboperator=_business(one.suboperator),
        owner=_business(one.owner),
        facilities=list(one.facilities),
        help_phone=one.help_phone,
        opening_times=opening_times(one.opening_times),
        charging_when_closed=one.charging_when_closed,
        energy_mix=energy_mix(one.energy_mix),
        directions=[DisplayText.of(text) for text in one.directions],
        images=images(one.images),
        booking_mode=mode_of_location([each.id for each in one.evses if each.status is not Status.REMOVED], offered),
        evses=[],
        parking_bays=list(bays.values()),
        booking_locations=[],
        tariffs=list(tariffs.values()),
        maintenance=[],
        last_updated=one.last_updated,
    )
    made.evses.extend(evse(each, mode_of_evse(each.id, offered), made, bays, tariffs) for each in one.evses)
    made.booking_locations.extend(
        booking_location(offer, places, made, tariffs, _fees(published, offer, places)) for offer, places in offers
    )
    made.maintenance.extend(maintenance(published.maintenance, made))
    return made


def _fees(
    published: PublishedLocation, offer: BookingLocationValue, places: Sequence[Spot]
) -> Sequence[ScheduledFee]:
    named = tuple(dict.fromkeys(name for spot in places for name in spot.connector.tariff_ids))
    return fee_schedule(
        published.tariffs_of(offer.tariff_ids), published.tariffs_of(named), offer.terms, published.published_at
    )


def _business(one: rules.BusinessDetails | None) -> BusinessDetails | None:
    if one is None:
        return None
    return BusinessDetails(name=one.name, website=one.website, logo=Image.of(one.logo) if one.logo else None)


def _additional(one: rules.AdditionalGeoLocation) -> AdditionalGeoLocation:
    return AdditionalGeoLocation(
        latitude=float(one.latitude),
        longitude=float(one.longitude),
        name=DisplayText.of(one.name) if one.name else None,
    )


def _publish_token(one: rules.PublishToken) -> PublishToken:
    return PublishToken(
        uid=one.uid,
        type=one.type,
        visual_number=one.visual_number,
        issuer=one.issuer,
        group_id=one.group_id,
    )
