"""The running `postgres` process: its settings, when it is ready, and how it is stopped."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from server.embedded import child
from server.embedded.account import Account
from server.embedded.cluster import NAME, reason
from server.embedded.errors import EmbeddedPostgresError
from server.embedded.folder import BUSY_SECONDS, POLL_SECONDS, pid_file
from server.embedded.sockets import PORT

READY_SECONDS = 300.0
"""A crash may have to be recovered from first, which is never cut short lightly."""
FAST_STOP_SECONDS = 10.0
IMMEDIATE_STOP_SECONDS = 5.0
RETRY_SECONDS = 0.1
HELD = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
"""What PostgreSQL says while processes of a killed server are still ending."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """How to start PostgreSQL on one cluster."""

    binaries: Path
    data_dir: Path
    account: Account
    socket_dir: Path
    durable: bool

    @property
    def log(self) -> Path:
        """Where PostgreSQL writes its log."""
        return self.data_dir.with_name("postgres.log")

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it takes connections, or raise EmbeddedPostgresError."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            began = self.log.stat().st_size if self.log.exists() else 0
            process = self._spawn()
            try:
                if self._await_ready(process):
                    return process
            except BaseException:
                stop(process)
                raise
            said = self.log.read_bytes()[began:].decode(errors="replace")
            if time.monotonic() > deadline or not any(held in said for held in HELD):
                raise EmbeddedPostgresError(
                    f"PostgreSQL does not start on {self.data_dir} ({reason(said)}): see {self.log}."
                )
            time.sleep(RETRY_SECONDS)

    def settings(self) -> dict[str, str]:
        """The settings that this server does not leave to postgresql.conf."""
        kept = "on" if self.durable else "off"
        return {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "fsync": kept,
            "synchronous_commit": kept,
            "full_page_writes": kept,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "off",
            "log_destination": "stderr",
            "cluster_name": NAME,
        }

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = [part for name, value in self.settings().items() for part in ("-c", f"{name}={value}")]
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            argv = [str(self.binaries / "postgres"), "-D", str(self.data_dir), *options]
            return child.spawn(argv, self.account, stdin=subprocess.DEVNULL, output=descriptor)
        finally:
            os.close(descriptor)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it became ready (the sign that pg_ctl goes by), not ended."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            found = pid_file(self.data_dir)
            if found and found.pid == process.pid and found.status == "ready":
                return True
            if _ended(process, POLL_SECONDS):
                return False
        raise EmbeddedPostgresError(
            f"PostgreSQL was not ready on {self.data_dir} after {READY_SECONDS:.0f} s: see {self.log}."
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server: fast at first (clients are cut off, all is written), at once if that takes long."""
    for number, seconds in ((signal.SIGINT, FAST_STOP_SECONDS), (signal.SIGQUIT, IMMEDIATE_STOP_SECONDS)):
        process.send_signal(number)
        if _ended(process, seconds):
            return
    process.kill()
    process.wait()


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
