"""Quotes: a slot is priced and held, given back, or free again when its time is up; and who may do so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from models.errors import (
    Forbidden,
    NotFound,
    QuoteExpired,
    SlotTaken,
    TooManyHolds,
)
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.fit import Demand
from models.rules.identity import part_id
from models.rules.quote import QuoteOutcome
from resolvers import bookings, quotes
from resolvers.asked import NO_DEMAND, Asked
from resolvers.availability import Named, availability
from resolvers.booking_create import QuotedBooking
from resolvers.quotes import HOLD_MINUTES, MOST_HOLDS
from server import worker
from tests.factories.catalogue import NOW, TERMS, a_location, a_tariff, an_offer, at, hours
from tests.resolvers.quoting import (
    CAUSES,
    E1,
    ENERGY,
    EXPIRY,
    HOLDING,
    LIVE,
    OFFER,
    SITE,
    TEN_TO_ELEVEN,
    a_slot,
    book,
    charging,
    quoted,
)
from tests.resolvers.requests import a_request, ask, outcome
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

RANGE = "[2026-12-01T10:00:00Z,2026-12-01T11:00:00Z)"


@pytest.fixture
async def site(world: World) -> World:
    """A world with one charger that can be booked all day long, for 2.50 and 0.50 for each kWh, before taxes."""
    await world.publish(SITE, a_tariff(), charging("0.50"), OFFER)
    return world


async def free(world: World, offer: BookingLocation = OFFER) -> Sequence[tuple[float, float]]:
    """Return the hours that a search shows as free between 9 and 12."""
    asked = Asked(NO_DEMAND, closest=False)
    where = Named((offer.location_id,))
    page = await availability(await world.call("nsp"), where, hours(9, 12), asked, first=1, after=None)
    slots = [slot.slot.period for match, _ in page.items for one in match.available.free for slot in one.timeslots]
    return [((one.start - at(0)) / timedelta(hours=1), (one.end - at(0)) / timedelta(hours=1)) for one in slots]


async def test_a_quote_prices_a_slot_and_holds_it_for_ten_minutes(site: World, dsn: str) -> None:
    one = await quoted(site, OFFER, demand=ENERGY)

    price = one.grant.price
    assert price.booking is not None
    assert price.charging is not None
    assert price.total is not None
    assert (price.booking.after_taxes, price.charging.after_taxes) == (Decimal("3.0250"), Decimal("60.5000"))
    assert (price.total.before_taxes, price.total.after_taxes) == (Decimal("52.5000"), Decimal("63.5250"))
    assert (one.made_at, one.expires_at, one.outcome) == (NOW, EXPIRY, QuoteOutcome.OPEN)
    assert timedelta(minutes=HOLD_MINUTES) == EXPIRY - NOW
    assert one.grant.timeslot == replace(OFFER.calendars[0].available_timeslots[0], period=TEN_TO_ELEVEN)
    assert (one.grant.evse_id, one.grant.parking_bay_id, one.grant.evse_pinned) == (E1, "NL*ABC*LOC1*B1", False)
    assert await ask(dsn, HOLDING) == f"HOLD {one.id}"
    assert await free(site) == [(9, 10), (11, 12)]
    assert isinstance(await outcome(await site.call("other_emsp"), a_request(OFFER)), SlotTaken)
    with pytest.raises(SlotTaken):
        await quoted(site, OFFER)


async def test_a_quote_is_read_back_as_it_was_given(site: World) -> None:
    one = await quoted(site, OFFER, demand=replace(ENERGY, min_power=100_000), evse_id=E1)

    assert await quotes.get(await site.call("emsp"), f" {str(one.id).upper()} ") == one
    assert one.grant.demand == Demand(min_power=100_000, energy=Decimal(100))
    assert one.grant.evse_pinned
    assert one.grant.booking_terms == TERMS
    assert [tariff.id for tariff in one.grant.tariffs] == ["NL*ABC*BOOK", "NL*ABC*CHARGE"]


async def test_a_hold_does_not_outlast_its_slot(world: World) -> None:
    offer = an_offer(SITE, increment=5, terms=replace(TERMS, min_booking_duration=5))
    await world.publish(SITE, offer)
    five_past_six = NOW + timedelta(minutes=5)

    one = await quoted(world, offer, period=replace(TEN_TO_ELEVEN, start=NOW, end=five_past_six))

    assert one.expires_at == five_past_six


async def test_the_same_key_returns_the_same_quote(site: World, dsn: str) -> None:
    key = a_key()
    first = await quotes.quote(await site.call("emsp"), key, a_slot(OFFER))
    again = await quotes.quote(await site.call("emsp"), key, a_slot(OFFER))

    assert again == first
    assert await ask(dsn, LIVE) == 1


async def test_a_quote_that_is_given_back_holds_nothing(site: World, dsn: str) -> None:
    one = await quoted(site, OFFER)
    site.later(NOW + timedelta(minutes=3))

    released = await quotes.release(await site.call("emsp"), a_key(), str(one.id))
    again = await quotes.release(await site.call("emsp"), a_key(), str(one.id))

    assert released == again == replace(one, outcome=QuoteOutcome.RELEASED, settled_at=site.now)
    assert await free(site) == [(9, 12)]
    assert await ask(dsn, CAUSES) == ["HOLD", "EXPIRY"]
    with pytest.raises(QuoteExpired) as refused:
        await book(await site.call("emsp"), one)
    assert refused.value == QuoteExpired(str(one.id), site.now)
    assert isinstance(await outcome(await site.call("other_emsp"), a_request(OFFER)), Booking)


async def test_a_quote_is_live_until_the_moment_it_expires(site: World) -> None:
    first, second = await quoted(site, OFFER), await quoted(site, OFFER, period=hours(12, 13))

    site.later(EXPIRY - timedelta(microseconds=1))
    made = await book(await site.call("emsp"), first)
    site.later(EXPIRY)
    with pytest.raises(QuoteExpired) as refused:
        await book(await site.call("emsp"), second)

    assert made.reserved_at == EXPIRY - timedelta(microseconds=1)
    assert refused.value == QuoteExpired(str(second.id), EXPIRY)
    assert second.outcome_at(site.now) is QuoteOutcome.EXPIRED


async def test_what_an_expired_hold_kept_is_shown_and_booked_though_no_worker_came(site: World, dsn: str) -> None:
    one = await quoted(site, OFFER)
    site.later(EXPIRY)

    shown = await free(site)
    made = await outcome(await site.call("other_emsp"), a_request(OFFER, hours(10.5, 11.5)))

    assert shown == [(9, 12)]
    assert isinstance(made, Booking)
    assert await ask(dsn, HOLDING) == f"BOOKING {made.id}"
    assert await ask(dsn, CAUSES) == ["HOLD", "EXPIRY", "BOOKING"]
    assert (await quotes.get(await site.call("emsp"), str(one.id))).outcome is QuoteOutcome.EXPIRED
    assert await quotes.expire(site.database, site.now) == 0


async def test_what_an_expired_hold_kept_is_quoted_anew_to_the_same_party(site: World, dsn: str) -> None:
    await quoted(site, OFFER)
    site.later(EXPIRY)

    again = await quoted(site, OFFER)

    assert again.expires_at == EXPIRY + timedelta(minutes=HOLD_MINUTES)
    assert await ask(dsn, HOLDING) == f"HOLD {again.id}"


@pytest.mark.parametrize("pinned", ["E1", "E2", "E3"])
async def test_expired_holds_do_not_mislead_where_chargers_share_bays(world: World, pinned: str) -> None:
    place = a_location(chargers={"E1": ["B1"], "E2": ["B1", "B2"], "E3": ["B2", "B3"]})
    offer = an_offer(place)
    await world.publish(place, offer)
    await quoted(world, offer, evse_id=part_id(place.id, pinned))
    world.later(EXPIRY)

    made = [await outcome(await world.call("emsp"), a_request(offer)) for _ in range(4)]

    assert [type(one) for one in made] == [Booking, Booking, Booking, SlotTaken]


async def test_the_worker_lets_go_of_what_expired_and_of_nothing_else(site: World, dsn: str) -> None:
    expired = await quoted(site, OFFER)
    site.later(NOW + timedelta(minutes=5))
    live = await quoted(site, OFFER, period=hours(12, 13))
    booked = await book(await site.call("emsp"), await quoted(site, OFFER, period=hours(14, 15)))

    falls_due = replace(await site.call(None), now=EXPIRY)
    await worker.due(falls_due)
    await worker.due(falls_due)

    assert await ask(dsn, "SELECT array_agg(holder_id) @> ARRAY[$1, $2]::uuid[] FROM allocation", live.id, booked.id)
    assert await ask(dsn, LIVE) == 2
    assert await ask(dsn, "SELECT count(*) FROM event WHERE cause = 'EXPIRY' AND at = $1", EXPIRY) == 1
    assert await ask(dsn, f"SELECT during = '{RANGE}'::tstzrange FROM event WHERE cause = 'EXPIRY'") is True
    (noted,) = await quotes.many(await site.call("emsp"), [str(expired.id)])
    assert noted == replace(expired, outcome=QuoteOutcome.EXPIRED, settled_at=EXPIRY)


@pytest.mark.parametrize("caller", ["other_emsp", "emsp", "other_fleet"])
async def test_another_partys_quote_is_not_there(site: World, caller: str) -> None:
    one = await quoted(site, OFFER, "fleet")
    name = str(one.id)

    for asked in (
        quotes.get(await site.call(caller), name),
        quotes.release(await site.call(caller), a_key(), name),
        book(await site.call(caller), one),
    ):
        with pytest.raises(NotFound) as refused:
            await asked
        assert refused.value == NotFound("Quote", name)

    assert await quotes.get(await site.call("fleet"), name) == one


@pytest.mark.parametrize("name", ["", "NL*ABC*1", "00000000-0000-4000-8000-000000000000"])
async def test_a_quote_that_never_was_is_not_there(site: World, name: str) -> None:
    with pytest.raises(NotFound):
        await quotes.get(await site.call("emsp"), name)
    with pytest.raises(NotFound):
        await bookings.create(await site.call("emsp"), a_key(), QuotedBooking(name))


@pytest.mark.parametrize("caller", ["cpo", "nsp", "nap", "admin"])
async def test_only_providers_and_fleets_hold_slots(site: World, caller: str) -> None:
    one = await quoted(site, OFFER)

    with pytest.raises(Forbidden):
        await quoted(site, OFFER, caller)
    with pytest.raises(Forbidden):
        await quotes.release(await site.call(caller), a_key(), str(one.id))
    with pytest.raises(NotFound):
        await quotes.get(await site.call(caller), str(one.id))


async def test_a_party_holds_twenty_slots_at_a_time(world: World) -> None:
    uids = {f"E{number}": [f"B{number}"] for number in range(MOST_HOLDS + 3)}
    place = a_location(chargers=dict(uids))
    offer = an_offer(place)
    await world.publish(place, offer)
    held = [await quoted(world, offer) for _ in range(MOST_HOLDS)]

    with pytest.raises(TooManyHolds) as refused:
        await quoted(world, offer)
    await quoted(world, offer, "fleet")
    await quoted(world, offer, "other_emsp")
    await book(await world.call("emsp"), held[0])
    await quoted(world, offer)
    with pytest.raises(TooManyHolds):
        await quoted(world, offer)
    world.later(EXPIRY)
    after = await quoted(world, offer)

    assert refused.value == TooManyHolds(20)
    assert after.made_at == EXPIRY
