"""Several stops of one trip, booked by their quotes at several operators: all of them or none."""

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest

from models.db import connected
from models.errors import BadInput, ChargerUnusable, Forbidden, NotAllowed, NotFound, QuoteExpired, QuoteUsed
from models.rules.booking_location import Confirmation
from models.rules.booking_state import ReservationStatus
from models.rules.location import Status
from models.rules.quote import Quote, QuoteOutcome
from resolvers import bookings, evses, quotes
from resolvers.evses import StatusReport
from resolvers.for_whom import ForWhom
from resolvers.missions import Mission, MissionBooking, Stop
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.lifecycle import HELD_TWICE, UNLIKE_THEIR_BOOKING
from tests.resolvers.quoting import EXPIRY, book, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.resolvers.trips import ABROAD, BOOKER, HERE, OFFER, PROVIDER, granted, mission, open_sites, token
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

CROWD = 10
BOOKINGS = "SELECT count(*) FROM booking"
HOLDS = "SELECT count(*) FROM allocation WHERE released_at IS NULL AND kind = 'HOLD'"
BOOKED = "SELECT count(*) FROM event WHERE cause = 'BOOKING'"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
BOOK = """
mutation ($input: MissionBookInput!) {
  missionBook(input: $input) {
    __typename
    ... on MissionBooked { missionId bookings { status licensePlate tokens { uid } location { id } } }
    ... on ChargerUnusable { quoteId bookingLocationId }
    ... on Problem { message }
  }
}
"""


@pytest.fixture
async def trip(world: World) -> tuple[World, Quote, Quote]:
    """A world with sites of two operators, and a quote of a slot at each."""
    await open_sites(world)
    there = await quoted(world, ABROAD, period=hours(14, 15))
    return world, there, await quoted(world, OFFER)


Trip = tuple[World, Quote, Quote]


async def test_a_trip_is_booked_at_several_operators_in_the_order_of_its_quotes(trip: Trip, dsn: str) -> None:
    world, there, here = trip
    key = a_key()

    made = await mission(world, there, here, key=key)

    assert [one.booking_location_id for one in made.bookings] == [ABROAD.id, OFFER.id]
    assert [one.cpo_id for one in made.bookings] == ["DE*XYZ", "NL*ABC"]
    assert {one.mission_id for one in made.bookings} == {made.id}
    assert {one.status for one in made.bookings} == {ReservationStatus.RESERVED}
    assert len({one.request_id for one in made.bookings}) == 2
    assert await mission(world, there, here, key=key) == made
    assert (await ask(dsn, BOOKINGS), await ask(dsn, HOLDS), await ask(dsn, BOOKED)) == (2, 0, 2)
    settled = await quotes.get(await world.call("emsp"), str(there.id))
    assert (settled.outcome, settled.booking_id) == (QuoteOutcome.BOOKED, made.bookings[0].id)


async def test_who_may_use_a_stop_is_the_missions_unless_the_stop_says_so(trip: Trip) -> None:
    world, there, here = trip
    whom = ForWhom((token("C1", "T1"),), contract_id="C9", license_plate="12-ABC-3")
    stops = (Stop(str(there.id)), Stop(str(here.id), "99-XYZ-9", (token("C2", "T2"),)))

    made = await bookings.book_mission(await world.call("emsp"), a_key(), MissionBooking(stops, whom))

    first, second = made.bookings
    assert (first.license_plate, first.tokens, first.contract_ids) == ("12-ABC-3", whom.tokens, ("C1", "C9"))
    assert (second.license_plate, second.tokens) == ("99-XYZ-9", (token("C2", "T2"),))
    assert second.contract_ids == ("C2", "C9")


async def test_a_stop_that_was_booked_or_is_unknown_undoes_all_and_is_named(trip: Trip, dsn: str) -> None:
    world, there, here = trip
    used = await book(await world.call("emsp"), here)
    strange = replace(here, id=uuid4())

    with pytest.raises(QuoteUsed) as before:
        await mission(world, there, here)
    with pytest.raises(NotFound) as unknown:
        await mission(world, there, strange)
    with pytest.raises(NotFound) as of_others:
        await mission(world, await quoted(world, OFFER, "other_emsp", period=hours(16, 17)))

    assert before.value == QuoteUsed(str(here.id), used.object_id)
    assert unknown.value == NotFound("Quote", str(strange.id))
    assert of_others.value.kind == "Quote"
    assert await ask(dsn, BOOKINGS) == 1
    assert (await quotes.get(await world.call("emsp"), str(there.id))).outcome is QuoteOutcome.OPEN


async def test_a_stop_that_expired_or_broke_undoes_all_and_is_named(trip: Trip, dsn: str) -> None:
    world, there, here = trip
    broken = StatusReport("DE*XYZ*LOC2*E1", Status.OUTOFORDER, None)
    await evses.report_status(await world.call("other_cpo"), a_key(), broken)

    with pytest.raises(ChargerUnusable) as unusable:
        await mission(world, here, there)
    world.later(EXPIRY)
    with pytest.raises(QuoteExpired) as expired:
        await mission(world, here)

    assert unusable.value == ChargerUnusable(ABROAD.id, str(there.id))
    assert expired.value == QuoteExpired(str(here.id), EXPIRY)
    assert await ask(dsn, BOOKINGS) == 0


async def test_what_an_operator_confirms_is_pending_while_the_rest_is_reserved(world: World) -> None:
    confirmed = an_offer(HERE, confirmation=Confirmation.OPERATOR)
    await open_sites(world, confirmed, ABROAD)

    made = await mission(world, await quoted(world, confirmed), await quoted(world, ABROAD))

    assert [one.status for one in made.bookings] == [ReservationStatus.PENDING, ReservationStatus.RESERVED]


async def test_a_trip_is_booked_on_behalf_of_a_provider(trip: Trip, dsn: str) -> None:
    world, _, _ = trip
    first = await quoted(world, OFFER, "other_emsp", period=hours(12, 13))
    second = await quoted(world, ABROAD, "other_emsp", period=hours(16, 17))
    whom = ForWhom((token("C1"),), on_behalf_of=PROVIDER)
    stops = (Stop(str(first.id)), Stop(str(second.id), tokens=(token("C2", "T2"),)))

    async def asked() -> Mission:
        return await bookings.book_mission(await world.call("other_emsp"), a_key(), MissionBooking(stops, whom))

    with pytest.raises(NotAllowed):
        await asked()
    await granted(world, contract_ids=("C1",))
    with pytest.raises(NotAllowed) as not_covered:
        await asked()
    assert str(second.id) in not_covered.value.reason
    assert await ask(dsn, BOOKINGS) == 0
    await granted(world)
    made = await asked()
    assert {(one.emsp_id, one.booker_id) for one in made.bookings} == {(PROVIDER, BOOKER)}


async def test_a_fleet_books_a_trip_under_its_contract(trip: Trip) -> None:
    world, _, _ = trip
    first = await quoted(world, OFFER, "fleet", period=hours(12, 13))
    second = await quoted(world, ABROAD, "fleet", period=hours(16, 17))

    made = await mission(world, first, second, caller="fleet")

    assert {one.contract_ids for one in made.bookings} == {(FLEET_CONTRACT,)}
    with pytest.raises(Forbidden):
        await mission(world, first, caller="cpo")


async def test_a_trip_has_one_to_twenty_quotes_each_once(trip: Trip) -> None:
    world, there, here = trip

    for wrong in ((), (here, there, here), (here,) * 21):
        with pytest.raises(BadInput):
            await mission(world, *wrong)


async def test_missions_over_crossed_sites_do_not_wait_in_a_circle(world: World, dsn: str) -> None:
    names = range(2 * CROWD)
    places = [a_location(name, chargers={f"E{one}": [f"B{one}"] for one in names}) for name in ("LOC1", "LOC2")]
    offers = [an_offer(place) for place in places]
    await world.publish(*places, *offers)
    callers = ("emsp", "other_emsp")
    pairs = [[await quoted(world, one, callers[number % 2]) for one in offers] for number in range(2 * CROWD)]
    async with connected(dsn, connections=30) as database:
        calls = {name: replace(await world.call(name), database=database) for name in callers}

        async def book_pair(number: int, pair: list[Quote]) -> object:
            stops = tuple(Stop(str(one.id)) for one in (pair if number % 4 < 2 else pair[::-1]))
            return await bookings.book_mission(calls[callers[number % 2]], a_key(), MissionBooking(stops))

        came = await asyncio.gather(*(or_refusal(book_pair(number, pair)) for number, pair in enumerate(pairs)))

    assert Counter(type(one).__name__ for one in came) == {"Mission": 2 * CROWD}
    assert await ask(dsn, BOOKINGS) == 4 * CROWD
    assert (await ask(dsn, HELD_TWICE), await ask(dsn, UNLIKE_THEIR_BOOKING)) == (0, 0)
    assert await ask(dsn, DEADLOCKS) == 0


async def test_of_missions_that_share_a_quote_one_is_booked_whole(world: World, dsn: str) -> None:
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in range(CROWD + 1)})
    offer = an_offer(place)
    await world.publish(place, offer)
    shared, *others = [await quoted(world, offer) for _ in range(CROWD + 1)]
    async with connected(dsn, connections=CROWD) as database:
        call = replace(await world.call("emsp"), database=database)
        wishes = [
            MissionBooking(tuple(Stop(str(one.id)) for one in ((shared, other) if number % 2 else (other, shared))))
            for number, other in enumerate(others)
        ]
        asked = [or_refusal(bookings.book_mission(call, a_key(), wish)) for wish in wishes]
        came = await asyncio.gather(*asked)

    assert Counter(type(one).__name__ for one in came) == {"Mission": 1, "QuoteUsed": CROWD - 1}
    assert (await ask(dsn, BOOKINGS), await ask(dsn, HOLDS)) == (2, CROWD - 1)
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, DEADLOCKS) == 0


async def test_one_key_at_many_moments_books_a_trip_once(trip: Trip, dsn: str) -> None:
    world, there, here = trip
    key = a_key()

    came = await asyncio.gather(*(mission(world, there, here, key=key) for _ in range(CROWD)))

    assert all(one == came[0] for one in came)
    assert await ask(dsn, BOOKINGS) == 2


async def test_a_trip_is_booked_by_graphql(trip: Trip) -> None:
    world, there, here = trip
    given = {"countryCode": "NL", "partyId": "EMS", "uid": "T1", "type": "RFID", "contractId": "C1"}
    stops = [{"quoteId": str(there.id), "licensePlate": "1"}, {"quoteId": str(here.id), "tokens": []}]
    wanted = {"idempotencyKey": a_key(), "quotes": stops, "tokens": [given], "contractId": "C1", "licensePlate": "2"}

    answer = await world.execute("emsp", BOOK, input=wanted)
    again = await world.execute("emsp", BOOK, input=wanted)
    used = await world.execute("emsp", BOOK, input={**wanted, "idempotencyKey": a_key()})
    empty = await world.execute("emsp", BOOK, input={"idempotencyKey": a_key(), "quotes": []})

    made = answer.data["missionBook"]
    assert made["bookings"] == [
        {"status": "RESERVED", "licensePlate": "1", "tokens": [{"uid": "T1"}], "location": {"id": "DE*XYZ*LOC2"}},
        {"status": "RESERVED", "licensePlate": "2", "tokens": [], "location": {"id": HERE.id}},
    ]
    assert again.data["missionBook"] == made
    assert used.data["missionBook"]["__typename"] == "QuoteUsed"
    assert empty.errors[0][0] == "BAD_USER_INPUT"
