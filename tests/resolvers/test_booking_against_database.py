"""A booking by a process whose memory is old: what was built, mended or withdrawn meanwhile counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.catalogue import Catalogue
from models.errors import ChargerUnusable, NotFound, OutsideCalendar, Refusal
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.location import Status
from resolvers import catalogue, evses
from resolvers.call import Call
from resolvers.evses import StatusReport
from tests.factories.catalogue import NOW, TERMS, a_location, an_evse, an_offer
from tests.resolvers.requests import TEN_TO_ELEVEN, Outcome, a_request, outcome
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LATER = NOW - timedelta(hours=1)
"""Newer than what the factories publish."""

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
E1 = "NL*ABC*LOC1*E1"


@pytest.fixture
async def stale(world: World) -> Call:
    """A provider's call by a process whose memory stays as it is now: two chargers that work, all day."""
    await world.publish(SITE, OFFER)
    return await with_memory(world)


async def with_memory(world: World) -> Call:
    memory = Catalogue()
    await catalogue.load(world.database, memory, world.now)
    return replace(await world.call("emsp"), catalogue=memory)


async def report(world: World, status: Status) -> None:
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(E1, status, None))


async def pinned(call: Call) -> Outcome:
    return await outcome(call, a_request(OFFER, evse_id=E1))


async def test_of_a_group_the_charger_that_did_not_break_is_booked(world: World, stale: Call) -> None:
    await report(world, Status.INOPERATIVE)

    assert await pinned(stale) == ChargerUnusable(OFFER.id)
    other = await outcome(stale, a_request(OFFER))
    assert isinstance(other, Booking)
    assert other.evse_id == "NL*ABC*LOC1*E2"


async def test_a_charger_that_was_repaired_a_moment_ago_is_booked(world: World, stale: Call) -> None:
    await report(world, Status.INOPERATIVE)
    call = await with_memory(world)
    await report(world, Status.AVAILABLE)

    assert isinstance(await pinned(call), Booking)


async def test_a_charger_that_was_taken_away_is_not_booked(world: World, stale: Call) -> None:
    left = tuple(one for one in SITE.evses if one.uid == "E2")
    await world.publish(replace(SITE, evses=left, last_updated=LATER))

    assert await pinned(stale) == NotFound("Evse", E1)


async def test_a_charger_that_was_built_a_moment_ago_is_booked(world: World, stale: Call) -> None:
    built = (*SITE.evses, an_evse(SITE.id, "E3"))
    await world.publish(replace(SITE, evses=built, last_updated=LATER))

    assert isinstance(await outcome(stale, a_request(OFFER, evse_id="NL*ABC*LOC1*E3")), Booking)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        (
            an_offer(SITE, terms=replace(TERMS, max_booking_duration=45), last_updated=LATER),
            OutsideCalendar(OFFER.id, TEN_TO_ELEVEN, "the longest booking takes 45 minutes"),
        ),
        (an_offer(SITE, withdrawn=True, last_updated=LATER), NotFound("BookingLocation", OFFER.id)),
    ],
    ids=["terms", "withdrawn"],
)
async def test_what_is_offered_no_more_is_not_booked(
    world: World, stale: Call, changed: BookingLocation, refusal: Refusal
) -> None:
    await world.publish(changed)

    assert await outcome(stale, a_request(OFFER)) == refusal


async def test_a_process_that_knows_nothing_yet_books(world: World, stale: Call) -> None:
    assert isinstance(await outcome(replace(stale, catalogue=Catalogue()), a_request(OFFER)), Booking)
