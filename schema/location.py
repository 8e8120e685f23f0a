"""Locations as callers see them, with the root fields that read them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from weakref import WeakKeyDictionary

import strawberry
import strawberry.federation

from models.errors import NotFound
from models.rules import location as rules
from models.rules.booking_location import BookingLocation as BookingLocationValue
from models.rules.location import Evse as EvseValue
from models.rules.published import PublishedLocation
from resolvers import locations
from resolvers.locations import LocationFilter
from schema.booking_location import BookingLocation, booking_location
from schema.context import Info
from schema.evse import Evse, GeoLocation, ParkingBay, bay, evse
from schema.pages import AFTER, FIRST, Connection, connection, from_cursor
from schema.tariff import DisplayText, Tariff


@strawberry.type(description="Who operates or owns a Location.")
class BusinessDetails:
    """Who operates or owns a Location."""

    name: str
    website: str | None


@strawberry.type(description="Opening on one weekday (1 is Monday), local time.")
class RegularHours:
    """Opening on one weekday."""

    weekday: int
    period_begin: str
    period_end: str


@strawberry.type(description="A stretch of time in which the opening differs.")
class ExceptionalPeriod:
    """A stretch of time in which the opening differs."""

    period_begin: datetime
    period_end: datetime


@strawberry.type(description="When a Location is open; closings win over openings.")
class OpeningTimes:
    """When a Location is open."""

    twentyfourseven: bool
    regular_hours: list[RegularHours]
    exceptional_openings: list[ExceptionalPeriod]
    exceptional_closings: list[ExceptionalPeriod]


@strawberry.type(description="The share of one source in the energy sold.")
class EnergySource:
    """The share of one source in the energy sold."""

    source: str
    percentage: Decimal


@strawberry.type(description="Where the energy comes from.")
class EnergyMix:
    """Where the energy comes from."""

    is_green_energy: bool
    energy_sources: list[EnergySource]
    supplier_name: str | None
    energy_product_name: str | None


@strawberry.federation.type(keys=["id"], description="A charging site of one operator.")
class Location:
    """A charging site of one operator."""

    id: strawberry.ID = strawberry.field(description="Country code, party and the operator's id: NL*ABC*LOC1.")
    country_code: str
    party_id: str
    publish: bool
    name: str | None
    address: str
    city: str
    postal_code: str | None
    state: str | None
    country: str = strawberry.field(description="ISO 3166-1 alpha-3.")
    coordinates: GeoLocation
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
    evses: list[Evse]
    parking_bays: list[ParkingBay]
    booking_locations: list[BookingLocation] = strawberry.field(description="What can be booked here.")
    tariffs: list[Tariff] = strawberry.field(description="Every tariff that is named here.")
    last_updated: datetime


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
        description="Published Locations by id, or by last update if `updatedSince` is given (BUC 1.1.1)."
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
    ) -> Connection[Location]:
        """Return a page of Locations."""
        wanted = LocationFilter(country, operator_id, updated_since, bookable)
        call = await info.context.call()
        page = await locations.page(call, wanted, first=first, after=from_cursor(after))
        return connection([(of(one), key) for one, key in page.items], page.has_next, after)


def _make(published: PublishedLocation) -> Location:
    one = published.location
    bays = {each.id: bay(each) for each in one.parking_bays}
    tariffs = {name: Tariff.of(each) for name, each in published.tariffs.items()}
    made = Location(
        id=strawberry.ID(one.id),
        country_code=one.country_code,
        party_id=one.party_id,
        publish=one.publish,
        name=one.name,
        address=one.address,
        city=one.city,
        postal_code=one.postal_code,
        state=one.state,
        country=one.country,
        coordinates=GeoLocation(latitude=float(one.latitude), longitude=float(one.longitude)),
        time_zone=one.time_zone,
        parking_type=one.parking_type,
        operator=_business(one.operator),
        suboperator=_business(one.suboperator),
        owner=_business(one.owner),
        facilities=list(one.facilities),
        help_phone=one.help_phone,
        opening_times=_opening_times(one.opening_times) if one.opening_times else None,
        charging_when_closed=one.charging_when_closed,
        energy_mix=_energy_mix(one.energy_mix) if one.energy_mix else None,
        directions=[DisplayText(language=text.language, text=text.text) for text in one.directions],
        evses=[],
        parking_bays=list(bays.values()),
        booking_locations=[],
        tariffs=list(tariffs.values()),
        last_updated=one.last_updated,
    )
    made.evses.extend(evse(each, made, bays, tariffs) for each in one.evses)
    made.booking_locations.extend(booking_location(each, made, tariffs) for each in published.booking_locations)
    return made


def _business(one: rules.BusinessDetails | None) -> BusinessDetails | None:
    return BusinessDetails(name=one.name, website=one.website) if one else None


def _opening_times(times: rules.OpeningTimes) -> OpeningTimes:
    return OpeningTimes(
        twentyfourseven=times.twentyfourseven,
        regular_hours=[
            RegularHours(weekday=one.weekday, period_begin=one.period_begin, period_end=one.period_end)
            for one in times.regular_hours
        ],
        exceptional_openings=_exceptional(times.exceptional_openings),
        exceptional_closings=_exceptional(times.exceptional_closings),
    )


def _exceptional(periods: tuple[rules.ExceptionalPeriod, ...]) -> list[ExceptionalPeriod]:
    return [ExceptionalPeriod(period_begin=one.period_begin, period_end=one.period_end) for one in periods]


def _energy_mix(mix: rules.EnergyMix) -> EnergyMix:
    return EnergyMix(
        is_green_energy=mix.is_green_energy,
        energy_sources=[EnergySource(source=one.source, percentage=one.percentage) for one in mix.energy_sources],
        supplier_name=mix.supplier_name,
        energy_product_name=mix.energy_product_name,
    )
