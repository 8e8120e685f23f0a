"""What keeps the embedded PostgreSQL from starting is told in one sentence."""

import os
import pwd
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.embedded import EmbeddedPostgresError, start
from tests.server.embedded.watch import AS_ROOT, DEADLINE, ask, parent, processes, started, until


def test_a_second_start_on_a_live_folder_is_refused_naming_the_process(data_dir: Path) -> None:
    with start(data_dir, durable=False) as postgres:
        with pytest.raises(EmbeddedPostgresError) as refused:
            start(data_dir)

        assert str(refused.value) == (
            f"PostgreSQL (pid {postgres.pid}) already runs on the data folder {data_dir}: "
            "stop it first, or choose another data folder."
        )
        assert ask(postgres.dsn, "SELECT 1") == [(1,)]


def test_a_server_that_was_started_by_hand_is_not_disturbed(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.embedded.folder.BUSY_SECONDS", 0.1)
    with start(data_dir, durable=False) as postgres:
        data_dir.with_name("postgres.lock").unlink()

        with pytest.raises(EmbeddedPostgresError, match=rf"pid {postgres.pid}\) already runs"):
            start(data_dir)

        assert ask(postgres.dsn, "SELECT 1") == [(1,)]


def test_of_two_starts_at_one_moment_one_runs_and_one_is_refused(place: Path) -> None:
    with parent(place / "postgres") as one, parent(place / "postgres") as other:
        until(lambda: one.poll() is not None or other.poll() is not None)
        winner, loser = (one, other) if one.poll() is None else (other, one)
        pid, dsn = started(winner)
        assert ask(dsn, "SELECT 1") == [(1,)]
        _, said = loser.communicate(timeout=DEADLINE)
        winner.communicate(timeout=DEADLINE)

    assert f"PostgreSQL (pid {pid}) already runs" in said
    assert (winner.returncode, loser.returncode) == (0, 1)


def test_a_folder_that_its_user_cannot_reach_is_told_in_one_sentence(place: Path) -> None:
    shut = place / "shut"
    shut.mkdir(mode=0o700 if AS_ROOT else 0o500)

    with pytest.raises(EmbeddedPostgresError) as refused:
        start(shut / "within" / "postgres")

    if AS_ROOT:
        assert f"cannot enter the folder {shut}: allow it (chmod o+x {shut})" in str(refused.value)
    else:
        assert f"(Permission denied: {shut / 'within'}): allow that" in str(refused.value)
    assert list(shut.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(place: Path) -> None:
    (place / "photos").mkdir()
    (place / "photos" / "truck.jpg").write_bytes(b"...")

    with pytest.raises(EmbeddedPostgresError, match="holds files but no PostgreSQL cluster"):
        start(place / "photos")

    assert [path.name for path in (place / "photos").iterdir()] == ["truck.jpg"]


def test_the_root_of_the_file_system_is_refused() -> None:
    with pytest.raises(EmbeddedPostgresError, match="cannot use / as its data folder"):
        start(Path("/"))


def test_what_postgresql_says_against_a_start_is_told_in_one_sentence(
    copied: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    (copied / "PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedPostgresError) as refused:
        start(copied, durable=False)

    assert "FATAL:  database files are incompatible with server" in str(refused.value)
    assert str(refused.value).endswith(f"see {place / 'postgres.log'}.")
    assert processes(copied) == set()
    assert list(place.glob("hdv-*")) == []


def test_an_initdb_that_fails_is_told_in_one_sentence_and_leaves_nothing(place: Path) -> None:
    a_small_disk = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"

    with parent(place / "postgres", first=a_small_disk) as process:
        _, said = process.communicate(timeout=DEADLINE)

    assert said.startswith(f"PostgreSQL could not make its data folder in {place} (")
    assert said.count("\n") == 1
    assert [path.name for path in place.iterdir()] == ["postgres.lock"]


def test_a_user_without_a_name_is_told_in_one_sentence(place: Path) -> None:
    place.chmod(0o777)
    nameless = next(uid for uid in range(54321, 60000) if uid not in {entry.pw_uid for entry in pwd.getpwall()})

    with parent(place / "postgres", first=f"os.setuid({nameless if AS_ROOT else os.geteuid()})") as process:
        if AS_ROOT:
            _, said = process.communicate(timeout=DEADLINE)
            assert said.startswith(f"PostgreSQL cannot run under user id {nameless}, which has no entry in")
            assert process.returncode == 1
        else:
            pid, _ = started(process)
            assert pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name
            process.communicate(timeout=DEADLINE)


def test_a_start_off_the_main_thread_is_refused(data_dir: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(start, data_dir).exception(DEADLINE)

    assert isinstance(refused, RuntimeError)
    assert "use the main thread" in str(refused)
