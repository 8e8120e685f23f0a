"""Places and clusters for the embedded PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.embedded import start
from tests.server.embedded.watch import ask, processes


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's user can enter, which pytest's own temporary folders do not allow it as root."""
    with tempfile.TemporaryDirectory(prefix="place-") as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        Path(name).chmod(0o755)
        data_dir = Path(name, "postgres").resolve()
        with start(data_dir, durable=False) as postgres:
            ask(postgres.dsn, "CREATE TABLE booking (id text)")
        yield data_dir


@pytest.fixture
def data_dir(cluster: Path) -> Iterator[Path]:
    """A stopped cluster with a table; the tests share it, so each uses rows of its own and leaves it stopped."""
    yield cluster
    assert processes(cluster) == set()


@pytest.fixture
def copied(data_dir: Path, place: Path) -> Path:
    """A cluster of the test's own; as root it belongs to root, as after a restored backup."""
    return shutil.copytree(data_dir, place / "postgres")
