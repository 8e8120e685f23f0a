"""Whether a vehicle and its demands fit a spot; what nobody knows fits nobody who asks (BUC 1.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.rules.booking_location import BookingOption
from models.rules.energy import EnergyType
from models.rules.location import ConnectorFormat, EvsePosition, ParkingBay
from models.rules.misfit import Misfit
from models.rules.spot import Spot
from models.rules.vehicle import InletSide, Vehicle

WITH_TRAILER = frozenset({"TRUCK_WITH_TRAILER", "PERSONAL_VEHICLE_WITH_TRAILER"})
"""Types that a bay is built for if it takes a coupled trailer; else it must be drive-through."""

REACHED_FROM = {
    InletSide.LEFT: EvsePosition.LEFT,
    InletSide.RIGHT: EvsePosition.RIGHT,
    InletSide.FRONT: EvsePosition.CENTER,
    InletSide.REAR: EvsePosition.CENTER,
}
"""Where the charger must stand; a vehicle with its inlet at the rear backs into the bay."""


ANY_VEHICLE = Vehicle()
"""Asks nothing."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a spot and of the time there; None asks nothing.

    Power in W: `min_power` is to be available, `guaranteed_power` to be promised. `minutes` and `energy` (kWh) say
    how long a booking must be.
    """

    connector_type: str | None = None
    min_power: int | None = None
    guaranteed_power: int | None = None
    connector_format: ConnectorFormat | None = None
    vehicle: Vehicle = ANY_VEHICLE
    minutes: int | None = None
    energy: Decimal | None = None
    energy_type: EnergyType = EnergyType.UNSPECIFIED


def misfits(spot: Spot, option: BookingOption, demand: Demand) -> list[Misfit]:
    """Return why `spot` does not meet `demand`; an empty list means that it fits."""
    found = _of_connector(spot, demand)
    vehicle = demand.vehicle
    if vehicle is ANY_VEHICLE:
        return found
    if vehicle.vehicle_type is not None:
        found += _of_type(spot.parking_bay, option, vehicle)
    found += _of_sizes(spot.parking_bay, option, vehicle)
    found += _of_flags(spot.parking_bay, option, vehicle)
    if vehicle.inlet_side is not None:
        found += _of_inlet(spot, option, vehicle.inlet_side)
    return found


def fitting(candidates: Iterable[Spot], option: BookingOption, demand: Demand) -> tuple[Spot, ...]:
    """Return the spots that meet `demand`, each charger and bay once: with the plug that gives the vehicle most."""
    chosen: dict[tuple[str, str | None], Spot] = {}
    for spot in candidates:
        known = chosen.get(spot.key)
        if known is not None and _given(spot, demand) <= _given(known, demand):
            continue
        if not misfits(spot, option, demand):
            chosen[spot.key] = spot
    return tuple(chosen.values())


def _given(spot: Spot, demand: Demand) -> int:
    """Return the power in W that the vehicle takes from the plug."""
    most = demand.vehicle.max_power
    return spot.connector.power if most is None else min(spot.connector.power, most)


def _of_connector(spot: Spot, demand: Demand) -> list[Misfit]:
    plug = spot.connector
    usable = demand.vehicle.connector_types
    found = []
    if demand.connector_type not in (None, plug.standard) or (usable and plug.standard not in usable):
        found.append(Misfit.CONNECTOR_TYPE)
    if demand.connector_format not in (None, plug.format):
        found.append(Misfit.CONNECTOR_FORMAT)
    if demand.min_power is not None and plug.power < demand.min_power:
        found.append(Misfit.POWER_TOO_LOW)
    if demand.guaranteed_power is not None and plug.power < demand.guaranteed_power:
        found.append(Misfit.GUARANTEED_POWER_TOO_LOW)
    return found


def _of_type(bay: ParkingBay | None, option: BookingOption, vehicle: Vehicle) -> list[Misfit]:
    """A bay that is open to other types than its own takes one whose length is stated (OCPI Parking)."""
    if option.vehicle_types and vehicle.vehicle_type not in option.vehicle_types:
        return [Misfit.VEHICLE_TYPE]
    if bay is None:
        return [] if option.vehicle_types else [Misfit.VEHICLE_TYPE_UNKNOWN]
    if vehicle.vehicle_type in bay.vehicle_types:
        return []
    if bay.restricted_to_type:
        return [Misfit.VEHICLE_TYPE]
    return [] if vehicle.length is not None else [Misfit.VEHICLE_TYPE_UNKNOWN]


def _of_sizes(bay: ParkingBay | None, option: BookingOption, vehicle: Vehicle) -> list[Misfit]:
    length = (
        option.max_vehicle_length,
        bay.max_vehicle_length if bay else None,
        bay.parking_space_length if bay else None,
    )
    height = (option.max_vehicle_height, bay.max_vehicle_height if bay else None)
    width = (
        option.max_vehicle_width,
        bay.max_vehicle_width if bay else None,
        bay.parking_space_width if bay else None,
    )
    weight = (option.max_vehicle_weight, bay.max_vehicle_weight if bay else None)
    return [
        *_of_size(vehicle.length, length, Misfit.VEHICLE_TOO_LONG, Misfit.VEHICLE_LENGTH_UNKNOWN),
        *_of_size(vehicle.height, height, Misfit.VEHICLE_TOO_HIGH, Misfit.VEHICLE_HEIGHT_UNKNOWN),
        *_of_size(vehicle.width, width, Misfit.VEHICLE_TOO_WIDE, Misfit.VEHICLE_WIDTH_UNKNOWN),
        *_of_size(vehicle.weight, weight, Misfit.VEHICLE_TOO_HEAVY, Misfit.VEHICLE_WEIGHT_UNKNOWN),
    ]


def _of_size(asked: int | None, limits: Iterable[int | None], too_large: Misfit, unknown: Misfit) -> list[Misfit]:
    if asked is None:
        return []
    known = [limit for limit in limits if limit is not None]
    if not known:
        return [unknown]
    return [too_large] if asked > min(known) else []


def _of_flags(bay: ParkingBay | None, option: BookingOption, vehicle: Vehicle) -> list[Misfit]:
    found: list[Misfit] = []
    if vehicle.dangerous_goods:
        allowed = _known(bay.dangerous_goods_allowed if bay else None, option.dangerous_goods_allowed)
        found += _of_flag(allowed, Misfit.DANGEROUS_GOODS, Misfit.DANGEROUS_GOODS_UNKNOWN)
    if vehicle.refrigeration:
        outlet = _known(bay.refrigeration_outlet if bay else None, option.refrigeration_outlet)
        found += _of_flag(outlet, Misfit.REFRIGERATION, Misfit.REFRIGERATION_UNKNOWN)
    through = _drive_through(bay, option)
    if vehicle.drive_through:
        found += _of_flag(through, Misfit.DRIVE_THROUGH, Misfit.DRIVE_THROUGH_UNKNOWN)
    types = {*(bay.vehicle_types if bay else ()), *option.vehicle_types}
    if vehicle.trailer and types.isdisjoint(WITH_TRAILER):
        found += _of_flag(through, Misfit.TRAILER, Misfit.TRAILER_UNKNOWN)
    return found


def _of_flag(known: bool | None, refused: Misfit, unknown: Misfit) -> list[Misfit]:
    if known:
        return []
    return [unknown if known is None else refused]


def _drive_through(bay: ParkingBay | None, option: BookingOption) -> bool | None:
    return _known(bay.drive_through if bay else None, option.drive_through)


def _known(of_bay: bool | None, of_option: bool | None) -> bool | None:
    """Return what the operator says of the bay, else what it promises of the option."""
    return of_option if of_bay is None else of_bay


def _of_inlet(spot: Spot, option: BookingOption, side: InletSide) -> list[Misfit]:
    """The cable reaches the side on which the charger stands; a drive-through bay has no closed end."""
    if spot.evse_position is None:
        return [Misfit.INLET_SIDE_UNKNOWN]
    if spot.evse_position is EvsePosition.CENTER and _drive_through(spot.parking_bay, option):
        return [Misfit.INLET_SIDE_UNKNOWN]
    return [] if spot.evse_position is REACHED_FROM[side] else [Misfit.INLET_SIDE]
