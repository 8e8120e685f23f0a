"""Every mutation is done once: sent again, many times at one moment, after a cut connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
import pytest
from graphql import GraphQLInputObjectType, get_named_type

from models.db import Connection, Database
from models.tables import metadata
from schema.build import schema
from server.auth import beginning
from tests.resolvers.charging_wishes import CHARGING_WISHES
from tests.resolvers.other_wishes import OTHER_WISHES
from tests.resolvers.wishes import WISHES, Sent, open_for_wishes
from tests.world import Answer, World, a_key

pytestmark = pytest.mark.anyio

AT_ONCE = 8
STORED = """
SELECT count(*) AS number, md5(string_agg(one.xmin::text || one.*::text, ',' ORDER BY one.*::text)) AS content
FROM "{}" one
"""
ALL = WISHES | OTHER_WISHES | CHARGING_WISHES

T = TypeVar("T")
Stored = dict[str, tuple[int, str | None]]


class Cutting(Database):
    """The same database, on the same connections; the server closes each right before it is to commit."""

    def __init__(self, database: Database) -> None:
        """Take the database to write to."""
        super().__init__(database._pool, database._engine)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction that is not committed."""

        async def cut(connection: Connection) -> T:
            result = await work(connection)
            own = await connection.fetchval("SELECT pg_backend_pid()")
            async with self.reading() as other:
                assert await other.fetchval("SELECT pg_terminate_backend($1, 5000)", own)
            return result

        return await super().write(cut)


@pytest.fixture(autouse=True)
async def sites(world: World) -> None:
    """Sites of two operators, on which everything can be asked for."""
    await open_for_wishes(world)


def fields() -> dict[str, GraphQLInputObjectType]:
    """Return the input of every mutation of the contract."""
    declared = schema._schema.mutation_type
    assert declared is not None
    found = {}
    for name, one in declared.fields.items():
        kind = get_named_type(one.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        found[name] = kind
    return found


def mutation_of(name: str) -> str:
    return name.split()[0]


async def send(world: World, name: str, sent: Sent, key: str) -> Answer:
    mutation, wish = mutation_of(name), ALL[name]
    document = f"""
    mutation ($input: {fields()[mutation].name}!) {{
      {mutation}(input: $input) {{ __typename {wish.shown} ... on Problem {{ message }} }}
    }}
    """
    return await world.execute(wish.caller, document, input={**sent, "idempotencyKey": key})


def granted(answer: Answer, name: str) -> bool:
    """Whether it was done, which its own part of the answer shows."""
    came: dict[str, Any] = answer.data[mutation_of(name)] if answer.data else {}
    return answer.errors == [] and "message" not in came and len(came) > 1


async def stored(dsn: str) -> Stored:
    """Return of every table how many rows it has, and what stands for their content and who wrote them last."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = {name: await connection.fetchrow(STORED.format(name)) for name in metadata.tables}
    finally:
        await connection.close()
    return {name: (row["number"], row["content"]) for name, row in rows.items() if row is not None}


def added(before: Stored, after: Stored) -> dict[str, int]:
    """Return how many rows there are more, by table."""
    more = {name: number - before[name][0] for name, (number, _) in after.items()}
    return {name: number for name, number in more.items() if number}


@pytest.mark.parametrize("name", ALL)
async def test_what_is_sent_again_returns_the_first_result_and_writes_nothing(
    world: World, dsn: str, name: str
) -> None:
    sent, key = await ALL[name].prepare(world), a_key()
    before = await stored(dsn)
    first = await send(world, name, sent, key)
    then = await stored(dsn)

    again = await send(world, name, sent, key)
    other = await send(world, name, sent | ALL[name].other, key)

    assert granted(first, name), first
    assert added(before, then) == {"idempotency": 1, **ALL[name].written}
    assert again == first
    assert other.data[mutation_of(name)]["__typename"] == "IdempotencyConflict", other
    assert await stored(dsn) == then


@pytest.mark.parametrize("name", ALL)
async def test_what_is_sent_eight_times_at_one_moment_is_done_once(world: World, dsn: str, name: str) -> None:
    sent, key = await ALL[name].prepare(world), a_key()
    before = await stored(dsn)

    came = await asyncio.gather(*(send(world, name, sent, key) for _ in range(AT_ONCE)))

    assert granted(came[0], name), came[0]
    assert came == [came[0]] * AT_ONCE
    assert added(before, await stored(dsn)) == {"idempotency": 1, **ALL[name].written}


@pytest.mark.parametrize("name", ALL)
async def test_what_is_sent_again_after_its_connection_was_cut_is_done_once(
    world: World, dsn: str, name: str
) -> None:
    sent, key = await ALL[name].prepare(world), a_key()
    before = await stored(dsn)
    sound = world.begin
    world.begin = beginning(Cutting(world.database), world.catalogue, lambda: world.now)
    cut = await send(world, name, sent, key)
    unchanged = await stored(dsn)
    world.begin = sound

    done, again = [await send(world, name, sent, key) for _ in range(2)]

    assert [code for code, _ in cut.errors] == ["TRY_AGAIN"]
    assert unchanged == before
    assert granted(done, name), done
    assert again == done
    assert added(before, await stored(dsn)) == {"idempotency": 1, **ALL[name].written}


async def test_every_mutation_of_the_contract_has_a_key_and_is_tested_here() -> None:
    known = fields()

    assert [name for name, kind in known.items() if "idempotencyKey" not in kind.fields] == []
    assert {mutation_of(name) for name in ALL} == set(known)
