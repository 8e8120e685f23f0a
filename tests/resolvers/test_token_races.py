"""Drivers' Tokens that are published and blocked at one moment: none is there twice, and none is unblocked."""

import asyncio
from datetime import timedelta

import pytest

from models.queries import tokens as stored
from tests.factories.catalogue import NOW
from tests.factories.tokens import a_token, known, published
from tests.resolvers.drivers import CARD, blocked, page, read
from tests.resolvers.requests import ask
from tests.world import World

pytestmark = pytest.mark.anyio

DEADLINE = 10.0
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
TICK = timedelta(microseconds=1)


async def test_twenty_publications_of_one_token_at_once_make_one(world: World, dsn: str) -> None:
    wanted = [a_token("ab" if number % 2 else "AB", issuer=f"Issuer {number}") for number in range(20)]

    came = await asyncio.gather(*(published(world, one) for one in wanted))

    (last,) = (await page(world)).items
    assert last[0] in [one for (one,) in came]
    assert await ask(dsn, "SELECT count(*) FROM token") == 1
    assert last[0].last_updated == NOW + 19 * TICK


async def test_lists_in_any_order_at_once_do_not_wait_in_a_circle(world: World) -> None:
    names = [a_token(f"UID{number}") for number in range(50)]
    orders = [names, names[::-1], names[25:] + names[:25], names[::2] + names[1::2]]

    came = await asyncio.gather(*(published(world, *order) for order in orders * 3))

    assert [len(one) for one in came] == [50] * 12
    assert len((await page(world)).items) == 50


async def test_what_is_blocked_while_it_is_published_ends_blocked(world: World) -> None:
    for number in range(10):
        name = f"UID{number}"
        await published(world, a_token(name))
        again = (published(world, a_token(name, issuer="Again")) for _ in range(4))

        await asyncio.gather(*again, blocked(world, f"NL*EMS*RFID*{name}", "Lost."))

        one = await read(world, f"NL*EMS*RFID*{name}")
        assert (one.valid, one.blocked_reason, one.issuer) == (False, "Lost.", "Again")


async def test_a_publication_waits_for_another_that_may_add_the_same_token(world: World, dsn: str) -> None:
    async with world.database.transaction() as connection:
        await stored.own(connection, "NL*EMS")
        waiting = asyncio.create_task(published(world))
        async with asyncio.timeout(DEADLINE):
            while await ask(dsn, WAITING) == 0:
                pass
        assert not waiting.done()
        assert await published(world, caller="other_emsp") == [known(emsp_id="DE*EMO")]

    assert await waiting == [known()]


async def test_without_waiting_a_publication_that_found_nothing_would_unblock(world: World) -> None:
    async with world.database.transaction() as connection:
        assert await stored.locked(connection, "NL*EMS", [CARD]) == {}
        await published(world)
        await blocked(world)
        await stored.put(connection, [known()])

    assert (await read(world)).valid
