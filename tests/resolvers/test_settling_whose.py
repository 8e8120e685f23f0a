"""To whom a session on a booking is billed: to the contract it was charged under, whoever booked (BUC 4.1, 4.5)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.rules.bill import BillKind
from models.rules.session import Session
from models.rules.statement import StatementGroup
from models.rules.token import TokenType
from resolvers import statements
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.statements import WantedStatement
from tests.factories.catalogue import an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import BY_CARD, CARD, started, stopped
from tests.resolvers.lifecycle import E1, booked, replace_terms
from tests.resolvers.settling import SITE, issued, open_site, settle
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

OFFER = an_offer(SITE, "GROUPS", booking_terms=replace_terms(token_groups_supported=True))
OTHERS = replace(CARD, uid="0B0B0B0B", contract_id=OTHER_CONTRACT)
BY_OTHERS = Credential(OTHERS.uid, TokenType.RFID)


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """A site with fees, and the cards of two fleets of one provider, which stand for each other."""
    await open_site(world)
    await world.publish(OFFER)
    await published(
        world, a_token(group_id="CONVOY"), a_token(OTHERS.uid, contract_id=OTHER_CONTRACT, group_id="CONVOY")
    )


async def charged(world: World, by: Credential) -> Session:
    """Return the session of ten kilowatt-hours on the booking at ten, as it is billed."""
    world.later(at(10))
    session = await started(world, E1, by)
    world.later(at(10.5))
    session = await stopped(world, session, kwh=Decimal(10))
    await settle(world)
    return session


async def stated(world: World, fleet: str) -> list[tuple[str | None, Decimal, int]]:
    """Return, of a fleet's statement, each contract with its energy and sessions."""
    wanted = WantedStatement(hours(0, 24), (StatementGroup.CONTRACT,))
    page = await statements.page(await world.call(fleet), wanted, first=100, after=None)
    return [(one.contract_id, one.energy, one.sessions) for one, _ in page.items]


async def test_a_fleet_whose_card_charges_on_what_its_provider_booked_for_nobody_is_billed_that(world: World) -> None:
    await booked(world, OFFER, evse_id=E1)
    session = await charged(world, BY_CARD)

    (own,) = await issued(world, "fleet")
    assert (own.kind, own.bill.session_id, own.parties.contract_ids) == (
        BillKind.SESSION,
        session.id,
        (FLEET_CONTRACT,),
    )
    assert await stated(world, "fleet") == [(FLEET_CONTRACT, Decimal(10), 1)]
    assert {(cdr.kind, cdr.contract_id) for cdr in await issued(world, "emsp")} == {
        (BillKind.BOOKING, None),
        (BillKind.SESSION, FLEET_CONTRACT),
    }


async def test_whose_card_of_the_same_group_charged_is_billed_that_and_who_booked_the_booking_alone(
    world: World,
) -> None:
    await booked(world, OFFER, evse_id=E1, whom=ForWhom(tokens=(CARD,)))
    await charged(world, BY_OTHERS)

    assert [cdr.kind for cdr in await issued(world, "fleet")] == [BillKind.BOOKING]
    assert [cdr.kind for cdr in await issued(world, "other_fleet")] == [BillKind.SESSION]
    assert await stated(world, "fleet") == [(FLEET_CONTRACT, Decimal(0), 0)]
    assert await stated(world, "other_fleet") == [(OTHER_CONTRACT, Decimal(10), 1)]


async def test_what_two_fleets_booked_together_is_under_no_contract_and_what_they_charge_under_its_own(
    world: World,
) -> None:
    await booked(world, OFFER, evse_id=E1, whom=ForWhom(tokens=(CARD, OTHERS)))
    await charged(world, BY_OTHERS)

    assert await stated(world, "fleet") == [(None, Decimal(0), 0)]
    assert await stated(world, "other_fleet") == [(None, Decimal(0), 0), (OTHER_CONTRACT, Decimal(10), 1)]
