"""The worlds of these use cases: one for the tests of a file that only read, and one for each that changes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest

from models.db import connected
from tests.server.served import beside
from tests.use_cases.operators import publish_all
from tests.world import World


@dataclass(frozen=True)
class Published:
    """A database in which everything is published, to be copied, and the secrets of those who may ask."""

    cluster: str
    name: str
    secrets: dict[str | None, str | None]

    @asynccontextmanager
    async def copied(self) -> AsyncIterator[World]:
        """Yield a world in a copy of the database."""
        async with _database(self.cluster, self.name) as name, connected(self.cluster.format(name)) as database:
            world = World(database)
            world.secrets = self.secrets
            async with world.feed.following():
                yield world


@pytest.fixture(scope="session")
async def published(cluster: str, template: str) -> AsyncIterator[Published]:
    """What everybody published, once for all."""
    async with _database(cluster, template) as name:
        async with connected(cluster.format(name)) as database, World(database).living() as world:
            await publish_all(world)
        yield Published(cluster, name, world.secrets)


@pytest.fixture(scope="module")
async def market(published: Published) -> AsyncIterator[World]:
    """A world in which everything is published, for all tests of a file; none of them changes it."""
    async with published.copied() as world:
        yield world


@pytest.fixture
async def changing(published: Published) -> AsyncIterator[World]:
    """A world in which everything is published, of one test alone."""
    async with published.copied() as world:
        yield world


@asynccontextmanager
async def _database(cluster: str, template: str) -> AsyncIterator[str]:
    """Yield the name of a copy of a database that nobody is connected to."""
    name = f"use_case_{uuid4().hex}"
    async with beside(cluster.format("hdv")) as server:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield name
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
