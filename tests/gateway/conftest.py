"""The booking subgraph and the trips subgraph, and a gateway in front of both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.demo.network import SHOWCASE_LOCATION
from tests.gateway import trips
from tests.gateway.hive import CONTRACT, Gateway, Subgraph, composed, gateway
from tests.live.process import ServerProcess


@pytest.fixture(scope="session")
def booking_server(place: Path) -> Iterator[ServerProcess]:
    """A server with the demo network, behind the gateway."""
    one = ServerProcess(place / "behind-a-gateway")
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def fleet() -> trips.Fleet:
    """A fleet with one trip, which stops where the demo network begins."""
    stop = trips.PlannedStop(SHOWCASE_LOCATION)
    return trips.Fleet({"T1": trips.PlannedTrip("T1", "Rotterdam to Basel", [stop])})


@pytest.fixture(scope="session")
def trips_url(fleet: trips.Fleet) -> Iterator[str]:
    """Where the fleet's trips are served."""
    with trips.served(fleet) as url:
        yield url


@pytest.fixture(scope="session")
def hive(
    booking_server: ServerProcess, trips_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Hive Gateway in front of both subgraphs; book slots of your own."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "trips.graphql").write_text(trips.schema.as_str())
    outcome = composed(
        Subgraph("booking", booking_server.url, CONTRACT), Subgraph("trips", trips_url, folder / "trips.graphql")
    )
    assert outcome.returncode == 0, outcome.stderr
    (folder / "supergraph.graphql").write_text(outcome.stdout)
    with gateway(folder / "supergraph.graphql") as one:
        yield one
