"""A parking bay as the standard writes it, and what it becomes (OCPI Locations 2.3.0, Parking)."""

from typing import Annotated

from models.rules.identity import part_id
from models.rules.location import ParkingBay, ParkingDirection
from server.ocpi.images import OcpiImage
from server.ocpi.numbers import Floor
from server.ocpi.texts import CiString, Id, OpenEnum, Text, one_of
from server.ocpi.wire import Many, Some, WireObject


class OcpiParking(WireObject):
    """A bay; weight in kg, sizes in cm, the time limit in minutes."""

    id: Annotated[str, Id(36)]
    physical_reference: Annotated[str | None, Text(12)] = None
    vehicle_types: Some[OpenEnum]
    max_vehicle_weight: Annotated[int | None, Floor()] = None
    max_vehicle_height: Annotated[int | None, Floor()] = None
    max_vehicle_length: Annotated[int | None, Floor()] = None
    max_vehicle_width: Annotated[int | None, Floor()] = None
    parking_space_length: Annotated[int | None, Floor()] = None
    parking_space_width: Annotated[int | None, Floor()] = None
    dangerous_goods_allowed: bool | None = None
    direction: Annotated[ParkingDirection | None, one_of(ParkingDirection)] = None
    drive_through: bool | None = None
    restricted_to_type: bool
    reservation_required: bool
    time_limit: Annotated[int | None, Floor()] = None
    roofed: bool | None = None
    lighting: bool | None = None
    refrigeration_outlet: bool | None = None
    standards: Many[Annotated[str, CiString(36)]] = ()
    apds_reference: Annotated[str | None, CiString(255)] = None
    images: Many[OcpiImage] = ()

    def to_domain(self, location_id: str) -> ParkingBay:
        """Return the bay of the Location with that composite id; its other fields have the same names here."""
        images = tuple(image.to_domain() for image in self.images)
        same = {**dict(self), "direction": self.direction and self.direction.value, "images": images}
        return ParkingBay(**{**same, "id": part_id(location_id, self.id), "ocpi_id": self.id})
