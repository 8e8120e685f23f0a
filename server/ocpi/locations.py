"""A Location as the standard writes it, and what it becomes (OCPI Locations 2.3.0)."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from models.rules.location import AdditionalGeoLocation, BusinessDetails, Location, PublishToken
from server.ocpi.complaints import Defect
from server.ocpi.energy_mix import OcpiEnergyMix
from server.ocpi.evses import OcpiDisplayText, OcpiEvse, OcpiGeoLocation
from server.ocpi.images import OcpiImage
from server.ocpi.opening_times import OcpiHours
from server.ocpi.parking_places import OcpiParking
from server.ocpi.texts import CiString, Letters, OpenEnum, Text, Url
from server.ocpi.times import TimeZone
from server.ocpi.wire import Many, OwnedObject, WireObject, converted


class OcpiBusinessDetails(WireObject):
    """Who operates or owns a Location."""

    name: Annotated[str, Text(100)]
    website: Annotated[str | None, Url()] = None
    logo: OcpiImage | None = None

    def to_domain(self) -> BusinessDetails:
        """Return them as a value."""
        return BusinessDetails(name=self.name, website=self.website, logo=converted(self.logo))


class OcpiPublishTokenType(WireObject):
    """Who may see an unpublished Location."""

    uid: Annotated[str | None, CiString(36)] = None
    type: OpenEnum | None = None
    visual_number: Annotated[str | None, Text(64)] = None
    issuer: Annotated[str | None, Text(64)] = None
    group_id: Annotated[str | None, CiString(36)] = None

    def defects(self) -> Iterator[Defect]:
        """Yield what keeps it from naming tokens: one that names none would match every token."""
        if self.uid is None and self.visual_number is None and self.group_id is None:
            yield (), "names no token; uid, visual_number or group_id is required"
        if self.uid is not None and self.type is None:
            yield ("type",), "missing, though uid is given"
        if self.visual_number is not None and self.issuer is None:
            yield ("issuer",), "missing, though visual_number is given"

    def to_domain(self) -> PublishToken:
        """Return it as a value; the fields have the same names here."""
        return PublishToken(**dict(self))


class OcpiAdditionalGeoLocation(OcpiGeoLocation):
    """A further point of a Location."""

    name: OcpiDisplayText | None = None

    def to_domain(self) -> AdditionalGeoLocation:
        """Return it as a value."""
        return AdditionalGeoLocation(self.latitude, self.longitude, converted(self.name))


class OcpiLocation(OwnedObject):
    """A charging site of one operator."""

    unique: ClassVar = {"evses": "uid", "parking_places": "id"}

    publish: bool
    publish_allowed_to: Many[OcpiPublishTokenType] = ()
    name: Annotated[str | None, Text(255)] = None
    address: Annotated[str, Text(255)]
    city: Annotated[str, Text(45)]
    postal_code: Annotated[str | None, Text(10)] = None
    state: Annotated[str | None, Text(45)] = None
    country: Annotated[str, Letters(3)]
    coordinates: OcpiGeoLocation
    related_locations: Many[OcpiAdditionalGeoLocation] = ()
    parking_type: OpenEnum | None = None
    evses: Many[OcpiEvse] = ()
    parking_places: Many[OcpiParking] = ()
    directions: Many[OcpiDisplayText] = ()
    operator: OcpiBusinessDetails | None = None
    suboperator: OcpiBusinessDetails | None = None
    owner: OcpiBusinessDetails | None = None
    facilities: Many[OpenEnum] = ()
    time_zone: Annotated[str, TimeZone()]
    opening_times: OcpiHours | None = None
    charging_when_closed: bool | None = True
    images: Many[OcpiImage] = ()
    energy_mix: OcpiEnergyMix | None = None
    help_phone: Annotated[str | None, CiString(25)] = None

    def defects(self) -> Iterator[Defect]:
        """Yield links to bays that are not there."""
        bays = {bay.id.upper() for bay in self.parking_places}
        for e, evse in enumerate(self.evses):
            for p, link in enumerate(evse.parking):
                if link.parking_id.upper() not in bays:
                    place = ("evses", e, "parking", p, "parking_id")
                    yield place, f"there is no bay {link.parking_id} in parking_places"

    def to_domain(self) -> Location:
        """Return the Location as a value, with its chargers and bays."""
        return Location(
            id=self.composite_id,
            country_code=self.country_code,
            party_id=self.party_id,
            ocpi_id=self.id,
            publish=self.publish,
            name=self.name,
            address=self.address,
            city=self.city,
            postal_code=self.postal_code,
            state=self.state,
            country=self.country,
            latitude=self.coordinates.latitude,
            longitude=self.coordinates.longitude,
            time_zone=self.time_zone,
            last_updated=self.last_updated,
            parking_type=self.parking_type,
            facilities=self.facilities,
            help_phone=self.help_phone,
            charging_when_closed=self.charging_when_closed is not False,
            operator=converted(self.operator),
            suboperator=converted(self.suboperator),
            owner=converted(self.owner),
            opening_times=converted(self.opening_times),
            energy_mix=converted(self.energy_mix),
            directions=tuple(text.to_domain() for text in self.directions),
            related_locations=tuple(point.to_domain() for point in self.related_locations),
            publish_allowed_to=tuple(token.to_domain() for token in self.publish_allowed_to),
            images=tuple(image.to_domain() for image in self.images),
            evses=tuple(evse.to_domain(self) for evse in self.evses),
            parking_bays=tuple(bay.to_domain(self.composite_id) for bay in self.parking_places),
        )
