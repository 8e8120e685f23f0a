"""The events that tell what operators publish and take back."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from models.events import AvailabilityCause, Event, EventKind
from models.queries.reminders import Due
from models.rules.booking import Booking
from models.rules.driver_message import DriverMessage
from models.rules.identity import owner
from models.rules.interval import Interval
from models.rules.parties import Parties
from models.rules.reminder import named
from models.rules.session import Session
from models.rules.session_request import SessionRequest


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


def given_back(freed: Iterable[tuple[str, Interval]], cause: AvailabilityCause, now: datetime) -> list[Event]:
    """Return the events that tell what of freed periods at Locations lies ahead."""
    ahead = [(place, Interval(max(one.start, now), one.end)) for place, one in freed if one.end > now]
    return [event for place, during in ahead for event in available([place], cause, during)]


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


def booking(one: Booking) -> Event:
    """Return the event that a booking is not what it was."""
    return Event(EventKind.BOOKING_CHANGED, one.object_id, one.location_id, one.emsp_id, booker_id=one.booker_id)


def reminder(one: Due) -> Event:
    """Return the event that the holder of a booking is to be reminded of it (BUC 2.10)."""
    name = named(one.object_id, one.minutes_before)
    return Event(EventKind.REMINDER_DUE, name, one.location_id, one.emsp_id, booker_id=one.booker_id)


def requested(one: Booking) -> Event:
    """Return the event that a request on a booking waits for its operator (BUC 2.6)."""
    return Event(EventKind.BOOKING_REQUESTED, one.object_id, one.location_id, one.cpo_id)


def concerning(kind: EventKind, object_id: str, location_id: str, parties: Parties) -> Event:
    """Return the event that something of a kind happened that concerns those parties."""
    return Event(kind, object_id, location_id, parties.emsp_id, booker_id=parties.booker_id)


def session(one: Session) -> Event:
    """Return the event that a session is not what it was."""
    return concerning(EventKind.SESSION_CHANGED, one.object_id, one.location_id, one.parties)


def session_request(one: SessionRequest) -> Event:
    """Return the event that somebody asks to start or stop a session, or of what came of that."""
    return concerning(EventKind.SESSION_REQUESTED, one.object_id, one.location_id, one.parties)


def message(one: DriverMessage) -> Event:
    """Return the event that an operator sent a message to a driver, or that it is passed on (BUC 3.11)."""
    return concerning(EventKind.DRIVER_MESSAGE_SENT, one.object_id, one.location_id, one.parties)
