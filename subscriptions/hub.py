"""One process's subscribers: who waits for which events, and what each has not taken yet."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager

from models.events import Event, EventKind, Recorded
from models.rules.identity import owner

Topic = tuple[str, str]
MOST_PENDING = 1000
OF_BOOKINGS = frozenset(
    {
        EventKind.BOOKING_CHANGED,
        EventKind.BOOKING_REQUESTED,
        EventKind.ALTERNATIVES_OFFERED,
        EventKind.REMINDER_DUE,
        EventKind.SESSION_CHANGED,
        EventKind.SESSION_REQUESTED,
        EventKind.SESSION_ALERT,
        EventKind.CHARGING_REFUSED,
        EventKind.DRIVER_MESSAGE_SENT,
        EventKind.PROBLEM_REPORTED,
        EventKind.CDR_ISSUED,
    }
)
"""Kinds of events that concern the parties to one booking, or to one session."""


class FellBehind(Exception):
    """The subscriber took its events too slowly; it may resume behind the last one that it was given."""


class Subscriber:
    """What one subscriber has not taken yet, in order; a newer event about the same slots replaces an older one."""

    def __init__(self) -> None:
        """Start with nothing pending."""
        self._pending: dict[object, Recorded] = {}
        self._arrived = asyncio.Event()
        self._ended: Exception | None = None

    def give(self, recorded: Recorded) -> None:
        """Add an event; never wait."""
        about = _about(recorded)
        self._pending.pop(about, None)
        if len(self._pending) >= MOST_PENDING:
            self.end(FellBehind())
        else:
            self._pending[about] = recorded
        self._arrived.set()

    def end(self, reason: Exception) -> None:
        """Let nothing more be taken; whoever takes gets `reason` instead."""
        self._ended = self._ended or reason
        self._arrived.set()

    async def taken(self) -> AsyncGenerator[Recorded, None]:
        """Yield events as they come; raise FellBehind once too many wait, or why there will be no more."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._pending and self._ended is None:
                yield self._pending.pop(next(iter(self._pending)))
            if self._ended is not None:
                raise self._ended


class Hub:
    """All subscribers of a process, by topic, so that an event is shown only to whom it may concern."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._topics: dict[Topic, set[Subscriber]] = defaultdict(set)

    @contextmanager
    def subscribed(self, topics: Iterable[Topic]) -> Iterator[Subscriber]:
        """Yield a subscriber of `topics`; it is forgotten at the end."""
        subscriber, wanted = Subscriber(), tuple(topics)
        for topic in wanted:
            self._topics[topic].add(subscriber)
        try:
            yield subscriber
        finally:
            for topic in wanted:
                self._topics[topic].discard(subscriber)
                if not self._topics[topic]:
                    del self._topics[topic]

    def send(self, recorded: Recorded) -> None:
        """Give an event to every subscriber of one of its topics, once."""
        waiting: set[Subscriber] = set()
        for topic in topics_of(recorded.event):
            waiting |= self._topics.get(topic, set())
        for subscriber in waiting:
            subscriber.give(recorded)

    def end(self, reason: Exception) -> None:
        """End every subscriber, because what comes next does not follow on what it was given."""
        for subscriber in set().union(*self._topics.values()):
            subscriber.end(reason)

    def __len__(self) -> int:
        """How many topics somebody waits for."""
        return len(self._topics)


def topics_of(event: Event) -> Iterator[Topic]:
    """Yield under which topics an event is found."""
    yield of_kind(event.kind)
    if event.location_id is not None:
        yield of_location(event.location_id, event.kind)
    if event.kind in OF_BOOKINGS:
        yield of_booking(event.object_id, event.kind)
        yield from (of_party(one, event.kind) for one in _concerned(event))


def of_kind(kind: EventKind) -> Topic:
    """Return the topic of every event of a kind."""
    return kind, ""


def of_location(location_id: str, kind: EventKind) -> Topic:
    """Return the topic of the events of a kind at one Location."""
    return kind, location_id


def of_booking(booking_id: str, kind: EventKind) -> Topic:
    """Return the topic of the events of a kind about one booking, wherever it moves to."""
    return kind, booking_id


def of_party(party_id: str, kind: EventKind) -> Topic:
    """Return the topic of the events of a kind about a party's bookings: its sites', its own, or made by it."""
    return kind, party_id


def _concerned(event: Event) -> set[str]:
    """Return the parties to a booking that an event is about; who operates the Location operates the booking."""
    operator = owner(event.location_id) if event.location_id is not None else None
    return {one for one in (operator, event.party_id, event.booker_id) if one is not None}


def _about(recorded: Recorded) -> object:
    """Return what a newer event must share with an older one to stand for both."""
    if recorded.event.kind is EventKind.AVAILABILITY_CHANGED:
        return recorded.event.location_id
    return recorded.cursor
