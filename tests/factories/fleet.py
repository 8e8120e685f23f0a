"""Vehicles of a fleet and fees of an EMSP for tests: small, valid, and changed by naming what matters."""

from decimal import Decimal
from typing import Any

from models.rules.vehicle import InletSide, Vehicle
from resolvers.provider_fees import FeesToPublish, FeeToPublish
from resolvers.vehicles import VehicleToSave

SEMI = Vehicle(
    vehicle_type="SEMI_TRACTOR",
    length=1650,
    height=400,
    width=255,
    weight=40_000,
    trailer=True,
    dangerous_goods=False,
    refrigeration=True,
    drive_through=True,
    inlet_side=InletSide.RIGHT,
    connector_types=("MCS", "IEC_62196_T2_COMBO"),
    max_power=750_000,
)


def a_vehicle(**changes: Any) -> VehicleToSave:
    """Return the wish to store a semi-trailer truck under the contracts of the fleet's token."""
    plain: dict[str, Any] = {
        "vehicle_id": None,
        "contract_ids": (),
        "name": "Truck 1",
        "shared_with_emsp": None,
        "license_plate": "12-ABC-3",
        "vehicle": SEMI,
    }
    return VehicleToSave(**{**plain, **changes})


def a_fee(name: str = "SERVICE", **changes: Any) -> FeeToPublish:
    """Return a fee of 0.75 and 2 % for all fleets, before 21 % VAT."""
    plain: dict[str, Any] = {
        "id": name,
        "name": f"Fee {name}",
        "currency": "EUR",
        "per_booking": Decimal("0.75"),
        "percentage": Decimal(2),
        "per_month": Decimal(0),
        "vat": Decimal(21),
        "contract_ids": (),
    }
    return FeeToPublish(**{**plain, **changes})


def fees(*wanted: FeeToPublish) -> FeesToPublish:
    """Return the wish to publish those fees together."""
    return FeesToPublish(wanted)
