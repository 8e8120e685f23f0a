"""A database with a row in every table, which the tests of a module share."""

from collections.abc import AsyncIterator

import pytest

from tests.models.databases import made
from tests.models.furnishing import furnish


@pytest.fixture(scope="module")
async def furnished(cluster: str, template: str) -> AsyncIterator[str]:
    """Return how to connect to a database with a row in every table; leave the rows as they are."""
    async with made(cluster, template) as dsn:
        await furnish(dsn)
        yield dsn
