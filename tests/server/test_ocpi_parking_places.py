"""Bays on the wire, and what they become."""

from decimal import Decimal

from models.rules.location import ParkingBay
from server.ocpi.locations import OcpiLocation
from tests.server.ocpi_documents import bay, location


def test_every_field_of_a_bay_arrives_and_limits_are_rounded_down() -> None:
    full = bay(
        physical_reference="B1",
        vehicle_types=["RIGID", "ROAD_TRAIN"],
        max_vehicle_weight=44000,
        max_vehicle_height=Decimal("410.9"),
        max_vehicle_length=1875,
        max_vehicle_width=260,
        parking_space_length=Decimal("2000.5"),
        parking_space_width=350,
        dangerous_goods_allowed=False,
        direction="ANGLE",
        drive_through=True,
        restricted_to_type=True,
        reservation_required=False,
        time_limit=45,
        roofed=False,
        lighting=True,
        refrigeration_outlet=True,
        standards=["PAS 1899"],
        apds_reference="apds-1",
    )

    assert OcpiLocation.model_validate(location(parking_places=[full])).to_domain().parking_bays == (
        ParkingBay(
            id="NL*ABC*L1*B1",
            ocpi_id="b1",
            physical_reference="B1",
            vehicle_types=("RIGID", "ROAD_TRAIN"),
            max_vehicle_weight=44000,
            max_vehicle_height=410,
            max_vehicle_length=1875,
            max_vehicle_width=260,
            parking_space_length=2000,
            parking_space_width=350,
            dangerous_goods_allowed=False,
            direction="ANGLE",
            drive_through=True,
            restricted_to_type=True,
            reservation_required=False,
            time_limit=45,
            roofed=False,
            lighting=True,
            refrigeration_outlet=True,
            standards=("PAS 1899",),
            apds_reference="apds-1",
        ),
    )


def test_what_a_bay_does_not_say_is_unknown() -> None:
    assert OcpiLocation.model_validate(location(parking_places=[bay()])).to_domain().parking_bays == (
        ParkingBay(
            id="NL*ABC*L1*B1",
            ocpi_id="b1",
            physical_reference=None,
            vehicle_types=("RIGID",),
            max_vehicle_weight=None,
            max_vehicle_height=None,
            max_vehicle_length=None,
            max_vehicle_width=None,
            parking_space_length=None,
            parking_space_width=None,
            dangerous_goods_allowed=None,
            direction=None,
            drive_through=None,
            restricted_to_type=False,
            reservation_required=True,
            time_limit=None,
            roofed=None,
            lighting=None,
            refrigeration_outlet=None,
            standards=(),
            apds_reference=None,
        ),
    )
