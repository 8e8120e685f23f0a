"""slotAvailabilityChanged through the contract (BUC 1.2.3): what is free now, then every change with its cause."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from models.errors import SlotTaken
from models.events import AvailabilityCause
from models.rules.booking import Booking
from models.rules.booking_filter import BookingFilter
from models.rules.booking_location import BookingOption
from models.rules.booking_state import CanceledReason
from models.rules.location import Status
from resolvers import bookings, evses, parties
from resolvers.booking_cancel import Cancellation
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import UPDATED, a_bay, a_location, an_evse, an_offer, at, hours
from tests.resolvers.requests import a_request, outcome
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import SLOTS, subscribed
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

LOC1, ANY, E1 = "NL*ABC*LOC1", "NL*ABC*LOC1-ANY", "NL*ABC*LOC1*E1"
WINDOW = {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"}
LATER = UPDATED + timedelta(hours=1)
Slots = list[tuple[int, int, int]]


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


async def cancel(world: World) -> None:
    page = await bookings.page(await world.call("emsp"), BookingFilter(), first=1, after=None)
    ((one, _),) = page.items
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted, one.id)


async def shorten(world: World) -> None:
    await world.publish(an_offer(a_location(), windows=[hours(0, 10)], last_updated=LATER))


async def enlarge(world: World) -> None:
    await world.publish(a_location(chargers={"E1": ["B1"], "E2": ["B2"]}, last_updated=LATER))


async def report(world: World, status: Status, evse_id: str = E1, **fault: Any) -> None:
    """Tell the state of a charger, and wait until everybody has heard."""
    described = FaultReport(**{"code": None, "severity": None, "description": None, "expected_end": None, **fault})
    told = StatusReport(evse_id, status, described if fault else None)
    await evses.report_status(await world.call("cpo"), a_key(), told)
    await synced(world.feed)


async def break_down(world: World) -> None:
    await report(world, Status.OUTOFORDER)


async def repair(world: World) -> None:
    await report(world, Status.AVAILABLE)


@dataclass(frozen=True)
class Change:
    """What happened before a client watches, what happens then, and what is free before and after."""

    change: Callable[[World], Awaitable[None]]
    before: Slots
    after: Slots
    prepare: Callable[[World], Awaitable[None]] | None = None


WHOLE = [(8, 12, 1)]
CHANGES = {
    AvailabilityCause.BOOKING: Change(book, WHOLE, [(8, 10, 1), (11, 12, 1)]),
    AvailabilityCause.CANCELLATION: Change(cancel, [(8, 10, 1), (11, 12, 1)], WHOLE, prepare=book),
    AvailabilityCause.CALENDAR: Change(shorten, WHOLE, [(8, 10, 1)]),
    AvailabilityCause.PUBLICATION: Change(enlarge, WHOLE, [(8, 12, 2)]),
    AvailabilityCause.FAULT: Change(break_down, WHOLE, []),
    AvailabilityCause.REPAIR: Change(repair, [], WHOLE, prepare=break_down),
}


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
    ({"minutesNeeded": 0}, "`minutesNeeded` is between"),
    ({"minutesNeeded": 2881}, "`minutesNeeded` is between"),
    ({"minPower": 0}, "`minPower` is in W"),
    ({"vehicle": {"length": 0}}, "`vehicle.length` is in cm"),
]
"""What is asked, and how the answer begins."""


@pytest.mark.parametrize("cause", AvailabilityCause)
async def test_a_client_is_told_what_is_free_and_then_one_change_for_every_cause(
    world: World, cause: AvailabilityCause
) -> None:
    case = CHANGES[cause]
    await publish(world)
    if case.prepare is not None:
        await case.prepare(world)
    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        before = await stream.next()
        await case.change(world)
        after = await stream.next()
        await world.publish(an_offer(a_location(), "MARK"))
        mark = await stream.next()

    assert (before["cause"], free(before)) == (None, case.before)
    assert (after["cause"], free(after)) == (cause, case.after)
    assert mark["bookingLocation"]["id"] == "NL*ABC*LOC1-MARK"
    assert before["at"] == after["at"] == "2026-12-01T06:00:00Z"
    assert before["location"]["id"] == after["location"]["id"] == LOC1
    assert before["bookingLocation"]["id"] == after["bookingLocation"]["id"] == ANY


async def test_every_watched_offer_comes_once_at_the_beginning(world: World) -> None:
    one, other = a_location(), a_location("LOC2")
    await world.publish(one, other, an_offer(one), an_offer(one, "X"), an_offer(other), an_offer(other, "X"))
    wanted = asked(locationIds=["nl*abc*loc1", LOC1], bookingLocationIds=[ANY, " nl*abc*loc2-x"])

    async with subscribed(world, None, SLOTS, input=wanted) as stream:
        told = [await stream.next() for _ in range(3)]
        await book(world, name=ANY)
        live = [await stream.next() for _ in range(2)]

    assert [one["bookingLocation"]["id"] for one in told] == [ANY, f"{LOC1}-X", "NL*ABC*LOC2-X"]
    assert {one["cause"] for one in told} == {None}
    assert [one["bookingLocation"]["id"] for one in live] == [ANY, f"{LOC1}-X"]


async def test_nothing_is_told_of_what_does_not_change_the_watched_offer(world: World) -> None:
    site, elsewhere = a_location(chargers={"E1": ["B1"], "E2": ["B2"]}), a_location("LOC2")
    watched = an_offer(site, "ONE", option=BookingOption(evse_uid="E1"))
    beside = an_offer(site, "TWO", option=BookingOption(evse_uid="E2"))
    await world.publish(site, elsewhere, watched, beside, an_offer(elsewhere))
    wanted = {"bookingLocationIds": [watched.id], "window": WINDOW}

    async with subscribed(world, None, SLOTS, input=wanted) as stream:
        await stream.next()
        await book(world, name=beside.id)
        await book(world, name="NL*ABC*LOC2-ANY")
        await book(world, 13, 14, name=watched.id)
        await report(world, Status.CHARGING)
        await report(world, Status.AVAILABLE, code="W1")
        await report(world, Status.INOPERATIVE, "NL*ABC*LOC1*E2")
        await world.publish(an_offer(site, "ONE", option=watched.booking_option, last_updated=LATER))
        refused = await outcome(await world.call("emsp"), a_request(watched, hours(13, 14)))
        await book(world, name=watched.id)
        told = await stream.next()

    assert isinstance(refused, SlotTaken)
    assert (told["bookingLocation"]["id"], told["cause"]) == (watched.id, "BOOKING")
    assert free(told) == [(8, 10, 1), (11, 12, 1)]


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


async def test_a_fault_with_an_expected_end_leaves_what_comes_after_it_free(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        await report(world, Status.OUTOFORDER, expected_end=at(10))
        broken = await stream.next()
        await report(world, Status.OUTOFORDER, expected_end=at(11))
        amended = await stream.next()

    assert (broken["cause"], free(broken)) == ("FAULT", [(10, 12, 1)])
    assert (amended["cause"], free(amended)) == ("FAULT", [(11, 12, 1)])


async def test_an_offer_that_its_operator_takes_back_is_told_as_nothing_free(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        await world.publish(an_offer(a_location(), withdrawn=True, last_updated=LATER))
        withdrawn = await stream.next()
        await world.publish(an_offer(a_location(), last_updated=LATER + timedelta(hours=1)))
        offered_again = await stream.next()

    assert (withdrawn["bookingLocation"]["id"], withdrawn["cause"], free(withdrawn)) == (ANY, "CALENDAR", [])
    assert (offered_again["cause"], free(offered_again)) == ("CALENDAR", WHOLE)


async def test_a_location_that_is_no_longer_published_is_told_as_nothing_free_but_to_its_operator(
    world: World,
) -> None:
    await publish(world)

    async with (
        subscribed(world, "nsp", SLOTS, input=asked()) as stream,
        subscribed(world, "cpo", SLOTS, input=asked()) as of_the_operator,
    ):
        await stream.next()
        await of_the_operator.next()
        await world.publish(a_location(publish=False, last_updated=LATER))
        hidden = await stream.next()
        await report(world, Status.OUTOFORDER)
        still_seen = await of_the_operator.next()
        await report(world, Status.AVAILABLE)
        await world.publish(a_location(last_updated=world.now + timedelta(hours=1)))
        shown_again = await stream.next()

    assert (hidden["cause"], free(hidden)) == ("PUBLICATION", [])
    assert (shown_again["cause"], free(shown_again)) == ("PUBLICATION", WHOLE)
    assert (still_seen["cause"], free(still_seen)) == ("FAULT", [])


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


async def test_a_token_that_is_revoked_ends_the_subscription_at_the_next_change(world: World) -> None:
    await publish(world)
    secret = world.secrets["nsp"]
    assert secret is not None

    async with subscribed(world, "nsp", SLOTS, input=asked()) as stream:
        await stream.next()
        await parties.revoke(world.database, secret, world.now)
        await book(world)
        code, message = await stream.refusal()

    assert code == "UNAUTHENTICATED"
    assert message == "The API token is unknown, expired or revoked; ask for a new one."


async def test_a_subscription_that_ends_leaves_nobody_waiting(world: World) -> None:
    await publish(world)

    async with subscribed(world, None, SLOTS, input=asked()) as stream:
        await stream.next()
        waiting = len(world.feed.hub)

    assert (waiting, len(world.feed.hub)) == (1, 0)
