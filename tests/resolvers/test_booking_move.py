"""Bookings that are moved to another operator: booked there and canceled here, both or none, at the fee of that."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from models.db import connected
from models.errors import (
    AlreadyFinal,
    CutOffPassed,
    FeeDue,
    NotAllowed,
    NotFound,
    QuoteExpired,
    QuoteUsed,
)
from models.rules.booking import Booking
from models.rules.booking_location import Confirmation
from models.rules.booking_state import (
    CanceledReason,
    Outcome,
    RequestKind,
    RequestStatus,
    ReservationStatus,
)
from models.rules.role import Role
from resolvers import bookings
from resolvers.booking_move import Move
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import an_offer, at, hours
from tests.resolvers.lifecycle import UNLIKE_THEIR_BOOKING, booked, booking_tariff, change_quoted, changed
from tests.resolvers.quoting import EXPIRY, or_refusal, quoted
from tests.resolvers.requests import ask
from tests.resolvers.trips import ABROAD, BOOKER, OFFER, PROVIDER, THERE, granted, mission, moved, open_sites, token
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

BOOKINGS = "SELECT count(*) FROM booking"
LIVE = "SELECT array_agg(kind || ' ' || holder_id ORDER BY kind) FROM allocation WHERE released_at IS NULL"
REMINDED = "SELECT array_agg(minutes_before ORDER BY minutes_before) FROM reminder WHERE booking_id = $1"
MOVE = """
mutation ($input: BookingMoveInput!) {
  bookingMove(input: $input) { __typename ... on Booking { id location { id } } ... on Problem { message } }
}
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with sites of two operators that can be booked all day long; canceling late costs 4.00 before taxes."""
    await world.publish(booking_tariff(cancellation="4.00"))
    await open_sites(world)
    return world


async def read(world: World, one: Booking) -> Booking:
    return await bookings.get(await world.call("emsp"), one.object_id)


async def test_a_booking_is_moved_to_another_operator_and_the_old_one_is_canceled(site: World, dsn: str) -> None:
    whom = ForWhom((token(),), contract_id="C9", license_plate="12-ABC-3", reminders=(60, 30))
    old = await booked(site, OFFER, whom=whom)
    quote = await quoted(site, ABROAD, period=hours(12, 13))

    new = await moved(site, old, quote)

    assert (new.cpo_id, new.booking_location_id, new.timeslot.period) == ("DE*XYZ", ABROAD.id, hours(12, 13))
    assert (new.tokens, new.contract_ids, new.license_plate) == (old.tokens, ("C1", "C9"), "12-ABC-3")
    assert (new.status, new.replaces_id, new.revision) == (ReservationStatus.RESERVED, old.object_id, 1)
    assert new.reference != old.reference
    assert await ask(dsn, REMINDED, new.id) == [30, 60]
    ended = await read(site, old)
    assert (ended.status, ended.canceled_reason) == (ReservationStatus.CANCELED, CanceledReason.CHANGED)
    assert (ended.who_canceled, ended.outcome) == (Role.EMSP, Outcome.CANCELED_BY_HOLDER)
    request = ended.booking_requests[-1]
    assert (request.kind, request.status, request.fee) == (RequestKind.CANCEL, RequestStatus.ACCEPTED, None)
    assert [one.kind for one in new.booking_requests] == [RequestKind.CREATE]
    assert await ask(dsn, LIVE) == [f"BOOKING {new.id}"]


async def test_the_same_key_moves_once_and_another_finds_the_booking_over(site: World, dsn: str) -> None:
    old, quote = await booked(site, OFFER), await quoted(site, ABROAD)
    key, wanted = a_key(), Move(old.object_id, str(quote.id))
    call = await site.call("emsp")

    first, again = await asyncio.gather(bookings.move(call, key, wanted), bookings.move(call, key, wanted))

    assert first == again == await bookings.move(call, key, wanted)
    with pytest.raises(AlreadyFinal):
        await moved(site, old, await quoted(site, ABROAD, period=hours(14, 15)))
    assert await ask(dsn, BOOKINGS) == 2


async def test_after_the_cut_off_moving_costs_the_fee_that_was_quoted(site: World) -> None:
    old = await booked(site, OFFER)
    site.later(at(9.5))
    quote = await quoted(site, ABROAD, period=hours(12, 13))

    with pytest.raises(FeeDue) as due:
        await moved(site, old, quote)
    assert (await read(site, old)).status is ReservationStatus.RESERVED
    priced, _ = await bookings.quote_cancel(await site.call("emsp"), a_key(), old.object_id)
    await moved(site, old, quote, cancel_quote_id=str(priced.id))

    assert due.value == FeeDue(Decimal("4.8400"), "EUR")
    request = (await read(site, old)).booking_requests[-1]
    assert request.fee is not None
    assert request.fee.price.after_taxes == Decimal("4.8400")


async def test_without_a_priced_fee_a_late_move_is_declined_and_kept_in_the_history(world: World, dsn: str) -> None:
    await open_sites(world)
    old = await booked(world, OFFER)
    world.later(at(9.5))
    quote = await quoted(world, ABROAD, period=hours(12, 13))

    with pytest.raises(CutOffPassed):
        await moved(world, old, quote)

    now = await read(world, old)
    assert (now.status, now.booking_requests[-1].status) == (ReservationStatus.RESERVED, RequestStatus.DECLINED)
    assert await ask(dsn, LIVE) == [f"BOOKING {old.id}", f"HOLD {quote.id}"]
    assert await ask(dsn, BOOKINGS) == 1


async def test_where_the_operator_confirms_the_old_booking_is_not_given_up(world: World, dsn: str) -> None:
    confirmed = an_offer(THERE, confirmation=Confirmation.OPERATOR)
    await open_sites(world, OFFER, confirmed)
    old, quote = await booked(world, OFFER), await quoted(world, confirmed)

    with pytest.raises(NotAllowed):
        await moved(world, old, quote)

    assert await read(world, old) == old
    assert await ask(dsn, LIVE) == [f"BOOKING {old.id}", f"HOLD {quote.id}"]


async def test_a_quote_that_is_over_leaves_the_old_booking(site: World) -> None:
    old, quote = await booked(site, OFFER), await quoted(site, ABROAD)
    used = await moved(site, await booked(site, OFFER, hours(14, 15)), quote)
    late = await quoted(site, ABROAD, period=hours(16, 17))

    with pytest.raises(QuoteUsed) as again:
        await moved(site, old, quote)
    with pytest.raises(NotFound):
        await moved(site, old, await quoted(site, ABROAD, "other_emsp", period=hours(18, 19)))
    with pytest.raises(NotFound):
        await moved(site, old, await change_quoted(site, old, period=hours(20, 21)))
    site.later(EXPIRY)
    with pytest.raises(QuoteExpired):
        await moved(site, old, late)

    assert again.value == QuoteUsed(str(quote.id), used.object_id)
    assert await read(site, old) == old


async def test_what_waits_for_its_operator_ends_with_the_booking_that_is_moved(world: World, dsn: str) -> None:
    confirmed = an_offer(THERE, confirmation=Confirmation.OPERATOR)
    await open_sites(world, OFFER, confirmed)
    pending = await booked(world, confirmed)
    quote = await quoted(world, OFFER)

    new = await moved(world, pending, quote)

    ended = await read(world, pending)
    assert [one.status for one in ended.booking_requests] == [RequestStatus.DECLINED, RequestStatus.ACCEPTED]
    assert ended.status is ReservationStatus.CANCELED
    assert await ask(dsn, LIVE) == [f"BOOKING {new.id}"]


async def test_what_was_held_for_a_change_is_given_back(site: World, dsn: str) -> None:
    old = await booked(site, OFFER)
    held = await change_quoted(site, old, period=hours(10.5, 11.5))
    new = await moved(site, old, await quoted(site, ABROAD))

    assert await ask(dsn, LIVE) == [f"BOOKING {new.id}"]
    with pytest.raises(QuoteExpired):
        await changed(site, held)


async def test_a_stop_of_a_trip_that_is_moved_stays_one(site: World) -> None:
    trip = await mission(site, await quoted(site, OFFER))

    new = await moved(site, trip.bookings[0], await quoted(site, ABROAD))

    assert new.mission_id == trip.id


async def test_what_a_booker_made_stays_its_own_whoever_moves_it(site: World) -> None:
    await granted(site)
    old = await booked(site, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of=PROVIDER))

    by_booker = await moved(site, old, await quoted(site, ABROAD, "other_emsp"), "other_emsp")
    by_provider = await moved(site, by_booker, await quoted(site, OFFER, period=hours(12, 13)))

    for one in (by_booker, by_provider):
        assert (one.emsp_id, one.booker_id) == (PROVIDER, BOOKER)
    assert by_provider.booking_requests[0].requester_id == PROVIDER


async def test_a_fleet_moves_what_is_all_under_its_contracts(site: World) -> None:
    old = await booked(site, OFFER, whom=ForWhom((token(FLEET_CONTRACT),)))
    both = (token(FLEET_CONTRACT), token(OTHER_CONTRACT, "T2"))
    mixed = await booked(site, OFFER, hours(14, 15), whom=ForWhom(both))
    quote = await quoted(site, ABROAD, "fleet")

    with pytest.raises(NotAllowed):
        await moved(site, mixed, quote, "fleet")
    new = await moved(site, old, quote, "fleet")

    assert new.contract_ids == (FLEET_CONTRACT,)
    assert (await read(site, old)).who_canceled is Role.TO


async def test_moved_and_canceled_and_moved_elsewhere_at_once_a_booking_ends_once(site: World, dsn: str) -> None:
    old = await booked(site, OFFER)
    held = [await quoted(site, ABROAD, period=hours(start, start + 1)) for start in range(8, 16)]
    async with connected(dsn, connections=8) as database:
        call = replace(await site.call("emsp"), database=database)
        wishes = [Move(old.object_id, str(one.id)) for one in held]
        came = await asyncio.gather(*(or_refusal(bookings.move(call, a_key(), one)) for one in wishes))

    assert Counter(type(one).__name__ for one in came) == {"Booking": 1, "AlreadyFinal": len(held) - 1}
    assert await ask(dsn, "SELECT count(*) FROM booking WHERE status = 'RESERVED'") == 1
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_bookings_that_change_places_by_moving_do_not_wait_in_a_circle(site: World, dsn: str) -> None:
    here = [await booked(site, OFFER, hours(start, start + 1)) for start in (10, 12, 14)]
    there = [await booked(site, ABROAD, hours(start, start + 1)) for start in (10, 12, 14)]
    to_there = [await quoted(site, ABROAD, period=hours(start, start + 1)) for start in (11, 13, 15)]
    to_here = [await quoted(site, OFFER, period=hours(start, start + 1)) for start in (11, 13, 15)]
    async with connected(dsn, connections=6) as database:
        call = replace(await site.call("emsp"), database=database)
        pairs = zip([*here, *there], [*to_there, *to_here], strict=True)
        wishes = [Move(one.object_id, str(quote.id)) for one, quote in pairs]
        came = await asyncio.gather(*(or_refusal(bookings.move(call, a_key(), one)) for one in wishes))

    assert {type(one) for one in came} == {Booking}
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0
    assert await ask(dsn, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_a_booking_is_moved_by_graphql(site: World) -> None:
    old, quote = await booked(site, OFFER), await quoted(site, ABROAD)
    wanted = {"idempotencyKey": a_key(), "bookingId": old.object_id, "quoteId": str(quote.id)}

    made = (await site.execute("emsp", MOVE, input=wanted)).data["bookingMove"]
    over = (await site.execute("emsp", MOVE, input={**wanted, "idempotencyKey": a_key()})).data["bookingMove"]

    assert (made["__typename"], made["location"]["id"]) == ("Booking", THERE.id)
    assert made["id"] != old.object_id
    assert over["__typename"] == "AlreadyFinal"
