"""The site of these tests, each in a database of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.ocpp.site import Site, a_site


@pytest.fixture
async def site(dsn: str) -> AsyncIterator[Site]:
    """A charger that anybody may use while it is not booked."""
    async with a_site(dsn) as one:
        yield one


@pytest.fixture
async def booked_site(dsn: str) -> AsyncIterator[Site]:
    """A charger that is for bookings only."""
    async with a_site(dsn, bookings_only=True) as one:
        yield one
