"""An EVSE and its Connectors as the standard writes them, and what they become (OCPI Locations 2.3.0)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import model_validator

from models.rules.identity import part_id
from models.rules.location import (
    Connector,
    ConnectorFormat,
    DisplayText,
    Evse,
    EvseParking,
    EvsePosition,
    PowerType,
    Status,
    StatusSchedule,
)
from server.ocpi.complaints import Defect, excerpt
from server.ocpi.images import OcpiImage
from server.ocpi.numbers import Degrees, Whole
from server.ocpi.texts import CiString, Id, Letters, OpenEnum, Text, Url, one_of
from server.ocpi.times import Instant, out_of_order
from server.ocpi.wire import Many, OwnedObject, Some, WireObject


class OcpiDisplayText(WireObject):
    """A text for people."""

    language: Annotated[str, Letters(2)]
    text: Annotated[str, Text(512)]

    def to_domain(self) -> DisplayText:
        """Return the text as a value."""
        return DisplayText(language=self.language.lower(), text=self.text)


class OcpiGeoLocation(WireObject):
    """A point; both coordinates are strings."""

    latitude: Annotated[Decimal, Degrees(90)]
    longitude: Annotated[Decimal, Degrees(180)]


class OcpiConnector(WireObject):
    """A plug; power in W."""

    id: Annotated[str, Id(36)]
    standard: OpenEnum
    format: Annotated[ConnectorFormat, one_of(ConnectorFormat)]
    power_type: Annotated[PowerType, one_of(PowerType)]
    max_voltage: Annotated[int, Whole(high=100_000)]
    max_amperage: Annotated[int, Whole(high=20_000)]
    max_electric_power: Annotated[int | None, Whole()] = None
    tariff_ids: Many[Annotated[str, Id(36)]] = ()
    terms_and_conditions: Annotated[str | None, Url()] = None
    capabilities: Many[OpenEnum] = ()
    last_updated: Annotated[datetime, Instant()]

    def to_domain(self, evse_id: str, owner: OwnedObject) -> Connector:
        """Return the Connector of the Evse with that composite id."""
        return Connector(
            id=part_id(evse_id, self.id),
            ocpi_id=self.id,
            standard=self.standard,
            format=self.format,
            power_type=self.power_type,
            max_voltage=self.max_voltage,
            max_amperage=self.max_amperage,
            max_electric_power=self.max_electric_power,
            tariff_ids=owner.siblings(self.tariff_ids),
            capabilities=self.capabilities,
            terms_and_conditions=self.terms_and_conditions,
            last_updated=self.last_updated,
        )


class OcpiEvseParking(WireObject):
    """That an EVSE serves a bay of its Location."""

    parking_id: Annotated[str, Id(36)]
    evse_position: Annotated[EvsePosition | None, one_of(EvsePosition)] = None

    @model_validator(mode="before")
    @classmethod
    def _not_a_bare_id(cls, raw: Any) -> Any:
        # The Bookings branch of the standard prints bare ids in its examples; edition 2 of the core put it right.
        if isinstance(raw, str):
            raise ValueError(f'an object such as {{"parking_id": {excerpt(raw)}}} is wanted, not a bare id')
        return raw


class OcpiStatusSchedule(WireObject):
    """A state that is planned for an EVSE."""

    period_begin: Annotated[datetime, Instant()]
    period_end: Annotated[datetime | None, Instant()] = None
    status: Annotated[Status, one_of(Status)]

    def defects(self) -> Iterator[Defect]:
        """Yield an end that does not come after the start."""
        if self.period_end is not None:
            yield from out_of_order(self.period_begin, self.period_end, "period_end")

    def to_domain(self) -> StatusSchedule:
        """Return it as a value; the fields have the same names here."""
        return StatusSchedule(**dict(self))


class OcpiEvse(WireObject):
    """A charger that serves one vehicle at a time."""

    unique: ClassVar = {"connectors": "id", "parking": "parking_id"}

    uid: Annotated[str, Id(36)]
    evse_id: Annotated[str | None, CiString(48)] = None
    status: Annotated[Status, one_of(Status)]
    status_schedule: Many[OcpiStatusSchedule] = ()
    capabilities: Many[OpenEnum] = ()
    connectors: Some[OcpiConnector]
    floor_level: Annotated[str | None, Text(4)] = None
    coordinates: OcpiGeoLocation | None = None
    physical_reference: Annotated[str | None, Text(16)] = None
    directions: Many[OcpiDisplayText] = ()
    parking_restrictions: Many[OpenEnum] = ()
    parking: Many[OcpiEvseParking] = ()
    images: Many[OcpiImage] = ()
    accepted_service_providers: Many[Annotated[str, Text(50)]] = ()
    last_updated: Annotated[datetime, Instant()]

    def to_domain(self, owner: OwnedObject) -> Evse:
        """Return the Evse of that Location."""
        evse_id = part_id(owner.composite_id, self.uid)
        return Evse(
            id=evse_id,
            uid=self.uid,
            evse_id=self.evse_id,
            status=self.status,
            capabilities=self.capabilities,
            connectors=tuple(connector.to_domain(evse_id, owner) for connector in self.connectors),
            floor_level=self.floor_level,
            physical_reference=self.physical_reference,
            latitude=self.coordinates.latitude if self.coordinates else None,
            longitude=self.coordinates.longitude if self.coordinates else None,
            directions=tuple(text.to_domain() for text in self.directions),
            parking_restrictions=self.parking_restrictions,
            parking=tuple(
                EvseParking(part_id(owner.composite_id, link.parking_id), link.evse_position) for link in self.parking
            ),
            status_schedule=tuple(one.to_domain() for one in self.status_schedule),
            images=tuple(image.to_domain() for image in self.images),
            accepted_service_providers=tuple(name for name in self.accepted_service_providers if name),
            last_updated=self.last_updated,
        )
