"""Child processes of the embedded PostgreSQL: as its user, in a session of their own, never outliving us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from server.embedded.account import Account

# Nothing is inherited: PGPORT, PGDATA and the like would change what PostgreSQL does.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
PR_SET_PDEATHSIG = 1


def spawn(argv: Sequence[str | Path], account: Account, *, stdin: int, output: int) -> subprocess.Popen[bytes]:
    """Start `argv` as `account`; on Linux it gets SIGINT when the calling thread ends, however that ends.

    The session of its own keeps the terminal's Ctrl-C from it: only we stop it.
    """
    return subprocess.Popen(  # noqa: S603  only programs named by this package
        [str(part) for part in argv],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=ENVIRONMENT,
        user=account.uid if account.switched else None,
        group=account.gid if account.switched else None,
        extra_groups=[] if account.switched else None,
        start_new_session=True,
        preexec_fn=_die_with_parent(),
    )


def run(argv: Sequence[str | Path], account: Account, *, given: str = "") -> tuple[int, str]:
    """Run `argv` to its end with `given` on standard input; answers exit code and output."""
    child = spawn(argv, account, stdin=subprocess.PIPE, output=subprocess.PIPE)
    try:
        output, _ = child.communicate(given.encode())
    except BaseException:
        child.kill()
        child.wait()
        raise
    return child.returncode, output.decode(errors="replace")


def can_enter(folder: Path, account: Account) -> bool:
    """Whether `account` can reach `folder`; tried, not computed, as access lists and mounts matter too."""
    code, _ = run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder], account)
    return code == 0


def _die_with_parent() -> Callable[[], None] | None:
    """The step before exec that ties the child to us; after the change of user, which would undo it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
        # A parent that died before the call above sends no signal any more.
        if os.getppid() != parent:
            os._exit(1)

    return tie
