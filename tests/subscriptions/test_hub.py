"""The subscribers of one process: whom an event reaches, what is merged for the slow, and when they are sent off."""

import asyncio
from contextlib import ExitStack, aclosing
from dataclasses import replace

import pytest

from models.events import AvailabilityCause, Cursor, Event, EventKind, Recorded
from models.rules.location import Status
from resolvers import evses
from resolvers.evses import FaultReport, StatusReport
from subscriptions.hub import (
    MOST_PENDING,
    FellBehind,
    Hub,
    Subscriber,
    Topic,
    of_booking,
    of_kind,
    of_location,
    of_party,
)
from tests.factories.catalogue import NOW, a_location
from tests.resolvers.requests import ask
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import FAULTS, subscribed
from tests.subscriptions.writers import DEADLINE_SECONDS, tell
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

AVAILABILITY, FAULT = EventKind.AVAILABILITY_CHANGED, EventKind.FAULT_CHANGED
BOOKING, REMINDER = EventKind.BOOKING_CHANGED, EventKind.REMINDER_DUE
HERE, THERE = "NL*ABC*HERE", "NL*ABC*THERE"


def at(number: int, kind: EventKind = FAULT, location_id: str = HERE) -> Recorded:
    """Return the event at a place in the feed."""
    cause = AvailabilityCause.BOOKING if kind is AVAILABILITY else None
    return Recorded(Cursor("", number, number), NOW, Event(kind, location_id, location_id, cause=cause))


async def taken(subscriber: Subscriber, number: int) -> list[int]:
    """Return the places of the next events."""
    found: list[int] = []
    async with asyncio.timeout(DEADLINE_SECONDS), aclosing(subscriber.taken()) as events:
        while len(found) < number:
            found.append((await anext(events)).cursor.id)
    return found


async def test_an_event_reaches_whoever_waits_for_its_kind_or_its_location_and_nobody_else() -> None:
    hub = Hub()
    topics: dict[str, list[Topic]] = {
        "here": [of_location(HERE, FAULT)],
        "everywhere": [of_kind(FAULT)],
        "there": [of_location(THERE, FAULT)],
        "slots here": [of_location(HERE, AVAILABILITY)],
    }
    with (
        hub.subscribed(topics["here"]) as here,
        hub.subscribed(topics["everywhere"]) as everywhere,
        hub.subscribed(topics["there"]) as there,
        hub.subscribed(topics["slots here"]) as slots_here,
    ):
        for recorded in (at(1), at(2, location_id=THERE), at(3, AVAILABILITY), at(4), at(5, location_id=THERE)):
            hub.send(recorded)
        hub.send(at(6, AVAILABILITY, THERE))

        assert await taken(here, 2) == [1, 4]
        assert await taken(everywhere, 4) == [1, 2, 4, 5]
        assert await taken(there, 2) == [2, 5]
        assert await taken(slots_here, 1) == [3]


async def test_an_event_under_several_topics_of_a_subscriber_reaches_it_once() -> None:
    hub = Hub()
    with hub.subscribed([of_kind(FAULT), of_location(HERE, FAULT), of_location(THERE, FAULT)]) as subscriber:
        hub.send(at(1))
        hub.send(at(2, location_id=THERE))

        assert await taken(subscriber, 2) == [1, 2]


async def test_an_event_about_a_booking_reaches_its_parties_and_whoever_follows_it_and_nobody_else() -> None:
    hub = Hub()
    booked = replace(at(1, BOOKING), event=Event(BOOKING, "NL*ABC*B1", HERE, "NL*EMS", booker_id="DE*EMO"))
    other = replace(at(2, BOOKING), event=Event(BOOKING, "NL*ABC*B2", HERE, "NL*EMS"))
    reminder = replace(at(3, REMINDER), event=Event(REMINDER, "NL*ABC*B1#60", HERE, "NL*EMS"))
    topics = {
        "operator": of_party("NL*ABC", BOOKING),
        "provider": of_party("NL*EMS", BOOKING),
        "booker": of_party("DE*EMO", BOOKING),
        "stranger": of_party("DE*XYZ", BOOKING),
        "follower": of_booking("NL*ABC*B2", BOOKING),
        "reminded": of_party("NL*EMS", REMINDER),
    }
    expected = {"operator": [1, 2], "provider": [1, 2], "booker": [1], "follower": [2], "reminded": [3]}
    with ExitStack() as stack:
        waiting = {
            name: stack.enter_context(hub.subscribed([topic, of_kind(FAULT)])) for name, topic in topics.items()
        }
        for recorded in (booked, other, reminder, at(4, FAULT)):
            hub.send(recorded)

        for name, subscriber in waiting.items():
            told = [*expected.get(name, []), 4]
            assert await taken(subscriber, len(told)) == told, name


async def test_whoever_leaves_is_forgotten() -> None:
    hub = Hub()
    with hub.subscribed([of_kind(FAULT), of_location(HERE, FAULT)]), hub.subscribed([of_kind(FAULT)]):
        waiting = len(hub)

    assert (waiting, len(hub)) == (2, 0)


async def test_a_newer_event_about_the_slots_of_a_location_replaces_one_that_waits() -> None:
    subscriber = Subscriber()
    for recorded in (
        at(1, AVAILABILITY),
        at(2, AVAILABILITY, THERE),
        at(3, FAULT),
        at(4, AVAILABILITY),
        at(5, FAULT),
    ):
        subscriber.give(recorded)

    assert await taken(subscriber, 4) == [2, 3, 4, 5]


async def test_any_number_of_events_about_the_slots_of_as_many_locations_as_may_wait_are_merged() -> None:
    subscriber = Subscriber()
    for number in range(3 * MOST_PENDING):
        subscriber.give(at(number, AVAILABILITY, f"NL*ABC*{number % MOST_PENDING}"))

    assert await taken(subscriber, MOST_PENDING) == list(range(2 * MOST_PENDING, 3 * MOST_PENDING))


async def test_a_subscriber_for_whom_a_thousand_events_wait_is_sent_off_by_the_next() -> None:
    patient, slow = Subscriber(), Subscriber()
    for number in range(MOST_PENDING):
        patient.give(at(number))
        slow.give(at(number))
    slow.give(at(MOST_PENDING))

    assert await taken(patient, MOST_PENDING) == list(range(MOST_PENDING))
    with pytest.raises(FellBehind):
        await taken(slow, 1)


async def test_a_slow_client_is_told_to_resume_and_slows_no_other(world: World, dsn: str) -> None:
    site = a_location()
    await world.publish(site)
    broken = StatusReport(site.evses[0].id, Status.INOPERATIVE, FaultReport("E42", None, None, None))
    await evses.report_status(await world.call("cpo"), a_key(), broken)
    await synced(world.feed)
    fault_id = await ask(dsn, "SELECT id::text FROM fault")
    many = MOST_PENDING + 1

    async def all_of_them() -> int:
        with world.feed.listening([of_kind(FAULT)]) as listener:
            listening.set()
            async with aclosing(listener.events(None)) as heard:
                return len([await anext(heard) for _ in range(many)])

    listening = asyncio.Event()
    async with subscribed(world, "emsp", FAULTS) as slow:
        last = await slow.next()
        quick = asyncio.create_task(all_of_them())
        await listening.wait()
        await tell(world.database, *[fault_id] * many, kind=FAULT)
        async with asyncio.timeout(DEADLINE_SECONDS):
            heard_by_the_quick = await quick
        refusal = await slow.refusal()
    async with subscribed(world, "emsp", FAULTS, after=last["cursor"]) as resumed:
        following = await resumed.next()

    assert heard_by_the_quick == many
    assert refusal == (
        "RESUME",
        "You took events too slowly; subscribe again with `after`, the cursor of the last one.",
    )
    assert following["fault"]["id"] == fault_id
    assert following["cursor"] != last["cursor"]
