"""Which vehicle fits which bay, charger and plug; a need is met, not met, or unknown, and the unknown never fits."""

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from models.rules.booking_location import BookingOption
from models.rules.fit import Demand, misfits
from models.rules.location import ConnectorFormat, EvsePosition
from models.rules.misfit import Misfit
from models.rules.spot import Spot
from models.rules.vehicle import InletSide, Vehicle
from tests.factories.catalogue import a_bay, an_evse

SITE = "NL*ABC*LOC1"
ANY = BookingOption()
T = TypeVar("T")


def changed(value: T, field: str, to: object) -> T:
    """Return a value with one field changed."""
    found: T = replace(value, **{field: to})  # type: ignore[type-var]
    return found


def reasons(
    vehicle: Vehicle, bay: dict[str, Any] | None = None, option: BookingOption = ANY, *, bays: bool = True
) -> list[Misfit]:
    """Return why a vehicle does not fit a bay with those changes, or a charger that has no bay."""
    evse = an_evse(SITE, "E1")
    place = a_bay(SITE, "B1", **(bay or {})) if bays else None
    return misfits(Spot(evse, evse.connectors[0], place, EvsePosition.LEFT), option, Demand(vehicle=vehicle))


@pytest.mark.parametrize(
    ("need", "column", "too_large", "unknown"),
    [
        ("length", "max_vehicle_length", Misfit.VEHICLE_TOO_LONG, Misfit.VEHICLE_LENGTH_UNKNOWN),
        ("length", "parking_space_length", Misfit.VEHICLE_TOO_LONG, Misfit.VEHICLE_LENGTH_UNKNOWN),
        ("height", "max_vehicle_height", Misfit.VEHICLE_TOO_HIGH, Misfit.VEHICLE_HEIGHT_UNKNOWN),
        ("width", "max_vehicle_width", Misfit.VEHICLE_TOO_WIDE, Misfit.VEHICLE_WIDTH_UNKNOWN),
        ("width", "parking_space_width", Misfit.VEHICLE_TOO_WIDE, Misfit.VEHICLE_WIDTH_UNKNOWN),
        ("weight", "max_vehicle_weight", Misfit.VEHICLE_TOO_HEAVY, Misfit.VEHICLE_WEIGHT_UNKNOWN),
    ],
)
def test_a_size_fits_up_to_the_limit_and_not_where_nobody_knows_one(
    need: str, column: str, too_large: Misfit, unknown: Misfit
) -> None:
    bare = dict.fromkeys(("max_vehicle_length", "max_vehicle_height", "max_vehicle_width", "max_vehicle_weight"))
    sized = {limit: changed(Vehicle(), need, limit) for limit in (399, 400, 401)}

    assert [reasons(one, {**bare, column: 400}) for one in sized.values()] == [[], [], [too_large]]
    assert reasons(sized[400], bare) == [unknown]
    assert reasons(sized[400], bays=False) == [unknown]


@pytest.mark.parametrize(
    ("need", "column", "refused", "unknown"),
    [
        ("dangerous_goods", "dangerous_goods_allowed", Misfit.DANGEROUS_GOODS, Misfit.DANGEROUS_GOODS_UNKNOWN),
        ("refrigeration", "refrigeration_outlet", Misfit.REFRIGERATION, Misfit.REFRIGERATION_UNKNOWN),
        ("drive_through", "drive_through", Misfit.DRIVE_THROUGH, Misfit.DRIVE_THROUGH_UNKNOWN),
    ],
)
def test_what_the_bay_says_counts_before_what_the_option_promises(
    need: str, column: str, refused: Misfit, unknown: Misfit
) -> None:
    vehicle = changed(Vehicle(), need, True)
    promised = changed(ANY, column, True)

    assert [reasons(vehicle, {column: known}) for known in (True, False, None)] == [[], [refused], [unknown]]
    assert [reasons(vehicle, {column: known}, promised) for known in (True, False, None)] == [[], [refused], []]
    assert reasons(Vehicle(), {column: False}) == []


@pytest.mark.parametrize(
    ("bay", "option", "length", "expected"),
    [
        ({"vehicle_types": ("RIGID",)}, ANY, None, []),
        ({"vehicle_types": ("VAN",)}, ANY, 900, [Misfit.VEHICLE_TYPE]),
        ({"vehicle_types": ("VAN",), "restricted_to_type": False}, ANY, 900, []),
        ({"vehicle_types": ("VAN",), "restricted_to_type": False}, ANY, None, [Misfit.VEHICLE_TYPE_UNKNOWN]),
        ({"vehicle_types": ("RIGID",)}, BookingOption(vehicle_types=("BUS",)), None, [Misfit.VEHICLE_TYPE]),
    ],
)
def test_a_type_fits_a_bay_built_for_it_or_open_to_all_that_is_long_enough(
    bay: dict[str, Any], option: BookingOption, length: int | None, expected: list[Misfit]
) -> None:
    assert reasons(Vehicle(vehicle_type="RIGID", length=length), bay, option) == expected


def test_without_a_bay_the_type_is_what_the_option_says() -> None:
    rigid = Vehicle(vehicle_type="RIGID")

    assert reasons(rigid, option=BookingOption(vehicle_types=("RIGID",)), bays=False) == []
    assert reasons(rigid, option=BookingOption(vehicle_types=("BUS",)), bays=False) == [Misfit.VEHICLE_TYPE]
    assert reasons(rigid, bays=False) == [Misfit.VEHICLE_TYPE_UNKNOWN]


@pytest.mark.parametrize(
    ("types", "through", "expected"),
    [
        (("TRUCK_WITH_TRAILER",), False, []),
        (("RIGID",), True, []),
        (("RIGID",), False, [Misfit.TRAILER]),
        (("RIGID",), None, [Misfit.TRAILER_UNKNOWN]),
    ],
)
def test_a_coupled_trailer_needs_a_bay_built_for_one_or_open_at_both_ends(
    types: tuple[str, ...], through: bool | None, expected: list[Misfit]
) -> None:
    assert reasons(Vehicle(trailer=True), {"vehicle_types": types, "drive_through": through}) == expected


@pytest.mark.parametrize(
    ("side", "position", "through", "expected"),
    [
        (InletSide.LEFT, EvsePosition.LEFT, True, []),
        (InletSide.LEFT, EvsePosition.RIGHT, True, [Misfit.INLET_SIDE]),
        (InletSide.RIGHT, EvsePosition.RIGHT, False, []),
        (InletSide.RIGHT, EvsePosition.CENTER, False, [Misfit.INLET_SIDE]),
        (InletSide.FRONT, EvsePosition.CENTER, False, []),
        (InletSide.REAR, EvsePosition.CENTER, None, []),
        (InletSide.FRONT, EvsePosition.CENTER, True, [Misfit.INLET_SIDE_UNKNOWN]),
        (InletSide.FRONT, EvsePosition.LEFT, False, [Misfit.INLET_SIDE]),
        (InletSide.LEFT, None, True, [Misfit.INLET_SIDE_UNKNOWN]),
    ],
)
def test_the_charger_stands_on_the_side_of_the_inlet(
    side: InletSide, position: EvsePosition | None, through: bool | None, expected: list[Misfit]
) -> None:
    evse = an_evse(SITE, "E1", ["B1"])
    spot = Spot(evse, evse.connectors[0], a_bay(SITE, "B1", drive_through=through), position)

    assert misfits(spot, ANY, Demand(vehicle=Vehicle(inlet_side=side))) == expected


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (Demand(vehicle=Vehicle(connector_types=("CHADEMO", "MCS"))), []),
        (Demand(vehicle=Vehicle(connector_types=("CHADEMO",))), [Misfit.CONNECTOR_TYPE]),
        (Demand("MCS", vehicle=Vehicle(connector_types=("CHADEMO",))), [Misfit.CONNECTOR_TYPE]),
        (Demand(connector_format=ConnectorFormat.CABLE), []),
        (Demand(connector_format=ConnectorFormat.SOCKET), [Misfit.CONNECTOR_FORMAT]),
        (Demand(guaranteed_power=400_001), [Misfit.GUARANTEED_POWER_TOO_LOW]),
        (Demand(vehicle=Vehicle(max_power=1)), []),
    ],
)
def test_the_plug_is_one_that_the_vehicle_can_use(demand: Demand, expected: list[Misfit]) -> None:
    evse = an_evse(SITE, "E1")

    assert misfits(Spot(evse, evse.connectors[0], None), ANY, demand) == expected
