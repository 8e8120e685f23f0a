"""Where an embedded PostgreSQL that another process runs is reached, so that commands work beside a server."""

import os
from pathlib import Path
from urllib.parse import quote

from server.embedded import cluster, folder, sockets


def dsn_of(socket_dir: Path) -> str:
    """Return how to connect by a socket folder; the port is spelled out, or else PGPORT would decide it."""
    return f"postgresql://{cluster.NAME}@/{cluster.NAME}?host={quote(str(socket_dir))}&port={sockets.PORT}"


def running(data_dir: Path) -> str | None:
    """Return how to connect to the PostgreSQL that runs on `data_dir` now, or None if none is ready there."""
    holder = folder.live_server(data_dir)
    if holder is None or holder.status != "ready":
        return None
    try:
        lock = os.open(folder.beside(data_dir, "lock"), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        socket_dir = sockets.recorded(lock)
    finally:
        os.close(lock)
    return dsn_of(socket_dir) if socket_dir else None
