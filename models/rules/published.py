"""A Location together with what can be booked there and the tariffs that both name: what is published as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.rules.booking_location import BookingLocation
from models.rules.location import Location
from models.rules.maintenance import Maintenance
from models.rules.tariff import Tariff


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PublishedLocation:
    """One Location, its BookingLocations that were not withdrawn, and the tariffs they and its connectors name."""

    location: Location
    booking_locations: tuple[BookingLocation, ...]
    tariffs: Mapping[str, Tariff]
    version: int
    """Counts the changes of all this; two of the same version are the same."""
    published_at: datetime
    """When it last changed, by our clock."""
    maintenance: tuple[Maintenance, ...] = ()
    """Planned work there that was not called off."""
    withdrawn: tuple[BookingLocation, ...] = ()
    """What could be booked there once and was taken back."""
    hidden_at: datetime | None = None
    """Since when it is not for all any more; None while it is, or if it never was."""

    def booking_location(self, booking_location_id: str) -> BookingLocation | None:
        """Return what can be booked under that composite id, if it is here."""
        return next((offer for offer in self.booking_locations if offer.id == booking_location_id), None)

    def tariffs_of(self, tariff_ids: tuple[str, ...]) -> tuple[Tariff, ...]:
        """Return the tariffs of those ids that their operator published, in that order."""
        return tuple(self.tariffs[one] for one in tariff_ids if one in self.tariffs)


@dataclass(frozen=True, slots=True)
class WithdrawnLocation:
    """That a Location is not to be seen any more, and since when: what a collector deletes."""

    location_id: str
    at: datetime
