"""A mutation that is sent again with its key: the first result comes again, whatever happened since."""

from dataclasses import replace

import pytest

from models.errors import (
    AlreadyFinal,
    BadInput,
    CutOffPassed,
    DoesNotFit,
    IdempotencyConflict,
    OutsideCalendar,
    Refusal,
    SlotTaken,
)
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason, ReservationStatus
from models.rules.fit import Demand
from models.rules.location import Status
from models.rules.vehicle import Vehicle
from resolvers import bookings, evses
from resolvers.booking_cancel import Cancellation
from resolvers.booking_create import NewBooking
from resolvers.evses import StatusReport
from tests.factories.catalogue import TERMS, a_location, an_offer, at, hours
from tests.resolvers.requests import TEN_TO_ELEVEN, a_request, ask, counted, outcome, rush
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

AT_ONCE = 50
NEAR = [hours(9, 10), hours(11, 12)]
"""What is free beside the hour that is taken."""

BOOKINGS = "SELECT count(*) FROM booking"
EVENTS = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED'"
REQUESTS = "SELECT count(*) FROM booking_request"


@pytest.fixture
async def offer(world: World) -> BookingLocation:
    """What is booked here: one of two chargers, to be canceled until its start."""
    location = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
    made = an_offer(location, terms=replace(TERMS, cancel_until_minutes=0))
    await world.publish(location, made)
    return made


async def canceled(world: World, one: Booking, key: str) -> Booking | Refusal:
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    try:
        return await bookings.cancel(await world.call("emsp"), key, wanted)
    except Refusal as refusal:
        return refusal


async def booked(world: World, wanted: NewBooking, key: str | None = None) -> Booking:
    made = await outcome(await world.call("emsp"), wanted, key)
    assert isinstance(made, Booking)
    return made


async def test_the_same_key_and_input_return_the_first_booking(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    key = a_key()
    first = await booked(world, a_request(offer), key)

    again = await booked(world, a_request(offer), key)

    assert again == first
    assert await ask(dsn, BOOKINGS) == 1
    assert await ask(dsn, EVENTS) == 1


async def test_the_same_moment_under_another_offset_is_the_same_input(world: World, offer: BookingLocation) -> None:
    document = "mutation ($input: BookingCreateInput!) { bookingCreate(input: $input) { ... on Booking { id } } }"
    wanted = {"idempotencyKey": a_key(), "bookingLocationId": offer.id}
    utc = {"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00Z"}
    local = {"startDateTime": "2026-12-01T11:00:00+01:00", "endDateTime": "2026-12-01T12:00:00.000+01:00"}

    first = await world.execute("emsp", document, input={**wanted, "period": utc})
    again = await world.execute("emsp", document, input={**wanted, "period": local})

    assert first.errors == []
    assert first.data["bookingCreate"]["id"]
    assert again == first


async def test_the_first_booking_comes_again_as_it_is_now(world: World, offer: BookingLocation) -> None:
    key = a_key()
    first = await booked(world, a_request(offer), key)
    await canceled(world, first, a_key())
    world.later(at(12))

    again = await booked(world, a_request(offer), key)

    assert again.id == first.id
    assert again.status is ReservationStatus.CANCELED


async def test_a_refusal_comes_again_even_when_the_slot_is_free_by_then(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    held = [await booked(world, a_request(offer)) for _ in range(2)]
    key = a_key()
    refused = await outcome(await world.call("emsp"), a_request(offer), key)
    await canceled(world, held[0], a_key())

    again = await outcome(await world.call("emsp"), a_request(offer), key)
    under_another_key = await outcome(await world.call("emsp"), a_request(offer), a_key())

    assert refused == SlotTaken(offer.id, TEN_TO_ELEVEN, NEAR)
    assert again == refused
    assert isinstance(under_another_key, Booking)
    assert await ask(dsn, BOOKINGS) == 3


@pytest.mark.parametrize("wrong", ["period", "demand"])
async def test_every_refusal_comes_again_with_all_its_fields(
    world: World, offer: BookingLocation, wrong: str
) -> None:
    wishes = {
        "period": a_request(offer, hours(10, 19)),
        "demand": a_request(offer, demand=Demand(connector_type="CHADEMO", vehicle=Vehicle(length=2500))),
    }
    expected = {
        "period": OutsideCalendar(offer.id, hours(10, 19), "the longest booking takes 240 minutes"),
        "demand": DoesNotFit(offer.id, ["CONNECTOR_TYPE", "VEHICLE_TOO_LONG"]),
    }
    key = a_key()

    came = [await outcome(await world.call("emsp"), wishes[wrong], key) for _ in range(2)]

    assert came == [expected[wrong]] * 2


async def test_another_input_under_a_used_key_is_refused(world: World, dsn: str, offer: BookingLocation) -> None:
    key = a_key()
    first = await booked(world, a_request(offer), key)

    later = await outcome(await world.call("emsp"), a_request(offer, hours(12, 13)), key)
    pinned = await outcome(await world.call("emsp"), a_request(offer, evse_id="NL*ABC*LOC1*E1"), key)
    again = await booked(world, a_request(offer), key)

    assert [later, pinned] == [IdempotencyConflict(key)] * 2
    assert again == first
    assert await ask(dsn, BOOKINGS) == 1


async def test_another_input_under_the_key_of_a_refusal_is_refused(world: World, offer: BookingLocation) -> None:
    key = a_key()
    await outcome(await world.call("emsp"), a_request(offer, hours(10, 19)), key)

    came = await outcome(await world.call("emsp"), a_request(offer), key)

    assert came == IdempotencyConflict(key)


async def test_a_key_that_made_a_booking_cannot_cancel_it(world: World, offer: BookingLocation) -> None:
    key = a_key()
    made = await booked(world, a_request(offer), key)

    came = await canceled(world, made, key)

    assert came == IdempotencyConflict(key)
    assert (await bookings.get(await world.call("emsp"), made.object_id)).status is ReservationStatus.RESERVED


async def test_fifty_of_one_key_at_once_make_one_booking(world: World, dsn: str, offer: BookingLocation) -> None:
    outcomes = await rush(world, dsn, [a_request(offer)] * AT_ONCE, [a_key()] * AT_ONCE)

    assert counted(outcomes) == {"Booking": AT_ONCE}
    assert len({one.id for one in outcomes if isinstance(one, Booking)}) == 1
    assert await ask(dsn, BOOKINGS) == 1
    assert await ask(dsn, "SELECT count(*) FROM allocation") == 1
    assert await ask(dsn, EVENTS) == 1


async def test_fifty_of_one_key_at_once_are_refused_alike(world: World, dsn: str, offer: BookingLocation) -> None:
    for _ in range(2):
        await booked(world, a_request(offer))

    outcomes = await rush(world, dsn, [a_request(offer)] * AT_ONCE, [a_key()] * AT_ONCE)

    assert outcomes == [SlotTaken(offer.id, TEN_TO_ELEVEN, NEAR)] * AT_ONCE
    assert await ask(dsn, BOOKINGS) == 2


async def test_two_inputs_of_one_key_at_once_make_one_booking(world: World, dsn: str, offer: BookingLocation) -> None:
    wishes = [a_request(offer, hours(10, 11)), a_request(offer, hours(12, 13))] * (AT_ONCE // 2)

    outcomes = await rush(world, dsn, wishes, [a_key()] * AT_ONCE)

    assert counted(outcomes) == {"Booking": AT_ONCE // 2, "IdempotencyConflict": AT_ONCE // 2}
    assert len({one.id for one in outcomes if isinstance(one, Booking)}) == 1
    assert await ask(dsn, BOOKINGS) == 1


@pytest.mark.parametrize("pair", [("emsp", "other_emsp"), ("fleet", "other_fleet"), ("emsp", "fleet")], ids="-".join)
async def test_the_keys_of_two_callers_are_apart(
    world: World, dsn: str, offer: BookingLocation, pair: tuple[str, str]
) -> None:
    key = a_key()

    made = [await outcome(await world.call(name), a_request(offer), key) for name in pair]

    assert counted(made) == {"Booking": 2}
    assert await ask(dsn, BOOKINGS) == 2
    assert await ask(dsn, "SELECT count(DISTINCT request_id) FROM booking") == 1


async def test_a_cancellation_that_is_sent_again_returns_the_canceled_booking(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    made = await booked(world, a_request(offer))
    key = a_key()

    first, again = [await canceled(world, made, key) for _ in range(2)]
    under_another_key = await canceled(world, made, a_key())

    assert isinstance(first, Booking)
    assert first.status is ReservationStatus.CANCELED
    assert again == first
    assert under_another_key == AlreadyFinal("CANCELED")
    assert await ask(dsn, REQUESTS) == 2


async def test_a_declined_cancellation_that_is_sent_again_is_noted_once(
    world: World, dsn: str, offer: BookingLocation
) -> None:
    made = await booked(world, a_request(offer))
    world.later(at(10.25))
    key = a_key()

    came = [await canceled(world, made, key) for _ in range(3)]

    assert came == [CutOffPassed(at(10))] * 3
    assert await ask(dsn, REQUESTS) == 2


async def test_an_old_status_report_that_is_sent_again_changes_nothing(world: World, offer: BookingLocation) -> None:
    call = await world.call("cpo")
    old, key = StatusReport("NL*ABC*LOC1*E1", Status.INOPERATIVE, None), a_key()
    await evses.report_status(call, key, old)
    await evses.report_status(call, a_key(), StatusReport("NL*ABC*LOC1*E1", Status.AVAILABLE, None))

    _, evse = await evses.report_status(call, key, old)

    assert evse.status is Status.AVAILABLE


@pytest.mark.parametrize("key", ["", "k" * 37, "ключ", "a\nb"], ids=["none", "long", "letters", "control"])
async def test_a_key_that_does_not_fit_the_standard_is_bad_input(
    world: World, dsn: str, offer: BookingLocation, key: str
) -> None:
    with pytest.raises(BadInput, match="An idempotencyKey has 1 to 36 printable ASCII characters"):
        await bookings.create(await world.call("emsp"), key, a_request(offer))

    assert await ask(dsn, "SELECT count(*) FROM idempotency") == 0
