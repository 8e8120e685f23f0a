"""Chargers, their connectors, and bays as callers see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry.federation

from models.rules import location as rules
from models.rules.booking_mode import BookingMode
from models.rules.location import ConnectorFormat, EvsePosition, ParkingDirection, PowerType, Status
from schema.image import Image, images
from schema.tariff import DisplayText, Tariff

if TYPE_CHECKING:
    from schema.location import Location


@strawberry.type(description="A place on the globe, in degrees WGS 84.")
class GeoLocation:
    """A place on the globe."""

    latitude: float
    longitude: float


@strawberry.type(description="A plug of a charger.")
class Connector:
    """A plug of a charger."""

    id: strawberry.ID = strawberry.field(description="Its name within the charger.")
    standard: str = strawberry.field(description="The connector type, such as IEC_62196_T2_COMBO or MCS.")
    format: ConnectorFormat
    power_type: PowerType
    max_voltage: int = strawberry.field(description="V.")
    max_amperage: int = strawberry.field(description="A.")
    max_electric_power: int = strawberry.field(description="The most it can give, in W.")
    tariffs: list[Tariff] = strawberry.field(description="What charging at it costs.")
    tariff_ids: list[strawberry.ID] = strawberry.field(description="Those that are not published yet too.")
    capabilities: list[str]
    terms_and_conditions: str | None = strawberry.field(description="A link to the operator's terms.")
    last_updated: datetime


@strawberry.type(description="A bay; None means that the operator does not say, and then it fits nothing that asks.")
class ParkingBay:
    """A bay."""

    id: strawberry.ID
    ocpi_id: str = strawberry.field(description="Its id with the operator, within the Location.")
    physical_reference: str | None = strawberry.field(description="What is painted on it.")
    vehicle_types: list[str]
    max_vehicle_weight: int | None = strawberry.field(description="kg.")
    max_vehicle_height: int | None = strawberry.field(description="cm.")
    max_vehicle_length: int | None = strawberry.field(description="cm.")
    max_vehicle_width: int | None = strawberry.field(description="cm.")
    parking_space_length: int | None = strawberry.field(description="cm.")
    parking_space_width: int | None = strawberry.field(description="cm.")
    dangerous_goods_allowed: bool | None
    direction: ParkingDirection | None
    drive_through: bool | None
    restricted_to_type: bool = strawberry.field(description="Whether other vehicle types are forbidden.")
    reservation_required: bool = strawberry.field(description="Whether it is for booked vehicles only.")
    time_limit: int | None = strawberry.field(description="Minutes.")
    roofed: bool | None
    lighting: bool | None
    refrigeration_outlet: bool | None
    images: list[Image]
    standards: list[str]
    apds_reference: str | None = strawberry.field(description="Its name in APDS.")


@strawberry.type(description="A state that is planned for a charger; it informs people and decides nothing.")
class StatusSchedule:
    """A state that is planned."""

    period_begin: datetime
    period_end: datetime | None
    status: Status


@strawberry.type(description="That a charger serves a bay, and from which side.")
class EvseParking:
    """That a charger serves a bay."""

    parking_bay: ParkingBay
    evse_position: EvsePosition | None


@strawberry.federation.type(keys=["id"], description="A charger; it serves one vehicle at a time.")
class Evse:
    """A charger."""

    id: strawberry.ID
    uid: str = strawberry.field(description="Its technical name with the operator.")
    evse_id: str | None = strawberry.field(description="Its public name (eMI3).")
    location: Annotated["Location", strawberry.lazy("schema.location")]
    status: Status
    booking_mode: BookingMode
    status_schedule: list[StatusSchedule]
    capabilities: list[str]
    connectors: list[Connector]
    floor_level: str | None
    physical_reference: str | None = strawberry.field(description="What is painted on it.")
    coordinates: GeoLocation | None
    directions: list[DisplayText]
    parking_restrictions: list[str]
    parking: list[EvseParking] = strawberry.field(description="The bays it serves.")
    images: list[Image]
    accepted_service_providers: list[str] = strawberry.field(description="The names of EMSPs.")
    last_updated: datetime


def bay(one: rules.ParkingBay) -> ParkingBay:
    """Return a bay as callers see it."""
    return ParkingBay(
        id=strawberry.ID(one.id),
        ocpi_id=one.ocpi_id,
        physical_reference=one.physical_reference,
        vehicle_types=list(one.vehicle_types),
        max_vehicle_weight=one.max_vehicle_weight,
        max_vehicle_height=one.max_vehicle_height,
        max_vehicle_length=one.max_vehicle_length,
        max_vehicle_width=one.max_vehicle_width,
        parking_space_length=one.parking_space_length,
        parking_space_width=one.parking_space_width,
        dangerous_goods_allowed=one.dangerous_goods_allowed,
        direction=ParkingDirection(one.direction) if one.direction else None,
        drive_through=one.drive_through,
        restricted_to_type=one.restricted_to_type,
        reservation_required=one.reservation_required,
        time_limit=one.time_limit,
        roofed=one.roofed,
        lighting=one.lighting,
        refrigeration_outlet=one.refrigeration_outlet,
        images=images(one.images),
        standards=list(one.standards),
        apds_reference=one.apds_reference,
    )


def evse(
    one: rules.Evse, mode: BookingMode, location: "Location", bays: dict[str, ParkingBay], tariffs: dict[str, Tariff]
) -> Evse:
    """Return a charger of `location` as callers see it."""
    place = None
    if one.latitude is not None and one.longitude is not None:
        place = GeoLocation(latitude=float(one.latitude), longitude=float(one.longitude))
    return Evse(
        id=strawberry.ID(one.id),
        uid=one.uid,
        evse_id=one.evse_id,
        location=location,
        status=one.status,
        booking_mode=mode,
        status_schedule=[
            StatusSchedule(period_begin=plan.period_begin, period_end=plan.period_end, status=plan.status)
            for plan in one.status_schedule
        ],
        capabilities=list(one.capabilities),
        connectors=[_connector(plug, tariffs) for plug in one.connectors],
        floor_level=one.floor_level,
        physical_reference=one.physical_reference,
        coordinates=place,
        directions=[DisplayText.of(text) for text in one.directions],
        parking_restrictions=list(one.parking_restrictions),
        parking=[
            EvseParking(parking_bay=bays[link.parking_bay_id], evse_position=link.evse_position)
            for link in one.parking
            if link.parking_bay_id in bays
        ],
        images=images(one.images),
        accepted_service_providers=list(one.accepted_service_providers),
        last_updated=one.last_updated,
    )


def _connector(plug: rules.Connector, tariffs: dict[str, Tariff]) -> Connector:
    return Connector(
        id=strawberry.ID(plug.ocpi_id),
        standard=plug.standard,
        format=plug.format,
        power_type=plug.power_type,
        max_voltage=plug.max_voltage,
        max_amperage=plug.max_amperage,
        max_electric_power=plug.power,
        tariffs=[tariffs[one] for one in plug.tariff_ids if one in tariffs],
        tariff_ids=[strawberry.ID(one) for one in plug.tariff_ids],
        capabilities=list(plug.capabilities),
        terms_and_conditions=plug.terms_and_conditions,
        last_updated=plug.last_updated,
    )
