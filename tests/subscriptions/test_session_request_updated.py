"""sessionRequestUpdated: who is concerned hears of what is asked from afar, and of nobody else's (BUC 3.9)."""

from typing import Any

import pytest

from models.events import Cursor
from models.rules.session_request import SessionRequest
from resolvers import parties, session_requests
from schema.live import write_cursor
from tests.factories.catalogue import a_tariff, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.lifecycle import booked
from tests.resolvers.remote import E1, E2, OF_CARD, OTHERS_CARD, a_site, answered, start, start_at
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import subscribed
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_site()
OFFER = an_offer(SITE)
REQUESTS = """
subscription ($after: EventCursor) {
  sessionRequestUpdated(after: $after) {
    __typename
    ... on SessionRequestUpdated {
      cursor at
      request {
        id command status evse { id } bookingId sessionId token { uid contractId } role statusReason answerUntil
      }
    }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site that takes commands, and the cards of two providers."""
    await world.publish(SITE, a_tariff(), OFFER)
    await published(world)
    await published(world, a_token("04D4E5F6", contract_id="DE-EMO-C1"), caller="other_emsp")
    return world


async def at_e1(world: World) -> SessionRequest:
    """Ask to start a booking that has begun, and wait until everybody has heard."""
    one = await booked(world, OFFER, hours(10, 11), whom=OF_CARD, evse_id=E1)
    world.later(at(10))
    made = await start(world, one)
    await synced(world.feed)
    return made


async def at_e2(world: World) -> SessionRequest:
    """Ask to start at another charger, of another provider, and wait until everybody has heard."""
    made = await start_at(world, E2, OTHERS_CARD, "other_emsp")
    await synced(world.feed)
    return made


def told(message: dict[str, Any]) -> tuple[str, str]:
    """Return which request a message is about, and what came of it."""
    return message["request"]["id"], message["request"]["status"]


async def test_what_waits_comes_first_then_each_request_as_it_is_made_and_answered(site: World) -> None:
    waits = await at_e1(site)

    async with subscribed(site, "cpo", REQUESTS) as stream:
        first = await stream.next()
        arrived = await at_e2(site)
        second = await stream.next()
        site.later(at(10) + (waits.answer_until - at(10)) / 2)
        await answered(site, waits, accepted=False, reason="The cable is cut.")
        third = await stream.next()
        site.later(arrived.answer_until)
        await session_requests.time_out(await site.call(None))
        fourth = await stream.next()

    assert [told(one) for one in (first, second, third, fourth)] == [
        (waits.object_id, "PENDING"),
        (arrived.object_id, "PENDING"),
        (waits.object_id, "REJECTED"),
        (arrived.object_id, "TIMED_OUT"),
    ]
    assert [one["at"][11:19] for one in (first, third, fourth)] == ["10:00:00", "10:00:30", "10:01:00"]
    assert first["request"] == {
        "id": waits.object_id,
        "command": "START",
        "status": "PENDING",
        "evse": {"id": E1},
        "bookingId": f"NL*ABC*{str(waits.booking_id).upper()}",
        "sessionId": None,
        "token": {"uid": "04A1B2C3", "contractId": "NL-EMS-C00000001-A"},
        "role": "EMSP",
        "statusReason": None,
        "answerUntil": "2026-12-01T10:01:00Z",
    }
    assert third["request"]["statusReason"] == "The cable is cut."


async def test_each_party_hears_only_of_what_concerns_it(site: World) -> None:
    mine = await at_e1(site)
    theirs = await at_e2(site)
    whose = {"fleet": mine, "emsp": mine, "other_emsp": theirs}
    after: dict[str, str] = {}

    for caller, one in whose.items():
        async with subscribed(site, caller, REQUESTS) as stream:
            first = await stream.next()
        assert told(first) == (one.object_id, "PENDING")
        after[caller] = first["cursor"]
    await answered(site, theirs)
    await answered(site, mine)

    for caller, one in whose.items():
        async with subscribed(site, caller, REQUESTS, after=after[caller]) as stream:
            assert told(await stream.next()) == (one.object_id, "ACCEPTED")


async def test_another_fleet_of_the_same_provider_hears_nothing(site: World) -> None:
    await at_e1(site)
    another = "NL-EMS-C00000002-B"
    await published(site, a_token("04FFFFFF", contract_id=another))

    async with subscribed(site, "other_fleet", REQUESTS) as stream:
        card = type(OTHERS_CARD)(uid="04FFFFFF", type=OTHERS_CARD.type)
        own = await start_at(site, E2, card, "other_fleet")
        first = await stream.next()

    assert told(first) == (own.object_id, "PENDING")
    assert first["request"]["token"] == {"uid": "04FFFFFF", "contractId": another}


async def test_after_a_cursor_comes_what_happened_since(site: World) -> None:
    waits = await at_e1(site)
    async with subscribed(site, "emsp", REQUESTS) as stream:
        cursor = (await stream.next())["cursor"]
    await answered(site, waits)
    await at_e2(site)

    async with subscribed(site, "emsp", REQUESTS, after=cursor) as stream:
        missed = await stream.next()

    assert told(missed) == (waits.object_id, "ACCEPTED")


async def test_a_cursor_of_another_history_asks_to_begin_anew(site: World) -> None:
    async with subscribed(site, "cpo", REQUESTS, after=write_cursor(Cursor("elsewhere", 1, 1))) as stream:
        assert (await stream.next())["__typename"] == "ResyncRequired"


@pytest.mark.parametrize(("caller", "code"), [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN")])
async def test_requests_are_for_operators_and_holders_alone(site: World, caller: str | None, code: str) -> None:
    async with subscribed(site, caller, REQUESTS) as stream:
        assert (await stream.refusal())[0] == code


async def test_whose_token_is_taken_back_hears_no_more(site: World) -> None:
    secret = site.secrets["cpo"]
    assert secret is not None
    await at_e1(site)
    async with subscribed(site, "cpo", REQUESTS) as stream:
        await stream.next()
        await parties.revoke(site.database, secret, site.now)
        await at_e2(site)

        assert (await stream.refusal())[0] == "UNAUTHENTICATED"
