"""An operator gives a booking another charger of its group, without consent and without changing what was agreed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from models.errors import AlreadyFinal, ChargerUnusable, DoesNotFit, Forbidden, NotAllowed, NotFound, SlotTaken
from models.rules.booking import Booking
from models.rules.booking_location import BookingLocation, BookingOption
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus
from models.rules.fit import Demand
from models.rules.hazard import Hazard
from models.rules.interval import Interval
from models.rules.location import Status
from models.rules.role import Role
from resolvers import bookings, evses
from resolvers.booking_cancel import Cancellation
from resolvers.evses import StatusReport
from resolvers.reassigning import Reassignment
from resolvers.revealing import Revelation
from tests.factories.catalogue import a_location, an_evse, an_offer, at, hours
from tests.resolvers.lifecycle import HELD_TWICE, UNLIKE_THEIR_BOOKING, booked
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

E1, E2, E3 = (f"NL*ABC*LOC1*E{number}" for number in (1, 2, 3))
MORNING = hours(10, 11)
TOLD = "SELECT count(*) FROM event WHERE kind = 'BOOKING_CHANGED' AND object_id = $1"
REASSIGN = """
mutation ($input: BookingReassignInput!) {
    bookingReassign(input: $input) {
        __typename
        ... on Booking { reference revision evse { id } bookingRequests { kind role } }
        ... on Problem { message }
    }
}
"""


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Each slot is held once, by the booking whose row says so."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


@pytest.fixture
async def offer(world: World) -> BookingLocation:
    """Any of three chargers."""
    place = a_location(chargers={f"E{number}": [f"B{number}"] for number in (1, 2, 3)})
    made = an_offer(place)
    await world.publish(place, made)
    return made


async def on_first(world: World, offer: BookingLocation, period: Interval = MORNING) -> Booking:
    """Return a booking of any charger that lies on E1."""
    others = [await booked(world, offer, period, evse_id=name) for name in (E2, E3)]
    made = await booked(world, offer, period)
    for one in others:
        wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
        await bookings.cancel(await world.call("emsp"), a_key(), wanted)
    return made


async def reassigned(world: World, one: Booking, evse_id: str | None = None, caller: str = "cpo") -> Booking:
    return await bookings.reassign(await world.call(caller), a_key(), Reassignment(one.object_id, evse_id))


async def test_a_booking_gets_the_charger_that_its_operator_names(
    world: World, offer: BookingLocation, dsn: str
) -> None:
    one = await on_first(world, offer)
    world.later(at(7))

    new = await reassigned(world, one, E3)

    assert (new.evse_id, new.connector_id, new.parking_bay_id) == (E3, f"{E3}*1", "NL*ABC*LOC1*B3")
    assert (new.reference, new.revision, new.price, new.tariffs) == (one.reference, 1, one.price, one.tariffs)
    assert (new.timeslot, new.evse_revealed_at, new.last_updated) == (one.timeslot, one.evse_revealed_at, at(7))
    *_, request = new.booking_requests
    assert (request.kind, request.status, request.role) == (RequestKind.REASSIGN, RequestStatus.ACCEPTED, Role.CPO)
    assert (request.requester_id, request.request_received, request.decided_at) == ("NL*ABC", at(7), at(7))
    assert await ask(dsn, TOLD, one.object_id) == 2
    asked = "SELECT input ->> 'from_evse_id' || ' ' || (input ->> 'evse_id') FROM booking_request WHERE kind = $1"
    assert await ask(dsn, asked, "REASSIGN") == f"{E1} {E3}"


async def test_a_revealed_booking_gets_any_other_charger_and_its_holder_sees_which(
    world: World, offer: BookingLocation
) -> None:
    one = await on_first(world, offer)
    await bookings.reveal(await world.call("cpo"), a_key(), Revelation(one.object_id))

    new = await reassigned(world, one)

    seen = await bookings.get(await world.call("emsp"), one.object_id)
    assert new.evse_id in {E2, E3}
    assert (seen.evse_id, seen.evse_revealed_at) == (new.evse_id, world.now)


async def test_provisional_bookings_give_room_to_one_that_is_reassigned(world: World, offer: BookingLocation) -> None:
    one = await on_first(world, offer)
    others = [await booked(world, offer, caller="other_emsp") for _ in range(2)]
    (there,) = [each for each in others if each.evse_id == E2]

    new = await reassigned(world, one, E2)

    assert new.evse_id == E2
    assert (await bookings.get(await world.call("cpo"), there.object_id)).evse_id == E1


async def test_pinned_bookings_make_no_room(world: World, offer: BookingLocation) -> None:
    one = await on_first(world, offer)
    await booked(world, offer, hours(10.5, 11.5), evse_id=E2)

    with pytest.raises(SlotTaken):
        await reassigned(world, one, E2)


async def test_a_charger_that_was_asked_for_is_left_only_when_it_fails(world: World, offer: BookingLocation) -> None:
    one = await booked(world, offer, evse_id=E1)
    with pytest.raises(NotAllowed, match="asked for this charger"):
        await reassigned(world, one, E2)
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(E1, Status.INOPERATIVE, None))
    assert (await bookings.get(await world.call("cpo"), one.object_id)).hazard is Hazard.FAULT

    new = await reassigned(world, one, E2)

    assert (new.evse_id, new.hazard, new.alternatives_due_at, new.evse_pinned) == (E2, None, None, True)


async def test_only_what_complies_fits_and_works_is_assigned(world: World) -> None:
    place_id = "NL*ABC*LOC1"
    chargers = (
        an_evse(place_id, "E1"),
        an_evse(place_id, "E2", power=150_000),
        an_evse(place_id, "E3", standard="IEC_62196_T2_COMBO"),
        an_evse(place_id, "E4", status=Status.INOPERATIVE),
    )
    place = a_location(evses=chargers, parking_bays=())
    offer = an_offer(place, option=BookingOption(connector_types=("MCS",)))
    await world.publish(place, offer)
    one = await booked(world, offer, demand=Demand(min_power=300_000))

    with pytest.raises(DoesNotFit, match="POWER_TOO_LOW"):
        await reassigned(world, one, E2)
    with pytest.raises(DoesNotFit, match="NOT_OFFERED"):
        await reassigned(world, one, E3)
    with pytest.raises(ChargerUnusable):
        await reassigned(world, one, f"{place_id}*E4")
    with pytest.raises(NotFound, match="E9"):
        await reassigned(world, one, f"{place_id}*E9")
    with pytest.raises(NotAllowed, match="already"):
        await reassigned(world, one, E1)


async def test_only_its_operator_reassigns_a_booking_and_only_while_it_lives(
    world: World, offer: BookingLocation
) -> None:
    one = await on_first(world, offer)
    with pytest.raises(Forbidden):
        await reassigned(world, one, E2, "emsp")
    with pytest.raises(NotFound):
        await reassigned(world, one, E2, "other_cpo")
    await bookings.cancel(await world.call("emsp"), a_key(), Cancellation(one.object_id, CanceledReason.NO_CANCELED))
    with pytest.raises(AlreadyFinal):
        await reassigned(world, one, E2)


async def test_a_booking_whose_time_is_over_stays_where_it_was(world: World, offer: BookingLocation) -> None:
    one = await on_first(world, offer)
    world.later(at(11))

    with pytest.raises(AlreadyFinal):
        await reassigned(world, one, E2)


async def test_a_repeated_reassignment_is_done_once(world: World, offer: BookingLocation) -> None:
    one = await on_first(world, offer)
    key, wanted = a_key(), Reassignment(one.object_id)

    came = [await bookings.reassign(await world.call("cpo"), key, wanted) for _ in range(2)]

    assert came[0] == came[1]
    assert [request.kind for request in came[1].booking_requests] == [RequestKind.CREATE, RequestKind.REASSIGN]


async def test_bookings_that_swap_chargers_at_once_each_get_one(world: World, offer: BookingLocation) -> None:
    three = [await on_first(world, offer)] + [await booked(world, offer) for _ in range(2)]
    call = await world.call("cpo")

    came = await asyncio.gather(
        *(
            or_refusal(bookings.reassign(call, a_key(), Reassignment(one.object_id, name)))
            for one in three
            for name in (E1, E2, E3)
            if name != one.evse_id
        )
    )

    assert all(isinstance(one, Booking | NotAllowed) for one in came)
    now = [await bookings.get(call, one.object_id) for one in three]
    assert {one.evse_id for one in now} == {E1, E2, E3}
    made = sum(isinstance(one, Booking) for one in came)
    assert sum(len(one.booking_requests) - 1 for one in now) == made


async def test_a_booking_is_reassigned_by_the_api(world: World, offer: BookingLocation) -> None:
    one = await on_first(world, offer)
    asked = {"idempotencyKey": a_key(), "bookingId": one.object_id, "evseId": E2}

    answer = await world.execute("cpo", REASSIGN, input=asked)

    assert answer.errors == []
    assert answer.data["bookingReassign"] == {
        "__typename": "Booking",
        "reference": one.reference,
        "revision": 1,
        "evse": {"id": E2},
        "bookingRequests": [{"kind": "CREATE", "role": "EMSP"}, {"kind": "REASSIGN", "role": "CPO"}],
    }
    again = await world.execute("cpo", REASSIGN, input={**asked, "idempotencyKey": a_key()})
    assert again.data["bookingReassign"]["__typename"] == "NotAllowed"
