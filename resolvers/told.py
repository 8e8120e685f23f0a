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


def worked_on(works: Iterable[tuple[str, str, Interval]]) -> list[Event]:
    """Return the events of Maintenance, each by id, Location and period: each work, then each Location once.

    A Location's spans all its works, so that many at one site do not tell those who follow it many times.
    """
    told: list[Event] = []
    spans: dict[str, Interval] = {}
    for one, location_id, during in works:
        told.append(Event(EventKind.MAINTENANCE_CHANGED, one, location_id, owner(location_id)))
        spans[location_id] = spans.get(location_id, during).hull(during)
    cause = AvailabilityCause.MAINTENANCE
    return [*told, *(event for place, span in spans.items() for event in available([place], cause, span))]


def tariffs(tariff_ids: Iterable[str]) -> list[Event]:
    """Return the events of tariffs."""
    return [Event(EventKind.TARIFF_PUBLISHED, one, party_id=owner(one)) for one in tariff_ids]
