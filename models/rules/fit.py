"""Which chargers satisfy a BookingOption, and whether a vehicle and its demands fit one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.rules.booking_location import BookingOption
from models.rules.location import Connector, Evse, EvsePosition, Location, ParkingBay, Status


class Misfit(StrEnum):
    """Why a charger and its bay do not fit; missing data is unknown, and unknown never fits (BUC 1.1)."""

    CONNECTOR_TYPE = "CONNECTOR_TYPE"
    POWER_TOO_LOW = "POWER_TOO_LOW"
    VEHICLE_TOO_LONG = "VEHICLE_TOO_LONG"
    VEHICLE_LENGTH_UNKNOWN = "VEHICLE_LENGTH_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a vehicle asks of a charger and its bay: power in W, length in cm; None asks nothing."""

    connector_type: str | None = None
    min_power: int | None = None
    vehicle_length: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A charger, the plug to use and the bay: what one vehicle occupies together."""

    evse: Evse
    connector: Connector
    parking_bay: ParkingBay | None

    @property
    def key(self) -> tuple[str, str | None]:
        """What an allocation of this spot blocks."""
        return self.evse.id, self.parking_bay.id if self.parking_bay else None


def spots(location: Location, option: BookingOption) -> tuple[Spot, ...]:
    """Return every spot of `location` that satisfies `option`, one for each plug, in the operator's order.

    What the operator knows of a bay may not contradict the option; what it does not know is taken from the option
    (OCPI Bookings, BookingOption).
    """
    found: list[Spot] = []
    for evse in location.evses:
        if evse.status is Status.REMOVED or not _named(option.evse_uid, evse.uid):
            continue
        connectors = [connector for connector in evse.connectors if _connector_complies(connector, option)]
        for bay in _bays(location, evse, option):
            found.extend(Spot(evse, connector, bay) for connector in connectors)
    return tuple(found)


def misfits(spot: Spot, option: BookingOption, demand: Demand) -> list[Misfit]:
    """Return why `spot` does not meet `demand`; an empty list means that it fits."""
    found: list[Misfit] = []
    if demand.connector_type is not None and spot.connector.standard != demand.connector_type:
        found.append(Misfit.CONNECTOR_TYPE)
    if demand.min_power is not None and spot.connector.power < demand.min_power:
        found.append(Misfit.POWER_TOO_LOW)
    if demand.vehicle_length is not None:
        longest = _longest_vehicle(spot.parking_bay, option)
        if longest is None:
            found.append(Misfit.VEHICLE_LENGTH_UNKNOWN)
        elif demand.vehicle_length > longest:
            found.append(Misfit.VEHICLE_TOO_LONG)
    return found


def fitting(candidates: Iterable[Spot], option: BookingOption, demand: Demand) -> tuple[Spot, ...]:
    """Return the spots that meet `demand`, each charger and bay once."""
    chosen: dict[tuple[str, str | None], Spot] = {}
    for spot in candidates:
        if spot.key not in chosen and not misfits(spot, option, demand):
            chosen[spot.key] = spot
    return tuple(chosen.values())


def _longest_vehicle(bay: ParkingBay | None, option: BookingOption) -> int | None:
    """Return the longest vehicle in cm that fits the bay, or None if nobody knows."""
    limits = [option.max_vehicle_length]
    if bay is not None:
        limits += [bay.max_vehicle_length, bay.parking_space_length]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def _connector_complies(connector: Connector, option: BookingOption) -> bool:
    return (
        _named(option.connector_id, connector.ocpi_id)
        and (not option.connector_types or connector.standard in option.connector_types)
        and (not option.connector_format or connector.format in option.connector_format)
        and (not option.power_types or connector.power_type in option.power_types)
    )


def _bays(location: Location, evse: Evse, option: BookingOption) -> list[ParkingBay | None]:
    """Return the bays that the charger serves and the option allows; [None] where the site has none for it."""
    if not evse.parking:
        return [] if option.parking_id is not None or option.evse_position else [None]
    served: list[ParkingBay | None] = []
    for link in evse.parking:
        bay = location.parking_bay(link.parking_bay_id)
        if bay is not None and _bay_complies(bay, link.evse_position, option):
            served.append(bay)
    return served


def _bay_complies(bay: ParkingBay, position: EvsePosition | None, option: BookingOption) -> bool:
    if not _named(option.parking_id, bay.ocpi_id):
        return False
    if option.evse_position and position not in option.evse_position:
        return False
    if bay.restricted_to_type and not set(option.vehicle_types) <= set(bay.vehicle_types):
        return False
    return _flags_comply(bay, option) and _sizes_comply(bay, option)


def _flags_comply(bay: ParkingBay, option: BookingOption) -> bool:
    wanted = (
        (option.dangerous_goods_allowed, bay.dangerous_goods_allowed),
        (option.drive_through, bay.drive_through),
        (option.refrigeration_outlet, bay.refrigeration_outlet),
    )
    return all(not asked or known is not False for asked, known in wanted)


def _sizes_comply(bay: ParkingBay, option: BookingOption) -> bool:
    wanted = (
        (option.max_vehicle_weight, bay.max_vehicle_weight),
        (option.max_vehicle_height, bay.max_vehicle_height),
        (option.max_vehicle_length, bay.max_vehicle_length),
        (option.max_vehicle_width, bay.max_vehicle_width),
        (option.min_parking_space_length, bay.parking_space_length),
        (option.min_parking_space_width, bay.parking_space_width),
    )
    return all(asked is None or known is None or known >= asked for asked, known in wanted)


def _named(wanted: str | None, local_id: str) -> bool:
    return wanted is None or wanted.upper() == local_id.upper()
