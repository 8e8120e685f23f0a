"""Nobody can guess what opens a gate, one by one or many at once; and all of it is forgotten (BUC 3.12)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.charging_errors import TooManyAttempts
from models.db import Connection, connected
from models.queries import attempts as stored
from models.rules.site_entry import EntryRefusal
from models.rules.token import TokenType
from resolvers import attempts, site_entries
from resolvers.attempts import LIMIT, WINDOW
from resolvers.site_entry_authorizing import Answered, Attempt
from server import worker
from tests.factories.catalogue import at
from tests.resolvers.gates import (
    FAILED,
    KEPT,
    MINUTE,
    SITE,
    enter,
    expected,
    open_sites,
    ways,
    why,
)
from tests.resolvers.quoting import or_refusal
from tests.resolvers.requests import ask
from tests.world import World, a_key

pytestmark = pytest.mark.anyio
AT_ONCE = 30


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """Sites of two operators."""
    await open_sites(world)


async def wrong(world: World, times: int, gate: str | None = None) -> None:
    """Type wrong references and codes in turn."""
    for number in range(times):
        by = {"access_code": f"{number}"} if number % 2 else {"reference": f"WRONG{number}"}
        assert (await enter(world, gate=gate, **by)).entry.reason is EntryRefusal.NO_BOOKING


async def test_after_ten_that_were_wrong_a_gate_takes_no_code_for_a_while(world: World, dsn: str) -> None:
    one = await expected(world)
    world.later(at(9.75))
    await wrong(world, LIMIT)
    kept = await ask(dsn, KEPT)

    for by in ({"access_code": one.access_code}, {"reference": one.reference}, {"access_code": "0"}):
        with pytest.raises(TooManyAttempts) as refused:
            await enter(world, **by)
        assert refused.value.until == at(9.75) + WINDOW

    assert (await ask(dsn, FAILED), await ask(dsn, KEPT)) == (LIMIT, kept)
    world.later(at(9.75) + WINDOW - MINUTE)
    with pytest.raises(TooManyAttempts):
        await enter(world, access_code=one.access_code)
    world.later(at(9.75) + WINDOW)
    assert await why(world, access_code=one.access_code) is None
    await wrong(world, 1)
    assert await ask(dsn, FAILED) == 1, "it counts anew"


async def test_meanwhile_cameras_readers_and_other_gates_go_on(world: World) -> None:
    one = await expected(world)
    world.later(at(9.75))
    await wrong(world, LIMIT, "North")

    by_plate, by_code, by_card, by_reference = ways(one)

    assert await why(world, gate="North", **by_plate) is None
    assert await why(world, gate="North", **by_card) is None
    assert await why(world, gate="South", **by_code) is None
    assert await why(world, **by_reference) is None
    assert isinstance(await or_refusal(enter(world, gate="North", **by_code)), TooManyAttempts)


async def test_plates_and_cards_that_nobody_knows_and_codes_out_of_time_are_no_guesses(
    world: World, dsn: str
) -> None:
    one = await expected(world)
    for _ in range(LIMIT + 2):
        assert await why(world, license_plate="UNKNOWN") is EntryRefusal.NO_BOOKING
        assert await why(world, uid="UNKNOWN", type=TokenType.RFID) is EntryRefusal.NO_BOOKING
        assert await why(world, access_code=one.access_code) is EntryRefusal.TOO_EARLY

    assert await ask(dsn, FAILED) == 0


async def test_a_refusal_for_too_many_is_remembered_for_its_key(world: World) -> None:
    one, key = await expected(world), a_key()
    world.later(at(9.75))
    await wrong(world, LIMIT)
    first = await or_refusal(enter(world, key, access_code=one.access_code))
    world.later(at(10))

    assert await or_refusal(enter(world, key, access_code=one.access_code)) == first
    assert isinstance(first, TooManyAttempts)


async def test_many_that_guess_at_one_moment_find_out_no_more_than_one_by_one(world: World, dsn: str) -> None:
    one = await expected(world)
    world.later(at(9.75))
    guesses = [Attempt(SITE.id, access_code=f"{number}") for number in range(AT_ONCE)]

    async with connected(dsn, connections=AT_ONCE) as database:
        call = replace(await world.call("cpo"), database=database)
        came = await asyncio.gather(*(or_refusal(site_entries.authorize(call, a_key(), guess)) for guess in guesses))

    assert Counter(type(each) for each in came) == {Answered: LIMIT, TooManyAttempts: AT_ONCE - LIMIT}
    assert (await ask(dsn, FAILED), await ask(dsn, KEPT)) == (LIMIT, LIMIT)
    assert isinstance(await or_refusal(enter(world, access_code=one.access_code)), TooManyAttempts)


async def tried(database: Any, world: World, *, alone: bool, atomic: bool, ready: asyncio.Barrier) -> bool:
    """Try a code as a gate does, with or without waiting for others; return whether it was looked up."""
    place, door = SITE.id, attempts.gate(None)

    async def work(connection: Connection) -> bool:
        if alone:
            await ready.wait()
            await stored.own(connection, place, door)
        known = await stored.since(connection, place, door, WINDOW, LIMIT, world.now)
        count = await connection.fetchval("SELECT count FROM failed_attempt")
        if not alone:
            await ready.wait()
        if known is not None:
            return False
        if atomic:
            await stored.failed(connection, place, door, WINDOW, world.now)
        else:
            await connection.execute("UPDATE failed_attempt SET count = $1", count + 1)
        return True

    return bool(await database.write(work))


@pytest.mark.parametrize(
    ("alone", "atomic", "looked_up", "counted"),
    [(True, True, LIMIT - 1, LIMIT), (False, True, AT_ONCE, AT_ONCE + 1), (False, False, AT_ONCE, 2)],
    ids=["as it is done", "without waiting for each other", "counting what was read"],
)
async def test_the_race_is_real_without_the_lock_and_without_counting_in_one_statement(
    world: World, dsn: str, alone: bool, atomic: bool, looked_up: int, counted: int
) -> None:
    await wrong(world, 1)
    ready = asyncio.Barrier(AT_ONCE)

    async with connected(dsn, connections=AT_ONCE) as database:
        each = (tried(database, world, alone=alone, atomic=atomic, ready=ready) for _ in range(AT_ONCE))
        came = await asyncio.gather(*each)

    assert (sum(came), await ask(dsn, FAILED)) == (looked_up, counted)


async def test_after_ninety_days_it_is_forgotten_who_asked(world: World, dsn: str) -> None:
    await wrong(world, 2)
    world.later(at(6) + timedelta(days=90))
    await attempts.forget(replace(await world.call("cpo"), caller=None))
    assert (await ask(dsn, KEPT), await ask(dsn, FAILED)) == (2, 2)

    world.later(at(6) + timedelta(days=90, seconds=1))
    nobodys = replace(await world.call("cpo"), caller=None)
    gone = await asyncio.gather(*(attempts.forget(nobodys) for _ in range(3)))

    assert sum(gone) == 3
    assert (await ask(dsn, KEPT), await ask(dsn, FAILED)) == (0, 0)
    assert attempts.forget in worker.DUTIES
