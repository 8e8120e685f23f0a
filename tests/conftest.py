"""What every test may ask for: a real PostgreSQL, and a database of its own in it."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from models import migrations
from models.db import Database, connected
from server import embedded
from tests.world import World

ROOM_BYTES = 4_000_000_000

settings.register_profile("short", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("short"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """All tests run on asyncio, as the server does."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder that an unprivileged PostgreSQL can reach, which pytest's own folders are not."""
    path = Path(tempfile.mkdtemp(prefix="hdv-tests-", dir=_quick()))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(place: Path) -> Iterator[str]:
    """A PostgreSQL for all tests, as a connection string to fill with the name of a database."""
    with embedded.start(place / "cluster", durable=False) as started:
        yield started.dsn.replace("@/hdv?", "@/{}?")


@pytest.fixture(scope="session")
async def template(cluster: str) -> str:
    """The name of a migrated, empty database that others are copied from."""
    name = "template_migrated"
    await _execute(cluster.format("hdv"), f"CREATE DATABASE {name}")
    await migrations.upgrade(cluster.format(name))
    return name


@pytest.fixture
async def dsn(cluster: str, template: str) -> AsyncIterator[str]:
    """A migrated, empty database of this test alone."""
    async with _copied(cluster, template) as made:
        yield made


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """The test's database, connected as the server connects."""
    async with connected(dsn) as made:
        yield made


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """The test's database with the live feed, a clock that stands still, and a caller for each role."""
    async with World(database).living() as made:
        yield made


@asynccontextmanager
async def _copied(cluster: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    await _execute(cluster.format("hdv"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield cluster.format(name)
    await _execute(cluster.format("hdv"), f"DROP DATABASE {name} WITH (FORCE)")


def _quick() -> Path | None:
    """Return a folder in memory with room enough for the tests' databases, if there is one."""
    folder = Path("/dev/shm")
    if folder.is_dir() and shutil.disk_usage(folder).free > ROOM_BYTES:
        return folder
    return None


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
