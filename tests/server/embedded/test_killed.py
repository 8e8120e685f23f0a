"""The embedded PostgreSQL after kills: nothing half made, nothing left running, no committed row lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded import start
from tests.server.embedded.watch import DEADLINE, ask, killed, parent, processes, socket_dir, started, until


def test_a_killed_initdb_leaves_no_half_cluster(place: Path) -> None:
    data_dir = place / "postgres"
    with parent(data_dir) as process:
        until(lambda: list(place.glob("postgres.unfinished-*/PG_VERSION")))
        process.send_signal(signal.SIGSTOP)
        half_done = list(place.glob("postgres.unfinished-*"))
        killed(process)

    assert len(half_done) == 1
    assert not data_dir.exists()
    with start(data_dir, durable=False) as postgres:
        assert ask(postgres.dsn, "SELECT 1") == [(1,)]
    until(lambda: processes(half_done[0]) == set())
    with start(data_dir, durable=False):
        assert sorted(path.name for path in place.iterdir()) == ["postgres", "postgres.lock", "postgres.log"]


def test_leftovers_of_killed_starts_are_removed(data_dir: Path) -> None:
    left = data_dir.with_name("postgres.unfinished-abc")
    (left / "global").mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")

    with start(data_dir, durable=False):
        assert not left.exists()


def test_a_killed_parent_takes_postgresql_along_and_no_committed_row_is_lost(data_dir: Path) -> None:
    with parent(data_dir) as process:
        pid, dsn = started(process)
        ask(dsn, "INSERT INTO booking SELECT 'B' || n FROM generate_series(1, 500) n")
        server_processes = processes(data_dir) - {process.pid}
        killed(process)

    until(lambda: not processes(data_dir) & server_processes)
    assert pid in server_processes
    with start(data_dir) as postgres:
        assert ask(postgres.dsn, "SELECT count(*) FROM booking WHERE id LIKE 'B%'") == [(500,)]
        assert not socket_dir(dsn).exists()


def test_a_start_right_after_a_killed_parent_waits_for_the_old_server_to_end(data_dir: Path) -> None:
    with parent(data_dir) as process:
        old, dsn = started(process)
        ask(dsn, "INSERT INTO booking VALUES ('right after')")
        killed(process)
        with start(data_dir) as postgres:
            assert old not in processes(data_dir)
            assert ask(postgres.dsn, "SELECT 1 FROM booking WHERE id = 'right after'") == [(1,)]


def test_a_killed_postgresql_recovers_at_the_next_start(data_dir: Path) -> None:
    with start(data_dir) as postgres:
        ask(postgres.dsn, "INSERT INTO booking VALUES ('killed')")
        os.kill(postgres.pid, signal.SIGKILL)

    with start(data_dir) as postgres:
        assert ask(postgres.dsn, "SELECT 1 FROM booking WHERE id = 'killed'") == [(1,)]


def _pid_of_a_dead_process() -> str:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(DEADLINE)
    return str(ended.pid)


@pytest.mark.parametrize(
    "_case_and_pid",
    [("dead", _pid_of_a_dead_process), ("another program", lambda: str(os.getpid())), ("cut short", str)],
    ids=lambda case: case[0],
)
def test_a_stale_pid_file_does_not_keep_it_from_starting(
    data_dir: Path, _case_and_pid: tuple[str, Callable[[], str]]
) -> None:
    rest = f"\n{data_dir}\n1767225600\n5432\n/tmp/hdv-gone\n\n  5432001         7\nready   \n"
    pid = _case_and_pid[1]()
    (data_dir / "postmaster.pid").write_text(pid + rest if pid else "")

    with start(data_dir, durable=False) as postgres:
        assert ask(postgres.dsn, "SELECT 1") == [(1,)]
