"""Taking an alternative (BUC 2.8): the booking is changed to it, or another takes its place, once and for free."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import AlreadyFinal, NotAllowed, NotFound, PriceChanged, SlotTaken
from models.rules.booking_location import AccessMethod, Confirmation
from models.rules.booking_state import CanceledReason, RequestKind, RequestStatus, ReservationStatus
from models.rules.location import Status
from models.rules.role import Role
from resolvers import alternatives, bookings, deciding, evses
from resolvers.alternative_taking import TakenAlternative
from resolvers.booking_cancel import Cancellation
from resolvers.deciding import Decision
from resolvers.evses import StatusReport
from resolvers.for_whom import ForWhom
from tests.factories.catalogue import TERMS, a_tariff, at
from tests.resolvers.endangered import (
    AT_HERE,
    AT_NEAR,
    AT_OTHERS,
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
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

LIVE = "SELECT string_agg(kind || ' ' || evse_id, ', ' ORDER BY evse_id) FROM allocation WHERE released_at IS NULL"


@pytest.fixture(autouse=True)
async def _sound(dsn: str) -> AsyncIterator[None]:
    """Whatever was done, no charger is held twice, and every live booking has its own."""
    yield
    assert await ask(dsn, HELD_TWICE) == 0
    assert await ask(dsn, UNLIKE_THEIR_BOOKING) == 0


async def test_a_booking_is_changed_to_what_is_held_of_its_operators(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best, other = await offered(world, one)
    key = a_key()

    new = await taken(world, best, key=key)
    again = await taken(world, best, key=key)

    assert new == again
    assert (new.id, new.revision, new.status) == (one.id, 2, ReservationStatus.RESERVED)
    assert (new.booking_location_id, new.timeslot.period, new.hazard) == (AT_NEAR.id, TEN_TO_ELEVEN, None)
    assert new.reference != one.reference
    request = new.booking_requests[-1]
    assert (request.kind, request.status, request.fee) == (RequestKind.CHANGE, RequestStatus.ACCEPTED, None)
    assert await ask(dsn, LIVE) == "BOOKING NL*ABC*NEAR*E1"
    left = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]
    assert [(each.id, each.taken_at) for each in left] == [(best.id, world.now)]
    assert isinstance(await or_refusal(taken(world, other)), NotAllowed)


async def test_after_the_cut_off_it_costs_nothing_either(world: World, dsn: str) -> None:
    terms = replace(TERMS, change_until_minutes=1440, cancel_until_minutes=1440, change_not_allowed=True)
    await open_sites(world, replace(AT_HERE, booking_terms=terms))
    one = await endangered(world, dsn)
    best, _ = await offered(world, one)

    new = await taken(world, best)

    assert (new.booking_location_id, new.booking_requests[-1].fee) == (AT_NEAR.id, None)


async def test_another_operators_slot_makes_another_booking_for_the_same_and_ends_the_old_one(
    world: World, dsn: str
) -> None:
    await open_sites(world)
    whom = ForWhom(contract_id=FLEET_CONTRACT, license_plate="12-BCD-3", reminders=(60,))
    one = await booked(world, AT_HERE, caller="fleet", whom=whom, evse_id=E1)
    await endangered(world, dsn, one)
    _, others = await offered(world, one, "fleet")

    new = await taken(world, others, "fleet")
    old = await bookings.get(await world.call("cpo"), one.object_id)

    assert (new.booking_location_id, new.cpo_id, new.timeslot.period) == (AT_OTHERS.id, "DE*XYZ", TEN_TO_ELEVEN)
    assert (new.status, new.revision, new.replaces_id) == (ReservationStatus.RESERVED, 1, one.object_id)
    assert (new.emsp_id, new.contract_ids, new.license_plate) == ("NL*EMS", (FLEET_CONTRACT,), "12-BCD-3")
    assert (old.status, old.canceled_reason, old.who_canceled) == (
        ReservationStatus.CANCELED,
        CanceledReason.BROKEN_CHARGER,
        Role.CPO,
    )
    assert old.alternatives_due_at is None
    assert await ask(dsn, LIVE) == "BOOKING DE*XYZ*OTHERS*E1"
    reminded = "SELECT count(*) FROM reminder WHERE booking_id = $1 AND minutes_before = 60"
    assert await ask(dsn, reminded, new.id) == 1


async def test_whoever_was_canceled_takes_one_and_has_another_booking_and_no_more(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await canceled(world)
    best, other = (await alternatives.offered(await world.call("emsp"), one.object_id))[1]

    new = await taken(world, best)
    old = await bookings.get(await world.call("emsp"), one.object_id)

    assert (new.id != one.id, new.replaces_id, new.booking_location_id) == (True, one.object_id, AT_NEAR.id)
    assert old.status is ReservationStatus.CANCELED
    assert isinstance(await or_refusal(taken(world, other)), NotAllowed)
    assert isinstance(await or_refusal(taken(world, best)), NotAllowed)
    assert await ask(dsn, LIVE) == "BOOKING NL*ABC*NEAR*E1"


async def test_what_is_held_no_more_is_granted_anew_if_it_is_free(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best, other = await offered(world, one)
    world.later(world.now + timedelta(minutes=15))
    await booked(world, AT_NEAR, caller="other_emsp")

    refused = await or_refusal(taken(world, best))
    new = await taken(world, other)

    assert isinstance(refused, SlotTaken)
    assert new.booking_location_id == AT_OTHERS.id


async def test_what_is_held_and_whose_charger_fails_too_is_not_granted(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best, _ = await offered(world, one)
    report = StatusReport("NL*ABC*NEAR*E1", Status.BLOCKED, None)
    await evses.report_status(await world.call("cpo"), a_key(), report)

    refused = await or_refusal(taken(world, best))

    assert type(refused).__name__ == "ChargerUnusable"
    assert (await bookings.get(await world.call("emsp"), one.object_id)).revision == 1


async def test_what_has_become_dearer_since_it_was_offered_is_not_granted_unasked(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best, _ = await offered(world, one)
    world.later(world.now + timedelta(minutes=15))
    dear = a_tariff()
    component = replace(dear.elements[0].price_components[0], price=dear.elements[0].price_components[0].price * 2)
    dear = replace(dear, last_updated=world.now)
    await world.publish(replace(dear, elements=(replace(dear.elements[0], price_components=(component,)),)))

    assert isinstance(await or_refusal(taken(world, best)), PriceChanged)


async def test_where_the_operator_confirms_the_change_waits_for_it(world: World, dsn: str) -> None:
    await open_sites(world, replace(AT_NEAR, confirmation=Confirmation.OPERATOR))
    one = await endangered(world, dsn)
    best, _ = await offered(world, one)

    waiting = await taken(world, best)
    done = await deciding.accept(await world.call("cpo"), a_key(), Decision(one.object_id))

    assert (waiting.booking_location_id, waiting.revision) == (AT_HERE.id, 1)
    assert waiting.pending is not None
    assert waiting.pending.kind is RequestKind.CHANGE
    assert (done.booking_location_id, done.revision, done.pending) == (AT_NEAR.id, 2, None)


async def test_a_live_booking_is_not_given_up_for_one_that_another_operator_has_yet_to_confirm(
    world: World, dsn: str
) -> None:
    await open_sites(world, replace(AT_OTHERS, confirmation=Confirmation.OPERATOR))
    one = await endangered(world, dsn)

    found = await offered(world, one)

    assert [each.booking_location_id for each in found] == [AT_NEAR.id]


async def test_one_that_was_canceled_may_wait_for_another_operator_to_confirm(world: World) -> None:
    await open_sites(world, replace(AT_OTHERS, confirmation=Confirmation.OPERATOR))
    one = await canceled(world)
    (elsewhere,) = [each for each in await offered(world, one) if each.booking_location_id == AT_OTHERS.id]

    new = await taken(world, elsewhere)

    assert (new.status, new.replaces_id) == (ReservationStatus.PENDING, one.object_id)


async def test_a_site_that_opens_by_plate_only_needs_one(world: World, dsn: str) -> None:
    terms = replace(TERMS, supported_access_methods=(AccessMethod.LICENSE_PLATE,))
    await open_sites(world, replace(AT_NEAR, booking_terms=terms))
    one = await endangered(world, dsn)
    best, _ = await offered(world, one)

    refused = await or_refusal(taken(world, best))
    wanted = TakenAlternative(str(best.id), "12-BCD-3")
    new = await alternatives.take(await world.call("emsp"), a_key(), wanted)

    assert isinstance(refused, NotAllowed)
    assert (new.booking_location_id, new.license_plate) == (AT_NEAR.id, "12-BCD-3")


async def test_nobody_else_takes_it_or_sees_it(world: World, dsn: str) -> None:
    await open_sites(world)
    both = ForWhom(contract_id=FLEET_CONTRACT)
    one = await booked(world, AT_HERE, caller="fleet", whom=both, evse_id=E1)
    await endangered(world, dsn, one)
    best, _ = await offered(world, one)

    for stranger in ("other_emsp", "other_fleet"):
        assert isinstance(await or_refusal(taken(world, best, stranger)), NotFound)
        with pytest.raises(NotFound):
            await alternatives.offered(await world.call(stranger), one.object_id)
    await ask(dsn, "UPDATE booking SET contract_ids = $2 WHERE id = $1", one.id, [FLEET_CONTRACT, OTHER_CONTRACT])
    assert isinstance(await or_refusal(taken(world, best, "fleet")), NotAllowed)
    assert (await taken(world, best)).booking_location_id == AT_NEAR.id


async def test_nothing_is_taken_once_the_charger_works_or_the_holder_has_canceled(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await endangered(world, dsn)
    best, other = await offered(world, one)
    await ask(dsn, "UPDATE booking SET hazard = NULL WHERE id = $1", one.id)
    relieved = await or_refusal(taken(world, best))
    wanted = Cancellation(one.object_id, CanceledReason.NO_CANCELED)
    await bookings.cancel(await world.call("emsp"), a_key(), wanted)

    assert isinstance(relieved, NotAllowed)
    assert isinstance(await or_refusal(taken(world, other)), AlreadyFinal)
    assert await ask(dsn, LIVE) is None


async def test_what_no_booking_was_offered_is_not_found(world: World) -> None:
    call = await world.call("emsp")
    for name in ("nothing", a_key()):
        assert isinstance(await or_refusal(alternatives.take(call, a_key(), TakenAlternative(name))), NotFound)


async def test_a_booking_whose_slot_begins_soon_is_changed_while_it_is_due(world: World, dsn: str) -> None:
    await open_sites(world)
    one = await booked(world, AT_HERE, evse_id=E1)
    world.later(at(10.1))
    await endangered(world, dsn, one)
    found = await offered(world, one)

    assert places(found) == ["NEAR", "OTHERS"]
    assert (await taken(world, found[0])).timeslot.period.start == at(10.25)
