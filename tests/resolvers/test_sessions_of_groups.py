"""Tokens that use the booking of another contract, as of their group: who sees what comes of that (BUC 3.1)."""

from dataclasses import replace

import pytest

from models.charging_errors import ChargingRefused
from models.errors import NotAllowed, NotFound
from models.rules.charging import ChargingRefusal
from models.rules.token import TokenType
from resolvers import charging, session_requests, sessions
from resolvers.charging_scene import Credential
from tests.factories.catalogue import TERMS, an_offer, at
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import WITH_CARD, authorized, started
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.remote import a_site, start
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

SITE = a_site()
OFFER = an_offer(SITE, booking_terms=replace(TERMS, token_groups_supported=True))
OTHERS_CARD = Credential("05D4E5F6", TokenType.RFID)


async def test_who_charges_under_another_contract_sees_the_session_and_so_does_the_holder_of_the_booking(
    world: World,
) -> None:
    await world.publish(SITE, OFFER)
    await published(world, a_token(group_id="NIGHT"))
    await published(world, a_token("05D4E5F6", contract_id=OTHER_CONTRACT, group_id="night"))
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))

    session = await started(world, E1, OTHERS_CARD)

    assert (session.booking_id, session.parties.contract_ids) == (booking.id, (FLEET_CONTRACT, OTHER_CONTRACT))
    for caller in ("cpo", "emsp", "fleet", "other_fleet"):
        assert await sessions.get(await world.call(caller), session.object_id) == session
    with pytest.raises(NotFound):
        await sessions.get(await world.call("other_emsp"), session.object_id)


async def test_a_card_of_the_booking_adds_nobody(world: World) -> None:
    await world.publish(SITE, OFFER)
    await published(world)
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(10))

    session = await started(world, E1)

    assert session.parties == booking.parties


async def test_a_fleet_starts_nothing_from_afar_at_the_expense_of_another_of_the_group(world: World) -> None:
    await world.publish(SITE, OFFER)
    await published(world, a_token(group_id="NIGHT"))
    await published(world, a_token("05D4E5F6", contract_id=OTHER_CONTRACT, group_id="night"))
    booking = await booked(world, OFFER, caller="fleet", evse_id=E1, whom=WITH_CARD)
    world.later(at(10))

    with pytest.raises(NotAllowed, match="not for that token"):
        await start(world, booking, "fleet", by=OTHERS_CARD)
    asked = await start(world, booking, "emsp", by=OTHERS_CARD)

    assert asked.token is not None
    assert asked.token.contract_id == OTHER_CONTRACT
    assert asked.parties.contract_ids == (FLEET_CONTRACT, OTHER_CONTRACT)
    for caller in ("cpo", "emsp", "fleet", "other_fleet"):
        assert await session_requests.get(await world.call(caller), asked.object_id) == asked


@pytest.mark.parametrize(
    ("hour", "evse_id", "reason"), [(10, E2, ChargingRefusal.WRONG_CHARGER), (10.75, E1, ChargingRefusal.TOO_LATE)]
)
async def test_the_fleet_of_a_card_of_the_group_is_told_that_it_was_refused(
    world: World, hour: float, evse_id: str, reason: ChargingRefusal
) -> None:
    await world.publish(SITE, OFFER)
    await published(world, a_token(group_id="NIGHT"))
    await published(world, a_token("05D4E5F6", contract_id=OTHER_CONTRACT, group_id="night"))
    booking = await booked(world, OFFER, evse_id=E1, whom=WITH_CARD)
    world.later(at(hour))

    with pytest.raises(ChargingRefused) as refused:
        await authorized(world, evse_id, OTHERS_CARD)

    assert refused.value.reason == reason
    for caller in ("cpo", "emsp", "fleet", "other_fleet"):
        page = await charging.page(await world.call(caller), None, None, first=50, after=None)
        assert [(one.booking_id, one.reason) for one, _ in page.items] == [(booking.id, reason)]
