"""What the tests of slotAvailabilityChanged share: one site that is watched, and what happens to it."""

from datetime import timedelta
from typing import Any

from models.rules.booking import Booking
from models.rules.location import Status
from tests.factories.catalogue import UPDATED, a_location, an_offer, hours
from tests.resolvers.requests import a_request, outcome
from tests.subscriptions import faults
from tests.subscriptions.hearing import synced
from tests.world import World

LOC1, ANY, E1 = "NL*ABC*LOC1", "NL*ABC*LOC1-ANY", "NL*ABC*LOC1*E1"
WINDOW = {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}
LATER = UPDATED + timedelta(hours=1)
Slots = list[tuple[int, int, int]]
WHOLE: Slots = [(8, 12, 1)]


def asked(**changes: Any) -> dict[str, Any]:
    """Return the input that watches LOC1 from 8 to 12."""
    return {"locationIds": [LOC1], "window": WINDOW, **changes}


def free(message: dict[str, Any]) -> Slots:
    """Return the free timeslots of a message as hour of the start, hour of the end, and how many."""
    return [
        (int(one["startDateTime"][11:13]), int(one["endDateTime"][11:13]), one["available"])
        for one in message["timeslots"]
    ]


async def publish(world: World) -> None:
    """Publish LOC1 with one charger that can be booked all day long."""
    site = a_location()
    await world.publish(site, an_offer(site))


async def book(world: World, start: float = 10, end: float = 11, name: str = ANY) -> None:
    """Book an hour, and wait until everybody has heard."""
    wanted = a_request(an_offer(a_location()), hours(start, end), booking_location_id=name)
    made = await outcome(await world.call("emsp"), wanted)
    assert isinstance(made, Booking), made
    await synced(world.feed)


async def report(world: World, status: Status, evse_id: str = E1, **fault: Any) -> None:
    """Tell the state of a charger, and wait until everybody has heard."""
    await faults.report(world, evse_id, status, **fault)
