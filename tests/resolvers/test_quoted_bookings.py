"""Bookings by quotes, made once and as they were quoted, and direct bookings within a price limit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from models.errors import (
    ChargerUnusable,
    DoesNotFit,
    NotAllowed,
    PriceChanged,
    QuoteUsed,
    SlotTaken,
)
from models.rules.booking import Booking
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_state import ReservationStatus
from models.rules.fit import Demand
from models.rules.location import Status
from models.rules.quote import QuoteOutcome
from resolvers import bookings, evses, provider_fees, quotes
from resolvers.asked import MostPrice
from resolvers.booking_create import QuotedBooking
from resolvers.evses import StatusReport
from tests.factories.catalogue import NOW, TERMS, UPDATED, a_tariff, an_evse, an_offer, hours
from tests.factories.fleet import a_fee, fees
from tests.resolvers.quoting import CAUSES, E1, ENERGY, HOLDING, LIVE, OFFER, SITE, book, charging, quoted
from tests.resolvers.requests import a_request, ask, outcome
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(world: World) -> World:
    """A world with one charger that can be booked all day long, for 2.50 and 0.50 for each kWh, before taxes."""
    await world.publish(SITE, a_tariff(), charging("0.50"), OFFER)
    return world


async def test_a_quote_is_booked_as_it_was_quoted_whatever_was_published_since(site: World, dsn: str) -> None:
    one = await quoted(site, OFFER, demand=replace(ENERGY, min_power=100_000))
    later = UPDATED + timedelta(hours=1)
    dearer = an_offer(SITE, windows=[hours(12, 18)], terms=replace(TERMS, cancel_until_minutes=600))
    await site.publish(charging("0.90", last_updated=later), replace(dearer, last_updated=later))

    made = await book(await site.call("emsp"), one, license_plate="12-ABC-3")

    assert made.price == one.grant.price
    assert (made.booking_terms, made.tariffs) == (TERMS, one.grant.tariffs)
    assert (made.timeslot, made.evse_id, made.demand.min_power) == (one.grant.timeslot, E1, 100_000)
    assert (made.status, made.license_plate) == (ReservationStatus.RESERVED, "12-ABC-3")
    assert await bookings.get(await site.call("cpo"), made.object_id) == made
    assert await ask(dsn, HOLDING) == f"BOOKING {made.id}"
    assert await ask(dsn, CAUSES) == ["HOLD", "BOOKING"]
    assert await ask(dsn, "SELECT input ->> 'quote_id' FROM booking_request") == str(one.id)
    used = await quotes.get(await site.call("emsp"), str(one.id))
    assert (used.outcome, used.settled_at, used.booking_id) == (QuoteOutcome.BOOKED, NOW, made.id)


async def test_a_quote_of_what_its_operator_confirms_makes_a_request(world: World) -> None:
    offer = an_offer(SITE, confirmation=Confirmation.OPERATOR)
    await world.publish(SITE, offer)

    made = await book(await world.call("emsp"), await quoted(world, offer))

    assert made.status is ReservationStatus.PENDING


async def test_a_quote_is_booked_once(site: World) -> None:
    one = await quoted(site, OFFER)
    key, wanted = a_key(), QuotedBooking(str(one.id))
    made = await bookings.create(await site.call("emsp"), key, wanted)

    assert await bookings.create(await site.call("emsp"), key, wanted) == made
    with pytest.raises(QuoteUsed) as again:
        await book(await site.call("emsp"), one)
    with pytest.raises(QuoteUsed) as given_back:
        await quotes.release(await site.call("emsp"), a_key(), str(one.id))

    assert again.value == given_back.value == QuoteUsed(str(one.id), made.object_id)


async def test_a_charger_that_broke_since_is_not_booked_and_stays_held(site: World) -> None:
    one = await quoted(site, OFFER)
    await evses.report_status(await site.call("cpo"), a_key(), StatusReport(E1, Status.OUTOFORDER, None))

    with pytest.raises(ChargerUnusable):
        await book(await site.call("emsp"), one)
    await evses.report_status(await site.call("cpo"), a_key(), StatusReport(E1, Status.AVAILABLE, None))
    made = await book(await site.call("emsp"), one)

    assert made.evse_id == E1


@pytest.mark.parametrize("gone", ["bay", "plug"])
async def test_a_bay_or_plug_that_is_gone_since_is_not_booked(site: World, gone: str) -> None:
    one = await quoted(site, OFFER)
    (charger,) = SITE.evses
    plug = replace(charger.connectors[0], id=f"{E1}*2", ocpi_id="2")
    without = {
        "bay": replace(SITE, parking_bays=(), evses=(replace(charger, parking=()),)),
        "plug": replace(SITE, evses=(replace(charger, connectors=(plug,)),)),
    }
    await site.publish(replace(without[gone], last_updated=UPDATED + timedelta(hours=1)))

    with pytest.raises(ChargerUnusable):
        await book(await site.call("emsp"), one)


async def test_what_cannot_charge_enough_in_the_time_is_not_granted(world: World) -> None:
    slow, fast = an_evse(SITE.id, "SLOW", power=50_000), an_evse(SITE.id, "FAST", power=400_000)
    place = replace(SITE, evses=(slow, fast), parking_bays=())
    await world.publish(place, an_offer(place))
    half_an_hour, demand = hours(10, 10.5), Demand(energy=Decimal(150))

    one = await quoted(world, OFFER, period=half_an_hour, demand=demand)
    with pytest.raises(SlotTaken):
        await quoted(world, OFFER, period=half_an_hour, demand=demand)
    with pytest.raises(DoesNotFit) as refused:
        await quoted(world, OFFER, period=half_an_hour, demand=demand, evse_id=slow.id)
    with pytest.raises(DoesNotFit) as brief:
        await quoted(world, OFFER, period=hours(11, 11.5), demand=Demand(minutes=31))

    assert one.grant.evse_id == fast.id
    assert refused.value.reasons == brief.value.reasons == ["TOO_SHORT"]


async def test_where_access_is_by_plate_a_quote_is_booked_with_one_only(world: World) -> None:
    offer = an_offer(SITE, terms=replace(TERMS, supported_access_methods=(AccessMethod.LICENSE_PLATE,)))
    await world.publish(SITE, offer)
    one = await quoted(world, offer)

    with pytest.raises(NotAllowed):
        await book(await world.call("emsp"), one)
    made = await book(await world.call("emsp"), one, license_plate="12-ABC-3")

    assert made.license_plate == "12-ABC-3"


async def test_a_fleet_is_told_what_its_provider_adds_as_it_was_then(site: World) -> None:
    await provider_fees.publish(await site.call("emsp"), a_key(), fees(a_fee()))
    of_fleet = await quoted(site, OFFER, "fleet")
    of_emsp = await quoted(site, OFFER, period=hours(12, 13))
    await provider_fees.publish(await site.call("emsp"), a_key(), fees(a_fee(per_booking=Decimal(9))))

    (line,) = (await quotes.get(await site.call("fleet"), str(of_fleet.id))).provider_fees
    made = await book(await site.call("fleet"), of_fleet)

    assert (line.fee_id, line.currency, line.complete) == ("SERVICE", "EUR", False)
    assert (line.price.before_taxes, line.price.after_taxes) == (Decimal("0.8000"), Decimal("0.9680"))
    assert of_emsp.provider_fees == ()
    assert made.contract_ids == (FLEET_CONTRACT,)
    assert made.price == of_fleet.grant.price


async def test_a_direct_booking_is_made_within_its_price_limit_only(site: World, dsn: str) -> None:
    call, key = await site.call("emsp"), a_key()
    too_little, foreign = MostPrice(Decimal("63.52"), "EUR"), MostPrice(Decimal(100), "CHF")

    refused = await outcome(call, a_request(OFFER, demand=ENERGY, max_price=too_little), key)
    again = await outcome(call, a_request(OFFER, demand=ENERGY, max_price=too_little), key)
    in_francs = await outcome(call, a_request(OFFER, demand=ENERGY, max_price=foreign))

    assert refused == again == in_francs == PriceChanged(OFFER.id, Decimal("63.5250"), "EUR")
    assert await ask(dsn, LIVE) == 0
    made = await outcome(call, a_request(OFFER, demand=ENERGY, max_price=MostPrice(Decimal("63.525"), "EUR")))
    assert isinstance(made, Booking)
    assert made.price is not None
    assert made.price.total is not None
    assert made.price.total.after_taxes == Decimal("63.5250")


async def test_a_price_that_nobody_knows_is_within_no_limit(world: World) -> None:
    await world.publish(SITE, OFFER)

    refused = await outcome(await world.call("emsp"), a_request(OFFER, max_price=MostPrice(Decimal(100), "EUR")))
    made = await outcome(await world.call("emsp"), a_request(OFFER))

    assert refused == PriceChanged(OFFER.id, None, None)
    assert isinstance(made, Booking)
