"""What else an alternative settles (BUC 2.8): requests that wait, proposals, and whoever might offer or take more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import NotAllowed
from models.rules.alternative import AlternativesPolicy
from models.rules.booking_location import Confirmation
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.role import Role
from resolvers import alternatives, bookings
from resolvers.alternative_suggesting import Suggestion
from resolvers.booking_cancel import Cancellation
from tests.factories.catalogue import a_location, an_offer, hours
from tests.resolvers.deciding import declined, lapsed, proposed
from tests.resolvers.endangered import (
    AT_FAR,
    AT_HERE,
    AT_NEAR,
    AT_OTHERS,
    HERE,
    canceled,
    endangered,
    offered,
    open_sites,
    places,
    taken,
)
from tests.resolvers.lifecycle import E1, HELD_TWICE, UNLIKE_THEIR_BOOKING, booked
from tests.resolvers.quoting import TEN_TO_ELEVEN, or_refusal
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio

ASKED = replace(AT_HERE, confirmation=Confirmation.OPERATOR)
NEAR_ASKED = replace(AT_NEAR, confirmation=Confirmation.OPERATOR)
LIVE = "SELECT string_agg(kind || ' ' || evse_id, ', ' ORDER BY evse_id) FROM allocation WHERE released_at IS NULL"
DUE = "SELECT count(*) FROM booking WHERE alternatives_due_at IS NOT NULL"
DUE_NOW = "UPDATE booking SET alternatives_due_at = $2 WHERE id = $1"
INPUT = "SELECT input ->> 'alternative_id' FROM booking_request WHERE booking_id = $1 AND kind = 'CANCEL'"
FREED = """
SELECT count(*) FROM event WHERE kind = 'AVAILABILITY_CHANGED' AND location_id = $1 AND cause = 'CANCELLATION'
"""


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was done, no charger is held twice, and every live booking has its own."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_one_that_still_waits_for_its_operator_is_given_up_for_a_new_one(world: World, dsn: str) -> None:
    await open_sites(world, ASKED)
    one = await endangered(world, dsn, await booked(world, ASKED, evse_id=E1))
    best, _ = await offered(world, one)

    new = await taken(world, best)
    old = await bookings.get(await world.call("emsp"), one.object_id)

    assert (one.status, new.status, new.replaces_id) == (
        ReservationStatus.PENDING,
        ReservationStatus.RESERVED,
        one.object_id,
    )
    assert (old.status, old.who_canceled) == (ReservationStatus.CANCELED, Role.CPO)
    created, left = old.booking_requests
    assert (created.kind, created.status, created.reason) == (
        RequestKind.CREATE,
        RequestStatus.DECLINED,
        "Its holder took an alternative.",
    )
    assert (left.kind, left.status) == (RequestKind.CANCEL, RequestStatus.ACCEPTED)
    assert await ask(dsn, LIVE) == "BOOKING NL*ABC*NEAR*E1"


async def test_one_that_waits_may_be_given_up_for_one_that_waits_too_at_the_same_bay(world: World, dsn: str) -> None:
    site = a_location(chargers={"E1": ["B1"], "E2": ["B1"]})
    offer = replace(an_offer(site), confirmation=Confirmation.OPERATOR)
    await open_sites(world, site, offer, replace(AT_OTHERS, confirmation=Confirmation.OPERATOR))
    one = await endangered(world, dsn, await booked(world, offer, evse_id=E1))
    found = await offered(world, one)

    new = await taken(world, found[0])

    assert places(found) == ["LOC1", "NEAR", "OTHERS"]
    assert (new.status, new.location_id, new.timeslot.period) == (ReservationStatus.PENDING, HERE.id, TEN_TO_ELEVEN)
    assert await ask(dsn, LIVE) == "BOOKING NL*ABC*LOC1*E2"
    assert await ask(dsn, FREED, HERE.id) == 1


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_its_operator_proposes_is_declined_by_taking_an_alternative(
    world: World, dsn: str, elsewhere: bool
) -> None:
    await open_sites(world)
    one = await booked(world, AT_HERE, evse_id=E1)
    await proposed(world, one, TEN_TO_ELEVEN, booking_location_id=AT_NEAR.id)
    await endangered(world, dsn, one)
    found = await offered(world, one)
    assert places(found) == ["NEAR", "OTHERS"]

    new = await taken(world, found[elsewhere])
    old = await bookings.get(await world.call("emsp"), one.object_id)

    answered = old.booking_requests[1]
    assert (answered.role, answered.status) == (Role.CPO, RequestStatus.DECLINED)
    assert answered.reason == "Its holder took an alternative."
    assert (new.id == one.id, new.pending) == (not elsewhere, None)
    assert await ask(dsn, LIVE) == f"BOOKING {new.location_id}*E1"
    assert await ask(dsn, DUE) == 0


async def test_a_change_that_its_holder_asked_for_is_waited_for(world: World, dsn: str) -> None:
    await open_sites(world, NEAR_ASKED)
    one = await endangered(world, dsn)
    best, other = await offered(world, one)
    await taken(world, best)

    refused = await or_refusal(taken(world, other))

    assert isinstance(refused, NotAllowed)
    assert "leave by `bookingMove`" in str(refused)


@pytest.mark.parametrize("lapses", [False, True])
async def test_after_one_was_not_confirmed_others_are_offered_and_not_that_again(
    world: World, dsn: str, lapses: bool
) -> None:
    await open_sites(world, NEAR_ASKED)
    one = await endangered(world, dsn)
    best, other = await offered(world, one)
    waiting = await taken(world, best)
    assert waiting.pending is not None
    if lapses:
        assert waiting.pending.decide_until is not None
        world.later(waiting.pending.decide_until)
        assert await lapsed(world) == 1
    else:
        await declined(world, waiting)

    found = await offered(world, one)

    assert [(each.booking_location_id, each.rank) for each in found] == [(AT_NEAR.id, 1), (AT_OTHERS.id, 2)]
    assert (found[0].id, found[0].is_open) == (best.id, False)
    assert (found[1].id != other.id, found[1].held_until) == (True, world.now + timedelta(minutes=10))
    assert (await taken(world, found[1])).booking_location_id == AT_OTHERS.id


async def test_who_took_one_is_offered_no_more_though_it_was_due(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await canceled(world)
    best, _ = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]
    await ask(dsn, DUE_NOW, one.id, world.now)

    await taken(world, best)

    assert await ask(dsn, DUE) == 0
    assert await alternatives.offer(await world.call(None)) == 0


async def test_one_booking_is_made_in_the_place_of_one(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await canceled(world)
    best, _ = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]
    await taken(world, best)
    await ask(dsn, DUE_NOW, one.id, world.now)
    others = [each for each in await offered(world, one) if each.is_open]

    refused = await or_refusal(taken(world, others[0]))

    assert isinstance(refused, NotAllowed)
    assert "has a booking of it" in str(refused)
    assert await ask(dsn, "SELECT count(*) FROM booking WHERE status = 'RESERVED'") == 1


async def test_who_was_changed_to_one_and_then_canceled_may_be_suggested_another(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    new = await taken(world, (await offered(world, one))[0])
    wanted = Cancellation(new.object_id, CanceledReason.FULL)
    await bookings.cancel(await world.call("cpo"), a_key(), wanted)
    await alternatives.suggest(await world.call("cpo"), a_key(), Suggestion(one.object_id, AT_FAR.id, hours(12, 13)))

    found = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]

    assert found[0].suggested_by == "NL*ABC"
    assert (await taken(world, found[0])).replaces_id == one.object_id


async def test_another_operators_place_is_held_for_ten_minutes_whatever_the_policy_says(
    world: World, dsn: str
) -> None:
    await open_sites(world)
    await booked(world, AT_NEAR, hours(8.5, 12))
    await alternatives.policy_set(
        await world.call("cpo"), a_key(), AlternativesPolicy(shift_minutes=60, hold_minutes=120)
    )
    one = await endangered(world, dsn)

    (best,) = await offered(world, one)

    assert (best.location_id, best.held_until) == (AT_OTHERS.location_id, world.now + timedelta(minutes=10))


async def test_the_history_of_one_that_was_given_up_says_for_what(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    _, elsewhere = await offered(world, one)
    await taken(world, elsewhere)

    left = (await bookings.get(await world.call("cpo"), one.object_id)).booking_requests[-1]

    assert (left.kind, left.status, left.fee) == (RequestKind.CANCEL, RequestStatus.ACCEPTED, None)
    assert (left.role, left.requester_id, left.decided_at) == (Role.EMSP, "NL*EMS", world.now)
    assert await ask(dsn, INPUT, one.id) == str(elsewhere.id)
