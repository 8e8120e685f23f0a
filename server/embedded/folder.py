"""The data folder and what lies beside it: its lock, and work that a killed start left half done."""

import fcntl
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from server.embedded.errors import EmbeddedPostgresError

BUSY_SECONDS = 5.0
POLL_SECONDS = 0.02
UNFINISHED = "unfinished-"


@dataclass(frozen=True, slots=True)
class PidFile:
    """What `postmaster.pid` says: the server's process and its status (starting, ready, stopping)."""

    pid: int
    status: str


def pid_file(data_dir: Path) -> PidFile | None:
    """The content of the folder's `postmaster.pid`, or None when there is none that names a process."""
    try:
        lines = (data_dir / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].lstrip("-").isdigit():
        return None
    return PidFile(abs(int(lines[0])), lines[7].strip() if len(lines) > 7 else "starting")


def live_server(data_dir: Path) -> PidFile | None:
    """The PostgreSQL that runs on the folder now, or None; a pid that another program got does not count."""
    found = pid_file(data_dir)
    return found if found and _serves(found.pid, data_dir) else None


def lock(data_dir: Path) -> int:
    """Take the lock beside `data_dir` and answer its descriptor, or raise EmbeddedPostgresError.

    It is kept for as long as the server runs, and the kernel frees it when we are killed.
    """
    descriptor = os.open(beside(data_dir, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + BUSY_SECONDS
    while not _locked(descriptor):
        holder = live_server(data_dir)
        if (holder and holder.status == "ready") or time.monotonic() > deadline:
            os.close(descriptor)
            raise busy(data_dir, holder)
        time.sleep(POLL_SECONDS)
    return descriptor


def await_free(data_dir: Path) -> None:
    """Wait while the server of a killed parent is still stopping; raise EmbeddedPostgresError if it runs on.

    A pid file that names no server of this folder is removed if PostgreSQL itself would stumble over it.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while holder := live_server(data_dir):
        if time.monotonic() > deadline:
            raise busy(data_dir, holder)
        time.sleep(POLL_SECONDS)
    stale = pid_file(data_dir)
    if stale is None or _exists(stale.pid):
        # Empty after a power cut, or its pid is now another program's: PostgreSQL would refuse to start.
        (data_dir / "postmaster.pid").unlink(missing_ok=True)


def busy(data_dir: Path, holder: PidFile | None) -> EmbeddedPostgresError:
    """The sentence for a folder that another server uses."""
    who = f"PostgreSQL (pid {holder.pid}) already runs" if holder else "Another server starts or stops"
    return EmbeddedPostgresError(
        f"{who} on the data folder {data_dir}: stop it first, or choose another data folder."
    )


def beside(data_dir: Path, kind: str) -> Path:
    """The path next to the data folder for its `kind` of file."""
    return data_dir.with_name(f"{data_dir.name}.{kind}")


def unfinished(data_dir: Path) -> Path:
    """A new folder beside the data folder for what is renamed when done; a killed start may leave it there."""
    return Path(tempfile.mkdtemp(prefix=beside(data_dir, UNFINISHED).name, dir=data_dir.parent))


def clear(data_dir: Path, kind: str) -> None:
    """Remove the folders beside the data folder whose kind begins with `kind`; the caller holds the lock."""
    prefix = beside(data_dir, kind).name
    for path in data_dir.parent.iterdir():
        if path.name.startswith(prefix):
            shutil.rmtree(path, ignore_errors=True)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _serves(pid: int, data_dir: Path) -> bool:
    """Whether `pid` is a server of this folder: it works in there (without /proc: whether it is alive)."""
    if not Path("/proc/self").exists():
        return _exists(pid)
    try:
        return _works_in(pid, data_dir)
    except (FileNotFoundError, ProcessLookupError):
        return False


def _works_in(pid: int, data_dir: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data_dir)
    except PermissionError:
        # Root without the right to look into other users' processes, as in most containers.
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
