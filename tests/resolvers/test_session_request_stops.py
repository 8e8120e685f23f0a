"""Stopping from afar, who reads what was asked, and what becomes of that when bookings move or mandates end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.charging_errors import SessionOver
from models.errors import NotAllowed, NotFound
from models.rules.parties import Parties
from models.rules.session import SessionStatus, StopReason
from models.rules.session_request import SessionRequestKind, SessionRequestStatus
from resolvers import mandates, session_requests
from resolvers.call import Call
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant
from tests.factories.catalogue import NOW, a_tariff, an_offer, at
from tests.factories.tokens import published
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.resolvers.remote import (
    E1,
    OF_CARD,
    OFFER,
    SITE,
    a_site,
    answered,
    at_ten,
    going_on,
    start,
    stop,
)
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with two chargers that take commands, and the card of a fleet."""
    await world.publish(SITE, a_tariff(), OFFER)
    await published(world)


async def test_a_session_that_goes_on_is_asked_to_stop(world: World) -> None:
    session = await going_on(world, await at_ten(world))

    asked = await stop(world, session, "fleet")
    accepted = await answered(world, asked)

    assert (asked.kind, asked.session_id, asked.evse_id) == (SessionRequestKind.STOP, session.id, E1)
    assert accepted.status is SessionRequestStatus.ACCEPTED


async def test_nothing_is_stopped_that_is_over_or_anothers(world: World) -> None:
    one = await at_ten(world)
    ended = await going_on(
        world,
        one,
        status=SessionStatus.COMPLETED,
        end_date_time=at(10.5),
        stop_reason=StopReason.DRIVER,
        occupied_until=None,
    )

    with pytest.raises(SessionOver) as over:
        await stop(world, ended)
    for caller in ("other_emsp", "other_fleet"):
        with pytest.raises(NotFound):
            await stop(world, ended, caller)

    assert over.value == SessionOver(ended.object_id, at(10.5))


async def test_a_fleet_stops_only_what_is_charged_under_its_contracts(world: World) -> None:
    both = Parties("NL*ABC", "NL*EMS", None, (FLEET_CONTRACT, OTHER_CONTRACT))
    of_fleet = (await at_ten(world)).tokens[0]
    session = await going_on(world, parties=both, token=of_fleet)

    with pytest.raises(NotAllowed, match="contract"):
        await stop(world, session, "other_fleet")

    assert (await stop(world, session, "fleet")).status is SessionRequestStatus.PENDING


async def test_requests_are_read_by_whom_they_concern_and_by_nobody_else(world: World) -> None:
    asked = await start(world, await at_ten(world))

    for caller in ("cpo", "emsp", "fleet"):
        call = await world.call(caller)
        assert await session_requests.get(call, asked.object_id) == asked
        assert await _listed(call) == [asked.object_id]
        assert await session_requests.waiting(call) == [asked]
    for caller in ("other_cpo", "other_emsp", "other_fleet", "nsp"):
        call = await world.call(caller)
        with pytest.raises(NotFound):
            await session_requests.get(call, asked.object_id)
        assert await _listed(call) == []
        assert await session_requests.waiting(call) == []
    with pytest.raises(NotFound):
        await answered(world, asked, caller="other_cpo")


async def test_requests_are_listed_by_status_page_by_page_in_the_order_of_time(world: World) -> None:
    one = await at_ten(world)
    made = []
    for _ in range(3):
        asked = await start(world, one)
        made.append(asked.object_id)
        await answered(world, asked, accepted=False, reason="Not yet.")
        world.later(world.now + timedelta(seconds=1))
    waits = await start(world, one)
    call = await world.call("cpo")

    rejected = await session_requests.page(call, [SessionRequestStatus.REJECTED], first=2, after=None)
    rest = await session_requests.page(call, [], first=2, after=rejected.items[-1][1])

    assert [request.object_id for request, _ in rejected.items] == made[:2]
    assert [request.object_id for request, _ in rest.items] == [made[2], waits.object_id]
    assert (rejected.has_next, rest.has_next) == (True, False)


async def test_whoever_books_for_another_starts_while_its_mandate_is_valid(world: World) -> None:
    await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO", (), at(10.25)))
    on_behalf = ForWhom(on_behalf_of="NL*EMS", contract_id=FLEET_CONTRACT)
    one = await at_ten(world, "other_emsp", whom=on_behalf)

    asked = await start(world, one, "other_emsp")

    assert asked.parties == Parties("NL*ABC", "NL*EMS", "DE*EMO", (FLEET_CONTRACT,))
    assert await session_requests.get(await world.call("other_emsp"), asked.object_id) == asked
    world.later(at(10.25))
    for late in (
        start(world, one, "other_emsp"),
        session_requests.get(await world.call("other_emsp"), asked.object_id),
    ):
        with pytest.raises(NotFound):
            await late


async def test_a_booking_that_was_asked_to_start_in_vain_can_still_move_elsewhere(world: World) -> None:
    early = replace(OFFER.terms, early_start_allowed=True, early_start_time=240)
    elsewhere = a_site("LOC2")
    await world.publish(elsewhere, an_offer(SITE, terms=early, last_updated=NOW), an_offer(elsewhere))
    one = await booked(world, OFFER, whom=OF_CARD, evse_id=E1)
    asked = await start(world, one)
    await answered(world, asked, accepted=False, reason="Not yet.")

    quote = await change_quoted(world, one, booking_location_id="NL*ABC*LOC2-ANY")
    moved = await changed(world, quote)

    kept = await session_requests.get(await world.call("cpo"), asked.object_id)
    assert moved.location_id == "NL*ABC*LOC2"
    assert (kept.location_id, kept.evse_id, kept.booking_id) == ("NL*ABC*LOC1", E1, one.id)


async def _listed(call: Call) -> list[str]:
    page = await session_requests.page(call, [], first=10, after=None)
    return [one.object_id for one, _ in page.items]
