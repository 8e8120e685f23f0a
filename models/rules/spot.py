"""Which chargers and bays satisfy a BookingOption: the spots that one vehicle can occupy."""

from dataclasses import dataclass

from models.rules.booking_location import BookingOption
from models.rules.location import Connector, Evse, EvsePosition, Location, ParkingBay, Status


@dataclass(frozen=True, slots=True)
class Spot:
    """A charger, the plug to use and the bay: what one vehicle occupies together.

    `evse_position` is on which side of a vehicle in the bay the charger stands; None if nobody says.
    """

    evse: Evse
    connector: Connector
    parking_bay: ParkingBay | None
    evse_position: EvsePosition | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What an allocation of this spot blocks."""
        return self.evse.id, self.parking_bay.id if self.parking_bay else None


Served = tuple[ParkingBay | None, EvsePosition | None]
"""A bay and the charger's side of it."""


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
        for bay, position in _bays(location, evse, option):
            found.extend(Spot(evse, connector, bay, position) for connector in connectors)
    return tuple(found)


def _connector_complies(connector: Connector, option: BookingOption) -> bool:
    return (
        _named(option.connector_id, connector.ocpi_id)
        and (not option.connector_types or connector.standard in option.connector_types)
        and (not option.connector_format or connector.format in option.connector_format)
        and (not option.power_types or connector.power_type in option.power_types)
    )


def _bays(location: Location, evse: Evse, option: BookingOption) -> list[Served]:
    """Return the bays that the charger serves and the option allows; no bay where the site has none for it."""
    if not evse.parking:
        return [] if option.parking_id is not None or option.evse_position else [(None, None)]
    served: list[Served] = []
    for link in evse.parking:
        bay = location.parking_bay(link.parking_bay_id)
        if bay is not None and _bay_complies(bay, link.evse_position, option):
            served.append((bay, link.evse_position))
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
