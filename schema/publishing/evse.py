"""Chargers, their connectors, and bays as operators write them."""

from datetime import datetime
from typing import Annotated

import strawberry

from models.rules.identity import part_id
from models.rules.location import (
    Connector,
    ConnectorFormat,
    Evse,
    EvseParking,
    EvsePosition,
    ParkingBay,
    ParkingDirection,
    PowerType,
    Status,
    StatusSchedule,
)
from schema.publishing.limits import LOCAL_ID, OPEN_ENUM, CiString, Many, Text, Url, Whole
from schema.publishing.parts import DisplayTextInput, ImageInput, place
from schema.publishing.reading import NOT_YET, OWN_OR_API_ID, OWN_TARIFF, At
from schema.route import GeoLocationInput

HIGHEST_VOLTAGE, HIGHEST_AMPERAGE = 100_000, 20_000


@strawberry.input(description="A plug of a charger.")
class ConnectorInput:
    """A plug of a charger."""

    id: Annotated[str, LOCAL_ID] = strawberry.field(description="Its name within the charger.")
    standard: Annotated[str, OPEN_ENUM] = strawberry.field(
        description="The connector type, such as IEC_62196_T2_COMBO or MCS."
    )
    format: ConnectorFormat
    power_type: PowerType
    max_voltage: Annotated[int, Whole(high=HIGHEST_VOLTAGE)] = strawberry.field(description="V.")
    max_amperage: Annotated[int, Whole(high=HIGHEST_AMPERAGE)] = strawberry.field(description="A.")
    max_electric_power: Annotated[int | None, Whole()] = strawberry.field(
        default=None, description="W, if it is less than voltage times current."
    )
    tariff_ids: list[Annotated[strawberry.ID, OWN_TARIFF]] = strawberry.field(
        default_factory=list, description=OWN_OR_API_ID
    )
    capabilities: list[Annotated[str, OPEN_ENUM]] = strawberry.field(default_factory=list)
    terms_and_conditions: Annotated[str | None, Url()] = None

    def to_domain(self, at: At) -> Connector:
        """Return it as a value, a part of the charger where it stands."""
        return Connector(
            **{**at.read(self), "id": part_id(at.parent, self.id), "ocpi_id": self.id, "last_updated": NOT_YET}
        )


@strawberry.input(description="That a charger serves a bay of its Location.")
class EvseParkingInput:
    """That a charger serves a bay."""

    parking_id: Annotated[str, LOCAL_ID] = strawberry.field(description="The `ocpiId` of the bay.")
    evse_position: EvsePosition | None = None


@strawberry.input(description="A state that is planned for a charger; it informs people and decides nothing.")
class StatusScheduleInput:
    """A state that is planned."""

    period_begin: datetime
    period_end: datetime | None = None
    status: Status

    def to_domain(self, at: At) -> StatusSchedule:
        """Return it as a value, or raise BadInput."""
        if self.period_end is not None:
            at.check_order(self.period_begin, self.period_end, "periodEnd")
        return StatusSchedule(self.period_begin, self.period_end, self.status)


@strawberry.input(description="A charger; it serves one vehicle at a time.")
class EvseInput:
    """A charger."""

    uid: Annotated[str, LOCAL_ID] = strawberry.field(description="Your technical name of it.")
    evse_id: Annotated[str | None, CiString(48)] = strawberry.field(
        default=None, description="Its public name (eMI3)."
    )
    status: Status = strawberry.field(
        default=Status.UNKNOWN,
        description="Of a charger that is new; one that is known keeps its state, which `evseStatusReport` tells.",
    )
    status_schedule: list[StatusScheduleInput] = strawberry.field(default_factory=list)
    capabilities: list[Annotated[str, OPEN_ENUM]] = strawberry.field(default_factory=list)
    connectors: Annotated[list[ConnectorInput], Many(50, least=1)]
    floor_level: Annotated[str | None, Text(4)] = None
    coordinates: GeoLocationInput | None = None
    physical_reference: Annotated[str | None, Text(16)] = strawberry.field(
        default=None, description="What is painted on it."
    )
    directions: list[DisplayTextInput] = strawberry.field(default_factory=list)
    parking_restrictions: list[Annotated[str, OPEN_ENUM]] = strawberry.field(default_factory=list)
    parking: list[EvseParkingInput] = strawberry.field(default_factory=list, description="The bays it serves.")
    images: list[ImageInput] = strawberry.field(default_factory=list)
    accepted_service_providers: list[Annotated[str, Text(50)]] = strawberry.field(
        default_factory=list, description="The names of EMSPs."
    )

    def to_domain(self, at: At) -> Evse:
        """Return it as a value, a part of the Location where it stands; raise BadInput."""
        evse_id = part_id(at.parent, self.uid)
        read = at.within(evse_id).read(self)
        at.check_distinct("connectors", "id", (one.id for one in self.connectors))
        at.check_distinct("parking", "parkingId", (one.parking_id for one in self.parking))
        point = read.pop("coordinates")
        degrees = place(point, at.step("coordinates")) if point else {"latitude": None, "longitude": None}
        links = tuple(EvseParking(part_id(at.parent, one.parking_id), one.evse_position) for one in self.parking)
        return Evse(**{**read, **degrees, "id": evse_id, "parking": links, "last_updated": NOT_YET})


@strawberry.input(description="A bay; what is left out is unknown, and fits nothing that asks for it.")
class ParkingBayInput:
    """A bay."""

    ocpi_id: Annotated[str, LOCAL_ID] = strawberry.field(description="Your own id of it within the Location.")
    physical_reference: Annotated[str | None, Text(12)] = strawberry.field(
        default=None, description="What is painted on it."
    )
    vehicle_types: Annotated[list[Annotated[str, OPEN_ENUM]], Many(100, least=1)] = strawberry.field(
        description="Those it is built for, such as RIGID or TRUCK_WITH_TRAILER."
    )
    max_vehicle_weight: Annotated[int | None, Whole()] = strawberry.field(default=None, description="kg.")
    max_vehicle_height: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    max_vehicle_length: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    max_vehicle_width: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    parking_space_length: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    parking_space_width: Annotated[int | None, Whole()] = strawberry.field(default=None, description="cm.")
    dangerous_goods_allowed: bool | None = None
    direction: ParkingDirection | None = None
    drive_through: bool | None = None
    restricted_to_type: bool = strawberry.field(description="Whether other vehicle types are forbidden.")
    reservation_required: bool = strawberry.field(description="Whether it is for booked vehicles only.")
    time_limit: Annotated[int | None, Whole()] = strawberry.field(default=None, description="Minutes.")
    roofed: bool | None = None
    lighting: bool | None = None
    refrigeration_outlet: bool | None = None
    images: list[ImageInput] = strawberry.field(default_factory=list)
    standards: list[Annotated[str, CiString(36)]] = strawberry.field(default_factory=list)
    apds_reference: Annotated[str | None, CiString(255)] = strawberry.field(
        default=None, description="Its name in APDS."
    )

    def to_domain(self, at: At) -> ParkingBay:
        """Return it as a value, a part of the Location where it lies."""
        return ParkingBay(**at.read(self), id=part_id(at.parent, self.ocpi_id))
