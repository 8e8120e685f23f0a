"""Hive Gateway as a process in front of subgraphs, and what its clients ask and are told."""

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.gateway.program import DEADLINE, Program, running

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "schema" / "schema.graphql"
HIVE = HERE / "node_modules" / ".bin" / "hive-gateway"
TRANSPORT_WS = Subprotocol("graphql-transport-ws")


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph, as a composer wants it."""

    name: str
    url: str
    sdl: Path


def composed(*subgraphs: Subgraph) -> subprocess.CompletedProcess[str]:
    """Compose subgraphs; the output is the supergraph's SDL, or the errors."""
    assert HIVE.exists(), "The gateway is not installed: run `make gateway`."
    words = [word for one in subgraphs for word in (one.name, one.url, str(one.sdl))]
    command = ["node", str(HERE / "compose.mjs"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)


def headers(token: str | None) -> dict[str, str]:
    """Return what an API token is sent as: the header over HTTP, the payload of connection_init over WebSocket."""
    return {"authorization": f"Bearer {token}"} if token else {}


class Told:
    """A subscription's events, as they come."""

    def __init__(self, connection: ClientConnection, program: Program) -> None:
        """Take the socket of one subscription."""
        self._connection = connection
        self._program = program

    def next(self) -> dict[str, Any]:
        """Return what the next event carries: data, errors or both."""
        try:
            message = json.loads(self._connection.recv(timeout=DEADLINE))
        except TimeoutError:
            raise AssertionError(f"the gateway told nothing in {DEADLINE} s:\n{self._program.log}") from None
        assert message["type"] == "next", f"{message}\n{self._program.log}"
        payload: dict[str, Any] = message["payload"]
        return payload

    def data(self) -> Any:
        """Return what the next event carries, without errors."""
        payload = self.next()
        assert "errors" not in payload, f"{payload}\n{self._program.log}"
        return payload["data"]


class Gateway:
    """A gateway that runs."""

    def __init__(self, address: str, program: Program) -> None:
        """Take where it listens, as host:port."""
        self._address = address
        self._program = program

    def ask(self, document: str, token: str | None = None, **variables: object) -> dict[str, Any]:
        """Return what it answers: data, errors or both."""
        response = httpx2.post(
            f"http://{self._address}/graphql",
            json={"query": document, "variables": variables},
            headers=headers(token),
            timeout=DEADLINE,
            trust_env=False,
        )
        assert response.status_code == 200, f"{response.text}\n{self._program.log}"
        answer: dict[str, Any] = response.json()
        return answer

    def data(self, document: str, token: str | None = None, **variables: object) -> Any:
        """Return what it answers without errors."""
        answer = self.ask(document, token, **variables)
        assert "errors" not in answer, f"{answer['errors']}\n{self._program.log}"
        return answer["data"]

    @contextmanager
    def told(self, document: str, token: str | None = None, **variables: object) -> Iterator[Told]:
        """Subscribe over WebSocket for as long as the block lasts."""
        url = f"ws://{self._address}/graphql"
        with connect(url, subprotocols=[TRANSPORT_WS], open_timeout=DEADLINE, proxy=None) as connection:
            _send(connection, type="connection_init", payload=headers(token))
            assert json.loads(connection.recv(timeout=DEADLINE))["type"] == "connection_ack"
            _send(connection, type="subscribe", id="1", payload={"query": document, "variables": variables})
            yield Told(connection, self._program)


@contextmanager
def gateway(supergraph: Path) -> Iterator[Gateway]:
    """Run a gateway on a free port for as long as the block lasts."""
    host, port = "127.0.0.1", _free_port()
    config = HERE / "gateway.config.mjs"
    command = [str(HIVE), "supergraph", f"--config-path={config}", f"--host={host}", f"--port={port}"]
    with running(command, SUPERGRAPH=str(supergraph), NO_COLOR="1") as program:
        program.says("Listening on")
        yield Gateway(f"{host}:{port}", program)


def _send(connection: ClientConnection, **message: str | Mapping[str, object]) -> None:
    connection.send(json.dumps(message))


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
