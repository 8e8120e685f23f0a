"""The start of the embedded PostgreSQL, step by step, and the handle to the running one."""

import errno
import os
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from server.embedded import account as accounts
from server.embedded import binaries, child, cluster, folder, postmaster, sockets
from server.embedded.account import Account
from server.embedded.errors import EmbeddedPostgresError
from server.embedded.running import dsn_of


class EmbeddedPostgres:
    """A running PostgreSQL of our own; stop it, or use it as a context manager."""

    def __init__(self, pid: int, data_dir: Path, socket_dir: Path, undo: ExitStack) -> None:
        self.pid = pid
        self.data_dir = data_dir
        self.dsn = dsn_of(socket_dir)
        self._undo = undo

    def stop(self) -> None:
        """Stop the server (up to 10 s for a fast shutdown, then at once) and free its folder; or do nothing."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path, *, durable: bool = True) -> EmbeddedPostgres:
    """Start PostgreSQL 18 on `data_dir`, made if need be, with database and superuser `hdv`.

    To be called from the main thread. Beside the folder it keeps `postgres.log`, a lock, and a copy of the
    binaries if they are out of its user's reach. Not `durable` is for tests: faster, and a power cut may lose
    commits. Raises EmbeddedPostgresError with a sentence for the operator.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the embedded PostgreSQL ends with the thread that starts it: use the main thread")
    try:
        return _start(data_dir.resolve(), durable=durable)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL cannot use the data folder {data_dir} "
            f"({error.strerror}: {error.filename}): allow that, or choose another data folder."
        ) from error


def _start(data_dir: Path, *, durable: bool) -> EmbeddedPostgres:
    if not data_dir.name:
        raise EmbeddedPostgresError(f"PostgreSQL cannot use {data_dir} as its data folder: choose one below it.")
    account = accounts.choose(data_dir)
    _open_way(data_dir.parent, account)
    with ExitStack() as undo:
        lock = folder.lock(data_dir)
        undo.callback(os.close, lock)
        folder.await_free(data_dir)
        programs = binaries.locate(data_dir, account)
        cluster.ensure(data_dir, programs, account, durable=durable)
        socket_dir = _socket_folder(lock, account, undo)
        server = postmaster.Postmaster(programs, data_dir, account, socket_dir, durable)
        process = server.start()
        undo.callback(postmaster.stop, process)
        return EmbeddedPostgres(process.pid, data_dir, socket_dir, undo.pop_all())


def _open_way(parent: Path, account: Account) -> None:
    """Make the folders above the data folder, or raise EmbeddedPostgresError if `account` cannot enter them."""
    missing = [path for path in (parent, *parent.parents) if not path.exists()]
    there = missing[-1].parent if missing else parent
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
    if not child.can_enter(there, account):
        shut = next((path for path in reversed(there.parents) if not child.can_enter(path, account)), there)
        raise EmbeddedPostgresError(
            f"PostgreSQL runs as user {account.name}, who cannot enter the folder {shut}: "
            f"allow it (chmod o+x {shut}), or choose a data folder elsewhere."
        )
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        if account.switched:
            path.chmod(0o755)


def _socket_folder(lock: int, account: Account, undo: ExitStack) -> Path:
    """A fresh socket folder, noted in the lock's file; the one of a killed server is removed."""
    if left := sockets.recorded(lock):
        sockets.remove(left)
    made = sockets.make(account)
    sockets.record(lock, made)
    undo.callback(sockets.record, lock, None)
    undo.callback(sockets.remove, made)
    return made
