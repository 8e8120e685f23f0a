"""The events that tell what operators publish and take back."""

from collections.abc import Iterable, Mapping

from models.events import AvailabilityCause, Event, EventKind
from models.rules.identity import owner
from models.rules.interval import Interval


def published(
    kind: EventKind, places: Mapping[str, str], cause: AvailabilityCause, during: Interval | None = None
) -> list[Event]:
    """Return the events of objects at Locations, by the objects' ids: each object, then each Location once."""
    objects = [Event(kind, one, location_id, owner(location_id)) for one, location_id in places.items()]
    return [*objects, *available(places.values(), cause, during)]


def available(location_ids: Iterable[str], cause: AvailabilityCause, during: Interval | None = None) -> list[Event]:
    """Return the events that tell that what can be booked at Locations changed, each once."""
    kind = EventKind.AVAILABILITY_CHANGED
    return [Event(kind, one, one, owner(one), cause, during) for one in dict.fromkeys(location_ids)]


def tariffs(tariff_ids: Iterable[str]) -> list[Event]:
    """Return the events of tariffs."""
    return [Event(EventKind.TARIFF_PUBLISHED, one, party_id=owner(one)) for one in tariff_ids]
