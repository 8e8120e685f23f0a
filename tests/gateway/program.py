"""A program that the tests run beside themselves: what it says, and its end with all that it started."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

DEADLINE = 60.0
GRACE = 10.0
"""Seconds for a program to end by itself."""


class Program:
    """A running program whose output is kept."""

    def __init__(self, command: Sequence[str], settings: dict[str, str]) -> None:
        """Start it in a process group of its own, with `settings` added to the environment."""
        self._command = command
        self._said = ""
        self._ended = False
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **settings},
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
            return self._said

    def says(self, pattern: str) -> None:
        """Wait until it says what matches `pattern`; fail with all that it said if it does not."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or re.search(pattern, self._said), DEADLINE)
        assert re.search(pattern, self.log), f"{self._command} never said {pattern!r}, but:\n{self.log}"

    def stop(self) -> None:
        """Ask it to end, and kill what is left of its process group."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(GRACE)
        self._reader.join(GRACE)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._told(line, ended=False)
        self._told("", ended=True)

    def _told(self, line: str, *, ended: bool) -> None:
        with self._changed:
            self._said += line
            self._ended = ended
            self._changed.notify_all()


@contextmanager
def running(command: Sequence[str], **settings: str) -> Iterator[Program]:
    """Run a program for as long as the block lasts."""
    program = Program(command, settings)
    try:
        yield program
    finally:
        program.stop()
