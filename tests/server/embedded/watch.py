"""What the tests of the embedded PostgreSQL look through: its SQL, its processes, and a parent to kill."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

import server

AS_ROOT = os.geteuid() == 0
DEADLINE = 30.0

PARENT = """
import os, resource, sys
from pathlib import Path
from server.embedded import EmbeddedPostgresError, start

exec(sys.argv[2])
try:
    postgres = start(Path(sys.argv[1]))
except EmbeddedPostgresError as error:
    sys.exit(str(error))
print(postgres.pid, postgres.dsn, flush=True)
sys.stdin.read()
postgres.stop()
"""


def ask(dsn: str, statement: str) -> list[tuple[object, ...]]:
    async def answer() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(answer())


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        os.sched_yield()


def processes(data_dir: Path) -> set[int]:
    """The live processes that name the folder in their command or work in it."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            named = os.fsencode(data_dir) in (entry / "cmdline").read_bytes()
            if entry.name.isdigit() and (named or (entry / "cwd").readlink() == data_dir):
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def socket_dir(dsn: str) -> Path:
    return Path(dsn.split("host=")[1].split("&")[0])


@contextmanager
def parent(data_dir: Path, *, first: str = "", path: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process that does `first`, then runs the embedded PostgreSQL until its standard input is closed."""
    paths = (path, str(Path(server.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data_dir), first],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def started(process: subprocess.Popen[str]) -> tuple[int, str]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    pid, dsn = line.split()
    return int(pid), dsn


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(DEADLINE)
