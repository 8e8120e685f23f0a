"""Which bookings of a site somebody who presents a Token might mean: none that the rule may allow is missed."""

from dataclasses import replace

import pytest

from models.queries import charging, tokens
from models.rules.booking import Booking, BookingToken
from models.rules.charging import METHODS, Presented
from models.rules.charging_match import id_of, used_token
from models.rules.token import TokenType
from resolvers.for_whom import ForWhom
from tests.factories.bookings import a_booking_token
from tests.factories.catalogue import TERMS, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.models.databases import run
from tests.resolvers.lifecycle import booked
from tests.resolvers.trips import HERE, OFFER, open_sites
from tests.world import FLEET_CONTRACT, OTHER_CONTRACT, World

pytestmark = pytest.mark.anyio

DAY = hours(6, 24)
COPIED = """
INSERT INTO booking SELECT (jsonb_populate_record(b, jsonb_build_object(
    'id', gen_random_uuid(), 'reference', 'R' || n, 'request_id', 'r' || n, 'authorization_reference', 'a' || n
))).* FROM booking b, generate_series(1, 120) AS n WHERE b.id = $1
"""
GROUPED = an_offer(HERE, booking_terms=replace(TERMS, token_groups_supported=True))


async def usable(world: World, uid: str, kind: TokenType = TokenType.RFID) -> list[tuple[Booking, BookingToken]]:
    """Return the bookings that whoever presents a uid may use, each with the Token by which that is."""
    async with world.database.reading() as connection:
        known = await tokens.presented(connection, uid, kind)
        presented = Presented(METHODS[kind], uid, kind, known=tuple(known))
        found = await charging.meant(connection, HERE.id, DAY, presented, world.now)
        named = await tokens.many(connection, [id_of(token) for one in found for token in one.tokens])
    return [(one, token) for one in found if (token := used_token(one, presented, named))]


async def test_a_booking_is_meant_by_its_tokens_and_contracts_however_they_are_written(world: World) -> None:
    await open_sites(world)
    card = await booked(world, OFFER, hours(8, 9), whom=ForWhom((a_booking_token("ab"),)))
    vehicle = a_booking_token("NL-EMS-C00000009-X", type="EMAID", contract_id="C9")
    by_vehicle = await booked(world, OFFER, hours(9, 10), whom=ForWhom((vehicle,)))
    by_contract = await booked(world, OFFER, hours(10, 11), whom=ForWhom(contract_id=FLEET_CONTRACT))
    await booked(world, OFFER, hours(11, 12), whom=ForWhom((a_booking_token("cd", contract_id=OTHER_CONTRACT),)))

    by_card = await usable(world, "AB")
    by_emaid = await usable(world, "nl*ems*c00000001*a", TokenType.EMAID)
    by_uid = await usable(world, "nlemsc00000009x", TokenType.EMAID)

    assert by_card == [(card, card.tokens[0])]
    assert [one for one, _ in by_emaid] == [card, by_contract]
    assert by_uid == [(by_vehicle, vehicle)]


async def test_a_booking_is_meant_by_what_was_published_under_its_contract_and_by_its_group(world: World) -> None:
    await open_sites(world, GROUPED)
    await published(
        world, a_token("AB", group_id="Night"), a_token("CD", contract_id=OTHER_CONTRACT, group_id="night")
    )
    await published(world, a_token("NL-EMS-C00000009-X", type=TokenType.EMAID))
    await published(world, a_token("EF", group_id="Night"), caller="other_emsp")
    one = await booked(world, GROUPED, whom=ForWhom((a_booking_token("ab"),)))

    found = [await usable(world, uid) for uid in ("CD", "EF")]
    by_vehicle = await usable(world, "NLEMSC00000009X", TokenType.EMAID)

    assert found == [[(one, a_booking_token("CD", contract_id=OTHER_CONTRACT))], []]
    assert by_vehicle == [(one, a_booking_token("NLEMSC00000009X", type="EMAID"))]


async def test_a_booking_that_names_nobody_is_meant_by_any_token_of_its_provider(world: World) -> None:
    await open_sites(world)
    await published(world, a_token("AB"))
    await published(world, a_token("CD"), caller="other_emsp")
    one = await booked(world, OFFER)

    assert await usable(world, "ab") == [(one, a_booking_token("AB"))]
    assert await usable(world, "CD") == []
    assert await usable(world, "EF") == []


async def test_of_very_many_the_nearest_is_not_missed(world: World, dsn: str) -> None:
    await open_sites(world)
    await published(world)
    long_over = await booked(world, OFFER, hours(7, 8))
    due = await booked(world, OFFER, hours(17, 18))
    await run(dsn, COPIED, long_over.id)
    world.later(at(17))

    assert due in [one for one, _ in await usable(world, "04A1B2C3")]
