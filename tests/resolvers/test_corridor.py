"""Finding along a route: in the order of travel, page by page, from memory or from the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polyline
import pytest

from models.catalogue import Point
from models.db import Database
from models.rules.location import Location
from resolvers import publishing
from resolvers.call import Call
from tests.factories.catalogue import UPDATED, a_location, an_offer, hours
from tests.resolvers.requests import a_request, outcome
from tests.world import World

pytestmark = pytest.mark.anyio

SEARCH = """
query ($input: CorridorAvailabilityInput!, $first: Int! = 500, $after: String) {
  corridorAvailability(input: $input, first: $first, after: $after) {
    edges { cursor node {
      distanceAlongKm distanceOffRouteKm
      location { id name evses { id connectors { id tariffs { id } } } }
      bookingLocations { bookingLocation { id tariffs { id } } timeslots { startDateTime endDateTime available } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
WEST, LATITUDE, STEP = 5.0, 50.0, 0.1
WINDOW = {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}


def a_site(number: int, *, north: float = 0.01, **changes: Any) -> Location:
    """Return a site beside the road, the first at its western end and each next one 7 km farther east."""
    place = Decimal(f"{LATITUDE + north:.5f}"), Decimal(f"{WEST + number * STEP:.5f}")
    return a_location(f"SITE{number:02}", place=place, **changes)


async def publish(world: World, sites: Sequence[Location]) -> None:
    """Publish sites, with something to book at each."""
    await world.publish(*sites, *(an_offer(site) for site in sites))


def asked(points: Sequence[Point] = ((LATITUDE, WEST), (LATITUDE, WEST + 6)), **changes: Any) -> dict[str, Any]:
    """Return the input of a search along the road, from west to east."""
    places = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in points]
    return {"route": {"coordinates": places}, "widthKm": 5.0, "window": WINDOW, **changes}


async def found(world: World, caller: str | None = None, **changes: Any) -> list[str]:
    """Return the ids of the Locations that a search finds, in order."""
    answer = await world.execute(caller, SEARCH, input=asked(**changes))
    assert answer.errors == []
    return [edge["node"]["location"]["id"] for edge in answer.data["corridorAvailability"]["edges"]]


async def pages(world: World, first: int, **changes: Any) -> list[list[str]]:
    """Return the ids of the Locations of a search, page by page."""
    read: list[list[str]] = []
    after = None
    while True:
        answer = await world.execute(None, SEARCH, input=asked(**changes), first=first, after=after)
        assert answer.errors == []
        page = answer.data["corridorAvailability"]
        read.append([edge["node"]["location"]["id"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return read


async def test_sites_come_in_the_order_of_travel_with_how_far_along_and_how_far_off_they_lie(world: World) -> None:
    await publish(world, [a_site(3), a_site(1, north=-0.02), a_site(2), a_site(7, north=0.2)])

    answer = await world.execute(None, SEARCH, input=asked())
    westward = await found(world, points=((LATITUDE, WEST + 6), (LATITUDE, WEST)))
    wide = await found(world, widthKm=25.0)

    nodes = [edge["node"] for edge in answer.data["corridorAvailability"]["edges"]]
    assert [node["location"]["id"] for node in nodes] == ["NL*ABC*SITE01", "NL*ABC*SITE02", "NL*ABC*SITE03"]
    assert [node["distanceAlongKm"] for node in nodes] == pytest.approx([7.17, 14.34, 21.51], abs=0.01)
    assert [node["distanceOffRouteKm"] for node in nodes] == pytest.approx([2.22, 1.11, 1.11], abs=0.01)
    assert westward == ["NL*ABC*SITE03", "NL*ABC*SITE02", "NL*ABC*SITE01"]
    assert wide == ["NL*ABC*SITE01", "NL*ABC*SITE02", "NL*ABC*SITE03", "NL*ABC*SITE07"]


@pytest.mark.parametrize("first", [1, 2, 5, 13, 500])
async def test_pages_hold_every_site_once(world: World, first: int) -> None:
    apart = [a_site(number) for number in range(8)]
    together = [replace(a_site(20 + number), latitude=Decimal(50), longitude=Decimal("5.35")) for number in range(5)]
    await publish(world, [*apart, *together])
    full = a_site(30)
    await world.publish(full, an_offer(full, windows=[hours(1, 2)]))

    read = await pages(world, first)

    expected = [site.id for site in (*apart[:4], *together, *apart[4:])]
    assert [one for page in read for one in page] == expected
    assert [len(page) for page in read[:-1]] == [first] * (len(read) - 1)
    assert read[-1] != []


async def test_a_page_goes_on_where_the_last_one_ended_whatever_was_booked_up_meanwhile(world: World) -> None:
    sites = [a_site(number) for number in range(4)]
    await publish(world, sites)

    first = await world.execute(None, SEARCH, input=asked(includeClosest=False), first=2)
    for site in (sites[0], sites[1], sites[2]):
        await outcome(await world.call("emsp"), a_request(an_offer(site), hours(8, 12)))
    after = first.data["corridorAvailability"]["pageInfo"]["endCursor"]
    second = await world.execute(None, SEARCH, input=asked(includeClosest=False), first=2, after=after)

    assert len(first.data["corridorAvailability"]["edges"]) == 2
    rest = second.data["corridorAvailability"]
    assert [edge["node"]["location"]["id"] for edge in rest["edges"]] == [sites[3].id]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_a_route_of_twenty_thousand_points_is_searched_and_one_more_is_refused(world: World) -> None:
    await publish(world, [a_site(number) for number in range(3)])
    line = [(LATITUDE, WEST + number * 6 / 20_000) for number in range(20_001)]

    at_most = await found(world, points=line[:-1])
    encoded = await found(world, route={"polyline": polyline.encode(line[:-1], 5)})
    refused = [
        await world.execute(None, SEARCH, input=asked(points=line)),
        await world.execute(None, SEARCH, input=asked(route={"polyline": polyline.encode(line, 5)})),
    ]

    assert at_most == encoded == ["NL*ABC*SITE00", "NL*ABC*SITE01", "NL*ABC*SITE02"]
    message = "A route has at most 20000 points; this one has 20001."
    assert [answer.errors for answer in refused] == [[("BAD_USER_INPUT", message)]] * 2


async def test_a_location_that_is_not_published_is_found_by_its_operator_only(world: World) -> None:
    await publish(world, [a_site(0), a_site(1, publish=False), a_site(2, publish=False, owner=("DE", "XYZ"))])

    seen = {caller: await found(world, caller) for caller in (None, "emsp", "fleet", "nsp", "cpo", "other_cpo")}

    public = ["NL*ABC*SITE00"]
    assert seen == {
        **dict.fromkeys((None, "emsp", "fleet", "nsp"), public),
        "cpo": [*public, "NL*ABC*SITE01"],
        "other_cpo": [*public, "DE*XYZ*SITE02"],
    }


async def test_searches_read_the_database_when_the_catalogue_is_more_than_five_seconds_behind(
    database: Database,
) -> None:
    async with World(database).living() as world:
        await publish(world, [a_site(0), a_site(1)])
    elsewhere = Call(None, world.now, database, world.catalogue)
    await publishing.location(elsewhere, a_site(2))
    await publishing.booking_location(elsewhere, an_offer(a_site(2)))
    await publishing.location(elsewhere, a_site(1, publish=False, last_updated=UPDATED + timedelta(hours=1)))

    in_memory = await found(world)
    world.later(world.now + timedelta(seconds=5))
    just_in_memory = await found(world)
    world.later(world.now + timedelta(microseconds=1))
    behind = await world.execute(None, SEARCH, input=asked())
    async with world.feed.following():
        caught_up = await world.execute(None, SEARCH, input=asked())

    assert in_memory == just_in_memory == ["NL*ABC*SITE00", "NL*ABC*SITE01"]
    edges = behind.data["corridorAvailability"]["edges"]
    assert [edge["node"]["location"]["id"] for edge in edges] == ["NL*ABC*SITE00", "NL*ABC*SITE02"]
    assert behind == caught_up
