"""A vehicle, as far as it decides where it can charge."""

from dataclasses import dataclass
from enum import StrEnum


class InletSide(StrEnum):
    """Where on the vehicle the charging inlet is (BUC 2.1)."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    FRONT = "FRONT"
    REAR = "REAR"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a vehicle needs of a charger and its bay; sizes in cm, weight in kg, power in W; None asks nothing.

    `connector_types` are those it can use; `max_power` is the most it takes, and excludes no charger.
    `vehicle_type` is the standard's VehicleType.
    """

    vehicle_type: str | None = None
    length: int | None = None
    height: int | None = None
    width: int | None = None
    weight: int | None = None
    trailer: bool = False
    dangerous_goods: bool = False
    refrigeration: bool = False
    drive_through: bool = False
    inlet_side: InletSide | None = None
    connector_types: tuple[str, ...] = ()
    max_power: int | None = None
