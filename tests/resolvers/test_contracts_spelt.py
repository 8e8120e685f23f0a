"""A fleet sees what is under its contract however that is spelt, there or in its API token; another fleet nothing."""

import pytest

from models.db import Connection
from models.errors import NotAllowed, NotFound
from models.queries.concerning import under
from models.rules.booking import BookingToken
from models.rules.booking_filter import BookingFilter
from models.rules.role import Role
from models.rules.token import TokenType, contract_key
from resolvers import bookings, charging, parties, session_requests, sessions
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.session_finding import SessionFilter
from resolvers.session_request_stop import WantedStop
from tests.factories.catalogue import an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.charging_scenes import authorized, started
from tests.resolvers.lifecycle import E1, E2, booked
from tests.resolvers.remote import a_site
from tests.world import FLEET_CONTRACT, World, a_key

pytestmark = pytest.mark.anyio

PLAIN = "NLEMSC00000001A"
SPELT = [(FLEET_CONTRACT, PLAIN), (PLAIN, FLEET_CONTRACT), (FLEET_CONTRACT, "nl*ems*c00000001*a")]
"""How the API token of a fleet has its contract, and how everything else has it."""

SITE = a_site()
OFFER = an_offer(SITE)


async def a_fleet(world: World, contract_id: str) -> None:
    """Publish a site, and let the fleet have an API token of a contract as it is spelt there."""
    await world.publish(SITE, OFFER)
    token = await parties.create_token(world.database, "NL*EMS", Role.TO, world.now, contract_ids=[contract_id])
    world.secrets["spelt"] = token


@pytest.mark.parametrize(("fleet", "token"), SPELT)
async def test_a_fleet_sees_the_sessions_and_decisions_of_its_contract_and_no_other_fleet_does(
    world: World, fleet: str, token: str
) -> None:
    await a_fleet(world, fleet)
    await published(world, a_token(contract_id=token))
    world.later(at(10))
    await authorized(world, E1)

    session = await started(world, E1)

    for caller, shown in (("spelt", [session]), ("emsp", [session]), ("other_fleet", [])):
        call = await world.call(caller)
        page = await sessions.page(call, SessionFilter(), first=50, after=None)
        decided = await charging.page(call, None, None, first=50, after=None)
        assert [one for one, _ in page.items] == shown, caller
        assert len(decided.items) == len(shown), caller
        assert await sessions.many(call, [session.object_id]) == [session if shown else None]
    assert session.parties.contract_ids == (token,)


@pytest.mark.parametrize(("fleet", "token"), SPELT)
async def test_a_fleet_stops_from_afar_what_is_charged_under_its_contract(
    world: World, fleet: str, token: str
) -> None:
    await a_fleet(world, fleet)
    await published(world, a_token(contract_id=token))
    world.later(at(10))
    session = await started(world, E1)
    wanted = WantedStop(session.object_id)

    asked = await session_requests.stop(await world.call("spelt"), a_key(), wanted)

    assert asked.session_id == session.id
    with pytest.raises(NotFound):
        await session_requests.stop(await world.call("other_fleet"), a_key(), wanted)


@pytest.mark.parametrize(("fleet", "token"), SPELT)
async def test_a_fleet_lists_and_makes_bookings_under_its_contract(world: World, fleet: str, token: str) -> None:
    await a_fleet(world, fleet)
    card = ForWhom(tokens=(BookingToken("NL", "EMS", "04A1B2C3", "RFID", token),))
    made = await booked(world, OFFER, evse_id=E1, whom=card)
    own = await booked(world, OFFER, hours(12, 13), "spelt", evse_id=E2, whom=card)

    for caller, shown in (("spelt", [made.id, own.id]), ("other_fleet", [])):
        page = await bookings.page(await world.call(caller), BookingFilter(), first=50, after=None)
        assert [one.id for one, _ in page.items] == shown, caller
    assert (await bookings.get(await world.call("spelt"), made.object_id)).id == made.id
    with pytest.raises(NotFound):
        await bookings.get(await world.call("other_fleet"), made.object_id)
    with pytest.raises(NotAllowed):
        await booked(world, OFFER, hours(14, 15), "other_fleet", whom=card)


async def test_what_is_no_emaid_keeps_its_separators(world: World) -> None:
    await a_fleet(world, "1-11")
    await published(world, a_token(contract_id="11-1"))
    await published(world, a_token("OWN", contract_id="1-11"))
    world.later(at(10))
    other = await started(world, E1)
    own = await started(world, E2, Credential("OWN", TokenType.RFID))

    page = await sessions.page(await world.call("spelt"), SessionFilter(), first=50, after=None)

    assert [one.id for one, _ in page.items] == [own.id]
    assert await sessions.many(await world.call("spelt"), [other.object_id]) == [None]


@pytest.mark.parametrize(
    "stored",
    [FLEET_CONTRACT, PLAIN, PLAIN.lower(), "NL*EMS-C00000001", "NLEMS123456", "NLEMS123456-7", "1-11", "11-1", "A*b"],
)
async def test_the_database_compares_contracts_as_the_rule_does(world: World, stored: str) -> None:
    asked = [FLEET_CONTRACT, "NLEMSC00000001", "NL-EMS-123456", "NL-EMS-1234567", "111", "1-11", "AB", "a*B"]
    for one in asked:
        async with world.database.reading() as connection:
            assert await _under(connection, one, stored) == (contract_key(one) == contract_key(stored)), one


async def _under(connection: Connection, asked: str, stored: str) -> bool:
    condition, *values = under([asked])
    statement = f"SELECT {condition.format('$1', '$2', '$3')} FROM (SELECT $4::text[] AS contract_ids) AS one"
    return bool(await connection.fetchval(statement, *values, [stored]))
