"""The door through which imported objects reach the use cases that publish them."""

from collections.abc import Callable
from datetime import datetime

from models.catalogue import Catalogue
from models.db import Database
from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.tariff import Tariff
from models.rules.upserted import Upserted
from resolvers import publishing
from resolvers.call import Call


class DatabasePublisher:
    """Publishes into a database, each object in a transaction of its own."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take where to publish."""
        self._database = database
        self._clock = clock

    async def tariff(self, tariff: Tariff, /) -> Upserted:
        """Publish a Tariff."""
        return await publishing.tariff(self._call(), tariff)

    async def location(self, location: Location, /) -> Upserted:
        """Publish a Location."""
        return await publishing.location(self._call(), location)

    async def booking_location(self, booking_location: BookingLocation, /) -> Upserted:
        """Publish a BookingLocation."""
        return await publishing.booking_location(self._call(), booking_location)

    def _call(self) -> Call:
        return Call(None, self._clock(), self._database, Catalogue())
