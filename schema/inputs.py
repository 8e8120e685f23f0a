"""Inputs that several root fields share, and how they become values."""

from datetime import datetime
from typing import overload

import strawberry

from models.errors import BadInput
from models.rules.fit import Demand
from models.rules.interval import Interval

LONGEST_VEHICLE_CM = 10_000
MOST_POWER_W = 100_000_000
LONGEST_ID = 400
"""A composite id has at most four parts of 36 characters, each of which may be escaped by three."""


@strawberry.input(description="A stretch of time that holds its start and not its end.")
class PeriodInput:
    """A stretch of time."""

    start_date_time: datetime
    end_date_time: datetime


@strawberry.input(description="What the vehicle asks of a bay; absent fields ask nothing.")
class VehicleInput:
    """What the vehicle asks of a bay."""

    length: int | None = strawberry.field(default=None, description="cm.")


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


def demand(connector_type: str | None, min_power: int | None, vehicle: VehicleInput | None) -> Demand:
    """Return what is asked of a charger and its bay, or raise BadInput."""
    length = vehicle.length if vehicle else None
    if length is not None and not 0 < length <= LONGEST_VEHICLE_CM:
        raise BadInput(f"`vehicle.length` is in cm, between 1 and {LONGEST_VEHICLE_CM}.")
    if min_power is not None and not 0 < min_power <= MOST_POWER_W:
        raise BadInput(f"`minPower` is in W, between 1 and {MOST_POWER_W}.")
    return Demand(connector_type, min_power, length)
