"""A server as a user runs it: a process of its own with an embedded PostgreSQL, spoken to over HTTP."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2

import server
from server.demo.loading import TOKENS_FILE
from tests.server.embedded.watch import DEADLINE, processes, until

START_DEADLINE = 90.0
"""How long a first start may take on a busy machine: initdb, migrations and the demo network."""

PROGRAM = (sys.executable, "-m", "server.cli")
OURS = re.compile(r"HDV_|DATABASE_URL$|PG")
ADDRESS = re.compile(r"Serving (http://\S+)")


class ServerProcess:
    """`hdv-booking serve` on a data folder; it may be killed, stopped and started again."""

    def __init__(self, data_dir: Path, program: Sequence[str] = PROGRAM) -> None:
        """Take a folder that PostgreSQL's user can reach, made if need be, and the program if not this checkout's."""
        self.data_dir = data_dir
        self._program = list(program)
        self._process: subprocess.Popen[str] | None = None
        self._url: str | None = None
        self._lines: list[str] = []

    @property
    def url(self) -> str:
        """Where GraphQL is served over HTTP, after a start."""
        assert self._url is not None, "the server was not started"
        return self._url

    @property
    def ws_url(self) -> str:
        """Where GraphQL is served over WebSocket."""
        return self.url.replace("http", "ws", 1)

    @property
    def tokens(self) -> dict[str, str]:
        """The demo token of each role."""
        found: dict[str, str] = json.loads((self.data_dir / TOKENS_FILE).read_text())
        return found

    @property
    def printed(self) -> str:
        """What the server wrote to its standard output so far."""
        return "\n".join(self._lines)

    @property
    def cluster_dir(self) -> Path:
        """Where its PostgreSQL keeps its data."""
        return self.data_dir / "postgres"

    def start(self, env: Mapping[str, str] | None = None) -> str:
        """Start on a free port with `env` besides, wait until it serves, and return its URL."""
        assert self._process is None, "the server runs already"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*self._program, "serve"],
                env=_environment(self.data_dir, env or {}),
                cwd=self.data_dir,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._url = self._await_address(self._process)
        return self._url

    def kill(self) -> None:
        """Kill the server with signal 9, as a machine without memory does; PostgreSQL is left to itself."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Stop the server as Ctrl-C does, and return its exit code."""
        return self._end(signal.SIGINT)

    def left_behind(self) -> set[int]:
        """Return the PostgreSQL processes that work on the data folder now."""
        return processes(self.cluster_dir.resolve())

    def await_nothing_left(self) -> None:
        """Wait until no PostgreSQL works on the data folder."""
        until(lambda: not self.left_behind())

    def client(self, role: str | None = None) -> httpx2.AsyncClient:
        """Return an HTTP client with the demo token of a role; None for no token."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return httpx2.AsyncClient(headers=headers, timeout=DEADLINE, trust_env=False)

    async def ask(self, client: httpx2.AsyncClient, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data that an operation answers, without errors."""
        response = await client.post(self.url, json={"query": document, "variables": variables})
        answer: dict[str, Any] = response.json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    @property
    def _log(self) -> Path:
        return self.data_dir / "server.log"

    def _await_address(self, process: subprocess.Popen[str]) -> str:
        told: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(process, told), daemon=True).start()
        deadline = time.monotonic() + START_DEADLINE
        try:
            while line := told.get(timeout=max(0.0, deadline - time.monotonic())):
                if found := ADDRESS.search(line):
                    return found[1]
        except queue.Empty:
            self.kill()
            raise AssertionError(f"the server did not serve in time: {self._log.read_text()}") from None
        self.kill()
        raise AssertionError(f"the server ended instead of serving: {self._log.read_text()}")

    def _read(self, process: subprocess.Popen[str], told: "queue.Queue[str | None]") -> None:
        """Read to the end, so that the server never waits for us."""
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._lines.append(line.rstrip("\n"))
                told.put(line)
        told.put(None)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(DEADLINE)
            raise AssertionError(f"the server did not end on {number.name}") from None


def _environment(data_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    paths = (str(Path(server.__file__).parents[1]), inherited.get("PYTHONPATH", ""))
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HDV_DATA_DIR": str(data_dir),
        "HDV_PORT": "0",
        **env,
    }
