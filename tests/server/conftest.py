"""The application over ASGI: one for the tests of a module that leave nothing behind, and one of a test's own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from tests.factories.catalogue import a_location, a_tariff, an_offer
from tests.server.served import Served, served


@pytest.fixture(scope="module")
async def shared(cluster: str, template: str) -> AsyncIterator[Served]:
    """The application with one published site that can be booked, for all tests of a module; write nothing."""
    name = f"shared_{uuid4().hex}"
    owner = await asyncpg.connect(cluster.format("hdv"))
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    async with served(cluster.format(name)) as one:
        location = a_location()
        await one.world.publish(location, a_tariff(), a_tariff("CHARGE"), an_offer(location))
        await one.published()
        yield one
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


@pytest.fixture
async def own(dsn: str) -> AsyncIterator[Served]:
    """The application on an empty database of this test alone."""
    async with served(dsn) as one:
        yield one


@pytest.fixture
async def untouched(shared: Served) -> AsyncIterator[None]:
    """Fail the test if the shared application has written anything in it."""
    before = await shared.written()
    yield
    assert await shared.written() == before
