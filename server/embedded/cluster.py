"""A new cluster in the data folder: made beside it and renamed, so that it is whole or absent."""

import os
import shutil
from pathlib import Path

from server.embedded import child
from server.embedded.account import Account, give
from server.embedded.errors import EmbeddedPostgresError
from server.embedded.folder import UNFINISHED, clear, unfinished

TELLING = ("FATAL:", "PANIC:", "ERROR:", "error:")
NAME = "hdv"
"""The database, and the superuser role that owns it."""

INITDB = (
    f"--username={NAME}",
    "--encoding=UTF8",
    # Text sorts by code point and has Unicode upper and lower case, the same on every machine.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    # Trust is safe here: there is no TCP, and the socket's folder is closed to others.
    "--auth-local=trust",
    "--auth-host=reject",
    "--no-instructions",
)


def ensure(data_dir: Path, binaries: Path, account: Account, *, durable: bool) -> None:
    """Make the cluster with its database unless it is there, or raise EmbeddedPostgresError.

    The caller holds the folder's lock, so what a killed start left behind can be removed.
    """
    clear(data_dir, UNFINISHED)
    if (data_dir / "PG_VERSION").exists():
        give(data_dir, account)
        return
    if data_dir.exists() and any(data_dir.iterdir()):
        raise EmbeddedPostgresError(
            f"The folder {data_dir} holds files but no PostgreSQL cluster: choose an empty or new data folder."
        )
    fresh = unfinished(data_dir)
    try:
        give(fresh, account)
        _initialise(fresh, binaries, account, durable=durable)
        fresh.rename(data_dir)
        _sync(data_dir.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def reason(output: str) -> str:
    """The line of PostgreSQL's `output` that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in TELLING)]
    return (telling or lines or ["no reason given"])[-1]


def _initialise(folder: Path, binaries: Path, account: Account, *, durable: bool) -> None:
    sync = () if durable else ("--no-sync",)
    code, output = child.run([binaries / "initdb", f"--pgdata={folder}", *INITDB, *sync], account)
    if code == 0:
        single = ("--single", "-D", str(folder), "-c", "exit_on_error=on", "postgres")
        code, output = child.run([binaries / "postgres", *single], account, given=f"CREATE DATABASE {NAME}\n")
    if code != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL could not make its data folder in {folder.parent} ({reason(output)}): "
            "free some space or choose another data folder, then start again."
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
