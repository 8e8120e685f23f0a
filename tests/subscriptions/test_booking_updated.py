"""Bookings as they change (BUC 2.6, 2.11): those that are named, or all of the caller's, to whom they concern."""

import asyncio
from typing import Any

import pytest

from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason
from models.rules.reference import LENGTH
from resolvers import bookings, lapsing, mandates
from resolvers.booking_cancel import Cancellation
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.deciding import accepted, asked_of, declined
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.reminding import by_worker
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import BOOKINGS, subscribed
from tests.subscriptions.writers import opened
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
DECIDED = a_location("LOC2")
ASKED = asked_of(DECIDED)
FOREIGN = a_location("LOC3", owner=("DE", "XYZ"))
OF_FOREIGN = an_offer(FOREIGN)


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
    """Sites of two operators, one of which decides on requests."""
    await world.publish(SITE, DECIDED, FOREIGN, OFFER, ASKED, OF_FOREIGN)


async def made(world: World, offer: BookingLocation, *args: Any, **whom: Any) -> Booking:
    """Return a booking of which everybody has heard, so that its creation is told to nobody who follows later."""
    one = await booked(world, offer, *args, **whom)
    await synced(world.feed)
    return one


async def cancel(world: World, one: Booking, caller: str = "emsp") -> None:
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call(caller), a_key(), wanted)


async def test_a_named_booking_is_told_as_it_is_and_then_whatever_becomes_of_it(world: World) -> None:
    one = await made(world, ASKED)
    other = await made(world, OFFER)

    async with subscribed(world, "emsp", BOOKINGS, bookingIds=[one.object_id]) as stream:
        first = await stream.next()
        await cancel(world, other)
        world.later(at(6.1))
        await accepted(world, one)
        granted = await stream.next()
        await cancel(world, one)
        gone = await stream.next()

    told = [(each["booking"]["id"], each["booking"]["status"], each["at"]) for each in (first, granted, gone)]
    assert told == [
        (one.object_id, "PENDING", "2026-12-01T06:00:00Z"),
        (one.object_id, "RESERVED", "2026-12-01T06:06:00Z"),
        (one.object_id, "CANCELED", "2026-12-01T06:06:00Z"),
    ]
    assert None not in (first["cursor"], granted["cursor"], gone["cursor"])


async def test_of_several_named_bookings_the_last_alone_has_a_cursor_and_each_comes_once(world: World) -> None:
    one, other = await made(world, OFFER), await made(world, OFFER, hours(12, 13))
    typed = f"{one.reference[:4]}-{one.reference[4:]}".lower()
    ids = [other.object_id.lower(), one.object_id]

    async with subscribed(world, "emsp", BOOKINGS, bookingIds=ids, references=[typed, other.reference]) as stream:
        told = [await stream.next(), await stream.next()]
        await cancel(world, one)
        gone = await stream.next()

    assert [each["booking"]["id"] for each in told] == [other.object_id, one.object_id]
    assert [each["cursor"] is None for each in told] == [True, False]
    assert gone["booking"] == {**told[1]["booking"], "status": "CANCELED", "phase": "CANCELED"}


async def test_a_former_reference_follows_the_booking_wherever_it_moves(world: World) -> None:
    one = await made(world, OFFER)
    await changed(world, await change_quoted(world, one, period=hours(12, 13)))
    await synced(world.feed)

    async with subscribed(world, "emsp", BOOKINGS, references=[one.reference]) as stream:
        first = await stream.next()
        quote = await change_quoted(world, one, booking_location_id=ASKED.id)
        await changed(world, quote)
        asked = await stream.next()
        await accepted(world, one)
        moved = await stream.next()
        await cancel(world, one)
        gone = await stream.next()

    told = [(each["booking"]["revision"], each["booking"]["phase"]) for each in (first, asked, moved, gone)]
    assert told == [(2, "CONFIRMED"), (2, "CHANGE_PENDING"), (3, "CONFIRMED"), (3, "CANCELED")]
    assert len({one.reference, first["booking"]["reference"], moved["booking"]["reference"]}) == 3


async def test_without_names_everybody_is_told_of_its_own_bookings_and_never_of_others(world: World) -> None:
    expected: dict[str, list[Booking]] = {name: [] for name in ("emsp", "fleet", "other_fleet", "other_emsp", "cpo")}
    told: dict[str, list[str]] = {}
    for caller, names in expected.items():
        async with subscribed(world, caller, BOOKINGS, after=await position(world, caller)) as stream:
            of_fleet = await made(world, OFFER, hours(8, 9), whom=ForWhom(contract_id=FLEET_CONTRACT))
            of_other = await made(world, OFFER, hours(8, 9), "other_emsp")
            of_other_fleet = await made(world, OFFER, hours(9, 10), "other_fleet")
            elsewhere = await made(world, OF_FOREIGN, hours(8, 9), whom=ForWhom(contract_id=OTHER_CONTRACT))
            names += {
                "emsp": [of_fleet, of_other_fleet, elsewhere],
                "fleet": [of_fleet],
                "other_fleet": [of_other_fleet, elsewhere],
                "other_emsp": [of_other],
                "cpo": [of_fleet, of_other, of_other_fleet],
            }[caller]
            told[caller] = [(await stream.next())["booking"]["id"] for _ in names]
            for one in (of_fleet, of_other, of_other_fleet, elsewhere):
                await cancel(world, one, "other_emsp" if one is of_other else "emsp")
            told[caller] += [(await stream.next())["booking"]["id"] for _ in names]

    assert told == {caller: [one.object_id for one in names] * 2 for caller, names in expected.items()}


async def position(world: World, caller: str) -> str:
    """Return a cursor of a caller's at the end of the feed."""
    holder = {"cpo": "emsp"}.get(caller, caller)
    one = await made(world, OFFER, hours(20, 21), holder)
    async with subscribed(world, caller, BOOKINGS, bookingIds=[one.object_id]) as stream:
        await stream.next()
        await cancel(world, one, holder)
        return str((await stream.next())["cursor"])


async def test_what_was_told_at_the_beginning_is_not_told_again_when_its_event_arrives(world: World) -> None:
    slow = await opened(world.database, "no booking")
    one = await booked(world, OFFER)

    async with subscribed(world, "emsp", BOOKINGS, bookingIds=[one.object_id]) as stream:
        first = await stream.next()
        waiting = asyncio.create_task(stream.next())
        await slow.commit()
        await synced(world.feed)
        await cancel(world, one)
        following = await waiting

    assert [each["booking"]["status"] for each in (first, following)] == ["RESERVED", "CANCELED"]


async def test_whoever_resumes_is_told_what_happened_since_and_nothing_of_before(world: World) -> None:
    one = await made(world, ASKED)
    async with subscribed(world, "emsp", BOOKINGS, bookingIds=[one.object_id]) as stream:
        cursor = (await stream.next())["cursor"]
    await declined(world, one)
    other = await made(world, OFFER)

    async with subscribed(world, "emsp", BOOKINGS, after=cursor) as resumed:
        told = [await resumed.next(), await resumed.next()]
    async with subscribed(world, "emsp", BOOKINGS, after=cursor, bookingIds=[other.object_id]) as named:
        of_other = await named.next()

    assert [(each["booking"]["id"], each["booking"]["status"]) for each in told] == [
        (one.object_id, "REJECTED"),
        (other.object_id, "RESERVED"),
    ]
    assert of_other == told[1]


async def test_a_booking_that_lapses_is_told_as_a_no_show(world: World) -> None:
    one = await made(world, OFFER)

    async with subscribed(world, "cpo", BOOKINGS, bookingIds=[one.object_id]) as stream:
        await stream.next()
        world.later(at(10.5))
        await lapsing.no_shows(by_worker(world))
        told = await stream.next()

    assert (told["booking"]["status"], told["booking"]["phase"]) == ("NO_SHOW", "NO_SHOW")


async def test_whoever_books_on_behalf_of_another_follows_what_it_made(world: World) -> None:
    granted = MandateToGrant("DE*EMO")
    await mandates.grant(await world.call("emsp"), a_key(), granted)
    after = await position(world, "other_emsp")
    own = await made(world, OFFER)

    async with subscribed(world, "other_emsp", BOOKINGS, after=after) as stream:
        one = await made(world, OFFER, hours(12, 13), "other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
        first = await stream.next()
        await cancel(world, own)
        await cancel(world, one)
        gone = await stream.next()

    assert (first["booking"]["id"], gone["booking"]["id"]) == (one.object_id, one.object_id)
    assert (first["booking"]["status"], gone["booking"]["status"]) == ("RESERVED", "CANCELED")


async def test_a_named_booking_that_is_anothers_or_unknown_is_not_found(world: World) -> None:
    one = await made(world, OFFER)
    wishes: list[tuple[str, dict[str, list[str]]]] = [
        ("other_emsp", {"bookingIds": [one.object_id]}),
        ("other_emsp", {"references": [one.reference]}),
        ("fleet", {"bookingIds": [one.object_id]}),
        ("emsp", {"bookingIds": [one.object_id, f"DE*XYZ*{one.id}"]}),
        ("emsp", {"bookingIds": ["NL*ABC*nonsense"]}),
        ("emsp", {"references": ["0" * LENGTH]}),
    ]
    codes = []
    for caller, wish in wishes:
        async with subscribed(world, caller, BOOKINGS, **wish) as stream:
            codes.append((await stream.refusal())[0])

    assert codes == ["NOT_FOUND"] * len(wishes)


@pytest.mark.parametrize(("caller", "code"), [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN")])
async def test_bookings_are_told_to_holders_and_operators_alone(world: World, caller: str | None, code: str) -> None:
    async with subscribed(world, caller, BOOKINGS) as stream:
        assert (await stream.refusal())[0] == code


async def test_more_than_a_hundred_names_are_bad_input(world: World) -> None:
    async with subscribed(world, "emsp", BOOKINGS, references=["0" * LENGTH] * 101) as stream:
        assert (await stream.refusal())[0] == "BAD_USER_INPUT"


LISTED = """
query ($references: [String!], $missionId: ID, $outcomes: [Outcome!], $endangered: Boolean, $first: Int! = 50) {
  bookings(
    references: $references, missionId: $missionId, outcomes: $outcomes, endangered: $endangered, first: $first
  ) { edges { node { id } } }
}
"""


async def listed(world: World, caller: str = "emsp", **wanted: object) -> list[str]:
    """Return the ids of the caller's bookings that are found; there is no error."""
    answer = await world.execute(caller, LISTED, **wanted)
    assert answer.errors == []
    return [edge["node"]["id"] for edge in answer.data["bookings"]["edges"]]


async def test_bookings_are_listed_by_references_by_mission_by_outcome_and_by_danger(world: World, dsn: str) -> None:
    mission = "6b0b3d0a-53c5-4a0e-9d5b-6b0c0f6a1d11"
    first = await made(world, OFFER, hours(8, 9))
    second = await made(world, OFFER, hours(9, 10))
    third = await made(world, OFFER, hours(10, 11))
    of_other = await made(world, OFFER, hours(10, 11), "other_emsp")
    await run(dsn, "UPDATE booking SET mission_id = $1 WHERE id = ANY($2)", mission, [first.id, of_other.id])
    await run(dsn, "UPDATE booking SET hazard = 'FAULT' WHERE id = $1", second.id)
    await changed(world, await change_quoted(world, third, period=hours(12, 13)))
    typed = [f" {third.reference[:5]}-{third.reference[5:].lower()}", first.reference, of_other.reference, "NONE"]

    assert await listed(world, references=typed) == [first.object_id, third.object_id]
    assert await listed(world, references=[]) == []
    assert await listed(world, missionId=mission) == [first.object_id]
    assert await listed(world, "cpo", missionId=mission) == [first.object_id, of_other.object_id]
    assert await listed(world, endangered=True) == [second.object_id]
    assert await listed(world, endangered=False) == [first.object_id, third.object_id]
    assert await listed(world, endangered=True, outcomes=["NO_SHOW"]) == []
    assert await listed(world, outcomes=["OPEN"], references=[second.reference]) == [second.object_id]
    assert len(await listed(world)) == 3


async def test_filters_that_make_no_sense_are_bad_input(world: World) -> None:
    for wanted in ({"references": ["X"] * 101}, {"missionId": "trip"}):
        answer = await world.execute("emsp", LISTED, **wanted)
        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
