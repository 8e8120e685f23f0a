"""bookingRequestReceived: an operator is told of what it has to decide on, and of nobody else's (BUC 2.6)."""

from typing import Any

import pytest

from models.events import Cursor
from models.rules.booking_location import BookingLocation
from resolvers import parties
from schema.live import write_cursor
from tests.factories.catalogue import NOW, a_location, a_tariff, an_offer, at, hours
from tests.resolvers.deciding import accepted, asked_of, confirmed, lapsed, proposed
from tests.resolvers.lifecycle import booked, change_quoted, changed
from tests.subscriptions.hearing import synced
from tests.subscriptions.streams import subscribed
from tests.world import World

pytestmark = pytest.mark.anyio

SITE = a_location()
FAR = a_location("FAR", owner=("DE", "XYZ"))
OFFER = asked_of(SITE)
OF_FAR = asked_of(FAR)
AT_ONCE = an_offer(SITE, "AT-ONCE")
REQUESTS = """
subscription ($after: EventCursor) {
  bookingRequestReceived(after: $after) {
    __typename
    ... on BookingRequestReceived {
      cursor at
      booking { id status phase evse { id } }
      request { kind requestStatus role requesterId period { startDateTime } decideUntil }
    }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with sites of two operators that decide on every request."""
    await world.publish(SITE, FAR, a_tariff(), OFFER, OF_FAR, AT_ONCE)
    return world


def about(message: dict[str, Any]) -> tuple[str, str]:
    """Return which booking a message is about, and what is asked for."""
    return message["booking"]["id"], message["request"]["kind"]


async def asked(world: World, offer: BookingLocation, start: float, caller: str = "emsp") -> str:
    """Ask for a booking of an hour, wait until everybody has heard, and return its id."""
    made = await booked(world, offer, hours(start, start + 1), caller)
    await synced(world.feed)
    return made.object_id


async def test_what_waits_comes_first_then_each_request_as_it_arrives(site: World) -> None:
    first, second = await asked(site, OFFER, 10), await asked(site, OFFER, 12)
    site.later(at(6.25))

    async with subscribed(site, "cpo", REQUESTS) as stream:
        waited = [await stream.next(), await stream.next()]
        arrived = await asked(site, OFFER, 14)
        live = await stream.next()

    assert {about(one) for one in waited} == {(first, "CREATE"), (second, "CREATE")}
    assert [one["cursor"] is None for one in (*waited, live)] == [True, False, False]
    assert about(live) == (arrived, "CREATE")
    assert (waited[0]["at"], live["at"]) == ("2026-12-01T06:00:00Z", "2026-12-01T06:15:00Z")
    assert live["booking"]["phase"] == "AWAITING_OPERATOR"
    assert live["booking"]["evse"] == {"id": "NL*ABC*LOC1*E1"}
    assert live["request"] == {
        "kind": "CREATE",
        "requestStatus": "PENDING",
        "role": "EMSP",
        "requesterId": "NL*EMS",
        "period": {"startDateTime": "2026-12-01T14:00:00Z"},
        "decideUntil": "2026-12-01T06:45:00Z",
    }


async def test_a_change_that_is_asked_for_is_told_too(site: World) -> None:
    one = await confirmed(site, OFFER)

    async with subscribed(site, "cpo", REQUESTS) as stream:
        waits = await asked(site, OFFER, 14)
        before = await stream.next()
        site.later(at(6.25))
        await changed(site, await change_quoted(site, one, period=hours(10.5, 11.5)))
        told = await stream.next()

    assert about(before) == (waits, "CREATE")
    assert about(told) == (one.object_id, "CHANGE")
    assert told["booking"]["phase"] == "CHANGE_PENDING"


async def test_an_operator_is_told_only_of_its_own_and_of_what_it_did_not_propose_itself(site: World) -> None:
    reserved = await booked(site, AT_ONCE, hours(16, 17))
    await proposed(site, reserved, hours(17, 18))
    await asked(site, OF_FAR, 10)

    async with subscribed(site, "cpo", REQUESTS) as stream:
        own = await asked(site, OFFER, 10)
        first = await stream.next()
        await asked(site, OF_FAR, 12, "other_emsp")
        await booked(site, AT_ONCE, hours(18, 19))
        another = await asked(site, OFFER, 12, "fleet")
        second = await stream.next()

    assert [about(first), about(second)] == [(own, "CREATE"), (another, "CREATE")]
    assert second["request"]["role"] == "TO"


async def test_after_a_cursor_comes_what_arrived_since_and_still_waits(site: World) -> None:
    known = await asked(site, OFFER, 8)
    async with subscribed(site, "cpo", REQUESTS) as stream:
        cursor = (await stream.next())["cursor"]
    decided = await booked(site, OFFER, hours(10, 11))
    await accepted(site, decided)
    waits = await asked(site, OFFER, 12)

    async with subscribed(site, "cpo", REQUESTS, after=cursor) as stream:
        missed = await stream.next()
        arrived = await asked(site, OFFER, 14)
        live = await stream.next()

    assert known not in (missed["booking"]["id"], live["booking"]["id"])
    assert [about(missed), about(live)] == [(waits, "CREATE"), (arrived, "CREATE")]


async def test_each_request_on_one_booking_is_told_once_and_under_its_own_moment(site: World) -> None:
    async with subscribed(site, "cpo", REQUESTS) as stream:
        waits = await asked(site, OFFER, 8)
        cursor = (await stream.next())["cursor"]
    one = await confirmed(site, OFFER)
    await synced(site.feed)
    site.later(at(6.25))
    await changed(site, await change_quoted(site, one, period=hours(10.5, 11.5)))
    last = await asked(site, OFFER, 14)

    async with subscribed(site, "cpo", REQUESTS, after=cursor) as stream:
        told = [await stream.next(), await stream.next()]

    assert waits not in [one["booking"]["id"] for one in told]
    assert [about(one) for one in told] == [(one.object_id, "CHANGE"), (last, "CREATE")]
    assert [one["at"] for one in told] == ["2026-12-01T06:15:00Z"] * 2


async def test_a_request_that_the_feed_brings_after_it_was_read_is_told_once(site: World) -> None:
    known = (await booked(site, OFFER, hours(10, 11))).object_id

    async with subscribed(site, "cpo", REQUESTS) as stream:
        first = await stream.next()
        await synced(site.feed)
        arrived = await asked(site, OFFER, 12)
        second = await stream.next()

    assert [about(first), about(second)] == [(known, "CREATE"), (arrived, "CREATE")]


async def test_what_lapsed_is_not_told(site: World) -> None:
    await asked(site, OFFER, 10)
    site.later(at(6.5))
    await lapsed(site)

    async with subscribed(site, "cpo", REQUESTS) as stream:
        waits = await asked(site, OFFER, 12)
        told = await stream.next()

    assert about(told) == (waits, "CREATE")


@pytest.mark.parametrize(
    ("caller", "code"),
    [("emsp", "FORBIDDEN"), ("fleet", "FORBIDDEN"), ("nsp", "FORBIDDEN"), (None, "UNAUTHENTICATED")],
)
async def test_nobody_but_operators_is_told(site: World, caller: str | None, code: str) -> None:
    await asked(site, OFFER, 10)

    async with subscribed(site, caller, REQUESTS) as stream:
        assert (await stream.refusal())[0] == code


async def test_a_token_that_is_revoked_ends_the_subscription_at_the_next_request(site: World) -> None:
    await asked(site, OFFER, 10)

    async with subscribed(site, "cpo", REQUESTS) as stream:
        await stream.next()
        secret = site.secrets["cpo"]
        assert secret is not None
        await parties.revoke(site.database, secret, NOW)
        await asked(site, OFFER, 12)
        code, _ = await stream.refusal()

    assert code == "UNAUTHENTICATED"


async def test_a_cursor_of_another_history_asks_to_read_afresh(site: World) -> None:
    cursor = write_cursor(Cursor("another", 1, 1))

    async with subscribed(site, "cpo", REQUESTS, after=cursor) as stream:
        assert (await stream.next())["__typename"] == "ResyncRequired"
