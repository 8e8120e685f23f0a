"""The command line as an operator meets it: commands run as processes of their own, or at once in this one."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from server import cli

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
DEADLINE_SECONDS = 60.0


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that a refused command leaves."""
        (line,) = (self.out + self.err).splitlines()
        return line


async def hdv_booking(*arguments: str, **environment: str) -> Ran:
    """Run a command with that environment, and nothing of ours in it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HDV_", "DATABASE_URL"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.cli",
        *arguments,
        cwd=ROOT,
        env={**inherited, "COLUMNS": "200", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        raise
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def all_of(*commands: tuple[tuple[str, ...], dict[str, str]]) -> list[Ran]:
    """Run commands beside each other, as many at a time as there are cores to be hoped for."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(arguments: tuple[str, ...], environment: dict[str, str]) -> Ran:
        async with free:
            return await hdv_booking(*arguments, **environment)

    return list(await asyncio.gather(*(one(*command) for command in commands)))


async def invoked(*arguments: str, **environment: str) -> Ran:
    """Run a command in this process, where it takes no second to load; raise what it would tell and end with 1."""
    known: Mapping[str, str | None] = {"COLUMNS": "200", **environment}
    result = await asyncio.to_thread(CliRunner().invoke, cli.app, arguments, env=known)
    if isinstance(result.exception, Exception):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
