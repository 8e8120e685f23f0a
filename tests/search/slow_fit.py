"""A second opinion on what fits, for tests only: every plug of every charger in every bay, checked item by item."""

from collections.abc import Sequence

from models.rules.booking_location import BookingOption
from models.rules.fit import Demand
from models.rules.location import EvsePosition, Location, ParkingBay, Status
from models.rules.misfit import Misfit
from models.rules.spot import Spot
from models.rules.vehicle import InletSide, Vehicle

Reasons = frozenset[Misfit]


def all_spots(location: Location, option: BookingOption) -> list[Spot]:
    """Return every plug, with every bay that its charger serves, that an operator's option may mean."""
    bays = {bay.id: bay for bay in location.parking_bays}
    no_bay: list[tuple[ParkingBay | None, EvsePosition | None]] = [(None, None)]
    every = [
        Spot(evse, plug, bay, side)
        for evse in location.evses
        for bay, side in [(bays[link.parking_bay_id], link.evse_position) for link in evse.parking] or no_bay
        for plug in evse.connectors
        if evse.status != Status.REMOVED
    ]
    return [spot for spot in every if _is_meant(spot, option)]


def _is_meant(spot: Spot, option: BookingOption) -> bool:
    bay, plug = spot.parking_bay, spot.connector
    if bay is None:
        of_bay = option.parking_id is None and not option.evse_position
    else:
        of_bay = all(
            [
                option.parking_id is None or option.parking_id.lower() == bay.ocpi_id.lower(),
                not option.evse_position or spot.evse_position in option.evse_position,
                not bay.restricted_to_type or all(one in bay.vehicle_types for one in option.vehicle_types),
                not (option.dangerous_goods_allowed is True and bay.dangerous_goods_allowed is False),
                not (option.drive_through is True and bay.drive_through is False),
                not (option.refrigeration_outlet is True and bay.refrigeration_outlet is False),
                *(not _less(getattr(bay, name), getattr(option, name)) for name in MAXIMA.values()),
                not _less(bay.parking_space_length, option.min_parking_space_length),
                not _less(bay.parking_space_width, option.min_parking_space_width),
            ]
        )
    return of_bay and all(
        [
            option.evse_uid is None or option.evse_uid.lower() == spot.evse.uid.lower(),
            option.connector_id is None or option.connector_id.lower() == plug.ocpi_id.lower(),
            option.connector_types == () or plug.standard in option.connector_types,
            option.connector_format == () or plug.format in option.connector_format,
            option.power_types == () or plug.power_type in option.power_types,
        ]
    )


def _less(promised: int | None, wanted: int | None) -> bool:
    return promised is not None and wanted is not None and promised < wanted


MAXIMA = {name: f"max_vehicle_{name}" for name in ("length", "height", "width", "weight")}
TOO_LARGE = {
    "length": (Misfit.VEHICLE_TOO_LONG, Misfit.VEHICLE_LENGTH_UNKNOWN),
    "height": (Misfit.VEHICLE_TOO_HIGH, Misfit.VEHICLE_HEIGHT_UNKNOWN),
    "width": (Misfit.VEHICLE_TOO_WIDE, Misfit.VEHICLE_WIDTH_UNKNOWN),
    "weight": (Misfit.VEHICLE_TOO_HEAVY, Misfit.VEHICLE_WEIGHT_UNKNOWN),
}
BESIDE = {InletSide.LEFT: EvsePosition.LEFT, InletSide.RIGHT: EvsePosition.RIGHT}


def lacking(spot: Spot, option: BookingOption, demand: Demand) -> Reasons:
    """Return all that a spot lacks for a vehicle and its demands, time apart."""
    vehicle, bay, power = demand.vehicle, spot.parking_bay, watts(spot)
    said = {
        Misfit.CONNECTOR_TYPE: (demand.connector_type or spot.connector.standard) != spot.connector.standard
        or spot.connector.standard not in (vehicle.connector_types or [spot.connector.standard]),
        Misfit.CONNECTOR_FORMAT: (demand.connector_format or spot.connector.format) != spot.connector.format,
        Misfit.POWER_TOO_LOW: power < (demand.min_power or 0),
        Misfit.GUARANTEED_POWER_TOO_LOW: power < (demand.guaranteed_power or 0),
    }
    found = {reason for reason, is_so in said.items() if is_so}
    found |= _type(bay, option, vehicle)
    for name, reasons in TOO_LARGE.items():
        limits = [getattr(option, MAXIMA[name]), getattr(bay, MAXIMA[name], None)]
        if name in ("length", "width"):
            limits.append(getattr(bay, f"parking_space_{name}", None))
        found |= _size(getattr(vehicle, name), limits, *reasons)
    return frozenset(found | _flags(bay, option, vehicle) | _inlet(spot, option, vehicle.inlet_side))


def watts(spot: Spot) -> int:
    """Return what the plug gives, in W."""
    plug = spot.connector
    if plug.max_electric_power is None:
        return plug.max_amperage * plug.max_voltage
    return plug.max_electric_power


def _type(bay: ParkingBay | None, option: BookingOption, vehicle: Vehicle) -> set[Misfit]:
    wanted = vehicle.vehicle_type
    if wanted is None:
        return set()
    if option.vehicle_types and wanted not in option.vehicle_types:
        return {Misfit.VEHICLE_TYPE}
    if bay is None:
        return set() if option.vehicle_types else {Misfit.VEHICLE_TYPE_UNKNOWN}
    if wanted in bay.vehicle_types:
        return set()
    if bay.restricted_to_type:
        return {Misfit.VEHICLE_TYPE}
    return {Misfit.VEHICLE_TYPE_UNKNOWN} if vehicle.length is None else set()


def _size(asked: int | None, limits: Sequence[int | None], too_large: Misfit, unknown: Misfit) -> set[Misfit]:
    known = [one for one in limits if one is not None]
    if asked is None:
        return set()
    if not known:
        return {unknown}
    return {too_large} if any(asked > one for one in known) else set()


def _flags(bay: ParkingBay | None, option: BookingOption, vehicle: Vehicle) -> set[Misfit]:
    for_trailers = {"TRUCK_WITH_TRAILER", "PERSONAL_VEHICLE_WITH_TRAILER"}
    types = [*option.vehicle_types, *(bay.vehicle_types if bay is not None else ())]
    couples = vehicle.trailer and not any(one in for_trailers for one in types)
    asked = [
        (vehicle.dangerous_goods, "dangerous_goods_allowed", Misfit.DANGEROUS_GOODS, Misfit.DANGEROUS_GOODS_UNKNOWN),
        (vehicle.refrigeration, "refrigeration_outlet", Misfit.REFRIGERATION, Misfit.REFRIGERATION_UNKNOWN),
        (vehicle.drive_through, "drive_through", Misfit.DRIVE_THROUGH, Misfit.DRIVE_THROUGH_UNKNOWN),
        (couples, "drive_through", Misfit.TRAILER, Misfit.TRAILER_UNKNOWN),
    ]
    found = set()
    for wanted, name, refused, unknown in asked:
        told = _told(bay, option, name)
        if wanted and told is not True:
            found.add(unknown if told is None else refused)
    return found


def _told(bay: ParkingBay | None, option: BookingOption, name: str) -> bool | None:
    """Return what is known of the bay, else what the option promises."""
    told: list[bool | None] = [getattr(one, name) for one in (bay, option) if one is not None]
    return next((one for one in told if one is not None), None)


def _inlet(spot: Spot, option: BookingOption, side: InletSide | None) -> set[Misfit]:
    if side is None:
        return set()
    charger = spot.evse_position
    through = _told(spot.parking_bay, option, "drive_through")
    if charger is None or (charger == EvsePosition.CENTER and through):
        return {Misfit.INLET_SIDE_UNKNOWN}
    return set() if charger == BESIDE.get(side, EvsePosition.CENTER) else {Misfit.INLET_SIDE}
