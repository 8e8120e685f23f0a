"""Locations as operators write them, whole."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.location import AdditionalGeoLocation, BusinessDetails, Location, PublishToken
from schema.publishing.changing import EXPECTED, OWN_ID
from schema.publishing.evse import EvseInput, ParkingBayInput
from schema.publishing.limits import LOCAL_ID, OPEN_ENUM, CiString, Letters, Many, Text, TimeZone, Url
from schema.publishing.opening import OpeningTimesInput
from schema.publishing.parts import LATITUDE, LONGITUDE, DisplayTextInput, EnergyMixInput, ImageInput, place
from schema.publishing.reading import NOT_YET, At
from schema.route import GeoLocationInput


@strawberry.input(description="Who operates or owns a Location.")
class BusinessDetailsInput:
    """Who operates or owns a Location."""

    name: Annotated[str, Text(100)]
    website: Annotated[str | None, Url()] = None
    logo: ImageInput | None = None

    def to_domain(self, at: At) -> BusinessDetails:
        """Return them as a value."""
        return BusinessDetails(**at.read(self))


@strawberry.input(description="A further point of a Location, such as its entrance.")
class AdditionalGeoLocationInput:
    """A further point of a Location."""

    latitude: Annotated[float, LATITUDE]
    longitude: Annotated[float, LONGITUDE]
    name: DisplayTextInput | None = None

    def to_domain(self, at: At) -> AdditionalGeoLocation:
        """Return it as a value."""
        return AdditionalGeoLocation(**at.read(self))


@strawberry.input(
    description="Whose drivers may see a Location that is not published: by token (`uid` and `type`), by card "
    "(`visualNumber` and `issuer`) or by group."
)
class PublishTokenInput:
    """Whose drivers may see an unpublished Location."""

    uid: Annotated[str | None, CiString(36)] = None
    type: Annotated[str | None, OPEN_ENUM] = None
    visual_number: Annotated[str | None, Text(64)] = None
    issuer: Annotated[str | None, Text(64)] = None
    group_id: Annotated[str | None, CiString(36)] = None

    def to_domain(self, at: At) -> PublishToken:
        """Return it as a value, or raise BadInput: one that names no token would match every one."""
        read = PublishToken(**at.read(self))
        if read.uid is None and read.visual_number is None and read.group_id is None:
            at.refuse("uid", "is missing; give `uid`, `visualNumber` or `groupId`")
        if read.uid is not None and read.type is None:
            at.refuse("type", "is missing, though `uid` is given")
        if read.visual_number is not None and read.issuer is None:
            at.refuse("issuer", "is missing, though `visualNumber` is given")
        return read


@strawberry.input(description="A charging site, whole: chargers and bays that it does not name are gone.")
class LocationInput:
    """A charging site."""

    ocpi_id: Annotated[str, LOCAL_ID] = strawberry.field(description=OWN_ID)
    expected_last_updated: datetime | None = strawberry.field(default=None, description=EXPECTED)
    publish: bool = strawberry.field(description="Whether others than you may see it.")
    publish_allowed_to: list[PublishTokenInput] = strawberry.field(
        default_factory=list, description="Only with `publish: false`."
    )
    name: Annotated[str | None, Text(255)] = None
    address: Annotated[str, Text(255)]
    city: Annotated[str, Text(45)]
    postal_code: Annotated[str | None, Text(10)] = None
    state: Annotated[str | None, Text(45)] = None
    country: Annotated[str, Letters(3)] = strawberry.field(description="ISO 3166-1 alpha-3.")
    coordinates: GeoLocationInput
    related_locations: list[AdditionalGeoLocationInput] = strawberry.field(default_factory=list)
    parking_type: Annotated[str | None, OPEN_ENUM] = strawberry.field(
        default=None, description="Such as ALONG_MOTORWAY or PARKING_LOT."
    )
    evses: Annotated[list[EvseInput], Many(500)] = strawberry.field(default_factory=list)
    parking_bays: Annotated[list[ParkingBayInput], Many(1_000)] = strawberry.field(default_factory=list)
    directions: list[DisplayTextInput] = strawberry.field(default_factory=list)
    operator: BusinessDetailsInput | None = None
    suboperator: BusinessDetailsInput | None = None
    owner: BusinessDetailsInput | None = None
    facilities: list[Annotated[str, OPEN_ENUM]] = strawberry.field(
        default_factory=list, description="Such as RESTAURANT, WIFI or SHOWER."
    )
    time_zone: Annotated[str, TimeZone()] = strawberry.field(
        description="The IANA name by which opening hours and tariffs are read."
    )
    opening_times: OpeningTimesInput | None = None
    charging_when_closed: bool = True
    images: list[ImageInput] = strawberry.field(default_factory=list)
    energy_mix: EnergyMixInput | None = None
    help_phone: Annotated[str | None, CiString(25)] = None

    def to_domain(self, at: At) -> Location:
        """Return it as a value with its chargers and bays, or raise BadInput."""
        location_id = at.object_id(self.ocpi_id)
        read = at.within(location_id).read(self)
        self._check(at)
        point = place(read.pop("coordinates"), at.step("coordinates"))
        return Location(
            **read,
            **point,
            id=location_id,
            country_code=at.country_code,
            party_id=at.party_id,
            last_updated=NOT_YET,
        )

    def _check(self, at: At) -> None:
        """Raise BadInput for parts of one name, for links to bays that are not there, for tokens without use."""
        at.check_distinct("evses", "uid", (one.uid for one in self.evses))
        at.check_distinct("parkingBays", "ocpiId", (one.ocpi_id for one in self.parking_bays))
        bays = {bay.ocpi_id.upper() for bay in self.parking_bays}
        for e, evse in enumerate(self.evses):
            for p, link in enumerate(evse.parking):
                if link.parking_id.upper() not in bays:
                    at.refuse(f"evses[{e}].parking[{p}].parkingId", "names no bay of `parkingBays`")
        if self.publish and self.publish_allowed_to:
            at.refuse("publishAllowedTo", "is for Locations with `publish: false` only")
