"""Messages to drivers as they are sent and acknowledged, told to whom they concern (BUC 3.11)."""

from typing import Any

import pytest

from models.rules.driver_message import DriverMessage
from resolvers import mandates
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.resolvers.lifecycle import booked
from tests.resolvers.messaging import acknowledged, messaged
from tests.subscriptions.streams import subscribed
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
OF_FLEET = ForWhom(contract_id=FLEET_CONTRACT)
MESSAGES = """
subscription ($after: EventCursor) {
  driverMessageReceived(after: $after) {
    __typename
    ... on DriverMessageReceived { cursor at message { id text language acknowledgedAt acknowledgedBy } }
    ... on ResyncRequired { reason }
  }
}
"""


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site of two chargers."""
    await world.publish(SITE, OFFER)


def told(message: dict[str, Any]) -> tuple[str, str, bool]:
    """Return what is told: of which message, when, and whether it is acknowledged."""
    return message["message"]["id"], message["at"][11:16], message["message"]["acknowledgedAt"] is not None


async def begun(world: World, *callers: str) -> dict[str, str]:
    """Return the place of the feed behind a message that each of the callers was told of, and acknowledged."""
    one = await booked(world, OFFER, hours(20, 21), callers[0], whom=OF_FLEET if callers[0] == "emsp" else ForWhom())
    first = await messaged(world, one)
    await world.feed.synced()
    cursors: dict[str, str] = {}
    for caller in callers:
        async with subscribed(world, caller, MESSAGES) as stream:
            message = await stream.next()
        assert message["message"]["id"] == first.object_id
        cursors[caller] = message["cursor"]
    return cursors


async def heard(world: World, caller: str, after: str, number: int) -> list[tuple[str, str, bool]]:
    """Return so many of the messages that a caller is told of after a place of the feed."""
    async with subscribed(world, caller, MESSAGES, after=after) as stream:
        return [told(await stream.next()) for _ in range(number)]


def sent_at(one: DriverMessage, moment: str, *, acknowledged: bool = False) -> tuple[str, str, bool]:
    return one.object_id, moment, acknowledged


async def test_what_waits_is_told_first_and_then_each_as_it_is_sent_and_again_once_it_is_passed_on(
    world: World,
) -> None:
    one = await booked(world, OFFER, whom=OF_FLEET)
    waits, taken = await messaged(world, one), await messaged(world, one)
    await acknowledged(world, taken)
    await world.feed.synced()

    for caller in ("emsp", "fleet", "cpo"):
        async with subscribed(world, caller, MESSAGES) as stream:
            assert told(await stream.next()) == sent_at(waits, "06:00")
            world.later(at(6.5))
            sent = await messaged(world, one)
            assert told(await stream.next()) == sent_at(sent, "06:30")
            await acknowledged(world, sent)
            assert told(await stream.next()) == sent_at(sent, "06:30", acknowledged=True)


async def test_every_party_is_told_of_its_own_and_never_of_anothers(world: World) -> None:
    after = {**await begun(world, "emsp", "fleet", "cpo"), **await begun(world, "other_emsp")}
    first = await messaged(world, await booked(world, OFFER, whom=OF_FLEET))
    second = await messaged(world, await booked(world, OFFER, hours(8, 9), "other_emsp"))
    world.later(at(7))
    third = await messaged(world, await booked(world, OFFER, hours(12, 13)))
    fourth = await messaged(world, await booked(world, OFFER, hours(13, 14), whom=OF_FLEET))
    fifth = await messaged(world, await booked(world, OFFER, hours(14, 15), "other_emsp"))
    expected = {
        "emsp": [first, third, fourth],
        "fleet": [first, fourth],
        "other_emsp": [second, fifth],
    }

    for caller, messages in expected.items():
        got = await heard(world, caller, after[caller], len(messages))
        assert [name for name, _, _ in got] == [one.object_id for one in messages]
    of_operator = [name for name, _, _ in await heard(world, "cpo", after["cpo"], 6)]
    assert of_operator[-5:] == [one.object_id for one in (first, second, third, fourth, fifth)]


async def test_whoever_resumes_is_told_what_it_missed_as_it_is_by_then(world: World) -> None:
    after = await begun(world, "emsp")
    one = await booked(world, OFFER, whom=OF_FLEET)
    missed = await messaged(world, one)
    world.later(at(6.5))
    await acknowledged(world, missed, "fleet")

    got = await heard(world, "emsp", after["emsp"], 2)

    assert got == [sent_at(missed, "06:00", acknowledged=True), sent_at(missed, "06:30", acknowledged=True)]


async def test_whoever_booked_on_behalf_of_another_is_told_while_its_mandate_lasts(world: World) -> None:
    given = await mandates.grant(await world.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    one = await booked(world, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    own = await booked(world, OFFER, hours(12, 13), "other_emsp")
    first = await messaged(world, one)
    await world.feed.synced()

    async with subscribed(world, "other_emsp", MESSAGES) as stream:
        assert told(await stream.next()) == sent_at(first, "06:00")
        await mandates.revoke(await world.call("emsp"), a_key(), MandateToRevoke(str(given.id)))
        await messaged(world, one)
        last = await messaged(world, own)
        assert told(await stream.next()) == sent_at(last, "06:00")


@pytest.mark.parametrize(
    ("caller", "code"),
    [(None, "UNAUTHENTICATED"), ("nsp", "FORBIDDEN"), ("nap", "FORBIDDEN"), ("admin", "FORBIDDEN")],
)
async def test_messages_are_for_operators_and_those_who_pass_them_on(
    world: World, caller: str | None, code: str
) -> None:
    async with subscribed(world, caller, MESSAGES) as stream:
        assert (await stream.refusal())[0] == code
