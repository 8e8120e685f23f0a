"""Servers as processes: one that the tests share, and one of a test's own that it may kill."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.live.process import ServerProcess


@pytest.fixture(scope="session")
def live_server(place: Path) -> Iterator[ServerProcess]:
    """A server with the demo network that the tests share; leave it running, and book slots of your own."""
    one = ServerProcess(place / "live")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def own_server(place: Path) -> Iterator[ServerProcess]:
    """A server with the demo network of this test alone, which may be killed and started again."""
    one = ServerProcess(place / f"own-{uuid4().hex[:8]}")
    one.start()
    yield one
    one.kill()
    one.await_nothing_left()
