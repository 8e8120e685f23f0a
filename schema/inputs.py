"""Inputs that several root fields share, and how they become values."""

from datetime import datetime
from decimal import Decimal
from typing import overload

import strawberry

from models.errors import BadInput
from models.rules.fit import ANY_VEHICLE
from models.rules.interval import Interval
from models.rules.vehicle import InletSide, Vehicle

LARGEST_CM = 10_000
HEAVIEST_KG = 1_000_000
LONGEST_TYPE = 60
MOST_CONNECTOR_TYPES = 20
MOST_POWER_W = 100_000_000
LONGEST_ID = 400
"""A composite id has at most four parts of 36 characters, each of which may be escaped by three."""

LONGEST_TEXT = 2000
IN_WORDS = f"In words, at most {LONGEST_TEXT} characters."
MOST_MONEY = Decimal(1_000_000_000)
FINEST = Decimal("0.0001")
"""Amounts are rounded to four decimals; a finer one would promise what no price shows."""

LONGEST_INVOICE_REFERENCE = 39
"""How a CDR, or an EMSP's line beside it, may name the invoice it is on (OCPI CDR, invoice_reference_id)."""


@strawberry.input(description="A stretch of time that holds its start and not its end.")
class PeriodInput:
    """A stretch of time."""

    start_date_time: datetime
    end_date_time: datetime


@strawberry.input(description="What the vehicle needs of a charger and its bay; absent fields ask nothing.")
class VehicleInput:
    """What the vehicle needs."""

    vehicle_type: str | None = strawberry.field(default=None, description="Such as RIGID or TRUCK_WITH_TRAILER.")
    length: int | None = strawberry.field(default=None, description="cm.")
    height: int | None = strawberry.field(default=None, description="cm.")
    width: int | None = strawberry.field(default=None, description="cm.")
    weight: int | None = strawberry.field(default=None, description="kg.")
    trailer: bool = strawberry.field(default=False, description="It stays coupled, so the bay must take it.")
    dangerous_goods: bool = strawberry.field(default=False, description="The load is under ADR.")
    refrigeration: bool = strawberry.field(default=False, description="The load needs an outlet for its cooling.")
    drive_through: bool = strawberry.field(default=False, description="It cannot reverse out of a bay.")
    inlet_side: InletSide | None = strawberry.field(default=None, description="Where its charging inlet is.")
    connector_types: list[str] = strawberry.field(
        default_factory=list, description="Those it can use, such as MCS or IEC_62196_T2_COMBO; empty is any."
    )
    max_power: int | None = strawberry.field(
        default=None, description="The most it takes, in W; excludes nothing, but decides how long charging takes."
    )


def interval(period: PeriodInput, name: str) -> Interval:
    """Return a period as an interval, or raise BadInput."""
    try:
        return Interval(period.start_date_time, period.end_date_time)
    except ValueError:
        raise BadInput(
            f"`{name}` ends before or when it starts; `endDateTime` comes after `startDateTime`."
        ) from None


@overload
def text(value: str, name: str, longest: int) -> str: ...


@overload
def text(value: str | None, name: str, longest: int) -> str | None: ...


def text(value: str | None, name: str, longest: int) -> str | None:
    """Return a text that is going to be kept, or raise BadInput; absent stays absent."""
    if value is not None and not 1 <= len(value) <= longest:
        raise BadInput(f"`{name}` has 1 to {longest} characters; this one has {len(value)}.")
    return value


@overload
def words(value: str, name: str, longest: int) -> str: ...


@overload
def words(value: str | None, name: str, longest: int) -> str | None: ...


def words(value: str | None, name: str, longest: int) -> str | None:
    """Return a text that is going to be read by people, or raise BadInput, also if it says nothing."""
    if value is not None and not value.strip():
        raise BadInput(f"`{name}` has 1 to {longest} characters, not only spaces.")
    return text(value, name, longest)


def vehicle(input: VehicleInput | None) -> Vehicle:
    """Return a vehicle as a value, or raise BadInput; none asks nothing."""
    if input is None:
        return ANY_VEHICLE
    if len(input.connector_types) > MOST_CONNECTOR_TYPES:
        raise BadInput(f"`vehicle.connectorTypes` has at most {MOST_CONNECTOR_TYPES} entries.")
    return Vehicle(
        vehicle_type=text(input.vehicle_type, "vehicle.vehicleType", LONGEST_TYPE),
        length=within(input.length, "vehicle.length", "cm", LARGEST_CM),
        height=within(input.height, "vehicle.height", "cm", LARGEST_CM),
        width=within(input.width, "vehicle.width", "cm", LARGEST_CM),
        weight=within(input.weight, "vehicle.weight", "kg", HEAVIEST_KG),
        trailer=input.trailer,
        dangerous_goods=input.dangerous_goods,
        refrigeration=input.refrigeration,
        drive_through=input.drive_through,
        inlet_side=input.inlet_side,
        connector_types=tuple(text(one, "vehicle.connectorTypes", LONGEST_TYPE) for one in input.connector_types),
        max_power=within(input.max_power, "vehicle.maxPower", "W", MOST_POWER_W),
    )


def vehicle_id(given: str | None, described: VehicleInput | None) -> str | None:
    """Return the id of a stored vehicle, or raise BadInput if one is described beside; absent stays absent."""
    if given is not None and described is not None:
        raise BadInput("Give `vehicle` or `vehicleId`, not both.")
    return text(given, "vehicleId", LONGEST_ID)


def within(value: int | None, name: str, unit: str, most: int) -> int | None:
    """Return a quantity, or raise BadInput unless it is between 1 and `most`; absent stays absent."""
    if value is not None and not 0 < value <= most:
        raise BadInput(f"`{name}` is in {unit}, between 1 and {most}.")
    return value


def money(value: Decimal, name: str, least: Decimal, most: Decimal = MOST_MONEY) -> Decimal:
    """Return an amount of money, or raise BadInput unless it is between `least` and `most`, to four decimals."""
    return to_four_decimals(value, name, least, most)


def to_four_decimals(value: Decimal, name: str, least: Decimal, most: Decimal) -> Decimal:
    """Return a number, or raise BadInput unless it is between `least` and `most`, with at most four decimals."""
    if not least <= value <= most or value != value.quantize(FINEST):
        raise BadInput(f"`{name}` is between {least} and {most}, with at most four decimals.")
    exponent = value.as_tuple().exponent
    return value.quantize(FINEST) if isinstance(exponent, int) and exponent < -4 else value
