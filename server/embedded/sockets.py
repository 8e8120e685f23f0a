"""The private folder of the Unix socket, short enough for the kernel wherever the data folder is."""

import os
import shutil
import tempfile
from pathlib import Path

from server.embedded import child
from server.embedded.account import Account
from server.embedded.errors import EmbeddedPostgresError

PORT = 5432
PREFIX = "hdv-"
MAX_PATH_BYTES = 103
"""What a socket's path may take on macOS; Linux allows 107."""


def make(account: Account) -> Path:
    """A new folder below the temporary one that only `account` may enter, or raise EmbeddedPostgresError."""
    for root in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108  the folder made there is private
        if len(os.fsencode(f"{root}/{PREFIX}12345678/.s.PGSQL.{PORT}")) > MAX_PATH_BYTES:
            continue
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        if account.switched:
            os.chown(folder, account.uid, account.gid)
        if child.can_enter(folder, account):
            return folder
        folder.rmdir()
    raise EmbeddedPostgresError(
        f"User {account.name} can reach no short temporary folder for PostgreSQL's socket: set TMPDIR to one."
    )


def recorded(lock: int) -> Path | None:
    """The socket folder that the last holder of `lock` wrote down, if any."""
    text = os.fsdecode(os.pread(lock, 4096, 0)).strip()
    return Path(text) if text else None


def record(lock: int, folder: Path | None) -> None:
    """Write down the socket folder in the lock's file, for whoever starts after we are killed."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, os.fsencode(f"{folder}\n") if folder else b"", 0)


def remove(folder: Path) -> None:
    """Remove a socket folder; anything else is left alone."""
    if folder.name.startswith(PREFIX) and folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
