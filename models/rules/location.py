"""A Location with its chargers, connectors and bays, as values (OCPI Locations module)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from models.rules.energy_mix import EnergyMix
from models.rules.image import Image


class Status(StrEnum):
    """The state of an Evse now (OCPI Locations, Status)."""

    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUTOFORDER = "OUTOFORDER"
    PLANNED = "PLANNED"
    REMOVED = "REMOVED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


USABLE = frozenset({Status.AVAILABLE, Status.CHARGING, Status.RESERVED})
"""A charger in another state cannot be promised; one of unknown state is not known to work."""


class EvsePosition(StrEnum):
    """On which side of the parked vehicle the charger stands (OCPI EVSEPosition)."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    CENTER = "CENTER"


class ConnectorFormat(StrEnum):
    """Whether the driver brings the cable."""

    SOCKET = "SOCKET"
    CABLE = "CABLE"


class ParkingDirection(StrEnum):
    """How a bay lies to the road that leads to it."""

    PARALLEL = "PARALLEL"
    PERPENDICULAR = "PERPENDICULAR"
    ANGLE = "ANGLE"


class PowerType(StrEnum):
    """The current a connector gives (OCPI PowerType)."""

    AC_1_PHASE = "AC_1_PHASE"
    AC_2_PHASE = "AC_2_PHASE"
    AC_2_PHASE_SPLIT = "AC_2_PHASE_SPLIT"
    AC_3_PHASE = "AC_3_PHASE"
    DC = "DC"


@dataclass(frozen=True, slots=True)
class DisplayText:
    """A text for people, in one language (ISO 639-1)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class BusinessDetails:
    """Who operates or owns a Location."""

    name: str
    website: str | None = None
    logo: Image | None = None


@dataclass(frozen=True, slots=True)
class RegularHours:
    """Opening on one weekday (1 = Monday), from and to as local "HH:MM"."""

    weekday: int
    period_begin: str
    period_end: str


@dataclass(frozen=True, slots=True)
class ExceptionalPeriod:
    """A stretch of time in which the opening differs from the regular hours."""

    period_begin: datetime
    period_end: datetime


@dataclass(frozen=True, slots=True)
class OpeningTimes:
    """When a Location is open (OCPI Hours); closings win over openings."""

    twentyfourseven: bool
    regular_hours: tuple[RegularHours, ...] = ()
    exceptional_openings: tuple[ExceptionalPeriod, ...] = ()
    exceptional_closings: tuple[ExceptionalPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class Connector:
    """A plug of an Evse; power in W, voltage in V, current in A."""

    id: str
    ocpi_id: str
    standard: str
    format: ConnectorFormat
    power_type: PowerType
    max_voltage: int
    max_amperage: int
    max_electric_power: int | None
    tariff_ids: tuple[str, ...]
    capabilities: tuple[str, ...]
    terms_and_conditions: str | None
    last_updated: datetime

    @property
    def power(self) -> int:
        """The most it can give, in W: as stated, else voltage times current (OCPI Connector)."""
        if self.max_electric_power is not None:
            return self.max_electric_power
        return self.max_voltage * self.max_amperage


@dataclass(frozen=True, slots=True)
class EvseParking:
    """That an Evse serves a bay, and from which side."""

    parking_bay_id: str
    evse_position: EvsePosition | None


@dataclass(frozen=True, slots=True)
class StatusSchedule:
    """A state that is planned for an Evse; it informs people and decides nothing (OCPI StatusSchedule)."""

    period_begin: datetime
    period_end: datetime | None
    status: Status


@dataclass(frozen=True, slots=True)
class Evse:
    """A charger that serves one vehicle at a time (OCPI EVSE)."""

    id: str
    uid: str
    evse_id: str | None
    status: Status
    capabilities: tuple[str, ...]
    connectors: tuple[Connector, ...]
    floor_level: str | None
    physical_reference: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    directions: tuple[DisplayText, ...]
    parking_restrictions: tuple[str, ...]
    parking: tuple[EvseParking, ...]
    last_updated: datetime
    status_schedule: tuple[StatusSchedule, ...] = ()
    images: tuple[Image, ...] = ()
    accepted_service_providers: tuple[str, ...] = ()
    fault_expected_end: datetime | None = None
    """When the operator expects the open Fault to be repaired; None while none is open or none is expected."""

    def usable_at(self, moment: datetime) -> bool:
        """Whether the charger can be promised from `moment` on (BUC 2.5): it works, or is expected to by then."""
        if self.status in USABLE:
            return True
        if self.status is Status.REMOVED:
            return False
        return self.fault_expected_end is not None and moment >= self.fault_expected_end


@dataclass(frozen=True, slots=True)
class ParkingBay:
    """A bay (OCPI Parking); weight in kg, sizes in cm; None is unknown and fits nothing that asks."""

    id: str
    ocpi_id: str
    physical_reference: str | None
    vehicle_types: tuple[str, ...]
    max_vehicle_weight: int | None
    max_vehicle_height: int | None
    max_vehicle_length: int | None
    max_vehicle_width: int | None
    parking_space_length: int | None
    parking_space_width: int | None
    dangerous_goods_allowed: bool | None
    direction: str | None
    drive_through: bool | None
    restricted_to_type: bool
    reservation_required: bool
    time_limit: int | None
    roofed: bool | None
    lighting: bool | None
    refrigeration_outlet: bool | None
    standards: tuple[str, ...]
    apds_reference: str | None
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishToken:
    """Who may see an unpublished Location (OCPI PublishTokenType)."""

    uid: str | None = None
    type: str | None = None
    visual_number: str | None = None
    issuer: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class AdditionalGeoLocation:
    """A further point of a Location, such as its entrance."""

    latitude: Decimal
    longitude: Decimal
    name: DisplayText | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A charging site of one operator (OCPI Location); coordinates in degrees WGS 84."""

    id: str
    country_code: str
    party_id: str
    ocpi_id: str
    publish: bool
    name: str | None
    address: str
    city: str
    postal_code: str | None
    state: str | None
    country: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str
    last_updated: datetime
    parking_type: str | None = None
    facilities: tuple[str, ...] = ()
    help_phone: str | None = None
    charging_when_closed: bool = True
    operator: BusinessDetails | None = None
    suboperator: BusinessDetails | None = None
    owner: BusinessDetails | None = None
    opening_times: OpeningTimes | None = None
    energy_mix: EnergyMix | None = None
    directions: tuple[DisplayText, ...] = ()
    related_locations: tuple[AdditionalGeoLocation, ...] = ()
    publish_allowed_to: tuple[PublishToken, ...] = ()
    images: tuple[Image, ...] = ()
    evses: tuple[Evse, ...] = field(default=())
    parking_bays: tuple[ParkingBay, ...] = field(default=())
    withdrawn_at: datetime | None = None
    """When its operator took it back; it stays known to its bookings."""

    def evse(self, evse_id: str) -> Evse | None:
        """Return the charger of that composite id, if it stands here."""
        return next((evse for evse in self.evses if evse.id == evse_id), None)

    def parking_bay(self, parking_bay_id: str) -> ParkingBay | None:
        """Return the bay of that composite id, if it lies here."""
        return next((bay for bay in self.parking_bays if bay.id == parking_bay_id), None)
