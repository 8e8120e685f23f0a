"""A place to publish to that keeps everything in memory, for tests of what comes before the database."""

from models.errors import NotFound
from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from server.ocpi.kinds import Value


class Shelf:
    """Keeps the newest of each object, as a publisher should."""

    def __init__(self) -> None:
        self.kept: dict[tuple[type[Value], str], Value] = {}
        self.order: list[str] = []

    async def tariff(self, tariff: Tariff) -> Upserted:
        return self._keep(tariff)

    async def location(self, location: Location) -> Upserted:
        return self._keep(location)

    async def booking_location(self, booking_location: BookingLocation) -> Upserted:
        if (Location, booking_location.location_id) not in self.kept:
            raise NotFound("Location", booking_location.location_id)
        return self._keep(booking_location)

    def _keep(self, value: Value) -> Upserted:
        self.order.append(value.id)
        key = (type(value), value.id)
        before = self.kept.get(key)
        if before is not None and before.last_updated == value.last_updated:
            return Upserted.UNCHANGED
        if before is not None and before.last_updated > value.last_updated:
            return Upserted.KEPT_NEWER
        self.kept[key] = value
        return Upserted.UPDATED if before else Upserted.CREATED
