"""Messages to drivers: who reads them, who passes them on, and until when their text is kept (BUC 3.11)."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import BadInput, NotFound
from resolvers import driver_messages, mandates
from resolvers.driver_message_reading import MessageFilter
from resolvers.driver_messages import MessageToAcknowledge
from resolvers.for_whom import ForWhom
from resolvers.mandates import MandateToGrant, MandateToRevoke
from server import worker
from tests.factories.catalogue import NOW, a_location, an_offer, at, hours
from tests.models.databases import run
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.messaging import TEXT, acknowledged, messaged, seen_by
from tests.resolvers.quoting import or_refusal
from tests.resolvers.reminding import by_worker, by_workers
from tests.resolvers.requests import ask
from tests.resolvers.warning import walked_up
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

SITE = a_location(chargers={"E1": ["B1"], "E2": ["B2"]})
OFFER = an_offer(SITE)
TOLD = """
SELECT object_id, location_id, party_id, booker_id FROM event WHERE kind = 'DRIVER_MESSAGE_SENT' ORDER BY xid, id
"""


@pytest.fixture
async def site(world: World) -> World:
    """A world with a site of two chargers that may be used without a booking."""
    await world.publish(SITE, OFFER)
    return world


async def test_a_message_is_seen_by_its_operator_its_provider_and_the_fleet_whose_contract_it_is(site: World) -> None:
    of_fleet = await messaged(site, await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT)))
    site.later(at(6.25))
    of_others = await messaged(site, await booked(site, OFFER, whom=ForWhom(contract_id=OTHER_CONTRACT)))
    site.later(at(6.5))
    of_foreign = await messaged(site, await booked(site, OFFER, hours(11, 12), "other_emsp"))

    seen = {caller: await seen_by(site, caller) for caller in site.secrets if caller is not None}

    assert seen == {
        "cpo": [of_fleet, of_others, of_foreign],
        "other_cpo": [],
        "emsp": [of_fleet, of_others],
        "other_emsp": [of_foreign],
        "fleet": [of_fleet],
        "other_fleet": [of_others],
        "nsp": [],
        "nap": [],
        "admin": [],
    }
    names = [one.object_id for one in (of_fleet, of_others, of_foreign)]
    for caller, found in seen.items():
        known = await driver_messages.many(await site.call(caller), names)
        assert [one for one in known if one is not None] == found
    assert await driver_messages.many(await site.call(None), [*names, "X", "NL*ABC*X"]) == [None] * 5


async def test_whoever_booked_on_behalf_of_a_provider_passes_messages_on_while_its_mandate_lasts(site: World) -> None:
    given = await mandates.grant(await site.call("emsp"), a_key(), MandateToGrant("DE*EMO"))
    one = await booked(site, OFFER, caller="other_emsp", whom=ForWhom(on_behalf_of="NL*EMS"))
    sent = await messaged(site, one)

    assert await seen_by(site, "other_emsp") == await seen_by(site, "emsp") == [sent]
    assert (await acknowledged(site, sent, "other_emsp")).acknowledged_by == "DE*EMO"
    await mandates.revoke(await site.call("emsp"), a_key(), MandateToRevoke(str(given.id)))
    assert await seen_by(site, "other_emsp") == []
    assert isinstance(await or_refusal(acknowledged(site, sent, "other_emsp")), NotFound)


async def test_a_message_is_acknowledged_once_and_the_operator_sees_when(site: World, dsn: str) -> None:
    sent = await messaged(site, await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT)))
    site.later(at(6.5))

    first = await acknowledged(site, sent, "fleet")
    site.later(at(7))
    second = await acknowledged(site, sent)

    assert first == second == replace(sent, acknowledged_at=at(6.5), acknowledged_by="NL*EMS")
    assert await seen_by(site, "cpo", unacknowledged=True) == []
    assert await seen_by(site, "cpo", unacknowledged=False) == [first]
    assert [name for name, *_ in await run(dsn, TOLD)] == [sent.object_id] * 2


@pytest.mark.parametrize("caller", ["other_emsp", "other_fleet"])
async def test_a_message_to_others_cannot_be_acknowledged(site: World, caller: str) -> None:
    sent = await messaged(site, await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT)))

    assert await or_refusal(acknowledged(site, sent, caller)) == NotFound("DriverMessage", sent.object_id)
    none = MessageToAcknowledge("NL*ABC*NONE")
    unknown = await or_refusal(driver_messages.acknowledge(await site.call("emsp"), a_key(), none))
    assert unknown == NotFound("DriverMessage", "NL*ABC*NONE")


async def test_several_that_acknowledge_at_once_leave_one_acknowledgement_and_one_event(
    site: World, dsn: str
) -> None:
    sent = await messaged(site, await booked(site, OFFER, whom=ForWhom(contract_id=FLEET_CONTRACT)))

    came = await asyncio.gather(*(acknowledged(site, sent, name) for name in ["emsp", "fleet"] * 4))

    assert came == [came[0]] * 8
    assert len(await run(dsn, TOLD)) == 2


async def test_messages_are_listed_page_by_page_and_by_what_they_are_about(site: World) -> None:
    one, session = await booked(site, OFFER, evse_id=E1), await walked_up(site, evse_id=E2)
    sent = [await messaged(site, subject) for subject in (one, session, one)]
    in_order = sorted(sent, key=lambda each: str(each.id))
    call = await site.call("cpo")

    begin = await driver_messages.page(call, MessageFilter(), first=2, after=None)
    rest = await driver_messages.page(call, MessageFilter(), first=2, after=begin.items[-1][1])

    assert [each for each, _ in (*begin.items, *rest.items)] == in_order
    assert (begin.has_next, rest.has_next) == (True, False)
    assert {each.id for each in await seen_by(site, "cpo", booking_id=one.object_id)} == {sent[0].id, sent[2].id}
    assert await seen_by(site, "cpo", session_id=session.object_id) == [sent[1]]
    assert await seen_by(site, "cpo", booking_id="NL*ABC*NONE") == []
    with pytest.raises(BadInput):
        await driver_messages.page(call, MessageFilter(), first=2, after=("x",))


async def test_the_text_of_a_message_is_forgotten_after_ninety_days_by_any_number_of_workers(
    site: World, dsn: str
) -> None:
    one = await booked(site, OFFER)
    old = [await messaged(site, one) for _ in range(4)]
    site.later(at(7))
    younger = await messaged(site, one)
    site.later(NOW + timedelta(days=90))

    assert driver_messages.forget in worker.DUTIES
    assert await driver_messages.forget(by_worker(site)) == 4

    texts = {each.id: each.text for each in await seen_by(site, "cpo")}
    assert texts == {younger.id: TEXT, **{each.id: None for each in old}}
    assert await driver_messages.forget(by_worker(site)) == 0
    assert await ask(dsn, "SELECT count(*) FROM driver_message WHERE text LIKE '%truck%'") == 1


async def test_two_workers_at_once_forget_each_text_once(site: World, dsn: str) -> None:
    one = await booked(site, OFFER)
    for _ in range(12):
        await messaged(site, one)
    site.later(NOW + timedelta(days=90))

    async with AsyncExitStack() as stack:
        calls = await by_workers(site, dsn, 2, stack)
        shares = await asyncio.gather(*(driver_messages.forget(call) for call in calls))

    assert sum(shares) == 12


async def test_what_waits_is_of_the_last_day_and_not_acknowledged(site: World) -> None:
    one = await booked(site, OFFER)
    await messaged(site, one)
    site.later(at(7))
    second, third = await messaged(site, one), await messaged(site, one)
    await acknowledged(site, third)
    site.later(at(30.5))

    assert await driver_messages.waiting(await site.call("emsp")) == [second]
    assert await driver_messages.waiting(await site.call("nsp")) == []
