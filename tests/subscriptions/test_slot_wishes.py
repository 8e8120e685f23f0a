"""What slotAvailabilityChanged is asked for: wishes narrow it, the unknown is not found, nonsense is refused."""

from dataclasses import replace
from typing import Any

import pytest

from models.rules.location import Status
from tests.factories.catalogue import a_bay, a_location, an_evse, an_offer
from tests.subscriptions.slots import E1, LOC1, WHOLE, WINDOW, asked, free, publish, report
from tests.subscriptions.streams import SLOTS, subscribed
from tests.world import World

pytestmark = pytest.mark.anyio

NARROWED: list[tuple[dict[str, Any], int]] = [
    ({}, 2),
    ({"connectorType": "MCS"}, 1),
    ({"connectorType": "IEC_62196_T2_COMBO"}, 1),
    ({"connectorType": "CHADEMO"}, 0),
    ({"minPower": 150_000}, 2),
    ({"minPower": 300_000}, 1),
    ({"minPower": 400_001}, 0),
    ({"vehicle": {"length": 1200}}, 2),
    ({"vehicle": {"length": 1201}}, 1),
    ({"vehicle": {"length": 1876}}, 0),
    ({"minutesNeeded": 240}, 2),
    ({"minutesNeeded": 241}, 0),
    ({"connectorType": "MCS", "minPower": 300_000, "vehicle": {"length": 1875}}, 1),
    ({"connectorType": "IEC_62196_T2_COMBO", "minPower": 300_000}, 0),
]
"""What is wished, and how many of two chargers are left."""

UNKNOWN: list[tuple[str | None, dict[str, Any], str]] = [
    ("emsp", {"locationIds": ["NL*ABC*NONE"]}, "Location NL*ABC*NONE"),
    ("emsp", {"locationIds": [LOC1, "NL*ABC*HIDDEN"]}, "Location NL*ABC*HIDDEN"),
    (None, {"locationIds": ["NL*ABC*HIDDEN"]}, "Location NL*ABC*HIDDEN"),
    ("other_cpo", {"locationIds": ["NL*ABC*HIDDEN"]}, "Location NL*ABC*HIDDEN"),
    ("emsp", {"bookingLocationIds": ["NL*ABC*NONE"]}, "BookingLocation NL*ABC*NONE"),
    ("emsp", {"bookingLocationIds": ["NL*ABC*HIDDEN-ANY"]}, "BookingLocation NL*ABC*HIDDEN-ANY"),
    ("emsp", {"bookingLocationIds": ["NL*ABC*LOC1-GONE"]}, "BookingLocation NL*ABC*LOC1-GONE"),
    ("emsp", {"locationIds": [""]}, "Location "),
]
"""Who asks for what, and what it is told that there is none of."""

SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"locationIds": []}, "Name the Locations"),
    ({"window": {**WINDOW, "endDateTime": WINDOW["startDateTime"]}}, "`window` ends before or when it starts"),
    ({"window": {**WINDOW, "endDateTime": "2027-01-02T08:00:00Z"}}, "A window is at most 31 days"),
    ({"minutesNeeded": 0}, "`minutesNeeded` is in minutes"),
    ({"minutesNeeded": 2881}, "`minutesNeeded` is in minutes"),
    ({"minPower": 0}, "`minPower` is in W"),
    ({"vehicle": {"length": 0}}, "`vehicle.length` is in cm"),
]
"""What is asked, and how the answer begins."""


async def test_the_wishes_of_the_vehicle_narrow_what_is_told(world: World) -> None:
    site = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    small = an_evse(site.id, "E2", ["B2"], power=150_000, standard="IEC_62196_T2_COMBO")
    bays = (site.parking_bays[0], a_bay(site.id, "B2", max_vehicle_length=1200))
    site = replace(site, evses=(site.evses[0], small), parking_bays=bays)
    await world.publish(site, an_offer(site))
    told = []

    for wishes, _ in NARROWED:
        async with subscribed(world, None, SLOTS, input=asked(**wishes)) as stream:
            told.append((wishes, free(await stream.next())))

    assert told == [(wishes, [(8, 12, number)] if number else []) for wishes, number in NARROWED]


async def test_a_change_of_chargers_that_do_not_fit_is_not_told(world: World) -> None:
    site = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    small = an_evse(site.id, "E2", ["B2"], power=150_000)
    await world.publish(replace(site, evses=(site.evses[0], small)), an_offer(site))

    async with subscribed(world, None, SLOTS, input=asked(minPower=300_000)) as stream:
        first = await stream.next()
        await report(world, Status.BLOCKED, small.id)
        await report(world, Status.BLOCKED, E1)
        second = await stream.next()

    assert (free(first), free(second)) == (WHOLE, [])


async def test_what_is_unknown_or_hidden_is_not_found(world: World) -> None:
    site, hidden = a_location(), a_location("HIDDEN", publish=False)
    await world.publish(site, hidden, an_offer(site), an_offer(hidden), an_offer(site, "GONE", withdrawn=True))
    answered = []

    for caller, wanted, _ in UNKNOWN:
        async with subscribed(world, caller, SLOTS, input={"window": WINDOW, **wanted}) as stream:
            answered.append(await stream.refusal())

    assert answered == [("NOT_FOUND", f"There is no {named}.") for _, _, named in UNKNOWN]


async def test_an_operator_watches_its_own_location_before_it_is_published(world: World) -> None:
    site = a_location(publish=False)
    await world.publish(site, an_offer(site))

    async with subscribed(world, "cpo", SLOTS, input=asked()) as stream:
        told = await stream.next()

    assert free(told) == WHOLE


async def test_what_makes_no_sense_is_bad_input(world: World) -> None:
    await publish(world)
    answered = []

    for wanted, said in SENSELESS:
        async with subscribed(world, None, SLOTS, input=asked(**wanted)) as stream:
            code, message = await stream.refusal()
        answered.append((code, message[: len(said)]))

    assert answered == [("BAD_USER_INPUT", said) for _, said in SENSELESS]


async def test_one_subscription_watches_two_hundred_locations_and_no_more(world: World) -> None:
    sites = [a_location(f"LOC{number}") for number in range(201)]
    await world.publish(*sites)
    named = [site.id for site in sites]

    async with subscribed(world, None, SLOTS, input=asked(locationIds=named)) as stream:
        code, _ = await stream.refusal()
    await world.publish(an_offer(sites[199]))
    async with subscribed(world, None, SLOTS, input=asked(locationIds=named[:200])) as stream:
        told = await stream.next()

    assert code == "BAD_USER_INPUT"
    assert told["location"]["id"] == sites[199].id
