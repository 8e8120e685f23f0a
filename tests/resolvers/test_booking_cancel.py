"""Until when a holder may cancel, and which holder."""

from datetime import datetime, timedelta

import pytest

from models.errors import AlreadyFinal, CutOffPassed, NotAllowed, NotFound
from models.rules.booking import Booking, BookingToken
from models.rules.booking_state import CanceledReason, RequestStatus, ReservationStatus
from models.rules.fault import Severity
from models.rules.location import Status
from resolvers import bookings, evses
from resolvers.booking_cancel import Cancellation
from resolvers.evses import FaultReport, StatusReport
from tests.factories.catalogue import a_location, an_offer, at
from tests.resolvers.requests import a_request
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

PLACE = a_location()
OFFER = an_offer(PLACE)


def token(contract_id: str) -> BookingToken:
    """Return a driver's token of a contract."""
    return BookingToken("NL", "EMS", f"uid of {contract_id[-1]}", "RFID", contract_id)


async def booked(world: World, *tokens: BookingToken) -> Booking:
    """Return a booking from 10 to 11, to be canceled until 9."""
    await world.publish(PLACE, OFFER)
    return await bookings.create(await world.call("emsp"), a_key(), a_request(OFFER, tokens=tokens))


async def cancel(world: World, caller: str, booking: Booking) -> Booking:
    """Cancel as a caller."""
    wanted = Cancellation(booking.object_id, CanceledReason.TRAFFIC)
    return await bookings.cancel(await world.call(caller), a_key(), wanted)


async def report(world: World, severity: Severity, status: Status) -> None:
    """Report a fault of the charger."""
    fault = FaultReport(None, severity, None, None)
    await evses.report_status(await world.call("cpo"), a_key(), StatusReport(PLACE.evses[0].id, status, fault))


async def test_until_the_cut_off_it_is_granted_and_then_final(world: World) -> None:
    booking = await booked(world)
    world.later(at(9))

    canceled = await cancel(world, "emsp", booking)

    assert canceled.status is ReservationStatus.CANCELED
    with pytest.raises(AlreadyFinal):
        await cancel(world, "emsp", booking)


@pytest.mark.parametrize("late", [at(9) + timedelta(seconds=1), at(10.25)])
async def test_after_the_cut_off_it_is_declined_and_kept_in_the_history(world: World, late: datetime) -> None:
    booking = await booked(world)
    world.later(late)

    with pytest.raises(CutOffPassed):
        await cancel(world, "emsp", booking)

    (now,) = [one for one in await bookings.many(await world.call("emsp"), [booking.object_id]) if one]
    assert now.status is ReservationStatus.RESERVED
    assert [one.status for one in now.booking_requests] == [RequestStatus.ACCEPTED, RequestStatus.DECLINED]


@pytest.mark.parametrize("late", [at(10.5), at(34)])
async def test_one_that_nobody_used_in_time_is_no_more_to_be_canceled(world: World, late: datetime) -> None:
    booking = await booked(world)
    world.later(late)

    with pytest.raises(AlreadyFinal):
        await cancel(world, "emsp", booking)


async def test_a_broken_charger_sets_its_holder_free_until_the_slot_is_over(world: World) -> None:
    booking = await booked(world)
    world.later(at(9.5))
    await report(world, Severity.OUT_OF_USE, Status.OUTOFORDER)

    world.later(at(10.75))

    assert (await cancel(world, "emsp", booking)).status is ReservationStatus.CANCELED


@pytest.mark.parametrize(
    ("severity", "status", "reported", "asked"),
    [
        (Severity.WARNING, Status.AVAILABLE, at(9.5), at(9.75)),
        (Severity.OUT_OF_USE, Status.OUTOFORDER, at(9.5), at(11)),
    ],
    ids=["only a warning", "asked after the slot"],
)
async def test_other_faults_do_not(
    world: World, severity: Severity, status: Status, reported: datetime, asked: datetime
) -> None:
    booking = await booked(world)
    world.later(reported)
    await report(world, severity, status)
    world.later(asked)

    with pytest.raises(CutOffPassed):
        await cancel(world, "emsp", booking)


async def test_a_fleet_cancels_what_is_all_its_own_and_nothing_else(world: World) -> None:
    shared = await booked(world, token(FLEET_CONTRACT), token(OTHER_CONTRACT))

    with pytest.raises(NotAllowed):
        await cancel(world, "fleet", shared)
    with pytest.raises(NotFound):
        await cancel(world, "other_emsp", shared)

    assert (await cancel(world, "emsp", shared)).status is ReservationStatus.CANCELED


async def test_a_fleet_is_told_its_own_tokens_and_contracts_of_a_shared_booking(world: World) -> None:
    shared = await booked(world, token(FLEET_CONTRACT), token(OTHER_CONTRACT))

    told = await world.execute(
        "fleet", "query ($id: ID!) { booking(id: $id) { contractIds tokens { contractId } } }", id=shared.object_id
    )

    assert told.errors == []
    assert told.data["booking"] == {"contractIds": [FLEET_CONTRACT], "tokens": [{"contractId": FLEET_CONTRACT}]}
