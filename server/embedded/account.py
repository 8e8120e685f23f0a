"""The operating system user that PostgreSQL runs as: ours, or an unprivileged one when we are root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from server.embedded.errors import EmbeddedPostgresError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A named user; `switched` when PostgreSQL runs as somebody else than this process."""

    name: str
    uid: int
    gid: int
    switched: bool


def choose(data_dir: Path) -> Account:
    """The user for the cluster in `data_dir`, or raise EmbeddedPostgresError when there is none with a name.

    PostgreSQL refuses to run as root. Root therefore runs it as the owner that the folder already has,
    else as `postgres`, else as `nobody`.
    """
    uid = os.geteuid()
    if uid != 0:
        entry = _by_uid(uid)
        if entry is None:
            raise EmbeddedPostgresError(
                f"PostgreSQL cannot run under user id {uid}, which has no entry in the passwd database: "
                "start the server as a named user, or set DATABASE_URL to a PostgreSQL of your own."
            )
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=False)
    entry = _owner(data_dir) or _unprivileged()
    if entry is None:
        raise EmbeddedPostgresError(
            "PostgreSQL cannot run as root and there is no user postgres or nobody to run it as: "
            "start the server as another user, or set DATABASE_URL to a PostgreSQL of your own."
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)


def give(folder: Path, account: Account) -> None:
    """Make `account` the owner of `folder` and all in it; the folder itself last, so a broken run is redone."""
    if not account.switched or folder.stat().st_uid == account.uid:
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.chown(Path(parent, name), account.uid, account.gid, follow_symlinks=False)
    os.chown(folder, account.uid, account.gid)


def _by_uid(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _owner(data_dir: Path) -> pwd.struct_passwd | None:
    if not data_dir.exists() or data_dir.stat().st_uid == 0:
        return None
    return _by_uid(data_dir.stat().st_uid)


def _unprivileged() -> pwd.struct_passwd | None:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
