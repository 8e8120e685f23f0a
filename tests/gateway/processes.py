"""Programs that the tests start: what they say, and their end with all that they started."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

DEADLINE = 60.0
GRACE = 10.0


class Program:
    """A running program whose output is kept."""

    def __init__(self, command: Sequence[str | Path], settings: Mapping[str, str]) -> None:
        """Start it in a process group of its own, with `settings` added to the environment."""
        self._command = command
        self._said: list[str] = []
        self._ended = False
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            command,
            env={**_environment(), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def log(self) -> str:
        """What it said so far."""
        with self._changed:
            return "".join(self._said)

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until it says what matches `pattern`; fail with its whole output if it does not."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or re.search(pattern, "".join(self._said)), DEADLINE)
            found = re.search(pattern, "".join(self._said))
        assert found, f"{self._command} never said {pattern!r}, but:\n{self.log}"
        return found

    def stop(self) -> None:
        """Ask it to end, and kill what is left of its process group."""
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(GRACE)
        self._reader.join(GRACE)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self._said.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


@contextmanager
def running(command: Sequence[str | Path], **settings: str) -> Iterator[Program]:
    """Run a program for as long as the block lasts."""
    program = Program(command, settings)
    try:
        yield program
    finally:
        program.stop()


def _environment() -> dict[str, str]:
    """Return the environment without what configures the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("HDV_", "DATABASE_URL"))}
